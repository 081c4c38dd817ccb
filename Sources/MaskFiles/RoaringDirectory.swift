internal import ByteFormats
internal import MaskModel

/// Reads the headers of a roaring file and finds where each container is.
///
/// Throws `RoaringError` where they break a rule, `FileError` where they cannot be read.
struct RoaringDirectory {
  /// The containers by the upper 32 bits of their positions, with their place in the file.
  private(set) var bitmaps: [UInt32: [RoaringContainer]] = [:]
  private let file: ReadableFile
  private let positions: Int
  private var end = 0

  init(of file: ReadableFile, positions: Int, width: RoaringWidth) throws {
    self.file = file
    self.positions = positions
    switch width {
    case .bits32: try readBitmap(high: 0)
    case .bits64: try readBitmaps()
    }
    guard end == file.size else { throw RoaringError(.trailingBytes, at: end) }
  }

  private mutating func readBitmaps() throws {
    let count = try integer(UInt64.self, at: 0)
    let room = (positions + RoaringWidth.narrowPositions - 1) / RoaringWidth.narrowPositions
    guard count <= UInt64(room) else { throw RoaringError(.tooManyBitmaps, at: 0) }
    end = 8
    var last = -1
    for _ in 0..<count {
      let high = try integer(UInt32.self, at: end)
      guard Int(high) > last else { throw RoaringError(.keyNotRising, at: end) }
      guard Int(high) < room else { throw RoaringError(.beyondLastPosition, at: end) }
      end += 4
      try readBitmap(high: high)
      last = Int(high)
    }
  }

  /// Reads the header at `end` and moves `end` past the bitmap.
  private mutating func readBitmap(high: UInt32) throws {
    let prefix = try bytes(at: end, count: RoaringHeader.prefixByteCount)
    let header = try RoaringHeader(prefix: unsafe prefix.span.bytes, origin: end)
    let bytes = try bytes(at: end, count: header.byteCount)
    var plan = try RoaringPlan(header: unsafe bytes.span.bytes, origin: end, limit: file.size)
    var containers: [RoaringContainer] = []
    containers.reserveCapacity(plan.count)
    while !plan.isComplete {
      let runs = try plan.runCountOffset().map { try integer(UInt16.self, at: $0) }
      containers.append(try plan.place(runs: runs))
    }
    try checkEnd(of: containers, high: high)
    bitmaps[high] = containers
    end = plan.end
  }

  private func checkEnd(of containers: [RoaringContainer], high: UInt32) throws(RoaringError) {
    guard let last = containers.last else { return }
    let first = Int(high) << 32 | Int(last.key) << 16
    guard first < positions else {
      throw RoaringError(.beyondLastPosition, at: last.payload.lowerBound)
    }
  }

  /// The bytes from `offset` on, at most `count` and no more than the file has.
  private func bytes(at offset: Int, count: Int) throws(FileError) -> [UInt8] {
    try file.bytes(offset..<max(offset, min(offset + count, file.size)))
  }

  private func integer<Value: FixedWidthInteger & BitwiseCopyable>(
    _ type: Value.Type,
    at offset: Int
  ) throws -> Value {
    let bytes = try bytes(at: offset, count: MemoryLayout<Value>.size)
    guard bytes.count == MemoryLayout<Value>.size else {
      throw RoaringError(.unexpectedEnd, at: file.size)
    }
    return unsafe bytes.span.bytes.littleEndian(type, at: 0)
  }
}
