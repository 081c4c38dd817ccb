/// A sum of doubles whose rounding errors are summed beside it (Neumaier 1974).
package struct CompensatedSum {
  private var sum = 0.0
  private var compensation = 0.0

  /// The sum of no terms.
  package init() {}

  /// The sum.
  package var value: Double { sum + compensation }

  /// Adds `term`.
  package mutating func add(_ term: Double) {
    let next = sum + term
    compensation += abs(sum) >= abs(term) ? (sum - next) + term : (term - next) + sum
    sum = next
  }
}
