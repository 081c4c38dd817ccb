internal import ByteFormats
public import Checkpoints
public import MaskCatalog
public import MaskFiles
internal import MaskModel

/// The base that an imported mask is laid over: a checkpoint, or one that the catalog knows.
public struct ImportBase: Sendable {
  /// Its tensors.
  public let tensors: BaseTensors
  let origin: BaseOrigin
  /// Its files, where they were named.
  private let checkpoint: Checkpoint?

  var digest: ContentDigest { origin.digest }

  /// The exponents of its weights in `type`: those that `catalog` keeps, else those of its files where
  /// they were named; nil where neither is.
  func binades(
    as type: FloatType,
    for domain: [TensorDomain],
    in catalog: Catalog
  ) throws(CatalogError) -> (any BinadeReader)? {
    let known = try catalog.runs().first { $0.base.digest == digest.description }?.base
    if let known, let kept = try catalog.binades(of: known, as: type, for: domain) { return kept }
    return checkpoint.map { CheckpointBinades($0, layout: tensors.layout, type: type) }
  }

  /// The checkpoint `checkpoint`, which is read once where `catalog` has not seen it.
  public init(_ checkpoint: Checkpoint, in catalog: Catalog, threads: Int) throws {
    self.checkpoint = checkpoint
    tensors = BaseTensors(of: checkpoint)
    origin = BaseOrigin(
      layout: tensors.layout,
      digest: try CheckpointContent.digest(of: checkpoint, knownBy: catalog, threads: threads),
      fingerprint: checkpoint.fingerprint.digest,
      location: checkpoint.catalogLocation
    )
  }

  /// The base of `mask`, a mask of `catalog`.
  public init(of mask: MaskRecord, in catalog: Catalog) throws {
    checkpoint = nil
    let layout = try catalog.layout(mask.run.base.layoutID)
    let types = try catalog.domain(of: mask).map(\.baseType)
    guard types.count == layout.tensors.count,
      let digest = ContentDigest(hexadecimal: mask.run.base.digest)
    else { throw CatalogError(.damaged("mask \(mask.name) lacks tensors"), at: catalog.path) }
    tensors = BaseTensors(layout, types: types)
    origin = BaseOrigin(
      layout: layout,
      digest: digest,
      fingerprint: nil,
      location: mask.run.base.location
    )
  }
}
