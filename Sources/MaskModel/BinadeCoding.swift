internal import CMaskKernels

/// The binades of a segment of the base, one fp32 exponent field a position, as one zstd frame.
///
/// About 2.7 bits a position on the weights of language models. Schemas/segment.md specifies it.
package struct BinadeCoding: ~Copyable, Sendable {
  private var compressor = ZstdCompressor(.entropy)
  private var decompressor = ZstdDecompressor()

  /// A coder for one task at a time.
  package init() {}

  /// The frame of `fields`.
  package mutating func encode(_ fields: [UInt8]) -> [UInt8] {
    unsafe fields.withUnsafeBytes { fields in
      // zstd stores what it cannot pack: 3 bytes a block of 128 KiB, and the header.
      unsafe compressor.compress(fields, below: fields.count + fields.count / 1024 + 64) ?? []
    }
  }

  /// Fills `fields` with those of `frame`; false where it is damaged or of another number.
  package mutating func decode(_ frame: [UInt8], into fields: inout [UInt8]) -> Bool {
    unsafe frame.withUnsafeBytes { frame in
      unsafe fields.withUnsafeMutableBytes { fields in
        unsafe decompressor.decompress(frame, into: fields) == fields.count
      }
    }
  }
}

extension Kernels {
  /// Writes the fp32 exponent fields of `count` values from `first` on of `fields`.
  ///
  /// The corresponding C function is `mk_exponents`.
  package static func exponents(
    of values: UnsafeRawPointer,
    as type: FloatType,
    count: Int,
    into fields: inout [UInt8],
    at first: Int
  ) {
    precondition(first >= 0 && first + count <= fields.count, "too few fields")
    unsafe fields.withUnsafeMutableBufferPointer { fields in
      guard let start = fields.baseAddress else { return }
      unsafe mk_exponents(type.kernel, values, count, start + first)
    }
  }
}
