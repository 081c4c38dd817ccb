internal import ByteFormats
internal import Checkpoints
internal import MaskCatalog
internal import MaskModel
internal import Synchronization
internal import SystemPackage

extension MaskAdder {
  /// Gives the masks of subject `index` to their run.
  func finish(
    _ opened: OpenedSubject,
    at index: Int,
    _ comparison: Comparison,
    _ sink: CatalogSink,
    _ base: OpenedBase,
    after rows: UnwrittenRows,
    _ isLast: Bool
  ) throws -> AddReport {
    let masks = finishedMasks(opened, at: index, comparison, sink)
    let outcome = try sink.session.finish(
      FinishedRun(
        layout: opened.pairing.layout,
        baseDigest: base.digest ?? comparison.baseContent.finish(),
        baseFingerprint: base.fingerprint,
        baseLocation: base.checkpoint.catalogLocation,
        exponentTotals: comparison.totals.withLock { $0 },
        digest: opened.digest ?? comparison.contents[index].finish(),
        fingerprint: opened.fingerprint,
        location: opened.checkpoint.catalogLocation,
        name: opened.item.name,
        suggestedNames: opened.suggestedNames,
        fields: opened.fields,
        extraTensors: opened.pairing.extra,
        masks: masks
      ),
      after: rows,
      isLast: isLast
    )
    let added = zip(opened.choices, masks).filter { outcome.added.contains($1.definition) }
    return AddReport(
      notes: opened.notes,
      run: outcome.run,
      added: added.map { AddedMask(choice: $0, compared: $1.compared, count: $1.count) },
      known: opened.choices.filter { outcome.known.contains($0.definition) }
    )
  }

  private func finishedMasks(
    _ opened: OpenedSubject,
    at index: Int,
    _ comparison: Comparison,
    _ sink: CatalogSink
  ) -> [FinishedMask] {
    let results = comparison.results.withLock { $0[index] }
    return opened.choices.indices.map { choice in
      FinishedMask(
        id: sink.masks[index][choice],
        definition: opened.choices[choice].definition,
        compared: opened.pairing.compared,
        count: results[choice].counts.reduce(0, +),
        digest: results[choice].digest.finish(
          layout: opened.pairing.layout,
          compared: opened.pairing.pairs.map(\.compared)
        )
      )
    }
  }
}

extension Checkpoint {
  /// Where the checkpoint was read from, to be opened again or looked at later.
  var catalogLocation: String {
    if let hub = location.hub { return "\(hub.id)@\(hub.commit)" }
    return ((try? Folder.resolve(location.path)) ?? location.path).string
  }
}
