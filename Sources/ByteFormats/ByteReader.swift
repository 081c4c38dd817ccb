/// A forward cursor over little-endian bytes.
///
/// Every read names the offset it failed at.
public struct ByteReader: ~Copyable, ~Escapable {
  private let bytes: RawSpan
  /// The next byte to be read, counted from 0.
  public private(set) var offset = 0

  /// A cursor before the first of `bytes`.
  @_lifetime(copy bytes)
  public init(_ bytes: RawSpan) { self.bytes = bytes }

  /// A cursor before the first of `bytes`.
  @_lifetime(copy bytes)
  public init(_ bytes: Span<UInt8>) { self.bytes = unsafe bytes.bytes }

  /// The number of bytes not read yet.
  public var remaining: Int { bytes.byteCount - offset }

  /// Throws `FormatError.Reason.trailingBytes` unless everything was read.
  public func finish() throws(FormatError) {
    if remaining > 0 { throw FormatError(.trailingBytes, at: offset) }
  }

  /// The next integer, least significant byte first.
  public mutating func read<Integer: FixedWidthInteger & BitwiseCopyable>(
    _: Integer.Type
  ) throws(FormatError) -> Integer {
    let start = try take(MemoryLayout<Integer>.size)
    return Integer(
      littleEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: start, as: Integer.self)
    )
  }

  /// The next `count` bytes, not copied.
  @_lifetime(copy self)
  public mutating func bytes(_ count: Int) throws(FormatError) -> RawSpan {
    let start = try take(count)
    return bytes.extracting(start..<start + count)
  }

  /// The next `count` bytes as UTF-8.
  public mutating func text(_ count: Int) throws(FormatError) -> String {
    let start = offset
    let text = try bytes(count)
    return try unsafe text.withUnsafeBytes { (bytes) throws(FormatError) in
      guard let text = unsafe String(validating: bytes, as: UTF8.self) else {
        throw FormatError(.invalidUTF8, at: start)
      }
      return text
    }
  }

  /// The next unsigned LEB128 integer: seven bits a byte, the least significant first.
  ///
  /// More than 64 bits, and zeros at the most significant end, are refused, so that every integer
  /// has one form.
  public mutating func varint() throws(FormatError) -> UInt64 {
    let start = offset
    var value: UInt64 = 0
    for shift in stride(from: 0, through: 63, by: 7) {
      let byte = try read(UInt8.self)
      let bits = UInt64(byte & 0x7F)
      guard shift < 63 || bits < 2 else { break }
      value |= bits << UInt64(shift)
      if byte < 0x80 {
        guard byte > 0 || shift == 0 else { throw FormatError(.invalidNumber, at: start) }
        return value
      }
    }
    throw FormatError(.numberOutOfRange, at: start)
  }

  /// Where the next `count` bytes begin; steps over them.
  private mutating func take(_ count: Int) throws(FormatError) -> Int {
    guard (0...remaining).contains(count) else { throw FormatError(.unexpectedEnd, at: offset) }
    defer { offset += count }
    return offset
  }
}
