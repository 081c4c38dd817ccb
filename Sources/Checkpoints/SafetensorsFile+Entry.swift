internal import ByteFormats
internal import MaskModel

extension SafetensorsFile.Entry {
  /// The entry of the tensor `name`, each field checked before the next is looked at.
  init(_ name: String, _ value: JSONValue) throws(SafetensorsFile.Failure) {
    func refusal(_ reason: SafetensorsError.Reason) -> SafetensorsFile.Failure {
      .invalid(reason, tensor: name)
    }
    // SQLite and C would take the name to end there.
    guard !name.utf8.contains(0) else { throw refusal(.nulInName) }
    // Names are bytes in the file, and equal here where they are equivalent.
    guard name.isNormalized else { throw refusal(.notNormalized) }
    guard let typeName = value["dtype"]?.string else { throw refusal(.missingField("dtype")) }
    guard let type = StoredType(rawValue: typeName) else { throw refusal(.unknownType(typeName)) }
    guard let dimensions = value["shape"]?.array else { throw refusal(.missingField("shape")) }
    let counts = dimensions.compactMap(\.int)
    guard counts.count == dimensions.count, counts.allSatisfy({ $0 >= 0 }) else {
      throw refusal(.invalidShape)
    }
    guard let offsets = value["data_offsets"]?.array else {
      throw refusal(.missingField("data_offsets"))
    }
    guard let range = Self.range(offsets) else { throw refusal(.invalidOffsets) }
    self.init(
      name: name,
      type: type,
      shape: try Self.shape(counts, of: type, in: range, refusal),
      range: range
    )
  }

  private static func range(_ offsets: [JSONValue]) -> Range<Int>? {
    guard offsets.count == 2, let begin = offsets[0].int, let end = offsets[1].int,
      begin >= 0, begin <= end
    else { return nil }
    return begin..<end
  }

  /// The shape, once it is known to fill `range` exactly.
  private static func shape(
    _ counts: [Int],
    of type: StoredType,
    in range: Range<Int>,
    _ refusal: (SafetensorsError.Reason) -> SafetensorsFile.Failure
  ) throws(SafetensorsFile.Failure) -> TensorShape {
    guard let shape = TensorShape(counts) else { throw refusal(.sizeOverflow) }
    let (bits, overflow) = shape.count.multipliedReportingOverflow(by: type.bitWidth)
    guard !overflow else { throw refusal(.sizeOverflow) }
    guard bits % 8 == 0 else { throw refusal(.notWholeBytes) }
    guard bits / 8 == range.count else {
      throw refusal(.sizeMismatch(expected: bits / 8, found: range.count))
    }
    return shape
  }
}
