/// Why a well-formed question about a catalog has no answer.
public struct UnansweredQuestion: Error, Sendable, Hashable, CustomStringConvertible {
  /// One sentence: what is missing, and the way out.
  public let description: String
}

extension UnansweredQuestion {
  static func noTensor(fitting glob: Glob) -> UnansweredQuestion {
    UnansweredQuestion(
      description: "no tensor's name fits '\(glob.pattern)'; "
        + "`maskdb sparsity MASK --by tensor` lists the names"
    )
  }

  static let noTensorLeft = UnansweredQuestion(
    description: "--include and --exclude leave no tensor to compare"
  )

  /// `references` name masks that cannot be one pair.
  public static func noPair(_ references: [String]) -> UnansweredQuestion {
    let names = references.map { "'\($0)'" }.joined(separator: " and ")
    return UnansweredQuestion(description: "\(names) are not two masks; name two different ones")
  }
}
