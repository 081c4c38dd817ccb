/// The references of a tile's masks, each decoded once however many masks are coded against it.
///
/// A tile is one segment of one tensor. For one task at a time; holds at most 16 rows of 512 KiB, and
/// forgets them when asked for another tile.
public final class ReferenceCache {
  /// A decoded segment of a mask.
  package final class Row {
    package var words = WordBuffer()
    package var count = 0

    package init() {}
  }

  /// Which mask of which catalog.
  package struct Key: Hashable {
    let catalog: String
    let mask: Int64

    package init(catalog: String, mask: Int64) {
      self.catalog = catalog
      self.mask = mask
    }
  }

  private static let capacity = 16
  private var tile = (ordinal: -1, number: -1)
  private var rows: [Key: Row] = [:]
  private var idle: [Row] = []

  /// An empty cache; rows are made as they are needed.
  public init() {}

  /// Forgets the rows of every tile but this.
  package func turn(toTensor ordinal: Int, segment number: Int) {
    guard tile != (ordinal, number) else { return }
    tile = (ordinal, number)
    idle += rows.values
    rows = [:]
  }

  /// The row of a mask in this tile, where it was decoded.
  package subscript(key: Key) -> Row? { rows[key] }

  /// Keeps what `decode` writes as the row of a mask, unless it throws or the cache is full.
  package func keep(_ key: Key, _ decode: (Row) throws -> Void) throws -> Row {
    let row = idle.popLast() ?? Row()
    do {
      try decode(row)
    } catch {
      idle.append(row)
      throw error
    }
    if rows.count < Self.capacity { rows[key] = row }
    return row
  }
}
