/// Which positions of one tensor a mask is about, and what the tensor was made of.
public struct TensorDomain: Sendable, Hashable {
  /// The leading positions that the mask is about, whole rows of a matrix; 0 for none of them.
  public let compared: Int
  /// Why these are fewer than the tensor has; nil where they are not.
  public let reason: String?
  /// The dtype of the base's tensor, as its file names it.
  public let baseType: String
  /// The dtype of the fine-tuned tensor; nil where there is none, or more than one.
  public let tunedType: String?

  /// The leading `compared` positions of a tensor.
  public init(compared: Int, reason: String?, baseType: String, tunedType: String?) {
    self.compared = compared
    self.reason = reason
    self.baseType = baseType
    self.tunedType = tunedType
  }
}
