internal import Foundation
internal import GRDB
public import MaskModel

/// One task's own way to the segments of several masks.
///
/// It has a connection that no other task waits for, and unpacks segments from where
/// SQLite has them, without a copy. Many segments are read in one transaction, which ends after
/// `patience`, so that a writer is not held up for long.
public final class SegmentAccess {
  private let masks: [StoredMask]
  /// One connection for every catalog, and which of them every mask is in.
  private let connections: [DatabaseQueue]
  private let places: [Int]
  private let context = ReadContext()

  /// A way to `masks`, with a connection to each of their catalogs.
  ///
  /// - Throws: `CatalogError` where a catalog cannot be opened.
  public init(to masks: [StoredMask]) throws(CatalogError) {
    self.masks = masks
    let catalogs = Catalog.distinct(masks.map(\.catalog))
    places = masks.map { mask in catalogs.firstIndex { $0.path == mask.catalog.path } ?? 0 }
    connections = try catalogs.map { (catalog) throws(CatalogError) in try catalog.connection() }
  }

  /// Calls `step` until it answers false, with what reads segments.
  ///
  /// - Throws: what `step` throws, and `CatalogError`.
  public func run(_ step: (borrowing SegmentReads) throws -> Bool) throws {
    var isDone = false
    while !isDone {
      try reading(connections[...], []) { databases in
        let reads = SegmentReads(access: self, databases: databases)
        let start = ContinuousClock.now
        repeat {
          isDone = try !step(reads)
        } while !isDone
          && ContinuousClock.now - start < Catalog.readPatience
      }
    }
  }

  /// Calls `body` in a transaction of each of `connections`; its errors pass as they are.
  private func reading(
    _ connections: ArraySlice<DatabaseQueue>,
    _ databases: [Database],
    _ body: ([Database]) throws -> Void
  ) throws {
    guard let connection = connections.first else { return try body(databases) }
    try connection.read { database in
      try reading(connections.dropFirst(), databases + [database], body)
    }
  }

  fileprivate func read(
    _ mask: Int,
    tensor: Int,
    segment: Int,
    in databases: [Database],
    into words: inout WordBuffer
  ) throws -> Int {
    try masks[mask].read(
      tensor: tensor,
      segment: segment,
      from: .transaction(databases[places[mask]]),
      into: &words,
      using: context
    )
  }
}

/// Reads segments within a transaction of a `SegmentAccess`.
public struct SegmentReads: ~Copyable {
  fileprivate let access: SegmentAccess
  fileprivate let databases: [Database]

  /// Fills `words` with a segment of the mask at place `mask` of those that are accessed.
  ///
  /// - Returns: the set bits.
  /// - Throws: as `StoredMask.read`.
  public func read(
    mask: Int,
    tensor: Int,
    segment: Int,
    into words: inout WordBuffer
  ) throws -> Int {
    try access.read(mask, tensor: tensor, segment: segment, in: databases, into: &words)
  }
}
