/// A plain reader of portable 32-bit roaring bytes that are known to be right.
enum PlainDecoder {
  static func positions(_ bytes: [UInt8]) -> [UInt32] {
    func integer16(_ offset: Int) -> Int { Int(bytes[offset]) | Int(bytes[offset + 1]) << 8 }
    let hasRuns = integer16(0) == 12347
    let count = hasRuns ? integer16(2) + 1 : integer16(4) | integer16(6) << 16
    let flags = 4
    let entries = hasRuns ? flags + (count + 7) / 8 : 8
    var offset = entries + count * (!hasRuns || count >= 4 ? 8 : 4)
    var positions: [UInt32] = []
    for index in 0..<count {
      let base = integer16(entries + 4 * index) << 16
      let cardinality = integer16(entries + 4 * index + 2) + 1
      if hasRuns, bytes[flags + index / 8] >> (index % 8) & 1 == 1 {
        for run in 0..<integer16(offset) {
          let start = base + integer16(offset + 2 + 4 * run)
          positions += (start...start + integer16(offset + 4 + 4 * run)).map { UInt32($0) }
        }
        offset += 2 + 4 * integer16(offset)
      } else if cardinality > 4096 {
        positions += (0..<65536).filter { bytes[offset + $0 / 8] >> ($0 % 8) & 1 == 1 }
          .map { UInt32(base + $0) }
        offset += 8192
      } else {
        positions += (0..<cardinality).map { UInt32(base + integer16(offset + 2 * $0)) }
        offset += 2 * cardinality
      }
    }
    return positions
  }
}
