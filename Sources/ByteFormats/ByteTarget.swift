/// Something that bytes are appended to, of which those that are there may be replaced: a file, or memory.
public protocol ByteTarget: ~Copyable {
  /// What goes wrong; `Never` in memory.
  associatedtype Failure: Error

  /// The bytes appended so far.
  var byteCount: Int { get }

  /// Appends `bytes`.
  mutating func write(_ bytes: RawSpan) throws(Failure)

  /// Replaces bytes that were appended before, from `offset` on.
  mutating func replace(at offset: Int, with bytes: [UInt8]) throws(Failure)
}

extension ByteTarget where Self: ~Copyable {
  /// Appends `bytes`.
  mutating func append(_ bytes: [UInt8]) throws(Failure) { try write(unsafe bytes.span.bytes) }
}

extension AtomicFile: ByteTarget {}

extension ByteWriter: ByteTarget {
  /// The number of bytes appended.
  public var byteCount: Int { count }

  /// Appends `bytes`.
  public mutating func write(_ bytes: RawSpan) { append(bytes) }
}
