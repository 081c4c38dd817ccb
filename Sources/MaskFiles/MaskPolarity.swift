/// Which weights the bits that are set stand for.
public enum MaskPolarity: String, Sendable, Hashable, CaseIterable {
  /// True is a weight to train: one the run changed.
  case trainable
  /// True is a weight to leave as it is: one the run did not change.
  case frozen
}
