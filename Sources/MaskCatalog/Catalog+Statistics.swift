internal import GRDB

/// How large a catalog is, and in what.
public struct CatalogStatistics: Sendable, Hashable {
  /// Bytes of the file.
  public let bytes: Int
  /// Bytes of the packed bits alone.
  public let segmentBytes: Int
  /// Bytes of row, column and exponent counts.
  public let marginalBytes: Int
  /// Positions that all masks together cover.
  public let positions: Int
  /// The bases.
  public let bases: Int
  /// The runs.
  public let runs: Int
  /// The masks that are whole.
  public let masks: Int
  /// The pairs whose counts are kept.
  public let pairs: Int
  /// The segments by coding.
  public let segments: [Int: Int]
}

extension Catalog {
  /// The version of SQLite that is linked, such as `3.40.1`.
  public static var sqliteVersion: String {
    (try? DatabaseQueue().read { try String.fetchOne($0, sql: "SELECT sqlite_version()") }) ?? "?"
  }

  /// The version of the file's format.
  public static var formatVersion: Int { CatalogSchema.version }

  /// How large the catalog is.
  ///
  /// Reads the headers of all segments.
  public func statistics() throws(CatalogError) -> CatalogStatistics {
    try read { database in
      func number(_ sql: String) throws -> Int { try Int.fetchOne(database, sql: sql) ?? 0 }
      let codings = try Row.fetchAll(
        database,
        sql: "SELECT coding, count(*) AS number FROM segment GROUP BY coding"
      )
      return CatalogStatistics(
        bytes: try number("PRAGMA page_count") * number("PRAGMA page_size"),
        segmentBytes: try number("SELECT sum(length(bytes)) FROM segment"),
        marginalBytes: try number(
          """
          SELECT sum(ifnull(length(row_counts), 0) + ifnull(length(column_counts), 0)
            + ifnull(length(exponent_counts), 0)) FROM mask_tensor
          """
        ),
        positions: try number("SELECT sum(compared) FROM mask WHERE run_id IS NOT NULL"),
        bases: try number("SELECT count(*) FROM base"),
        runs: try number("SELECT count(*) FROM run"),
        masks: try number("SELECT count(*) FROM mask WHERE run_id IS NOT NULL"),
        pairs: try number("SELECT count(*) FROM pair"),
        segments: try Dictionary(
          uniqueKeysWithValues: codings.map { (try $0.value("coding"), try $0.value("number")) }
        )
      )
    }
  }
}
