public import MaskModel

/// The source of a mask that is computed as it is read: nothing of it is counted but by reading it.
///
/// It has no counts per binade of the base's weights, so that the magnitude null has no answer for
/// its pairs, and says so.
public struct ComputedMask: MaskSource {
  private let whole: any MaskReader
  private let parameters: any MaskReader
  private let compared: [Int]

  /// The mask that `reader` gives, compared on the first `compared` positions of every tensor.
  ///
  /// - Parameters:
  ///   - reader: its bits; none may be set outside of the compared positions.
  ///   - parameters: the same over the float tensors of the base alone.
  ///   - compared: one number a tensor, of whole rows.
  public init(_ reader: any MaskReader, parameters: any MaskReader, compared: [Int]) {
    precondition(compared.count == reader.layout.tensors.count, "every tensor has its domain")
    whole = reader
    self.parameters = parameters
    self.compared = compared
  }

  /// The bits over the whole layout.
  public func reader() -> any MaskReader { whole }

  /// The bits over the float tensors of the base.
  public func parameterReader() -> any MaskReader { parameters }

  /// Counts every tensor, row and column from the bits: one pass over them.
  public func counts() throws -> [TensorCounts] {
    try whole.layout.tensors.enumerated().map { ordinal, tensor in
      TensorCounts(
        tensor: tensor,
        compared: compared[ordinal],
        marginals: try TensorMarginals(
          countedFrom: whole,
          tensor: ordinal,
          to: compared[ordinal]
        ),
        exponentTotals: nil
      )
    }
  }
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
    for number in 0..<SegmentGrid.count(positions: compared) {
      let range = SegmentGrid.range(number, positions: compared)
      _ = try mask.read(tensor: ordinal, segment: number, into: &words)
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
