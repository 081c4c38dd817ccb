import MaskModel

/// What CRoaring makes of bits: the independent check of our own bytes.
enum CRoaringForm {
  /// The run-optimised portable bytes of the 32-bit bitmap of `bits`.
  static func bytes(of bits: Bits) -> [UInt8] {
    var bitmap = RoaringBitmap(words: bits.words.span)
    bitmap.optimize()
    return bitmap.portableBytes()
  }

  /// The run-optimised portable bytes of the bitmap of `positions`.
  static func bytes(of positions: [UInt32]) -> [UInt8] {
    var bitmap = RoaringBitmap()
    bitmap.insert(positions.span)
    bitmap.optimize()
    return bitmap.portableBytes()
  }
}
