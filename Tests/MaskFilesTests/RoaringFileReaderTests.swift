import TestSupport
import ByteFormats
import Foundation
import MaskFiles
import MaskModel
import SystemPackage
import Testing

@Suite struct `Roaring files are read` {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func read(_ reader: RoaringFileReader) throws -> Bits {
    var bits = Bits(count: reader.positions)
    var words = WordBuffer()
    for index in 0..<SegmentGrid.count(positions: reader.positions) {
      let count = try reader.read(segment: index, into: &words)
      #expect(bits.place(words.span, segment: index) == count)
    }
    return bits
  }

  @Test(
    arguments: [0, 1, 63, 64, 65, 4095, 4096, 4097, 65535, 65536, 65537],
    [Pattern.empty, .full, .random(0.01), .random(0.6), .stretches(length: 9, gap: 70)]
  )
  func `as they were written`(size: Int, pattern: Pattern) throws {
    let bits = pattern.bits(count: size)
    for width in [RoaringWidth.bits32, .bits64] {
      try RoaringFileWriter(FakeMask(bits), tensor: 0, width: width).write(to: folder("a"))
      let reader = try RoaringFileReader(opening: folder("a"), positions: size, width: width)
      #expect(reader.count == bits.setCount)
      #expect(try read(reader) == bits)
    }
  }

  @Test(arguments: [Pattern.random(0.0001), .random(0.3), .edges])
  func `across segments`(pattern: Pattern) throws {
    let bits = pattern.bits(count: 1 << 22 + 17)
    try RoaringFileWriter(FakeMask(bits), tensor: 0).write(to: folder("a"))
    let reader = try RoaringFileReader(opening: folder("a"), positions: bits.count, width: .bits32)
    #expect(try read(reader) == bits)
  }

  @Test func `on both sides of position 2^32`() throws {
    let boundary = 1 << 32
    let mask = SparseMask(count: boundary + 100, setting: [5, boundary - 1, boundary])
    try RoaringFileWriter(mask, tensor: 0).write(to: folder("a"))
    let reader = try RoaringFileReader(
      opening: folder("a"),
      positions: boundary + 100,
      width: .bits64
    )
    var words = WordBuffer()
    #expect(reader.count == 3)
    #expect(try reader.read(segment: 0, into: &words) == 1 && words.contains(5))
    #expect(try reader.read(segment: 1, into: &words) == 0)
    let last = SegmentGrid.length - 1
    #expect(try reader.read(segment: 1023, into: &words) == 1 && words.contains(last))
    #expect(try reader.read(segment: 1024, into: &words) == 1 && words.contains(0))
  }

  @Test func `as long as they are what they were`() throws {
    let bits = Pattern.random(0.2).bits(count: 70_000)
    try RoaringFileWriter(FakeMask(bits), tensor: 0).write(to: folder("a"))
    let reader = try RoaringFileReader(opening: folder("a"), positions: bits.count, width: .bits32)
    let others = Pattern.random(0.2).bits(count: 70_000)
    try RoaringFileWriter(FakeMask(others), tensor: 0).write(to: folder("a"))
    #expect(throws: MaskFileError.changed(folder("a"))) { try read(reader) }
  }

  private func refusal(of bytes: [UInt8], positions: Int, _ width: RoaringWidth) -> RoaringError? {
    let path = folder("bad")
    try? Data(bytes).write(to: URL(fileURLWithPath: path.string))
    do {
      _ = try read(RoaringFileReader(opening: path, positions: positions, width: width))
    } catch MaskFileError.malformed(path, let error) {
      return error
    } catch {
      Issue.record(error)
    }
    return nil
  }

  @Test func `but not with values beyond the tensor`() {
    let bytes = HandMade.plain([.array(key: 0, [99]), .array(key: 1, [100])])
    let error = RoaringError(.beyondLastPosition, at: 26)
    #expect(refusal(of: bytes, positions: 65536 + 101, .bits32) == nil)
    #expect(refusal(of: bytes, positions: 65536 + 100, .bits32) == error)
    #expect(refusal(of: bytes, positions: 65536, .bits32) == error)
    #expect(refusal(of: bytes, positions: 0, .bits32) == error)
  }

  @Test func `but not with payloads that break a rule`() {
    let array = HandMade.plain([.array([5, 3, 9])])
    #expect(refusal(of: array, positions: 10, .bits32) == RoaringError(.arrayNotRising, at: 18))
    let bitset = HandMade.plain([.bitset(declaring: 4999, bits: 65536)])
    let error = RoaringError(.wrongBitsetCount, at: 16)
    #expect(refusal(of: bitset, positions: 65536, .bits32) == error)
  }

  @Test func `but not with more or other bitmaps than the tensor has room for`() {
    let empty = HandMade.plain([])
    let two = [2, 0, 0, 0, 0, 0, 0, 0] + [0, 0, 0, 0] + empty + [1, 0, 0, 0] + empty
    #expect(refusal(of: two, positions: 9, .bits64) == RoaringError(.tooManyBitmaps, at: 0))
    let high = [1, 0, 0, 0, 0, 0, 0, 0] + [1, 0, 0, 0] + empty
    #expect(refusal(of: high, positions: 9, .bits64) == RoaringError(.beyondLastPosition, at: 8))
    let rich: [UInt8] = [UInt8](repeating: 0xFF, count: 8)
    #expect(refusal(of: rich, positions: 9, .bits64) == RoaringError(.tooManyBitmaps, at: 0))
  }

  @Test(arguments: GoodBitmaps.all)
  func `but not cut short or with more at the end`(name: String, bytes: [UInt8]) {
    let head: [UInt8] = [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    for (width, whole) in [(RoaringWidth.bits32, bytes), (.bits64, head + bytes)] {
      for length in stride(from: 0, to: whole.count, by: 1 + whole.count / 50) {
        let error = refusal(of: Array(whole[..<length]), positions: 1 << 22, width)
        #expect(error?.reason == .unexpectedEnd || error?.reason == .beyondLastPosition)
      }
      #expect(refusal(of: whole + [0], positions: 1 << 32, width) != nil)
    }
  }
}
