internal import CRoaring

/// A set of 32-bit positions: the sole owner of one `roaring_bitmap_t`.
@safe
public struct RoaringBitmap: ~Copyable, @unchecked Sendable {
  // Sendable: "CRoaring is thread-safe for reads" while copy-on-write is off, and it never is on;
  // nothing else holds the pointer, and mutation needs exclusivity.
  private let pointer: UnsafeMutablePointer<roaring_bitmap_t>

  /// An empty set.
  ///
  /// The corresponding C function is `roaring_bitmap_create`.
  public init() {
    unsafe self.init(adopting: roaring_bitmap_create())
  }

  /// The set whose portable form is `bytes`, once they are found to be one.
  ///
  /// The corresponding C function is `roaring_bitmap_portable_deserialize_safe`. Of version 0.2 it
  /// reads no byte beyond the last but believes what it reads, so every byte is validated first.
  public init(validating bytes: RawSpan) throws(RoaringError) {
    _ = try RoaringLayout(validating: bytes)
    let pointer = unsafe bytes.withUnsafeBytes { bytes in
      let start = unsafe bytes.bindMemory(to: CChar.self).baseAddress
      return unsafe roaring_bitmap_portable_deserialize_safe(start, bytes.count)
    }
    unsafe self.init(adopting: pointer)
  }

  private init(adopting pointer: UnsafeMutablePointer<roaring_bitmap_t>?) {
    guard let pointer = unsafe pointer else { fatalError("roaring: out of memory") }
    unsafe self.pointer = pointer
  }

  deinit { unsafe roaring_bitmap_free(pointer) }

  /// Runs `body` on the bitmap, which must outlive what it does with it.
  private borrowing func read<Value: ~Copyable>(
    _ body: (UnsafeMutablePointer<roaring_bitmap_t>) -> Value
  ) -> Value {
    unsafe body(pointer)
  }

  /// The new bitmap that `operation` makes of this one and `other`.
  private borrowing func combined(
    with other: borrowing RoaringBitmap,
    by operation: (
      UnsafePointer<roaring_bitmap_t>?, UnsafePointer<roaring_bitmap_t>?
    ) -> UnsafeMutablePointer<roaring_bitmap_t>?
  ) -> RoaringBitmap {
    unsafe RoaringBitmap(adopting: operation(pointer, other.pointer))
  }
}

extension RoaringBitmap {
  /// The positions in the set.
  ///
  /// The corresponding C function is `roaring_bitmap_get_cardinality`.
  public var count: Int { unsafe read { unsafe Int(roaring_bitmap_get_cardinality($0)) } }

  /// Whether `position` is in the set.
  ///
  /// The corresponding C function is `roaring_bitmap_contains`.
  public borrowing func contains(_ position: UInt32) -> Bool {
    unsafe read { unsafe roaring_bitmap_contains($0, position) }
  }

  /// Inserts `positions`, best in rising order.
  ///
  /// The corresponding C function is `roaring_bitmap_add_many`.
  public mutating func insert(_ positions: Span<UInt32>) {
    unsafe positions.withUnsafeBufferPointer { positions in
      unsafe read { unsafe roaring_bitmap_add_many($0, positions.count, positions.baseAddress) }
    }
  }

  /// Turns containers into runs where that is shorter.
  ///
  /// The corresponding C function is `roaring_bitmap_run_optimize`.
  public mutating func optimize() {
    _ = unsafe read { unsafe roaring_bitmap_run_optimize($0) }
  }

  /// The portable form.
  ///
  /// The corresponding C function is `roaring_bitmap_portable_serialize`.
  public borrowing func portableBytes() -> [UInt8] {
    unsafe read { pointer in
      let size = unsafe roaring_bitmap_portable_size_in_bytes(pointer)
      return unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
        count = unsafe buffer.withMemoryRebound(to: CChar.self) { buffer in
          unsafe roaring_bitmap_portable_serialize(pointer, buffer.baseAddress)
        }
      }
    }
  }
}

extension RoaringBitmap {
  /// The positions in both.
  ///
  /// The corresponding C function is `roaring_bitmap_and`.
  public borrowing func intersection(_ other: borrowing RoaringBitmap) -> RoaringBitmap {
    unsafe combined(with: other, by: roaring_bitmap_and)
  }

  /// The positions in either.
  ///
  /// The corresponding C function is `roaring_bitmap_or`.
  public borrowing func union(_ other: borrowing RoaringBitmap) -> RoaringBitmap {
    unsafe combined(with: other, by: roaring_bitmap_or)
  }

  /// The positions in this one and not in `other`.
  ///
  /// The corresponding C function is `roaring_bitmap_andnot`.
  public borrowing func subtracting(_ other: borrowing RoaringBitmap) -> RoaringBitmap {
    unsafe combined(with: other, by: roaring_bitmap_andnot)
  }

  /// The positions in exactly one of the two.
  ///
  /// The corresponding C function is `roaring_bitmap_xor`.
  public borrowing func symmetricDifference(_ other: borrowing RoaringBitmap) -> RoaringBitmap {
    unsafe combined(with: other, by: roaring_bitmap_xor)
  }
}
