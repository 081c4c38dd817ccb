/// Writes a zip archive whose members are stored as they are, of any size, while they come.
///
/// A member's length is told when it begins; its checksum is put into its header once its bytes are
/// through. Lengths and offsets of 4 GiB and more, and more than 65,534 members, go into zip64
/// records. Every member bears the first date that zip knows, so that equal contents give equal bytes.
/// After APPNOTE 6.3.
public struct ZipWriter: ~Copyable {
  private struct Member {
    let name: [UInt8]
    let offset: Int
    let size: Int
    var checksum: UInt32 = 0
  }

  private var members: [Member] = []
  private var sum = CRC32()
  private var rest = 0

  /// The most bytes that a member's name has.
  public static let longestName = Int(UInt16.max)

  /// The writer of an archive without members.
  public init() {}

  /// Begins the member `name`, of at most `longestName` bytes, with `size` bytes.
  public mutating func begin<Target: ByteTarget & ~Copyable>(
    _ name: String,
    size: Int,
    in file: inout Target
  ) throws(Target.Failure) {
    precondition(rest == 0, "the member before lacks bytes")
    precondition(name.utf8.count <= Self.longestName, "the name does not fit into a zip archive")
    let member = Member(name: Array(name.utf8), offset: file.byteCount, size: size)
    members.append(member)
    sum = CRC32()
    rest = size
    try file.append(Self.header(of: member))
  }

  /// Appends bytes of the member that was begun last.
  public mutating func write<Target: ByteTarget & ~Copyable>(
    _ bytes: RawSpan,
    to file: inout Target
  ) throws(Target.Failure) {
    precondition(bytes.byteCount <= rest, "the member is longer than it was said to be")
    sum.update(bytes)
    rest -= bytes.byteCount
    try file.write(bytes)
  }

  /// Ends the member that was begun last, which has all its bytes.
  public mutating func end<Target: ByteTarget & ~Copyable>(
    in file: inout Target
  ) throws(Target.Failure) {
    precondition(rest == 0, "the member lacks bytes")
    let last = members.count - 1
    members[last].checksum = sum.value
    var field = ByteWriter(capacity: 4)
    field.append(sum.value)
    try file.replace(at: members[last].offset + 14, with: field.bytes)
  }

  /// Appends a whole member.
  public mutating func add<Target: ByteTarget & ~Copyable>(
    _ name: String,
    _ bytes: [UInt8],
    to file: inout Target
  ) throws(Target.Failure) {
    try begin(name, size: bytes.count, in: &file)
    try write(unsafe bytes.span.bytes, to: &file)
    try end(in: &file)
  }

  /// Appends the directory.
  public mutating func finish<Target: ByteTarget & ~Copyable>(
    in file: inout Target
  ) throws(Target.Failure) {
    let start = file.byteCount
    for member in members { try file.append(Self.entry(of: member)) }
    try file.append(Self.ending(count: members.count, start: start, end: file.byteCount))
  }
}

extension ZipWriter {
  private static let limit = 0xFFFF_FFFF

  private static func header(of member: Member) -> [UInt8] {
    var writer = ByteWriter()
    let isLong = member.size >= limit
    writer.append(UInt32(0x0403_4B50))
    appendShared(member, isLong: isLong, to: &writer)
    writer.append(UInt16(isLong ? 20 : 0))
    writer.append(contentsOf: member.name)
    if isLong { append(extra: [member.size, member.size], to: &writer) }
    return writer.bytes
  }

  private static func entry(of member: Member) -> [UInt8] {
    var writer = ByteWriter()
    let sizes = member.size >= limit ? [member.size, member.size] : []
    let extra = sizes + (member.offset >= limit ? [member.offset] : [])
    writer.append(UInt32(0x0201_4B50))
    writer.append(UInt16(45))
    appendShared(member, isLong: !sizes.isEmpty, to: &writer)
    writer.append(UInt16(extra.isEmpty ? 0 : 4 + 8 * extra.count))
    writer.append(contentsOf: [UInt8](repeating: 0, count: 10))
    writer.append(UInt32(min(member.offset, limit)))
    writer.append(contentsOf: member.name)
    if !extra.isEmpty { append(extra: extra, to: &writer) }
    return writer.bytes
  }

  /// From the version needed to the length of the name, which header and entry have alike.
  private static func appendShared(_ member: Member, isLong: Bool, to writer: inout ByteWriter) {
    let isASCII = member.name.allSatisfy { $0 < 0x80 }
    let fields: [UInt16] = [isLong ? 45 : 20, isASCII ? 0 : 0x0800, 0, 0, 0x0021]
    for field in fields { writer.append(field) }
    writer.append(member.checksum)
    for _ in 0..<2 { writer.append(UInt32(min(member.size, limit))) }
    writer.append(UInt16(member.name.count))
  }

  /// The zip64 field with `values`.
  private static func append(extra values: [Int], to writer: inout ByteWriter) {
    writer.append(UInt16(1))
    writer.append(UInt16(8 * values.count))
    for value in values { writer.append(UInt64(value)) }
  }

  private static func ending(count: Int, start: Int, end: Int) -> [UInt8] {
    var writer = ByteWriter()
    if count >= 0xFFFF || start >= limit || end - start >= limit {
      writer.append(UInt32(0x0606_4B50))
      writer.append(UInt64(44))
      for version: UInt16 in [45, 45] { writer.append(version) }
      for _ in 0..<2 { writer.append(UInt32(0)) }
      for value in [count, count, end - start, start] { writer.append(UInt64(value)) }
      writer.append(UInt32(0x0706_4B50))
      writer.append(UInt32(0))
      writer.append(UInt64(end))
      writer.append(UInt32(1))
    }
    writer.append(UInt32(0x0605_4B50))
    for field in [0, 0, min(count, 0xFFFF), min(count, 0xFFFF)] { writer.append(UInt16(field)) }
    for field in [end - start, start] { writer.append(UInt32(min(field, limit))) }
    writer.append(UInt16(0))
    return writer.bytes
  }
}
