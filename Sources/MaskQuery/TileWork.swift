internal import ByteFormats
internal import MaskModel

/// The work of one task of a job, in steps: each decodes a row of a tile, the last counts as well.
///
/// Rows are counted as soon as they are there, while the cache has them.
final class TileWork {
  /// Fills a row with the segment that a mask has in a tile.
  typealias ReadSegment = (_ mask: Int, _ tile: Tile, _ words: inout WordBuffer) throws -> Int

  private let job: CountingJob
  private let rows: [WordRow]
  private var tile: Tile?
  private var decoded = 0

  init(_ job: CountingJob) {
    self.job = job
    let memory = ScratchMemory(chunkSize: job.rowCount * SegmentGrid.words * 8)
    rows = (0..<job.rowCount).map { _ in WordRow(in: memory) }
  }

  /// Whether a tile is to begin.
  var isBetweenTiles: Bool { tile == nil }

  func begin(_ tile: Tile) {
    self.tile = tile
    decoded = 0
  }

  /// Decodes the next row; after the last, returns the tile with its counts and is between tiles.
  func advance(_ read: ReadSegment) throws -> (Tile, counts: [[UInt64]])? {
    guard let tile, let plan = job.plans[tile.tensor] else { return nil }
    if decoded < plan.masks.count {
      _ = try read(plan.masks[decoded], tile, &rows[decoded].words)
      decoded += 1
    }
    guard decoded == plan.masks.count else { return nil }
    self.tile = nil
    return (tile, plan.steps.map { TileCounts.count($0.shape, rows: rows, words: tile.words) })
  }
}
