internal import Foundation
internal import GRDB
internal import MaskModel
internal import SystemPackage

extension Catalog {
  /// Codes what refers to the masks `removed` anew, so that these can go.
  ///
  /// Of each segment, the first mask that is coded against one of them takes its place: it is coded
  /// alone, and the others against it, so that no chain grows. All in the caller's transaction: a crash leaves
  /// everything as it was.
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
          SELECT mask_id, ordinal, number FROM segment WHERE reference_id = ?
          ORDER BY ordinal, number, mask_id
          """,
        arguments: [mask]
      ).filter { !removed.contains($0["mask_id"]) }
      guard !rows.isEmpty else { continue }
      let release = SegmentRelease(layout: layout, of: catalog)
      for (place, masks) in release.grouped(rows) {
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
  private let decoder = ChainDecoder()
  private let references: SharedReferences
  private var encoder = SegmentEncoder()
  private var heirWords = WordBuffer()
  private var words = WordBuffer()

  init(layout: ModelLayout, of catalog: Catalog) {
    references = SharedReferences(cache: ReferenceCache(), catalog: catalog.path.string)
    self.layout = layout
  }

  /// The masks to code anew at each place, in order.
  func grouped(_ rows: [Row]) -> [(SegmentPlace, [Int64])] {
    var groups: [(SegmentPlace, [Int64])] = []
    for row in rows {
      let (ordinal, number): (Int, Int) = (row["ordinal"], row["number"])
      let positions = layout.tensors[ordinal].shape.count
      let place = SegmentPlace(
        ordinal: ordinal,
        number: number,
        positions: SegmentGrid.range(number, positions: positions).count
      )
      if groups.last?.0 != place { groups.append((place, [])) }
      groups[groups.count - 1].1.append(row["mask_id"])
    }
    return groups
  }

  /// Codes the segments of `masks` at `place` anew: that of the first alone, the others against it.
  func recode(_ place: SegmentPlace, of masks: [Int64], in database: Database) throws {
    guard let heir = masks.first else { return }
    let source = SegmentSource.transaction(database)
    _ = try decoder.read(place, of: heir, from: source, sharing: references, into: &heirWords)
    let alone = encoder.encode(heirWords, positions: place.positions)
    try Catalog.replace(place, of: heir, with: alone, against: nil, in: database)
    for mask in masks.dropFirst() {
      _ = try decoder.read(place, of: mask, from: source, sharing: references, into: &words)
      let coded = encoder.encode(words, positions: place.positions, against: heirWords)
      try Catalog.replace(place, of: mask, with: coded, against: heir, in: database)
    }
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
