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
    #expect(CountCoding.encode([UInt32](repeating: 0, count: 96)).count == 3)
  }

  @Test func `the bytes are those that are specified`() throws {
    // The mean is 5; 0 and 2 are -5 and -3: the numbers are 9, 5, 2 and 10, and 5 divides them best.
    // 9 = 5 + 4: 0, 1, then 111; 5 = 5 + 0: 0, 1, then 00; 2: 1, then 01; 10 = 5 + 5 + 0: 0, 0, 1, then 00.
    let bytes: [UInt8] = [4, 5, 5, 0b0101_1110, 0b0100_1010, 0b0000_0000]
    #expect(CountCoding.encode([0, 2, 6, 10]) == bytes)
    #expect(try CountCoding.decode(bytes, expected: 4) == [0, 2, 6, 10])
  }

  @Test func `any bytes are refused or are counts`() {
    var random = SplitMix64(state: 8)
    for _ in 0..<20_000 {
      let number = Int(random.next() % 12)
      let head = [UInt8(number), UInt8(random.next() % 4), UInt8(random.next() % 8)]
      let rest = (0..<Int(random.next() % 9)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      guard let counts = try? CountCoding.decode(head + rest, expected: number) else { continue }
      #expect(counts.count == number)
    }
  }

  @Test func `counts around a mean take what they hold`() {
    var random = SplitMix64(state: 9)
    // The sum of sixteen numbers below 256: a deviation of 295.6, so some 10.25 bits each.
    let counts = (0..<4096).map { _ in
      (0..<16).reduce(UInt32(0)) { sum, _ in sum + UInt32(random.next() % 256) }
    }
    let bits = Double(CountCoding.encode(counts).count * 8) / 4096
    #expect((10.2..<10.7).contains(bits), "\(bits) bits a count")
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
    #expect(try CountCoding.decode(most + [0b1], expected: 1) == [.max])
    #expect(try CountCoding.decode(most + [0b10], expected: 1) == [.max - 1])
    #expect(throws: FormatError.self) { try CountCoding.decode(most + [0b100], expected: 1) }
    #expect(throws: FormatError.self) { try CountCoding.decode([1, 0, 1, 0b10], expected: 1) }
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
