internal import GRDB

extension Catalog {
  /// The bytes of packed bits of `mask`, by the tensor's place in the base's layout.
  ///
  /// Reads the headers of its segments.
  public func segmentBytes(of mask: MaskRecord) throws(CatalogError) -> [Int: Int] {
    try read { database in
      let rows = try Row.fetchAll(
        database,
        sql: """
          SELECT ordinal, sum(length(bytes)) AS size FROM segment WHERE mask_id = ? GROUP BY ordinal
          """,
        arguments: [mask.id]
      )
      return try Dictionary(
        uniqueKeysWithValues: rows.map { (try $0.value("ordinal"), try $0.value("size")) }
      )
    }
  }
}
