/// How the positions of a tensor are cut into segments of 2^22.
///
/// A segment is the unit of work everywhere: 64 roaring containers, 65,536 words, 512 KiB dense.
public enum SegmentGrid {
  /// The positions of a whole segment.
  public static let length = 1 << 22
  /// The words of a whole segment.
  public static let words = length / 64

  /// The segments of a tensor of `positions`.
  public static func count(positions: Int) -> Int {
    positions / length + (positions % length == 0 ? 0 : 1)
  }

  /// The positions of segment `index` of a tensor of `positions`.
  public static func range(_ index: Int, positions: Int) -> Range<Int> {
    index * length..<min((index + 1) * length, positions)
  }

  /// The words that hold `positions` bits.
  public static func words(for positions: Int) -> Int { (positions + 63) / 64 }
}
