internal import ByteFormats
internal import MaskQuery

extension OverlapFile {
  /// A zip of arrays for `numpy.load`, which needs no pickle.
  ///
  /// Every square array reads row A, column B. A value that is null elsewhere is NaN here, as is the
  /// diagonal of what is held against a null: numpy has no other word for it.
  var npz: [UInt8] {
    var zip = ZipWriter()
    var archive = ByteWriter()
    for (name, array) in facts + counts + metrics + nulls + clustering {
      zip.add("\(name).npy", array.bytes, to: &archive)
    }
    zip.finish(in: &archive)
    return archive.bytes
  }

  private typealias Entry = (name: String, array: NumpyArray)

  private var size: Int { report.masks.count }

  private var facts: [Entry] {
    let masks = report.masks
    let lists = [
      ("labels", MaskLabels(masks).labels), ("ids", masks.map(\.id)),
      ("definition", masks.map(\.definition)),
      ("compare_dtype", masks.map { $0.compareType ?? "" }),
      ("nulls", report.nulls.map(\.rawValue)),
    ]
    let words = [
      ("direction", "row A, column B: coverage = |A∩B|/|A|; all else is symmetric"),
      ("maskdb_version", version), ("omitted", report.omitted?.sentence ?? ""),
      ("tensors", tensors ?? ""),
    ]
    return lists.map { ($0, NumpyArray($1, shape: [$1.count])) }
      + words.map { ($0, NumpyArray([$1], shape: [])) }
  }

  private var counts: [Entry] {
    let squares: [(String, KeyPath<ContingencyTable, Int>)] = [
      ("intersection", \.intersection), ("parameters", \.parameters),
    ]
    let sizes = [
      ("count", report.ownTables.map(\.countA)),
      ("mask_parameters", report.ownTables.map(\.parameters)),
    ]
    return sizes.map { ($0, NumpyArray($1, shape: [size])) }
      + squares.map { name, path in
        let square = PairMatrix.square(report) { pair, _ in
          pair.metrics.table[keyPath: path]
        } diagonal: {
          $0[keyPath: path]
        }
        return (name, NumpyArray(square.flatMap(\.self).map { $0 ?? -1 }, shape: [size, size]))
      }
  }

  private var metrics: [Entry] {
    PairStatistic.Metric.allCases.map { ($0.rawValue, array(.metric($0))) }
  }

  private var nulls: [Entry] {
    report.nulls.flatMap { null in
      PairStatistic.NullValue.allCases.filter { $0 != .z || null.hasVariance }.map {
        ("\(null.rawValue)_\($0.rawValue)", array(.relative($0, null)))
      }
    }
  }

  private func array(_ value: PairStatistic) -> NumpyArray {
    NumpyArray(PairMatrix(report, value).values.flatMap(\.self), shape: [size, size])
  }

  /// The tree of `value` as scipy writes it, and its leaves in order; nothing where it has none.
  private var clustering: [Entry] {
    guard let clustering = MaskClustering(matrix) else { return [] }
    let merges = clustering.linkage.merges
    let rows: [Double?] = merges.flatMap {
      [Double($0.left), Double($0.right), $0.height, Double($0.size)]
    }
    return [
      ("linkage", NumpyArray(rows, shape: [merges.count, 4])),
      ("leaf_order", NumpyArray(clustering.order, shape: [size])),
      ("linkage_distance", NumpyArray([clustering.distance], shape: [])),
    ]
  }
}
