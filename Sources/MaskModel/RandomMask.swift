internal import ByteFormats

/// As many positions as another mask has, at random: in each stratum those with the least numbers.
///
/// Every position of the layout has a random number (`PositionKeys`). A stratum is the whole domain,
/// a tensor of it, or the positions of one binade of the base's weights in a tensor. Of each stratum
/// the positions with the least numbers are taken, as many as the other mask has there: every set of
/// that size is as likely. The generator's seed is the low 64 bits of the XXH3-128 of the text
/// `DIGEST MATCH SEED`, such as `9f...3c tensor 0`: the digest of the other mask, what is matched, and
/// the user's seed. So random masks like two masks are independent of each other under one seed, too, and
/// the set depends on nothing else; not on threads, segments or the machine.
public struct RandomMask: MaskReader {
  /// The coordinate system.
  public let layout: ModelLayout
  private let keys: PositionKeys
  private let compared: [Int]
  private let counts: [Int]
  /// The greatest number that is taken, by tensor and stratum; nil for none.
  private let bounds: [[UInt64?]]
  private let binades: (any BinadeReader)?

  /// A mask like `mask`, which is over `layout` and about the first `compared` positions of every
  /// tensor.
  ///
  /// Reads `mask` once, and makes the numbers of every position twice.
  ///
  /// - Parameters:
  ///   - mask: the mask whose counts are kept.
  ///   - match: which counts.
  ///   - seed: what the positions follow from.
  ///   - compared: the domain of the mask.
  ///   - binades: the base's exponents, which `magnitude` needs.
  ///   - threads: the threads to work on.
  /// - Throws: `OutsideDomain`, and what `mask` or `binades` throw.
  public init(
    like mask: any SegmentReader,
    match: RandomControl.Match,
    seed: UInt64,
    compared: [Int],
    binades: (any BinadeReader)? = nil,
    threads: Int
  ) throws {
    precondition(match != .magnitude || binades != nil, "magnitude needs the base's exponents")
    layout = mask.layout
    self.compared = compared
    self.binades = match == .magnitude ? binades : nil
    let census = try MaskCensus(
      of: mask,
      compared: compared,
      binades: self.binades,
      threads: threads
    )
    let source = Array("\(census.digest) \(match.rawValue) \(seed)".utf8)
    let digest = ContentDigest(of: unsafe source.span.bytes)
    keys = PositionKeys(seed: digest.low, layout: mask.layout)
    let strata = KeyStrata(
      layout: layout,
      compared: compared,
      keys: keys,
      binades: self.binades,
      threads: threads
    )
    switch match {
    case .global:
      let tensors = Array(layout.tensors.indices)
      let bound = try strata.bounds(of: tensors, taking: [census.count])
      bounds = tensors.map { _ in bound }
      counts = try strata.counts(below: bounds)
    case .tensor, .magnitude:
      bounds = try census.counts.enumerated().map { tensor, counts in
        let marginals = counts.marginals
        let wanted = match == .tensor ? [marginals.count] : marginals.exponents ?? []
        return try strata.bounds(of: [tensor], taking: wanted)
      }
      counts = census.counts.map(\.marginals.count)
    }
  }

  /// The positions of tensor `tensor`.
  public func count(tensor: Int) -> Int { counts[tensor] }

  /// Fills `words` with a segment.
  ///
  /// - Throws: where the base's exponents cannot be read.
  public func read(
    tensor: Int,
    segment index: Int,
    into words: inout WordBuffer,
    using context: ReadContext
  ) throws -> Int {
    words.clear(from: 0)
    let range = SegmentGrid.range(index, positions: layout.tensors[tensor].shape.count)
      .clamped(to: 0..<compared[tensor])
    guard !range.isEmpty, counts[tensor] > 0 else { return 0 }
    var fields: [UInt8] = []
    try binades?.read(tensor: tensor, segment: index, into: &fields)
    let bounds = bounds[tensor]
    unsafe words.withMutableWords { words in
      keys.forEach(range, of: tensor) { place, key in
        guard let bound = bounds[fields.isEmpty ? 0 : Int(fields[place])], key <= bound else {
          return
        }
        unsafe words[place >> 6] |= 1 << UInt64(place & 63)
      }
    }
    return Kernels.count(words.span)
  }
}
