internal import ByteFormats
public import Checkpoints
public import MaskModel
internal import SystemPackage

/// A mask file laid over a model: what is imported, or audited.
///
/// Made only where names and shapes agree; the content is checked as it is read, which is once for an
/// import: what is stored is not to be seen before all of it was found to be a mask.
public struct ImportedMask: SegmentReader {
  /// The model's tensors.
  public let layout: ModelLayout
  /// The positions that the mask covers, by tensor.
  public let compared: [Int]
  /// Why a tensor is not wholly covered; nil where it is.
  public let reasons: [String?]
  /// What a reader of the file should know: names that lost prefixes.
  public let notices: [CheckpointNotice]
  private let sources: [any TensorBits]
  private let isInverted: Bool
  private let path: FilePath
  /// The set positions that a manifest states, by tensor.
  private let stated: [Int?]

  /// Lays `file` over `layout`.
  ///
  /// - Parameters:
  ///   - file: the mask file.
  ///   - layout: the model's tensors.
  ///   - polarity: what the set positions mean; nil takes what the file says.
  ///   - uncovered: tensors of the layout that no mask covers, such as those of integers, and why.
  ///   - allowsMissing: whether other tensors that the file lacks are left uncovered, not refused.
  /// - Throws: `MaskImportError` with the first names or shapes that do not agree, or where the
  ///   polarity is not known or contradicts the file's.
  public init(
    _ file: MaskFile,
    over layout: ModelLayout,
    polarity: MaskPolarity?,
    uncovered: [String: String] = [:],
    allowsMissing: Bool = false
  ) throws {
    let plan = try ImportPlan(file, layout, uncovered, allowsMissing)
    isInverted = try Self.polarity(of: file, asked: polarity) == .frozen
    self.layout = layout
    path = file.path
    compared = plan.tensors.map(\.compared)
    reasons = plan.tensors.map(\.reason)
    notices = plan.notices
    stated = plan.tensors.map(\.stated)
    sources = plan.tensors.map(\.bits)
  }

  private static func polarity(of file: MaskFile, asked: MaskPolarity?) throws -> MaskPolarity {
    guard let polarity = asked ?? file.polarity else {
      throw MaskImportError(
        file.path,
        "it does not say what true means; say --polarity trainable, or --polarity frozen"
      )
    }
    if let stated = file.polarity, stated != polarity {
      throw MaskImportError(
        file.path,
        "true means \(stated.rawValue) in it, not \(polarity.rawValue); leave out --polarity"
      )
    }
    return polarity
  }

  /// Holds `counts`, the changed positions that were found in every tensor, against those that the
  /// file's manifest states.
  ///
  /// - Throws: `MaskImportError` where they differ.
  public func check(counts: [Int]) throws(MaskImportError) {
    for (index, tensor) in layout.tensors.enumerated() {
      guard let stated = stated[index] else { continue }
      let found =
        isInverted && compared[index] > 0 ? tensor.shape.count - counts[index] : counts[index]
      guard found != stated else { continue }
      throw MaskImportError(
        path,
        "its manifest states \(stated, of: "set position") of \(tensor.name), and the file has \(found); "
          + "export the mask again"
      )
    }
  }

  /// The mask with its counts, for which every byte is read.
  ///
  /// - Throws: what reading throws.
  public func counted() throws -> CountedReader {
    var words = WordBuffer()
    let context = ReadContext()
    let counts = try layout.tensors.indices.map { tensor in
      let segments = SegmentGrid.count(positions: layout.tensors[tensor].shape.count)
      return try (0..<segments).reduce(0) { sum, segment in
        sum + (try read(tensor: tensor, segment: segment, into: &words, using: context))
      }
    }
    try check(counts: counts)
    return CountedReader(self, counts: counts)
  }

  /// Fills `words` with a segment: positions that changed, within what the mask covers.
  ///
  /// - Throws: `MaskImportError` where the content is no mask, or marks what it does not cover.
  public func read(
    tensor: Int,
    segment index: Int,
    into words: inout WordBuffer,
    using context: ReadContext
  ) throws -> Int {
    let positions = layout.tensors[tensor].shape.count
    let range = SegmentGrid.range(index, positions: positions)
    words.clear(words: SegmentGrid.words(for: range.count))
    let covered = range.clamped(to: 0..<compared[tensor]).count
    guard covered > 0 else { return 0 }
    try sources[tensor].fill(&words, segment: index, positions: positions)
    if isInverted { words.complement(positions: range.count) }
    let found = Kernels.count(words.span.extracting(first: SegmentGrid.words(for: range.count)))
    words.clear(from: covered)
    let kept = Kernels.count(words.span.extracting(first: SegmentGrid.words(for: range.count)))
    guard kept == found else {
      throw MaskImportError(
        path,
        "it marks positions of \(layout.tensors[tensor].name) that it says it does not cover"
      )
    }
    return kept
  }
}
