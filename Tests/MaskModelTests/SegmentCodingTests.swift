import MaskModel
import Testing

/// Bits of every density and structure, at lengths that straddle bytes, words, containers, segments.
struct SegmentCodingTests {
  static let lengths = [
    1, 7, 8, 9, 63, 64, 65, 127, 128, 129, 4095, 4096, 4097, 65535, 65536, 65537,
    SegmentGrid.length - 1, SegmentGrid.length,
  ]
  static let densities = [0, 0.0001, 0.01, 0.05, 0.1, 0.3, 0.5, 0.7, 0.95, 0.999, 1]

  @Test(arguments: lengths)
  func `every segment comes back bit for bit`(length: Int) throws {
    var encoder = SegmentEncoder()
    var decoder = SegmentDecoder()
    for (seed, density) in Self.densities.enumerated() {
      let words = randomWords(length, density: density, seed: UInt64(seed))
      let segment = encoder.encode(words, positions: length)
      var decoded = WordBuffer()
      decoded.insert(SegmentGrid.length - 1)  // leftovers must go
      try decode(segment, length, with: &decoder, into: &decoded)
      let isEqual = equal(words, decoded)
      let count = Kernels.count(words.span)
      #expect(isEqual)
      #expect(segment.count == count)
    }
  }

  @Test func `empty and full segments take no bytes`() {
    var encoder = SegmentEncoder()
    let empty = encoder.encode(WordBuffer(), positions: 1000)
    let full = encoder.encode(randomWords(1000, density: 1, seed: 0), positions: 1000)
    #expect(empty.coding == .empty && empty.bytes.isEmpty)
    #expect(full.coding == .full && full.bytes.isEmpty)
  }

  @Test func `the bytes of few bits are those that are specified`() {
    var encoder = SegmentEncoder()
    var words = WordBuffer()
    for position in [2, 9, 10, 40, 99] { words.insert(position) }
    // 5 of 100: 14 divides the gaps best; the remainders 0 and 1 take three bits, others four.
    // 2: 1, 010, 0; 6: 1, 001, 0; 0: 1, 000; 29 = 28 + 1: 001, 100; 58 = 56 + 2: 00001, 010, 0; 0: 1, 000.
    let segment = encoder.encode(words, positions: 100)
    #expect(segment.coding == .golomb)
    #expect(segment.bytes == [14, 0b0010_0101, 0b101, 0b11, 0b0010_0101, 0])
  }

  @Test(arguments: [200_006, 900_007], [0.8, 0.9, 0.96, 0.995, 0.9999])
  func `a bit past the last position is refused, in a complement as well`(
    length: Int,
    density: Double
  ) throws {
    var encoder = SegmentEncoder()
    var decoder = SegmentDecoder()
    var decoded = WordBuffer()
    var words = randomWords(length, density: density, seed: 7)
    words.clear(from: length - 1)  // set in the complement, and past the end of one position less
    let segment = encoder.encode(words, positions: length)
    try decode(segment, length, with: &decoder, into: &decoded)
    let isTaken = (try? decode(segment, length - 1, with: &decoder, into: &decoded)) != nil
    #expect("\(segment.coding)".hasPrefix("complement"))
    #expect(!isTaken, "\(segment.coding)")
  }

  @Test func `damaged bytes are refused and never crash`() throws {
    var encoder = SegmentEncoder()
    var decoder = SegmentDecoder()
    var random = SplitMix64(state: 3)
    for (density, length) in [0.002, 0.06, 0.3, 0.97].flatMap({ [($0, 70_000), ($0, 3000)] }) {
      let words = randomWords(length, density: density, seed: 1)
      let segment = encoder.encode(words, positions: length)
      for _ in 0..<200 {
        var bytes = segment.bytes
        let place = Int(random.next() % UInt64(bytes.count))
        bytes[place] ^= UInt8(truncatingIfNeeded: random.next() % 255 + 1)
        if random.next() % 4 == 0 { bytes.removeLast(Int(random.next() % UInt64(bytes.count))) }
        let damaged = EncodedSegment(
          coding: segment.coding,
          count: segment.count,
          checksum: segment.checksum,
          bytes: bytes
        )
        var decoded = WordBuffer()
        let isSame = (try? decode(damaged, length, with: &decoder, into: &decoded)) != nil
        // A change of bytes that zstd does not read may leave the bits as they were.
        let isHarmless = !isSame || equal(words, decoded)
        #expect(isHarmless)
      }
    }
  }

  @Test func `a wrong count, a wrong checksum and an unknown coding are named`() {
    var encoder = SegmentEncoder()
    let segment = encoder.encode(randomWords(999, density: 0.2, seed: 2), positions: 999)
    #expect(
      refusal(segment, count: segment.count + 1)
        == .wrongCount(expected: segment.count + 1, found: segment.count)
    )
    #expect(refusal(segment, checksum: segment.checksum ^ 1) == .wrongChecksum)
    #expect(refusal(segment, coding: 99) == .unknownCoding(99))
  }

  @Test(arguments: [false, true])
  func `folded bits are those of the specification`(isComplement: Bool) throws {
    // Positions 0 and 64 are a pair, 1 and 65 the next; of 130 positions the last two have no partner.
    let positions = [0, 64, 65, 129]
    let bytes: [UInt8] =
      [2, 16, 0b11, 0, 0, 0, 0, 0, 0, 0, 0b10, 0, 0, 0, 0, 0, 0, 0]  // joined: 0, 1 and 65
      + [2, 1, 0b001]  // the first of them in both
      + [2, 0b10]  // the second in the later word, the third in the earlier
    var words = WordBuffer()
    var raw = WordBuffer()
    for position in 0..<130 where positions.contains(position) != isComplement {
      raw.insert(position)
    }
    var encoder = SegmentEncoder()
    let stored = encoder.encode(raw, positions: 130)
    let segment = EncodedSegment(
      coding: isComplement ? .complementFolded : .folded,
      count: stored.count,
      checksum: stored.checksum,
      bytes: bytes
    )
    var decoder = SegmentDecoder()
    try decode(segment, 130, with: &decoder, into: &words)
    let isEqual = equal(words, raw)
    #expect(isEqual)
  }

  @Test func `folds stand three deep and no deeper`() throws {
    let nothing: [UInt8] = [0, 0, 0]
    func folded(_ depth: Int) -> [UInt8] {
      let joined = depth == 1 ? [] : folded(depth - 1)
      let coding = depth == 1 ? SegmentCoding.empty : .folded
      return [UInt8(coding.rawValue), UInt8(joined.count)] + joined + nothing
    }
    var encoder = SegmentEncoder()
    let empty = encoder.encode(WordBuffer(), positions: 999)
    for depth in 1...5 {
      let segment = EncodedSegment(
        coding: .folded,
        count: 0,
        checksum: empty.checksum,
        bytes: folded(depth)
      )
      #expect(refusal(segment) == (depth <= 3 ? nil : .damaged(.folded)))
    }
  }

  private func refusal(
    _ segment: EncodedSegment,
    coding: Int? = nil,
    count: Int? = nil,
    checksum: UInt64? = nil
  ) -> SegmentError? {
    var decoder = SegmentDecoder()
    var words = WordBuffer()
    let header = SegmentHeader(
      coding: coding ?? segment.coding.rawValue,
      count: count ?? segment.count,
      checksum: checksum ?? segment.checksum
    )
    return segment.bytes.withUnsafeBytes { bytes in
      do throws(SegmentError) {
        try decoder.decode(header, bytes: bytes, positions: 999, into: &words)
        return nil
      } catch {
        return error
      }
    }
  }
}

func decode(
  _ segment: EncodedSegment,
  _ positions: Int,
  with decoder: inout SegmentDecoder,
  into words: inout WordBuffer
) throws {
  let header = SegmentHeader(
    coding: segment.coding.rawValue,
    count: segment.count,
    checksum: segment.checksum
  )
  try segment.bytes.withUnsafeBytes {
    try decoder.decode(header, bytes: $0, positions: positions, into: &words)
  }
}

func equal(_ left: borrowing WordBuffer, _ right: borrowing WordBuffer) -> Bool {
  (0..<left.count).allSatisfy { left.span[$0] == right.span[$0] }
}

/// `length` bits, each set with probability `density`, the same for the same seed.
func randomWords(_ length: Int, density: Double, seed: UInt64) -> WordBuffer {
  var random = SplitMix64(state: seed)
  var words = WordBuffer()
  let bound = density >= 1 ? UInt64.max : UInt64(density * 0x1p64)
  for position in 0..<length where density >= 1 || random.next() < bound { words.insert(position) }
  return words
}

/// Steele, Lea and Flood's generator (OOPSLA 2014): seeded and the same everywhere.
struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
