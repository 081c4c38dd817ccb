import ByteFormats
import Testing

@Suite struct TableFileTests {
  @Test func `fields are quoted where RFC 4180 asks for it`() {
    #expect(CSVLine.of(["a", "b c", ""]) == "a,b c,\r\n")
    #expect(CSVLine.of(["a,b", "say \"x\"", "1\n2"]) == "\"a,b\",\"say \"\"x\"\"\",\"1\n2\"\r\n")
    #expect(CSVLine.of(["\"", "\r"]) == "\"\"\"\",\"\r\"\r\n")
    // A combining mark behind a quote makes one character of both, and no other field.
    let marked = Array(CSVLine.of(["a\"\u{301},b"]).unicodeScalars)
    #expect(marked == Array("\"a\"\"\u{301},b\"\r\n".unicodeScalars))
  }

  @Test func `an array begins with a header of a multiple of 64 bytes`() {
    let bytes = NumpyArray([1, -1], shape: [2]).bytes
    #expect(bytes.count == 128 + 16)
    #expect(Array(bytes[..<8]) == [0x93, 78, 85, 77, 80, 89, 1, 0])
    let header = String(decoding: bytes[10..<128], as: UTF8.self)
    #expect(header.hasPrefix("{'descr': '<i8', 'fortran_order': False, 'shape': (2,), }"))
    #expect(header.hasSuffix(" \n"))
    #expect(Array(bytes[128...]) == [1, 0, 0, 0, 0, 0, 0, 0] + [UInt8](repeating: 255, count: 8))
  }

  @Test func `texts are padded to the longest and missing numbers are NaN`() {
    #expect(NumpyArray(["é", ""], shape: [2]).bytes.suffix(8) == [0xE9, 0, 0, 0, 0, 0, 0, 0])
    let missing = NumpyArray([nil as Double?], shape: [1]).bytes.suffix(8)
    #expect(Double(bitPattern: missing.reversed().reduce(0) { $0 << 8 | UInt64($1) }).isNaN)
  }

  @Test func `an archive of two files has two entries and an end`() {
    var zip = ZipWriter()
    var archive = ByteWriter()
    zip.add("a", [1, 2, 3], to: &archive)
    zip.add("bc", [], to: &archive)
    zip.finish(in: &archive)
    let bytes = archive.bytes
    #expect(bytes.count == (30 + 1 + 3) + (30 + 2) + (46 + 1) + (46 + 2) + 22)
    #expect(Array(bytes[..<4]) == [0x50, 0x4B, 3, 4])
    #expect(Array(bytes.suffix(22).prefix(4)) == [0x50, 0x4B, 5, 6])
  }
}
