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

  /// Throws where what was read is no longer what was opened.
  func checkUnchanged() throws
}

extension BinadeReader {
  /// Nothing: for what cannot change under a reader.
  public func checkUnchanged() throws {}

  /// The positions of `mask` within `range` of tensor `tensor`, by binade.
  ///
  /// - Throws: where the mask or the exponents cannot be read.
  package func counts(
    of mask: any SegmentReader,
    tensor: Int,
    in range: Range<Int>
  ) throws -> [Int] {
    var counts = BinadeCounts()
    var words = WordBuffer()
    let context = ReadContext()
    var fields: [UInt8] = []
    let first = range.lowerBound / SegmentGrid.length
    for segment in first..<SegmentGrid.count(positions: range.upperBound) {
      let inside = SegmentGrid.range(segment, positions: range.upperBound)
      _ = try mask.read(tensor: tensor, segment: segment, into: &words, using: context)
      words.clear(before: range.lowerBound - inside.lowerBound)
      try read(tensor: tensor, segment: segment, into: &fields)
      counts.add(words, fields[..<inside.count])
    }
    return counts.changed.map { Int($0) }
  }
}

/// The positions of segments by binade of the base's weight: those that a mask has, and all.
package struct BinadeCounts: Sendable {
  /// Those that the mask has.
  package private(set) var changed = [UInt64](repeating: 0, count: 256)
  /// All of them.
  package private(set) var all = [UInt64](repeating: 0, count: 256)

  /// No positions yet.
  package init() {}

  /// Adds the leading positions of a segment, of which `fields` are the exponents; bits of `words`
  /// beyond them are not counted.
  package mutating func add(_ words: borrowing WordBuffer, _ fields: ArraySlice<UInt8>) {
    for field in fields { all[Int(field)] += 1 }
    unsafe fields.withUnsafeBufferPointer { fields in
      unsafe words.withWords { words in
        for index in 0..<SegmentGrid.words(for: fields.count) {
          var bits = unsafe words[index]
          while bits != 0 {
            let place = index << 6 | bits.trailingZeroBitCount
            guard place < fields.count else { return }
            changed[Int(unsafe fields[place])] += 1
            bits &= bits - 1
          }
        }
      }
    }
  }
}
