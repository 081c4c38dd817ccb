/// What adding some checkpoints will cost.
///
/// What is read follows from the files' headers. Time and growth are estimates from `trial`: the first
/// segments, compared and packed as `add` would, and thrown away.
public struct AddEstimate: Sendable, Hashable {
  /// The checkpoints that are compared.
  public let checkpoints: Int
  /// The checkpoints that the catalog has already, under all definitions, and that are not read.
  public let known: Int
  /// The masks that are made.
  public let masks: Int
  /// The positions of all of them.
  public let positions: Int
  /// The bytes that are read, of the base once for every group of checkpoints.
  public let readBytes: Int
  /// The bytes of bits under way that are held at most, on all threads together.
  public let memoryBytes: Int
  /// What was measured; nil where nothing is to be compared.
  public let trial: AddTrial?

  /// The seconds that it will take, where the rest of the files is read as fast as the trial's part.
  public var seconds: Double { trial.map { $0.seconds * scale } ?? 0 }
  /// The bytes of packed bits, where the rest changed as much as the trial's part.
  public var packedBytes: Int { trial.map { Int((Double($0.packedBytes) * scale).rounded()) } ?? 0 }
  /// The bytes that packed bits take at most: one bit a position.
  public var mostPackedBytes: Int { (positions + 7) / 8 }

  private var scale: Double { Double(readBytes) / Double(max(trial?.readBytes ?? 0, 1)) }
}

/// A part of the work, done and timed.
public struct AddTrial: Sendable, Hashable {
  /// The bytes that were read.
  public let readBytes: Int
  /// The bytes that their packed bits took.
  public let packedBytes: Int
  /// The seconds that it took.
  public let seconds: Double
}
