internal import ByteFormats
internal import Foundation
internal import GRDB

// A seal is the XXH3-128 digest of rows: of every value its kind (0 NULL, 1 integer, 2 text, 3 bytes)
// and then the value, integers, lengths and kinds as 64 bits, the least significant byte first.
extension Catalog {
  /// What the rows of a mask say that its bits do not: its definition, domain and lineage, and the
  /// layout and base that it is over.
  private static let maskRows = [
    """
    SELECT base.digest, definition, compare_dtype, is_default_dtype, compared, count, mask.digest,
      extra_tensors, lineage, mask.added_at
    FROM mask JOIN run ON run.id = run_id JOIN base ON base.id = base_id WHERE mask.id = ?
    """,
    """
    SELECT ordinal, compared, reason, base_dtype, tuned_dtype, count FROM mask_tensor
    WHERE mask_id = ? ORDER BY ordinal
    """,
    """
    SELECT ordinal, tensor.name, shape, tensor.positions
    FROM mask JOIN run ON run.id = run_id JOIN base ON base.id = base_id
      JOIN tensor ON tensor.layout_id = base.layout_id
    WHERE mask.id = ? ORDER BY ordinal
    """,
  ]

  /// What is recorded of a run, with the history of its fields.
  private static let runRows = [
    """
    SELECT run.name, base.digest, base.location, run.digest, run.location, run.added_at
    FROM run JOIN base ON base.id = base_id WHERE run.id = ?
    """,
    "SELECT key, value, source, recorded_at FROM run_field WHERE run_id = ? ORDER BY id",
  ]

  /// Seals the mask `id`, whose rows are all written.
  static func sealMask(_ id: Int64, in database: Database) throws {
    try database.execute(
      sql: "UPDATE mask SET seal = ? WHERE id = ?",
      arguments: [try seal(of: id, maskRows, in: database).blob, id]
    )
  }

  /// Seals the run `id` as it is now.
  static func sealRun(_ id: Int64, in database: Database) throws {
    try database.execute(
      sql: "UPDATE run SET seal = ? WHERE id = ?",
      arguments: [try seal(of: id, runRows, in: database).blob, id]
    )
  }

  /// The masks and runs whose rows are not those that were sealed, each a sentence.
  public func sealProblems() throws(CatalogError) -> [String] {
    try read { database in
      let runs = try Row.fetchAll(
        database,
        sql: "SELECT id, seal, name || '' FROM run ORDER BY name"
      )
      let masks = try Row.fetchAll(
        database,
        sql: """
          SELECT mask.id, mask.seal, name || '@' || definition
          FROM mask JOIN run ON run.id = run_id ORDER BY name, mask.id
          """
      )
      let brokenRuns = try runs.filter { try !Self.holds($0, Self.runRows, in: database) }
      let brokenMasks = try masks.filter { try !Self.holds($0, Self.maskRows, in: database) }
      return brokenRuns.map { "the run \($0[2] ?? "?"): its name, origin or fields were changed" }
        + brokenMasks.map {
          "\($0[2] ?? "?"): its definition, dtypes, lineage, or names and shapes of its tensors were changed"
        }
    }
  }

  /// Whether the seal in column 1 is that of `queries` for the id in column 0.
  private static func holds(_ row: Row, _ queries: [String], in database: Database) throws -> Bool {
    try row.bytes(1) == seal(of: row.value(0), queries, in: database).bytes
  }

  private static func seal(
    of id: Int64,
    _ queries: [String],
    in database: Database
  ) throws -> ContentDigest {
    var hasher = ContentHasher()
    for sql in queries {
      let rows = try database.cachedStatement(sql: sql)
      let cursor = try Row.fetchCursor(rows, arguments: [id])
      while let row = try cursor.next() {
        for value in row.databaseValues { hasher.update(value.storage) }
      }
    }
    return hasher.finish()
  }
}

extension ContentHasher {
  fileprivate mutating func update(_ value: DatabaseValue.Storage) {
    switch value {
    case .null: update(integers: [0])
    case .int64(let number): update(integers: [1, Int(number)])
    case .double(let number): update(text: "\(number)")  // no column is of that type
    case .string(let text):
      update(integers: [2])
      update(text: text)
    case .blob(let data):
      update(integers: [3])
      update(integers: data.map { Int($0) })
    }
  }
}
