internal import MaskModel

/// In what masks may differ and still be compared.
public enum Mixture: String, Sendable, Hashable, CaseIterable {
  /// The rule that decides what changed.
  case definition
  /// The compare dtype.
  case dtype
  /// The base, over the same tensors; the magnitude null then has no answer.
  case base
}

/// Why masks are not compared.
public struct IncompatibleMasks: Error, Sendable, Hashable, CustomStringConvertible {
  /// One sentence: two masks, what differs, the way out.
  public let description: String
}

/// Refuses to compare unlike things.
public enum Compatibility {
  /// Checks that `masks` have one layout, and one definition, dtype and base but for `allowed`.
  public static func check(
    _ masks: [AskedMask],
    allowing allowed: Set<Mixture>
  ) throws(IncompatibleMasks) {
    guard let first = masks.first else { return }
    for mask in masks.dropFirst() {
      if let difference = difference(first, mask, allowed) {
        throw IncompatibleMasks(
          description: "\(first.id) and \(mask.id) are not compared: \(difference)"
        )
      }
    }
  }

  /// Checks that two masks are over the weights of one base, so that an expression can combine them.
  static func checkBases(_ a: AskedMask, _ b: AskedMask) throws(IncompatibleMasks) {
    guard a.base.digest != b.base.digest else { return }
    let reason =
      a.base.layoutDigest == b.base.layoutDigest
      ? "their bases differ: \(a.base.text) and \(b.base.text)"
      : "their bases have different tensors, so their positions mean different weights"
    throw IncompatibleMasks(description: "\(a.id) and \(b.id) are not combined: \(reason)")
  }

  private static func difference(
    _ a: AskedMask,
    _ b: AskedMask,
    _ allowed: Set<Mixture>
  ) -> String? {
    if a.base.layoutDigest != b.base.layoutDigest {
      return "their bases have different tensors, so their positions mean different weights"
    }
    if !allowed.contains(.base), a.base.digest != b.base.digest {
      return "their bases differ; --allow-mixed base compares them all the same"
    }
    if !allowed.contains(.definition), a.definition.rule != b.definition.rule {
      return "their definitions are \(a.summary.definition) and \(b.summary.definition); "
        + "choose one with --definition, or --allow-mixed definition"
    }
    if !allowed.contains(.dtype), a.definition.compareType != b.definition.compareType {
      let types = [a, b].map { $0.summary.compareType ?? "several dtypes" }
      return "they were compared in \(types[0]) and \(types[1]); "
        + "choose one with --definition RULE@DTYPE, or --allow-mixed dtype"
    }
    return nil
  }
}
