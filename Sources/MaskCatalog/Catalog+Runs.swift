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
    return try rows.map { try RunRecord($0, fields: fields[try $0.value("id")] ?? [:]) }
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
      let (run, key, value): (Int64, String, String?) = (
        try row.value("run_id"), try row.value("key"), try row.value("value")
      )
      fields[run, default: [:]][key] = try value.map {
        RunField(key: key, value: $0, source: try row.value("source"))
      }
    }
    return fields
  }

  /// Every value that the fields of `run` have had, oldest first, each with its source and time.
  public func history(
    of run: RunRecord
  ) throws(CatalogError) -> [(field: RunField, recordedAt: String)] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: "SELECT key, value, source, recorded_at FROM run_field WHERE run_id = ? ORDER BY id",
        arguments: [run.id]
      ).map { row in
        let value: String? = try row.value("value")
        return (
          RunField(key: try row.value("key"), value: value ?? "", source: try row.value("source")),
          try row.value("recorded_at")
        )
      }
    }
  }
}

extension RunRecord {
  fileprivate init(_ row: Row, fields: [String: RunField]) throws {
    let base = BaseRecord(
      id: try row.value("base_id"),
      digest: try row.digest("base_digest").description,
      layoutID: try row.value("layout_id"),
      layoutDigest: try row.digest("layout_digest").description,
      location: try row.value("base_location")
    )
    self.init(
      id: try row.value("id"),
      name: try row.value("name"),
      base: base,
      digest: try row.digest("digest").description,
      location: try row.value("location"),
      addedAt: try row.value("added_at"),
      fields: fields
    )
  }
}
