/// The containers of one portable 32-bit roaring bitmap and where their bytes are.
public struct RoaringLayout: Sendable, Hashable {
  /// The containers, keys rising.
  public let containers: [RoaringContainer]
  /// The bytes of the bitmap.
  public let byteCount: Int

  /// The positions in the bitmap.
  public var count: Int { containers.reduce(0) { $0 + $1.cardinality } }
}

extension RoaringLayout {
  /// Checks that `bytes` are one portable roaring bitmap, whole and nothing more.
  ///
  /// Every rule of the format is checked, those that readers commonly take on trust included: what
  /// passes can be given to CRoaring. Reads every byte once.
  ///
  /// Source: RoaringFormatSpec. As CRoaring's own validator (of version 2) it refuses runs that
  /// touch, on which the specification is silent.
  public init(validating bytes: RawSpan) throws(RoaringError) {
    var plan = try RoaringPlan(header: bytes, origin: 0, limit: bytes.byteCount)
    var containers: [RoaringContainer] = []
    containers.reserveCapacity(plan.count)
    while !plan.isComplete {
      let runs = try plan.runCountOffset().map { bytes.littleEndian(UInt16.self, at: $0) }
      let container = try plan.place(runs: runs)
      try container.validate(bytes.extracting(container.payload))
      containers.append(container)
    }
    guard plan.end == bytes.byteCount else { throw RoaringError(.trailingBytes, at: plan.end) }
    self.init(containers: containers, byteCount: plan.end)
  }
}
