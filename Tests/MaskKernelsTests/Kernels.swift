import CMaskKernels
import Testing

/// A kernel this CPU can run, by name; `scalar` is the one the others are held against.
struct Kernel: CustomTestStringConvertible {
  let name: String

  static let scalar = Kernel(name: "scalar")

  static let all: [Kernel] = {
    var names = mk_kernels_available()
    var found: [Kernel] = []
    while let name = names?.pointee {
      found.append(Kernel(name: String(cString: name)))
      names = names?.advanced(by: 1)
    }
    return found
  }()

  /// Those to hold against scalar.
  static var fast: [Kernel] { all.filter { $0.name != scalar.name } }

  var testDescription: String { name }

  var table: mk_table { mk_table_named(name).pointee }
}

/// Lengths on either side of every boundary a kernel has: word, vector, stretch, strip, container.
let lengths = [
  0, 1, 2, 31, 63, 64, 65, 127, 128, 129, 255, 511, 513, 4095, 4096, 4097, 65535, 65536,
]

/// A repeatable generator: Sebastiano Vigna's SplitMix64.
struct Random: RandomNumberGenerator {
  var state: UInt64

  init(_ seed: Int) { state = UInt64(seed) }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// `count` bits, each set with probability `percent` / 100, in words without stray bits.
  mutating func bits(_ count: Int, percent: UInt64) -> [UInt64] {
    var words = [UInt64](repeating: 0, count: (count + 63) / 64)
    for i in 0..<count where next() % 100 < percent { words[i / 64] |= 1 << UInt64(i % 64) }
    return words
  }

  mutating func words(_ count: Int) -> [UInt64] { (0..<count).map { _ in next() } }
}

extension [UInt64] {
  func contains(bit i: Int) -> Bool { self[i / 64] >> UInt64(i % 64) & 1 == 1 }

  /// The positions of the set bits, in order.
  var positions: [Int] {
    var found: [Int] = []
    for (i, word) in enumerated() {
      var left = word
      while left != 0 {
        found.append(i * 64 + left.trailingZeroBitCount)
        left &= left - 1
      }
    }
    return found
  }
}

/// `values` as bytes that begin `offset` bytes into a buffer, so that a kernel meets any alignment.
struct Bytes {
  let storage: [UInt8]
  let offset: Int

  init<T>(_ values: [T], offset: Int = 0) {
    self.offset = offset
    storage = [UInt8](repeating: 0xA5, count: offset) + values.withUnsafeBytes { Array($0) }
  }

  func withPointer<R>(_ body: (UnsafeRawPointer) -> R) -> R {
    storage.withUnsafeBytes { body($0.baseAddress.unsafelyUnwrapped + offset) }
  }
}
