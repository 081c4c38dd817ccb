/// Why bytes are no portable roaring bitmap, and where.
///
/// Equal as a whole, so that a test can state the error it expects.
public struct RoaringError: Error, Sendable, Hashable {
  /// What is wrong, as a clause.
  public enum Reason: String, Sendable, Hashable {
    /// The bytes end where more are needed.
    case unexpectedEnd = "the bytes end too early"
    /// More bytes follow the last container.
    case trailingBytes = "unexpected bytes after the last container"
    /// Neither of the two cookies.
    case unknownCookie = "not a portable roaring bitmap"
    /// More than 65,536 containers.
    case tooManyContainers = "more than 65,536 containers"
    /// A run flag for a container that is not there.
    case superfluousRunFlag = "a run flag beyond the last container"
    /// A key that is not greater than the one before.
    case keyNotRising = "container keys that do not rise"
    /// An offset that is not where the container before it ends.
    case wrongOffset = "a container offset that is not where the container is"
    /// Array values that are not strictly rising.
    case arrayNotRising = "array values that do not rise"
    /// A bitset with another number of set bits than declared.
    case wrongBitsetCount = "a bitset whose set bits are not as many as declared"
    /// A run container without runs.
    case noRuns = "a run container without runs"
    /// A run that ends beyond the container.
    case runTooLong = "a run that ends beyond its container"
    /// A run that begins before the last one ended, or where it could have been part of it.
    case runsNotApart = "runs that overlap, touch or do not rise"
    /// Runs with another number of values than declared.
    case wrongRunCount = "runs whose values are not as many as declared"
    /// More 32-bit bitmaps than the positions have room for.
    case tooManyBitmaps = "more 32-bit bitmaps than the tensor has room for"
    /// A value that is not a position of the tensor.
    case beyondLastPosition = "a value beyond the last position of the tensor"
  }

  /// What is wrong.
  public let reason: Reason
  /// The byte it was found at, counted from 0.
  public let offset: Int

  /// An error from its facts.
  public init(_ reason: Reason, at offset: Int) {
    self.reason = reason
    self.offset = offset
  }
}

extension RoaringError: CustomStringConvertible {
  /// The reason and the byte, as a clause.
  public var description: String { "\(reason.rawValue) at byte \(offset)" }
}
