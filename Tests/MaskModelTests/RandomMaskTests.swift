import ByteFormats
import TestSupport
import MaskModel
import Testing

struct RandomMaskTests {
  private static let layout = ModelLayout(
    [("a", [7]), ("b", [60, 64]), ("c", [40, 10]), ("d", [0])]
      .compactMap { name, dimensions in
        TensorShape(dimensions).map { TensorLayout(name: name, shape: $0) }
      }
  )
  private static let compared = [7, 59 * 64, 390, 0]

  /// Every fifth position has another binade.
  private struct Binades: BinadeReader {
    func read(tensor: Int, segment index: Int, into fields: inout [UInt8]) throws {
      let range = SegmentGrid.range(index, positions: layout.tensors[tensor].shape.count)
      fields = range.map { UInt8(110 + $0 % 5) }
    }
  }

  private let set = SetMask(layout: layout, seed: 9, count: 300)
  /// What `set` has of the domain.
  private var like: FormulaMask {
    FormulaMask(.operand(0), of: [set], over: Self.layout, compared: Self.compared)
  }

  private func random(
    _ match: RandomControl.Match,
    seed: UInt64,
    threads: Int = 2
  ) throws -> [Set<Int>] {
    let mask = try RandomMask(
      like: like,
      match: match,
      seed: seed,
      compared: Self.compared,
      binades: match == .magnitude ? Binades() : nil,
      threads: threads
    )
    return try Self.layout.tensors.enumerated().map { tensor, layout in
      var found: Set<Int> = []
      for segment in 0..<SegmentGrid.count(positions: layout.shape.count) {
        var words = WordBuffer()
        let range = SegmentGrid.range(segment, positions: layout.shape.count)
        _ = try mask.read(tensor: tensor, segment: segment, into: &words, using: ReadContext())
        let view = words.span
        for word in view.indices where view[word] != 0 {
          for bit in 0..<64 where view[word] >> UInt64(bit) & 1 == 1 {
            found.insert(range.lowerBound + 64 * word + bit)
          }
        }
      }
      #expect(found.count == mask.count(tensor: tensor))
      return found
    }
  }

  /// What the mask that is imitated has of the domain.
  private var expected: [Set<Int>] {
    zip(set.positions, Self.compared).map { positions, compared in
      positions.filter { $0 < compared }
    }
  }

  @Test func `counts are those of the mask, to the last, in the domain alone`() throws {
    let everywhere = try random(.global, seed: 1)
    #expect(everywhere.reduce(0) { $0 + $1.count } == expected.reduce(0) { $0 + $1.count })
    let byTensor = try random(.tensor, seed: 1)
    #expect(byTensor.map(\.count) == expected.map(\.count))
    let byBinade = try random(.magnitude, seed: 1)
    for (found, wanted) in zip(byBinade, expected) {
      for rest in 0..<5 {
        #expect(found.count { $0 % 5 == rest } == wanted.count { $0 % 5 == rest })
      }
    }
    for mask in [everywhere, byTensor, byBinade] {
      for (found, compared) in zip(mask, Self.compared) {
        #expect(found.allSatisfy { $0 < compared })
      }
    }
  }

  @Test func `a seed gives one mask on any number of threads, another seed another`() throws {
    for match in RandomControl.Match.allCases {
      let one = try random(match, seed: 4, threads: 1)
      #expect(try random(match, seed: 4, threads: 3) == one)
      #expect(try random(match, seed: 5) != one)
    }
  }

  @Test func `the positions with the least numbers are taken`() throws {
    // Number g + 1 of a generator seeded by the digest of what is imitated and how; tensor c.
    let digest = try MaskCensus(of: like, compared: Self.compared, threads: 1).digest
    let text = Array("\(digest) tensor 11".utf8)
    let start = ContentDigest(of: unsafe text.span.bytes).low
    let first = Self.layout.tensors[..<2].reduce(0) { $0 + $1.shape.count }
    let keys = (0..<Self.compared[2]).map { place in
      var generator = SeededGenerator(seed: start &+ 0x9E37_79B9_7F4A_7C15 &* UInt64(first + place))
      return (generator.next(), place)
    }
    let least = keys.sorted { $0.0 < $1.0 }.prefix(expected[2].count).map(\.1)
    #expect(try random(.tensor, seed: 11)[2] == Set(least))
  }

  @Test func `like two masks, or matching two things, are independent under one seed`() throws {
    let shape = try #require(TensorShape([64, 64]))
    let layout = ModelLayout([TensorLayout(name: "w", shape: shape)])
    func random(like seed: UInt64, _ match: RandomControl.Match) throws -> Set<Int> {
      let mask = try RandomMask(
        like: SetMask(layout: layout, seed: seed, count: 60),
        match: match,
        seed: 0,
        compared: [shape.count],
        threads: 1
      )
      var words = WordBuffer()
      _ = try mask.read(tensor: 0, segment: 0, into: &words, using: ReadContext())
      return Set((0..<shape.count).filter { words.contains($0) })
    }
    let masks = [
      try random(like: 1, .tensor), try random(like: 2, .tensor), try random(like: 1, .global),
    ]
    for (a, b) in [(0, 1), (0, 2), (1, 2)] {
      let shared = masks[a].intersection(masks[b]).count
      let expected = Double(masks[a].count * masks[b].count) / Double(shape.count)
      // A hypergeometric count: its deviation is below the square root of what is expected.
      #expect(abs(Double(shared) - expected) < 5 * expected.squareRoot())
    }
  }

  @Test func `over many seeds every position is as likely`() throws {
    let seeds = 150
    var hits = [Int](repeating: 0, count: 390)
    let small = ModelLayout([Self.layout.tensors[2]])
    let set = SetMask(layout: small, seed: 2, count: 60)
    let mask = FormulaMask(.operand(0), of: [set], over: small, compared: [390])
    let wanted = set.positions[0].filter { $0 < 390 }.count
    for seed in 0..<seeds {
      let random = try RandomMask(
        like: mask,
        match: .tensor,
        seed: UInt64(seed),
        compared: [390],
        threads: 1
      )
      var words = WordBuffer()
      #expect(try random.read(tensor: 0, segment: 0, into: &words, using: ReadContext()) == wanted)
      for place in 0..<390 where words.contains(place) { hits[place] += 1 }
    }
    let mean = Double(seeds * wanted) / 390
    let spread = mean * (1 - Double(wanted) / 390)
    let square = hits.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) / spread }
    // Chi-square of 389 degrees of freedom, scaled for draws without replacement: 389 +- 28.
    #expect((389.0 - 4.5 * 28...389.0 + 4.5 * 28).contains(square), "chi-square is \(square)")
  }

  @Test func `a tensor of several segments is one stratum`() throws {
    let shape = try #require(TensorShape([SegmentGrid.length / 64 + 5, 64]))
    let layout = ModelLayout([TensorLayout(name: "b", shape: shape)])
    let mask = SetMask(layout: layout, seed: 3, count: 900)
    let random = try RandomMask(
      like: mask,
      match: .tensor,
      seed: 8,
      compared: [shape.count],
      threads: 2
    )
    var words = WordBuffer()
    let counts = try (0..<2).map {
      try random.read(tensor: 0, segment: $0, into: &words, using: ReadContext())
    }
    #expect(counts[0] + counts[1] == mask.count(tensor: 0))
    // 320 of 4.2 million positions are in the second segment.
    #expect(counts[1] < 5)
  }

  @Test func `nothing and everything are possible`() throws {
    let layout = ModelLayout([Self.layout.tensors[2]])
    for share in [0, 390] {
      let mask = FormulaMask(
        share == 0
          ? .joined(.subtraction, [.operand(0), .operand(0)]) : .complement(.operand(1)),
        of: [
          SetMask(layout: layout, seed: 1, count: 9), SetMask(layout: layout, seed: 1, count: 0),
        ],
        over: layout,
        compared: [390]
      )
      let random = try RandomMask(
        like: mask,
        match: .global,
        seed: 0,
        compared: [390],
        threads: 1
      )
      #expect(random.count(tensor: 0) == share)
    }
  }
}
