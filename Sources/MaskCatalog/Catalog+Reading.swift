internal import GRDB
internal import SystemPackage

extension Catalog {
  /// How long a read of many things may get before it is better ended and another begun.
  ///
  /// Masks never change, so any moment is good to end one.
  static let readPatience = Duration.milliseconds(20)

  /// `catalogs`, each file once, by their paths: who reads several at a time takes them in this order, so
  /// that no two wait for each other.
  static func distinct(_ catalogs: some Sequence<Catalog>) -> [Catalog] {
    catalogs.reduce(into: []) { distinct, catalog in
      if !distinct.contains(where: { $0.path == catalog.path }) { distinct.append(catalog) }
    }.sorted { $0.path.string < $1.path.string }
  }

  /// What `body` makes of each of `items`, in few reads of `catalogs`.
  ///
  /// A read of many items ends after some hundredths of a second, and another begins. As with
  /// `inOneRead`, `body` must not write, nor wait for another thread that asks a catalog.
  ///
  /// - Throws: `CatalogError` where a catalog cannot be read, and what `body` throws.
  public static func inFewReads<Item, Value>(
    of catalogs: some Sequence<Catalog>,
    _ items: [Item],
    _ body: (Item) throws -> Value
  ) throws -> [Value] {
    let catalogs = distinct(catalogs)
    var values: [Value] = []
    while values.count < items.count {
      try inOneRead(of: catalogs[...]) {
        let start = ContinuousClock.now
        repeat {
          values.append(try body(items[values.count]))
        } while values.count < items.count && ContinuousClock.now - start < readPatience
      }
    }
    return values
  }

  private static func inOneRead(
    of catalogs: ArraySlice<Catalog>,
    _ body: () throws -> Void
  ) throws {
    guard let catalog = catalogs.first else { return try body() }
    try catalog.inOneRead { try inOneRead(of: catalogs.dropFirst(), body) }
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
