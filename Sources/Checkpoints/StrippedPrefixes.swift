/// How many names lost which prefixes.
package struct StrippedPrefixes: Sendable {
  private var uses: [String: (count: Int, example: String)] = [:]

  /// Of no name yet.
  package init() {}

  /// Notes that `stored` lost `prefixes`.
  package mutating func note(_ prefixes: [String], of stored: String) {
    for prefix in Set(prefixes) { uses[prefix, default: (0, stored)].count += 1 }
  }

  /// One notice a prefix, with the first name that lost it.
  package var notices: [CheckpointNotice] {
    uses.sorted { $0.key < $1.key }.map { prefix, uses in
      .prefixStripped(prefix: prefix, count: uses.count, example: uses.example)
    }
  }
}
