internal import ByteFormats
internal import Checkpoints
internal import MaskModel

/// A stretch of positions in the form that a file holds them.
struct MaskChunk: ~Copyable {
  /// The positions of a whole chunk.
  static let positions = 1 << 18
  /// Room for the widest form: 8 bytes a position.
  private var output = WordBuffer(count: positions)
  private var byteCount = 0

  /// What was filled in last.
  var bytes: RawSpan {
    @_lifetime(borrow self)
    borrowing get { unsafe output.span.bytes.extracting(first: byteCount) }
  }

  /// Expands the bits of `range`, which begins with a whole word.
  mutating func fillBools(from words: Span<UInt64>, _ range: Range<Int>) {
    byteCount = range.count
    var span = output.mutableSpan
    BoolExpansion.expand(words, in: Self.words(of: range), into: &span)
  }

  /// Turns the bits of every byte round, so that the first is the most significant.
  mutating func fillPacked(from words: Span<UInt64>, _ range: Range<Int>) {
    byteCount = (range.count + 7) / 8
    var span = output.mutableSpan
    for (place, index) in Self.words(of: range).enumerated() {
      span[place] = Self.reversed(words[index]).littleEndian
    }
  }

  /// Lists the set positions, `origin` further on.
  mutating func fillIndices(
    from words: Span<UInt64>,
    _ range: Range<Int>,
    origin: Int,
    width: Int
  ) {
    var count = 0
    var span = output.mutableSpan
    for index in Self.words(of: range) {
      var word = words[index]
      while word != 0 {
        let position = UInt64(origin + index * 64 + word.trailingZeroBitCount)
        if width == 8 {
          span[count] = position.littleEndian
        } else if count % 2 == 0 {
          span[count / 2] = position.littleEndian
        } else {
          span[count / 2] = (span[count / 2].littleEndian | position << 32).littleEndian
        }
        count += 1
        word &= word - 1
      }
    }
    byteCount = count * width
  }

  /// Copies the stored bytes of the values at the set positions.
  mutating func fillValues(
    from words: Span<UInt64>,
    _ range: Range<Int>,
    origin: Int,
    of tensor: StoredTensor,
    in checkpoint: Checkpoint
  ) throws {
    let width = tensor.type.bitWidth / 8
    let elements = (origin + range.lowerBound..<origin + range.upperBound)
      .clamped(to: 0..<tensor.shape.count)
    let values = try checkpoint.bytes(of: tensor, elements: elements)
    let source = unsafe values.span.bytes
    var span = output.mutableSpan
    var target = unsafe span.mutableBytes
    var end = 0
    for index in Self.words(of: range) {
      var word = words[index]
      while word != 0 {
        let start = (index * 64 + word.trailingZeroBitCount - range.lowerBound) * width
        guard start < values.count else {
          throw MaskFileError.noValues(
            tensor: tensor.name,
            checkpoint: checkpoint.location.reference
          )
        }
        for byte in start..<start + width {
          unsafe target.storeBytes(
            of: source.unsafeLoad(fromByteOffset: byte, as: UInt8.self),
            toByteOffset: end,
            as: UInt8.self
          )
          end += 1
        }
        word &= word - 1
      }
    }
    byteCount = end
  }

  private static func words(of range: Range<Int>) -> Range<Int> {
    range.lowerBound / 64..<(range.upperBound + 63) / 64
  }

  /// The bits of each byte of `word` the other way round: halves, then quarters, then neighbours.
  static func reversed(_ word: UInt64) -> UInt64 {
    var word = word
    word = (word >> 4 & 0x0F0F_0F0F_0F0F_0F0F) | (word & 0x0F0F_0F0F_0F0F_0F0F) << 4
    word = (word >> 2 & 0x3333_3333_3333_3333) | (word & 0x3333_3333_3333_3333) << 2
    return (word >> 1 & 0x5555_5555_5555_5555) | (word & 0x5555_5555_5555_5555) << 1
  }
}
