internal import ByteFormats

extension SafetensorsError.Lookalike {
  /// What `file` is by its first bytes; nil where they say nothing.
  init?(_ file: ReadableFile) {
    guard file.size > 0 else {
      self = .emptyFile
      return
    }
    let start = (try? file.bytes(0..<min(file.size, 256))) ?? []
    // A header that is only damaged is no other thing, whatever its length looks like.
    guard start.count > 8, start[8] != UInt8(ascii: "{") else { return nil }
    guard let match = Self.beginnings.first(where: { start.starts(with: $0.bytes) }) else {
      guard Self.isMarkup(start) else { return nil }
      self = .webPage
      return
    }
    self = match.kind
  }

  private static let beginnings: [(bytes: [UInt8], kind: Self)] = [
    (Array("version https://git-lfs".utf8), .gitLFSPointer),
    (Array("PK\u{3}\u{4}".utf8), .torchArchive),
    (Array("GGUF".utf8), .gguf),
    ([0x89] + Array("HDF".utf8), .hdf5),
    ([0x80, 0x02], .pickle), ([0x80, 0x03], .pickle), ([0x80, 0x04], .pickle),
    ([0x80, 0x05], .pickle),
  ]

  private static func isMarkup(_ start: [UInt8]) -> Bool {
    let text = String(decoding: start, as: UTF8.self).lowercased().drop(while: \.isWhitespace)
    return ["<!doctype", "<html", "<?xml", "<head"].contains { text.hasPrefix($0) }
  }
}
