internal import ByteFormats
internal import Checkpoints
internal import MaskModel
internal import SystemPackage

/// One format of mask files: what a file of some tensors is, byte for byte.
protocol MaskFileWriter {
  /// Appends the whole file to `file`.
  ///
  /// - Parameters:
  ///   - file: the file that will hold the mask's tensors and nothing else.
  ///   - context: what the mask is read with.
  ///   - progress: told the positions that were written since it was last told.
  /// - Throws: where the mask cannot be read or is miscounted, the format cannot hold its names, or
  ///   the file system refuses.
  func write(
    to file: inout AtomicFile,
    using context: ReadContext,
    progress: (Int) -> Void
  ) throws
}

/// The writer of safetensors files, whatever is in them.
struct SafetensorsMaskWriter: MaskFileWriter {
  let mask: any MaskReader
  let payloads: [MaskPayload]
  let metadata: [(key: String, value: String)]

  func write(
    to file: inout AtomicFile,
    using context: ReadContext,
    progress: (Int) -> Void
  ) throws {
    let header = try SafetensorsHeader(payloads, metadata: metadata, for: file.path)
    try file.write(header.bytes)
    var stream = MaskStream(mask, using: context)
    for payload in payloads {
      try stream.send(payload, progress: progress) { try file.write($0) }
    }
  }
}

/// The writer of `.npz`: one bool array a tensor, and `maskdb.json` with the metadata.
struct NumpyMaskWriter: MaskFileWriter {
  let mask: any MaskReader
  let metadata: String

  func write(
    to file: inout AtomicFile,
    using context: ReadContext,
    progress: (Int) -> Void
  ) throws {
    var zip = ZipWriter()
    var stream = MaskStream(mask, using: context)
    for index in mask.layout.tensors.indices {
      let payload = MaskPayload.bools(index, of: mask.layout)
      let member = "\(payload.name).npy"
      guard member.utf8.count <= ZipWriter.longestName else {
        throw MaskFileError.nameTooLong(payload.name, .npz)
      }
      let header = NumpyArray.header("|b1", shape: payload.shape)
      try zip.begin(member, size: header.count + payload.byteCount, in: &file)
      try zip.write(unsafe header.span.bytes, to: &file)
      try stream.send(payload, progress: progress) { try zip.write($0, to: &file) }
      try zip.end(in: &file)
    }
    try zip.add(MaskMetadata.member, Array(metadata.utf8), to: &file)
    try zip.finish(in: &file)
  }
}

/// The writer of `.pt` as `torch.save` writes a dictionary of bool tensors, and of the metadata beside
/// the pickle, which `torch.load` passes over.
struct TorchMaskWriter: MaskFileWriter {
  let mask: any MaskReader
  let metadata: String

  func write(
    to file: inout AtomicFile,
    using context: ReadContext,
    progress: (Int) -> Void
  ) throws {
    var zip = ZipWriter()
    try zip.add("mask/data.pkl", TorchPickle.masks(mask.layout), to: &file)
    try zip.add("mask/byteorder", Array("little".utf8), to: &file)
    var stream = MaskStream(mask, using: context)
    for index in mask.layout.tensors.indices {
      let payload = MaskPayload.bools(index, of: mask.layout)
      try zip.begin("mask/data/\(index)", size: payload.byteCount, in: &file)
      try stream.send(payload, progress: progress) { try zip.write($0, to: &file) }
      try zip.end(in: &file)
    }
    try zip.add("mask/version", Array("3\n".utf8), to: &file)
    try zip.add("mask/\(MaskMetadata.member)", Array(metadata.utf8), to: &file)
    try zip.finish(in: &file)
  }
}

extension RoaringFileWriter: MaskFileWriter {
  func write(
    to file: inout AtomicFile,
    using context: ReadContext,
    progress: (Int) -> Void
  ) throws {
    try write(to: &file, using: context)
    progress(positions)
  }
}
