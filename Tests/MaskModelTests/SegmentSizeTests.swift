import Foundation
import MaskModel
import Testing

/// Sizes against the entropy of independent bits, n H(k / n): counts, which are the same everywhere.
struct SegmentSizeTests {
  /// 0.1 % to 99 %, closely around every density at which the coding changes.
  static let densities = [
    0.001, 0.0015, 0.0019, 0.0021, 0.003, 0.005, 0.01, 0.02, 0.029, 0.031, 0.05, 0.0625, 0.08, 0.1,
    0.12, 0.15, 0.19, 0.21, 0.25, 0.3, 0.34, 0.37, 0.38, 0.39, 0.4, 0.45, 0.5, 0.55, 0.6, 0.61,
    0.62, 0.63, 0.7, 0.8, 0.88, 0.9, 0.95, 0.98, 0.99, 0.999,
  ]

  @Test(arguments: densities)
  func `independent bits take at most 5 % more than their entropy`(density: Double) {
    var encoder = SegmentEncoder()
    let words = randomWords(SegmentGrid.length, density: density, seed: 7)
    let segment = encoder.encode(words, positions: SegmentGrid.length)
    let ratio = Double(segment.bytes.count) / entropy(segment.count, of: SegmentGrid.length)
    #expect(ratio < 1.05, "\(segment.coding) takes \(ratio) of the entropy")
  }

  /// The divisor, the last byte and whole bits a gap are what a few bits take more than their entropy.
  @Test(arguments: [500, 3000, 20_000, 65_536])
  func `few independent bits take little more than their entropy`(length: Int) {
    var encoder = SegmentEncoder()
    for density in Self.densities where density >= 0.01 && density <= 0.99 {
      let words = randomWords(length, density: density, seed: 8)
      let segment = encoder.encode(words, positions: length)
      let bound = 1.045 * entropy(segment.count, of: length) + 4
      #expect(Double(segment.bytes.count) < bound, "\(segment.coding) at \(density)")
    }
  }

  @Test(arguments: [0.01, 0.1, 0.3, 0.9])
  func `a prediction takes at most 5 % more than the entropies of its streams`(density: Double) {
    var encoder = SegmentEncoder()
    let length = SegmentGrid.length
    let reference = randomWords(length, density: density, seed: 1)
    let noise = randomWords(length, density: 0.02, seed: 2)
    var words = WordBuffer()
    set(&words) { reference.span[$0] ^ noise.span[$0] }
    let segment = encoder.encode(words, positions: length, against: reference)
    let (inside, set) = (overlap(words, reference), Kernels.count(reference.span))
    let bound = entropy(segment.count - inside, of: length - set) + entropy(inside, of: set)
    #expect(segment.coding == .predicted)
    let ratio = Double(segment.bytes.count) / bound
    #expect(ratio < 1.05, "takes \(ratio) of the entropy")
  }

  @Test func `whole rows and columns take next to nothing`() {
    var encoder = SegmentEncoder()
    let length = SegmentGrid.length
    for (unit, period) in [(4096, 5), (1024, 2), (64, 3), (1000, 7)] {
      var words = WordBuffer()
      for position in 0..<length where (position / unit) % period == 0 { words.insert(position) }
      let segment = encoder.encode(words, positions: length)
      #expect(segment.bytes.count < 4000, "\(unit), \(period): \(segment.coding)")
    }
  }

  @Test func `rows that changed among rows that did not take what they hold`() {
    var encoder = SegmentEncoder()
    let length = SegmentGrid.length
    let noise = randomWords(length, density: 0.3, seed: 3)
    var words = WordBuffer()
    set(&words) { ($0 / 16) % 4 == 0 ? noise.span[$0] : 0 }
    let segment = encoder.encode(words, positions: length)
    let ratio = Double(segment.bytes.count) / entropy(segment.count, of: length / 4)
    #expect(ratio < 1.1, "\(segment.coding) takes \(ratio)")
  }

  private func entropy(_ count: Int, of positions: Int) -> Double {
    let p = Double(count) / Double(positions)
    return count == 0 || count == positions
      ? 0 : -Double(positions) * (p * log2(p) + (1 - p) * log2(1 - p)) / 8
  }
}

func overlap(_ left: borrowing WordBuffer, _ right: borrowing WordBuffer) -> Int {
  var count = 0
  for index in 0..<left.count { count += (left.span[index] & right.span[index]).nonzeroBitCount }
  return count
}

private func set(_ words: inout WordBuffer, _ word: (Int) -> UInt64) {
  var span = words.mutableSpan
  for index in 0..<span.count { span[index] = word(index) }
}
