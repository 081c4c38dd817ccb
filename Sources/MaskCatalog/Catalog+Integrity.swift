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
        let id: Int64 = try row.value("id")
        let layout = try Self.readLayout(id, in: database)
        return try layout.digest == row.digest("digest") ? nil : "layout \(id) has another digest"
      }
    }
  }

  /// The runs without a mask, of which there are none: a run goes with its last mask.
  public func emptyRuns() throws(CatalogError) -> [String] {
    try read { database in
      try String.fetchAll(
        database,
        sql: """
          SELECT name FROM run WHERE NOT EXISTS (SELECT 1 FROM mask WHERE run_id = run.id)
          ORDER BY name
          """
      )
    }
  }

  /// Whether `mask` is still there.
  public func has(_ mask: MaskRecord) throws(CatalogError) -> Bool {
    try read { database in try Self.has(mask, in: database) }
  }

  static func has(_ mask: MaskRecord, in database: Database) throws -> Bool {
    try Int.fetchOne(
      database.cachedStatement(sql: "SELECT 1 FROM mask WHERE id = ? AND run_id IS NOT NULL"),
      arguments: [mask.id]
    ) != nil
  }

  /// The segments of `mask` that its layout has not.
  public func strayProblems(_ mask: MaskRecord) throws(CatalogError) -> [String] {
    try read { database in
      let layout = try Self.layout(mask.run.base.layoutID, in: database)
      let rows = try Row.fetchAll(
        database,
        sql: "SELECT ordinal, max(number) AS last FROM segment WHERE mask_id = ? GROUP BY ordinal",
        arguments: [mask.id]
      )
      return try rows.compactMap { row in
        let (ordinal, last): (Int, Int) = (try row.value("ordinal"), try row.value("last"))
        let segments =
          layout.tensors.indices.contains(ordinal)
          ? SegmentGrid.count(positions: layout.tensors[ordinal].shape.count) : 0
        return last < segments ? nil : "there is a segment \(last) of tensor \(ordinal) too many"
      }
    }
  }

  /// What is wrong with the binades that are kept of `base`: damaged segments, and tensors that have
  /// other totals than masks were counted against.
  public func binadeProblems(of base: BaseRecord) throws(CatalogError) -> [String] {
    let totals = try read { database in try Self.exponentTotals(ofBase: base.id, in: database) }
    var problems: [String] = []
    for type in FloatType.allCases where type.isComparable {
      guard let stored = try binades(of: base, as: type) else { continue }
      for (ordinal, tensor) in stored.layout.tensors.enumerated() {
        let key = ExponentTotals.Key(
          compareType: type,
          ordinal: ordinal,
          compared: tensor.shape.count
        )
        do {
          let segments = SegmentGrid.count(positions: tensor.shape.count)
          guard segments > 0, try stored.kept(tensor: ordinal).count == segments else { continue }
          let found = try stored.totals(tensor: ordinal)
          guard let bytes = totals[key], bytes != ExponentCoding.encode(totals: found) else {
            continue
          }
          problems.append("the binades of \(tensor.name) as \(type.rawValue) are not those counted")
        } catch {
          guard case .damaged(let detail) = error.code else { throw error }
          problems.append(detail)
        }
      }
    }
    return problems
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
        SegmentDigest(
          count: try $0.value("count"),
          checksum: UInt64(bitPattern: try $0.value("checksum") as Int64)
        )
      }
    }
  }
}
