internal import ByteFormats
internal import MaskModel
internal import SystemPackage

/// The set positions of one tensor in a mask file.
protocol TensorBits: Sendable {
  /// Sets the bits of segment `index` of a tensor of `positions` in `words`, which are zero.
  ///
  /// - Throws: where the file cannot be read or holds what is no mask.
  func fill(_ words: inout WordBuffer, segment index: Int, positions: Int) throws
}

/// One byte of 0 or 1 for every position.
struct ByteBits: TensorBits {
  let file: ReadableFile
  let offset: Int
  let name: String

  func fill(_ words: inout WordBuffer, segment index: Int, positions: Int) throws {
    let range = SegmentGrid.range(index, positions: positions)
    for start in stride(from: range.lowerBound, to: range.upperBound, by: 1 << 16) {
      let end = min(start + (1 << 16), range.upperBound)
      var bytes = try file.bytes(offset + start..<offset + end)
      guard words.pack(&bytes, at: start - range.lowerBound) else { throw noMask(name, in: file) }
    }
  }
}

extension TensorBits {
  /// Bytes of the tensor `name` in `file` are not those of a mask.
  func noMask(_ name: String, in file: ReadableFile) -> MaskImportError {
    MaskImportError(file.path, "\(name) has bytes other than 0 and 1; it is no mask")
  }
}

extension WordBuffer {
  /// Sets the bits from `position` on, a multiple of 64, of which `bytes` has one a byte; false where one
  /// is other than 0 and 1.
  ///
  /// A multiplication gathers the lowest bits of eight bytes in the highest byte.
  mutating func pack(_ bytes: inout [UInt8], at position: Int) -> Bool {
    bytes += repeatElement(0, count: -bytes.count & 7)
    let source = unsafe bytes.span.bytes
    var target = mutableSpan
    var seen: UInt64 = 0
    for place in 0..<bytes.count / 8 {
      let eight = UInt64(
        littleEndian: unsafe source.unsafeLoadUnaligned(fromByteOffset: 8 * place, as: UInt64.self)
      )
      seen |= eight
      let bits = (eight &* 0x0102_0408_1020_4080) >> 56
      target[position / 64 + place / 8] |= bits << UInt64(8 * (place % 8))
    }
    return seen & ~0x0101_0101_0101_0101 == 0
  }
}

/// Eight positions a byte, the first the most significant, from bit `start` of the file on.
struct PackedTensorBits: TensorBits {
  let file: ReadableFile
  let start: Int

  func fill(_ words: inout WordBuffer, segment index: Int, positions: Int) throws {
    let range = SegmentGrid.range(index, positions: positions)
    let first = start + range.lowerBound
    let bytes = try file.bytes(first / 8..<(start + range.upperBound + 7) / 8)
    let shift = UInt64(first % 8)
    var target = words.mutableSpan
    for place in 0..<SegmentGrid.words(for: range.count) {
      var word: UInt64 = 0
      for byte in 8 * place..<8 * place + 8 {
        word = word << 8 | UInt64(byte < bytes.count ? bytes[byte] : 0)
      }
      if shift > 0 {
        let next = 8 * place + 8 < bytes.count ? bytes[8 * place + 8] : 0
        word = word << shift | UInt64(next) >> (8 - shift)
      }
      target[place] = MaskChunk.reversed(word.byteSwapped)
    }
    words.clear(from: range.count)
  }
}

/// A portable roaring bitmap.
struct RoaringBits: TensorBits {
  let path: FilePath
  let width: RoaringWidth
  private let reader: RoaringFileReader

  init(_ path: FilePath, positions: Int, width: RoaringWidth) throws {
    self.path = path
    self.width = width
    reader = try RoaringFileReader(opening: path, positions: positions, width: width)
  }

  func fill(_ words: inout WordBuffer, segment index: Int, positions: Int) throws {
    _ = try reader.read(segment: index, into: &words)
  }
}

/// No position at all.
struct NoBits: TensorBits {
  func fill(_ words: inout WordBuffer, segment index: Int, positions: Int) {}
}
