internal import ByteFormats
public import MaskModel
public import SystemPackage

/// Why a manifest cannot be used.
public struct ManifestError: Error, Sendable, Hashable, CustomStringConvertible {
  /// One sentence: the file, the place, the reason.
  public let description: String
}

/// A JSON file that lists runs to add, as Schemas/manifest.schema.json says.
public struct RunManifest: Sendable {
  /// A base with the checkpoints that were fine-tuned from it.
  public struct Job: Sendable {
    /// The base.
    public var base: String
    /// The checkpoints.
    public var items: [AddItem]

    /// `items` of `base`.
    public init(base: String, items: [AddItem]) {
      self.base = base
      self.items = items
    }
  }

  private let path: FilePath
  private let content: JSONValue

  /// The `schema` of the manifests that this maskdb reads.
  public static let schema = "maskdb.manifest/1"

  private static let sizeLimit = 64 << 20

  /// Reads the manifest at `path`.
  ///
  /// - Throws: `ManifestError`.
  public init(at path: FilePath) throws(ManifestError) {
    self.path = path
    content = try Self.content(of: path)
    guard content["schema"]?.string == Self.schema else {
      throw ManifestError(
        description: "\(path): the manifest's \"schema\" is not \"\(Self.schema)\""
      )
    }
    try checkTopLevel()
  }

  /// The bases with their runs, in the order of the manifest.
  ///
  /// - Parameters:
  ///   - base: the base of runs for which the manifest names none.
  ///   - fields: what outranks the manifest.
  /// - Returns: one job for every base.
  /// - Throws: `ManifestError` that names the run and the key.
  public func jobs(base: String?, fields: [RunField]) throws(ManifestError) -> [Job] {
    guard let runs = content["runs"]?.array, !runs.isEmpty else {
      throw ManifestError(description: "\(path): the manifest lists no \"runs\"")
    }
    var jobs: [Job] = []
    for (index, run) in runs.enumerated() {
      let base = try self.base(of: run, index, default: base)
      let item = try item(run, index, fields)
      if let place = jobs.firstIndex(where: { $0.base == base }) {
        jobs[place].items.append(item)
      } else {
        jobs.append(Job(base: base, items: [item]))
      }
    }
    return jobs
  }

  /// Refuses what no manifest has: a misspelt key would silently be without effect.
  private func checkTopLevel() throws(ManifestError) {
    let known = ["schema", "base", "runs"]
    if let stranger = content.object?.lazy.map({ $0.0 }).first(where: { !known.contains($0) }) {
      throw ManifestError(
        description: "\(path): a manifest has no \"\(stranger)\"; it has \"schema\", \"base\" and "
          + "\"runs\""
      )
    }
    guard let base = content["base"] else { return }
    guard let text = base.string, !text.isEmpty, !text.utf8.contains(0) else {
      throw ManifestError(description: "\(path): the manifest's \"base\" is not a text")
    }
  }

  private static func content(of path: FilePath) throws(ManifestError) -> JSONValue {
    do {
      let bytes = try ReadableFile.contents(of: path, limit: sizeLimit)
      guard let bytes else {
        throw ManifestError(description: "\(path): no manifest is longer than 64 MiB")
      }
      return try JSONValue(parsing: bytes, options: JSONReadingOptions(keepsDigits: true))
    } catch let error as ManifestError {
      throw error
    } catch let error as FormatError {
      throw ManifestError(description: "\(path): the manifest is not JSON: \(error)")
    } catch {
      throw ManifestError(description: "\(error)")
    }
  }

  private func base(
    of run: JSONValue,
    _ index: Int,
    default base: String?
  ) throws(ManifestError) -> String {
    if let own = try text("base", of: run, index) ?? content["base"]?.string {
      return resolved(own)
    }
    guard let base else {
      throw ManifestError(
        description: "\(path): run \(index) has no \"base\"; name one there or by --base"
      )
    }
    return base
  }

  private func item(
    _ run: JSONValue,
    _ index: Int,
    _ fields: [RunField]
  ) throws(ManifestError) -> AddItem {
    guard let object = run.object, let reference = try text("path", of: run, index) else {
      throw ManifestError(description: "\(path): run \(index) has no \"path\"")
    }
    let stated = Set(fields.map(\.key))
    var own: [RunField] = []
    for (key, value) in object where !["path", "name", "base"].contains(key) {
      guard let field = try field(key, value, ofRun: index), !stated.contains(key) else { continue }
      own.append(field)
    }
    return AddItem(
      reference: resolved(reference),
      name: try text("name", of: run, index),
      fields: fields + own
    )
  }

  /// The field `key`; nil for null, which says that it is not known.
  private func field(
    _ key: String,
    _ value: JSONValue,
    ofRun index: Int
  ) throws(ManifestError) -> RunField? {
    if value == .null { return nil }
    guard !key.isEmpty else {
      throw ManifestError(description: "\(path): a field of run \(index) has an empty key")
    }
    guard let text = value.fieldText else {
      throw ManifestError(
        description: "\(path): \"\(key)\" of run \(index) is neither text nor number"
      )
    }
    let field = RunField(key: key, value: text, source: "manifest")
    guard field.isWhole else {
      throw ManifestError(description: "\(path): \"\(key)\" of run \(index) is no whole number")
    }
    if let flaw = field.flaw {
      throw ManifestError(description: "\(path): of run \(index) \(flaw)")
    }
    return field
  }

  /// The text at `key` of a run; nil where it has none.
  private func text(
    _ key: String,
    of run: JSONValue,
    _ index: Int
  ) throws(ManifestError) -> String? {
    guard let value = run[key] else { return nil }
    guard let text = value.string, !text.isEmpty else {
      throw ManifestError(description: "\(path): \"\(key)\" of run \(index) is not a text")
    }
    guard !text.utf8.contains(0) else {
      throw ManifestError(
        description: "\(path): \"\(key)\" of run \(index) has the character U+0000; take it out"
      )
    }
    return text
  }

  /// A path beside the manifest; what is none there is left as it is, for the Hugging Face cache.
  private func resolved(_ reference: String) -> String {
    let beside = path.removingLastComponent().pushing(FilePath(reference))
    return Folder.kind(of: beside) == nil ? reference : beside.string
  }
}

extension JSONValue {
  /// A scalar as the text of a field.
  fileprivate var fieldText: String? {
    switch self {
    case .string(let text): text
    case .integer(let value): String(value)
    case .number(let value): String(value)
    case .bool(let value): String(value)
    default: nil
    }
  }
}
