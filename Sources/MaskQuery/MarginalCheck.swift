internal import ByteFormats
internal import MaskCatalog
internal import MaskModel

/// Recounts one tensor of a mask from its bits, by binade where those of the base are kept.
struct MarginalCheck {
  /// What does not agree with what was kept.
  let problems: [String]

  init(
    _ counts: TensorCounts,
    tensor: Int,
    of mask: some MaskReader,
    _ binades: StoredBinades?,
    using context: ReadContext
  ) throws {
    let binades = try counts.marginals.binades == nil ? nil : binades?.ifWhole(of: tensor)
    var recount = Recount(counts, tensor: tensor, binades)
    var words = WordBuffer()
    for number in 0..<SegmentGrid.count(positions: counts.tensor.shape.count) {
      let count = try mask.read(tensor: tensor, segment: number, into: &words, using: context)
      try recount.add(&words, count: count, segment: number)
    }
    problems = recount.checks.filter { !$0.isRight }
      .map { "\(counts.tensor.name): \($0.problem)" }
  }
}

/// What is found in the bits of one tensor, as far as such counts are kept.
private struct Recount {
  private let counts: TensorCounts
  private let tensor: Int
  private let binades: StoredBinades?
  private var count = 0
  private var outside = 0
  private var rows: [UInt32]
  private var columns: [UInt32]
  private var byBinade = BinadeCounts()
  private var fields: [UInt8] = []

  init(_ counts: TensorCounts, tensor: Int, _ binades: StoredBinades?) {
    self.counts = counts
    self.tensor = tensor
    self.binades = binades
    rows = [UInt32](repeating: 0, count: counts.marginals.rows?.count ?? 0)
    columns = [UInt32](repeating: 0, count: counts.marginals.columns?.count ?? 0)
  }

  /// Adds a segment of `all` set bits, of which those outside of what was compared are cleared.
  mutating func add(_ words: inout WordBuffer, count all: Int, segment number: Int) throws {
    let shape = counts.tensor.shape
    let range = SegmentGrid.range(number, positions: shape.count)
      .clamped(to: 0..<counts.compared)
    words.clear(from: range.count)
    let inside = Kernels.count(words.span)
    (count, outside) = (count + inside, outside + all - inside)
    guard inside > 0 else { return }
    if let binades {
      try binades.read(tensor: tensor, segment: number, into: &fields)
      byBinade.add(words, fields[..<range.count])
    }
    if !rows.isEmpty {
      Kernels.addRows(words.span, range: range, columns: shape.columns, to: &rows)
    }
    if !columns.isEmpty {
      Kernels.addColumns(words.span, range: range, columns: shape.columns, to: &columns)
    }
  }

  /// What must hold, each with what is said where it does not.
  var checks: [(isRight: Bool, problem: String)] {
    let kept = counts.marginals
    let shape = counts.tensor.shape
    let isProfiled = shape.isMatrix && shape.columns > 0 && counts.compared > 0
    let rowCount = isProfiled ? counts.compared / shape.columns : 0
    return [
      (
        kept.rows != nil || rowCount == 0 || rowCount > TensorMarginals.limit,
        "the counts per row are missing"
      ),
      (
        kept.columns != nil || rowCount == 0 || shape.columns > TensorMarginals.limit,
        "the counts per column are missing"
      ),
      (
        binades == nil || kept.binades == BinadeProfile(byBinade.changed.map { Int($0) }),
        "the counts per magnitude are wrong"
      ),
      (outside == 0, "\(outside, of: "position") set outside of what was compared"),
      (count == kept.count, "\(count, of: "position") set, where the count is \(kept.count)"),
      (kept.rows.map { $0 == rows } ?? true, "the counts per row are wrong"),
      (kept.columns.map { $0 == columns } ?? true, "the counts per column are wrong"),
    ]
  }
}

extension StoredBinades {
  /// These, where every segment of tensor `ordinal` is kept.
  fileprivate func ifWhole(of ordinal: Int) throws -> StoredBinades? {
    try isWhole(of: [ordinal]) ? self : nil
  }
}
