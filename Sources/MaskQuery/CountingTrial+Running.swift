internal import MaskModel

extension CountingTrial {
  /// The most masks of a tile that are decoded, and about how long it all may take.
  private static let rowLimit = 32
  private static let timeLimit = Duration.milliseconds(300)

  /// Decodes and counts some tiles of `jobs`, here and there, on this thread; nil where there is none.
  init?(of jobs: [CountingJob]) throws {
    let tiles = jobs.flatMap { job in job.tiles.map { (job: job, tile: $0) } }
    guard !tiles.isEmpty else { return nil }
    var work = CountingWork()
    var (decoding, counting) = (Duration.zero, Duration.zero)
    let rows = (0..<Self.rowLimit).map { _ in WordRow() }
    let context = ReadContext()
    // The first tile, twice, and then every so many: the first time touches fresh memory.
    for (turn, place) in ([0] + Self.places(among: tiles.count)).enumerated() {
      guard decoding + counting < Self.timeLimit else { break }
      let (job, tile) = tiles[place]
      guard let plan = job.plans[tile.tensor] else { continue }
      let masks = plan.masks.prefix(Self.rowLimit)
      let clock = ContinuousClock()
      let decoded = try clock.measure {
        for (row, mask) in zip(rows, masks) {
          _ = try job.masks[mask].read(
            tensor: tile.tensor,
            segment: tile.segment,
            into: &row.words,
            using: context
          )
        }
      }
      let counted = clock.measure {
        _ = TileCounts.count(.triangle(rows: masks.count), rows: rows, words: tile.words)
      }
      if turn == 0, decoded + counted < Self.timeLimit { continue }
      (decoding, counting) = (decoding + decoded, counting + counted)
      work.add(rows: masks.count, pairs: masks.count * (masks.count - 1) / 2, words: tile.words)
    }
    self.init(
      work: work,
      decodingSeconds: decoding / .seconds(1),
      countingSeconds: counting / .seconds(1)
    )
  }

  /// Eight places of `count`, or all, evenly.
  private static func places(among count: Int) -> [Int] {
    let wanted = min(count, 8)
    return (0..<wanted).map { $0 * count / wanted }
  }
}
