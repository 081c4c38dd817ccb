/// A zip archive whose files are stored as they are.
///
/// Archives stay below 4 GiB and 65,536 files, so that no zip64 records are needed; every file bears
/// the first date that zip knows, so that equal contents give equal bytes. After APPNOTE 6.3.
public struct StoredZip: Sendable {
  private var body = ByteWriter()
  private var directory = ByteWriter()
  private var fileCount: UInt16 = 0

  /// An archive without files.
  public init() {}

  /// Adds a file `name`, which must be ASCII, of `bytes`.
  public mutating func add(_ name: String, _ bytes: [UInt8]) {
    let total = body.count + bytes.count
    precondition(name.utf8.allSatisfy { $0 < 0x80 }, "a name in a zip archive of ours is ASCII")
    precondition(total < 1 << 31 && fileCount < .max, "a zip archive of ours needs no zip64")
    let offset = UInt32(body.count)
    let entry = Self.entry(name, bytes)
    body.append(UInt32(0x0403_4B50))
    body.append(contentsOf: entry)
    body.append(contentsOf: Array(name.utf8) + bytes)
    directory.append(UInt32(0x0201_4B50))
    directory.append(UInt16(20))
    directory.append(contentsOf: entry + [UInt8](repeating: 0, count: 10))
    directory.append(offset)
    directory.append(contentsOf: Array(name.utf8))
    fileCount += 1
  }

  /// What the header of a file and its entry in the directory share.
  private static func entry(_ name: String, _ bytes: [UInt8]) -> [UInt8] {
    var entry = ByteWriter(capacity: 26)
    for field: UInt16 in [20, 0, 0, 0, 0x0021] { entry.append(field) }
    for field in [CRC32.of(bytes), UInt32(bytes.count), UInt32(bytes.count)] { entry.append(field) }
    entry.append(UInt16(name.utf8.count))
    entry.append(UInt16(0))
    return entry.bytes
  }

  /// The archive.
  public var bytes: [UInt8] {
    var end = ByteWriter(capacity: 22)
    end.append(UInt32(0x0605_4B50))
    for field in [0, 0, fileCount, fileCount] { end.append(field) }
    end.append(UInt32(directory.count))
    end.append(UInt32(body.count))
    end.append(UInt16(0))
    return body.bytes + directory.bytes + end.bytes
  }
}
