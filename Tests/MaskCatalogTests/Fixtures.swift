import TestSupport
import ByteFormats
import Foundation
import MaskCatalog
import MaskModel
import SystemPackage

/// One tensor of two segments and one of a few positions.
let sampleLayout = ModelLayout(
  [("layers.0.w", [SegmentGrid.length / 1024 + 2, 1024]), ("norm", [70])].compactMap {
    name,
    dimensions in
    TensorShape(dimensions).map { TensorLayout(name: name, shape: $0) }
  }
)

/// A mask of about every `stride`-th position, scattered, with its marginals counted one by one.
struct PlainMask {
  let stride: Int

  func positions(_ tensor: Int) -> [Int] {
    (0..<sampleLayout.tensors[tensor].shape.count).filter { position in
      let scattered = UInt64(position + 1) &* 0x9E37_79B9_7F4A_7C15
      return (scattered >> 40) % UInt64(stride) == 0
    }
  }

  func words(_ tensor: Int, segment: Int) -> WordBuffer {
    let range = SegmentGrid.range(segment, positions: sampleLayout.tensors[tensor].shape.count)
    var words = WordBuffer()
    for position in positions(tensor) where range.contains(position) {
      words.insert(position - range.lowerBound)
    }
    return words
  }

  func marginals(_ tensor: Int) -> TensorMarginals {
    let shape = sampleLayout.tensors[tensor].shape
    var rows = [UInt32](repeating: 0, count: shape.rows)
    var columns = [UInt32](repeating: 0, count: shape.columns)
    for position in positions(tensor) {
      rows[position / shape.columns] += 1
      columns[position % shape.columns] += 1
    }
    var exponents = [Int](repeating: 0, count: 256)
    exponents[120] = positions(tensor).count
    return TensorMarginals(
      count: positions(tensor).count,
      rows: shape.isMatrix ? rows : nil,
      columns: shape.isMatrix ? columns : nil,
      exponents: exponents
    )
  }

  func totals(_ tensor: Int) -> [Int] {
    var totals = [Int](repeating: 0, count: 256)
    totals[120] = sampleLayout.tensors[tensor].shape.count
    return totals
  }
}

let definition = MaskDefinition(rule: .paper(tolerance: 1e-5), compareType: .bf16)

extension IngestSession {
  func write(_ row: SegmentRow) throws {
    var rows = UnwrittenRows()
    rows.append(row)
    try write(rows)
  }

  func write(_ row: TensorRow) throws {
    var rows = UnwrittenRows()
    rows.append(row)
    try write(rows)
  }
}

extension Catalog {
  /// A session that makes one mask.
  func beginMask() throws -> IngestSession {
    try beginIngest([UnfinishedMask(definition, isDefaultType: true)])
  }

  /// Writes `mask` as an add does, up to but without giving it to a run.
  func writeUnfinished(_ mask: PlainMask, in session: IngestSession) throws -> FinishedMask {
    let id = session.masks[0]
    var encoder = SegmentEncoder()
    var digest = MaskDigest(tensors: sampleLayout.tensors.count)
    for (ordinal, tensor) in sampleLayout.tensors.enumerated() {
      var digests: [SegmentDigest] = []
      for number in 0..<SegmentGrid.count(positions: tensor.shape.count) {
        let range = SegmentGrid.range(number, positions: tensor.shape.count)
        let segment = encoder.encode(mask.words(ordinal, segment: number), positions: range.count)
        digests.append(SegmentDigest(count: segment.count, checksum: segment.checksum))
        let row = SegmentRow(
          mask: id,
          ordinal: ordinal,
          number: number,
          segment: segment,
          reference: nil
        )
        try session.write(row)
      }
      digest.note(digests, ofTensor: ordinal)
      let record = MaskTensorRecord(
        ordinal: ordinal,
        compared: tensor.shape.count,
        reason: nil,
        baseType: "BF16",
        tunedType: "BF16",
        marginals: mask.marginals(ordinal)
      )
      try session.write(
        TensorRow(mask: id, record: record, exponentTotals: mask.totals(ordinal))
      )
    }
    let counts = sampleLayout.tensors.indices.map { mask.positions($0).count }
    return FinishedMask(
      id: id,
      definition: definition,
      compared: sampleLayout.count,
      count: counts.reduce(0, +),
      digest: digest.finish(layout: sampleLayout, compared: sampleLayout.tensors.map(\.shape.count))
    )
  }

  /// Adds `mask` as a run.
  @discardableResult
  func add(_ mask: PlainMask, named name: String?, content: UInt64? = nil) throws -> FinishOutcome {
    let session = try beginMask()
    let finished = try writeUnfinished(mask, in: session)
    let content = ContentDigest(high: 1, low: content ?? UInt64(mask.stride))
    let totals = sampleLayout.tensors.indices.map { ordinal in
      ExponentTotals(
        compareType: .bf16,
        ordinal: ordinal,
        compared: sampleLayout.tensors[ordinal].shape.count,
        totals: mask.totals(ordinal)
      )
    }
    let outcome = try session.finish(
      FinishedRun(
        layout: sampleLayout,
        baseDigest: ContentDigest(high: 0, low: 1),
        baseFingerprint: ContentDigest(high: 0, low: 2),
        baseLocation: "base",
        exponentTotals: totals,
        digest: content,
        fingerprint: content,
        location: "run",
        name: name,
        suggestedNames: ["folder", "parent-folder"],
        fields: [RunField(key: "seed", value: "1", source: "flag")],
        extraTensors: [],
        masks: [finished]
      )
    )
    try session.end()
    return outcome
  }
}
