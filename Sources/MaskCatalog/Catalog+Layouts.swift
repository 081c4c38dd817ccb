internal import Foundation
internal import GRDB
public import MaskModel

extension Catalog {
  /// The layout of row `id`.
  public func layout(_ id: Int64) throws(CatalogError) -> ModelLayout {
    try read { database in try Self.layout(id, in: database) }
  }

  static func layout(_ id: Int64, in database: Database) throws -> ModelLayout {
    let digest = try Data.fetchOne(
      database.cachedStatement(sql: "SELECT digest FROM layout WHERE id = ?"),
      arguments: [id]
    )
    return try LayoutCache.shared.layout(digest ?? Data()) { try readLayout(id, in: database) }
  }

  /// The layout of row `id` as its tensors say it.
  static func readLayout(_ id: Int64, in database: Database) throws -> ModelLayout {
    let rows = try Row.fetchAll(
      database,
      sql: "SELECT name, shape FROM tensor WHERE layout_id = ? ORDER BY ordinal",
      arguments: [id]
    )
    let tensors = try rows.map { row in
      TensorLayout(
        name: try row.value("name"),
        shape: try TensorShape(json: try row.value("shape"))
      )
    }
    let positions = try Int.fetchOne(
      database,
      sql: "SELECT positions FROM layout WHERE id = ?",
      arguments: [id]
    )
    // Sums over a layout do not overflow from here on.
    let (sum, isTooMuch) = tensors.reduce((0, false)) { sum, tensor in
      let (next, overflows) = sum.0.addingReportingOverflow(tensor.shape.count)
      return (next, sum.1 || overflows)
    }
    guard !isTooMuch, sum == positions else {
      throw Damage(detail: "the tensors of layout \(id) have not its number of positions")
    }
    let layout = ModelLayout(tensors)
    guard layout.tensors == tensors else { throw Damage(detail: "layout \(id) is out of order") }
    return layout
  }

  /// The row of `layout`, made if there is none.
  static func record(_ layout: ModelLayout, in database: Database) throws -> Int64 {
    let digest = layout.digest.blob
    if let id = try Int64.fetchOne(
      database,
      sql: "SELECT id FROM layout WHERE digest = ?",
      arguments: [digest]
    ) {
      return id
    }
    try database.execute(
      sql: "INSERT INTO layout (digest, positions) VALUES (?, ?)",
      arguments: [digest, layout.count]
    )
    let id = database.lastInsertedRowID
    for (ordinal, tensor) in layout.tensors.enumerated() {
      try database.execute(
        sql: """
          INSERT INTO tensor (layout_id, ordinal, name, shape, positions) VALUES (?, ?, ?, ?, ?)
          """,
        arguments: [id, ordinal, tensor.name, tensor.shape.json, tensor.shape.count]
      )
    }
    return id
  }
}
