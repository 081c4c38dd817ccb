import TestSupport
import MaskModel
import MaskQuery
import Testing

private let shapes = [[7, 11], [5, 3, 4], [13], [], [0, 4], [64, 3], [1, 9], [9, 1]]

@Suite struct NullTests {
  @Test(arguments: Null.allCases, [1, 2, 3] as [UInt64])
  func `every null equals a sum over positions`(null: Null, seed: UInt64) {
    let model = Model(shapes, seed: seed)
    let brute = BruteForce(model, null)
    let result = model.pair.result(under: null)
    let expected = null == .rowColumn ? rankOneExpectation(model) : brute.expected
    #expect(agree(result.expected, expected))
    #expect(result.max == brute.max)
    #expect(agree(result.lift, Double(brute.intersection) / expected))
    #expect(agree(result.maxLift, Double(brute.max) / expected))
    #expect(agree(result.excess, Double(brute.intersection) - expected, tolerance: 1e-10))
    let room = Double(brute.max) - expected
    #expect(
      agree(result.attained, (Double(brute.intersection) - expected) / room, tolerance: 1e-10)
    )
    if null.hasVariance {
      let z = (Double(brute.intersection) - expected) / brute.variance.squareRoot()
      #expect(agree(result.z, z, tolerance: 1e-10))
    } else {
      #expect(result.z == nil)
    }
    #expect(result.reason == nil)
  }

  @Test(arguments: Null.allCases.filter(\.hasVariance))
  func `expected overlap and its variance are those of shuffled masks`(null: Null) throws {
    let model = Model([[9, 14], [40], [6, 5, 4]], densities: (0.4, 0.35), seed: 11)
    let brute = BruteForce(model, null)
    var generator = SeededGenerator(seed: 7)
    let rounds = 1500
    let overlaps = (0..<rounds).map { _ in Double(brute.shuffledOverlap(using: &generator)) }
    let mean = overlaps.reduce(0, +) / Double(rounds)
    let variance = overlaps.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(rounds - 1)
    let result = model.pair.result(under: null)
    let (expected, z) = (try #require(result.expected), try #require(result.z))
    let deviation = (Double(brute.intersection) - expected) / z
    #expect(abs(mean - expected) < 4 * deviation / Double(rounds).squareRoot())
    #expect(abs(variance / (deviation * deviation) - 1) < 0.2)
  }

  @Test(arguments: Null.allCases)
  func `exchanging the masks changes nothing`(null: Null) {
    let model = Model(shapes, seed: 5)
    #expect(model.pair.result(under: null) == model.swapped.pair.result(under: null))
  }

  @Test(arguments: Null.allCases.filter(\.hasVariance))
  func `complements have the same excess and z`(null: Null) throws {
    let model = Model(shapes, seed: 6)
    let (result, other) = (
      model.pair.result(under: null), model.complemented.pair.result(under: null)
    )
    #expect(agree(result.excess, try #require(other.excess), tolerance: 1e-13))
    #expect(agree(result.z, try #require(other.z)))
  }

  @Test(arguments: Null.allCases)
  func `an overlap is at most its ceiling`(null: Null) throws {
    for seed in 20..<40 as Range<UInt64> {
      let model = Model([[8, 8], [30]], correlation: 0.9, seed: seed)
      let result = model.pair.result(under: null)
      #expect(model.pair.table.intersection <= (try #require(result.max)))
      #expect(try #require(result.attained) <= 1)
    }
  }

  @Test func `finer strata never have a higher ceiling`() throws {
    let pair = Model(shapes, seed: 9).pair
    let global = try #require(pair.result(under: .global).max)
    let tensor = try #require(pair.result(under: .tensor).max)
    #expect(global >= tensor)
    for null in [Null.row, .column, .magnitude] {
      #expect(try #require(pair.result(under: null).max) <= tensor)
    }
  }

  @Test(arguments: Null.allCases)
  func `a tensor that was not compared leaves every sum`(null: Null) {
    let model = Model([[7, 11], [13], [64, 3]], seed: 4)
    var skipping = model
    skipping.tensors[1].compared = 0
    var without = model
    without.tensors.remove(at: 1)
    #expect(skipping.pair.result(under: null) == without.pair.result(under: null))
    #expect(skipping.pair.table == without.pair.table)
  }

  @Test(arguments: Null.allCases)
  func `leading rows alone can be compared`(null: Null) {
    var model = Model([[10, 6], [13]], seed: 4)
    model.tensors[0].compared = 42
    let result = model.pair.result(under: null)
    let expected =
      null == .rowColumn ? rankOneExpectation(model) : BruteForce(model, null).expected
    #expect(agree(result.expected, expected))
  }

  @Test func `a part of the layout is a pair of its own`() {
    let model = Model([[7, 11], [13], [64, 3]], seed: 4)
    var part = model
    part.tensors.remove(at: 1)
    let restricted = model.pair.restricted(to: [0, 2])
    for null in Null.allCases {
      #expect(restricted.result(under: null) == part.pair.result(under: null))
    }
  }
}
