internal import ByteFormats
internal import MaskModel
internal import Synchronization

/// One byte of 0 or 1 for every position, in a deflated member of an archive.
///
/// Inflated once for readers that go forward, and again from the start for one that goes back. What a
/// reader skips is kept for others, up to 64 segments of half a mebibyte. The last segment is given out
/// once the member was found to have its size and checksum.
final class DeflatedBits: TensorBits {
  private struct State: ~Copyable {
    var reader: ZipArchive.Reader?
    /// The segment that comes next.
    var next = 0
    var skipped: [Int: [UInt64]] = [:]
  }

  private let zip: ZipArchive
  private let member: ZipArchive.Member
  /// The bytes before the first position.
  private let start: Int
  private let name: String
  private let state = Mutex(State())
  private static let step = 1 << 18
  private static let mostSkipped = 64

  init(_ member: ZipArchive.Member, of zip: ZipArchive, from start: Int, name: String) {
    self.zip = zip
    self.member = member
    self.start = start
    self.name = name
  }

  func fill(_ words: inout WordBuffer, segment index: Int, positions: Int) throws {
    do {
      try state.withLock { state in
        if let kept = state.skipped.removeValue(forKey: index) {
          var target = words.mutableSpan
          for place in kept.indices { target[place] = kept[place] }
          return
        }
        try advance(&state, to: index, positions)
        try inflate(&state, into: &words, positions)
      }
    } catch let failure as ZipArchive.Failure {
      throw MaskImportError(zip.file.path, failure.description)
    }
  }

  /// Goes on, or back to the start, until segment `index` is next.
  private func advance(_ state: inout State, to index: Int, _ positions: Int) throws {
    if state.reader == nil || index < state.next {
      var reader = zip.reader(of: member)
      _ = try reader.read(start)
      state.reader = consume reader
      state.next = 0
    }
    while state.next < index {
      var words = WordBuffer()
      let segment = state.next
      try inflate(&state, into: &words, positions)
      guard state.skipped.count < Self.mostSkipped else { continue }
      let count = SegmentGrid.words(for: SegmentGrid.range(segment, positions: positions).count)
      state.skipped[segment] = (0..<count).map { words.span[$0] }
    }
  }

  /// Inflates the next segment into `words`, which are zero.
  private func inflate(
    _ state: inout State,
    into words: inout WordBuffer,
    _ positions: Int
  ) throws {
    let count = SegmentGrid.range(state.next, positions: positions).count
    for position in stride(from: 0, to: count, by: Self.step) {
      guard var bytes = try state.reader?.read(min(Self.step, count - position)) else { return }
      guard words.pack(&bytes, at: position) else { throw noMask(name, in: zip.file) }
    }
    state.next += 1
    if state.next == SegmentGrid.count(positions: positions) { state.reader = nil }
  }
}
