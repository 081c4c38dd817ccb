/// Reads a pickle as `torch.save` writes it, without running anything.
///
/// About 40 opcodes of protocols 2 to 5 are known, those of tensors, numbers, texts and containers. A
/// name is looked up in a list and stays a name; a call stays what it was: a function and its
/// arguments. Everything else is refused by name. With ``PickleNames/any`` every name may stand, and
/// what becomes of objects stays unknown but for the state they are given. Memory is bounded by
/// `valueLimit` values and the bytes themselves; nothing recurses. After `pickletools` of CPython.
public struct PickleMachine {
  /// The most values that a pickle may make.
  static let valueLimit = 1 << 23

  private let names: PickleNames
  private let bytes: [UInt8]
  /// The next byte.
  var place = 0
  /// The opcode that is worked on.
  private var start = 0
  var pickle = Pickle()
  var stack: [PickleValue] = []
  /// The heights of the stack at the marks.
  var marks: [Int] = []
  private var memo: [Int: PickleValue] = [:]
  private var made = 0

  /// What `bytes` hold, if they name nothing but `names`.
  public static func read(
    _ bytes: [UInt8],
    allowing names: PickleNames
  ) throws(PickleError) -> Pickle {
    var machine = PickleMachine(names: names, bytes: bytes)
    return try machine.run()
  }

  private init(names: PickleNames, bytes: [UInt8]) {
    self.names = names
    self.bytes = bytes
  }

  private mutating func run() throws(PickleError) -> Pickle {
    while true {
      start = place
      let code = try byte()
      if code == UInt8(ascii: ".") { break }
      try step(code)
    }
    pickle.root = try pop()
    guard stack.isEmpty, marks.isEmpty else { throw error(.stack) }
    guard place == bytes.count else { throw error(.trailingBytes) }
    return pickle
  }

  func error(_ reason: PickleError.Reason) -> PickleError {
    PickleError(reason: reason, offset: start)
  }
}

extension PickleMachine {
  /// The next byte.
  mutating func byte() throws(PickleError) -> UInt8 {
    guard place < bytes.count else { throw error(.unexpectedEnd) }
    defer { place += 1 }
    return bytes[place]
  }

  /// The next `count` bytes as an integer, least significant first; of 8 bytes the upper bit must be 0.
  mutating func unsigned(_ count: Int) throws(PickleError) -> Int {
    let value = try take(count).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard let value = Int(exactly: value) else { throw error(.unexpectedEnd) }
    return value
  }

  /// The next `count` bytes.
  mutating func take(_ count: Int) throws(PickleError) -> ArraySlice<UInt8> {
    guard count <= bytes.count - place else { throw error(.unexpectedEnd) }
    defer { place += count }
    return bytes[place..<place + count]
  }

  /// The bytes up to the end of the line, as text.
  mutating func line() throws(PickleError) -> String {
    guard let end = bytes[place...].firstIndex(of: UInt8(ascii: "\n")) else {
      throw error(.unexpectedEnd)
    }
    let line = bytes[place..<end]
    place = end + 1
    return try text(line)
  }

  func text(_ bytes: ArraySlice<UInt8>) throws(PickleError) -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else { throw error(.malformed) }
    return text
  }
}

extension PickleMachine {
  mutating func push(_ value: PickleValue) throws(PickleError) {
    made += 1
    guard made <= Self.valueLimit else { throw error(.tooMany) }
    stack.append(value)
  }

  mutating func pop() throws(PickleError) -> PickleValue {
    guard stack.count > (marks.last ?? 0) else { throw error(.stack) }
    return stack.removeLast()
  }

  /// Takes the values above the last mark, and the mark.
  mutating func popToMark() throws(PickleError) -> [PickleValue] {
    guard let mark = marks.popLast() else { throw error(.stack) }
    let values = Array(stack[mark...])
    stack.removeLast(values.count)
    return values
  }

  mutating func remember(_ number: Int) throws(PickleError) {
    guard stack.count > (marks.last ?? 0), let top = stack.last else { throw error(.stack) }
    made += 1
    guard made <= Self.valueLimit else { throw error(.tooMany) }
    memo[number] = top
  }

  /// Puts what stands on top under the next free number.
  mutating func rememberNext() throws(PickleError) { try remember(memo.count) }

  mutating func recall(_ number: Int) throws(PickleError) {
    guard let value = memo[number] else { throw error(.memo) }
    try push(value)
  }

  /// The name `module.member`, if it is on the list.
  mutating func pushGlobal(_ module: String, _ member: String) throws(PickleError) {
    let name = "\(module).\(member)"
    guard names.contains(name) else { throw error(.global(name)) }
    try push(.global(name))
  }

  func isFunction(_ name: String) -> Bool { isOpen || names.functions.contains(name) }

  /// Whether any name and any object may stand.
  var isOpen: Bool { names.isOpen }
}

/// The names that a pickle may hold.
public struct PickleNames: Sendable {
  /// Those that may be called.
  public let functions: Set<String>
  /// Those that may stand as arguments.
  public let values: Set<String>
  let isOpen: Bool

  /// Any name: for pickles of which a few plain values are wanted, whatever else is in them.
  public static let any = PickleNames(isOpen: true)

  /// A list of functions and values.
  public init(functions: Set<String>, values: Set<String>) {
    self.functions = functions
    self.values = values
    isOpen = false
  }

  private init(isOpen: Bool) {
    self.isOpen = isOpen
    functions = []
    values = []
  }

  func contains(_ name: String) -> Bool {
    isOpen || functions.contains(name) || values.contains(name)
  }
}
