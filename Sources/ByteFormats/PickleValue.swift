/// What an opcode of a pickle leaves on the stack.
///
/// Lists, dictionaries, tuples and built objects are places in the arena of their `Pickle`, so that
/// neither cycles nor deep nesting cost anything.
public enum PickleValue: Sendable, Hashable {
  case none
  case bool(Bool)
  case integer(Int)
  /// A whole number beyond 64 bits; its value is not kept.
  case bigInteger
  case float(Double)
  case text(String)
  case bytes([UInt8])
  /// An allowed name, such as `torch.BoolStorage`; nothing was imported.
  case global(String)
  case tuple(Int)
  case list(Int)
  case dictionary(Int)
  /// What a call of an allowed function stands for: function and arguments, not its result.
  case call(Int)
  /// The identity of something stored outside of the pickle.
  case persistent(Int)
}

extension PickleValue {
  /// The text.
  public var text: String? { if case .text(let text) = self { text } else { nil } }

  /// The whole number.
  public var integer: Int? { if case .integer(let value) = self { value } else { nil } }
}

/// What a pickle holds, read without running anything.
public struct Pickle: Sendable {
  /// What the last opcode left.
  public internal(set) var root = PickleValue.none
  /// Tuples, lists, arguments of calls and persistent identities.
  var sequences: [[PickleValue]] = []
  /// Dictionaries as keys and values in turn, in the order they were set.
  var dictionaries: [[PickleValue]] = []
  var calls: [Call] = []

  /// A call that was not made, and the state that its result would have been given.
  struct Call: Sendable {
    let function: String
    /// Where the arguments are in `sequences`.
    let arguments: Int
    var state: PickleValue?
  }

  /// The elements of a tuple or list; nil for anything else.
  public func elements(of value: PickleValue) -> [PickleValue]? {
    switch value {
    case .tuple(let place), .list(let place): sequences[place]
    default: nil
    }
  }

  /// The keys and values of a dictionary, or of an `OrderedDict`; nil for anything else.
  ///
  /// A key that was set twice is there twice.
  public func members(of value: PickleValue) -> [(key: PickleValue, value: PickleValue)]? {
    guard case .dictionary(let place) = value else { return nil }
    let flat = dictionaries[place]
    return stride(from: 0, to: flat.count, by: 2).map { (flat[$0], flat[$0 + 1]) }
  }

  /// The function and the arguments of a call; nil for anything else.
  public func call(of value: PickleValue) -> (function: String, arguments: [PickleValue])? {
    guard case .call(let place) = value else { return nil }
    return (calls[place].function, sequences[calls[place].arguments])
  }

  /// What an object would have been given as its state, mostly the dictionary of its attributes; nil for
  /// anything else.
  public func state(of value: PickleValue) -> PickleValue? {
    guard case .call(let place) = value else { return nil }
    return calls[place].state
  }

  /// The identity of something stored outside; nil for anything else.
  public func identity(of value: PickleValue) -> [PickleValue]? {
    guard case .persistent(let place) = value else { return nil }
    return sequences[place]
  }
}
