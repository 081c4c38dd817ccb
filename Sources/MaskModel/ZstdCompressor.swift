internal import CZstd

/// A zstd compressor for one task at a time.
@safe
struct ZstdCompressor: ~Copyable, @unchecked Sendable {
  // Sendable: a context may move between threads; one owner uses it at a time.
  private let context: OpaquePointer
  /// Where frames are made, so that each is allocated as long as it is.
  private var frame = WordBuffer(count: 0)

  /// What a compressor spends its time on.
  enum Aim {
    /// Entropy alone.
    ///
    /// The bits of a mask have few repeats, so the level is far below zero, which finds almost none,
    /// and the literals are Huffman coded all the same (`ZSTD_c_literalCompressionMode`).
    case entropy
    /// Repeats as well: runs of equal rows have them.
    case repeats
  }

  init(_ aim: Aim) {
    guard let context = unsafe ZSTD_createCCtx() else { fatalError("zstd: out of memory") }
    unsafe self.context = context
    set(ZSTD_c_compressionLevel, aim == .entropy ? -100_000 : 3)
    set(ZSTD_c_experimentalParam5, 1)  // ZSTD_c_literalCompressionMode, ZSTD_ps_enable
    set(ZSTD_c_contentSizeFlag, 1)
  }

  deinit { _ = unsafe ZSTD_freeCCtx(context) }

  private func set(_ parameter: ZSTD_cParameter, _ value: Int32) {
    let code = unsafe ZSTD_CCtx_setParameter(context, parameter, value)
    precondition(ZSTD_isError(code) == 0, "this libzstd does not know a parameter of 1.5")
  }

  /// One frame that holds `bytes`, or nil where it would take `limit` bytes or more.
  mutating func compress(_ bytes: UnsafeRawBufferPointer, below limit: Int) -> [UInt8]? {
    guard limit > 0 else { return nil }
    if frame.count * 8 < limit { frame = WordBuffer(count: (limit + 7) / 8) }
    let out = unsafe frame.memory
    let size = unsafe ZSTD_compress2(
      context,
      out.baseAddress,
      limit,
      bytes.baseAddress,
      bytes.count
    )
    guard ZSTD_isError(size) == 0, size < limit else { return nil }
    return unsafe [UInt8](UnsafeRawBufferPointer(rebasing: out[..<size]))
  }
}

/// A zstd decompressor for one task at a time.
@safe
struct ZstdDecompressor: ~Copyable, @unchecked Sendable {
  // Sendable: as the compressor.
  private let context: OpaquePointer

  init() {
    guard let context = unsafe ZSTD_createDCtx() else { fatalError("zstd: out of memory") }
    unsafe self.context = context
  }

  deinit { _ = unsafe ZSTD_freeDCtx(context) }

  /// Unpacks one frame into `target` and returns its size; nil for a damaged frame or one that does
  /// not fit.
  ///
  /// Never writes past `target`.
  mutating func decompress(
    _ frame: UnsafeRawBufferPointer,
    into target: UnsafeMutableRawBufferPointer
  ) -> Int? {
    // ZSTD_decompressDCtx takes several frames, of which a coding has one.
    guard unsafe ZSTD_findFrameCompressedSize(frame.baseAddress, frame.count) == frame.count else {
      return nil
    }
    let size = unsafe ZSTD_decompressDCtx(
      context,
      target.baseAddress,
      target.count,
      frame.baseAddress,
      frame.count
    )
    return ZSTD_isError(size) == 0 ? size : nil
  }
}
