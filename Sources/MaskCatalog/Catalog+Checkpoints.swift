package import ByteFormats
internal import GRDB

extension Catalog {
  /// The content digest of the checkpoint whose files have `fingerprint`, if it was read before.
  package func contentDigest(
    of fingerprint: ContentDigest
  ) throws(CatalogError) -> ContentDigest? {
    try read { database in
      try Row.fetchOne(
        database,
        sql: "SELECT digest FROM checkpoint WHERE fingerprint = ?",
        arguments: [fingerprint.blob]
      )?.digest("digest")
    }
  }

  static func remember(
    _ digest: ContentDigest,
    of fingerprint: ContentDigest,
    at location: String,
    in database: Database
  ) throws {
    try database.execute(
      sql: """
        INSERT INTO checkpoint (fingerprint, digest, location, seen_at)
        VALUES (?, ?, ?, \(sqlNow))
        ON CONFLICT (fingerprint) DO UPDATE SET digest = excluded.digest, seen_at = excluded.seen_at
        """,
      arguments: [fingerprint.blob, digest.blob, location]
    )
  }
}
