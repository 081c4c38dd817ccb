/// How many bits the positions of a roaring file have.
public enum RoaringWidth: Int, Sendable, Hashable {
  /// One portable bitmap.
  case bits32 = 32
  /// The portable 64-bit extension: a count, then each upper half with a portable bitmap of lowers.
  case bits64 = 64

  /// The positions of a 32-bit bitmap.
  static let narrowPositions = 1 << 32

  /// The width that a tensor of `positions` needs.
  public init(positions: Int) {
    self = positions > Self.narrowPositions ? .bits64 : .bits32
  }

  /// The segments of a 32-bit bitmap.
  static let segmentsOfBitmap = 1 << 10
}
