public import ByteFormats
public import MaskModel
public import MaskQuery

/// Everything that a catalog says of one run.
public struct RunReport: Sendable {
  /// A value that a field had, and since when.
  public struct Entry: Sendable {
    let field: RunField
    let recordedAt: String

    /// `field`, recorded at an ISO 8601 time.
    public init(field: RunField, recordedAt: String) {
      self.field = field
      self.recordedAt = recordedAt
    }
  }

  let name: String
  let base: String
  let baseLocation: String
  let location: String
  let addedAt: String
  let digest: String
  let fields: [RunField]
  let history: [Entry]
  let masks: [MaskSummary]

  /// A report on run `name`, with its present `fields`, all values they had, and its `masks`.
  public init(
    name: String, base: String, baseLocation: String, location: String, addedAt: String,
    digest: String, fields: [RunField], history: [Entry], masks: [MaskSummary]
  ) {
    self.name = name
    self.base = base
    self.baseLocation = baseLocation
    self.location = location
    self.addedAt = addedAt
    self.digest = digest
    self.fields = fields
    self.history = history
    self.masks = masks
  }
}

extension RunReport {
  /// The report as schema `maskdb.show/1` has it.
  public var json: JSONValue {
    [
      "schema": "maskdb.show/1", "run": run, "fields": .array(fields.map(\.json)),
      "history": .array(history.map(\.json)), "masks": .array(masks.map(\.json)),
    ]
  }

  private var run: JSONValue {
    [
      "name": .string(name), "base": .string(base), "base_location": .string(baseLocation),
      "location": .string(location), "added_at": .string(addedAt), "digest": .string(digest),
      "algorithm": JSONValue(value("algorithm")), "dataset": JSONValue(value("dataset")),
      "seed": JSONValue(value("seed").flatMap { Int($0) }),
      "step": JSONValue(value("step").flatMap { Int($0) }),
    ]
  }

  private func value(_ key: String) -> String? { fields.first { $0.key == key }?.value }
}

extension RunField {
  fileprivate var json: JSONValue {
    ["key": .string(key), "value": .string(value), "source": .string(source)]
  }
}

extension RunReport.Entry {
  fileprivate var json: JSONValue {
    [
      "key": .string(field.key), "value": field.value.isEmpty ? .null : .string(field.value),
      "source": .string(field.source), "recorded_at": .string(recordedAt),
    ]
  }
}
