/// Something that gives the exponents of a base's values, segment by segment: the catalog, where it
/// keeps them, or the base's files.
public protocol BinadeReader: Sendable {
  /// Fills `fields` with the fp32 exponent fields (0...255) of the values of a segment, cast to the
  /// compare dtype.
  ///
  /// - Parameters:
  ///   - tensor: the place in the layout.
  ///   - index: the segment of the tensor.
  ///   - fields: gets one element a position of the segment.
  /// - Throws: where the values cannot be read.
  func read(tensor: Int, segment index: Int, into fields: inout [UInt8]) throws
}
