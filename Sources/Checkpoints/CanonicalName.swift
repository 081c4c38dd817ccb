/// A tensor's name without what wrappers of the model put before it.
struct CanonicalName: Sendable, Hashable {
  /// The name as Hugging Face checkpoints have it.
  let text: String
  /// What was taken off, such as `_orig_mod.`, in the order it was met.
  let removed: [String]

  /// Takes the wrappers' prefixes off `stored`.
  ///
  /// `torch.compile` and FSDP wrap modules anywhere in the model; DDP and PEFT only the whole.
  init(_ stored: String) {
    guard Self.mayBeWrapped(stored) else {
      (text, removed) = (stored, [])
      return
    }
    var removed: [String] = []
    var parts = stored.split(separator: ".", omittingEmptySubsequences: false)[...]
    parts.removeAll { part in
      guard Self.wrappers.contains(String(part)) else { return false }
      removed.append(part + ".")
      return true
    }
    while let prefix = Self.prefixes.first(where: {
      parts.starts(with: $0) && parts.count > $0.count
    }) {
      parts = parts.dropFirst(prefix.count)
      removed.append(prefix.joined(separator: ".") + ".")
    }
    self.removed = removed
    text = parts.joined(separator: ".")
  }

  private static let wrappers: Set = [
    "_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module",
  ]
  private static let prefixes: [[Substring]] = [["module"], ["base_model", "model"]]

  private static func mayBeWrapped(_ name: String) -> Bool {
    name.hasPrefix("module.") || name.hasPrefix("base_model.")
      || name.utf8.contains { $0 == 0x5F }
        && name.split(separator: ".").contains { wrappers.contains(String($0)) }
  }
}
