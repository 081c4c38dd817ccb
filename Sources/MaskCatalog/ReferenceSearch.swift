package import MaskModel
internal import SystemPackage

/// A mask of a catalog that others may be coded against.
package struct ReferenceCandidate: Sendable, Hashable {
  package let mask: Int64
  /// How many masks it is itself coded against, one behind the other.
  package let depth: Int
}

/// Finds the mask that predicts another best, by what a sample of its segments would take.
package struct ReferenceSearch: Sendable {
  /// The masks that are tried, the latest: each costs the decoding of the sample.
  package static let mostCandidates = 32
  /// The positions of the sample, or a little more: all of a small model.
  private static let sampledPositions = 1 << 23
  /// The most segments of the sample: small ones cost the time to find them.
  private static let sampledPlaces = 512
  /// What a prediction must leave of the bytes alone to be worth a reference, by the length of the
  /// reference's own chain: a mask at the end of the longest chain can serve no other.
  ///
  /// Measured on the sample runs under two definitions, in the order of their manifest and in thirty
  /// others, six and all of them.
  private static let worthwhile = [0.95, 0.9, 0.8]

  private var alone = 0.0
  private var bytes: [Double]

  /// A search among `candidates` masks.
  package init(candidates: Int) { bytes = Array(repeating: 0, count: candidates) }

  /// Notes a segment: what it takes alone, and against each candidate; nil where that cannot be read.
  package mutating func note(alone: Double, against predictions: [Prediction?]) {
    self.alone += alone
    for (index, prediction) in predictions.enumerated() {
      bytes[index] += prediction.map { min($0.predictedBytes, $0.aloneBytes) } ?? .infinity
    }
  }

  /// The place of the best candidate; nil where alone the mask is as small.
  ///
  /// `depths` are the lengths of the candidates' own chains; those with nil are left out.
  package func best(depths: [Int?]) -> Int? {
    zip(depths, bytes).enumerated()
      .filter { _, candidate in
        candidate.0.map { candidate.1 < Self.worthwhile[$0] * alone } ?? false
      }
      .min { $0.element.1 < $1.element.1 }?.offset
  }

  /// The segments of `layout` that are looked at.
  package static func sample(of layout: ModelLayout) -> [SegmentPlace] {
    let places = SegmentPlace.all(of: layout)
    let total = places.reduce(0) { $0 + $1.positions }
    let stride = max(
      (total + sampledPositions - 1) / sampledPositions,
      (places.count + sampledPlaces - 1) / sampledPlaces,
      1
    )
    return places.indices.filter { $0 % stride == stride / 2 }.map { places[$0] }
  }
}

/// Reads segments that others are coded against, for one task at a time.
package final class ReferenceReader {
  private let decoder: ChainDecoder

  /// A reader of masks of `catalog`.
  package init(of catalog: Catalog) {
    decoder = ChainDecoder(of: catalog, from: .catalog(catalog), using: ReadContext())
  }

  /// Fills `words` with a segment of `mask`; false where it is damaged or gone.
  ///
  /// - Throws: `CatalogError`.
  package func read(
    _ place: SegmentPlace,
    of mask: Int64,
    into words: inout WordBuffer
  ) throws -> Bool {
    do {
      _ = try decoder.read(place, of: mask, into: &words)
      return true
    } catch is SegmentFailure {
      return false
    }
  }
}
