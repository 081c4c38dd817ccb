import CMaskKernels
import Testing

@Suite struct PairTests {
  static let words = [0, 1, 2, 3, 4, 5, 7, 8, 31, 64, 124, 125, 144, 255, 256, 1024, 1030]

  static func rows(_ k: Int, words: Int, seed: Int) -> [[UInt64]] {
    var random = Random(seed)
    return (0..<k).map { i in
      i % 5 == 4 ? [UInt64](repeating: .max, count: words) : random.words(words)
    }
  }

  @Test func `scalar counts what two sets share`() {
    var random = Random(10)
    let left = (0..<3).map { _ in random.bits(1000, percent: 20) }
    let right = (0..<2).map { _ in random.bits(1000, percent: 60) }
    func shared(_ a: [UInt64], _ b: [UInt64]) -> UInt64 {
      UInt64(Set(a.positions).intersection(b.positions).count)
    }
    let pairs = Kernel.scalar.pairs(left, words: 16)
    #expect(pairs[1] == 5 + shared(left[0], left[1]))
    #expect(pairs[2] == 5 + shared(left[0], left[2]))
    #expect(pairs[5] == 5 + shared(left[1], left[2]))
    #expect([0, 3, 4, 6, 7, 8].allSatisfy { pairs[$0] == 5 })
    let cross = Kernel.scalar.cross(left, right, words: 16)
    #expect(cross == left.flatMap { a in right.map { 5 + shared(a, $0) } })
  }

  @Test(arguments: Kernel.fast, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 16, 17, 22, 33])
  func `every kernel counts pairs as scalar does`(kernel: Kernel, k: Int) {
    for words in Self.words {
      let rows = Self.rows(k, words: words, seed: 11)
      #expect(kernel.pairs(rows, words: words) == Kernel.scalar.pairs(rows, words: words))
    }
  }

  static let shapes = [
    (0, 3), (1, 1), (1, 8), (3, 0), (4, 4), (4, 17), (5, 3), (8, 9), (9, 20), (15, 18), (17, 6),
  ]

  @Test(arguments: Kernel.fast, shapes)
  func `every kernel counts a cross as scalar does`(kernel: Kernel, shape: (Int, Int)) {
    for words in Self.words {
      let left = Self.rows(shape.0, words: words, seed: 12)
      let right = Self.rows(shape.1, words: words, seed: 13)
      let model = Kernel.scalar.cross(left, right, words: words)
      #expect(kernel.cross(left, right, words: words) == model)
    }
  }

  @Test(arguments: Kernel.all, [5, 20])
  func `full rows longer than any block overflow no counter`(kernel: Kernel, k: Int) {
    let rows = [[UInt64]](repeating: [UInt64](repeating: .max, count: 40_000), count: k)
    let counts = kernel.pairs(rows, words: 40_000)
    #expect(counts[1] == 5 + 2_560_000)
    #expect(counts == Kernel.scalar.pairs(rows, words: 40_000))
  }
}
