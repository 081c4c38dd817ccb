import TestSupport
import ByteFormats
import MaskFiles
import MaskModel
import SystemPackage
import Testing

@Suite struct `Roaring files are written` {
  static let sizes = [0, 1, 63, 64, 65, 4095, 4096, 4097, 65535, 65536, 65537, 200_000]
  static let patterns: [Pattern] = [
    .empty, .full, .random(0.0001), .random(0.01), .random(0.0625), .random(0.5), .random(0.99),
    .stretches(length: 1, gap: 1), .stretches(length: 2, gap: 1), .stretches(length: 2, gap: 30),
    .stretches(length: 3, gap: 29), .stretches(length: 1000, gap: 1000), .edges, .nearlyFull,
  ]
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func written(_ bits: Bits, width: RoaringWidth? = nil) throws -> [UInt8] {
    try RoaringFileWriter(FakeMask(bits), tensor: 0, width: width).write(to: folder("a.roaring"))
    return try folder.bytes("a.roaring")
  }

  @Test(arguments: sizes, patterns)
  func `in the bytes of CRoaring`(size: Int, pattern: Pattern) throws {
    let bits = pattern.bits(count: size)
    #expect(try written(bits) == CRoaringForm.bytes(of: bits))
  }

  @Test(
    arguments: [1 << 22, (1 << 22) + 17],
    [Pattern.full, .random(0.0002), .random(0.05), .random(0.9), .edges]
  )
  func `in the bytes of CRoaring across segments`(size: Int, pattern: Pattern) throws {
    let bits = pattern.bits(count: size)
    #expect(try written(bits) == CRoaringForm.bytes(of: bits))
  }

  /// Runs pay where 2 + 4 r < 2 n for arrays and 2 + 4 r < 8192 for bitsets.
  @Test(arguments: [1, 2, 3, 1023, 1024, 1025, 2046, 2047, 2048])
  func `with runs exactly where CRoaring chooses them`(runs: Int) throws {
    for length in [1, 2, 3] {
      let bits = Bits(
        count: 65536,
        setting: (0..<runs).flatMap { run in (0..<length).map { run * 32 % 65521 + $0 } }
      )
      #expect(try written(bits) == CRoaringForm.bytes(of: bits))
    }
  }

  @Test func `as an array where runs take as many bytes`() throws {
    let bits = Bits(count: 100, setting: [7, 8, 9])
    #expect(try written(bits) == HandMade.plain([.array([7, 8, 9])]))
    let longer = Bits(count: 100, setting: [7, 8, 9, 10])
    #expect(try written(longer) == HandMade.withRuns([.runs([(7, 3)])]))
  }

  @Test(arguments: [3, 4, 5, 8, 9])
  func `with offsets as the number of containers asks`(containers: Int) throws {
    for pattern in [Pattern.edges, .full, .stretches(length: 500, gap: 500)] {
      let bits = pattern.bits(count: containers * 65536)
      #expect(try written(bits) == CRoaringForm.bytes(of: bits))
    }
  }

  @Test func `in 64 bits as a count and, for each upper half, a bitmap`() throws {
    let bits = Pattern.random(0.01).bits(count: 100_000)
    let head: [UInt8] = [1, 0, 0, 0, 0, 0, 0, 0] + [0, 0, 0, 0]
    #expect(try written(bits, width: .bits64) == head + CRoaringForm.bytes(of: bits))
    #expect(try written(Bits(count: 100), width: .bits64) == [0, 0, 0, 0, 0, 0, 0, 0])
  }

  @Test func `in 64 bits on both sides of position 2^32`() throws {
    let boundary = 1 << 32
    let mask = SparseMask(count: boundary + 100, setting: [boundary - 1, boundary])
    try RoaringFileWriter(mask, tensor: 0).write(to: folder("wide"))
    let low = CRoaringForm.bytes(of: [.max])
    let high = CRoaringForm.bytes(of: [0])
    let expected = [2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] + low + [1, 0, 0, 0] + high
    #expect(try folder.bytes("wide") == expected)
  }

  @Test func `in 64 bits without the upper halves that are empty`() throws {
    let last = 3 << 32
    let mask = SparseMask(count: last + 1, setting: [last])
    try RoaringFileWriter(mask, tensor: 0).write(to: folder("wide"))
    let expected = [1, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0] + CRoaringForm.bytes(of: [0])
    #expect(try folder.bytes("wide") == expected)
  }

  @Test func `not at all where the mask is miscounted`() throws {
    var mask = FakeMask(Pattern.random(0.01).bits(count: 1000))
    let found = mask.count(tensor: 0)
    mask.miscount = 1
    let error = MaskFileError.miscounted(tensor: "weight", expected: found + 1, found: found)
    #expect(throws: error) { try RoaringFileWriter(mask, tensor: 0).write(to: folder("a")) }
    #expect(try folder.names == [])
  }

  @Test func `not into a folder that is not there`() throws {
    let path = folder("none").appending("a.roaring")
    #expect(throws: FileError(.create, path, .notFound)) {
      try RoaringFileWriter(FakeMask(Bits(count: 1)), tensor: 0).write(to: path)
    }
  }
}
