/// A PNG image of 8-bit red, green and blue, after ISO/IEC 15948.
public struct PNGFile: Sendable {
  /// The file.
  public let bytes: [UInt8]

  /// An image `width` pixels wide of `pixels`, three bytes each, row by row.
  ///
  /// - Parameters:
  ///   - width: the pixels of a row.
  ///   - pixels: whole rows.
  ///   - pixelsPerInch: how densely it is to be printed.
  ///   - texts: what the file says of itself, by keywords such as `Title`.
  public init(
    width: Int,
    pixels: [UInt8],
    pixelsPerInch: Double,
    texts: [(keyword: String, text: String)]
  ) {
    precondition(width > 0 && pixels.count.isMultiple(of: 3 * width), "an image has whole rows")
    let height = pixels.count / (3 * width)
    let perMeter = UInt32((pixelsPerInch / 0.0254).rounded())
    let size = Self.bigEndian(UInt32(width)) + Self.bigEndian(UInt32(height))
    let density = Self.bigEndian(perMeter) + Self.bigEndian(perMeter) + [1]
    bytes =
      [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
      + Self.chunk("IHDR", size + [8, 2, 0, 0, 0]) + Self.chunk("pHYs", density)
      + texts.flatMap { Self.chunk("iTXt", Self.text($0.keyword, $0.text)) }
      + Self.chunk("IDAT", Deflate.zlib(Self.filtered(pixels, rowLength: 3 * width)))
      + Self.chunk("IEND", [])
  }

  private static func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
    let body = Array(type.utf8) + data
    return Self.bigEndian(UInt32(data.count)) + body + Self.bigEndian(CRC32.of(body))
  }

  /// `value`, the most significant byte first.
  private static func bigEndian(_ value: UInt32) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }

  /// UTF-8 text that is not compressed, without language.
  private static func text(_ keyword: String, _ text: String) -> [UInt8] {
    Array(keyword.utf8) + [0, 0, 0, 0, 0] + Array(text.utf8)
  }

  /// The rows, each after filter 2: what it differs by from the row above.
  private static func filtered(_ pixels: [UInt8], rowLength: Int) -> [UInt8] {
    var rows: [UInt8] = []
    rows.reserveCapacity(pixels.count + pixels.count / rowLength)
    for start in stride(from: 0, to: pixels.count, by: rowLength) {
      rows.append(2)
      for place in start..<start + rowLength {
        rows.append(pixels[place] &- (start > 0 ? pixels[place - rowLength] : 0))
      }
    }
    return rows
  }
}
