internal import Foundation
package import SystemPackage

/// A folder of its own for one test, removed with all it holds when the last reference goes.
package final class TemporaryFolder: Sendable {
  package let path: FilePath

  package init() throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = FilePath(url.path)
  }

  deinit { try? FileManager.default.removeItem(atPath: path.string) }

  /// The path of something in it.
  package func callAsFunction(_ name: String) -> FilePath { path.pushing(FilePath(name)) }

  /// The names in it, hidden ones too.
  package var names: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: path.string).sorted() }
  }

  /// The bytes of a file in it.
  package func bytes(_ name: String) throws -> [UInt8] {
    try [UInt8](Data(contentsOf: URL(fileURLWithPath: self(name).string)))
  }

  /// Writes `bytes` to a file at `name`, with the folders on the way there.
  @discardableResult
  package func write(_ name: String, _ bytes: some Sequence<UInt8>) throws -> FilePath {
    let file = self(name)
    try makeFolder(file.removingLastComponent())
    try Data(bytes).write(to: URL(fileURLWithPath: file.string))
    return file
  }

  @discardableResult
  package func write(_ name: String, _ text: String) throws -> FilePath {
    try write(name, text.utf8)
  }

  package func link(_ name: String, to target: String) throws {
    let file = self(name)
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
