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
