public import SystemPackage

extension ReadableFile {
  /// The bytes of `range`, copied.
  ///
  /// Throws `FileError.Reason.shrank` where the file ends within it, before anything is allocated.
  public func bytes(_ range: Range<Int>) throws(FileError) -> [UInt8] {
    guard range.upperBound <= size else {
      throw FileError(.read, path, .shrank(expected: range.upperBound, found: size))
    }
    return try [UInt8](capacity: range.count) { (output) throws(FileError) in
      try unsafe output.withUnsafeMutableBufferPointer { (buffer, count) throws(FileError) in
        let wanted = unsafe UnsafeMutableRawBufferPointer(
          start: buffer.baseAddress,
          count: range.count
        )
        try unsafe read(into: wanted, at: range.lowerBound)
        count = range.count
      }
    }
  }

  /// All bytes of the file at `path`; nil where it is longer than `limit` bytes.
  public static func contents(
    of path: FilePath,
    limit: Int = .max
  ) throws(FileError) -> [UInt8]? {
    let file = try ReadableFile(at: path)
    return file.size <= limit ? try file.bytes(0..<file.size) : nil
  }
}
