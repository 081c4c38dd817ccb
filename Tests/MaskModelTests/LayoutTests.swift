import MaskModel
import Testing

struct LayoutTests {
  @Test func `names are in natural order`() {
    let names = ["layers.10.w", "layers.2.w", "layers.2.b", "a", "layers", "layers.02.w"]
    let sorted = names.sorted { NaturalOrder.precedes($0, $1) }
    #expect(sorted == ["a", "layers", "layers.2.b", "layers.02.w", "layers.2.w", "layers.10.w"])
  }

  @Test func `the order is strict and total`() {
    let names = ["", "0", "00", "1", "01", "1a", "a1", "a01", "a", "b", "10", "2"]
    for left in names {
      for right in names {
        let both = NaturalOrder.precedes(left, right) && NaturalOrder.precedes(right, left)
        let neither = !NaturalOrder.precedes(left, right) && !NaturalOrder.precedes(right, left)
        #expect(!both)
        #expect(neither == (left == right), "\(left) and \(right)")
      }
    }
  }

  @Test func `a layout is known by names and shapes, not by the order it was given in`() throws {
    let a = TensorLayout(name: "a", shape: try #require(TensorShape([2, 3])))
    let b = TensorLayout(name: "b", shape: try #require(TensorShape([6])))
    let c = TensorLayout(name: "b", shape: try #require(TensorShape([3, 2])))
    #expect(ModelLayout([a, b]).digest == ModelLayout([b, a]).digest)
    #expect(ModelLayout([a, b]).digest != ModelLayout([a, c]).digest)
  }

  @Test func `shapes that overflow are refused`() {
    #expect(TensorShape([1 << 32, 1 << 32]) == nil)
    #expect(TensorShape([-1]) == nil)
    #expect(TensorShape([0, Int.max])?.count == 0)
    #expect(TensorShape([])?.count == 1)
  }

  @Test func `a tensor of three dimensions is a matrix of its last`() throws {
    let shape = try #require(TensorShape([4, 30, 17]))
    #expect(shape.rows == 120 && shape.columns == 17 && shape.isMatrix)
  }

  @Test(arguments: [0, 1, 63, 64, 65, 1 << 22, 3 * (1 << 22) + 17])
  func `segments cover a tensor without gaps`(positions: Int) {
    let ranges = (0..<SegmentGrid.count(positions: positions)).map {
      SegmentGrid.range($0, positions: positions)
    }
    #expect(ranges.reduce(0) { $0 + $1.count } == positions)
    #expect(zip(ranges, ranges.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
  }

  @Test func `clearing from a position leaves what is before it`() {
    for position in [0, 1, 63, 64, 65, 4096] {
      var words = WordBuffer(count: 65)
      for bit in 0..<(65 * 64) { words.insert(bit) }
      words.clear(from: position)
      #expect(Kernels.count(words.span) == position)
    }
  }
}
