import TestSupport
import ByteFormats
import SystemPackage
import Testing

@Suite struct `A zip archive` {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func write(_ members: [(name: String, bytes: [UInt8])]) throws -> FilePath {
    let path = folder.path.appending("a.zip")
    var file = try AtomicFile(at: path)
    var zip = ZipWriter()
    for member in members { try zip.add(member.name, member.bytes, to: &file) }
    try zip.finish(in: &file)
    try file.commit()
    return path
  }

  @Test func `gives its members back`() throws {
    let members: [(name: String, bytes: [UInt8])] = [
      ("a/data.pkl", [1, 2, 3]), ("ü", []), ("big", [UInt8](repeating: 7, count: 3 << 20)),
    ]
    let archive = try ZipArchive(at: write(members))
    #expect(archive.members.map(\.name) == members.map(\.name))
    for (member, expected) in zip(archive.members, members) {
      #expect(try archive.bytes(of: member) == expected.bytes)
      try archive.check(member)
    }
    #expect(archive["none"] == nil)
  }

  @Test func `has more members than zip counts without zip64`() throws {
    let names = (0..<70_000).map { "m\($0)" }
    let archive = try ZipArchive(at: write(names.map { ($0, []) }))
    #expect(archive.members.count == 70_000)
    #expect(archive.members.last?.name == "m69999")
  }

  @Test func `that is cut short or damaged is refused`() throws {
    let path = try write([("a", [1, 2, 3, 4]), ("b", [5])])
    let bytes = try #require(try ReadableFile.contents(of: path))
    for length in 0..<bytes.count {
      let cut = try folder.write("cut", bytes.prefix(length))
      #expect(throws: ZipArchive.Failure.self) { try ZipArchive(at: cut) }
    }
    for place in bytes.indices {
      var changed = bytes
      changed[place] ^= 0xFF
      let file = try folder.write("changed", changed)
      guard let archive = try? ZipArchive(at: file) else { continue }
      for member in archive.members { _ = try? archive.bytes(of: member) }
    }
  }

  @Test func `whose bytes changed fails its checksum`() throws {
    var bytes = try #require(try ReadableFile.contents(of: write([("a", [1, 2, 3, 4])])))
    bytes[31] ^= 1
    let archive = try ZipArchive(at: folder.write("b", bytes))
    #expect(throws: ZipArchive.Failure.checksum(member: "a")) {
      try archive.check(archive.members[0])
    }
  }
}

/// Archives of one deflated member, made byte by byte.
@Suite struct `A deflated member` {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// `aaaaaaaaaaaaaaaaaaaa` in one block of fixed codes: two letters, then a copy.
  private static let stream: [UInt8] = [0x4B, 0x4C, 0xC4, 0x04, 0x00]
  private static let letters = [UInt8](repeating: UInt8(ascii: "a"), count: 20)

  private func archive(
    _ stream: [UInt8] = stream,
    size: Int = 20,
    checksum: UInt32 = CRC32.of(letters)
  ) throws -> ZipArchive {
    var writer = ByteWriter()
    let sizes = [UInt32(stream.count), UInt32(size)]
    writer.append(UInt32(0x0403_4B50))
    for field: UInt16 in [20, 0, 8, 0, 0] { writer.append(field) }
    writer.append(checksum)
    for size in sizes { writer.append(size) }
    for field: UInt16 in [1, 0] { writer.append(field) }
    writer.append(contentsOf: [UInt8(ascii: "m")] + stream)
    let start = writer.bytes.count
    writer.append(UInt32(0x0201_4B50))
    for field: UInt16 in [20, 20, 0, 8, 0, 0] { writer.append(field) }
    writer.append(checksum)
    for size in sizes { writer.append(size) }
    for field: UInt16 in [1, 0, 0, 0, 0, 0, 0] { writer.append(field) }
    writer.append(UInt32(0))
    writer.append(UInt8(ascii: "m"))
    let end = writer.bytes.count
    writer.append(UInt32(0x0605_4B50))
    for field: UInt16 in [0, 0, 1, 1] { writer.append(field) }
    for field in [end - start, start] { writer.append(UInt32(field)) }
    writer.append(UInt16(0))
    return try ZipArchive(at: folder.write("a.zip", writer.bytes))
  }

  @Test func `is read whole and in parts`() throws {
    let zip = try archive()
    let member = try #require(zip["m"])
    #expect(member.isCompressed && member.size == 20 && member.range.count == 5)
    #expect(try zip.bytes(of: member) == Self.letters)
    try zip.check(member)
    for step in 1...20 {
      var reader = zip.reader(of: member)
      var bytes: [UInt8] = []
      while reader.rest > 0 { bytes += try reader.read(min(step, reader.rest)) }
      #expect(bytes == Self.letters)
    }
  }

  @Test(arguments: [0, 1, 19, 21, 4000])
  func `of another size than the directory says is refused`(size: Int) throws {
    let zip = try archive(size: size)
    #expect(throws: ZipArchive.Failure.checksum(member: "m")) { try zip.check(zip.members[0]) }
  }

  @Test func `that is cut, followed by more, or of another checksum is refused`() throws {
    let cut = Array(Self.stream.dropLast())
    for zip in [
      try archive(cut), try archive(cut.dropLast()), try archive(Self.stream + [0]),
      try archive([]),
      try archive(checksum: 7), try archive([0xFF, 0xFF, 0xFF]),
    ] {
      #expect(throws: ZipArchive.Failure.checksum(member: "m")) {
        try zip.bytes(of: zip.members[0])
      }
    }
  }

  @Test func `that says more than deflate can hold is refused before it is read`() throws {
    #expect(throws: ZipArchive.Failure.damaged(member: "m")) { try archive(size: 6 * 1032) }
  }
}
