public import MaskModel

/// Which tensor names are which module: a list of patterns, of which the first that fits decides.
public struct ModulePatterns: Sendable, Hashable {
  /// One pattern.
  public struct Pattern: Sendable, Hashable {
    /// The pattern as it was written.
    public let pattern: String
    /// The kind of the tensors that fit.
    public let kind: ModuleKind
    private let components: [Glob]

    /// Tensors with consecutive name components like those of `pattern`, such as `q_proj`,
    /// `*norm*` or `attn.c_proj`, are of `kind`.
    public init(_ pattern: String, _ kind: ModuleKind) {
      self.pattern = pattern
      self.kind = kind
      components = pattern.split(separator: ".").map { Glob(String($0)) }
    }

    /// Whether the components of a tensor's name hold those of the pattern in a row.
    func matches(_ name: [Substring]) -> Bool {
      guard !components.isEmpty, name.count >= components.count else { return false }
      return (0...(name.count - components.count)).contains { start in
        zip(components, name[start...]).allSatisfy { $0.matches($1) }
      }
    }
  }

  /// The patterns, most important first.
  public var patterns: [Pattern]

  /// The patterns `patterns`, most important first.
  public init(_ patterns: [Pattern]) { self.patterns = patterns }

  /// Refuses patterns of which no tensor of `tensors` fits.
  ///
  /// - Throws: `UnansweredQuestion`.
  public func check(on tensors: some Collection<TensorLayout>) throws(UnansweredQuestion) {
    let names = tensors.map { $0.name.split(separator: ".") }
    for pattern in patterns where !names.contains(where: { pattern.matches($0) }) {
      throw .noTensor(fitting: Glob(pattern.pattern))
    }
  }

  /// The kind of the tensor named `name`.
  public func kind(of name: String) -> ModuleKind {
    let components = name.split(separator: ".")
    return patterns.first { $0.matches(components) }?.kind ?? .other
  }
}

extension ModulePatterns {
  /// These patterns with `patterns` before them.
  public func preceded(by patterns: [Pattern]) -> ModulePatterns {
    ModulePatterns(patterns + self.patterns)
  }
}
