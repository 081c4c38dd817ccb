import ByteFormats
import MaskModel
import Testing

struct CountCodingTests {
  @Test(arguments: [0, 1, 63, 64, 65, 4096])
  func `counts come back`(number: Int) throws {
    var random = SplitMix64(state: UInt64(number))
    for width in [0, 1, 7, 8, 9, 31, 32] {
      let counts = (0..<number).map { _ in
        width == 0 ? 5 : UInt32(truncatingIfNeeded: random.next() >> UInt64(64 - width))
      }
      let bytes = CountCoding.encode(counts)
      #expect(try CountCoding.decode(bytes, expected: number) == counts)
    }
  }

  @Test func `equal counts take no bits`() {
    #expect(CountCoding.encode([UInt32](repeating: 4096, count: 1000)).count == 5)
  }

  @Test func `another number of counts, cut bytes and bytes too many are refused`() {
    let bytes = CountCoding.encode([1, 2, 3])
    #expect(throws: FormatError.self) { try CountCoding.decode(bytes, expected: 4) }
    #expect(throws: FormatError.self) { try CountCoding.decode(bytes + [0], expected: 3) }
    for length in bytes.indices {
      #expect(throws: FormatError.self) {
        try CountCoding.decode(Array(bytes[..<length]), expected: 3)
      }
    }
  }

  @Test func `a count of more than 32 bits is refused`() throws {
    let most: [UInt8] = [1, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 1]
    #expect(try CountCoding.decode(most + [0], expected: 1) == [.max])
    #expect(throws: FormatError.self) { try CountCoding.decode(most + [1], expected: 1) }
  }

  @Test func `more counts than are ever written are refused`() {
    let many: [UInt8] = [UInt8](repeating: 0xFF, count: 8) + [0x7F, 0, 32]
    #expect(throws: FormatError.self) { try CountCoding.decode(many, expected: .max) }
  }

  @Test func `exponent counts come back beside their totals`() throws {
    var totals = [Int](repeating: 0, count: 256)
    for (field, total) in [(0, 3), (17, 1 << 40), (126, 1), (255, 9)] { totals[field] = total }
    let counts = totals.map { $0 / 2 }
    #expect(try ExponentCoding.totals(ExponentCoding.encode(totals: totals)) == totals)
    let bytes = try ExponentCoding.encode(counts: counts, totals: totals)
    #expect(try ExponentCoding.counts(bytes, totals: totals) == counts)
  }

  @Test func `more positions of a binade than the base has are refused`() {
    var totals = [Int](repeating: 0, count: 256)
    totals[100] = 5
    #expect(throws: FormatError.self) { try ExponentCoding.counts([6], totals: totals) }
    var counts = totals
    counts[100] = 6
    #expect(throws: FormatError.self) { try ExponentCoding.encode(counts: counts, totals: totals) }
    (counts[100], counts[7]) = (5, 1)
    #expect(throws: FormatError.self) { try ExponentCoding.encode(counts: counts, totals: totals) }
  }
}
