internal import ByteFormats
internal import GRDB
public import MaskModel

extension Catalog {
  /// Every run, by name.
  public func runs() throws(CatalogError) -> [RunRecord] {
    try read { database in try Self.runs(in: database) }
  }

  static func runs(in database: Database) throws -> [RunRecord] {
    let fields = try Self.fields(in: database)
    let rows = try Row.fetchAll(
      database,
      sql: """
        SELECT run.id, name, run.digest, run.location, run.added_at, base_id,
          base.digest AS base_digest, layout_id, layout.digest AS layout_digest,
          base.location AS base_location
        FROM run JOIN base ON base.id = base_id JOIN layout ON layout.id = layout_id
        """
    )
    return try rows.map { try RunRecord($0, fields: fields[$0["id"]] ?? [:]) }
      .sorted { NaturalOrder.precedes($0.name, $1.name) }
  }

  /// The latest value of every field, by run; a field that was cleared is absent.
  private static func fields(in database: Database) throws -> [Int64: [String: RunField]] {
    let rows = try Row.fetchCursor(
      database,
      sql: "SELECT run_id, key, value, source FROM run_field ORDER BY id"
    )
    var fields: [Int64: [String: RunField]] = [:]
    while let row = try rows.next() {
      let (run, key, value): (Int64, String, String?) = (row["run_id"], row["key"], row["value"])
      fields[run, default: [:]][key] = value.map {
        RunField(key: key, value: $0, source: row["source"])
      }
    }
    return fields
  }

  /// Every value that field `key` of `run` has had, oldest first, each with its source and time.
  public func history(
    of run: RunRecord
  ) throws(CatalogError) -> [(field: RunField, recordedAt: String)] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: "SELECT key, value, source, recorded_at FROM run_field WHERE run_id = ? ORDER BY id",
        arguments: [run.id]
      ).map { row in
        let value: String? = row["value"]
        return (
          RunField(key: row["key"], value: value ?? "", source: row["source"]), row["recorded_at"]
        )
      }
    }
  }
}

extension RunRecord {
  fileprivate init(_ row: Row, fields: [String: RunField]) throws {
    let base = BaseRecord(
      id: row["base_id"],
      digest: try row.digest("base_digest").description,
      layoutID: row["layout_id"],
      layoutDigest: try row.digest("layout_digest").description,
      location: row["base_location"]
    )
    self.init(
      id: row["id"],
      name: row["name"],
      base: base,
      digest: try row.digest("digest").description,
      location: row["location"],
      addedAt: row["added_at"],
      fields: fields
    )
  }
}
