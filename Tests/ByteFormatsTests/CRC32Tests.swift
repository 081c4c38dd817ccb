import ByteFormats
import Testing

@Suite struct CRC32Tests {
  @Test func `is that of the standard's example`() {
    #expect(CRC32.of(Array("123456789".utf8)) == 0xCBF4_3926)
    #expect(CRC32.of([]) == 0 && CRC32().value == 0)
  }

  @Test func `parts give what the whole gives, empty ones among them`() {
    let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 * $0) }
    for step in [1, 7, 8, 9, 64, 999] {
      var sum = CRC32()
      for start in stride(from: 0, to: bytes.count, by: step) {
        sum.update(unsafe bytes[start..<min(start + step, bytes.count)].span.bytes)
        sum.update(unsafe [UInt8]().span.bytes)
      }
      #expect(sum.value == CRC32.of(bytes))
    }
  }
}
