public import MaskCatalog
public import MaskModel

/// Everything that a question needs of one mask, wherever the mask comes from.
///
/// The masks of a catalog are the first kind; `CatalogSet` makes them. A mask that is computed is
/// another: give `init` a `MaskSource` of it, such as a `ComputedMask`, and no `places`. Whether two
/// masks lie over the same weights is told by digests, so that masks of several catalogs meet in one
/// question.
public struct AskedMask: Sendable, Identifiable {
  /// What lists and tables say of it; its `id` is the label in the answer, where it must be unique.
  public var summary: MaskSummary
  /// What is recorded of its run: the latest value of every field.
  public let fields: [String: String]
  /// What decided its positions.
  public let definition: RecordedDefinition
  /// The base whose weights its positions are.
  public let base: AskedBase
  /// Where it is stored, and pairs with it may be kept: one place a catalog that has it.
  public internal(set) var places: [StoredPlace]
  private let source: any MaskSource

  /// A mask that is stored at `places`, nowhere by default.
  ///
  /// - Parameters:
  ///   - summary: what is said of it; `summary.id` is its label. Where runs are grouped, masks with
  ///     equal digests count once.
  ///   - fields: what is recorded of its run, by which it is filtered and grouped.
  ///   - definition: what decided its positions.
  ///   - base: the base whose weights its positions are.
  ///   - places: where it is stored; nowhere means that counts of its pairs are never kept.
  ///   - source: its bits and counts.
  public init(
    _ summary: MaskSummary,
    fields: [String: String] = [:],
    definition: RecordedDefinition,
    base: AskedBase,
    places: [StoredPlace] = [],
    source: some MaskSource
  ) {
    self.summary = summary
    self.fields = fields
    self.definition = definition
    self.base = base
    self.places = places
    self.source = source
  }

  /// The label in the answer, such as `grpo-s0@paper`.
  public var id: String { summary.id }
  /// The digest of its positions, 32 hexadecimal digits; nil where it was not computed.
  public var digest: String? { summary.digest }

  /// Whether a catalog answers for it.
  var isStored: Bool { source is StoredPlace }

  /// Whether an expression made it.
  var isDerived: Bool { summary.lineage?.isDerived ?? false }
}

extension AskedMask {
  /// Its bits over the whole layout of the base.
  ///
  /// - Throws: what the source throws, `CatalogError` for one of a catalog.
  public func reader() throws -> any MaskReader { try source.reader() }

  /// Its bits over the float tensors of the base, what a trainer calls parameters.
  ///
  /// - Throws: what the source throws, `CatalogError` for one of a catalog.
  public func parameterReader() throws -> any MaskReader { try source.parameterReader() }

  /// What is counted of it, tensor by tensor of the layout: what the nulls need, those of rows and
  /// columns only where `margins` is true.
  ///
  /// - Throws: what the source throws; `CatalogError` where the counts of a stored mask contradict
  ///   each other, for statistics trust them.
  public func counts(margins: Bool = true) throws -> [TensorCounts] {
    try source.counts(margins: margins)
  }

  /// What it is about, tensor by tensor of the layout.
  ///
  /// - Throws: what the source throws, `CatalogError` for one of a catalog.
  public func domain() throws -> [TensorDomain] { try source.domain() }
}

/// The bits and counts of one mask.
///
/// Reader and counts are over the layout of the mask's base, and agree: in `counts(margins:)[t]`
/// `marginals.count` is `reader().count(tensor: t)`, and no bit lies outside of the compared positions.
public protocol MaskSource: Sendable {
  /// The bits over the whole layout of the base.
  func reader() throws -> any MaskReader

  /// The bits over the float tensors of the base alone, in the order of the layout.
  func parameterReader() throws -> any MaskReader

  /// What is counted, one element a tensor of the layout.
  ///
  /// Where `marginals.exponents` is nil the magnitude null has no answer, and says so. Counts of rows
  /// and columns are left out, or not, where `margins` is false.
  func counts(margins: Bool) throws -> [TensorCounts]

  /// What the mask is about, one element a tensor of the layout.
  func domain() throws -> [TensorDomain]
}

/// A mask's row in a catalog.
public struct StoredPlace: Sendable {
  /// The catalog.
  public let catalog: Catalog
  /// What it says of the mask.
  public let record: MaskRecord
}

/// The base of a mask in a question, known by digests.
public struct AskedBase: Sendable {
  /// What the catalog says of it.
  public let record: BaseRecord
  /// The catalog that knows it.
  public let catalog: Catalog

  /// The base `record` of `catalog`.
  public init(_ record: BaseRecord, in catalog: Catalog) {
    self.record = record
    self.catalog = catalog
  }

  /// The digest of its content.
  public var digest: String { record.digest }
  /// The base in a sentence.
  var text: String { "\(record.location) (content \(record.digest.prefix(8)))" }
  /// The digest of its tensors' names and shapes: masks are over the same positions where it is equal.
  public var layoutDigest: String { record.layoutDigest }

  /// Its tensors: the coordinate system.
  public func layout() throws(CatalogError) -> ModelLayout {
    try catalog.layout(record.layoutID)
  }
}
