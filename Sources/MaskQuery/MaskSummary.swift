public import MaskModel

/// What a list says of a mask.
public struct MaskSummary: Sendable, Hashable {
  /// `RUN@DEFINITION@DTYPE`, or the name of a derived mask.
  public var id: String
  /// The run that the mask is of.
  public var run: String
  /// The rule that decided what changed, such as `paper`; `derived` or `imported` where it was not
  /// one rule, or nobody says which.
  public var definition: String
  /// The dtype in which values were compared; nil where there is not one.
  public var compareType: String?
  /// The base, as the catalog names it.
  public var base: String
  /// What the run was trained with.
  public var algorithm: String?
  /// What the run was trained on.
  public var dataset: String?
  /// The run's random seed.
  public var seed: Int?
  /// The training step.
  public var step: Int?
  /// Everything that is recorded of the run, as it was written.
  public var fields: [String: String]
  /// The positions compared.
  public var parameters: Int
  /// Those that changed.
  public var count: Int
  /// The tensors that were not compared.
  public var skippedTensors: [SkippedTensor]
  /// The digest of the positions, 32 hexadecimal digits, if it is known; its first digits name the
  /// mask.
  public var digest: String?
  /// What it was made from; nil where two checkpoints were compared.
  public var lineage: MaskLineage?

  /// A mask `id` of `run`, with `count` of `parameters` positions changed.
  public init(
    id: String,
    run: String,
    definition: String,
    compareType: String?,
    base: String,
    algorithm: String? = nil,
    dataset: String? = nil,
    seed: Int? = nil,
    step: Int? = nil,
    fields: [String: String] = [:],
    parameters: Int,
    count: Int,
    skippedTensors: [SkippedTensor] = [],
    digest: String? = nil,
    lineage: MaskLineage? = nil
  ) {
    self.id = id
    self.run = run
    self.definition = definition
    self.compareType = compareType
    self.base = base
    self.algorithm = algorithm
    self.dataset = dataset
    self.seed = seed
    self.step = step
    self.fields = fields
    self.parameters = parameters
    self.count = count
    self.skippedTensors = skippedTensors
    self.digest = digest
    self.lineage = lineage
  }

  /// count / parameters; nil where nothing was compared.
  public var density: Double? { share(count, of: parameters) }
}
