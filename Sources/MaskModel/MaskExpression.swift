/// An expression of the mask algebra, as it was read.
///
/// Chains of one operator are one node, so that depth grows with parentheses alone. Operators bind as
/// those of Python's sets: `!` first, then `-`, `&`, `^`, `|`.
public struct MaskExpression: Sendable, Hashable {
  /// What an expression is.
  public indirect enum Node: Sendable, Hashable {
    /// A mask by reference.
    case mask(String)
    /// What the part's mask is about and does not have.
    case complement(MaskExpression)
    /// Two or more parts, from left to right.
    case joined(Join, [MaskExpression])
    /// What at least, or exactly, `count` of the masks have.
    case tally(Tally, count: Int, [Item])
    /// What the part has in tensors whose name fits one of the globs.
    case only(MaskExpression, [String])
    /// As many positions as the part has, at random.
    case random(RandomControl)
  }

  /// An operator between masks.
  public enum Join: String, Sendable, Hashable, CaseIterable {
    /// In any of them.
    case union = "|"
    /// In an odd number of them.
    case difference = "^"
    /// In all of them.
    case intersection = "&"
    /// In the first and in none of the others.
    case subtraction = "-"
  }

  /// How many of several masks must have a position.
  public enum Tally: String, Sendable, Hashable, CaseIterable {
    /// As many or more.
    case atLeast = "atleast"
    /// Just as many.
    case exactly
  }

  /// What is counted by a tally.
  public enum Item: Sendable, Hashable {
    /// One mask; or all that a reference with `*` or `?` fits.
    case expression(MaskExpression)
    /// The masks of the runs with these fields, each `KEY=VALUE`, at a place in the text.
    case runs([String], range: Range<Int>)
  }

  /// What it is.
  public let node: Node
  /// Where it stands in the text, in UTF-8 bytes.
  public let range: Range<Int>

  /// The expression `node`, which stands at `range`.
  public init(_ node: Node, at range: Range<Int>) {
    self.node = node
    self.range = range
  }
}

/// A random mask that keeps some counts of another.
public struct RandomControl: Sendable, Hashable {
  /// What is kept.
  public enum Match: String, Sendable, Hashable, CaseIterable {
    /// The number of positions.
    case global
    /// The number in every tensor.
    case tensor
    /// The number in every tensor and binade of the base's weights.
    case magnitude
  }

  /// The mask whose counts are kept.
  public let like: MaskExpression
  /// Which of them.
  public let match: Match
  /// What the positions follow from.
  public let seed: UInt64

  /// As many positions as `like` has, by `match`, that follow from `seed`.
  public init(like: MaskExpression, match: Match, seed: UInt64) {
    self.like = like
    self.match = match
    self.seed = seed
  }
}
