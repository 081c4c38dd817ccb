internal import ByteFormats

/// Bits as they are packed: of a segment, or of a part of one.
struct PackedBits: Sendable, Hashable {
  let coding: SegmentCoding
  let bytes: [UInt8]

  init(coding: SegmentCoding, bytes: [UInt8]) {
    self.coding = coding
    self.bytes = bytes
  }

  /// Two parts as one: the first behind its coding and its length, the second behind its coding.
  init(coding: SegmentCoding, _ first: PackedBits, _ second: PackedBits) {
    var writer = ByteWriter(capacity: first.bytes.count + second.bytes.count + 12)
    writer.append(UInt8(first.coding.rawValue))
    writer.append(varint: UInt64(first.bytes.count))
    writer.append(contentsOf: first.bytes)
    writer.append(UInt8(second.coding.rawValue))
    writer.append(contentsOf: second.bytes)
    self.init(coding: coding, bytes: writer.bytes)
  }

  /// The two parts of such bytes; nil where they are cut off or of an unknown coding.
  static func parts(
    of bytes: UnsafeRawBufferPointer
  ) -> (first: PackedPart, second: PackedPart)? {
    var place = 0
    func byte() -> UInt8? {
      guard place < bytes.count else { return nil }
      defer { place += 1 }
      return unsafe bytes[place]
    }
    var (size, shift) = (0, 0)
    guard let firstCoding = byte().flatMap({ SegmentCoding(rawValue: Int($0)) }) else { return nil }
    while let group = byte(), shift < 28 {
      size |= Int(group & 0x7F) << shift
      shift += 7
      guard group < 0x80 else { continue }
      guard size < bytes.count - place else { return nil }
      let first = unsafe UnsafeRawBufferPointer(rebasing: bytes[place..<place + size])
      let coding = unsafe SegmentCoding(rawValue: Int(bytes[place + size]))
      guard let coding else { return nil }
      let second = unsafe UnsafeRawBufferPointer(rebasing: bytes[(place + size + 1)...])
      return unsafe (PackedPart(firstCoding, first), PackedPart(coding, second))
    }
    return nil
  }
}

/// A part of packed bits, where it stands.
@unsafe
struct PackedPart {
  let coding: SegmentCoding
  let bytes: UnsafeRawBufferPointer

  init(_ coding: SegmentCoding, _ bytes: UnsafeRawBufferPointer) {
    unsafe self.coding = coding
    unsafe self.bytes = bytes
  }
}
