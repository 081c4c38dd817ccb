internal import ByteFormats
internal import MaskModel
internal import SystemPackage

extension RunMetadata {
  /// Reads run.json, whose members are fields.
  ///
  /// One above the checkpoint's own folder tells of the whole run: its step is not this
  /// checkpoint's.
  mutating func readRunFile(_ place: RunPlace) throws(CheckpointError) {
    guard let (path, source) = place.file("run.json") else { return }
    guard let members = try JSONFile.read(path).object else {
      throw CheckpointError(.notAnObject, path: path)
    }
    for (key, value) in members where !value.isNull && !(key == "step" && !place.isOwn) {
      if key == "name", let name = value.string {
        add(name: name, in: place, source)
      } else if let text = Self.text(value) {
        let field = RunField(key: key, value: text, source: source)
        guard field.isWhole else {
          ignore(key, of: source, because: "no whole number")
          continue
        }
        add(field)
      } else {
        ignore(key, of: source, because: "neither text, number, truth value nor a list of them")
      }
    }
  }

  /// Reads the step from trainer_state.json, which the Trainer of transformers writes.
  mutating func readTrainerState(_ place: RunPlace) {
    guard let (json, source) = readJSON("trainer_state.json", in: place) else { return }
    if let step = json["global_step"]?.int {
      add(RunField(key: "step", value: String(step), source: source))
    } else {
      ignore("global_step", of: source, because: "missing or no integer")
    }
  }

  /// Reads training_args.bin, which the Trainer of transformers and those of TRL write.
  ///
  /// The class tells the algorithm. `bf16` and `fp16` in it are no precision of the weights: a model that
  /// was loaded in another is trained in that.
  mutating func readTrainingArguments(_ place: RunPlace) {
    guard let (path, source) = place.file("training_args.bin") else { return }
    let told: TrainingArguments
    do throws(TrainingArguments.Failure) {
      told = try TrainingArguments(path)
    } catch {
      return ignore(nil, of: source, because: error.reason)
    }
    if let algorithm = Self.algorithm(ofClass: told.className) {
      add(RunField(key: "algorithm", value: algorithm, source: source))
    }
    for (attribute, key) in Self.attributes {
      if let value = told[attribute] { add(RunField(key: key, value: value, source: source)) }
    }
  }

  /// The attributes that are fields, and the keys they have there.
  ///
  /// The others are not taken: most pairs of runs differ in some, which would be factors of their overlap.
  private static let attributes = [
    ("seed", "seed"), ("optim", "optimizer"), ("learning_rate", "learning_rate"),
  ]

  /// `grpo` of `GRPOConfig`; nil where the class is of no known algorithm.
  private static func algorithm(ofClass name: String) -> String? {
    guard name.hasSuffix("Config") else { return nil }
    let stem = name.dropLast("Config".count).lowercased()
    return algorithms.first { $0.filter { $0 != "-" } == stem }
  }

  /// Reads the base from config.json, where transformers keeps the name the model was loaded by.
  mutating func readConfig(_ place: RunPlace) {
    guard let (json, source) = readJSON("config.json", in: place) else { return }
    guard let value = json["_name_or_path"], !value.isNull else { return }
    guard let base = value.string else {
      return ignore("_name_or_path", of: source, because: "no text")
    }
    if !base.isEmpty { add(RunField(key: "base", value: base, source: source)) }
  }

  private mutating func readJSON(_ name: String, in place: RunPlace) -> (JSONValue, String)? {
    guard let (path, source) = place.file(name) else { return nil }
    do throws(CheckpointError) {
      return (try JSONFile.read(path), source)
    } catch {
      ignore(nil, of: source, because: "\(error.reason)")
      return nil
    }
  }

  /// A scalar or a list of scalars as text; nil for anything else and for an empty list.
  private static func text(_ value: JSONValue) -> String? {
    switch value {
    case .string(let text): return text
    case .bool, .integer: return value.serialized()
    case .number(let number): return number.description
    case .array(let values):
      let texts = values.compactMap { $0.array == nil ? text($0) : nil }
      return texts.count == values.count && !texts.isEmpty ? texts.joined(separator: ", ") : nil
    case .null, .object: return nil
    }
  }
}
