internal import Checkpoints
internal import MaskCatalog
internal import MaskModel
internal import Synchronization

extension Comparison {
  /// Compares one segment of one tensor under every mask, and hands the bits on.
  func compare(
    _ tensor: TensorProgress,
    segment number: Int,
    _ scratch: ComparisonScratch
  ) throws {
    let pairs = plan.subjects.map { $0.pairing.pairs[tensor.ordinal] }
    guard let base = pairs.first?.base else { return }
    let longest = pairs.reduce(base.shape.count) { max($0, $1.tuned?.shape.count ?? 0) }
    let range = SegmentGrid.range(number, positions: longest)
    scratch.start(
      tensor,
      positions: range.count,
      compared: pairs.map { range.clamped(to: 0..<$0.compared).count }
    )
    let blocks = Block.indices(ofSegment: number, positions: longest)
    for block in blocks {
      try loadBase(base, block: block, pairs, scratch)
      for (index, pair) in pairs.enumerated() {
        try compare(pair, subject: index, block: block, scratch)
      }
    }
    baseContent.note(scratch.baseDigests, from: blocks.lowerBound, of: base)
    for (index, pair) in pairs.enumerated() {
      guard let tuned = pair.tuned else { continue }
      contents[index].note(scratch.tunedDigests[index], from: blocks.lowerBound, of: tuned)
    }
    for draft in scratch.drafts.joined() {
      if let key = draft.totalsKey { tensor.add(draft.totals, to: key) }
    }
    guard number < SegmentGrid.count(positions: base.shape.count) else { return }
    try hand(on: tensor, segment: number, positions: base.shape.count, scratch)
  }

  /// Reads a block of the base where its digest or a subject needs it.
  private func loadBase(
    _ base: StoredTensor,
    block: Int,
    _ pairs: [TensorPair],
    _ scratch: ComparisonScratch
  ) throws {
    let range = Block.range(block, positions: base.shape.count)
    let isCompared = pairs.contains { $0.compared > range.lowerBound }
    guard !range.isEmpty, plan.needsBaseDigest || isCompared else { return }
    try scratch.base.load(base, range, of: plan.base)
    if plan.needsBaseDigest { scratch.baseDigests.append(scratch.base.digest) }
    progress(scratch.base.byteCount)
  }

  private func compare(
    _ pair: TensorPair,
    subject index: Int,
    block: Int,
    _ scratch: ComparisonScratch
  ) throws {
    guard let tuned = pair.tuned else { return }
    let subject = plan.subjects[index]
    let range = Block.range(block, positions: tuned.shape.count)
    let count = Block.range(block, positions: pair.compared).count
    guard !range.isEmpty, subject.needsDigest || count > 0 else { return }
    try scratch.tuned.load(tuned, range, of: subject.checkpoint)
    if subject.needsDigest { scratch.tunedDigests[index].append(scratch.tuned.digest) }
    progress(scratch.tuned.byteCount)
    guard count > 0 else { return }
    for (place, draft) in scratch.drafts[index].enumerated() {
      draft.compare(
        subject.choices[place].definition,
        scratch.base,
        scratch.tuned,
        block: block % Block.perSegment,
        count: count,
        after: others(scratch.drafts[index], before: place, under: subject.choices)
      )
    }
  }

  /// The first draft, and the last before `place`, where they are of the dtype of `place`; nil where the
  /// first is not.
  private func others(
    _ drafts: [SegmentDraft],
    before place: Int,
    under choices: [DefinitionChoice]
  ) -> (first: SegmentDraft, last: SegmentDraft)? {
    let type = choices[place].definition.compareType
    guard place > 0, choices[0].definition.compareType == type else { return nil }
    let isLike = choices[place - 1].definition.compareType == type
    return (drafts[0], drafts[isLike ? place - 1 : 0])
  }

  /// Encodes the segment of every mask and adds it to the tallies.
  private func hand(
    on tensor: TensorProgress,
    segment number: Int,
    positions: Int,
    _ scratch: ComparisonScratch
  ) throws {
    let range = SegmentGrid.range(number, positions: positions)
    let place = SegmentPlace(ordinal: tensor.ordinal, number: number, positions: range.count)
    for (subject, drafts) in scratch.drafts.enumerated() {
      let compared = plan.subjects[subject].pairing.pairs[tensor.ordinal].compared
      var segments: [EncodedSegment] = []
      for (choice, draft) in drafts.enumerated() {
        let mask = MaskIndex(subject: subject, choice: choice)
        let twin = drafts[..<choice].dropFirst().firstIndex { $0.words.equals(draft.words) }
        let segment = try twin.map { segments[$0] } ?? encode(mask, at: place, scratch)
        segments.append(segment)
        tensor.tallies[subject][choice].add(
          draft.words,
          range: range.clamped(to: 0..<compared),
          number: number,
          digest: SegmentDigest(count: segment.count, checksum: segment.checksum),
          exponents: draft.exponents
        )
        guard plan.encodes else { continue }
        try sink.take(segment, of: mask, ordinal: tensor.ordinal, number: number)
      }
    }
  }

  /// Packs a segment: of a further definition against that of the first of its run, for masks of one
  /// run are nearly equal; of the first against what was chosen for it.
  private func encode(
    _ mask: MaskIndex,
    at place: SegmentPlace,
    _ scratch: ComparisonScratch
  ) throws -> EncodedSegment {
    let positions = place.positions
    let drafts = scratch.drafts[mask.subject]
    let draft = drafts[mask.choice]
    func alone() -> EncodedSegment {
      scratch.encoder.encode(draft.words, positions: positions, packs: plan.encodes)
    }
    func against(_ other: SegmentDraft) -> EncodedSegment {
      scratch.encoder.encode(draft.words, positions: positions, against: other.words)
    }
    guard plan.encodes else { return alone() }
    if mask.choice > 0 { return against(drafts[0]) }
    switch plan.references.isEmpty ? .alone : plan.references[mask.subject] {
    case .alone: return alone()
    case .subject(let other): return against(scratch.drafts[other][0])
    case .stored(let other):
      guard draft.isWorthReference(positions: positions), let reader = scratch.references,
        try reader.read(place, of: other, into: &scratch.reference)
      else { return alone() }
      return scratch.encoder.encode(
        draft.words,
        positions: positions,
        against: scratch.reference
      )
    }
  }

  /// Hands on the marginals of a tensor whose last segment is in.
  func finish(_ tensor: TensorProgress) throws {
    for (subject, tallies) in tensor.tallies.enumerated() {
      let pair = plan.subjects[subject].pairing.pairs[tensor.ordinal]
      for (choice, tally) in tallies.enumerated() {
        let (marginals, digests) = tally.finish()
        results.withLock {
          $0[subject][choice].counts[tensor.ordinal] = marginals.count
          $0[subject][choice].digest.note(digests, ofTensor: tensor.ordinal)
        }
        let type = plan.subjects[subject].choices[choice].definition.compareType
        let key = TensorProgress.TotalsKey(
          compareType: type,
          ordinal: tensor.ordinal,
          compared: pair.compared
        )
        try sink.take(
          MaskTensorRecord(pair, ordinal: tensor.ordinal, marginals),
          of: MaskIndex(subject: subject, choice: choice),
          exponentTotals: tensor.totals(key)
        )
      }
    }
    let counted = try tensor.keys.compactMap { key in
      try tensor.totals(key).map {
        ExponentTotals(
          compareType: key.compareType,
          ordinal: key.ordinal,
          compared: key.compared,
          totals: $0
        )
      }
    }
    totals.withLock { $0 += counted }
  }
}

extension MaskTensorRecord {
  fileprivate init(_ pair: TensorPair, ordinal: Int, _ marginals: TensorMarginals) {
    self.init(
      ordinal: ordinal,
      compared: pair.compared,
      reason: pair.reason,
      baseType: pair.base.type.rawValue,
      tunedType: pair.tuned?.type.rawValue,
      marginals: marginals
    )
  }
}
