package import ByteFormats
internal import GRDB

extension Catalog {
  /// The masks of a base that others may be coded against, the latest last: those whose own chain is
  /// no longer than `longest`.
  package func referenceCandidates(
    base: ContentDigest,
    longest: Int
  ) throws(CatalogError) -> [ReferenceCandidate] {
    try read { database in
      let masks = try Int64.fetchAll(
        database,
        sql: """
          SELECT mask.id FROM mask JOIN run ON run.id = run_id JOIN base ON base.id = base_id
          WHERE base.digest = ? ORDER BY mask.id
          """,
        arguments: [base.blob]
      )
      guard !masks.isEmpty else { return [] }
      let depths = try Self.depths(in: database)
      let open = masks.map { ReferenceCandidate(mask: $0, depth: depths[$0] ?? 0) }
        .filter { $0.depth <= longest }
      return Array(open.suffix(ReferenceSearch.mostCandidates))
    }
  }

  /// Whether a base of the layout with the digest `layout` is known.
  package func hasBase(ofLayout layout: ContentDigest) throws(CatalogError) -> Bool {
    try read { database in
      try Int.fetchOne(
        database,
        sql: "SELECT 1 FROM base JOIN layout ON layout.id = layout_id WHERE layout.digest = ?",
        arguments: [layout.blob]
      ) != nil
    }
  }

  /// How long the chain of every mask is that is coded against another.
  private static func depths(in database: Database) throws -> [Int64: Int] {
    let rows = try Row.fetchAll(
      database,
      sql: """
        SELECT DISTINCT reference_id, mask_id FROM segment WHERE reference_id IS NOT NULL
        """
    )
    let edges = try rows.map { row in
      (mask: try row.value("mask_id") as Int64, reference: try row.value("reference_id") as Int64)
    }
    var depths: [Int64: Int] = [:]
    for _ in 0..<Catalog.longestChain {
      for edge in edges {
        depths[edge.mask] = max(depths[edge.mask] ?? 0, (depths[edge.reference] ?? 0) + 1)
      }
    }
    return depths
  }
}
