internal import ByteFormats

/// A drawing with what a file of it says of itself.
struct Picture: Sendable {
  let drawing: Drawing
  /// The headline.
  let title: String
  /// Everything else that must be known of it.
  let description: String
  /// The version of maskdb.
  let version: String
}

extension Picture {
  /// The picture as SVG.
  var svg: [UInt8] {
    let text = "\(description) maskdb \(version)."
    return Array(SVGWriter.document(drawing, title: title, description: text).utf8)
  }

  /// The picture as PNG, two pixels to one of the screen, or fewer where it is very large.
  var png: [UInt8] {
    let scale = max(drawing.width, drawing.height) > 3000 ? 1.0 : 2
    let canvas = Canvas(drawing, scale: scale)
    let texts = [
      ("Title", title), ("Description", description), ("Software", "maskdb \(version)"),
    ]
    return PNGFile(
      width: canvas.width,
      pixels: canvas.pixels,
      pixelsPerInch: 96 * scale,
      texts: texts
    ).bytes
  }
}
