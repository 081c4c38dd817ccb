internal import MaskModel
internal import MaskQuery

/// Groups of tensors by layer, one under another, and module, side by side; what lies outside of any
/// layer has a row of its own.
struct LayerGrid {
  /// The names of the layers.
  let rows: [String]
  /// The names of the modules.
  let columns: [String]
  /// The places of the groups; nil where a layer has no such module.
  private let places: [[Int?]]

  /// The grid of `groups`, which are by layer and module.
  init(_ groups: [TensorGroup]) {
    let layers = groups.map(\.layer).unique
    let modules = groups.map { $0.module ?? .other }.unique.sorted()
    let hasStacks = Set(layers.compactMap { $0?.stack }).count > 1
    rows = layers.map { layer in
      layer.map { hasStacks ? "\($0.stack).\($0.number)" : "layer \($0.number)" } ?? "no layer"
    }
    columns = modules.map(\.rawValue)
    places = layers.map { layer in
      modules.map { module in
        groups.firstIndex { $0.layer == layer && ($0.module ?? .other) == module }
      }
    }
  }

  /// The cells, of the group at a place what `cell` says.
  func cells(_ cell: (Int) -> HeatMap.Cell) -> [[HeatMap.Cell]] {
    places.map { $0.map { $0.map(cell) ?? .blank } }
  }
}

extension [HeatMap.Cell] {
  /// The numbers among them.
  var numbers: [Double] { compactMap(\.number) }
}

extension Sequence where Element: Hashable {
  /// The elements, each once, in the order in which they first come.
  var unique: [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}
