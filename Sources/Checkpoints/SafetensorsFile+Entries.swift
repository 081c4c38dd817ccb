internal import ByteFormats

extension SafetensorsFile {
  /// The tensors that `header` lists, in the order of their bytes, which they cover exactly, and the
  /// metadata.
  static func contents(
    of header: [UInt8],
    dataSize: Int
  ) throws(Failure) -> ([Entry], [String: String]) {
    let json: JSONValue
    do throws(FormatError) {
      json = try JSONValue(parsing: header)
    } catch {
      throw .invalid(.header(error), tensor: nil)
    }
    var entries: [Entry] = []
    var metadata: [String: String] = [:]
    for (name, value) in json.object ?? [:] {
      if name == "__metadata__" {
        metadata = try texts(of: value)
      } else {
        entries.append(try Entry(name, value))
      }
    }
    entries.sort {
      ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
    }
    try checkCover(entries, dataSize: dataSize)
    return (entries, metadata)
  }

  private static func texts(of value: JSONValue) throws(Failure) -> [String: String] {
    guard let members = value.object else {
      throw .invalid(.metadataNotText(key: nil), tensor: nil)
    }
    var texts: [String: String] = [:]
    for (key, value) in members {
      guard let text = value.string else {
        throw .invalid(.metadataNotText(key: key), tensor: nil)
      }
      texts[key] = text
    }
    return texts
  }

  /// That the tensors cover the data from the first byte to the last, each byte once.
  private static func checkCover(_ entries: [Entry], dataSize: Int) throws(Failure) {
    var end = 0
    var previous = ""
    for entry in entries {
      if entry.range.lowerBound > end {
        throw .invalid(.hole(from: end, to: entry.range.lowerBound), tensor: entry.name)
      }
      if entry.range.lowerBound < end {
        throw .invalid(.overlap(with: previous), tensor: entry.name)
      }
      end = entry.range.upperBound
      previous = entry.name
    }
    if end > dataSize {
      throw .invalid(.dataBeyondEnd(needed: end, found: dataSize), tensor: previous)
    }
    if end < dataSize { throw .invalid(.trailingBytes(dataSize - end), tensor: nil) }
  }
}
