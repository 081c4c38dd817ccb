public import ByteFormats
public import MaskModel
public import SystemPackage

/// Writes one tensor of a mask as a portable roaring file, as pyroaring and CRoaring read it.
///
/// The bytes are those of CRoaring 5's run-optimised serialisation of positions added one by one. The
/// tensor is read twice, a segment at a time: once to see how each container is best written, which
/// the header must know, and once to write. Beyond two segments, memory grows by at most 32 bytes
/// for every 65,536 positions.
public struct RoaringFileWriter: Sendable {
  private let mask: any MaskReader
  private let tensor: Int
  var positions: Int { mask.layout.tensors[tensor].shape.count }
  private let width: RoaringWidth

  /// A writer of tensor `tensor` of `mask`.
  ///
  /// - Parameters:
  ///   - mask: the mask.
  ///   - tensor: which tensor of its layout.
  ///   - width: the width of positions; by default what the tensor needs.
  public init(_ mask: some MaskReader, tensor: Int, width: RoaringWidth? = nil) {
    let needed = RoaringWidth(positions: mask.layout.tensors[tensor].shape.count)
    precondition(width != .bits32 || needed == .bits32, "the positions need 64 bits")
    self.mask = mask
    self.tensor = tensor
    self.width = width ?? needed
  }

  /// Writes the file, replacing one of that name.
  ///
  /// Nothing has the name `path` before the file is whole.
  public func write(to path: FilePath) throws {
    var file = try AtomicFile(at: path)
    try write(to: &file)
    try file.commit()
  }

  /// Appends the file's bytes to `file`; the mask is read with `context`.
  public func write(
    to file: inout AtomicFile,
    using context: ReadContext = ReadContext()
  ) throws {
    let buckets = try scan(using: context)
    var encoder = RoaringEncoder()
    switch width {
    case .bits32:
      let layout = buckets.first?.layout ?? RoaringLayout(placing: [])
      try write(RoaringBucket(high: 0, layout: layout), to: &file, using: context, &encoder)
    case .bits64:
      try file.write(bytes(of: UInt64(buckets.count)))
      for bucket in buckets {
        try file.write(bytes(of: bucket.high))
        try write(bucket, to: &file, using: context, &encoder)
      }
    }
  }
}

extension RoaringFileWriter {
  /// The first pass, which ends with the segment that holds the last of the mask's positions.
  private func scan(using context: ReadContext) throws -> [RoaringBucket] {
    var scan = RoaringScan()
    let row = context.takeRow()
    defer { context.give([row]) }
    let expected = mask.count(tensor: tensor)
    var found = 0
    for index in mask.segments(tensor: tensor) where found < expected {
      let count = try mask.read(tensor: tensor, segment: index, into: &row.words, using: context)
      let positions = mask.positions(tensor: tensor, segment: index)
      scan.add(segment: index, count: count, positions: positions, words: row.words.span)
      found += count
    }
    guard found == expected else { throw miscounted(expected, found) }
    return scan.finish()
  }

  /// The second pass over the segments of one bitmap that have any position.
  private func write(
    _ bucket: RoaringBucket,
    to file: inout AtomicFile,
    using context: ReadContext,
    _ encoder: inout RoaringEncoder
  ) throws {
    try file.write(bucket.layout.headerBytes)
    let first = Int(bucket.high) * RoaringWidth.segmentsOfBitmap
    let row = context.takeRow()
    defer { context.give([row]) }
    var rest = bucket.layout.containers[...]
    while let next = rest.first {
      let containers = rest.prefix { $0.segment == next.segment }
      rest = rest.dropFirst(containers.count)
      let found = try mask.read(
        tensor: tensor,
        segment: first + next.segment,
        into: &row.words,
        using: context
      )
      let expected = containers.reduce(0) { $0 + $1.cardinality }
      guard found == expected else { throw miscounted(expected, found) }
      encoder.encode(containers, of: row.words.span)
      try file.write(encoder.bytes)
    }
  }

  private func miscounted(_ expected: Int, _ found: Int) -> MaskFileError {
    let name = mask.layout.tensors[tensor].name
    return .miscounted(tensor: name, expected: expected, found: found)
  }

  private func bytes(of integer: some FixedWidthInteger) -> [UInt8] {
    var writer = ByteWriter()
    writer.append(integer)
    return writer.bytes
  }
}
