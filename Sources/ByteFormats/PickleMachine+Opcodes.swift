extension PickleMachine {
  /// Does what the opcode `code` says.
  mutating func step(_ code: UInt8) throws(PickleError) {
    if try control(code) { return }
    if try scalar(code) { return }
    if try container(code) { return }
    throw error(.opcode(code))
  }

  /// Protocol, frames, marks, memo, names and calls; says whether `code` is one of them.
  private mutating func control(_ code: UInt8) throws(PickleError) -> Bool {
    switch code {
    case 0x80:
      let version = try byte()
      guard (2...5).contains(version) else { throw error(.version(version)) }
    case 0x95: _ = try unsigned(8)
    case UInt8(ascii: "("): marks.append(stack.count)
    case UInt8(ascii: "0"): _ = try pop()
    case UInt8(ascii: "1"): _ = try popToMark()
    case UInt8(ascii: "q"): try remember(Int(byte()))
    case UInt8(ascii: "r"): try remember(unsigned(4))
    case 0x94: try rememberNext()
    case UInt8(ascii: "h"): try recall(Int(byte()))
    case UInt8(ascii: "j"): try recall(unsigned(4))
    case UInt8(ascii: "c"): try pushGlobal(line(), line())
    case 0x93: try stackGlobal()
    case UInt8(ascii: "R"): try reduce()
    case 0x81 where isOpen: try reduce()
    case UInt8(ascii: "b"): try build()
    case UInt8(ascii: "Q"): try persist()
    default: return false
    }
    return true
  }

  /// Numbers and texts; says whether `code` is one of them.
  private mutating func scalar(_ code: UInt8) throws(PickleError) -> Bool {
    switch code {
    case UInt8(ascii: "N"): try push(.none)
    case 0x88: try push(.bool(true))
    case 0x89: try push(.bool(false))
    case UInt8(ascii: "K"): try push(.integer(Int(byte())))
    case UInt8(ascii: "M"): try push(.integer(unsigned(2)))
    case UInt8(ascii: "J"): try push(.integer(Int(Int32(truncatingIfNeeded: unsigned(4)))))
    case 0x8A: try pushLong()
    case UInt8(ascii: "G"):
      let bits = try take(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      try push(.float(Double(bitPattern: bits)))
    case UInt8(ascii: "X"), UInt8(ascii: "T"): try push(.text(text(take(unsigned(4)))))
    case 0x8C, UInt8(ascii: "U"): try push(.text(text(take(Int(byte())))))
    case 0x8D: try push(.text(text(take(unsigned(8)))))
    case UInt8(ascii: "C"): try push(.bytes(Array(take(Int(byte())))))
    case UInt8(ascii: "B"): try push(.bytes(Array(take(unsigned(4)))))
    default: return false
    }
    return true
  }

  /// Tuples, lists and dictionaries; says whether `code` is one of them.
  private mutating func container(_ code: UInt8) throws(PickleError) -> Bool {
    switch code {
    case UInt8(ascii: ")"): try push(tuple([]))
    case 0x85...0x87:
      var values: [PickleValue] = []
      for _ in 0...code - 0x85 { values.append(try pop()) }
      try push(tuple(values.reversed()))
    case UInt8(ascii: "t"): try push(tuple(popToMark()))
    case UInt8(ascii: "]"):
      pickle.sequences.append([])
      try push(.list(pickle.sequences.count - 1))
    case UInt8(ascii: "a"): try append([pop()])
    case UInt8(ascii: "e"): try append(popToMark())
    case UInt8(ascii: "}"): try push(dictionary())
    case UInt8(ascii: "s"):
      let value = try pop()
      try set([pop(), value])
    case UInt8(ascii: "u"): try set(popToMark())
    case 0x8F where isOpen: try push(tuple([]))
    case 0x90 where isOpen: _ = try popToMark()
    case 0x91 where isOpen: try push(tuple(popToMark()))
    default: return false
    }
    return true
  }
}

extension PickleMachine {
  private mutating func tuple(_ values: [PickleValue]) -> PickleValue {
    pickle.sequences.append(values)
    return .tuple(pickle.sequences.count - 1)
  }

  private mutating func dictionary() -> PickleValue {
    pickle.dictionaries.append([])
    return .dictionary(pickle.dictionaries.count - 1)
  }

  /// An integer of up to 255 bytes in two's complement.
  private mutating func pushLong() throws(PickleError) {
    let bytes = try take(Int(byte()))
    guard bytes.count <= 8 else { return try push(.bigInteger) }
    let fill: UInt64 = bytes.last.map { $0 >= 0x80 } == true ? .max : 0
    let value = bytes.reversed().reduce(fill) { $0 << 8 | UInt64($1) }
    try push(.integer(Int(Int64(bitPattern: value))))
  }

  private mutating func append(_ values: [PickleValue]) throws(PickleError) {
    guard stack.count > (marks.last ?? 0) else { throw error(.stack) }
    switch stack.last {
    case .list(let place): pickle.sequences[place] += values
    case .call where isOpen: break
    default: throw error(.stack)
    }
  }

  private mutating func set(_ members: [PickleValue]) throws(PickleError) {
    guard stack.count > (marks.last ?? 0), members.count.isMultiple(of: 2) else {
      throw error(.stack)
    }
    switch stack.last {
    case .dictionary(let place): pickle.dictionaries[place] += members
    case .call where isOpen: break
    default: throw error(.stack)
    }
  }

  private mutating func stackGlobal() throws(PickleError) {
    let (member, module) = try (pop(), pop())
    guard let module = module.text, let member = member.text else { throw error(.stack) }
    try pushGlobal(module, member)
  }

  /// Notes the call of an allowed function; an empty `OrderedDict` is a dictionary at once.
  private mutating func reduce() throws(PickleError) {
    let (arguments, callee) = try (pop(), pop())
    guard case .tuple(let place) = arguments else { throw error(.stack) }
    let name = try function(callee)
    guard name == "collections.OrderedDict" else {
      pickle.calls.append(Pickle.Call(function: name, arguments: place))
      return try push(.call(pickle.calls.count - 1))
    }
    guard pickle.sequences[place].isEmpty || isOpen else {
      throw error(.call("OrderedDict with items"))
    }
    try push(dictionary())
  }

  /// The name of what is called, if it may be.
  private func function(_ callee: PickleValue) throws(PickleError) -> String {
    guard case .global(let name) = callee else {
      guard isOpen else { throw error(.call("something unnamed")) }
      return ""
    }
    guard isFunction(name) else { throw error(.call(name)) }
    return name
  }

  /// Keeps the state of an object, and drops that of a dictionary: its further attributes.
  private mutating func build() throws(PickleError) {
    let state = try pop()
    switch stack.last {
    case .dictionary: break
    case .call(let place): pickle.calls[place].state = state
    default: throw error(.stack)
    }
  }

  private mutating func persist() throws(PickleError) {
    guard case .tuple(let place) = try pop() else { throw error(.stack) }
    try push(.persistent(place))
  }
}
