public import SystemPackage

/// A zip archive whose members are stored as they are, as `torch.save` and `numpy.savez` write them.
///
/// No byte is believed: the directory is checked when the archive is opened, a member's checksum
/// whenever `check` is asked. After APPNOTE 6.3, zip64 included.
public struct ZipArchive: Sendable {
  /// One file of the archive.
  public struct Member: Sendable, Hashable {
    /// The name.
    public let name: String
    /// Where its bytes are in the archive.
    public let range: Range<Int>
    let checksum: UInt32
  }

  /// Why a file is no zip archive that can be read.
  public enum Failure: Error, Sendable, Hashable {
    /// It has no directory where one should be, or was cut short.
    case noDirectory
    /// The directory contradicts itself or the file, at a member or as a whole.
    case damaged(member: String?)
    /// A member is compressed or encrypted.
    case compressed(member: String)
    /// Two members have one name.
    case twice(member: String)
    /// The bytes of a member are not those its checksum was made of.
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

  /// All bytes of `member`, once its checksum is right.
  public func bytes(of member: Member) throws(Failure) -> [UInt8] {
    let bytes = try Self.read(member.range, of: file)
    guard CRC32.of(bytes) == member.checksum else { throw .checksum(member: member.name) }
    return bytes
  }

  /// Reads all of `member` and compares its checksum; holds a mebibyte.
  public func check(_ member: Member) throws(Failure) {
    var sum = CRC32()
    var start = member.range.lowerBound
    while start < member.range.upperBound {
      let end = min(start + (1 << 20), member.range.upperBound)
      let part = try Self.read(start..<end, of: file)
      sum.update(unsafe part.span.bytes)
      start = end
    }
    guard sum.value == member.checksum else { throw .checksum(member: member.name) }
  }

  private static func open(_ path: FilePath) throws(Failure) -> ReadableFile {
    do throws(FileError) { return try ReadableFile(at: path) } catch { throw .file(error) }
  }

  static func read(_ range: Range<Int>, of file: ReadableFile) throws(Failure) -> [UInt8] {
    do throws(FileError) { return try file.bytes(range) } catch { throw .file(error) }
  }
}
