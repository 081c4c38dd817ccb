internal import MaskModel

/// `KEY=VALUE[,VALUE]`: a field of a run must have one of the values; numbers are compared as such
/// (`FieldValue`).
public struct FieldFilter: Sendable, Hashable, CustomStringConvertible {
  /// The field that is looked at.
  ///
  /// `name` and `run` are the run's name; `base` is also how the digest of the base begins.
  public let key: String
  /// The values, one of which it must have.
  public let values: [String]
  private let canonical: Set<String>

  /// The filter that `text` writes; nil where it is not of the form.
  public init?(_ text: String) {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
    key = String(parts[0])
    values = parts[1].split(separator: ",").map(String.init)
    canonical = Set(values.map(FieldValue.canonical))
  }

  /// Whether the run of `mask` has one of the values.
  public func matches(_ mask: AskedMask) -> Bool {
    if key == "base", values.contains(where: { mask.summary.base.hasPrefix($0) }) { return true }
    if ["name", "run"].contains(key) { return values.contains(mask.summary.run) }
    return mask.fields[key].map { canonical.contains(FieldValue.canonical($0)) } ?? false
  }

  /// The filter as it was written.
  public var description: String { "\(key)=\(values.joined(separator: ","))" }
}
