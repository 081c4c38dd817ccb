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
    let shape = counts.tensor.shape
    let kept = counts.marginals
    var rows = [UInt32](repeating: 0, count: kept.rows?.count ?? 0)
    var columns = [UInt32](repeating: 0, count: kept.columns?.count ?? 0)
    var (count, outside) = (0, 0)
    var words = WordBuffer()
    let binades = try kept.binades == nil ? nil : binades?.ifWhole(of: tensor)
    var byBinade = BinadeCounts()
    var fields: [UInt8] = []
    for number in 0..<SegmentGrid.count(positions: shape.count) {
      let all = try mask.read(tensor: tensor, segment: number, into: &words, using: context)
      let range = SegmentGrid.range(number, positions: shape.count)
        .clamped(to: 0..<counts.compared)
      words.clear(from: range.count)
      let inside = Kernels.count(words.span)
      (count, outside) = (count + inside, outside + all - inside)
      if let binades, inside > 0 {
        try binades.read(tensor: tensor, segment: number, into: &fields)
        byBinade.add(words, fields[..<range.count])
      }
      guard inside > 0 else { continue }
      if !rows.isEmpty {
        Kernels.addRows(words.span, range: range, columns: shape.columns, to: &rows)
      }
      if !columns.isEmpty {
        Kernels.addColumns(words.span, range: range, columns: shape.columns, to: &columns)
      }
    }
    let isProfiled = shape.isMatrix && shape.columns > 0 && counts.compared > 0
    let rowCount = isProfiled ? counts.compared / shape.columns : 0
    let checks = [
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
    problems = checks.filter { !$0.0 }.map { "\(counts.tensor.name): \($0.1)" }
  }
}

extension StoredBinades {
  /// These, where every segment of tensor `ordinal` is kept.
  fileprivate func ifWhole(of ordinal: Int) throws -> StoredBinades? {
    try isWhole(of: [ordinal]) ? self : nil
  }
}
