/// The numbers of the portable roaring format, and its integers.
///
/// Source: RoaringFormatSpec, https://github.com/RoaringBitmap/RoaringFormatSpec. All integers are
/// little-endian.
package enum RoaringFormat {
  /// The positions a container covers.
  package static let containerLength = 1 << 16
  /// The words of a container's positions.
  package static let containerWords = containerLength / 64
  /// The most containers of a 32-bit bitmap.
  package static let containerLimit = 1 << 16
  /// The most values of an array container; a bitset has more.
  package static let arrayLimit = 4096
  /// The bytes of a bitset container; no container we write is longer.
  package static let bitsetBytes = containerLength / 8
  /// The first 32 bits where no container is a run container.
  static let plainCookie: UInt32 = 12346
  /// The first 16 bits where some container may be one.
  static let runCookie: UInt16 = 12347
  /// From this many containers on a bitmap with runs has offsets too.
  static let offsetThreshold = 4
}

extension RawSpan {
  /// The little-endian integer at `offset`, which need not be aligned but must lie within.
  package func littleEndian<Value: FixedWidthInteger & BitwiseCopyable>(
    _ type: Value.Type,
    at offset: Int
  ) -> Value {
    // Every bit pattern is a value of an integer type, and the load is bounds-checked.
    Value(littleEndian: unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: type))
  }
}
