/// A colour in sRGB, `0xRRGGBB`.
package struct Color: Sendable, Hashable {
  package let value: UInt32

  package init(_ value: UInt32) { self.value = value }

  /// Of text and lines.
  package static let ink = Color(0x1E2228)
  /// Of what matters less.
  package static let quiet = Color(0x5B626D)
  /// Of the page, and of text on dark ground.
  package static let paper = Color(0xFFFFFF)
  /// Of cells without a meaning of their own.
  package static let blank = Color(0xE6E6E3)
  /// Of cells that should have a value and have none.
  package static let faint = Color(0xF5F5F3)
}

extension Color {
  /// Red, green and blue, each 0...255.
  package var channels: [UInt8] {
    [16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }

  /// `#rrggbb`.
  package var css: String {
    let digits = String(value, radix: 16)
    return "#" + String(repeating: "0", count: 6 - digits.count) + digits
  }

  /// Whether text on it must be light: its luma (ITU-R BT.601) is under a half.
  package var isDark: Bool {
    let weights = [0.299, 0.587, 0.114]
    return zip(channels, weights).reduce(0) { $0 + Double($1.0) * $1.1 } < 140
  }

  /// The colour `share` of the way to `other`.
  package func mixed(with other: Color, _ share: Double) -> Color {
    let parts = zip(channels, other.channels).map { own, other in
      UInt32((Double(own) + (Double(other) - Double(own)) * share).rounded())
    }
    return Color(parts.reduce(0) { $0 << 8 | $1 })
  }
}

/// A ramp of one hue from near white to dark blue.
///
/// Its lightness falls in even steps (OKLab L from .985 to .27), so that equal differences look
/// equal, in grey print and to the colour-blind too.
package enum ColorRamp {
  private static let stops: [UInt32] = [
    0xF8FBFC, 0xD0EBFD, 0xACD9FA, 0x8CC7F5, 0x70B4EC, 0x58A0E1, 0x458DD2, 0x3779C0, 0x2E66AA,
    0x295492, 0x244477, 0x20345B, 0x1B263E,
  ]

  /// The colour of `share`, of which what lies beyond 0...1 has the colour of the end.
  package static func color(_ share: Double) -> Color {
    let place = min(max(share, 0), 1) * Double(stops.count - 1)
    let lower = min(Int(place), stops.count - 2)
    return Color(stops[lower]).mixed(with: Color(stops[lower + 1]), place - Double(lower))
  }
}
