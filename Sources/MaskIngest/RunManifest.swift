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

  private static func content(of path: FilePath) throws(ManifestError) -> JSONValue {
    do {
      let bytes = try ReadableFile.contents(of: path, limit: sizeLimit)
      guard let bytes else {
        throw ManifestError(description: "\(path): no manifest is longer than 64 MiB")
      }
      return try JSONValue(parsing: bytes)
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
    if let own = (run["base"] ?? content["base"])?.string { return resolved(own) }
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
    guard let object = run.object, let reference = object["path"]?.string else {
      throw ManifestError(description: "\(path): run \(index) has no \"path\"")
    }
    let stated = Set(fields.map(\.key))
    var own: [RunField] = []
    for (key, value) in object
    where !["path", "name", "base"].contains(key) && !stated.contains(key) {
      guard let text = value.fieldText else {
        throw ManifestError(
          description: "\(path): \"\(key)\" of run \(index) is neither text nor number"
        )
      }
      own.append(RunField(key: key, value: text, source: "manifest"))
    }
    return AddItem(
      reference: resolved(reference),
      name: object["name"]?.string,
      fields: fields + own
    )
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
