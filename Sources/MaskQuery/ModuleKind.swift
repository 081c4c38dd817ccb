/// What a tensor does in its layer, by a short name that users can add to.
public struct ModuleKind: RawRepresentable, Sendable, Hashable {
  /// The name in options, tables and JSON.
  public let rawValue: String

  /// The kind named `rawValue`.
  public init(rawValue: String) { self.rawValue = rawValue }

  /// The query projection.
  public static let q = ModuleKind(rawValue: "q")
  /// The key projection.
  public static let k = ModuleKind(rawValue: "k")
  /// The value projection.
  public static let v = ModuleKind(rawValue: "v")
  /// Queries, keys and values in one matrix, as in GPT-2.
  public static let qkv = ModuleKind(rawValue: "qkv")
  /// The output projection of attention.
  public static let o = ModuleKind(rawValue: "o")
  /// The gate of a gated feed-forward block.
  public static let gate = ModuleKind(rawValue: "gate")
  /// The projection into a feed-forward block.
  public static let up = ModuleKind(rawValue: "up")
  /// Gate and up in one matrix, as in Phi-3.
  public static let gateUp = ModuleKind(rawValue: "gate_up")
  /// The projection out of a feed-forward block.
  public static let down = ModuleKind(rawValue: "down")
  /// A normalisation.
  public static let norm = ModuleKind(rawValue: "norm")
  /// An embedding of tokens or positions.
  public static let embedding = ModuleKind(rawValue: "embedding")
  /// The output layer over the vocabulary.
  public static let lmHead = ModuleKind(rawValue: "lm_head")
  /// What no pattern names.
  public static let other = ModuleKind(rawValue: "other")

  /// The order in tables; kinds that users add come after these, before `other`.
  static let order: [ModuleKind] = [
    .embedding, .q, .k, .v, .qkv, .o, .gate, .up, .gateUp, .down, .norm, .lmHead,
  ]
}

extension ModuleKind: Comparable {
  /// The order in tables.
  public static func < (left: ModuleKind, right: ModuleKind) -> Bool {
    (left.rank, left.rawValue) < (right.rank, right.rawValue)
  }

  private var rank: Int {
    self == .other ? Self.order.count + 1 : Self.order.firstIndex(of: self) ?? Self.order.count
  }
}
