internal import ByteFormats
public import MaskModel
internal import SystemPackage

/// What the files in and above a checkpoint's folder say about the run it came from.
///
/// Each field comes from the first source that has it: run.json, trainer_state.json,
/// training_args.bin, the front matter of README.md, config.json, the names of file and folders. Folders above are looked at
/// where the names say that they belong to the run, as in `run/checkpoint-100` or
/// `run/global_step_50/actor/huggingface`. A name found above gets the step appended, so that the
/// checkpoints of one run differ: `run-step100`.
public struct RunMetadata: Sendable, Hashable {
  /// The keys that every source may fill, in the order of `fields`.
  public static let knownKeys = [
    "name", "algorithm", "dataset", "seed", "step", "optimizer", "learning_rate", "precision",
    "base",
  ]

  /// The algorithms that trainers and model cards name: those of TRL, and names used beyond it.
  static let algorithms: Set = [
    "bco", "cpo", "dapo", "dpo", "gkd", "grpo", "gspo", "ipo", "kto", "nash-md", "online-dpo",
    "orpo", "ppo", "prime", "raft", "reinforce", "rft", "rloo", "sft", "simpo", "xpo",
  ]

  /// What is known: the known keys in their order, then further keys of run.json in theirs.
  public private(set) var fields: [RunField] = []
  /// What was found but not understood.
  public private(set) var notices: [CheckpointNotice] = []
  /// What folders would name the run, best first: `run-step100`, `above-run-step100`; empty in the hub's
  /// cache.
  public let folderNames: [String]
  /// What a name of the whole run lacks to be that of this checkpoint.
  private let nameSuffix: String

  /// Reads what lies beside the checkpoint at `location`.
  ///
  /// A run.json that is not a JSON object, and a field that cannot be kept, are errors; anything else
  /// odd is a notice.
  public init(beside location: CheckpointLocation) throws(CheckpointError) {
    let places = RunPlaces(location)
    folderNames = places.folderNames
    nameSuffix = places.nameSuffix
    for place in places.all { try readRunFile(place) }
    readTrainerState(places.own)
    for place in places.all { readTrainingArguments(place) }
    for place in places.all { readModelCard(place) }
    readConfig(places.own)
    for field in places.fieldsFromNames { add(field) }
    sort()
    try refuseFlaws(beside: places.own)
  }

  /// The field `key`; nil where nothing is known.
  public subscript(key: String) -> RunField? { fields.first { $0.key == key } }

  /// Adds a name found in `place`, which above the checkpoint's own folder is that of several.
  mutating func add(name: String, in place: RunPlace, _ source: String) {
    let value = place.isOwn ? name : name + nameSuffix
    add(RunField(key: "name", value: value, source: source))
  }

  /// Adds `field` unless a better source gave it before.
  mutating func add(_ field: RunField) {
    if self[field.key] == nil { fields.append(field) }
  }

  mutating func ignore(_ field: String?, of file: String, because problem: String) {
    notices.append(.fieldIgnored(file: file, field: field, problem: problem))
  }

  private func refuseFlaws(beside place: RunPlace) throws(CheckpointError) {
    for field in fields {
      guard let flaw = field.flaw else { continue }
      let file = place.folder.pushing(FilePath(field.source)).lexicallyNormalized()
      throw CheckpointError(.flawedField(flaw), path: file)
    }
  }

  private mutating func sort() {
    let known = Self.knownKeys.compactMap { self[$0] }
    fields = known + fields.filter { !Self.knownKeys.contains($0.key) }
  }
}
