/// One fact about a run, with where it was found.
public struct RunField: Sendable, Hashable {
  /// What it is about, such as `algorithm`, `dataset`, `seed` or `step`.
  public let key: String
  /// The value as text.
  public let value: String
  /// Where it came from: `flag`, `manifest`, `run.json`, `trainer_state.json`, `folder name`, ...
  public let source: String

  /// The fact that `key` is `value`, from `source`.
  public init(key: String, value: String, source: String) {
    self.key = key
    self.value = value
    self.source = source
  }
}
