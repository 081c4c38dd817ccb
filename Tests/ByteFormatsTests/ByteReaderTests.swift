import ByteFormats
import Testing

@Suite struct ByteReaderTests {
  @Test func `reads back what was written`() throws {
    var writer = ByteWriter()
    writer.append(UInt8(1))
    writer.append(UInt16(0x0203))
    writer.append(Int32(-2))
    writer.append(UInt64.max)
    writer.append(contentsOf: "é".utf8)
    #expect(writer.bytes.prefix(3) == [1, 3, 2])
    let bytes = writer.bytes
    var reader = ByteReader(bytes.span)
    #expect(try reader.read(UInt8.self) == 1)
    #expect(try reader.read(UInt16.self) == 0x0203)
    #expect(try reader.read(Int32.self) == -2)
    #expect(try reader.read(UInt64.self) == .max)
    #expect(try reader.text(2) == "é")
    try reader.finish()
  }

  @Test(arguments: [0, 1, 127, 128, 300, 16383, 16384, 1 << 62, 1 << 63, .max] as [UInt64])
  func `varints come back as they were`(value: UInt64) throws {
    var writer = ByteWriter()
    writer.append(varint: value)
    let bytes = writer.bytes
    var reader = ByteReader(bytes.span)
    #expect(try reader.varint() == value)
    #expect(reader.remaining == 0)
  }

  @Test(
    arguments: [
      ([], .unexpectedEnd, 0), ([0x80], .unexpectedEnd, 1), ([0x80, 0x00], .invalidNumber, 0),
      ([UInt8](repeating: 0xFF, count: 10), .numberOutOfRange, 0),
      ([UInt8](repeating: 0xFF, count: 9) + [0x02], .numberOutOfRange, 0),
      ([UInt8](repeating: 0x80, count: 11), .numberOutOfRange, 0),
    ] as [([UInt8], FormatError.Reason, Int)]
  )
  func `refuses malformed varints`(bytes: [UInt8], reason: FormatError.Reason, offset: Int) {
    var reader = ByteReader(bytes.span)
    do {
      _ = try reader.varint()
      Issue.record("accepted")
    } catch {
      #expect(error == FormatError(reason, at: offset))
    }
  }

  @Test func `every failure names its offset`() {
    let bytes: [UInt8] = [1, 2, 3, 0xFF]
    func failure(_ read: (inout ByteReader) throws(FormatError) -> Void) -> FormatError? {
      var reader = ByteReader(bytes.span)
      do {
        try read(&reader)
        return nil
      } catch {
        return error
      }
    }
    #expect(
      failure { (r) throws(FormatError) in _ = try r.read(UInt64.self) }
        == .init(.unexpectedEnd, at: 0)
    )
    #expect(
      failure { (r) throws(FormatError) in
        _ = try r.bytes(3)
        _ = try r.read(UInt16.self)
      } == .init(.unexpectedEnd, at: 3)
    )
    #expect(
      failure { (r) throws(FormatError) in _ = try r.bytes(-1) } == .init(.unexpectedEnd, at: 0)
    )
    #expect(
      failure { (r) throws(FormatError) in _ = try r.bytes(.max) } == .init(.unexpectedEnd, at: 0)
    )
    #expect(failure { (r) throws(FormatError) in _ = try r.text(4) } == .init(.invalidUTF8, at: 0))
    #expect(failure { (r) throws(FormatError) in try r.finish() } == .init(.trailingBytes, at: 0))
  }
}
