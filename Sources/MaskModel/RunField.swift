internal import ByteFormats

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

extension RunField {
  /// Whether the value is a whole number where the key asks for one, as `seed` and `step` do.
  public var isWhole: Bool {
    guard ["seed", "step"].contains(key) else { return true }
    let digits = value.hasPrefix("-") ? value.dropFirst() : value[...]
    return !digits.isEmpty && digits.utf8.allSatisfy { (0x30...0x39).contains($0) }
  }

  /// Why the field cannot be kept, as a clause that names it; nil where it can.
  ///
  /// A field has a name. SQLite and C take a text to end at the character U+0000, so that no field has
  /// it. Keys that only Unicode takes for another are two to SQLite and one to Swift, so that they have
  /// normal form C.
  public var flaw: String? {
    if key.isEmpty { return "a field of the run has no name; give it one or take it out" }
    let name = JSONValue.string(key).serialized()
    if key.utf8.contains(0) || value.utf8.contains(0) {
      return
        "the field \(name) has the character U+0000, which no field of a run may have; take it out"
    }
    if !key.isNormalized {
      return "the name of the field \(name) is not in Unicode normal form C; write it so"
    }
    return nil
  }
}
