internal import ByteFormats
public import MaskModel
public import SystemPackage

/// Reads a portable roaring file as the bits of one tensor, segment by segment.
///
/// No byte is believed: headers are checked when the reader is made, payloads whenever they are
/// read. Keeps 32 bytes for every container, and of the payloads those of one segment at a time. The
/// file is open while a segment is read, no longer, so that a mask may be of any number of files.
public struct RoaringFileReader: Sendable {
  /// The positions of the tensor.
  public let positions: Int
  private let path: FilePath
  private let status: FileStatus
  private let bitmaps: [UInt32: [RoaringContainer]]

  /// Reads the headers of the file at `path` for a tensor of `positions`.
  ///
  /// The file does not say whether it is of 32 or 64 bits, so `width` must.
  ///
  /// Throws `MaskFileError.malformed` where a header breaks a rule, a value may lie beyond the
  /// positions, or bytes are left over.
  public init(opening path: FilePath, positions: Int, width: RoaringWidth) throws {
    let file = try ReadableFile(at: path)
    do {
      bitmaps = try RoaringDirectory(of: file, positions: positions, width: width).bitmaps
    } catch let error as RoaringError {
      throw MaskFileError.malformed(path, error)
    }
    self.positions = positions
    self.path = path
    status = file.status
  }

  /// The positions that are set.
  public var count: Int {
    bitmaps.values.reduce(0) { $1.reduce($0) { $0 + $1.cardinality } }
  }

  /// Fills `words` with segment `index`, zeros past its last position.
  ///
  /// - Parameters:
  ///   - index: the segment.
  ///   - words: at least `SegmentGrid.words` long.
  /// - Returns: the set bits of the segment.
  /// - Throws: where a payload breaks a rule of the format, or the file cannot be read or is no longer
  ///   the one whose headers were read.
  public func read(segment index: Int, into words: inout WordBuffer) throws -> Int {
    words.clear(words: SegmentGrid.words)
    let containers = containers(of: index)
    guard let first = containers.first, let last = containers.last else { return 0 }
    let range = first.payload.lowerBound..<last.payload.upperBound
    let bytes = try openedAgain().bytes(range)
    do throws(RoaringError) {
      for container in containers {
        try decode(container, from: bytes.span, at: range.lowerBound, into: &words)
      }
      try checkEnd(of: index, words, last)
    } catch {
      throw MaskFileError.malformed(path, error)
    }
    return containers.reduce(0) { $0 + $1.cardinality }
  }
}

extension RoaringFileReader {
  /// The file, as long as it is what it was.
  private func openedAgain() throws -> ReadableFile {
    let file = try ReadableFile(at: path)
    guard file.status == status else { throw MaskFileError.changed(path) }
    return file
  }

  private func containers(of segment: Int) -> ArraySlice<RoaringContainer> {
    let perBitmap = RoaringWidth.segmentsOfBitmap
    let all = bitmaps[UInt32(segment / perBitmap)] ?? []
    let local = segment % perBitmap
    return all[all.firstIndex(from: local)..<all.firstIndex(from: local + 1)]
  }

  private func decode(
    _ container: RoaringContainer,
    from bytes: Span<UInt8>,
    at origin: Int,
    into words: inout WordBuffer
  ) throws(RoaringError) {
    let start = container.payload.lowerBound - origin
    let payload = unsafe bytes.bytes.extracting(start..<start + container.payload.count)
    try container.validate(payload)
    var segment = words.mutableSpan
    container.decode(payload, into: &segment, at: container.segmentWords.lowerBound)
  }

  /// Throws where a bit of `words`, those of segment `index`, is set past the last position.
  private func checkEnd(
    of index: Int,
    _ words: borrowing WordBuffer,
    _ last: RoaringContainer
  ) throws(RoaringError) {
    let end = SegmentGrid.range(index, positions: positions).count
    guard end < SegmentGrid.length else { return }
    let words = words.span
    let first = words[end / 64] >> UInt64(end % 64)
    let rest = (end / 64 + 1..<SegmentGrid.words).allSatisfy { words[$0] == 0 }
    guard first == 0, rest else {
      throw RoaringError(.beyondLastPosition, at: last.payload.lowerBound)
    }
  }
}

extension [RoaringContainer] {
  /// The index of the first container that is not of a segment before `segment`.
  fileprivate func firstIndex(from segment: Int) -> Int {
    var range = 0..<count
    while !range.isEmpty {
      let middle = range.lowerBound + range.count / 2
      range =
        self[middle].segment < segment ? middle + 1..<range.upperBound : range.lowerBound..<middle
    }
    return range.lowerBound
  }
}
