internal import ByteFormats
internal import Foundation
internal import GRDB
internal import MaskModel

/// Something in the file that maskdb would not have written; `Catalog` adds the path.
struct Damage: Error {
  let detail: String
}

extension Row {
  /// The value in `column`; GRDB's subscript would end the process where a damaged row has another.
  func value<Value: DatabaseValueConvertible & StatementColumnConvertible>(
    _ column: String
  ) throws -> Value { try decode(forColumn: column) }

  /// The value in column `index`.
  func value<Value: DatabaseValueConvertible & StatementColumnConvertible>(
    _ index: Int
  ) throws -> Value { try decode(atIndex: index) }

  /// The digest in `column`.
  func digest(_ column: String) throws -> ContentDigest {
    let data: Data = try value(column)
    guard let digest = ContentDigest(bytes: [UInt8](data)) else {
      throw Damage(detail: "\(column) is no digest")
    }
    return digest
  }

  /// The bytes in `column`, nil for NULL.
  func bytes(_ column: String) throws -> [UInt8]? {
    let data: Data? = try value(column)
    return data.map { [UInt8]($0) }
  }

  /// The bytes in column `index`, nil for NULL.
  func bytes(_ index: Int) throws -> [UInt8]? {
    try withUnsafeData(atIndex: index) { data in data.map { [UInt8]($0) } }
  }
}

extension ContentDigest {
  /// The digest as a column holds it.
  var blob: Data { Data(bytes) }
}

extension TensorShape {
  /// The shape as the JSON array that a column holds.
  var json: String { "[" + dimensions.map(String.init).joined(separator: ",") + "]" }

  /// The shape of such an array.
  init(json: String) throws {
    let value = try? JSONValue(parsing: Array(json.utf8))
    let dimensions = value?.array?.compactMap(\.int)
    guard let dimensions, dimensions.count == value?.array?.count,
      let shape = TensorShape(dimensions)
    else { throw Damage(detail: "'\(json)' is no shape") }
    self = shape
  }
}

extension [SkippedTensor] {
  /// The tensors as the JSON array of objects that a column holds.
  var json: String {
    JSONValue.array(map { ["name": .string($0.name), "reason": .string($0.reason)] }).serialized()
  }

  /// The tensors of such an array.
  init(json: String) throws {
    let entries = (try? JSONValue(parsing: json))?.array
    guard let entries else { throw Damage(detail: "'\(json)' is no list of tensors") }
    self = entries.compactMap { entry in
      entry["name"]?.string.map {
        SkippedTensor(name: $0, reason: entry["reason"]?.string ?? "")
      }
    }
  }
}

extension MaskLineage {
  /// The lineage as a column holds it.
  var column: String { json.serialized() }

  /// The lineage of such a column.
  init(column text: String) throws {
    guard let value = try? JSONValue(parsing: text), let lineage = MaskLineage(json: value) else {
      throw Damage(detail: "'\(text)' is no lineage")
    }
    self = lineage
  }
}

/// The present second as SQLite writes it: ISO 8601 in UTC.
let sqlNow = "strftime('%Y-%m-%dT%H:%M:%SZ', 'now')"
