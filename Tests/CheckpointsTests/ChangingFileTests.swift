import TestSupport
import ByteFormats
import Checkpoints
import Foundation
import SystemPackage
import Testing

@Suite struct ChangingFileTests {
  let folder: TemporaryFolder
  let file: FilePath
  let checkpoint: Checkpoint

  init() throws {
    folder = try TemporaryFolder()
    file = try folder.write("a.safetensors", SafetensorsBuilder.file(names: ["w"], count: 100_000))
    checkpoint = try Checkpoint(at: file.string)
  }

  @Test func `a file cut short in mid-read is an error`() throws {
    let tensor = try #require(checkpoint["w"])
    #expect(try checkpoint.bytes(of: tensor, elements: 0..<1000).count == 4000)
    try #require(truncate(file.string, off_t(tensor.offset) + 200_000) == 0)
    #expect(try checkpoint.bytes(of: tensor, elements: 0..<50_000).count == 200_000)
    do {
      _ = try checkpoint.bytes(of: tensor, elements: 49_000..<51_000)
      Issue.record("read beyond the end")
    } catch {
      #expect(error.kind == .changedWhileReading)
      #expect(error.path == file)
    }
  }

  @Test func `a file overwritten in place is noticed`() throws {
    try checkpoint.checkUnchanged()
    var times = [timeval(tv_sec: 1, tv_usec: 0), timeval(tv_sec: 1, tv_usec: 0)]
    try #require(utimes(file.string, &times) == 0)
    #expect(throws: CheckpointError(.changed, path: file)) { try checkpoint.checkUnchanged() }
    #expect(CheckpointError(.changed, path: file).kind == .changedWhileReading)
  }

  @Test func `a file removed after opening is still read`() throws {
    let tensor = try #require(checkpoint["w"])
    try FileManager.default.removeItem(atPath: file.string)
    #expect(try checkpoint.bytes(of: tensor).count == 400_000)
    try checkpoint.checkUnchanged()
  }

  @Test func `the fingerprint changes with the file`() throws {
    let again = try Checkpoint(at: file.string)
    #expect(again.fingerprint == checkpoint.fingerprint)
    #expect(checkpoint.fingerprint.files.map(\.path) == [try Folder.resolve(file)])
    try folder.write("a.safetensors", SafetensorsBuilder.file(names: ["w"], count: 100_001))
    #expect(try Checkpoint(at: file.string).fingerprint != checkpoint.fingerprint)
  }

  @Test func `elements outside the tensor are a programming error`() async {
    await #expect(processExitsWith: .failure) {
      let folder = try TemporaryFolder()
      let file = try folder.write("a.safetensors", SafetensorsBuilder.file(names: ["w"]))
      let checkpoint = try Checkpoint(at: file.string)
      _ = try checkpoint.bytes(of: checkpoint.tensors[0], elements: 0..<5)
    }
  }
}
