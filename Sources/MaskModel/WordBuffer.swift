package import ByteFormats

/// The sole owner of a row of 64-bit words on 64-byte boundaries: the bits of one segment.
///
/// Bit i of the row is bit i % 64 of word i / 64.
@safe
public struct WordBuffer: ~Copyable, @unchecked Sendable {
  // Sendable: the memory is reached through this sole owner alone, and mutation needs exclusivity.
  private let owner: ScratchMemory
  private let base: UnsafeMutablePointer<UInt64>
  /// The words.
  public let count: Int

  /// `count` zero words.
  public init(count: Int = SegmentGrid.words) {
    self.init(count: count, in: ScratchMemory())
  }

  /// The same in memory that other rows are in, too.
  package init(count: Int = SegmentGrid.words, in memory: ScratchMemory) {
    owner = memory
    unsafe base = memory.take(count * 8).bindMemory(to: UInt64.self, capacity: count)
    self.count = count
  }

  /// The words, to read.
  public var span: Span<UInt64> {
    @_lifetime(borrow self)
    borrowing get {
      let span = unsafe Span(_unsafeStart: base, count: count)
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }

  /// The words, to write.
  public var mutableSpan: MutableSpan<UInt64> {
    @_lifetime(&self)
    mutating get {
      let span = unsafe MutableSpan(_unsafeStart: base, count: count)
      return unsafe _overrideLifetime(span, mutating: &self)
    }
  }

  /// The one door to the memory, to read: for kernels.
  package func withWords<Result>(
    _ body: (UnsafeBufferPointer<UInt64>) throws -> Result
  ) rethrows
    -> Result
  {
    try unsafe body(UnsafeBufferPointer(start: base, count: count))
  }

  /// The one door to the memory, to write: for kernels.
  package mutating func withMutableWords<Result>(
    _ body: (UnsafeMutableBufferPointer<UInt64>) throws -> Result
  ) rethrows -> Result {
    try unsafe body(UnsafeMutableBufferPointer(start: base, count: count))
  }

  /// Whether the words of `other` are the same.
  package func equals(_ other: borrowing WordBuffer) -> Bool {
    count == other.count && equals(other, in: 0..<count)
  }

  /// Whether the words in `range`, which both rows have, are the same.
  package func equals(_ other: borrowing WordBuffer, in range: Range<Int>) -> Bool {
    let isInside = range.lowerBound >= 0 && range.upperBound <= min(count, other.count)
    precondition(isInside, "a row is shorter")
    for start in stride(from: range.lowerBound, to: range.upperBound, by: 256) {
      var differing: UInt64 = 0
      for word in start..<min(start + 256, range.upperBound) {
        unsafe differing |= base[word] ^ other.base[word]
      }
      if differing != 0 { return false }
    }
    return true
  }

  /// Takes over the first `words` words of `other`.
  package mutating func copy(_ other: borrowing WordBuffer, words: Int) {
    precondition(words <= min(count, other.count), "a row is shorter")
    unsafe base.update(from: other.base, count: words)
  }

  /// Sets every bit from `position` on to zero.
  public mutating func clear(from position: Int) {
    precondition(position <= count * 64, "the row is shorter")
    let whole = (position + 63) / 64
    unsafe (base + whole).update(repeating: 0, count: count - whole)
    if position % 64 > 0 { unsafe base[whole - 1] &= (1 << UInt64(position % 64)) - 1 }
  }

  /// Sets every bit before `position`, which may lie before the row, to zero.
  public mutating func clear(before position: Int) {
    precondition(position <= count * 64, "the row is shorter")
    guard position > 0 else { return }
    clear(words: position / 64)
    if position % 64 > 0 { unsafe base[position / 64] &= ~0 << UInt64(position % 64) }
  }

  /// Sets the first `words` words to zero.
  public mutating func clear(words: Int) {
    precondition(words <= count, "the row is shorter")
    unsafe base.update(repeating: 0, count: words)
  }
}

extension WordBuffer {
  /// Whether the bit at `position` is set.
  public func contains(_ position: Int) -> Bool {
    span[position >> 6] >> UInt64(position & 63) & 1 == 1
  }

  /// Sets the bit at `position`.
  public mutating func insert(_ position: Int) {
    var words = mutableSpan
    words[position >> 6] |= 1 << UInt64(position & 63)
  }
}
