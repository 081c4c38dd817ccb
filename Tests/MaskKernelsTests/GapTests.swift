import CMaskKernels
import Testing

@Suite struct GapTests {
  /// The gaps of the header, one position after the other.
  static func model(_ bits: [UInt64]) -> [UInt8] {
    var next = 0
    return bits.positions.flatMap { position -> [UInt8] in
      defer { next = position + 1 }
      let (whole, rest) = (position - next).quotientAndRemainder(dividingBy: 255)
      return [UInt8](repeating: 255, count: whole) + [UInt8(rest)]
    }
  }

  @Test(arguments: Kernel.all, [0, 1, 5, 30, 70, 95, 100] as [UInt64])
  func `gaps are those of the model and decode to the bits`(kernel: Kernel, percent: UInt64) {
    var random = Random(14)
    for count in lengths {
      let bits = random.bits(count, percent: percent)
      let gaps = Self.model(bits)
      #expect(kernel.encoded(bits, capacity: gaps.count) == gaps)
      #expect(kernel.encoded(bits, capacity: gaps.count + 1000) == gaps)
      if gaps.count > 0 { #expect(kernel.encoded(bits, capacity: gaps.count - 1) == nil) }
      let decoded = kernel.decoded(gaps, words: bits.count)
      #expect(decoded?.bits == bits)
      #expect(decoded?.set == bits.positions.count)
    }
  }

  @Test(arguments: Kernel.all)
  func `gaps of 254, 255, 256 and many times 255 survive`(kernel: Kernel) {
    for gap in [0, 1, 63, 64, 253, 254, 255, 256, 509, 510, 511, 765, 2550, 60_000] {
      var bits = [UInt64](repeating: 0, count: 1000)
      for position in [3, 4 + gap] { bits[position / 64] |= 1 << UInt64(position % 64) }
      #expect(kernel.encoded(bits, capacity: 1000) == Self.model(bits))
      #expect(kernel.decoded(Self.model(bits), words: 1000)?.bits == bits)
    }
  }

  @Test(arguments: Kernel.all)
  func `runs of one gap begin anywhere in a word`(kernel: Kernel) {
    for gap: UInt8 in 0...255 {
      for first: UInt8 in stride(from: 0, to: 64, by: 7) {
        let gaps = [first] + [UInt8](repeating: gap, count: 16) + [0]
        let mine = kernel.decoded(gaps, words: 80), model = Kernel.scalar.decoded(gaps, words: 80)
        #expect(mine?.bits == model?.bits)
      }
    }
  }

  @Test(arguments: Kernel.all)
  func `a gap past the last word or cut off is refused`(kernel: Kernel) {
    #expect(kernel.decoded([63], words: 1)?.bits == [1 << 63])
    #expect(kernel.decoded([64], words: 1) == nil)
    #expect(kernel.decoded([63, 0], words: 1) == nil)
    #expect(kernel.decoded([0, 255], words: 8) == nil)
    #expect(kernel.decoded([255], words: 8) == nil)
    #expect(kernel.decoded([0], words: 0) == nil)
    #expect(kernel.decoded([], words: 0)?.set == 0)
    #expect(kernel.decoded([UInt8](repeating: 0, count: 64), words: 1)?.bits == [.max])
    #expect(kernel.decoded([UInt8](repeating: 0, count: 65), words: 1) == nil)
    #expect(kernel.decoded([255, 255, 1], words: 8)?.bits.positions == [511])
    #expect(kernel.decoded([255, 255, 2], words: 8) == nil)
  }

  @Test(arguments: Kernel.all)
  func `any bytes decode as in scalar or are refused as there`(kernel: Kernel) {
    var random = Random(15)
    for round in 0..<2000 {
      let top = [1, 3, 20, 255][round % 4]
      let gaps = (0..<Int(random.next() % 300)).map { _ in
        random.next() % 50 == 0 ? 255 : UInt8(Int(random.next() % 256) % (top + 1))
      }
      let words = Int(random.next() % 40)
      let mine = kernel.decoded(gaps, words: words),
        model = Kernel.scalar.decoded(gaps, words: words)
      #expect((mine == nil) == (model == nil))
      if let mine, let model { #expect(mine == model) }
    }
  }
}
