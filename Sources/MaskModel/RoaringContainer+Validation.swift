extension RoaringContainer {
  /// Throws where `bytes`, those of the payload, break a rule of the format.
  ///
  /// What passes is safe to decode: every value is within the container and the cardinality is the
  /// number of values.
  package func validate(_ bytes: RawSpan) throws(RoaringError) {
    precondition(bytes.byteCount == payload.count, "not the bytes of this container")
    switch kind {
    case .array: try validateArray(bytes)
    case .bitset: try validateBitset(bytes)
    case .run: try validateRuns(bytes)
    }
  }

  private func validateArray(_ bytes: RawSpan) throws(RoaringError) {
    var last = -1
    for offset in stride(from: 0, to: bytes.byteCount, by: 2) {
      let value = Int(bytes.littleEndian(UInt16.self, at: offset))
      guard value > last else { throw error(.arrayNotRising, offset) }
      last = value
    }
  }

  private func validateBitset(_ bytes: RawSpan) throws(RoaringError) {
    var count = 0
    for offset in stride(from: 0, to: bytes.byteCount, by: 8) {
      count += bytes.littleEndian(UInt64.self, at: offset).nonzeroBitCount
    }
    guard count == cardinality else { throw error(.wrongBitsetCount, 0) }
  }

  private func validateRuns(_ bytes: RawSpan) throws(RoaringError) {
    var (end, count) = (-1, 0)
    for offset in stride(from: 2, to: bytes.byteCount, by: 4) {
      let start = Int(bytes.littleEndian(UInt16.self, at: offset))
      let length = Int(bytes.littleEndian(UInt16.self, at: offset + 2)) + 1
      guard start > end else { throw error(.runsNotApart, offset) }
      end = start + length
      guard end <= RoaringFormat.containerLength else { throw error(.runTooLong, offset) }
      count += length
    }
    guard count == cardinality else { throw error(.wrongRunCount, 0) }
  }

  private func error(_ reason: RoaringError.Reason, _ offset: Int) -> RoaringError {
    RoaringError(reason, at: payload.lowerBound + offset)
  }
}
