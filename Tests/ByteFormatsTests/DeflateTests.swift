import ByteFormats
import Testing

@Suite struct DeflateTests {
  @Test func `checksums are those of the standards' examples`() {
    #expect(CRC32.of(Array("123456789".utf8)) == 0xCBF4_3926)
    #expect(Adler32.of(Array("Wikipedia".utf8)) == 0x11E6_0398)
    #expect(CRC32.of([]) == 0 && Adler32.of([]) == 1)
  }

  @Test func `everything comes back as it was`() {
    var word: UInt64 = 7
    func next() -> UInt64 {
      word = word &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return word >> 33
    }
    for length in [0, 1, 2, 3, 4, 257, 258, 259, 260, 516, 517, 1000, 70_000] {
      for letters: UInt64 in [1, 2, 5, 256] {
        let bytes = (0..<length).map { _ in UInt8(next() % letters) }
        let stream = Deflate.zlib(bytes)
        #expect(Inflate.zlib(stream) == bytes, "\(length) bytes of \(letters) letters")
        let sum = stream.suffix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        #expect(sum == Adler32.of(bytes))
      }
    }
  }

  @Test func `repetitions are found at every distance of the window`() {
    for gap in [1, 2, 4, 5, 24, 25, 4096, 32_000, 32_765, 32_766, 33_000] {
      let word: [UInt8] = [200, 201, 202, 203, 204]
      let bytes = word + (0..<gap).map { UInt8($0 % 97) } + word
      #expect(Inflate.zlib(Deflate.zlib(bytes)) == bytes)
    }
  }

  @Test func `one colour takes little room`() {
    #expect(Deflate.zlib([UInt8](repeating: 0, count: 1_000_000)).count < 10_000)
  }
}
