public import MaskCatalog
public import MaskModel

extension AskedMask {
  /// The mask `record` of `catalog`, whose tensors `skipped` are not, or not wholly, compared.
  ///
  /// Reads nothing yet.
  public init(_ record: MaskRecord, in catalog: Catalog, skipped: [SkippedTensor]) {
    let place = StoredPlace(catalog: catalog, record: record)
    self.init(
      MaskSummary(record, skipped: skipped),
      fields: record.run.fields.mapValues(\.value),
      definition: record.definition,
      base: AskedBase(record.run.base, in: catalog),
      places: [place],
      source: place
    )
  }
}

extension [AskedMask] {
  /// What `body` makes of each: its reader, counts or domain.
  ///
  /// Where all are stored, their catalogs are read few times; a mask that is computed may ask them from
  /// several threads.
  ///
  /// - Throws: `CatalogError` where a catalog cannot be read, and what `body` throws.
  public func answers<Value>(_ body: (AskedMask) throws -> Value) throws -> [Value] {
    guard allSatisfy(\.isStored) else { return try map(body) }
    let catalogs = flatMap { $0.places.map(\.catalog) + [$0.base.catalog] }
    return try Catalog.inFewReads(of: catalogs, self, body)
  }
}

extension StoredPlace: MaskSource {
  /// The bits over the whole layout.
  public func reader() throws -> any MaskReader { try catalog.reader(of: record) }

  /// The bits over the float tensors of the base.
  public func parameterReader() throws -> any MaskReader {
    try catalog.parameterReader(of: record)
  }

  /// What the catalog says was compared.
  public func domain() throws -> [TensorDomain] { try catalog.domain(of: record) }

  /// What the catalog counted.
  ///
  /// - Throws: `CatalogError` with code `damaged` where the counts contradict each other.
  public func counts(margins: Bool) throws -> [TensorCounts] {
    let counts = try catalog.counts(of: record, margins: margins)
    if let contradiction = counts.lazy.compactMap(\.contradiction).first {
      throw damage(contradiction)
    }
    let changed = counts.reduce(0) { $0 + $1.marginals.count }
    guard changed == record.count, counts.reduce(0, { $0 + $1.compared }) == record.compared else {
      throw damage("its tensors count another number")
    }
    return counts
  }

  private func damage(_ detail: String) -> CatalogError {
    CatalogError(.damaged("\(record.name): \(detail)"), at: catalog.path)
  }
}
