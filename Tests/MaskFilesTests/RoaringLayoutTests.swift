import MaskModel
import Testing

@Suite struct `A portable roaring bitmap is refused` {
  typealias Container = HandMade.Container

  private func refusal(of bytes: [UInt8]) -> RoaringError? {
    #expect(throws: RoaringError.self) { try RoaringLayout(validating: bytes.span.bytes) }
    return #expect(throws: RoaringError.self) {
      _ = try RoaringBitmap(validating: bytes.span.bytes)
    }
  }

  /// Debian's CRoaring answers 4,999 to the question for the count and gives 65,536 values.
  @Test func `where a bitset has more bits than declared`() {
    let bytes = HandMade.plain([.bitset(declaring: 4999, bits: 65536)])
    #expect(refusal(of: bytes) == RoaringError(.wrongBitsetCount, at: 16))
  }

  /// Debian's CRoaring finds no 3 in it.
  @Test func `where array values do not rise`() {
    let bytes = HandMade.plain([.array([5, 3, 9])])
    #expect(refusal(of: bytes) == RoaringError(.arrayNotRising, at: 18))
    let twice = HandMade.plain([.array([5, 5])])
    #expect(refusal(of: twice) == RoaringError(.arrayNotRising, at: 18))
  }

  @Test func `where the cookie is another's`() {
    #expect(refusal(of: [0x3B, 0x30, 0, 1]) != nil)
    #expect(refusal(of: [1, 2, 3, 4, 0, 0, 0, 0]) == RoaringError(.unknownCookie, at: 0))
    #expect(refusal(of: [0x3A, 0x30, 1, 0, 0, 0, 0, 0]) == RoaringError(.unknownCookie, at: 0))
  }

  @Test func `where it claims more containers than there are keys`() {
    let bytes: [UInt8] = [0x3A, 0x30, 0, 0, 1, 0, 1, 0]
    #expect(refusal(of: bytes) == RoaringError(.tooManyContainers, at: 4))
    let most: [UInt8] = [0x3A, 0x30, 0, 0, 0, 0, 1, 0]
    #expect(refusal(of: most) == RoaringError(.unexpectedEnd, at: 8))
  }

  @Test func `where keys do not rise`() {
    let bytes = HandMade.plain([.array(key: 4, [1]), .array(key: 4, [2])])
    #expect(refusal(of: bytes) == RoaringError(.keyNotRising, at: 12))
    let falling = HandMade.withRuns([.runs(key: 4, [(1, 9)]), .array(key: 3, [2])])
    #expect(refusal(of: falling) == RoaringError(.keyNotRising, at: 9))
  }

  @Test func `where an offset points elsewhere`() {
    var bytes = HandMade.plain([.array(key: 0, [1]), .array(key: 1, [2])])
    bytes[20] += 2
    #expect(refusal(of: bytes) == RoaringError(.wrongOffset, at: 20))
  }

  @Test func `where a flag for runs has no container`() {
    var bytes = HandMade.withRuns([.runs([(1, 9)])])
    bytes[4] |= 2
    #expect(refusal(of: bytes) == RoaringError(.superfluousRunFlag, at: 4))
  }

  @Test func `where runs overlap, touch or fall`() {
    for second: UInt16 in [5, 19, 20, 3] {
      let runs: [(UInt16, UInt16)] = [(10, 9), (second, 2)]
      let bytes = HandMade.withRuns([.runs(runs)])
      #expect(refusal(of: bytes) == RoaringError(.runsNotApart, at: 15))
    }
  }

  @Test func `where a run leaves its container`() {
    let bytes = HandMade.withRuns([.runs([(1, 3), (65535, 1)])])
    #expect(refusal(of: bytes) == RoaringError(.runTooLong, at: 15))
  }

  @Test func `where runs have another cardinality than declared`() {
    let bytes = HandMade.withRuns([.runs([(1, 9)], cardinality: 11)])
    #expect(refusal(of: bytes) == RoaringError(.wrongRunCount, at: 9))
    let none = HandMade.withRuns([.runs([], cardinality: 1)])
    #expect(refusal(of: none) == RoaringError(.noRuns, at: 9))
  }

  @Test func `where bytes are left over`() {
    let bytes = HandMade.plain([.array([1])])
    #expect(refusal(of: bytes + [0]) == RoaringError(.trailingBytes, at: bytes.count))
    #expect(refusal(of: HandMade.plain([]) + [0]) == RoaringError(.trailingBytes, at: 8))
  }

  @Test(arguments: GoodBitmaps.all)
  func `where it is cut short anywhere`(name: String, bytes: [UInt8]) {
    let step = bytes.count > 2000 ? 37 : 1
    for length in stride(from: 0, to: bytes.count, by: step) {
      #expect(refusal(of: Array(bytes[..<length]))?.reason == .unexpectedEnd)
    }
  }
}

/// Bitmaps of every kind of container, with and without offsets.
enum GoodBitmaps {
  static let all: [(String, [UInt8])] = [
    ("empty", HandMade.plain([])),
    ("one array", HandMade.plain([.array([0, 7, 65535])])),
    ("one bitset", HandMade.plain([.bitset(key: 3, declaring: 5000, bits: 5000)])),
    ("one run", HandMade.withRuns([.runs([(0, 65535)])])),
    ("a run, an array", HandMade.withRuns([.runs(key: 1, [(5, 9)]), .array(key: 9, [1, 2])])),
    ("five with runs", HandMade.withRuns(five)),
    ("nine arrays", HandMade.plain((0..<9).map { .array(key: $0 * 7000, [$0, 100, 65535]) })),
  ]

  private static let five: [HandMade.Container] = [
    .array(key: 0, [1, 3, 5]), .runs(key: 1, [(0, 0), (2, 100)]), .array(key: 70, [9]),
    .runs(key: 71, [(65535, 0)]), .bitset(key: 65535, declaring: 4097, bits: 4097),
  ]
}

@Suite struct `A portable roaring bitmap is accepted` {
  @Test(arguments: GoodBitmaps.all)
  func `where every rule is kept`(name: String, bytes: [UInt8]) throws {
    let layout = try RoaringLayout(validating: bytes.span.bytes)
    let bitmap = try RoaringBitmap(validating: bytes.span.bytes)
    #expect(layout.byteCount == bytes.count)
    #expect(layout.count == PlainDecoder.positions(bytes).count)
    #expect(bitmap.count == layout.count)
    #expect(bitmap.portableBytes() == bytes)
  }

  @Test func `with the directory of its containers`() throws {
    let bytes = HandMade.withRuns([.runs(key: 1, [(5, 9)]), .array(key: 9, [1, 2])])
    let containers = try RoaringLayout(validating: bytes.span.bytes).containers
    #expect(containers.map(\.key) == [1, 9])
    #expect(containers.map(\.kind) == [.run, .array])
    #expect(containers.map(\.cardinality) == [10, 2])
    #expect(containers.map(\.payload) == [13..<19, 19..<23])
  }
}
