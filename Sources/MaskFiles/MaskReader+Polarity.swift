internal import MaskModel

extension MaskReader {
  /// The bits that a file of `polarity` holds.
  func polarized(_ polarity: MaskPolarity) -> any MaskReader {
    switch polarity {
    case .trainable: self
    case .frozen: ComplementReader(base: self)
    }
  }

  /// The segments of tensor `tensor`.
  func segments(tensor: Int) -> Range<Int> {
    0..<SegmentGrid.count(positions: layout.tensors[tensor].shape.count)
  }

  /// The positions of segment `index` of tensor `tensor`.
  func positions(tensor: Int, segment index: Int) -> Int {
    SegmentGrid.range(index, positions: layout.tensors[tensor].shape.count).count
  }
}
