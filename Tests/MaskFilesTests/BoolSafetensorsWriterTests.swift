import TestSupport
import ByteFormats
import MaskFiles
import MaskModel
import SystemPackage
import Testing

@Suite struct `A bool safetensors file` {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func written(
    _ mask: some MaskReader,
    _ provenance: MaskProvenance = .test()
  ) throws -> SafetensorsFile {
    try MaskExport(mask, as: .safetensors, provenance: provenance).write(
      to: folder("mask.safetensors")
    )
    return try SafetensorsFile(try folder.bytes("mask.safetensors"))
  }

  private func bytes(_ bits: Bits) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: bits.count) { buffer, count in
      for position in 0..<bits.count { buffer[position] = bits.contains(position) ? 1 : 0 }
      count = bits.count
    }
  }

  @Test(
    arguments: [0, 1, 7, 8, 9, 63, 64, 65, 4095, 4096, 4097, 65535, 65536],
    [Pattern.empty, .full, .random(0.1), .stretches(length: 3, gap: 2)]
  )
  func `has one byte of 0 or 1 for every weight`(size: Int, pattern: Pattern) throws {
    let bits = pattern.bits(count: size)
    let file = try written(FakeMask(bits))
    #expect(file.tensors == [.init(name: "weight", shape: [size], bytes: bytes(bits))])
    #expect(file.dataStart % 8 == 0)
  }

  @Test(arguments: [(1 << 20) - 1, (1 << 20) + 1, 1 << 22, (1 << 22) + 17])
  func `has them across chunks and segments`(size: Int) throws {
    let bits = Pattern.random(0.4).bits(count: size)
    let file = try written(FakeMask([("a", [size], bits), ("b", [2], Bits(count: 2))]))
    #expect(file.tensors[0].bytes == bytes(bits))
    #expect(file.tensors[1].bytes == [0, 0])
  }

  @Test func `has every tensor in the order of the layout with its shape`() throws {
    let file = try written(
      FakeMask([
        ("layers.10.w", [2, 3], Bits(count: 6, setting: [5])),
        ("layers.2.w", [2, 2, 2], Bits(count: 8, setting: [0])),
        ("layers.2.empty", [3, 0], Bits(count: 0)),
        ("layers.2.scale", [], Bits(count: 1, setting: [0])),
        ("quote\"\\é", [1], Bits(count: 1)),
      ])
    )
    #expect(
      file.tensors == [
        .init(name: "layers.2.empty", shape: [3, 0], bytes: []),
        .init(name: "layers.2.scale", shape: [], bytes: [1]),
        .init(name: "layers.2.w", shape: [2, 2, 2], bytes: [1, 0, 0, 0, 0, 0, 0, 0]),
        .init(name: "layers.10.w", shape: [2, 3], bytes: [0, 0, 0, 0, 0, 1]),
        .init(name: "quote\"\\é", shape: [1], bytes: [0]),
      ]
    )
  }

  @Test func `may have no tensors`() throws {
    let file = try written(FakeMask([]))
    #expect(file.tensors == [])
    #expect(file.dataStart % 8 == 0)
  }

  @Test func `says where the mask comes from`() throws {
    let extra = [("algorithm", "grpo"), ("polarity", "a lie"), ("format", "tf")]
    let provenance = MaskProvenance.test(extra: extra.map { (key: $0.0, value: $0.1) })
    #expect(
      try written(FakeMask([]), provenance).metadata == [
        "format": "pt", "mask": "grpo-s0@paper", "definition": "paper", "compare_dtype": "bf16",
        "base": "0123456789abcdef0123456789abcdef", "polarity": "trainable",
        "maskdb_version": "0.1.0", "algorithm": "grpo", "mask_format": "safetensors",
      ]
    )
  }

  @Test(arguments: [1, 63, 64, 65, 200, (1 << 22) + 17])
  func `holds the complement where true is frozen`(size: Int) throws {
    let bits = Pattern.random(0.3).bits(count: size)
    let file = try written(FakeMask(bits), .test(.frozen))
    #expect(file.tensors[0].bytes == bytes(bits.complement))
    #expect(file.metadata["polarity"] == "frozen")
  }

  @Test func `is not begun for a tensor named as the metadata`() throws {
    let mask = FakeMask([("__metadata__", [1], Bits(count: 1))])
    #expect(throws: MaskFileError.reservedName("__metadata__")) {
      try MaskExport(mask, as: .safetensors, provenance: .test()).write(to: folder("a"))
    }
  }

  @Test func `is not left where the mask is miscounted`() throws {
    var mask = FakeMask(Bits(count: 100, setting: [1, 2]))
    mask.miscount = -1
    #expect(throws: MaskFileError.miscounted(tensor: "weight", expected: 1, found: 2)) {
      try MaskExport(mask, as: .safetensors, provenance: .test()).write(to: folder("a"))
    }
    #expect(try folder.names == [])
  }

  @Test func `tells its progress`() throws {
    var done = 0
    let mask = FakeMask([
      ("a", [(1 << 22) + 5], Bits(count: (1 << 22) + 5)), ("b", [], Bits(count: 1)),
    ])
    try MaskExport(mask, as: .safetensors, provenance: .test()).write(to: folder("a")) {
      done += $0
    }
    #expect(done == mask.layout.count)
  }
}
