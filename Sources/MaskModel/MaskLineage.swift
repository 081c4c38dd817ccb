/// What a mask was made from, where that is not a pair of checkpoints.
///
/// Set once, when the mask is made: it names operands as they were named then, with the digests of
/// their bits, and holds when they are renamed or removed.
public enum MaskLineage: Sendable, Hashable {
  /// An expression over masks, in its canonical spelling.
  case derived(expression: String, operands: [Operand])
  /// A file of another program, with what is known of it: format, polarity and the like.
  case imported(from: String, details: [String: String])

  /// A mask that an expression names.
  public struct Operand: Sendable, Hashable {
    /// The id of the mask when the expression was evaluated.
    public let name: String
    /// The digest of its bits, 32 hexadecimal digits.
    public let digest: String

    /// The mask `name` with bits of `digest`.
    public init(name: String, digest: String) {
      self.name = name
      self.digest = digest
    }
  }
}

extension MaskLineage {
  /// `derived` or `imported`.
  public var kind: String {
    switch self {
    case .derived: "derived"
    case .imported: "imported"
    }
  }

  /// The expression, or the file.
  public var source: String {
    switch self {
    case .derived(let expression, _): expression
    case .imported(let file, _): file
    }
  }

  /// Whether an expression made it.
  public var isDerived: Bool { if case .derived = self { true } else { false } }
}
