import TestSupport
import MaskModel
import Testing

/// Bytes changed at random are refused, or are a bitmap on which three readers agree.
@Suite struct `Roaring bytes changed at random` {
  private static let seeds: [[UInt8]] =
    GoodBitmaps.all.map(\.1) + [
      CRoaringForm.bytes(of: Pattern.random(0.05).bits(count: 70_000)),
      CRoaringForm.bytes(of: Pattern.random(0.001).bits(count: 700_000)),
      CRoaringForm.bytes(of: Pattern.stretches(length: 90, gap: 900).bits(count: 300_000)),
    ]

  @Test(arguments: 1...8)
  func `crash nothing and mean one thing`(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var accepted = 0
    for round in 0..<1000 {
      let bytes = Self.mutated(Self.seeds[round % Self.seeds.count], using: &random)
      guard let layout = try? RoaringLayout(validating: bytes.span.bytes) else { continue }
      accepted += 1
      try compare(bytes, layout)
    }
    #expect(accepted > 20)
  }

  private func compare(_ bytes: [UInt8], _ layout: RoaringLayout) throws {
    let positions = PlainDecoder.positions(bytes)
    #expect(layout.count == positions.count)
    #expect(zip(positions, positions.dropFirst()).allSatisfy { $0 < $1 })
    let bitmap = try RoaringBitmap(validating: bytes.span.bytes)
    var plain = RoaringBitmap()
    plain.insert(positions.span)
    #expect(bitmap.count == positions.count)
    #expect(bitmap.symmetricDifference(plain).count == 0)
  }

  /// One to three small wounds.
  private static func mutated(_ bytes: [UInt8], using random: inout SeededGenerator) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<Int.random(in: 1...3, using: &random) where !bytes.isEmpty {
      // Headers are short and decide most, so half of the wounds go there.
      let reach = Bool.random(using: &random) ? min(bytes.count, 24) : bytes.count
      let place = Int.random(in: 0..<reach, using: &random)
      switch Int.random(in: 0..<6, using: &random) {
      case 0: bytes[place] = .random(in: 0...255, using: &random)
      case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 2: bytes[place] &+= 1
      case 3: bytes.remove(at: place)
      case 4: bytes.insert(.random(in: 0...255, using: &random), at: place)
      default: bytes.swapAt(place, Int.random(in: 0..<bytes.count, using: &random))
      }
    }
    return bytes
  }
}
