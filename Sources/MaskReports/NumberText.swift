internal import Foundation

/// Numbers as tables show them; JSON has all their digits.
///
/// Rounding never turns a number into one that means something else: what is not 0 does not read
/// `0.000`, what is not 1 does not read `1.000`.
enum NumberText {
  /// `2,443,968`.
  static func count(_ number: Int) -> String {
    let digits = String(number.magnitude)
    let grouped = digits.enumerated().map { place, digit in
      let rest = digits.count - place
      return place > 0 && rest.isMultiple(of: 3) ? ",\(digit)" : "\(digit)"
    }
    return (number < 0 ? "-" : "") + grouped.joined()
  }

  /// A share of 1, such as a Jaccard index: `0.434`.
  static func share(_ number: Double) -> String { fixed(number, digits: 3, whole: 1) }

  /// A share as per cent: `36.70`.
  static func percent(_ share: Double) -> String { fixed(share * 100, digits: 2, whole: 100) }

  /// A ratio without an upper end, such as a lift: `1.65`, `24.1`, `5,210`.
  static func ratio(_ number: Double) -> String {
    switch number {
    case ..<10: fixed(number, digits: 2)
    case ..<1000: fixed(number, digits: 1)
    case ..<1e15: count(Int(number.rounded()))
    default: String(format: "%.3g", number)
    }
  }

  /// `number` with `digits` decimals, an inequality where that would read 0 or `whole` and is not.
  private static func fixed(_ number: Double, digits: Int, whole: Double? = nil) -> String {
    let step = pow(10, Double(-digits))
    func text(_ value: Double) -> String { String(format: "%.\(digits)f", value) }
    if number != 0, Double(text(number)) == 0 {
      return number > 0 ? "<" + text(step) : ">" + text(-step)
    }
    if let whole, number < whole, Double(text(number)) == whole { return ">" + text(whole - step) }
    return text(number)
  }
}
