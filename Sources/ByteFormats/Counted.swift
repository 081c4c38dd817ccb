extension DefaultStringInterpolation {
  /// Appends a number and what it counts, in the plural but for one: `1 tensor`, `2 tensors`.
  package mutating func appendInterpolation(_ count: Int, of noun: String) {
    appendLiteral("\(count) \(noun)\(count == 1 ? "" : "s")")
  }
}
