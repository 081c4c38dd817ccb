extension ZipArchive {
  /// Where the directory of an archive is.
  struct Directory {
    let start: Int
    private let byteCount: Int
    private let count: Int

    /// Looks for the end of the directory from the end of the file on.
    init(of file: ReadableFile) throws(Failure) {
      let tail = try ZipArchive.read(max(0, file.size - 65_557)..<file.size, of: file)
      let signature: [UInt8] = [0x50, 0x4B, 5, 6]
      guard tail.count >= 22,
        let place = (0...tail.count - 22).last(where: { tail[$0...].starts(with: signature) })
      else { throw .noDirectory }
      let end = Array(tail[place...])
      let origin = file.size - tail.count + place
      let long = try Self.zip64(before: origin, of: file)
      let fields = long ?? [10, 12, 16].map { $0 == 10 ? end.zip16(at: 10) : end.zip32(at: $0) }
      (count, byteCount, start) = (fields[0], fields[1], fields[2])
      let limit = long == nil ? origin : origin - 76
      guard count >= 0, byteCount >= 0, start >= 0, start <= limit, byteCount <= limit - start,
        count <= byteCount / 46
      else { throw .damaged(member: nil) }
    }

    /// Count, length and start as the zip64 record has them; nil where there is none.
    private static func zip64(before end: Int, of file: ReadableFile) throws(Failure) -> [Int]? {
      guard end >= 76 else { return nil }
      let locator = try ZipArchive.read(end - 20..<end, of: file)
      guard locator.zip32(at: 0) == 0x0706_4B50 else { return nil }
      let place = locator.zip64(at: 8)
      guard place == end - 76 else { throw .damaged(member: nil) }
      let record = try ZipArchive.read(place..<place + 56, of: file)
      guard record.zip32(at: 0) == 0x0606_4B50 else { throw .damaged(member: nil) }
      return [record.zip64(at: 32), record.zip64(at: 40), record.zip64(at: 48)]
    }

    func entries(in file: ReadableFile) throws(Failure) -> [Entry] {
      let bytes = try ZipArchive.read(start..<start + byteCount, of: file)
      var entries: [Entry] = []
      var place = 0
      for _ in 0..<count {
        guard let entry = Entry(bytes, at: place) else {
          throw .damaged(member: entries.last?.name)
        }
        entries.append(entry)
        place += entry.length
      }
      return entries
    }
  }

  /// What the directory says of one member.
  struct Entry {
    let name: String
    let length: Int
    private let method: Int
    private let flags: Int
    private let checksum: UInt32
    private let stored: Int
    private let size: Int
    private let offset: Int

    /// Nil where the bytes break the format.
    init?(_ bytes: [UInt8], at place: Int) {
      guard bytes.count - place >= 46, bytes.zip32(at: place) == 0x0201_4B50 else { return nil }
      let lengths = [28, 30, 32].map { bytes.zip16(at: place + $0) }
      length = 46 + lengths.reduce(0, +)
      guard bytes.count - place >= length else { return nil }
      let nameEnd = place + 46 + lengths[0]
      guard let name = String(validating: bytes[place + 46..<nameEnd], as: UTF8.self) else {
        return nil
      }
      self.name = name
      flags = bytes.zip16(at: place + 8)
      method = bytes.zip16(at: place + 10)
      checksum = UInt32(bytes.zip32(at: place + 16))
      var fields = [24, 20, 42].map { bytes.zip32(at: place + $0) }
      let extra = Array(bytes[nameEnd..<nameEnd + lengths[1]])
      guard Self.widen(&fields, by: extra) else { return nil }
      (size, stored, offset) = (fields[0], fields[1], fields[2])
    }

    /// Takes the fields that are all ones from the zip64 field of `extra`, in their order.
    private static func widen(_ fields: inout [Int], by extra: [UInt8]) -> Bool {
      guard fields.contains(0xFFFF_FFFF) else { return true }
      var place = 0
      while extra.count - place >= 4 {
        let end = place + 4 + extra.zip16(at: place + 2)
        guard end <= extra.count else { return false }
        if extra.zip16(at: place) == 1 {
          var next = place + 4
          for index in fields.indices where fields[index] == 0xFFFF_FFFF {
            guard next + 8 <= end else { return false }
            fields[index] = extra.zip64(at: next)
            next += 8
          }
          return true
        }
        place = end
      }
      return false
    }

    /// The member, once its own header is found to agree.
    func member(in file: ReadableFile, before limit: Int) throws(Failure) -> Member {
      guard flags & 1 == 0, method == 0 && stored == size || method == 8 else {
        throw .compressed(member: name)
      }
      // No byte of a deflate stream is good for more than 1,032.
      guard method == 0 || size >= 0 && size / 1032 <= stored else { throw .damaged(member: name) }
      guard offset >= 0, offset <= limit - 30, limit <= file.size else {
        throw .damaged(member: name)
      }
      let header = try ZipArchive.read(offset..<offset + 30, of: file)
      let start = offset + 30 + header.zip16(at: 26) + header.zip16(at: 28)
      guard header.zip32(at: 0) == 0x0403_4B50, stored >= 0, start <= limit, stored <= limit - start
      else {
        throw .damaged(member: name)
      }
      return Member(
        name: name,
        range: start..<start + stored,
        size: size,
        isCompressed: method == 8,
        checksum: checksum
      )
    }
  }
}

extension [UInt8] {
  fileprivate func zip16(at place: Int) -> Int { Int(self[place]) | Int(self[place + 1]) << 8 }

  fileprivate func zip32(at place: Int) -> Int { zip16(at: place) | zip16(at: place + 2) << 16 }

  /// Negative where it does not fit.
  fileprivate func zip64(at place: Int) -> Int { zip32(at: place) | zip32(at: place + 4) << 32 }
}
