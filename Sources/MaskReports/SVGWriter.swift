internal import Foundation

/// Writes a drawing as SVG 1.1, with fonts that every system has.
enum SVGWriter {
  /// The document of `drawing`, whose `title` and `description` readers of screens speak.
  static func document(_ drawing: Drawing, title: String, description: String) -> String {
    let size = "width=\"\(number(drawing.width))\" height=\"\(number(drawing.height))\""
    let box = "viewBox=\"0 0 \(number(drawing.width)) \(number(drawing.height))\""
    let lines =
      [
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
        "<svg xmlns=\"http://www.w3.org/2000/svg\" \(size) \(box) role=\"img\" "
          + "font-family=\"Helvetica, Arial, 'Liberation Sans', sans-serif\">",
        "<title>\(escaped(title))</title>", "<desc>\(escaped(description))</desc>",
        "<rect width=\"100%\" height=\"100%\" fill=\"\(Color.paper.css)\"/>",
      ] + drawing.shapes.map(element) + ["</svg>"]
    return lines.joined(separator: "\n") + "\n"
  }

  private static func element(_ shape: Drawing.Shape) -> String {
    switch shape {
    case .rectangle(let corner, let width, let height, let color):
      "<rect x=\"\(number(corner.x))\" y=\"\(number(corner.y))\" width=\"\(number(width))\" "
        + "height=\"\(number(height))\" fill=\"\(color.css)\"/>"
    case .path(let points, let width, let color):
      "<polyline points=\"\(points.map { "\(number($0.x)),\(number($0.y))" }.joined(separator: " "))"
        + "\" fill=\"none\" stroke=\"\(color.css)\" stroke-width=\"\(number(width))\" "
        + "stroke-linejoin=\"round\" stroke-linecap=\"round\"/>"
    case .label(let label): element(label)
    }
  }

  private static func element(_ label: Drawing.Label) -> String {
    let (x, y) = (number(label.place.x), number(label.place.y))
    let turn = label.isUpright ? " transform=\"rotate(-90 \(x) \(y))\"" : ""
    let weight = label.isBold ? " font-weight=\"bold\"" : ""
    let anchor = label.anchor == .start ? "" : " text-anchor=\"\(label.anchor.rawValue)\""
    return "<text x=\"\(x)\" y=\"\(y)\" font-size=\"\(number(label.size))\""
      + " fill=\"\(label.color.css)\"\(anchor)\(weight)\(turn)>\(escaped(label.text))</text>"
  }

  /// `value` with at most two decimals.
  private static func number(_ value: Double) -> String {
    let text = String(format: "%.2f", value)
    return text.hasSuffix(".00") ? String(text.dropLast(3)) : text
  }

  /// `text` as XML has it, without what XML 1.0 cannot hold.
  static func escaped(_ text: String) -> String {
    text.printable.unicodeScalars.reduce(into: "") { text, scalar in
      switch scalar {
      case "&": text += "&amp;"
      case "<": text += "&lt;"
      case ">": text += "&gt;"
      case "\"": text += "&quot;"
      case "\u{FFFE}", "\u{FFFF}": text += "\u{FFFD}"
      default: text.unicodeScalars.append(scalar)
      }
    }
  }
}
