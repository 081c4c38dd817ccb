internal import ByteFormats
internal import Checkpoints
internal import MaskCatalog
internal import MaskModel
internal import SystemPackage

/// A fine-tuned checkpoint whose headers were read and joined with the base's.
struct OpenedSubject: Sendable {
  let item: AddItem
  let subject: Subject
  let fingerprint: ContentDigest
  /// The content digest, where the catalog has read these files before.
  let digest: ContentDigest?
  let metadata: RunMetadata
  /// The run that has this content already, with all definitions that are asked for.
  let knownRun: RunRecord?

  init(
    _ item: AddItem,
    base: OpenedBase,
    _ options: ComparisonOptions,
    _ catalog: Catalog,
    masks: [MaskRecord]
  ) throws {
    self.item = item
    if let name = item.name { try RunName.check(name) }
    let checkpoint = try Checkpoint(at: item.reference, environment: options.environment)
    fingerprint = checkpoint.fingerprint.digest
    let digest = try catalog.contentDigest(of: fingerprint)
    self.digest = digest
    subject = try Subject(
      checkpoint,
      base: base.checkpoint,
      options,
      needsDigest: digest == nil
    )
    metadata = try RunMetadata(beside: checkpoint.location)
    try Self.refuseTakenName(item, base.digest, digest, masks, catalog)
    knownRun = Self.knownRun(item, base.digest, digest, subject.choices, masks)
  }

  /// Refuses the name of a run that has another content, as far as that is known before the read.
  private static func refuseTakenName(
    _ item: AddItem,
    _ base: ContentDigest?,
    _ digest: ContentDigest?,
    _ masks: [MaskRecord],
    _ catalog: Catalog
  ) throws {
    guard let name = item.name, let run = masks.first(where: { $0.run.name == name })?.run else {
      return
    }
    let isOther = [(base, run.base.digest), (digest, run.digest)].contains { found, kept in
      found.map { $0.description != kept } ?? false
    }
    if isOther { throw CatalogError(.nameTaken(name), at: catalog.path) }
  }

  static func knownRun(
    _ item: AddItem,
    _ base: ContentDigest?,
    _ digest: ContentDigest?,
    _ choices: [DefinitionChoice],
    _ masks: [MaskRecord]
  ) -> RunRecord? {
    guard let base = base?.description, let digest = digest?.description else { return nil }
    let masks = masks.filter { mask in
      mask.run.digest == digest && mask.run.base.digest == base
        && (item.name == nil || mask.run.name == item.name)
    }
    guard let run = masks.first?.run else { return nil }
    let known = Set(masks.filter { $0.run.id == run.id }.map(\.definition))
    return known.isSuperset(of: choices.map { RecordedDefinition($0.definition) }) ? run : nil
  }

  var checkpoint: Checkpoint { subject.checkpoint }
  var pairing: Pairing { subject.pairing }
  var choices: [DefinitionChoice] { subject.choices }

  /// What the flags, the manifest and the files say of the run, each field from its best source.
  var fields: [RunField] {
    let stated = Set(item.fields.map(\.key))
    return item.fields
      + metadata.fields.filter { !stated.contains($0.key) && $0.key != "name" }
  }

  /// What the run may be called, in the characters that a name may have, best first: as its files say; as
  /// its folder, which of a model of the Hugging Face cache is a commit and follows the name.
  var suggestedNames: [String] {
    let stated = metadata["name"]?.value
    if let hub = checkpoint.location.hub, let name = stated {
      return [name, "\(name)-\(hub.commit.prefix(8))"].map(RunName.made)
    }
    return ((stated.map { [$0] } ?? []) + metadata.folderNames).map(RunName.made)
  }

  var notes: ComparisonNotes {
    ComparisonNotes(
      reference: item.reference,
      notices: (checkpoint.notices.filter { !$0.isAboutTypes } + metadata.notices)
        .map(\.description) + choices.narrowing(pairing),
      skipped: pairing.skipped
    )
  }

  /// The report where nothing is to be done.
  var knownReport: AddReport? {
    knownRun.map {
      AddReport(notes: notes, run: $0.name, added: [], known: choices)
    }
  }
}
