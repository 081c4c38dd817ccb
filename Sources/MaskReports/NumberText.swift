internal import Foundation

/// Numbers as tables show them; JSON has all their digits.
///
/// Rounding never turns a number into one that means something else: what is not 0 does not read
/// `0.000`, what is not 1 does not read `1.000`.
package enum NumberText {
  /// `2,443,968`.
  package static func count(_ number: Int) -> String {
    let digits = String(number.magnitude)
    let grouped = digits.enumerated().map { place, digit in
      let rest = digits.count - place
      return place > 0 && rest.isMultiple(of: 3) ? ",\(digit)" : "\(digit)"
    }
    return (number < 0 ? "-" : "") + grouped.joined()
  }

  /// A share of 1, such as a Jaccard index: `0.434`.
  package static func share(_ number: Double) -> String { fixed(number, digits: 3, whole: 1) }

  /// A share as per cent: `36.70`.
  package static func percent(_ share: Double) -> String {
    fixed(share * 100, digits: 2, whole: 100)
  }

  /// A ratio without an upper end, such as a lift: `1.65`, `24.1`, `5,210`.
  package static func ratio(_ number: Double) -> String {
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

extension NumberText {
  /// A share in the cell of a figure: `0.43`, `-0.01`, `1`; what rounds to 0 is `0`.
  @Sendable static func figure(_ number: Double) -> String {
    let text = String(format: "%.2f", number)
    if Double(text) == 0 { return "0" }
    return text.hasSuffix(".00") ? String(text.dropLast(3)) : text
  }

  /// A ratio or a count in the cell of a figure, in three digits or fewer: `1.6`, `24`, `5.2k`.
  @Sendable static func shortRatio(_ number: Double) -> String {
    switch abs(number) {
    case 0: return "0"
    case ..<10: return String(format: "%.1f", number)
    case ..<1000: return String(format: "%.0f", number)
    case ..<1e6: return String(format: "%.3gk", number / 1e3)
    case ..<1e9: return String(format: "%.3gM", number / 1e6)
    default: return String(format: "%.2g", number)
    }
  }
}
