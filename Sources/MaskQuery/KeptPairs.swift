internal import MaskCatalog

/// The pairs of a question whose counts a catalog keeps, and where those of the others may be kept.
///
/// A pair belongs to the first catalog that has both of its masks; a pair of masks of two catalogs
/// belongs to none.
struct KeptPairs {
  private struct Home: Hashable {
    let catalog: Int
    let masks: [Int64]
  }

  private let catalogs: [Catalog]
  /// For each mask, its row in each catalog that has it.
  private let rows: [[Int: Int64]]
  private let known: [Home: [Int]]

  /// What the catalogs of `masks` keep.
  ///
  /// Reads no segment.
  init(among masks: [AskedMask]) throws(CatalogError) {
    var catalogs: [Catalog] = []
    var records: [[MaskRecord]] = []
    var rows: [[Int: Int64]] = []
    for mask in masks {
      var own: [Int: Int64] = [:]
      for place in mask.places {
        let index =
          catalogs.firstIndex { $0.path == place.catalog.path } ?? catalogs.endIndex
        if index == catalogs.endIndex {
          catalogs.append(place.catalog)
          records.append([])
        }
        records[index].append(place.record)
        own[index] = place.record.id
      }
      rows.append(own)
    }
    var known: [Home: [Int]] = [:]
    for (index, (catalog, records)) in zip(catalogs, records).enumerated() {
      for pair in try catalog.pairCounts(among: records) {
        known[Home(catalog: index, masks: pair.masks)] = pair.intersections
      }
    }
    (self.catalogs, self.rows, self.known) = (catalogs, rows, known)
  }

  /// The intersections of `pair` in every tensor, if a catalog keeps them.
  func intersections(of pair: MaskPair) -> [Int]? {
    homes(of: pair).lazy.compactMap { known[$0] }.first
  }

  /// `counted` pairs that a catalog may keep, catalog by catalog.
  func sorted(
    _ counted: some Sequence<(MaskPair, [Int])>
  ) -> [(catalog: Catalog, counts: [PairCount])] {
    var counts = [[PairCount]](repeating: [], count: catalogs.count)
    for (pair, intersections) in counted {
      guard let home = homes(of: pair).first else { continue }
      counts[home.catalog].append(
        PairCount(home.masks[0], home.masks[1], intersections: intersections)
      )
    }
    return zip(catalogs, counts).filter { !$0.1.isEmpty }.map { (catalog: $0.0, counts: $0.1) }
  }

  private func homes(of pair: MaskPair) -> [Home] {
    catalogs.indices.compactMap { catalog in
      guard let a = rows[pair.a][catalog], let b = rows[pair.b][catalog], a != b else { return nil }
      return Home(catalog: catalog, masks: [min(a, b), max(a, b)])
    }
  }
}
