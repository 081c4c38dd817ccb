/// A tensor that a mask does not, or not wholly, cover.
public struct SkippedTensor: Sendable, Hashable {
  /// The name.
  public let name: String
  /// Why it is not, or not wholly, compared.
  public let reason: String

  /// The tensor `name`, skipped for `reason`.
  public init(name: String, reason: String) {
    self.name = name
    self.reason = reason
  }
}
