import ByteFormats
import Testing

@Suite struct ScratchMemoryTests {
  @Test(arguments: [0, 100, 4096, 3 << 20])
  func `has blocks of zeros on boundaries of 64 bytes that do not overlap`(chunkSize: Int) {
    let memory = ScratchMemory(chunkSize: chunkSize)
    let sizes = [1, 64, 65, 0, 524_304, 2 << 20, 5_000_000, 7]
    var blocks: [UnsafeMutableRawBufferPointer] = []
    for (index, size) in sizes.enumerated() {
      let start = memory.take(size)
      #expect(UInt(bitPattern: start) % 64 == 0)
      let block = UnsafeMutableRawBufferPointer(start: start, count: size)
      #expect(block.allSatisfy { $0 == 0 })
      _ = block.initializeMemory(as: UInt8.self, repeating: UInt8(index + 1))
      blocks.append(block)
    }
    for (index, block) in blocks.enumerated() {
      #expect(block.allSatisfy { $0 == UInt8(index + 1) })
    }
    withExtendedLifetime(memory) {}
  }
}
