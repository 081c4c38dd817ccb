internal import Foundation
internal import GRDB
internal import MaskModel
internal import SystemPackage

extension Catalog {
  /// Codes what refers to the masks `removed` anew, so that these can go.
  ///
  /// Of each segment, the first whole mask that is coded against one of them takes its place: it is
  /// coded alone, and the others against it, so that no chain grows. All in the caller's transaction: a
  /// crash leaves everything as it was.
  ///
  /// - Throws: `CatalogError` with code `damaged` where a segment cannot be read.
  static func release(
    _ removed: [Int64],
    layout: ModelLayout,
    in database: Database,
    of catalog: Catalog
  ) throws {
    for mask in removed {
      let rows = try Row.fetchAll(
        database,
        sql: """
          SELECT mask_id, ordinal, number, ingest_id
          FROM segment JOIN mask ON mask.id = mask_id WHERE reference_id = ?
          ORDER BY ordinal, number, ingest_id IS NOT NULL, ingest_id, mask_id
          """,
        arguments: [mask]
      ).filter { !removed.contains(try $0.value("mask_id")) }
      guard !rows.isEmpty else { continue }
      let release = SegmentRelease(layout: layout, of: catalog)
      for (place, masks) in try release.grouped(rows) {
        do {
          try release.recode(place, of: masks, in: database)
        } catch let failure as SegmentFailure {
          let tensor = layout.tensors[place.ordinal].name
          throw CatalogError(
            .damaged(
              "segment \(place.number) of \(tensor), which other masks are coded against, "
                + "cannot be read (\(failure.reason ?? "it is missing")), so removing its mask would "
                + "lose them; remove those that `maskdb verify` names first"
            ),
            at: catalog.path
          )
        }
      }
    }
  }
}

/// The coding anew of what refers to one mask.
private final class SegmentRelease {
  private let layout: ModelLayout
  private let catalog: Catalog
  private let context = ReadContext()
  private var encoder = SegmentEncoder()
  private var heirWords = WordBuffer()
  private var words = WordBuffer()

  init(layout: ModelLayout, of catalog: Catalog) {
    self.catalog = catalog
    self.layout = layout
  }

  /// The segments to code anew at each place, in order.
  func grouped(_ rows: [Row]) throws -> [(SegmentPlace, [Dependant])] {
    var groups: [(SegmentPlace, [Dependant])] = []
    for row in rows {
      let (ordinal, number): (Int, Int) = (try row.value("ordinal"), try row.value("number"))
      let place = try SegmentPlace(ordinal: ordinal, number: number, of: layout)
      if groups.last?.0 != place { groups.append((place, [])) }
      groups[groups.count - 1].1.append(
        Dependant(mask: try row.value("mask_id"), session: try row.value("ingest_id"))
      )
    }
    return groups
  }

  /// Codes the segments of `dependants` at `place` anew: the first alone, the others against it.
  ///
  /// A mask under way may vanish with its session, so that none but those of that session are coded
  /// against it.
  func recode(_ place: SegmentPlace, of dependants: [Dependant], in database: Database) throws {
    var heir: Dependant?
    let decoder = ChainDecoder(of: catalog, from: .transaction(database), using: context)
    for next in dependants {
      _ = try decoder.read(place, of: next.mask, into: &words)
      if let heir, heir.session == nil || heir.session == next.session {
        let coded = encoder.encode(words, positions: place.positions, against: heirWords)
        try Catalog.replace(place, of: next.mask, with: coded, against: heir.mask, in: database)
      } else {
        let alone = encoder.encode(words, positions: place.positions)
        try Catalog.replace(place, of: next.mask, with: alone, against: nil, in: database)
        swap(&words, &heirWords)
        heir = next
      }
    }
  }
}

/// A mask with a segment that is coded against another's.
private struct Dependant {
  let mask: Int64
  /// The add that is making it; nil where it is whole.
  let session: Int64?
}

extension SegmentPlace {
  /// The place of a segment that a row names, which may be damaged.
  fileprivate init(ordinal: Int, number: Int, of layout: ModelLayout) throws {
    guard layout.tensors.indices.contains(ordinal) else {
      throw Damage(detail: "a segment is of tensor \(ordinal), which is not in the layout")
    }
    let tensor = layout.tensors[ordinal]
    guard (0..<SegmentGrid.count(positions: tensor.shape.count)).contains(number) else {
      throw Damage(detail: "\(tensor.name) has no segment \(number)")
    }
    self.init(ordinal: ordinal, number: number, of: tensor)
  }
}

extension Catalog {
  /// Writes the bytes of a segment that is there, coded anew; its bits stay what they are.
  fileprivate static func replace(
    _ place: SegmentPlace,
    of mask: Int64,
    with segment: EncodedSegment,
    against reference: Int64?,
    in database: Database
  ) throws {
    try database.cachedStatement(
      sql: """
        UPDATE segment SET coding = ?, reference_id = ?, bytes = ?
        WHERE mask_id = ? AND ordinal = ? AND number = ?
        """
    ).execute(
      arguments: [
        segment.coding.rawValue, segment.coding.needsReference ? reference : nil,
        Data(segment.bytes), mask, place.ordinal, place.number,
      ]
    )
  }
}
