import CMaskKernels
import Testing

@Suite struct FoldTests {
  /// The streams of the header, one position after the other.
  static func model(_ bits: [UInt64]) -> (any: [UInt64], both: [Bool], first: [Bool]) {
    var model = (any: [UInt64](), both: [Bool](), first: [Bool]())
    for start in stride(from: 0, to: bits.count, by: 2) {
      let (left, right) = (bits[start], start + 1 < bits.count ? bits[start + 1] : 0)
      model.any.append(left | right)
      for bit in [left | right].positions {
        let pair = ([left].contains(bit: bit), [right].contains(bit: bit))
        model.both.append(pair.0 && pair.1)
        if pair.0 != pair.1 { model.first.append(pair.0) }
      }
    }
    return model
  }

  @Test(arguments: Kernel.all, [0, 1, 10, 30, 50, 90, 100] as [UInt64])
  func `words fold as in the model and unfold to the bits`(kernel: Kernel, percent: UInt64) {
    var random = Random(16)
    for count in lengths {
      let bits = random.bits(count, percent: percent)
      let half = (bits.count + 1) / 2
      let model = Self.model(bits)
      var (any, both, first) = (random.words(half), random.words(half), random.words(half))
      kernel.table.fold(bits, bits.count, &any, &both, &first)
      #expect(any == model.any)
      #expect(both.bools(model.both.count) == model.both)
      #expect(first.bools(model.first.count) == model.first)
      var back = random.words(bits.count)
      kernel.table.unfold(any, both + [.max, .max], first + [.max, .max], bits.count, &back)
      #expect(back == bits)
    }
  }
}

extension [UInt64] {
  fileprivate func bools(_ count: Int) -> [Bool] { (0..<count).map { contains(bit: $0) } }
}
