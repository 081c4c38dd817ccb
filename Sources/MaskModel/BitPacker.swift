internal import ByteFormats
internal import CMaskKernels

/// Chooses a coding for bits by their density and their runs, and packs them.
struct BitPacker: ~Copyable, Sendable {
  /// Spends its time on entropy alone; the other looks for repeats as well.
  var entropy = ZstdCompressor(.entropy)
  var repeats = ZstdCompressor(.repeats)
  var gaps: WordBuffer
  var complement: WordBuffer
  var bytes: WordBuffer
  var map: WordBuffer
  var folds: FoldBuffer

  init(in memory: ScratchMemory) {
    folds = FoldBuffer(in: memory)
    map = WordBuffer(count: SegmentGrid.words / 8, in: memory)
    bytes = WordBuffer(in: memory)
    gaps = WordBuffer(count: SegmentGrid.words * 2, in: memory)
    complement = WordBuffer(in: memory)
  }

  /// The positions up to which every coding is tried: few bits cost little.
  private static let small = 1 << 16
  /// The shares of the rarer bits between which codings change, for independent bits.
  ///
  /// Below the first a gap takes more than a byte too often; between the second and the third a map
  /// of bytes reads faster than gaps and takes as little; from the third on folding does, for most of
  /// what it leaves needs no packing; from the fourth on packing saves less than 4 %, and unpacked bits
  /// read ten times faster. A part that is not packed costs the whole less than that already before.
  private static let sparse = (below: 0.002, from: 0.015)
  private static let folded = 0.11
  private static let raw = 0.385
  private static let part = (gaps: 0.05, raw: 0.37)

  /// What `size` bytes must take less than to be packed: a few any less, many 4 % less, as above.
  static func worthPacking(_ size: Int) -> Int { size > small / 8 ? size - size / 25 : size }

  /// A small coding of `positions` bits, `count` of them set; `words` has no others.
  ///
  /// Bits that are a part of a coding are not taken apart again.
  mutating func pack(
    _ words: UnsafeBufferPointer<UInt64>,
    count: Int,
    positions: Int,
    isPart: Bool = false
  ) -> PackedBits {
    if count == 0 { return PackedBits(coding: .empty, bytes: []) }
    if count == positions { return PackedBits(coding: .full, bytes: []) }
    let task = unsafe PackingTask(words, count: count, positions: positions)
    var best = PackedBits(coding: .raw, bytes: [])
    var limit = unsafe task.raw.count
    func keep(_ packed: PackedBits?) {
      guard let packed, packed.bytes.count < limit else { return }
      (best, limit) = (packed, packed.bytes.count)
    }
    let methods = unsafe isPart ? partCandidates(task) : candidates(task)
    for method in methods {
      keep(unsafe packed(task, by: method, below: limit))
    }
    return unsafe best.coding == .raw ? PackedBits(coding: .raw, bytes: [UInt8](task.raw)) : best
  }

  /// The ways that may give the smallest coding.
  private func candidates(_ task: PackingTask) -> [Method] {
    let rare = unsafe task.rare
    if unsafe task.positions <= Self.small { return Method.allCases }
    if unsafe task.isStructured { return [.gaps, .sparse, .runs, .packed] }
    if rare >= Self.raw { return [] }
    if rare >= Self.folded { return [.folded] }
    return rare < Self.sparse.below || rare >= Self.sparse.from ? [.sparse] : [.gaps]
  }

  /// The same for a part, which is not taken apart again.
  private func partCandidates(_ task: PackingTask) -> [Method] {
    if unsafe task.positions <= Self.small { return [.gaps, .runs, .packed, .golomb] }
    if unsafe task.isStructured { return [.gaps, .runs, .packed] }
    let rare = unsafe task.rare
    if rare >= Self.part.raw { return [] }
    return rare < Self.part.gaps ? [.gaps] : [.packed]
  }

  /// Whether what a fold makes of bits is worth another: too few of its own are set to leave it as it
  /// is.
  func isWorthFolding(_ count: Int, of positions: Int) -> Bool {
    positions > Self.small && Double(count) < Self.part.raw * Double(positions)
  }

  private mutating func packed(
    _ task: PackingTask,
    by method: Method,
    below limit: Int
  ) -> PackedBits? {
    switch method {
    case .packed:
      unsafe entropy.compress(task.raw, below: limit).map { PackedBits(coding: .packed, bytes: $0) }
    case .gaps: unsafe packGaps(task, below: limit)
    case .sparse: unsafe packSparse(task, below: limit)
    case .folded: unsafe packFolded(task, below: limit)
    case .runs: unsafe packRuns(task, below: limit)
    case .golomb: unsafe packGolomb(task, below: limit)
    }
  }

  private enum Method: CaseIterable {
    case gaps, sparse, folded, runs, packed, golomb
  }
}

/// Bits to pack.
@unsafe
struct PackingTask {
  let words: UnsafeBufferPointer<UInt64>
  let count: Int
  let positions: Int

  init(_ words: UnsafeBufferPointer<UInt64>, count: Int, positions: Int) {
    unsafe self.words = words
    unsafe self.count = count
    unsafe self.positions = positions
  }

  var raw: UnsafeRawBufferPointer { unsafe SegmentBits.bytes(of: words, positions: positions) }
  var density: Double { unsafe Double(count) / Double(positions) }
  /// The share of the bits that are fewer.
  var rare: Double { unsafe min(density, 1 - density) }
  var isDense: Bool { unsafe 2 * count > positions }
  /// Where bits differ from the one before.
  var edges: Int { unsafe Int(mk_edges(words.baseAddress, words.count)) }
  /// Whether bits stand together more than independent ones do, 2 n p (1 - p) of which are edges.
  var isStructured: Bool {
    unsafe Double(edges) < 0.8 * 2 * Double(count) * (1 - density)
  }
}
