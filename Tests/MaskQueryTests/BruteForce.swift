import TestSupport
import MaskModel
import MaskQuery

/// The nulls position by position, in doubles and dictionaries, without a formula of the library.
struct BruteForce {
  /// Which stratum every position is in.
  var strata: [String] = []
  var a: [Bool] = []
  var b: [Bool] = []

  init(_ model: Model, _ null: Null) {
    for (index, tensor) in model.tensors.enumerated() {
      let shape = tensor.layout.shape
      for position in 0..<tensor.compared {
        strata.append(
          Self.stratum(null, index, position, shape.isMatrix ? shape.columns : nil, tensor)
        )
        a.append(tensor.a[position])
        b.append(tensor.b[position])
      }
    }
  }

  private static func stratum(
    _ null: Null,
    _ tensor: Int,
    _ position: Int,
    _ columns: Int?,
    _ model: Model.Tensor
  ) -> String {
    switch null {
    case .global: "all"
    case .tensor: "\(tensor)"
    case .row: columns.map { "\(tensor) row \(position / $0)" } ?? "\(tensor)"
    case .column: columns.map { "\(tensor) column \(position % $0)" } ?? "\(tensor)"
    case .magnitude: "\(tensor) binade \(model.binades[position])"
    case .rowColumn: "\(tensor)"
    }
  }

  var members: [String: [Int]] { Dictionary(grouping: strata.indices) { strata[$0] } }

  var expected: Double {
    let densities = members.mapValues { members in
      let n = Double(members.count)
      return (Double(members.count { a[$0] }) / n, Double(members.count { b[$0] }) / n)
    }
    return strata.reduce(0) { sum, stratum in
      let (p, q) = densities[stratum] ?? (0, 0)
      return sum + p * q
    }
  }

  var max: Int {
    members.values.reduce(0) { sum, members in
      sum + min(members.count { a[$0] }, members.count { b[$0] })
    }
  }

  var variance: Double {
    members.values.reduce(0) { sum, members in
      let n = Double(members.count)
      let (x, y) = (Double(members.count { a[$0] }), Double(members.count { b[$0] }))
      return n < 2 ? sum : sum + x / n * y / n * (n - x) * (n - y) / (n - 1)
    }
  }

  var intersection: Int { a.indices.count { a[$0] && b[$0] } }

  /// The overlap after the bits of B are shuffled within every stratum.
  func shuffledOverlap(using generator: inout SeededGenerator) -> Int {
    members.sorted { $0.key < $1.key }.reduce(0) { sum, stratum in
      let shuffled = stratum.value.map { b[$0] }.shuffled(using: &generator)
      return sum + zip(stratum.value, shuffled).count { a[$0] && $1 }
    }
  }
}

/// Σ p(i, j) q(i, j) of the rank-one model, position by position.
func rankOneExpectation(_ model: Model) -> Double {
  model.tensors.filter { $0.compared > 0 }.reduce(0) { sum, tensor in
    let (a, b) = (tensor.counts(of: tensor.a).marginals, tensor.counts(of: tensor.b).marginals)
    guard a.count > 0, b.count > 0 else { return sum }
    guard let rowsA = a.rows, let columnsA = a.columns, let rowsB = b.rows, let columnsB = b.columns
    else { return sum + Double(a.count) * Double(b.count) / Double(tensor.compared) }
    return (0..<tensor.compared).reduce(sum) { sum, position in
      let (i, j) = (
        position / tensor.layout.shape.columns, position % tensor.layout.shape.columns
      )
      let p = Double(rowsA[i]) * Double(columnsA[j]) / Double(a.count)
      let q = Double(rowsB[i]) * Double(columnsB[j]) / Double(b.count)
      return sum + p * q
    }
  }
}

/// Whether two numbers agree to 1e-12 relative.
func agree(_ left: Double?, _ right: Double, tolerance: Double = 1e-12) -> Bool {
  guard let left else { return false }
  return abs(left - right) <= tolerance * Swift.max(abs(left), abs(right))
}
