import TestSupport
import ByteFormats
import Foundation
import SystemPackage
import Testing

@Suite struct AtomicFileTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test(arguments: [0, 1, 1 << 20, 3 << 20]) func `appears whole`(size: Int) throws {
    let path = folder.path.appending("out")
    let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 / 13) }
    var file = try AtomicFile(at: path)
    try file.write("head")
    try file.write(bytes)
    try file.write("tail")
    #expect(Folder.kind(of: path) == nil)
    try file.commit()
    #expect(try ReadableFile.contents(of: path) == Array("head".utf8) + bytes + Array("tail".utf8))
    #expect(try Folder.names(in: folder.path) == ["out"])
  }

  @Test func `replaces what had the name, which readers keep`() throws {
    let path = try folder.write("out", "old")
    let reader = try ReadableFile(at: path)
    var file = try AtomicFile(at: path)
    try file.write("new!")
    try file.commit()
    #expect(try reader.bytes(0..<3) == Array("old".utf8))
    #expect(try ReadableFile.contents(of: path) == Array("new!".utf8))
  }

  @Test func `leaves nothing behind when it is abandoned`() throws {
    let path = try folder.write("out", "old")
    func abandon() throws {
      var file = try AtomicFile(at: path)
      try file.write("new")
      #expect(try Folder.names(in: folder.path).count == 2)
    }
    try abandon()
    #expect(try Folder.names(in: folder.path) == ["out"])
    #expect(try ReadableFile.contents(of: path) == Array("old".utf8))
  }

  @Test func `what a dead process was writing is swept, and nothing else`() throws {
    let file = try AtomicFile(at: folder.path.appending("out"))
    let mine = try #require(try folder.names.first)
    let parts = mine.split(separator: "-").map(String.init)
    #expect(parts.count == 4 && parts[2] == String(ProcessInfo.processInfo.processIdentifier))
    let dead = try pidOfTheDead()
    func name(_ host: String, _ process: String) -> String { "\(parts[0])-\(host)-\(process)-x" }
    let others = [
      name("elsewhere", dead), name(parts[1], "1"), name(parts[1], "0"), name(parts[1], "-5"),
      name(parts[1], "many"), "\(parts[0])-kept-x", "out.manifest.json", "\(mine)-y",
    ]
    for other in others { try folder.write(other, "kept") }
    try folder.write(name(parts[1], dead), "abandoned")
    try folder.write("\(name(parts[1], dead))2/inside", "abandoned")
    try folder.write("target/inside", "kept")
    try folder.link("\(name(parts[1], dead))3", to: "target")
    TemporaryName.sweep(folder.path)
    #expect(try folder.names == (others + [mine, "target"]).sorted())
    #expect(try folder.bytes("target/inside") == Array("kept".utf8))
    try file.commit()
  }

  /// The number of a process that has ended and was waited for.
  private func pidOfTheDead() throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", ":"]
    try process.run()
    process.waitUntilExit()
    return String(process.processIdentifier)
  }

  @Test func `names the file when the folder is missing or a file`() throws {
    let lost = folder.path.appending("absent").appending("out")
    #expect(throws: FileError(.create, lost, .notFound)) { _ = try AtomicFile(at: lost) }
    let below = try folder.write("a", "").appending("out")
    #expect(throws: FileError(.create, below, .notAFolder)) { _ = try AtomicFile(at: below) }
  }

  @Test func `names the target when it cannot be replaced`() throws {
    try folder.write("out/in", "")
    let path = folder.path.appending("out")
    let expected = FileError(.replace, path, .isFolder)
    #expect(throws: expected) {
      let file = try AtomicFile(at: path)
      try file.commit()
    }
    #expect(try Folder.names(in: folder.path) == ["out"])
  }

  @Test func `names the file when the folder cannot be written`() async {
    // In a process of its own, which as root becomes nobody: permissions do not bind root.
    await #expect(processExitsWith: .success) {
      let folder = try TemporaryFolder()
      let path = folder.path.appending("out")
      try #require(chmod(folder.path.string, 0o500) == 0)
      if getuid() == 0 { try #require(seteuid(65534) == 0) }
      #expect(throws: FileError(.create, path, .notPermitted)) { _ = try AtomicFile(at: path) }
      if getuid() == 0 { try #require(seteuid(0) == 0) }
      chmod(folder.path.string, 0o700)
    }
  }

  @Test func `a full disk has its own reason`() {
    #expect(FileError(.write, "out", errno: .noSpace).reason == .diskFull)
    #expect(FileError(.write, "out", errno: .diskQuotaExceeded).reason == .diskFull)
  }

  @Test func `a write that fails half way leaves nothing behind`() async {
    await #expect(processExitsWith: .success) {
      let folder = try TemporaryFolder()
      let path = folder.path.appending("out")
      signal(SIGXFSZ, SIG_IGN)
      var limit = rlimit(rlim_cur: 1 << 20, rlim_max: 1 << 20)
      try #require(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
      #expect(throws: FileError(.write, path, .system(.fileTooLarge))) {
        var file = try AtomicFile(at: path)
        try? file.write([UInt8](repeating: 1, count: 3 << 20))
        try file.commit()
      }
      #expect(try Folder.names(in: folder.path) == [])
    }
  }
}
