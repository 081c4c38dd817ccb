internal import ByteFormats
internal import GRDB
public import MaskModel

extension Catalog {
  /// Every mask that is whole, by the name of its run, then in the order of adding.
  public func masks() throws(CatalogError) -> [MaskRecord] {
    try read { database in
      let runs = try Self.runs(in: database)
      let rows = try Row.fetchAll(
        database,
        sql: "SELECT * FROM mask WHERE run_id IS NOT NULL ORDER BY id"
      )
      let byRun = try Dictionary(grouping: rows) { row -> Int64 in try row.value("run_id") }
      return try runs.flatMap { run in
        try (byRun[run.id] ?? []).map { try MaskRecord($0, of: run) }
      }
    }
  }

  /// The tensors of `mask` in the order of its layout, with what was counted in them.
  public func tensors(of mask: MaskRecord) throws(CatalogError) -> [MaskTensorRecord] {
    try counted(mask).map(\.record)
  }

  /// What `mask` is about, tensor by tensor in the order of its layout.
  ///
  /// Reads no counts.
  public func domain(of mask: MaskRecord) throws(CatalogError) -> [TensorDomain] {
    try read { database in
      let layout = try layout(of: mask, in: database)
      let rows = try Row.fetchAll(
        database,
        sql: """
          SELECT compared, count, reason, base_dtype, tuned_dtype FROM mask_tensor
          WHERE mask_id = ? ORDER BY ordinal
          """,
        arguments: [mask.id]
      )
      guard rows.count == layout.tensors.count else { throw Damage(tensorsOf: mask, layout) }
      return try zip(layout.tensors, rows).map { tensor, row in
        let extent = try TensorExtent(
          row.value("compared"),
          row.value("count"),
          of: tensor,
          in: mask
        )
        return TensorDomain(
          compared: extent.compared,
          reason: try row.value("reason"),
          baseType: try row.value("base_dtype"),
          tunedType: try row.value("tuned_dtype")
        )
      }
    }
  }

  /// The tensors that each of `masks`, all masks of the catalog, does not, or not wholly, cover.
  public func skippedTensors(
    of masks: [MaskRecord]
  ) throws(CatalogError) -> [MaskRecord.ID: [SkippedTensor]] {
    let extra = masks.map { ($0.id, $0.extraTensors) }
    return try read { database in
      let rows = try Row.fetchCursor(
        database,
        sql: """
          SELECT mask.id, tensor.name, reason
          FROM mask_tensor JOIN mask ON mask.id = mask_id JOIN run ON run.id = run_id
            JOIN base ON base.id = base_id
            JOIN tensor ON tensor.layout_id = base.layout_id
              AND tensor.ordinal = mask_tensor.ordinal
          WHERE reason IS NOT NULL ORDER BY mask.id, tensor.ordinal
          """
      )
      var skipped: [MaskRecord.ID: [SkippedTensor]] = [:]
      while let row = try rows.next() {
        skipped[try row.value("id"), default: []].append(
          SkippedTensor(name: try row.value("name"), reason: try row.value("reason"))
        )
      }
      for (id, tensors) in extra { skipped[id, default: []] += tensors }
      return skipped
    }
  }

  /// The tensors of `mask` with the base's exponent totals: what the nulls need.
  ///
  /// Counts of rows and columns, four bytes each, take some 16 MB for a mask of a model of 8 billion
  /// parameters; they are nil where `margins` is false.
  public func counts(
    of mask: MaskRecord,
    margins: Bool = true
  ) throws(CatalogError) -> [TensorCounts] {
    try counted(mask, margins: margins).map { tensor, record, totals in
      TensorCounts(
        tensor: tensor,
        compared: record.compared,
        marginals: record.marginals,
        exponentTotals: totals
      )
    }
  }

  private func counted(
    _ mask: MaskRecord,
    margins: Bool = true
  ) throws(CatalogError) -> [(tensor: TensorLayout, record: MaskTensorRecord, totals: [Int]?)] {
    try read { database in
      let layout = try layout(of: mask, in: database)
      let rows = try Row.fetchCursor(
        database.cachedStatement(
          sql: """
            SELECT \(MaskTensorRecord.columns(margins: margins))
            FROM mask_tensor LEFT JOIN base_exponents ON base_id = ? AND compare_dtype = ?
              AND base_exponents.ordinal = mask_tensor.ordinal
              AND base_exponents.compared = mask_tensor.compared
            WHERE mask_id = ? ORDER BY mask_tensor.ordinal
            """
        ),
        arguments: [mask.run.base.id, mask.definition.compareType?.rawValue, mask.id]
      )
      var counted: [(tensor: TensorLayout, record: MaskTensorRecord, totals: [Int]?)] = []
      counted.reserveCapacity(layout.tensors.count)
      while let row = try rows.next() {
        guard counted.count < layout.tensors.count else { throw Damage(tensorsOf: mask, layout) }
        let tensor = layout.tensors[counted.count]
        let (record, totals) = try MaskTensorRecord.decode(row, of: tensor, in: mask)
        counted.append((tensor, record, totals))
      }
      guard counted.count == layout.tensors.count else { throw Damage(tensorsOf: mask, layout) }
      return counted
    }
  }

  /// The layout of the base of `mask`.
  ///
  /// - Throws: `CatalogError` with code `maskGone` where the mask is not there any more.
  func layout(of mask: MaskRecord, in database: Database) throws -> ModelLayout {
    guard try Self.has(mask, in: database) else { throw CatalogError(.maskGone, at: path) }
    return try Self.layout(mask.run.base.layoutID, in: database)
  }
}

/// The positions of a tensor that a mask is about, and those that changed, as a row gives them.
///
/// What follows counts with them, so numbers that no mask can have are damage.
struct TensorExtent {
  let compared: Int
  let count: Int

  init(_ compared: Int, _ count: Int, of tensor: TensorLayout, in mask: MaskRecord) throws {
    guard tensor.shape.mayCompare(compared), (0...compared).contains(count) else {
      throw Damage(
        detail: "\(mask.name): \(tensor.name): \(count) of \(compared) positions changed, which no "
          + "mask of its shape has"
      )
    }
    self.compared = compared
    self.count = count
  }
}

extension MaskRecord {
  fileprivate init(_ row: Row, of run: RunRecord) throws {
    let type: String? = try row.value("compare_dtype")
    guard let rule = try? RecordedDefinition.Rule(parsing: try row.value("definition")),
      type == nil || type.flatMap(FloatType.init(rawValue:)) != nil
    else { throw Damage(detail: "a mask of \(run.name) has an unknown definition") }
    self.init(
      id: try row.value("id"),
      run: run,
      definition: RecordedDefinition(
        rule: rule,
        compareType: type.flatMap(FloatType.init(rawValue:))
      ),
      isDefaultType: try row.value("is_default_dtype"),
      compared: try row.value("compared"),
      count: try row.value("count"),
      digest: try row.digest("digest").description,
      extraTensors: try [SkippedTensor](json: try row.value("extra_tensors")),
      lineage: try (try row.value("lineage") as String?).map { try MaskLineage(column: $0) }
    )
  }
}

extension Damage {
  /// The tensors of `mask` are not those of its base.
  init(tensorsOf mask: MaskRecord, _ layout: ModelLayout) {
    let number = layout.tensors.count
    self.init(detail: "mask \(mask.name) has not the \(number, of: "tensor") of its base")
  }
}

extension MaskTensorRecord {
  /// What `decode` reads, in its order: looking columns up by name takes longer than reading them.
  fileprivate static func columns(margins: Bool) -> String {
    """
    mask_tensor.ordinal, mask_tensor.compared, reason, base_dtype, tuned_dtype, mask_tensor.count,
    \(margins ? "row_counts, column_counts" : "NULL, NULL"), exponent_counts, base_exponents.counts
    """
  }

  fileprivate static func decode(
    _ row: Row,
    of tensor: TensorLayout,
    in mask: MaskRecord
  ) throws -> (MaskTensorRecord, [Int]?) {
    do {
      let extent = try TensorExtent(row.value(1), row.value(5), of: tensor, in: mask)
      let totals = try row.bytes(9).map { bytes in try ExponentCoding.totals(bytes) }
      return (try MaskTensorRecord(row, extent, shape: tensor.shape, totals: totals), totals)
    } catch let error as FormatError {
      throw Damage(detail: "the marginals of \(tensor.name) in \(mask.name): \(error)")
    }
  }

  private init(_ row: Row, _ extent: TensorExtent, shape: TensorShape, totals: [Int]?) throws {
    let columns = shape.columns
    let marginals = TensorMarginals(
      count: extent.count,
      rows: try row.bytes(6).map { bytes in
        try CountCoding.decode(bytes, expected: extent.compared / max(columns, 1))
      },
      columns: try row.bytes(7).map { bytes in
        try CountCoding.decode(bytes, expected: columns)
      },
      exponents: try totals.flatMap { totals in
        try row.bytes(8).map { bytes in try ExponentCoding.counts(bytes, totals: totals) }
      }
    )
    self.init(
      ordinal: try row.value(0),
      compared: extent.compared,
      reason: try row.value(2),
      baseType: try row.value(3),
      tunedType: try row.value(4),
      marginals: marginals
    )
  }
}
