import Foundation
import SystemPackage

/// A folder of its own for one test, removed with all it holds when the last reference goes.
final class TemporaryFolder: Sendable {
  let path: FilePath

  init() throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = FilePath(url.path)
  }

  deinit { try? FileManager.default.removeItem(atPath: path.string) }

  /// Writes `bytes` to a file at `name`, with the folders on the way there.
  @discardableResult
  func write(_ name: String, _ bytes: some Sequence<UInt8>) throws -> FilePath {
    let file = path.pushing(FilePath(name))
    try makeFolder(file.removingLastComponent())
    try Data(bytes).write(to: URL(fileURLWithPath: file.string))
    return file
  }

  @discardableResult
  func write(_ name: String, _ text: String) throws -> FilePath { try write(name, text.utf8) }

  func link(_ name: String, to target: String) throws {
    let file = path.pushing(FilePath(name))
    try makeFolder(file.removingLastComponent())
    try FileManager.default.createSymbolicLink(
      atPath: file.string,
      withDestinationPath: target
    )
  }

  private func makeFolder(_ folder: FilePath) throws {
    try FileManager.default.createDirectory(
      atPath: folder.string,
      withIntermediateDirectories: true
    )
  }
}
