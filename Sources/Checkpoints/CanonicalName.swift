/// A tensor's name without what wrappers of the model put before it.
package struct CanonicalName: Sendable, Hashable {
  /// The name as Hugging Face checkpoints have it.
  package private(set) var text: String
  /// What was taken off, such as `_orig_mod.`.
  package private(set) var removed: [String] = []

  /// Takes the wrappers' prefixes off `stored`.
  ///
  /// `torch.compile`, FSDP and checkpointed activations wrap modules anywhere in the model; DDP and
  /// PEFT only the whole.
  package init(_ stored: String) {
    text = stored
    guard Self.mayBeWrapped(stored) else { return }
    var parts = stored.split(separator: ".", omittingEmptySubsequences: false)
    removeWrappers(from: &parts)
    while let prefix = Self.prefixes.first(where: { parts.dropLast().starts(with: $0) }) {
      parts.removeFirst(prefix.count)
      removed.append(prefix.joined(separator: ".") + ".")
    }
    text = parts.joined(separator: ".")
  }

  /// The last part is the tensor's own name, whatever it is.
  private mutating func removeWrappers(from parts: inout [Substring]) {
    let wrappers = parts.dropLast().filter { Self.wrappers.contains($0) }
    guard !wrappers.isEmpty else { return }
    removed = wrappers.map { $0 + "." }
    parts = parts.dropLast().filter { !Self.wrappers.contains($0) } + parts.suffix(1)
  }

  private static let wrappers: [Substring] = [
    "_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module",
  ]
  private static let prefixes: [[Substring]] = [["module"], ["base_model", "model"]]

  /// Whether there may be something to take off; cheap, since there mostly is not.
  private static func mayBeWrapped(_ name: String) -> Bool {
    if name.hasPrefix("module.") || name.hasPrefix("base_model.") { return true }
    var previous = UInt8(ascii: ".")
    for byte in name.utf8 {
      if previous == UInt8(ascii: "."), byte == UInt8(ascii: "_") { return true }
      previous = byte
    }
    return false
  }
}
