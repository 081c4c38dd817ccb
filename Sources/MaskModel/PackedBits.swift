internal import ByteFormats

/// Bits as they are packed: of a segment, or of a part of one.
struct PackedBits: Sendable, Hashable {
  let coding: SegmentCoding
  let bytes: [UInt8]

  init(coding: SegmentCoding, bytes: [UInt8]) {
    self.coding = coding
    self.bytes = bytes
  }

  /// Parts as one: each behind its coding and its length, the last behind its coding alone.
  init(coding: SegmentCoding, _ parts: PackedBits...) {
    var writer = ByteWriter(capacity: parts.reduce(0) { $0 + $1.bytes.count + 6 })
    for (place, part) in parts.enumerated() {
      writer.append(UInt8(part.coding.rawValue))
      if place < parts.count - 1 { writer.append(varint: UInt64(part.bytes.count)) }
      writer.append(contentsOf: part.bytes)
    }
    self.init(coding: coding, bytes: writer.bytes)
  }
}

/// Takes the parts of packed bits apart, in order; any bytes are safe.
@unsafe
struct PackedParts {
  /// What was not taken yet.
  private(set) var rest: UnsafeRawBufferPointer

  init(_ bytes: UnsafeRawBufferPointer) { unsafe rest = bytes }

  /// The next part, which is not the last; nil where it is cut off or of an unknown coding.
  mutating func next() -> PackedPart? {
    guard let coding = unsafe coding(), let size = unsafe number(), unsafe size <= rest.count else {
      return nil
    }
    let bytes = unsafe UnsafeRawBufferPointer(rebasing: rest[..<size])
    unsafe rest = UnsafeRawBufferPointer(rebasing: rest[size...])
    return unsafe PackedPart(coding, bytes)
  }

  /// What is left, as the last part; nil likewise.
  mutating func last() -> PackedPart? {
    guard let coding = unsafe coding() else { return nil }
    return unsafe PackedPart(coding, rest)
  }

  private mutating func coding() -> SegmentCoding? {
    unsafe byte().flatMap { SegmentCoding(rawValue: Int($0)) }
  }

  /// A number in LEB128, at most four bytes; nil where it is cut off or longer.
  mutating func number() -> Int? {
    var number = 0
    for shift in stride(from: 0, to: 28, by: 7) {
      guard let group = unsafe byte() else { return nil }
      number |= Int(group & 0x7F) << shift
      if group < 0x80 { return number }
    }
    return nil
  }

  private mutating func byte() -> UInt8? {
    guard let first = unsafe rest.first else { return nil }
    unsafe rest = UnsafeRawBufferPointer(rebasing: rest[1...])
    return first
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
