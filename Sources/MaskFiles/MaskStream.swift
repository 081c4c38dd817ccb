internal import ByteFormats
internal import Checkpoints
internal import MaskModel

/// The arrays of a mask file as bytes, a chunk at a time; holds about three mebibytes.
struct MaskStream: ~Copyable {
  private let mask: any MaskReader
  private let context: ReadContext
  private var words = WordBuffer()
  private var chunk = MaskChunk()

  init(_ mask: any MaskReader, using context: ReadContext) {
    self.mask = mask
    self.context = context
  }

  /// Hands the bytes of `payload` to `take`, chunk by chunk, and tells the positions that were done.
  ///
  /// - Throws: `MaskFileError.miscounted` where the mask gives other bits than it counts.
  mutating func send(
    _ payload: MaskPayload,
    progress: (Int) -> Void,
    to take: (RawSpan) throws -> Void
  ) throws {
    var found = 0
    for index in mask.segments(tensor: payload.tensor) {
      let count = try mask.read(
        tensor: payload.tensor,
        segment: index,
        into: &words,
        using: context
      )
      let positions = mask.positions(tensor: payload.tensor, segment: index)
      found += count
      try check(found, payload.tensor, isLast: false)
      try Self.send(payload.content, segment: index, positions, count, words, &chunk, to: take)
      if case .values = payload.content { continue }
      progress(positions)
    }
    try check(found, payload.tensor, isLast: true)
  }

  private static func send(
    _ content: MaskPayload.Content,
    segment: Int,
    _ positions: Int,
    _ count: Int,
    _ words: borrowing WordBuffer,
    _ chunk: inout MaskChunk,
    to take: (RawSpan) throws -> Void
  ) throws {
    let origin = segment * SegmentGrid.length
    for start in stride(from: 0, to: positions, by: MaskChunk.positions) {
      let range = start..<min(start + MaskChunk.positions, positions)
      switch content {
      case .bools: chunk.fillBools(from: words.span, range)
      case .packed: chunk.fillPacked(from: words.span, range)
      case .indices(let width):
        guard count > 0 else { return }
        chunk.fillIndices(from: words.span, range, origin: origin, width: width)
      case .values(let tensor, let checkpoint):
        guard count > 0 else { return }
        try chunk.fillValues(from: words.span, range, origin: origin, of: tensor, in: checkpoint)
      }
      try take(chunk.bytes)
    }
  }

  /// More than was counted is noticed before it is written, since the room for it was told.
  private func check(_ found: Int, _ tensor: Int, isLast: Bool) throws(MaskFileError) {
    let expected = mask.count(tensor: tensor)
    guard isLast ? found == expected : found <= expected else {
      let name = mask.layout.tensors[tensor].name
      throw .miscounted(tensor: name, expected: expected, found: found)
    }
  }
}
