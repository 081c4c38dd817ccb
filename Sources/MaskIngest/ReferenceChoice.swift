internal import ByteFormats
internal import Checkpoints
internal import MaskCatalog
internal import MaskModel
internal import Synchronization

/// Chooses, before a comparison, what the first mask of each subject is coded against.
///
/// Each is held against the latest masks of the base, and against those of the subjects before it,
/// on a sample of segments that are compared for it; the best becomes its reference. The sample is a
/// small part of a large model.
final class ReferenceChoice: Sendable {
  private let plan: ComparisonPlan
  private let catalog: Catalog
  private let candidates: [ReferenceCandidate]
  /// The longest chain that a reference may have itself.
  private let longest: Int
  private let searches: Mutex<[ReferenceSearch]>

  /// A choice for `plan` among the masks of `catalog` of the base with the content `digest`.
  init(_ plan: ComparisonPlan, base digest: ContentDigest?, in catalog: Catalog) throws {
    self.plan = plan
    self.catalog = catalog
    let areReferences = plan.subjects.contains { $0.choices.count > 1 }
    let longest = Catalog.longestChain - (areReferences ? 2 : 1)
    let candidates = try digest.map {
      try catalog.referenceCandidates(base: $0, longest: longest)
    }
    self.longest = longest
    self.candidates = candidates ?? []
    let count = candidates?.count ?? 0
    searches = Mutex(plan.subjects.indices.map { ReferenceSearch(candidates: count + $0) })
  }

  /// What each subject is coded against.
  ///
  /// - Throws: what a checkpoint or the catalog throws.
  func references(threads: Int) throws -> [SegmentReference] {
    guard let layout = plan.subjects.first?.pairing.layout,
      !candidates.isEmpty || plan.subjects.count > 1
    else { return [] }
    let places = ReferenceSearch.sample(of: layout)
    try Workers.run(min(threads, max(places.count, 1)), jobs: places.count) { _, next in
      let scratch = SampleScratch(plan, catalog)
      while let index = next() { try look(at: places[index], scratch) }
    }
    var depths: [Int?] = candidates.map(\.depth)
    return searches.withLock { $0 }.map { search in
      let choice = search.best(depths: depths.map { $0.flatMap { $0 <= longest ? $0 : nil } })
      depths.append(choice.flatMap { depths[$0] }.map { $0 + 1 } ?? 0)
      guard let choice else { return .alone }
      return choice < candidates.count
        ? .stored(candidates[choice].mask) : .subject(choice - candidates.count)
    }
  }

  private func look(at place: SegmentPlace, _ scratch: SampleScratch) throws {
    try scratch.compare(place, of: plan)
    var found: [[Prediction?]] = plan.subjects.indices.map { subject in
      (0..<subject).map { scratch.prediction(of: subject, by: $0, positions: place.positions) }
    }
    var stored: [[Prediction?]] = plan.subjects.map { _ in [] }
    for candidate in candidates {
      let isThere = try scratch.read(place, of: candidate.mask)
      for subject in plan.subjects.indices {
        stored[subject].append(
          isThere ? scratch.prediction(of: subject, by: nil, positions: place.positions) : nil
        )
      }
    }
    for subject in found.indices { found[subject] = stored[subject] + found[subject] }
    let alone = plan.subjects.indices.map { scratch.alone($0, positions: place.positions) }
    searches.withLock { searches in
      for subject in searches.indices {
        searches[subject].note(alone: alone[subject], against: found[subject])
      }
    }
  }
}

/// The bits of one segment of each subject's first mask, and of a mask that may predict them.
private final class SampleScratch {
  private let base: BlockValues
  private let tuned: BlockValues
  private let reader: ReferenceReader
  private let bits: [WordRow]
  private let other: WordRow

  init(_ plan: ComparisonPlan, _ catalog: Catalog) {
    reader = ReferenceReader(of: catalog)
    let memory = ScratchMemory(chunkSize: (plan.subjects.count + 3) * SegmentGrid.words * 8)
    base = BlockValues(in: memory)
    tuned = BlockValues(in: memory)
    bits = plan.subjects.map { _ in WordRow(in: memory) }
    other = WordRow(in: memory)
  }

  /// Decides the bits of a segment.
  func compare(_ place: SegmentPlace, of plan: ComparisonPlan) throws {
    for bits in bits { bits.words.clear(words: SegmentGrid.words(for: place.positions)) }
    let pairs = plan.subjects.map { $0.pairing.pairs[place.ordinal] }
    let longest = pairs.reduce(0) { max($0, $1.compared) }
    for block in Block.indices(ofSegment: place.number, positions: longest) {
      guard let stored = pairs.first?.base else { return }
      try base.load(stored, Block.range(block, positions: longest), of: plan.base)
      for (index, pair) in pairs.enumerated() {
        let range = Block.range(block, positions: pair.compared)
        guard let stored = pair.tuned, !range.isEmpty else { continue }
        try tuned.load(stored, range, of: plan.subjects[index].checkpoint)
        bits[index].words.decide(
          plan.subjects[index].choices[0].definition,
          base,
          tuned,
          block: block % Block.perSegment,
          count: range.count
        )
      }
    }
  }

  /// Reads the other mask; false where it is damaged or gone.
  func read(_ place: SegmentPlace, of mask: Int64) throws -> Bool {
    try reader.read(place, of: mask, into: &other.words)
  }

  /// How a subject's bits are predicted by those of another, or of the mask that was read.
  func prediction(of subject: Int, by other: Int?, positions: Int) -> Prediction {
    let reference = other.map { bits[$0] } ?? self.other
    return Prediction(of: bits[subject].words, by: reference.words, positions: positions)
  }

  /// The bytes of a subject's bits alone.
  func alone(_ subject: Int, positions: Int) -> Double {
    bits[subject].words.aloneBytes(of: positions)
  }
}
