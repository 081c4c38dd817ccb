import ByteFormats
import Foundation
import SystemPackage
import Testing

/// A folder that goes with the value.
final class TemporaryFolder {
  let path: FilePath

  init() {
    let files = FileManager.default
    let name = "maskfiles-\(UInt64.random(in: 0 ... .max))"
    let url = files.temporaryDirectory.appendingPathComponent(name)
    guard (try? files.createDirectory(at: url, withIntermediateDirectories: true)) != nil else {
      preconditionFailure("cannot create a temporary folder")
    }
    path = FilePath(url.path)
  }

  deinit { try? FileManager.default.removeItem(atPath: path.string) }

  /// The path of something in it.
  func callAsFunction(_ name: String) -> FilePath { path.appending(name) }

  /// The names in it, hidden ones too.
  var names: [String] { (try? Folder.names(in: path)) ?? [] }

  /// The bytes of a file in it.
  func bytes(_ name: String) throws -> [UInt8] {
    try #require(try ReadableFile.contents(of: path.appending(name)))
  }

  /// Writes a file in it.
  @discardableResult
  func write(_ bytes: [UInt8], to name: String) throws -> FilePath {
    var file = try AtomicFile(at: path.appending(name))
    try file.write(bytes)
    try file.commit()
    return path.appending(name)
  }
}
