/// Why a value is missing, or what must be said beside it.
public struct Remark: Sendable, Hashable {
  /// The JSON keys of the values concerned; none where it concerns all of them.
  public let fields: [String]
  /// The reason, in words that can follow a colon.
  public let text: String

  /// A remark about `fields`, about everything where they are empty.
  public init(about fields: [String] = [], _ text: String) {
    self.fields = fields
    self.text = text
  }
}

extension Remark: CustomStringConvertible {
  /// `lift, max_lift: the expected overlap is 0`.
  public var description: String {
    fields.isEmpty ? text : fields.joined(separator: ", ") + ": " + text
  }
}

extension [Remark] {
  /// All of them in one line, or nil where there is none.
  public var reason: String? { isEmpty ? nil : map(\.description).joined(separator: "; ") }

  /// What is said about the value under the JSON key `field`.
  public func reason(of field: String) -> String? {
    first { $0.fields.isEmpty || $0.fields.contains(field) }?.text
  }
}
