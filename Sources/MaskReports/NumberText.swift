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

  /// `noun` for a count of `number`, in the plural but for one.
  package static func noun(_ noun: String, _ number: Int) -> String {
    number == 1 ? noun : noun + "s"
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
  /// A share in the cell of a figure: `0.43`, `-0.01`; only what is 0 or 1 reads `0` or `1`.
  @Sendable package static func figure(_ number: Double) -> String {
    if number == 0 || abs(number) == 1 { return String(Int(number)) }
    let text = String(format: "%.2f", number)
    return text == "-0.00" ? "0.00" : text
  }

  /// A ratio or a count in the cell of a figure: `1.65`, `24.1`, `5.2k`; only 0 reads `0`.
  @Sendable package static func shortRatio(_ number: Double) -> String {
    switch abs(number) {
    case 0: "0"
    case ..<10: String(format: "%.2f", number)
    case ..<100: String(format: "%.1f", number)
    case ..<1000: String(format: "%.0f", number)
    case ..<1e6: String(format: "%.3gk", number / 1e3)
    case ..<1e9: String(format: "%.3gM", number / 1e6)
    default: String(format: "%.2g", number)
    }
  }

  /// Per cent in the cell of a figure: `0.42`, `7.8`, `86`; only 0 and 100 read `0` and `100`.
  @Sendable package static func percentFigure(_ percent: Double) -> String {
    switch percent {
    case 0: "0"
    case ..<1: String(format: "%.2f", percent)
    case ..<10: String(format: "%.1f", percent)
    case 99..<100: percent >= 99.95 ? ">99.9" : String(format: "%.1f", percent)
    default: String(format: "%.0f", percent)
    }
  }
}
