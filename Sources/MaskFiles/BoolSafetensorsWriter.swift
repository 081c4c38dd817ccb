internal import ByteFormats
public import MaskModel
public import SystemPackage

/// Writes a mask as one safetensors file: the model's tensor names and shapes, one BOOL a weight.
///
/// Reads the mask once, a segment at a time, and holds two segments' worth of memory.
///
/// Source: https://github.com/huggingface/safetensors, section Format.
public struct BoolSafetensorsWriter: Sendable {
  private let mask: any MaskReader
  private let provenance: MaskProvenance

  /// A writer of `mask`, in the polarity that `provenance` says.
  public init(_ mask: some MaskReader, provenance: MaskProvenance) {
    self.mask = mask.polarized(provenance.polarity)
    self.provenance = provenance
  }

  /// Writes the file.
  ///
  /// Nothing has the name `path` before the file is whole.
  ///
  /// - Parameters:
  ///   - path: the name of the file.
  ///   - overwrite: whether an earlier export of that name may go; else what exists is refused.
  ///   - progress: told the positions written since it was last told.
  /// - Throws: where the file exists and may not go, the mask cannot be read or is miscounted, the format cannot hold its names, or
  ///   the file system refuses.
  public func write(
    to path: FilePath,
    overwrite: Bool = false,
    progress: (Int) -> Void = { _ in }
  ) throws {
    try Self.checkPlace(path, overwrite: overwrite)
    let header = try SafetensorsHeader(of: mask.layout, metadata: provenance, for: path)
    var file = try AtomicFile(at: path)
    try file.write(header.bytes)
    var words = WordBuffer()
    var chunk = BoolChunk()
    for tensor in mask.layout.tensors.indices {
      try write(tensor, to: &file, &words, &chunk, progress)
    }
    try file.commit()
  }

  /// Refuses what is there, unless it may go and is an export of ours.
  private static func checkPlace(_ path: FilePath, overwrite: Bool) throws {
    guard Folder.kind(of: path) != nil else { return }
    guard overwrite else { throw MaskFileError.exists(path) }
    guard try SafetensorsHeader.isExport(path) else {
      throw MaskFileError.notAnExport(path, found: "other content")
    }
  }

  private func write(
    _ tensor: Int,
    to file: inout AtomicFile,
    _ words: inout WordBuffer,
    _ chunk: inout BoolChunk,
    _ progress: (Int) -> Void
  ) throws {
    var found = 0
    for index in mask.segments(tensor: tensor) {
      found += try mask.read(tensor: tensor, segment: index, into: &words)
      let positions = mask.positions(tensor: tensor, segment: index)
      for start in stride(from: 0, to: positions, by: BoolChunk.length) {
        chunk.fill(from: words.span, start..<min(start + BoolChunk.length, positions))
        try file.write(chunk.bytes)
      }
      progress(positions)
    }
    try check(found, tensor)
  }

  private func check(_ found: Int, _ tensor: Int) throws(MaskFileError) {
    let expected = mask.count(tensor: tensor)
    let name = mask.layout.tensors[tensor].name
    guard found == expected else {
      throw .miscounted(tensor: name, expected: expected, found: found)
    }
  }
}

/// A stretch of positions as bytes.
private struct BoolChunk: ~Copyable {
  /// As many bytes as a file takes at once, so that they are not gathered a second time.
  static let length = 1 << 20
  private var output = WordBuffer(count: length / 8)
  private var byteCount = 0

  /// The bytes.
  var bytes: RawSpan {
    @_lifetime(borrow self)
    borrowing get { unsafe output.span.bytes.extracting(first: byteCount) }
  }

  /// Expands the bits of `range`, which begins with a whole word.
  mutating func fill(from words: Span<UInt64>, _ range: Range<Int>) {
    byteCount = range.count
    var span = output.mutableSpan
    let wholeWords = range.lowerBound / 64..<(range.upperBound + 63) / 64
    BoolExpansion.expand(words, in: wholeWords, into: &span)
  }
}
