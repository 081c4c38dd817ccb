internal import MaskModel
internal import SystemPackage

/// Finds the mask that predicts another best, on a sample of segments.
struct ReferenceSearch {
  let catalog: Catalog
  /// The segments that are looked at.
  private let sample: [SegmentPlace]

  /// The masks that are tried, the latest: each costs the decoding of the sample.
  static let mostCandidates = 32
  /// The positions of the sample, or a little more: all of a small model.
  private static let sampledPositions = 1 << 23
  /// The most segments of the sample: small ones cost the time to find them.
  private static let sampledPlaces = 512
  /// What a prediction must leave of the bytes alone to be worth a reference, by the length of the
  /// reference's own chain: a mask at the end of the longest chain can serve no other.
  ///
  /// Measured on the sample runs in the order of their manifest, under one and two definitions.
  private static let worthwhile = [0.8, 0.6]

  init(catalog: Catalog, places: [SegmentPlace]) {
    self.catalog = catalog
    let total = places.reduce(0) { $0 + $1.positions }
    let most = Self.sampledPlaces
    let stride = max(
      (total + Self.sampledPositions - 1) / Self.sampledPositions,
      (places.count + most - 1) / most,
      1
    )
    sample = places.indices.filter { $0 % stride == stride / 2 }.map { places[$0] }
  }

  /// The best reference for `mask`; nil where alone it is as small.
  func best(of candidates: [ReferenceCandidate], for mask: Int64) throws -> Int64? {
    var bytes = [Double](repeating: 0, count: candidates.count)
    var alone = 0.0
    var words = WordBuffer()
    var other = WordBuffer()
    let references = SharedReferences(cache: ReferenceCache(), catalog: catalog.path.string)
    for place in sample where !candidates.isEmpty {
      references.cache.turn(toTensor: place.ordinal, segment: place.number)
      guard try read(place, of: mask, references, into: &words) else { continue }
      alone += Prediction.bytes(Kernels.count(words.span), of: place.positions)
      for (index, candidate) in candidates.enumerated() {
        guard try read(place, of: candidate.mask, references, into: &other) else {
          bytes[index] = .infinity
          continue
        }
        let prediction = Prediction(of: words, by: other, positions: place.positions)
        bytes[index] += min(prediction.predictedBytes, prediction.aloneBytes)
      }
    }
    return zip(candidates, bytes)
      .filter { $1 < Self.worthwhile[$0.depth] * alone }
      .min { $0.1 < $1.1 }?.0.mask
  }

  /// Reads a segment; false where it is damaged or gone.
  private func read(
    _ place: SegmentPlace,
    of mask: Int64,
    _ references: SharedReferences,
    into words: inout WordBuffer
  ) throws -> Bool {
    do {
      try DecoderPool.shared.lend {
        let source = SegmentSource.catalog(catalog)
        _ = try $0.read(place, of: mask, from: source, sharing: references, into: &words)
      }
      return true
    } catch is SegmentFailure {
      return false
    }
  }
}

/// A mask that others may be coded against.
struct ReferenceCandidate: Sendable {
  let mask: Int64
  /// How many masks it is itself coded against, one behind the other.
  let depth: Int
}

/// Codes segments anew, one task at a time.
final class SegmentRecoder {
  private let catalog: Catalog
  private let shared: SharedReferences
  private var encoder = SegmentEncoder()
  private var words = WordBuffer()
  private var reference = WordBuffer()

  init(catalog: Catalog) {
    self.catalog = catalog
    shared = SharedReferences(cache: ReferenceCache(), catalog: catalog.path.string)
  }

  /// The segment of `mask` coded against `other`; nil where that is not smaller or not possible.
  func coded(
    _ place: SegmentPlace,
    of mask: Int64,
    against other: Int64
  ) throws -> EncodedSegment? {
    do {
      let positions = place.positions
      let source = SegmentSource.catalog(catalog)
      let found = try unsafe source.read(place, of: mask) { unsafe $0.bytes.count }
      guard let size = found, size > 0 else { return nil }
      try DecoderPool.shared.lend { decoder in
        _ = try decoder.read(place, of: mask, from: source, sharing: shared, into: &words)
        _ = try decoder.read(place, of: other, from: source, sharing: shared, into: &reference)
      }
      let coded = encoder.encode(words, positions: positions, against: reference)
      return coded.coding.needsReference && coded.bytes.count < size ? coded : nil
    } catch is SegmentFailure {
      return nil
    }
  }
}
