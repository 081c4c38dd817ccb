internal import ByteFormats

/// How the bits of a segment are packed into bytes.
///
/// Schemas/segment.md specifies every byte.
public enum SegmentCoding: Int, Sendable, Hashable, CaseIterable {
  /// No bit is set; no bytes.
  case empty = 0
  /// Every bit is set; no bytes.
  case full = 1
  /// The bits, eight a byte, low bit first.
  case raw = 2
  /// One zstd frame of the raw bytes.
  case packed = 3
  /// One zstd frame of the byte gaps between set bits.
  case gaps = 4
  /// One zstd frame of the byte gaps between bits that are not set.
  case complementGaps = 5
  /// Which bytes are not zero, coded in turn, and those bytes, raw or one zstd frame.
  case sparse = 6
  /// The same of the complement.
  case complementSparse = 7
  /// One zstd frame of the lengths of runs, unset and set in turn.
  case runs = 8
  /// The bits where a reference is unset and those where it is set, each coded in turn.
  case predicted = 9
  /// Words joined in pairs, which bits are set in both of a pair, and which in the first alone, each
  /// coded in turn.
  case folded = 10
  /// The same of the complement.
  case complementFolded = 11
  /// The gaps between set bits in Golomb's code.
  case golomb = 12
  /// The gaps between bits that are not set in Golomb's code.
  case complementGolomb = 13

  /// Whether the bits of another segment are needed to unpack it.
  public var needsReference: Bool { self == .predicted }
}

/// A segment as it is stored.
public struct EncodedSegment: Sendable, Hashable {
  /// How `bytes` are to be read.
  public let coding: SegmentCoding
  /// The set bits.
  public let count: Int
  /// The low 64 bits of the XXH3-128 of the raw bytes, whatever the coding.
  public let checksum: UInt64
  /// The packed bits.
  public let bytes: [UInt8]

  /// A stored segment.
  public init(coding: SegmentCoding, count: Int, checksum: UInt64, bytes: [UInt8]) {
    self.coding = coding
    self.count = count
    self.checksum = checksum
    self.bytes = bytes
  }
}

/// Why stored bytes are not the segment they claim to be.
public enum SegmentError: Error, Sendable, Hashable {
  /// The coding number is not one of this version.
  case unknownCoding(Int)
  /// The bits of its reference were not given.
  case needsReference
  /// The packed bytes are damaged or of the wrong size.
  case damaged(SegmentCoding)
  /// The bits are not those that were counted.
  case wrongCount(expected: Int, found: Int)
  /// The bits are not those that were stored.
  case wrongChecksum
}

extension SegmentError: CustomStringConvertible {
  /// The reason, as part of a sentence.
  public var description: String {
    switch self {
    case .unknownCoding(let number): "it has coding \(number), which this maskdb does not know"
    case .needsReference: "it is coded against a mask, but names none"
    case .damaged(let coding): "its \(coding) bytes are damaged"
    case .wrongCount(let expected, let found):
      "it holds \(found, of: "position") where the row counts \(expected)"
    case .wrongChecksum: "its checksum does not match its bits"
    }
  }
}
