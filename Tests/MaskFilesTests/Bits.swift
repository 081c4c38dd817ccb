import TestSupport
import MaskModel

/// A row of bits in plain words: what masks in tests are made of.
struct Bits: Sendable, Hashable {
  let count: Int
  private(set) var words: [UInt64]

  init(count: Int) {
    self.count = count
    words = [UInt64](repeating: 0, count: SegmentGrid.words(for: count))
  }

  init(count: Int, setting positions: some Sequence<Int>) {
    self.init(count: count)
    for position in positions { insert(position) }
  }

  var setCount: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

  func contains(_ position: Int) -> Bool { words[position / 64] >> UInt64(position % 64) & 1 == 1 }

  mutating func insert(_ position: Int) { words[position / 64] |= 1 << UInt64(position % 64) }

  /// Takes the words of a segment, which are zero past the last position; gives the set bits.
  mutating func place(_ segment: Span<UInt64>, segment index: Int) -> Int {
    let first = index * SegmentGrid.words
    for place in segment.indices where segment[place] != 0 { words[first + place] = segment[place] }
    return segment.indices.reduce(0) { $0 + segment[$1].nonzeroBitCount }
  }

  var complement: Bits {
    var result = self
    for index in words.indices { result.words[index] = ~words[index] }
    if count % 64 > 0 { result.words[words.count - 1] &= .max >> UInt64(64 - count % 64) }
    return result
  }
}

/// Ways in which bits can lie.
enum Pattern: Sendable, Hashable, CustomStringConvertible {
  case empty
  case full
  /// A share of all positions at random.
  case random(Double)
  /// Stretches of `length` set bits with `gap` others between them.
  case stretches(length: Int, gap: Int)
  /// The first and last position of every container.
  case edges
  /// All but the first position of every container.
  case nearlyFull

  var description: String {
    switch self {
    case .empty: "empty"
    case .full: "full"
    case .random(let share): "\(share * 100) % at random"
    case .stretches(let length, let gap): "\(length) set, \(gap) not"
    case .edges: "container edges"
    case .nearlyFull: "all but container starts"
    }
  }

  func bits(count: Int, seed: UInt64 = 7) -> Bits {
    switch self {
    case .empty: Bits(count: count)
    case .full: Bits(count: count).complement
    case .random(let share) where share > 0.5:
      Pattern.random(1 - share).bits(count: count, seed: seed).complement
    case .random(let share): sparse(count, Int(Double(count) * share), seed)
    case .stretches(let length, let gap):
      Bits(count: count, setting: (0..<count).lazy.filter { $0 % (length + gap) < length })
    case .edges: Bits(count: count, setting: edges(count))
    case .nearlyFull:
      Bits(count: count, setting: stride(from: 0, to: count, by: 65536)).complement
    }
  }

  private func sparse(_ count: Int, _ draws: Int, _ seed: UInt64) -> Bits {
    var random = SeededGenerator(seed: seed)
    return Bits(
      count: count,
      setting: (0..<draws).map { _ in Int.random(in: 0..<count, using: &random) }
    )
  }

  private func edges(_ count: Int) -> [Int] {
    stride(from: 0, to: count, by: 65536).flatMap { [$0, min($0 + 65535, count - 1)] }
  }
}
