import TestSupport
import ByteFormats
import MaskFiles
import MaskModel
import SystemPackage
import Testing

@Suite struct `A mask file` {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  static let formats = MaskFormat.allCases.filter { $0 != .delta }

  /// What is read back of the export of `mask`.
  private func back(
    _ mask: some MaskReader,
    as format: MaskFormat,
    _ polarity: MaskPolarity,
    shardSize: Int? = nil
  ) throws -> ImportedMask {
    let path = folder("mask-\(UInt64.random(in: 0 ... .max))")
    let export = MaskExport(
      mask,
      as: format,
      provenance: .test(polarity),
      shardSize: shardSize
    )
    try export.write(to: path)
    let file = try MaskFile(at: path, layout: mask.layout)
    #expect(file.kind.rawValue == format.rawValue)
    #expect(file.polarity == polarity)
    return try ImportedMask(file, over: mask.layout, polarity: nil)
  }

  private func bits(_ mask: ImportedMask, tensor: Int) throws -> Bits {
    var words = WordBuffer()
    let positions = mask.layout.tensors[tensor].shape.count
    var bits = Bits(count: positions)
    var found = 0
    // From the last segment to the first: readers come in any order.
    for segment in (0..<SegmentGrid.count(positions: positions)).reversed() {
      words.clear(words: SegmentGrid.words)
      let count = try mask.read(
        tensor: tensor,
        segment: segment,
        into: &words,
        using: ReadContext()
      )
      #expect(bits.place(words.span, segment: segment) == count)
      found += count
    }
    #expect(try mask.counted().count(tensor: tensor) == found)
    return bits
  }

  @Test(arguments: formats, [MaskPolarity.trainable, .frozen])
  func `gives the mask back`(format: MaskFormat, polarity: MaskPolarity) throws {
    let patterns: [Pattern] = [.empty, .full, .random(0.1), .stretches(length: 3, gap: 2)]
    let sizes = [0, 1, 7, 8, 9, 63, 64, 65, 1000]
    let mask = FakeMask(
      sizes.flatMap { size in
        patterns.enumerated().map { number, pattern in
          (name: "t\(size).\(number)", shape: [size], bits: pattern.bits(count: size))
        }
      } + [
        ("scalar", [], Bits(count: 1, setting: [0])),
        ("cube", [3, 5, 7], Pattern.random(0.3).bits(count: 105)),
        ("none", [0, 4], Bits(count: 0)),
      ]
    )
    for shardSize in format.isSafetensors ? [nil, 500] : [nil] {
      let read = try back(mask, as: format, polarity, shardSize: shardSize)
      #expect(read.layout == mask.layout)
      for tensor in mask.layout.tensors.indices {
        #expect(try bits(read, tensor: tensor) == mask.bits(tensor: tensor))
      }
    }
  }

  @Test(arguments: formats, [0.001, 0.6])
  func `gives it back across segments`(format: MaskFormat, density: Double) throws {
    let size = 2 << 22 | 17
    let mask = FakeMask(Pattern.random(density).bits(count: size))
    let read = try back(mask, as: format, .frozen)
    #expect(try bits(read, tensor: 0) == mask.bits(tensor: 0))
  }

  @Test func `lists positions past 2 to the 31 in 64 bits`() throws {
    let places = [0, 1 << 31 - 1, 1 << 31, 1 << 31 + 15]
    let mask = SparseMask(count: 1 << 31 + 16, setting: places)
    let read = try back(mask, as: .indices, .trainable)
    #expect(try read.counted().count(tensor: 0) == places.count)
    var words = WordBuffer()
    #expect(try read.read(tensor: 0, segment: 512, into: &words, using: ReadContext()) == 2)
    #expect(words.contains(0) && words.contains(15))
  }

  @Test func `keeps its positions where they do not rise`() throws {
    let size = 1 << 22 | 5
    let layout = ModelLayout([TensorLayout(name: "w", shape: shape([size]))])
    let header = #"{"w.indices":{"dtype":"I32","shape":[3],"data_offsets":[0,12]}}"#
    var writer = ByteWriter()
    writer.append(UInt64(header.utf8.count))
    writer.append(contentsOf: header.utf8)
    for place: Int32 in [1 << 22 | 3, 7, 1 << 22 | 1] { writer.append(place) }
    let path = try folder.write("list.safetensors", writer.bytes)
    let file = try MaskFile(at: path, layout: layout)
    let read = try ImportedMask(file, over: layout, polarity: .trainable)
    let expected = Bits(count: size, setting: [7, 1 << 22 | 1, 1 << 22 | 3])
    #expect(try bits(read, tensor: 0) == expected)
    #expect(try bits(read, tensor: 0) == expected)
  }
}
