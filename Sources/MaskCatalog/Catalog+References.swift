package import ByteFormats
internal import Foundation
internal import GRDB
package import MaskModel
internal import Synchronization

extension IngestSession {
  /// Codes the session's masks against those of the same base that predict them best, where that
  /// makes them smaller.
  ///
  /// Each of `masks`, in order, is held against the latest masks of the base, and against those of
  /// `masks` before it, on a sample of its segments; the best becomes its reference. Which bits a mask
  /// has does not change, and a crash leaves segments of either coding, all of them whole. A mask that
  /// cannot be read is no reference.
  ///
  /// - Parameters:
  ///   - masks: rows of masks whose segments are all written, alone.
  ///   - areReferences: whether others are coded against them.
  ///   - base: the content of the base.
  ///   - layout: its tensors.
  ///   - threads: the tasks that code at once.
  /// - Throws: `CatalogError`.
  package func codeAgainstOthers(
    _ masks: [Int64],
    areReferences: Bool,
    base: ContentDigest,
    layout: ModelLayout,
    threads: Int
  ) throws {
    let all = SegmentPlace.all(of: layout)
    for (index, mask) in masks.enumerated() {
      let places = try worthwhile(all, of: mask)
      let search = ReferenceSearch(catalog: catalog, places: places)
      let candidates = try candidates(
        base: base,
        before: masks[..<index],
        longest: Catalog.longestChain - (areReferences ? 2 : 1)
      )
      guard let reference = try search.best(of: candidates, for: mask) else { continue }
      let writer = RecodedSegments(session: self, mask: mask, reference: reference)
      try Workers.run(threads, jobs: places.count) { _, next in
        let recoder = SegmentRecoder(catalog: catalog)
        while let job = next() {
          let place = places[job]
          if let segment = try recoder.coded(place, of: mask, against: reference) {
            try writer.add(segment, at: place)
          }
        }
      }
      try writer.flush()
    }
  }

  /// Those of `places` where the mask has so many bytes that a reference may save some.
  private func worthwhile(
    _ places: [SegmentPlace],
    of mask: Int64
  ) throws(CatalogError) -> [SegmentPlace] {
    try catalog.read { database in
      let rows = try Row.fetchCursor(
        database,
        sql: "SELECT ordinal, number FROM segment WHERE mask_id = ? AND length(bytes) > 64",
        arguments: [mask]
      )
      var found: Set<[Int]> = []
      while let row = try rows.next() { found.insert([row[0], row[1]]) }
      return places.filter { found.contains([$0.ordinal, $0.number]) }
    }
  }

  /// The masks of the base that others may be coded against, the latest last: those whose own chain
  /// is no longer than `longest`.
  private func candidates(
    base: ContentDigest,
    before masks: ArraySlice<Int64>,
    longest: Int
  ) throws(CatalogError) -> [ReferenceCandidate] {
    try catalog.read { database in
      let present = try Int64.fetchAll(
        database,
        sql: """
          SELECT mask.id FROM mask JOIN run ON run.id = run_id JOIN base ON base.id = base_id
          WHERE base.digest = ? ORDER BY mask.id
          """,
        arguments: [base.blob]
      )
      let depths = try Self.depths(in: database)
      let all = (present + masks).map { ReferenceCandidate(mask: $0, depth: depths[$0] ?? 0) }
      let open = all.filter { $0.depth <= longest }
      return Array(open.suffix(ReferenceSearch.mostCandidates))
    }
  }

  /// How long the chain of every mask is that is coded against another.
  private static func depths(in database: Database) throws -> [Int64: Int] {
    let rows = try Row.fetchAll(
      database,
      sql: """
        SELECT DISTINCT reference_id, mask_id FROM segment WHERE reference_id IS NOT NULL
        """
    )
    let edges = rows.map { (mask: $0["mask_id"] as Int64, reference: $0["reference_id"] as Int64) }
    var depths: [Int64: Int] = [:]
    for _ in 0..<Catalog.longestChain {
      for edge in edges {
        depths[edge.mask] = max(depths[edge.mask] ?? 0, (depths[edge.reference] ?? 0) + 1)
      }
    }
    return depths
  }
}

/// Segments that are coded anew, on their way to the catalog in transactions of about 16 MiB.
private final class RecodedSegments: Sendable {
  private struct Batch {
    var rows: [(SegmentPlace, EncodedSegment)] = []
    var byteCount = 0
  }

  private static let batchBytes = 16 << 20
  private let session: IngestSession
  private let mask: Int64
  private let reference: Int64
  private let pending = Mutex(Batch())

  init(session: IngestSession, mask: Int64, reference: Int64) {
    self.session = session
    self.mask = mask
    self.reference = reference
  }

  func add(_ segment: EncodedSegment, at place: SegmentPlace) throws {
    let full: Batch? = pending.withLock { batch in
      batch.rows.append((place, segment))
      batch.byteCount += segment.bytes.count
      guard batch.byteCount >= Self.batchBytes else { return nil }
      defer { batch = Batch() }
      return batch
    }
    if let full { try write(full) }
  }

  func flush() throws {
    try write(
      pending.withLock { batch in
        defer { batch = Batch() }
        return batch
      }
    )
  }

  private func write(_ batch: Batch) throws {
    try session.catalog.write { database in
      try database.execute(
        sql: "UPDATE ingest SET touched_at = unixepoch() WHERE id = ?",
        arguments: [session.id]
      )
      // Where the reference was removed since, the segments stay as they are.
      let isThere = try Int.fetchOne(
        database,
        sql: "SELECT 1 FROM mask WHERE id = ?",
        arguments: [reference]
      )
      guard isThere != nil else { return }
      for (place, segment) in batch.rows {
        try Catalog.replace(place, of: mask, with: segment, against: reference, in: database)
      }
    }
  }
}

extension Catalog {
  /// Writes the bytes of a segment that is there, coded anew; its bits stay what they are.
  static func replace(
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
