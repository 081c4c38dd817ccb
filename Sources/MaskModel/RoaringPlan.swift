/// Reads a header and gives each container its place, one after the other.
///
/// A run container says how long it is only in its payload, so the caller, who has the bytes in
/// memory or in a file, gives the number of runs.
package struct RoaringPlan {
  private let header: RoaringHeader
  private let entries: [Entry]
  private let origin: Int
  private let limit: Int
  private var placed = 0
  /// Where the last container that has its place ends.
  package private(set) var end: Int

  /// Reads the header of a bitmap.
  ///
  /// - Parameters:
  ///   - bytes: the header at least, or all bytes there are.
  ///   - origin: where they begin in the file; all offsets are counted from the file's first byte.
  ///   - limit: where the file ends.
  /// - Throws: where the header breaks a rule or is not there whole.
  package init(header bytes: RawSpan, origin: Int, limit: Int) throws(RoaringError) {
    header = try RoaringHeader(prefix: bytes, origin: origin)
    guard header.byteCount <= bytes.byteCount else {
      throw RoaringError(.unexpectedEnd, at: origin + bytes.byteCount)
    }
    entries = try Entry.all(of: header, in: bytes, origin: origin)
    self.origin = origin
    self.limit = limit
    end = origin + header.byteCount
  }

  /// The containers.
  package var count: Int { header.count }

  /// Whether all containers have their place.
  package var isComplete: Bool { placed == count }

  /// Where the next container's number of runs is; nil where it has none.
  package func runCountOffset() throws(RoaringError) -> Int? {
    guard entries[placed].kind == .run else { return nil }
    guard end + 2 <= limit else { throw RoaringError(.unexpectedEnd, at: limit) }
    return end
  }

  /// Places the next container.
  ///
  /// - Parameter runs: its number of runs, if it has any.
  /// - Returns: the container with its place, its payload not yet seen.
  /// - Throws: where its offset says otherwise or the file ends before it does.
  package mutating func place(runs: UInt16?) throws(RoaringError) -> RoaringContainer {
    let entry = entries[placed]
    if let offset = entry.offset, origin + offset != end {
      throw RoaringError(.wrongOffset, at: origin + header.offsetsStart + 4 * placed)
    }
    if runs == 0 { throw RoaringError(.noRuns, at: end) }
    let shape = RoaringShape(cardinality: entry.cardinality, runs: Int(runs ?? 0))
    let payload = end..<end + shape.byteCount(as: entry.kind)
    guard payload.upperBound <= limit else { throw RoaringError(.unexpectedEnd, at: limit) }
    end = payload.upperBound
    placed += 1
    return RoaringContainer(
      key: entry.key,
      kind: entry.kind,
      cardinality: entry.cardinality,
      payload: payload
    )
  }
}

/// What a header says of one container.
private struct Entry {
  let key: UInt16
  let kind: RoaringContainer.Kind
  let cardinality: Int
  let offset: Int?

  static func all(
    of header: RoaringHeader,
    in bytes: RawSpan,
    origin: Int
  ) throws(RoaringError) -> [Entry] {
    try checkFlags(of: header, in: bytes, origin: origin)
    var entries: [Entry] = []
    entries.reserveCapacity(header.count)
    for index in 0..<header.count {
      let entry = Entry(index, of: header, in: bytes)
      if let last = entries.last, entry.key <= last.key {
        throw RoaringError(.keyNotRising, at: origin + header.entriesStart + 4 * index)
      }
      entries.append(entry)
    }
    return entries
  }

  private init(_ index: Int, of header: RoaringHeader, in bytes: RawSpan) {
    let start = header.entriesStart + 4 * index
    key = bytes.littleEndian(UInt16.self, at: start)
    cardinality = Int(bytes.littleEndian(UInt16.self, at: start + 2)) + 1
    let offset = header.offsetsStart + 4 * index
    self.offset = header.hasOffsets ? Int(bytes.littleEndian(UInt32.self, at: offset)) : nil
    let isRun =
      header.hasRuns && bytes.littleEndian(UInt8.self, at: 4 + index / 8) >> (index % 8) & 1 == 1
    kind = isRun ? .run : cardinality > RoaringFormat.arrayLimit ? .bitset : .array
  }

  /// The bits of the last flag byte that belong to no container are zero.
  private static func checkFlags(
    of header: RoaringHeader,
    in bytes: RawSpan,
    origin: Int
  ) throws(RoaringError) {
    guard header.hasRuns, header.count % 8 != 0 else { return }
    let last = header.entriesStart - 1
    guard bytes.littleEndian(UInt8.self, at: last) >> (header.count % 8) == 0 else {
      throw RoaringError(.superfluousRunFlag, at: origin + last)
    }
  }
}
