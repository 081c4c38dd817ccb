public import SystemPackage

/// A zip archive whose members are stored as they are, as `torch.save` and `numpy.savez` write them, or
/// deflated, as `numpy.savez_compressed` does.
///
/// No byte is believed: the directory is checked when the archive is opened, a member's checksum
/// whenever all of it is read. After APPNOTE 6.3, zip64 included.
public struct ZipArchive: Sendable {
  /// One file of the archive.
  public struct Member: Sendable, Hashable {
    /// The name.
    public let name: String
    /// Where its bytes are in the archive, as they are stored.
    public let range: Range<Int>
    /// The bytes that it has, inflated where it is compressed.
    public let size: Int
    /// Whether it is deflated.
    public let isCompressed: Bool
    let checksum: UInt32
  }

  /// Why a file is no zip archive that can be read.
  public enum Failure: Error, Sendable, Hashable {
    /// It has no directory where one should be, or was cut short.
    case noDirectory
    /// The directory contradicts itself or the file, at a member or as a whole.
    case damaged(member: String?)
    /// A member is encrypted, or compressed in a way that is not read.
    case compressed(member: String)
    /// Two members have one name.
    case twice(member: String)
    /// The bytes of a member are not those its checksum and size were made of.
    case checksum(member: String)
    /// The file system refuses.
    case file(FileError)
  }

  /// The members in the order of the directory.
  public let members: [Member]
  /// The open file.
  public let file: ReadableFile
  private let places: [String: Int]

  /// Reads the directory of the archive at `path`.
  public init(at path: FilePath) throws(Failure) {
    let file = try Self.open(path)
    let directory = try Directory(of: file)
    var members: [Member] = []
    var places: [String: Int] = [:]
    for entry in try directory.entries(in: file) {
      guard places.updateValue(members.count, forKey: entry.name) == nil else {
        throw .twice(member: entry.name)
      }
      members.append(try entry.member(in: file, before: directory.start))
    }
    self.file = file
    self.members = members
    self.places = places
  }

  /// The member `name`, if there is one.
  public subscript(name: String) -> Member? { places[name].map { members[$0] } }

  private static func open(_ path: FilePath) throws(Failure) -> ReadableFile {
    do throws(FileError) { return try ReadableFile(at: path) } catch { throw .file(error) }
  }

  static func read(_ range: Range<Int>, of file: ReadableFile) throws(Failure) -> [UInt8] {
    do throws(FileError) { return try file.bytes(range) } catch { throw .file(error) }
  }
}
