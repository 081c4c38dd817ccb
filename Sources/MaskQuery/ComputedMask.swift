internal import MaskModel

/// The source of a mask that is computed as it is read, and was counted in a pass over its bits.
struct ComputedMask: MaskSource {
  private let whole: CountedReader
  private let counted: [TensorCounts]
  private let tensors: [TensorDomain]

  /// The mask that `whole` gives over the layout of its base, with `counts` and `domain` for every
  /// tensor.
  init(_ whole: any SegmentReader, counts: [TensorCounts], domain: [TensorDomain]) {
    precondition(domain.count == whole.layout.tensors.count, "every tensor has its domain")
    self.whole = CountedReader(whole, counts: counts.map(\.marginals.count))
    counted = counts
    tensors = domain
  }

  func reader() -> any MaskReader { whole }

  func parameterReader() -> any MaskReader {
    let parameters = tensors.indices.filter { FloatType(named: tensors[$0].baseType) != nil }
    return SubsetReader(whole, tensors: parameters)
  }

  func counts(margins: Bool) -> [TensorCounts] { counted }

  func domain() -> [TensorDomain] { tensors }
}

extension TensorMarginals {
  /// The marginals of the first `compared` positions of tensor `ordinal`, counted from the bits,
  /// without binades.
  init(countedFrom mask: some MaskReader, tensor ordinal: Int, to compared: Int) throws {
    let shape = mask.layout.tensors[ordinal].shape
    let rowCount = shape.isMatrix && shape.columns > 0 ? compared / shape.columns : nil
    var rows = rowCount.flatMap { Self.counters($0) }
    var columns = rowCount.flatMap { _ in Self.counters(shape.columns) }
    var count = 0
    var words = WordBuffer()
    let context = ReadContext()
    for number in 0..<SegmentGrid.count(positions: compared) {
      let range = SegmentGrid.range(number, positions: compared)
      _ = try mask.read(tensor: ordinal, segment: number, into: &words, using: context)
      words.clear(from: range.count)
      count += Kernels.count(words.span)
      if var sums = rows.take() {
        Kernels.addRows(words.span, range: range, columns: shape.columns, to: &sums)
        rows = sums
      }
      if var sums = columns.take() {
        Kernels.addColumns(words.span, range: range, columns: shape.columns, to: &sums)
        columns = sums
      }
    }
    self.init(count: count, rows: rows, columns: columns, exponents: nil)
  }

  /// One counter each, nil for too many.
  private static func counters(_ count: Int) -> [UInt32]? {
    count <= limit ? [UInt32](repeating: 0, count: count) : nil
  }
}
