/// A block of zeros on a boundary of 64 bytes.
///
/// The kernel gives the pages of a large block when they are first touched, so that scratch memory costs
/// no more than what is used of it.
@safe
package struct ZeroedMemory: ~Copyable {
  private let memory: UnsafeMutableRawPointer
  /// The first byte.
  package let start: UnsafeMutableRawPointer

  /// `byteCount` bytes.
  package init(byteCount: Int) {
    unsafe memory = SystemCalls.zeros(byteCount + 63)
    unsafe start = memory.alignedUp(toMultipleOf: 64)
  }

  deinit { unsafe SystemCalls.giveBack(memory) }
}
