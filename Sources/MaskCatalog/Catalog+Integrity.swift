internal import GRDB
public import MaskModel

extension Catalog {
  /// What SQLite finds wrong with the file: its pages, its indexes, its foreign keys.
  ///
  /// Reads all of it.
  public func storageProblems() throws(CatalogError) -> [String] {
    try read { database in
      let pages = try String.fetchAll(database, sql: "PRAGMA integrity_check").filter { $0 != "ok" }
      let keys = try Row.fetchAll(database, sql: "PRAGMA foreign_key_check").map { row in
        "a row of \(row[0] as String? ?? "?") refers to one of \(row[2] as String? ?? "?") that is not there"
      }
      return pages + keys
    }
  }

  /// Layouts whose tensors do not have the digest that was stored.
  public func layoutProblems() throws(CatalogError) -> [String] {
    try read { database in
      try Row.fetchAll(database, sql: "SELECT id, digest FROM layout").compactMap { row in
        let id: Int64 = row["id"]
        let layout = try Self.readLayout(id, in: database)
        return try layout.digest == row.digest("digest") ? nil : "layout \(id) has another digest"
      }
    }
  }

  /// The header of every segment of tensor `ordinal` of `mask`, in order.
  public func segmentDigests(
    ofTensor ordinal: Int,
    of mask: MaskRecord
  ) throws(CatalogError) -> [SegmentDigest] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT count, checksum FROM segment WHERE mask_id = ? AND ordinal = ? ORDER BY number
          """,
        arguments: [mask.id, ordinal]
      ).map {
        SegmentDigest(count: $0["count"], checksum: UInt64(bitPattern: $0["checksum"] as Int64))
      }
    }
  }
}
