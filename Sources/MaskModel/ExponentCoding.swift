public import ByteFormats

/// Counts by exponent field as bytes.
///
/// Totals: for every field that occurs, LEB128 distance from the field after the previous one, then
/// LEB128 count. Counts of a mask: one LEB128 for every field of which the total is not zero.
public enum ExponentCoding {
  /// The bytes of 256 totals.
  public static func encode(totals: [Int]) -> [UInt8] {
    precondition(totals.count == 256, "there are 256 exponent fields")
    var writer = ByteWriter()
    var next = 0
    for (field, total) in totals.enumerated() where total > 0 {
      writer.append(varint: UInt64(field - next))
      writer.append(varint: UInt64(total))
      next = field + 1
    }
    return writer.bytes
  }

  /// The 256 totals of `bytes`.
  public static func totals(_ bytes: [UInt8]) throws(FormatError) -> [Int] {
    var reader = ByteReader(bytes.span)
    var totals = [Int](repeating: 0, count: 256)
    var next = 0
    while reader.remaining > 0 {
      let distance = try reader.varint()
      guard distance < UInt64(256 - next), let total = Int(exactly: try reader.varint()) else {
        throw FormatError(.numberOutOfRange, at: reader.offset)
      }
      let field = next + Int(distance)
      totals[field] = total
      next = field + 1
    }
    return totals
  }

  /// The bytes of a mask's counts.
  ///
  /// - Throws: `FormatError` where one is more than its total.
  public static func encode(counts: [Int], totals: [Int]) throws(FormatError) -> [UInt8] {
    var writer = ByteWriter()
    for (count, total) in zip(counts, totals) where count != 0 || total > 0 {
      guard (0...max(total, 0)).contains(count) else {
        throw FormatError(.numberOutOfRange, at: writer.bytes.count)
      }
      writer.append(varint: UInt64(count))
    }
    return writer.bytes
  }

  /// A mask's 256 counts of `bytes`.
  public static func counts(_ bytes: [UInt8], totals: [Int]) throws(FormatError) -> [Int] {
    var reader = ByteReader(bytes.span)
    var counts = [Int](repeating: 0, count: 256)
    for field in 0..<256 where totals[field] > 0 {
      let count = try reader.varint()
      guard count <= UInt64(totals[field]) else {
        throw FormatError(.numberOutOfRange, at: reader.offset)
      }
      counts[field] = Int(count)
    }
    try reader.finish()
    return counts
  }
}
