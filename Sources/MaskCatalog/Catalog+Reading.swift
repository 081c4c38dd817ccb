internal import GRDB

extension Catalog {
  /// `catalogs` without those that are one file with an earlier one.
  public static func distinct(_ catalogs: some Sequence<Catalog>) -> [Catalog] {
    catalogs.reduce(into: []) { distinct, catalog in
      if !distinct.contains(where: { $0.path == catalog.path }) { distinct.append(catalog) }
    }
  }

  /// Answers all that `body` asks of the catalog from one state of it, in one read transaction.
  ///
  /// Cheaper than a transaction for every question, on a network's file system by far, where each takes
  /// and gives back locks. Writers wait meanwhile, so it is for what takes no longer than a moment. `body`
  /// must not write to the catalog, nor wait for another thread that asks it.
  ///
  /// - Throws: `CatalogError` where the catalog cannot be read, and what `body` throws.
  public func inOneRead<Value>(_ body: () throws -> Value) throws -> Value {
    try read { _ in Result(catching: body) }.get()
  }

  /// Runs `body` in a read transaction, its errors in the catalog's words: in that of `inOneRead` where
  /// this thread is in one.
  func read<Value>(_ body: (Database) throws -> Value) throws(CatalogError) -> Value {
    do {
      return try forReading().unsafeReentrantRead { try $0.inReadTransaction(body) }
    } catch {
      throw CatalogError(error, at: path)
    }
  }
}

extension Database {
  /// Runs `body` in the transaction that is open, else in one of its own.
  fileprivate func inReadTransaction<Value>(_ body: (Database) throws -> Value) throws -> Value {
    guard !isInsideTransaction else { return try body(self) }
    try beginTransaction(.deferred)
    do {
      let value = try body(self)
      try commit()
      return value
    } catch {
      try? rollback()
      throw error
    }
  }
}
