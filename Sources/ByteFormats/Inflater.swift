internal import CZlib

/// Inflates a raw deflate stream (RFC 1951) in a stretch of a file, from its start on.
///
/// Holds 64 KiB of the file and zlib's window of 32 KiB.
@safe
struct Inflater: ~Copyable, @unchecked Sendable {
  // Sendable: a zlib stream may move between threads; one owner uses it at a time.
  private let stream: UnsafeMutablePointer<z_stream>
  private let input: UnsafeMutableRawBufferPointer
  private let file: ReadableFile
  /// The bytes of the stretch that were not read yet.
  private var rest: Range<Int>

  /// How an inflation ends that does not.
  enum Failure: Error {
    /// The bytes are no deflate stream, or not as long a one as they should be.
    case damaged
    case file(FileError)
  }

  /// The stream in `range` of `file`.
  init(_ range: Range<Int>, of file: ReadableFile) {
    self.file = file
    rest = range
    unsafe input = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
    unsafe stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    unsafe stream.initialize(to: unsafe z_stream())
    let size = unsafe Int32(MemoryLayout<z_stream>.size)
    // A negative window size asks for a stream without a header of zlib's own.
    let code = unsafe inflateInit2_(stream, -15, zlibVersion(), size)
    precondition(code == Z_OK, "zlib: out of memory")
  }

  deinit {
    _ = unsafe inflateEnd(stream)
    unsafe stream.deallocate()
    unsafe input.deallocate()
  }

  /// The next `count` bytes.
  mutating func read(_ count: Int) throws(Failure) -> [UInt8] {
    let (bytes, ends) = try inflate(atMost: count)
    guard bytes.count == count || !ends else { throw .damaged }
    return bytes
  }

  /// Checks that the stream ends here, and its stretch with it.
  mutating func finish() throws(Failure) {
    let (bytes, ends) = try inflate(atMost: 1)
    guard bytes.isEmpty, ends, rest.isEmpty, unsafe stream.pointee.avail_in == 0 else {
      throw .damaged
    }
  }

  /// The next bytes, `limit` of them unless the stream ends before.
  private mutating func inflate(
    atMost limit: Int
  ) throws(Failure) -> (bytes: [UInt8], ends: Bool) {
    var bytes = [UInt8](repeating: 0, count: limit)
    var done = 0
    while done < limit {
      try refill()
      let room = min(limit - done, 1 << 30)
      let code = unsafe bytes.withUnsafeMutableBufferPointer { buffer in
        unsafe stream.pointee.next_out = buffer.baseAddress.map { unsafe $0 + done }
        unsafe stream.pointee.avail_out = UInt32(room)
        return unsafe CZlib.inflate(stream, Z_NO_FLUSH)
      }
      done += room - Int(unsafe stream.pointee.avail_out)
      if code == Z_STREAM_END { return (Array(bytes.prefix(done)), true) }
      guard code == Z_OK else { throw .damaged }
    }
    return (bytes, false)
  }

  /// Reads more of the file where zlib has used up what it had.
  private mutating func refill() throws(Failure) {
    guard unsafe stream.pointee.avail_in == 0, !rest.isEmpty else { return }
    let count = unsafe min(rest.count, input.count)
    do throws(FileError) {
      let target = unsafe UnsafeMutableRawBufferPointer(rebasing: input[..<count])
      try unsafe file.read(into: target, at: rest.lowerBound)
    } catch { throw .file(error) }
    rest = rest.lowerBound + count..<rest.upperBound
    unsafe stream.pointee.next_in = unsafe input.baseAddress?.assumingMemoryBound(to: UInt8.self)
    unsafe stream.pointee.avail_in = UInt32(count)
  }
}
