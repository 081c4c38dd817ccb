/// Memory that one task works in: blocks of zeros side by side, on boundaries of 64 bytes.
///
/// The kernel gives pages when they are first touched, so what is not used costs nothing. Where it may, it
/// gives large ones to a chunk of several blocks: 4,096 small ones are as many interrupts, and took a
/// fifth of the time of a question. All of it is given back with the last who holds it.
@safe
package final class ScratchMemory: @unchecked Sendable {
  // Sendable: blocks do not overlap, and only the task that made it takes any.
  private let chunkSize: Int
  private var chunks: [UnsafeMutableRawPointer] = unsafe []
  private var free: UnsafeMutableRawBufferPointer

  /// Memory for one block, or for several of about `chunkSize` bytes in all.
  package init(chunkSize: Int = 0) {
    self.chunkSize = chunkSize
    unsafe free = UnsafeMutableRawBufferPointer(start: nil, count: 0)
  }

  deinit { unsafe chunks.forEach { unsafe SystemCalls.giveBack($0) } }

  /// A block of `byteCount` zeros, for as long as this lives.
  package func take(_ byteCount: Int) -> UnsafeMutableRawPointer {
    let size = max((byteCount + 63) / 64 * 64, 64)
    if unsafe free.count < size { unsafe free = addChunk(max(size, chunkSize)) }
    guard let start = unsafe free.baseAddress else { preconditionFailure("a chunk without bytes") }
    unsafe free = UnsafeMutableRawBufferPointer(rebasing: free[size...])
    return unsafe start
  }

  private func addChunk(_ size: Int) -> UnsafeMutableRawBufferPointer {
    let boundary = size >= SystemCalls.largePage ? SystemCalls.largePage : 64
    let memory = unsafe SystemCalls.zeros(size + boundary - 1)
    unsafe chunks.append(memory)
    let start = unsafe memory.alignedUp(toMultipleOf: boundary)
    let chunk = unsafe UnsafeMutableRawBufferPointer(start: start, count: size)
    if boundary == SystemCalls.largePage { unsafe SystemCalls.preferLargePages(chunk) }
    return unsafe chunk
  }
}
