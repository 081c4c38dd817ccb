import TestSupport
import MaskModel
import MaskQuery

/// Two masks over a few small tensors as plain Booleans, with the binade of every base weight.
struct Model {
  struct Tensor {
    var layout: TensorLayout
    var compared: Int
    var a: [Bool]
    var b: [Bool]
    var binades: [Int]
  }

  var tensors: [Tensor]

  /// Random masks of the given densities; `correlation` is the share of B copied from A.
  init(
    _ shapes: [[Int]],
    densities: (Double, Double) = (0.3, 0.2),
    correlation: Double = 0.4,
    seed: UInt64 = 1
  ) {
    var generator = SeededGenerator(seed: seed)
    tensors = shapes.enumerated().map { index, dimensions in
      let shape = MaskQueryTests.shape(dimensions)
      let a = (0..<shape.count).map { _ in Double.random(in: 0..<1, using: &generator) < densities.0
      }
      let b = a.map { bit in
        Double.random(in: 0..<1, using: &generator) < correlation
          ? bit : Double.random(in: 0..<1, using: &generator) < densities.1
      }
      let binades = a.map { _ in Int.random(in: 110..<114, using: &generator) }
      let layout = TensorLayout(name: "t\(index)", shape: shape)
      return Tensor(layout: layout, compared: shape.count, a: a, b: b, binades: binades)
    }
  }

  var pair: PairCounts {
    PairCounts(
      a: tensors.map { $0.counts(of: $0.a) },
      b: tensors.map { $0.counts(of: $0.b) },
      intersections: tensors.map { tensor in
        (0..<tensor.compared).count { tensor.a[$0] && tensor.b[$0] }
      }
    )
  }

  /// The pair with the roles of A and B exchanged.
  var swapped: Model {
    var model = self
    for index in tensors.indices {
      (model.tensors[index].a, model.tensors[index].b) = (tensors[index].b, tensors[index].a)
    }
    return model
  }

  /// The pair with every bit of both masks turned.
  var complemented: Model {
    var model = self
    for index in tensors.indices {
      model.tensors[index].a = tensors[index].a.map { !$0 }
      model.tensors[index].b = tensors[index].b.map { !$0 }
    }
    return model
  }
}

extension Model.Tensor {
  func counts(of bits: [Bool]) -> TensorCounts {
    var rows: [UInt32]? = layout.shape.isMatrix ? [] : nil
    var columns: [UInt32]? = layout.shape.isMatrix ? [] : nil
    if layout.shape.isMatrix, layout.shape.columns > 0 {
      rows = .init(repeating: 0, count: compared / layout.shape.columns)
      columns = .init(repeating: 0, count: layout.shape.columns)
    }
    var exponents = [Int](repeating: 0, count: 256)
    var totals = exponents
    for position in 0..<compared {
      totals[binades[position]] += 1
      guard bits[position] else { continue }
      rows?[position / layout.shape.columns] += 1
      columns?[position % layout.shape.columns] += 1
      exponents[binades[position]] += 1
    }
    let marginals = TensorMarginals(
      count: (0..<compared).count { bits[$0] },
      rows: rows,
      columns: columns,
      exponents: exponents
    )
    return TensorCounts(
      tensor: layout,
      compared: compared,
      marginals: marginals,
      exponentTotals: totals
    )
  }
}

/// The shape of `dimensions`, which must be possible.
func shape(_ dimensions: [Int]) -> TensorShape {
  guard let shape = TensorShape(dimensions) else { preconditionFailure("no such shape") }
  return shape
}
