import MaskModel
import MaskQuery
import Testing

@Suite struct NullEdgeTests {
  @Test(arguments: Null.allCases)
  func `empty masks have no lift and say why`(null: Null) {
    let result = Model([[4, 6], [5]], densities: (0, 0), correlation: 0).pair.result(under: null)
    #expect(result.expected == 0 && result.max == 0 && result.excess == 0)
    #expect(result.lift == nil && result.maxLift == nil && result.attained == nil)
    #expect(result.jaccardAtExpected == nil && result.z == nil)
    #expect(result.remarks.reason(of: "lift") == "the expected overlap is 0")
    #expect(result.remarks.reason(of: "jaccard_at_expected") == "both masks are empty")
  }

  @Test(arguments: Null.allCases)
  func `full masks leave no room above the expected overlap`(null: Null) {
    let result = Model([[4, 6], [5]], densities: (2, 2), correlation: 0).pair.result(under: null)
    #expect(result.expected == 29 && result.lift == 1 && result.maxLift == 1)
    #expect(result.excess == 0 && result.attained == nil && result.jaccardAtExpected == 1)
    #expect(result.remarks.reason(of: "attained") == "the expected overlap is the largest possible")
  }

  @Test(arguments: Null.allCases)
  func `a full mask overlaps another exactly as expected`(null: Null) {
    let model = Model([[4, 6], [5], [12, 7]], densities: (2, 0.3), correlation: 0, seed: 3)
    let result = model.pair.result(under: null)
    #expect(result.excess == 0 && result.attained == nil && result.lift == 1)
  }

  @Test func `nothing compared is no overlap`() {
    var model = Model([[4, 6]])
    model.tensors[0].compared = 0
    let overlap = PairOverlap(a: "a", b: "b", counts: model.pair)
    #expect(overlap.metrics.table.parameters == 0 && overlap.metrics.jaccard == nil)
    #expect(Null.allCases.allSatisfy { overlap.nulls[$0]?.expected == 0 })
  }

  @Test func `a saturated rank-one model has no lift`() {
    // A row and a column, all changed: the model expects far more than the masks hold.
    var model = Model([[40, 40]], densities: (0, 0), correlation: 0)
    for position in 0..<1600 where position < 40 || position % 40 == 0 {
      model.tensors[0].a[position] = true
      model.tensors[0].b[position] = true
    }
    let result = model.pair.result(under: .rowColumn)
    #expect(result.saturated == ["t0"])
    #expect(agree(result.expected, rankOneExpectation(model)))
    #expect(result.max == 79 && result.lift == nil && result.maxLift == nil)
    #expect(result.attained == nil && result.jaccardAtExpected == nil)
    #expect(result.reason?.contains("the rank-one model expects more") == true)
  }

  @Test func `saturation alone keeps the lift`() {
    var model = Model([[40, 40], [2000]], densities: (0.5, 0.5), correlation: 0)
    for position in 0..<1600 {
      model.tensors[0].a[position] = position == 5
      model.tensors[0].b[position] = position < 30 || position % 40 == 0
    }
    let result = model.pair.result(under: .rowColumn)
    #expect(result.saturated == ["t0"] && result.lift != nil && result.reason == nil)
  }

  @Test func `masks without counts per magnitude have no magnitude null`() {
    let pair = Model([[4, 6]]).pair
    let bare = pair.a.map {
      TensorCounts(
        tensor: $0.tensor,
        compared: $0.compared,
        marginals: TensorMarginals(
          count: $0.marginals.count,
          rows: nil,
          columns: nil,
          exponents: nil
        ),
        exponentTotals: nil
      )
    }
    let without = PairCounts(a: pair.b, b: bare, intersections: pair.intersections)
    #expect(
      without.result(under: .magnitude).reason == "a mask has no counts per magnitude of t0"
    )
    #expect(without.result(under: .row).reason == "a mask has no counts per row of t0")
    #expect(without.result(under: .column).reason == "a mask has no counts per column of t0")
    #expect(without.result(under: .rowColumn).reason == "a mask has no counts per row of t0")
    #expect(without.result(under: .tensor).reason == nil)
  }

  @Test func `masks of different bases have no magnitude null`() {
    var model = Model([[4, 6]])
    let pair = model.pair
    model.tensors[0].binades[3] = 200
    let other = PairCounts(a: pair.a, b: model.pair.b, intersections: pair.intersections)
    #expect(
      other.result(under: .magnitude).reason == "the base weights of t0 differ between the masks"
    )
  }

  @Test func `too many rows name the tensor`() throws {
    let shape = try #require(TensorShape([1 << 25, 2]))
    let counts = TensorCounts(
      tensor: TensorLayout(name: "embed", shape: shape),
      compared: shape.count,
      marginals: TensorMarginals(count: 100, rows: nil, columns: [60, 40], exponents: nil),
      exponentTotals: nil
    )
    let pair = PairCounts(a: [counts], b: [counts], intersections: [100])
    let reason = "embed has 33554432 rows, more than are counted one by one"
    #expect(pair.result(under: .row).reason == reason)
    #expect(pair.result(under: .rowColumn).reason == reason)
    #expect(pair.result(under: .column).reason == nil)
  }
}
