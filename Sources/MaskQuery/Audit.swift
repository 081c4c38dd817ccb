public import Checkpoints
public import MaskModel
internal import Synchronization

/// What masked training left as it was: base and trained checkpoint compared bit by bit, inside the
/// mask and outside.
///
/// Every tensor is compared in the dtype of the trained file, to which the base is widened exactly. A
/// trained file of less precision is compared in its own dtype, to which the base is rounded: what
/// moved in the master weights by less than a step of it cannot be seen there.
public struct Audit: Sendable {
  /// Counts of one tensor.
  public struct Tensor: Sendable, Hashable {
    /// The tensor.
    public let layout: TensorLayout
    /// The positions inside the mask.
    public internal(set) var inside = 0
    /// Those inside that changed.
    public internal(set) var changedInside = 0
    /// Those outside that changed.
    public internal(set) var changedOutside = 0
    /// The first positions outside that changed, rising; at most `Audit.shownPositions`.
    public internal(set) var firstOutside: [Int] = []
    /// How it agrees with the reference; nil without one.
    public internal(set) var agreement: Agreement?
  }

  /// How many weights of the trained checkpoint are those of the reference.
  public struct Agreement: Sendable, Hashable {
    /// Bit for bit, inside the mask.
    public internal(set) var identicalInside = 0
    /// Bit for bit, of all.
    public internal(set) var identical = 0
    /// Within 1e-5 in bf16, as the rule `paper` says, inside the mask.
    public internal(set) var closeInside = 0
    /// Within 1e-5, of all.
    public internal(set) var close = 0
  }

  /// The positions of a tensor that are named.
  public static let shownPositions = 3

  /// The tensors, in the order of the base.
  public let tensors: [Tensor]
  /// The tensors that were compared in a dtype that is not exact for the base, with both dtypes.
  public let rounded: [String]
  /// The parameters of the trained checkpoint that the base lacks: what no mask of the base has.
  public let added: [TensorLayout]
  /// The other tensors that are not as they were, byte by byte.
  public let altered: [Altered]

  /// The positions compared.
  public var positions: Int { sum { $0.layout.shape.count } }
  /// The positions inside the mask.
  public var inside: Int { sum(\.inside) }
  /// Those that changed.
  public var changedInside: Int { sum(\.changedInside) }
  /// The positions outside of the mask.
  public var outside: Int { positions - inside }
  /// Those that changed: 0 where the mask was kept to.
  public var changedOutside: Int { sum(\.changedOutside) }

  /// Whether nothing outside of the mask moved, and nothing was added or altered.
  public var isKept: Bool { changedOutside == 0 && added.isEmpty && altered.isEmpty }

  /// How the trained checkpoint agrees with the reference; nil without one.
  public var agreement: Agreement? {
    let all = tensors.compactMap(\.agreement)
    guard !all.isEmpty else { return nil }
    return all.reduce(into: Agreement()) { $0.add($1) }
  }

  private func sum(_ count: (Tensor) -> Int) -> Int { tensors.reduce(0) { $0 + count($1) } }

  /// Compares `trained` with `base` at every float parameter, and all other tensors by their bytes.
  ///
  /// Reads each checkpoint once, on `threads` threads, each with about three blocks and four rows of
  /// bits of a segment.
  ///
  /// - Parameters:
  ///   - mask: the mask over the tensors of `base`; what it does not have counts as outside.
  ///   - base: the checkpoint that training began with.
  ///   - trained: what came of it.
  ///   - reference: the run to agree with, if any.
  ///   - threads: how many threads work.
  ///   - progress: told the positions that were compared since it was last told.
  /// - Throws: `AuditError` where a tensor is missing or of another shape, and what reading throws.
  public init(
    _ mask: any MaskReader,
    base: Checkpoint,
    trained: Checkpoint,
    reference: Checkpoint?,
    threads: Int,
    progress: @escaping @Sendable (Int) -> Void
  ) throws {
    let tensors = try AuditedTensor.all(of: mask, base, trained, reference)
    let jobs = tensors.indices.flatMap { index in
      (0..<SegmentGrid.count(positions: tensors[index].base.shape.count)).map { (index, $0) }
    }
    let results = Mutex(tensors.map { Tensor(layout: $0.layout) })
    if reference != nil {
      results.withLock { for index in $0.indices { $0[index].agreement = Agreement() } }
    }
    let checkpoints = AuditScratch.Checkpoints(
      mask: mask,
      base: base,
      trained: trained,
      reference: reference
    )
    try Workers.run(threads, jobs: jobs.count) { _, next in
      let scratch = AuditScratch(checkpoints)
      while let job = next() {
        let (index, segment) = jobs[job]
        let counts = try scratch.compare(tensors[index], segment: segment)
        results.withLock { $0[index].add(counts) }
        progress(SegmentGrid.range(segment, positions: tensors[index].base.shape.count).count)
      }
    }
    altered = try Self.altered(base, trained, threads: threads)
    for checkpoint in [base, trained] + [reference].compactMap(\.self) {
      try checkpoint.checkUnchanged()
    }
    self.tensors = results.withLock { $0 }
    rounded = tensors.compactMap(\.rounding)
    added = trained.tensors.filter { $0.isFloatParameter && base[$0.name] == nil }
      .map { TensorLayout(name: $0.name, shape: $0.shape) }
  }
}

/// Why checkpoints cannot be audited.
public struct AuditError: Error, Sendable, Hashable, CustomStringConvertible {
  /// One sentence: the checkpoint, the tensor, the way out.
  public let description: String
}

extension Audit.Tensor {
  init(layout: TensorLayout) { self.layout = layout }

  /// Adds the counts of some of the tensor's positions.
  mutating func add(_ other: Audit.Tensor) {
    inside += other.inside
    changedInside += other.changedInside
    changedOutside += other.changedOutside
    firstOutside = Array((firstOutside + other.firstOutside).sorted().prefix(Audit.shownPositions))
    if let part = other.agreement { agreement?.add(part) }
  }
}

extension Audit.Agreement {
  mutating func add(_ other: Audit.Agreement) {
    identicalInside += other.identicalInside
    identical += other.identical
    closeInside += other.closeInside
    close += other.close
  }
}
