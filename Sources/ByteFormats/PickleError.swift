/// Why a pickle is refused: facts only.
public struct PickleError: Error, Sendable, Hashable {
  /// What is wrong.
  public enum Reason: Sendable, Hashable {
    /// The bytes end before the pickle does.
    case unexpectedEnd
    /// Bytes follow the end of the pickle.
    case trailingBytes
    /// An opcode outside of what `torch.save` writes.
    case opcode(UInt8)
    /// A protocol that is not 2 to 5.
    case version(UInt8)
    /// A function or class that is not on the list.
    case global(String)
    /// Something is called that is no function.
    case call(String)
    /// An opcode finds something else on the stack than it needs.
    case stack
    /// A memo is read that was not written.
    case memo
    /// A text that is not UTF-8, or a number that is none.
    case malformed
    /// More values than a file of tensors has.
    case tooMany
  }

  /// What is wrong.
  public let reason: Reason
  /// The byte of the pickle.
  public let offset: Int

  package init(reason: Reason, offset: Int) {
    self.reason = reason
    self.offset = offset
  }
}

extension PickleError: CustomStringConvertible {
  /// The reason and the byte, as a clause.
  public var description: String {
    let what =
      switch reason {
      case .unexpectedEnd: "the pickle ends too early"
      case .trailingBytes: "bytes follow the end of the pickle"
      case .opcode(let code): "opcode 0x\(String(code, radix: 16)) is none that torch.save writes"
      case .version(let version): "pickle protocol \(version) is none of 2 to 5"
      case .global(let name): "it names '\(name)', which is not needed for tensors"
      case .call(let name): "it calls \(name), which is no function that makes a tensor"
      case .stack: "an opcode does not fit what stands before it"
      case .memo: "it refers to something that it does not hold"
      case .malformed: "a text or number in it is malformed"
      case .tooMany: "it has more values than \(PickleMachine.valueLimit)"
      }
    return "\(what) (byte \(offset) of the pickle)"
  }
}
