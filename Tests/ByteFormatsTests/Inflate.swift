/// Reads zlib streams of fixed codes, straight from RFC 1951, to hold `Deflate` against.
struct Inflate {
  private let bytes: [UInt8]
  private var place = 0

  /// What the zlib stream `stream` holds, or nil where it is none of one block of fixed codes.
  static func zlib(_ stream: [UInt8]) -> [UInt8]? {
    guard stream.count > 6, (Int(stream[0]) << 8 | Int(stream[1])).isMultiple(of: 31) else {
      return nil
    }
    var reader = Inflate(bytes: Array(stream[2...].dropLast(4)))
    return reader.block()
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private mutating func block() -> [UInt8]? {
    guard bits(3) == 0b011 else { return nil }
    var output: [UInt8] = []
    while true {
      let symbol = literal()
      if symbol == 256 {
        return place <= 8 * bytes.count && 8 * bytes.count - place < 8 ? output : nil
      }
      if symbol < 256 {
        output.append(UInt8(symbol))
        continue
      }
      let length = length(of: symbol - 257)
      let distance = distance(of: code(5))
      guard distance <= output.count else { return nil }
      for _ in 0..<length { output.append(output[output.count - distance]) }
    }
  }

  private mutating func length(of symbol: Int) -> Int {
    if symbol < 8 { return 3 + symbol }
    if symbol == 28 { return 258 }
    let extra = symbol / 4 - 1
    return 3 + (4 + symbol % 4) << extra + bits(extra)
  }

  private mutating func distance(of symbol: Int) -> Int {
    if symbol < 4 { return 1 + symbol }
    let extra = symbol / 2 - 1
    return 1 + (2 + symbol % 2) << extra + bits(extra)
  }

  private mutating func literal() -> Int {
    var value = code(7)
    if value < 24 { return 256 + value }
    value = value << 1 | bits(1)
    if value < 192 { return value - 48 }
    if value < 200 { return value - 192 + 280 }
    value = value << 1 | bits(1)
    return value - 400 + 144
  }

  /// A Huffman code, the most significant bit first.
  private mutating func code(_ count: Int) -> Int {
    (0..<count).reduce(0) { code, _ in code << 1 | bits(1) }
  }

  private mutating func bits(_ count: Int) -> Int {
    let value = (0..<count).reduce(0) { value, bit in
      let at = place + bit
      let byte = at / 8 < bytes.count ? Int(bytes[at / 8]) : 0
      return value | (byte >> (at % 8) & 1) << bit
    }
    place += count
    return value
  }
}
