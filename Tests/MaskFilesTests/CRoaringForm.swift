import MaskModel

/// What CRoaring makes of bits: the independent check of our own bytes.
enum CRoaringForm {
  /// The run-optimised portable bytes of the 32-bit bitmap of `bits`.
  ///
  /// Where runs take exactly the bytes of an array, CRoaring 0.2 chooses runs and 5 the array, as we
  /// do. Such containers are therefore left as they are, whatever the version.
  static func bytes(of bits: Bits) -> [UInt8] {
    let ties = Set((0..<(bits.count + 65535) / 65536).filter { isTie($0, of: bits) })
    var optimized = bitmap(of: bits) { !ties.contains($0) }
    optimized.optimize()
    return optimized.union(bitmap(of: bits, where: ties.contains)).portableBytes()
  }

  private static func words(of container: Int, in bits: Bits) -> ArraySlice<UInt64> {
    bits.words[container * 1024..<min((container + 1) * 1024, bits.words.count)]
  }

  private static func isTie(_ container: Int, of bits: Bits) -> Bool {
    let words = words(of: container, in: bits)
    let count = words.reduce(0) { $0 + $1.nonzeroBitCount }
    guard (1...4096).contains(count) else { return false }
    var (runs, last) = (0, UInt64(0))
    for word in words {
      runs += (word & ~(word << 1 | last >> 63)).nonzeroBitCount
      last = word
    }
    return count * 2 == 2 + runs * 4
  }

  private static func bitmap(of bits: Bits, where includes: (Int) -> Bool) -> RoaringBitmap {
    var bitmap = RoaringBitmap()
    for container in 0..<(bits.count + 65535) / 65536 where includes(container) {
      let words = Array(words(of: container, in: bits))
      bitmap.insert(words: words.span, from: UInt32(container * 65536))
    }
    return bitmap
  }

  /// The run-optimised portable bytes of the bitmap of `positions`.
  static func bytes(of positions: [UInt32]) -> [UInt8] {
    var bitmap = RoaringBitmap()
    bitmap.insert(positions.span)
    bitmap.optimize()
    return bitmap.portableBytes()
  }
}
