internal import ByteFormats
internal import MaskIngest
internal import MaskQuery

/// What `info --estimate` says.
struct EstimateReport {
  let json: JSONValue
  let text: String
}

extension EstimateReport {
  init(_ estimate: OverlapEstimate, threads: Int) {
    let work = estimate.work
    json = [
      "schema": "maskdb.estimate/1", "command": "overlap", "masks": .integer(estimate.masks),
      "pairs": .integer(estimate.pairs), "pairs_kept": .integer(estimate.keptPairs),
      "pairs_to_count": .integer(estimate.pairs - estimate.keptPairs),
      "segments": .integer(work.segments), "read_bytes": .integer(work.packedBytes),
      "positions": .integer(work.positions), "pair_positions": .integer(work.pairPositions),
      "threads": .integer(estimate.threads), "memory_bytes": .integer(estimate.memoryBytes),
      "seconds": .number(estimate.seconds),
      "trial": estimate.trial.map { trial in
        [
          "segments": .integer(trial.work.segments), "positions": .integer(trial.work.positions),
          "pair_positions": .integer(trial.work.pairPositions),
          "decoding_seconds": .number(trial.decodingSeconds),
          "counting_seconds": .number(trial.countingSeconds),
        ]
      } ?? .null,
    ]
    text = """
      overlap of \(estimate.masks, of: "mask"): \(estimate.pairs, of: "pair"), \(estimate.keptPairs) kept, \
      \(estimate.pairs - estimate.keptPairs) to count
      \(Self.cost(estimate))
      """
  }

  private static func cost(_ estimate: OverlapEstimate) -> String {
    guard let trial = estimate.trial else { return "reads no bits" }
    let seconds = trial.decodingSeconds + trial.countingSeconds
    return """
      reads \(estimate.work.segments, of: "segment"), \(Size(estimate.work.packedBytes)) packed
      holds at most \(Size(estimate.memoryBytes)) of bits, on \(estimate.threads, of: "thread")
      takes about \(Rounded(estimate.seconds)) s for bits, nulls and tables apart: an estimate from \
      \(trial.work.segments, of: "segment"), decoded and counted just now in \(Rounded(seconds)) s on one thread
      """
  }

  init(_ estimate: AddEstimate, threads: Int) {
    json = [
      "schema": "maskdb.estimate/1", "command": "add",
      "checkpoints": .integer(estimate.checkpoints), "known": .integer(estimate.known),
      "masks": .integer(estimate.masks), "positions": .integer(estimate.positions),
      "read_bytes": .integer(estimate.readBytes), "threads": .integer(threads),
      "memory_bytes": .integer(estimate.memoryBytes), "seconds": .number(estimate.seconds),
      "growth_bytes": .integer(estimate.packedBytes),
      "most_growth_bytes": .integer(estimate.mostPackedBytes),
      "trial": estimate.trial.map { trial in
        [
          "read_bytes": .integer(trial.readBytes), "packed_bytes": .integer(trial.packedBytes),
          "seconds": .number(trial.seconds),
        ]
      } ?? .null,
    ]
    let known = estimate.known > 0 ? ", \(estimate.known) more in the catalog already" : ""
    text = """
      add of \(estimate.checkpoints, of: "checkpoint")\(known): \(estimate.masks, of: "mask"), \
      \(estimate.positions, of: "position") in all
      \(Self.cost(estimate, threads: threads))
      """
  }

  private static func cost(_ estimate: AddEstimate, threads: Int) -> String {
    guard let trial = estimate.trial else { return "reads no tensor" }
    return """
      reads \(Size(estimate.readBytes))
      holds at most \(Size(estimate.memoryBytes)) of bits, on \(threads, of: "thread")
      adds about \(Size(estimate.packedBytes)) of bits to the catalog, at most \
      \(Size(estimate.mostPackedBytes)), and some per cent of counts
      takes about \(Rounded(estimate.seconds)) s: both estimates from the first \
      \(Size(trial.readBytes)), compared and packed just now in \(Rounded(trial.seconds)) s
      """
  }
}

/// A number of bytes as people say it.
private struct Size: CustomStringConvertible {
  let description: String

  init(_ bytes: Int) {
    let units = ["bytes", "kB", "MB", "GB", "TB"]
    var (value, unit) = (Double(bytes), 0)
    while value >= 1000, unit < units.count - 1 { (value, unit) = (value / 1000, unit + 1) }
    description = unit == 0 ? "\(bytes, of: "byte")" : "\(Rounded(value)) \(units[unit])"
  }
}

/// A number with three digits.
private struct Rounded: CustomStringConvertible {
  let description: String

  init(_ value: Double) {
    let scale = value >= 100 ? 1.0 : value >= 10 ? 10 : value >= 1 ? 100 : 1000
    let rounded = (value * scale).rounded() / scale
    description = scale == 1 ? "\(Int(rounded))" : "\(rounded)"
  }
}
