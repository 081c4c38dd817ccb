import MaskModel
import Testing

/// Segments that are coded against another.
struct PredictedSegmentTests {
  @Test(arguments: SegmentCodingTests.lengths)
  func `every segment comes back from its reference`(length: Int) throws {
    var encoder = SegmentEncoder()
    var decoder = SegmentDecoder()
    let isLong = length > 70_000
    let densities: [Double] = isLong ? [0.3] : [0, 0.01, 0.3, 0.9, 1]
    for (seed, density) in densities.enumerated() {
      let reference = randomWords(length, density: density, seed: UInt64(seed))
      for change in isLong ? [0.001, 0.2] : [0, 0.001, 0.04, 0.2, 1] {
        let words = changed(reference, length, density: change, seed: 9)
        let segment = encoder.encode(words, positions: length, against: reference)
        var decoded = WordBuffer()
        decoded.insert(SegmentGrid.length - 1)  // leftovers must go
        try decode(segment, length, with: &decoder, against: reference, into: &decoded)
        let isEqual = equal(words, decoded)
        #expect(isEqual)
        let count = Kernels.count(words.span)
        #expect(segment.count == count)
      }
    }
  }

  @Test func `an equal mask takes a few bytes, and an unlike one is coded alone`() {
    var encoder = SegmentEncoder()
    let length = SegmentGrid.length
    let words = randomWords(length, density: 0.2, seed: 1)
    let equal = encoder.encode(words, positions: length, against: words)
    #expect(equal.coding == .predicted && equal.bytes.count < 10)
    let other = encoder.encode(
      randomWords(length, density: 0.2, seed: 2),
      positions: length,
      against: words
    )
    #expect(other.coding != .predicted)
  }

  @Test func `a reference is asked for, and another one is noticed`() throws {
    var encoder = SegmentEncoder()
    var decoder = SegmentDecoder()
    let reference = randomWords(70_000, density: 0.2, seed: 1)
    let words = changed(reference, 70_000, density: 0.01, seed: 2)
    let segment = encoder.encode(words, positions: 70_000, against: reference)
    var decoded = WordBuffer()
    #expect(throws: SegmentError.needsReference) {
      try decode(segment, 70_000, with: &decoder, into: &decoded)
    }
    let another = changed(reference, 70_000, density: 0.0001, seed: 3)
    #expect(throws: SegmentError.self) {
      try decode(segment, 70_000, with: &decoder, against: another, into: &decoded)
    }
  }

  @Test func `every prefix and damaged bytes are refused and never crash`() throws {
    var encoder = SegmentEncoder()
    var decoder = SegmentDecoder()
    var random = SplitMix64(state: 5)
    let length = 5000
    for density in [0.1, 0.2, 0.6] {
      let reference = randomWords(length, density: density, seed: 1)
      let words = changed(reference, length, density: 0.03, seed: 2)
      let segment = encoder.encode(words, positions: length, against: reference)
      #expect(segment.coding == .predicted)
      for size in segment.bytes.indices {
        let bytes = Array(segment.bytes.prefix(size))
        let isSame = reads(bytes, of: segment, length, &decoder, reference, words)
        #expect(isSame == nil)
      }
      for _ in 0..<500 {
        var bytes = segment.bytes
        for _ in 0...random.next() % 3 {
          bytes[Int(random.next() % UInt64(bytes.count))] ^= UInt8(random.next() % 255 + 1)
        }
        #expect(reads(bytes, of: segment, length, &decoder, reference, words) != false)
      }
    }
  }

  @Test func `any bytes under any coding are refused or harmless`() {
    var decoder = SegmentDecoder()
    var random = SplitMix64(state: 6)
    let reference = randomWords(999, density: 0.4, seed: 1)
    for round in 0..<4000 {
      let coding = SegmentCoding.allCases[round % SegmentCoding.allCases.count]
      let bytes = (0..<Int(random.next() % 80)).map { _ in
        UInt8(truncatingIfNeeded: random.next() % (round % 2 == 0 ? 12 : 256))
      }
      let segment = EncodedSegment(coding: coding, count: 17, checksum: 1, bytes: bytes)
      var decoded = WordBuffer()
      #expect(throws: SegmentError.self) {
        try decode(segment, 999, with: &decoder, against: reference, into: &decoded)
      }
    }
  }

  /// Whether damaged bytes give the bits all the same; nil where they are refused.
  private func reads(
    _ bytes: [UInt8],
    of segment: EncodedSegment,
    _ length: Int,
    _ decoder: inout SegmentDecoder,
    _ reference: borrowing WordBuffer,
    _ words: borrowing WordBuffer
  ) -> Bool? {
    let damaged = EncodedSegment(
      coding: segment.coding,
      count: segment.count,
      checksum: segment.checksum,
      bytes: bytes
    )
    var decoded = WordBuffer()
    let isRead =
      (try? decode(damaged, length, with: &decoder, against: reference, into: &decoded)) != nil
    return isRead ? equal(words, decoded) : nil
  }
}

func decode(
  _ segment: EncodedSegment,
  _ positions: Int,
  with decoder: inout SegmentDecoder,
  against reference: borrowing WordBuffer,
  into words: inout WordBuffer
) throws {
  let header = SegmentHeader(
    coding: segment.coding.rawValue,
    count: segment.count,
    checksum: segment.checksum
  )
  try segment.bytes.withUnsafeBytes {
    try decoder.decode(
      header,
      bytes: $0,
      positions: positions,
      against: reference,
      ones: Kernels.count(reference.span),
      into: &words
    )
  }
}

/// `words` with a share of its bits turned over.
func changed(
  _ words: borrowing WordBuffer,
  _ length: Int,
  density: Double,
  seed: UInt64
) -> WordBuffer {
  let noise = randomWords(length, density: density, seed: seed)
  var result = WordBuffer()
  var span = result.mutableSpan
  for index in 0..<words.count { span[index] = words.span[index] ^ noise.span[index] }
  return result
}
