internal import MaskCatalog
internal import MaskModel

extension OverlapQuery {
  /// What `pairs(of:)` of `masks` will cost; counts a few tiles to know, and keeps nothing.
  ///
  /// - Throws: `CatalogError`; whatever a segment throws that cannot be decoded.
  public func estimate(of masks: [AskedMask]) throws -> OverlapEstimate {
    let readers = try masks.answers { try $0.reader() }
    let kept = try KeptPairs(among: masks)
    let tensors = try masks.first?.base.layout().tensors.count ?? 0
    let pairs = MaskPair.all(of: masks.count)
    let missing = pairs.filter { kept.intersections(of: $0).count < tensors }
    let capacity = CountingCapacity(counter: counter)
    let jobs = CountingJob.jobs(masks: readers, pairs: missing, blockSize: capacity.blockSize)
    let threads = jobs.map { min(capacity.threads(rows: $0.rowCount), max($0.tileCount, 1)) }
    var work = CountingWork()
    let bytes = try masks.map { mask throws(CatalogError) in
      try mask.places.first.map { place throws(CatalogError) in
        try place.catalog.segmentBytes(of: place.record)
      } ?? [:]
    }
    for job in jobs { work.add(job, bytes: bytes) }
    return OverlapEstimate(
      masks: masks.count,
      pairs: pairs.count,
      keptPairs: pairs.count - missing.count,
      work: work,
      threads: threads.max() ?? 1,
      memoryBytes: zip(jobs, threads).map { $0.rowCount * $1 }.max().map { $0 * rowBytes } ?? 0,
      trial: try jobs.isEmpty ? nil : CountingTrial(of: jobs)
    )
  }

  private var rowBytes: Int { SegmentGrid.words * 8 }
}

extension CountingWork {
  /// Adds what `job` reads and counts; `bytes` are those of every mask by tensor.
  fileprivate mutating func add(_ job: CountingJob, bytes: [[Int: Int]]) {
    for tile in job.tiles {
      guard let plan = job.plans[tile.tensor] else { continue }
      add(rows: plan.masks.count, pairs: plan.pairCount, words: tile.words)
    }
    for (tensor, plan) in job.plans.enumerated() {
      guard let plan else { continue }
      packedBytes += plan.masks.reduce(0) { $0 + (bytes[$1][tensor] ?? 0) }
    }
  }

  mutating func add(rows: Int, pairs: Int, words: Int) {
    segments += rows
    positions += rows * words * 64
    pairPositions += pairs * words * 64
  }
}

extension TilePlan {
  /// The pairs that are counted in a tile.
  var pairCount: Int {
    steps.reduce(0) { sum, step in
      switch step.shape {
      case .triangle(let rows): sum + rows * (rows - 1) / 2
      case .rectangle(let left, let right): sum + left.count * right.count
      }
    }
  }
}
