internal import MaskModel

/// `KEY=VALUE[,VALUE]`: a field of a run must have one of the values; numbers are compared as such
/// (`FieldValue`).
///
/// A value in double quotes may have commas, and quotes that are written twice, as in `dataset="a,b"`.
public struct FieldFilter: Sendable, Hashable, CustomStringConvertible {
  /// The field that is looked at.
  ///
  /// `name` and `run` are the run's name; `base` is also how the digest of the base begins.
  public let key: String
  /// The values, one of which it must have.
  public let values: [String]
  private let canonical: Set<String>
  /// The filter as it was written.
  public let description: String

  /// The filter that `text` writes; nil where it is not of the form.
  public init?(_ text: String) {
    let scalars = text.unicodeScalars
    guard let sign = scalars.firstIndex(of: "="), sign > scalars.startIndex,
      let values = Self.values(scalars[scalars.index(after: sign)...]), !values.isEmpty
    else { return nil }
    key = String(scalars[..<sign])
    self.values = values
    canonical = Set(values.map(FieldValue.canonical))
    description = text
  }

  /// The values between commas; nil where a quote is not closed or more follows it.
  private static func values(_ text: Substring.UnicodeScalarView) -> [String]? {
    var values: [String] = []
    var rest = text
    while !rest.isEmpty {
      if rest.first == "\"" {
        guard let value = quoted(&rest), rest.first == nil || rest.first == "," else { return nil }
        values.append(value)
      } else {
        let value = rest.prefix { $0 != "," }
        if !value.isEmpty { values.append(String(value)) }
        rest = rest[value.endIndex...]
      }
      rest = rest.dropFirst()
    }
    return values
  }

  /// The value in the quotes that `text` begins with, taken off; nil where they are not closed.
  private static func quoted(_ text: inout Substring.UnicodeScalarView) -> String? {
    var value = ""
    repeat {
      text = text.dropFirst()
      guard let end = text.firstIndex(of: "\"") else { return nil }
      value.unicodeScalars += text[..<end]
      text = text[end...].dropFirst()
      if text.first == "\"" { value.unicodeScalars.append("\"") }
    } while text.first == "\""
    return value
  }

  /// Whether it asks for what every run has.
  var isOfEveryRun: Bool { ["name", "run", "base"].contains(key) }

  /// Whether the run of `mask` has one of the values.
  public func matches(_ mask: AskedMask) -> Bool {
    if key == "base", values.contains(where: { mask.summary.base.hasPrefix($0) }) { return true }
    if ["name", "run"].contains(key) { return values.contains(mask.summary.run) }
    return mask.fields[key].map { canonical.contains(FieldValue.canonical($0)) } ?? false
  }
}
