import TestSupport
import ByteFormats
import Foundation
import SystemPackage
import Testing

@Suite struct ReadableFileTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func `reads bytes and says what the file is`() throws {
    let path = try folder.write("a", "hello")
    let file = try ReadableFile(at: path)
    #expect(file.size == 5)
    #expect(file.status.kind == .file)
    #expect(file.modified > 1_600_000_000_000_000_000)
    #expect(try file.bytes(1..<3) == Array("el".utf8))
    #expect(try file.bytes(5..<5) == [])
    #expect(try FileStatus(of: path) == file.status)
  }

  @Test func `a file cut short while it is read is an error`() throws {
    let path = try folder.write("a", [UInt8](repeating: 7, count: 1 << 20))
    let file = try ReadableFile(at: path)
    try #require(truncate(path.string, 1000) == 0)
    let expected = FileError(.read, path, .shrank(expected: 1 << 20, found: 1000))
    #expect(throws: expected) { try file.bytes(0..<1 << 20) }
    #expect(try file.bytes(0..<1000).count == 1000)
    #expect(try file.currentStatus() != file.status)
  }

  @Test func `bytes beyond the end are refused before memory is taken`() throws {
    let path = try folder.write("a", "hello")
    let file = try ReadableFile(at: path)
    #expect(throws: FileError(.read, path, .shrank(expected: .max, found: 5))) {
      try file.bytes(0..<Int.max)
    }
  }

  @Test func `several tasks read one file at once`() async throws {
    let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
    let file = try ReadableFile(at: try folder.write("a", bytes))
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for start in stride(from: 0, to: 90_000, by: 1000) {
        group.addTask { try file.bytes(start..<start + 5000) == Array(bytes[start..<start + 5000]) }
      }
      for try await isEqual in group { #expect(isEqual) }
    }
  }

  @Test func `what cannot be opened is named with its reason`() throws {
    let absent = folder.path.appending("absent")
    #expect(throws: FileError(.open, absent, .notFound)) { try ReadableFile(at: absent) }
    #expect(throws: FileError(.open, folder.path, .isFolder)) { try ReadableFile(at: folder.path) }
    let file = try folder.write("a", "hello")
    let below = file.appending("b")
    #expect(throws: FileError(.open, below, .notAFolder)) { try ReadableFile(at: below) }
    let device = FilePath("/dev/null")
    #expect(throws: FileError(.open, device, .notARegularFile)) { try ReadableFile(at: device) }
  }

  @Test(.timeLimit(.minutes(1))) func `a pipe is refused, not waited for`() throws {
    let pipe = folder.path.appending("pipe")
    try #require(mkfifo(pipe.string, 0o600) == 0)
    #expect(throws: FileError(.open, pipe, .notARegularFile)) { try ReadableFile(at: pipe) }
  }

  @Test func `contents are read up to a limit`() throws {
    let path = try folder.write("a", "hello")
    #expect(try ReadableFile.contents(of: path) == Array("hello".utf8))
    #expect(try ReadableFile.contents(of: path, limit: 4) == nil)
  }

  @Test func `lists and resolves folders`() throws {
    try folder.write("b", "")
    try folder.write("a/c", "")
    try folder.link("link", to: "a")
    #expect(try Folder.names(in: folder.path) == ["a", "b", "link"])
    #expect(Folder.kind(of: folder.path.appending("link")) == .folder)
    #expect(Folder.kind(of: folder.path.appending("absent")) == nil)
    let linked = try Folder.resolve(folder.path.appending("link"))
    #expect(linked == (try Folder.resolve(folder.path)).appending("a"))
    #expect(throws: FileError(.list, folder.path.appending("b"), .notAFolder)) {
      try Folder.names(in: folder.path.appending("b"))
    }
  }

  @Test func `every reason says what is wrong and what to do`() {
    let reasons: [FileError.Reason] = [
      .notFound, .notPermitted, .isFolder, .notAFolder, .notARegularFile, .diskFull, .readOnly,
      .tooManyOpenFiles, .shrank(expected: 9, found: 3), .system(.ioError),
    ]
    for reason in reasons {
      let text = FileError(.read, "some/file", reason).description
      #expect(text.hasPrefix("cannot read 'some/file': "))
      #expect(text.count > 40)
    }
  }
}
