import ByteFormats
import Testing

@Suite struct `A pickle` {
  static let names = PickleNames(
    functions: ["collections.OrderedDict", "torch._utils._rebuild_tensor_v2"],
    values: ["torch.BoolStorage"]
  )

  /// A dictionary with one bool tensor of 2 x 3, as `torch.save` writes it.
  static let tensor: [UInt8] =
    [0x80, 2] + Array("}(X".utf8) + [1, 0, 0, 0]
    + Array("wctorch._utils\n_rebuild_tensor_v2\n".utf8)
    + Array("((X".utf8) + [7, 0, 0, 0] + Array("storagectorch\nBoolStorage\nX".utf8)
    + [1, 0, 0, 0] + Array("0X".utf8) + [3, 0, 0, 0] + Array("cpuK".utf8) + [6]
    + Array("tQK".utf8) + [0] + Array("K".utf8) + [2] + Array("K".utf8) + [3, 0x86]
    + Array("K".utf8) + [3] + Array("K".utf8) + [1, 0x86, 0x89]
    + Array("ccollections\nOrderedDict\n)RtRu.".utf8)

  private func read(_ bytes: [UInt8]) throws(PickleError) -> Pickle {
    try PickleMachine.read(bytes, allowing: Self.names)
  }

  @Test func `of a tensor says what it was made of`() throws {
    let pickle = try read(Self.tensor)
    let members = try #require(pickle.members(of: pickle.root))
    #expect(members.map(\.key) == [.text("w")])
    let call = try #require(pickle.call(of: members[0].value))
    #expect(call.function == "torch._utils._rebuild_tensor_v2")
    #expect(call.arguments.count == 6)
    let storage = try #require(pickle.identity(of: call.arguments[0]))
    #expect(
      storage == [
        .text("storage"), .global("torch.BoolStorage"), .text("0"), .text("cpu"), .integer(6),
      ]
    )
    #expect(pickle.elements(of: call.arguments[2]) == [.integer(2), .integer(3)])
  }

  @Test func `that is cut short anywhere is refused`() throws {
    for length in 0..<Self.tensor.count {
      #expect(throws: PickleError.self) { try read(Array(Self.tensor.prefix(length))) }
    }
    #expect(throws: PickleError.self) { try read(Self.tensor + [0]) }
  }

  @Test func `with any byte turned over never crashes`() {
    for place in Self.tensor.indices {
      for bit in 0..<8 {
        var bytes = Self.tensor
        bytes[place] ^= 1 << bit
        _ = try? read(bytes)
      }
    }
  }

  @Test(
    arguments: [
      ("cos\nsystem\n(X\u{2}\u{0}\u{0}\u{0}idtR.", "os.system"),
      ("cbuiltins\neval\n.", "builtins.eval"),
      ("X\u{5}\u{0}\u{0}\u{0}posixX\u{6}\u{0}\u{0}\u{0}system\u{93}.", "posix.system"),
      ("ctorch\nload\n.", "torch.load"),
    ]
  )
  func `that names anything else is refused by that name`(text: String, name: String) {
    let bytes = text.unicodeScalars.map { UInt8($0.value) }
    do {
      _ = try read(bytes)
      Issue.record("read")
    } catch {
      #expect(error.reason == .global(name))
      #expect(error.description.contains(name))
    }
  }

  @Test func `that calls what is no function is refused`() {
    let reason = PickleError.Reason.call("torch.BoolStorage")
    #expect(throws: PickleError(reason: reason, offset: 20)) {
      try read(Array("ctorch\nBoolStorage\n)R.".utf8))
    }
  }

  @Test(arguments: ["i", "o", "\u{81}", "\u{92}", "I1\n", "P0\n", "V1\n", "2", "\u{82}", "\u{98}"])
  func `has only the opcodes that torch writes`(text: String) {
    let bytes = text.unicodeScalars.map { UInt8($0.value) }
    #expect(throws: PickleError(reason: .opcode(bytes[0]), offset: 0)) { try read(bytes) }
  }

  /// An object with a member of an enumeration, a set and a number, as Python pickles it.
  static let object: [UInt8] = {
    let words =
      "cmine\nConfig\n)\u{81}}(X\u{4}\0\0\0kindcmine\nKind\nX\u{3}\0\0\0one\u{85}RX\u{4}\0\0\0seedK\u{7}"
      + "X\u{3}\0\0\0set\u{8f}(K\u{1}K\u{2}\u{90}ub."
    return words.unicodeScalars.map { UInt8($0.value) }
  }()

  @Test func `of any object tells the attributes and runs nothing`() throws {
    let pickle = try PickleMachine.read(Self.object, allowing: .any)
    #expect(pickle.call(of: pickle.root)?.function == "mine.Config")
    let state = try #require(pickle.state(of: pickle.root))
    let members = try #require(pickle.members(of: state))
    #expect(members.map(\.key) == [.text("kind"), .text("seed"), .text("set")])
    #expect(pickle.call(of: members[0].value)?.arguments == [.text("one")])
    #expect(members[1].value == .integer(7))
    #expect(throws: PickleError.self) { try read(Self.object) }
  }

  @Test func `of any object with any byte turned over never crashes`() {
    for place in Self.object.indices {
      for bit in 0..<8 {
        var bytes = Self.object
        bytes[place] ^= 1 << bit
        _ = try? PickleMachine.read(bytes, allowing: .any)
      }
    }
  }

  @Test func `may be nested as deep as it is long`() throws {
    let depth = 1_000_000
    let lists = [UInt8](repeating: UInt8(ascii: "]"), count: depth)
    let joins = [UInt8](repeating: UInt8(ascii: "a"), count: depth - 1)
    let pickle = try read(lists + joins + Array(".".utf8))
    #expect(pickle.elements(of: pickle.root)?.count == 1)
  }

  @Test func `may refer to itself`() throws {
    let pickle = try read(Array("]q\u{0}h\u{0}a.".utf8))
    #expect(pickle.elements(of: pickle.root) == [pickle.root])
  }

  @Test func `makes no more values than the limit`() {
    let bytes = [UInt8](repeating: UInt8(ascii: "N"), count: 9 << 20)
    #expect(throws: PickleError(reason: .tooMany, offset: 8 << 20)) { try read(bytes) }
  }

  @Test(arguments: [
    "X\u{7f}\u{7f}\u{7f}\u{7f}", "\u{8d}\u{7f}\u{7f}\u{7f}\u{7f}\u{7f}\u{7f}\u{7f}\u{7f}",
  ])
  func `with a length beyond its end allocates nothing`(text: String) {
    let bytes = text.unicodeScalars.map { UInt8($0.value) }
    #expect(throws: PickleError(reason: .unexpectedEnd, offset: 0)) { try read(bytes) }
  }

  @Test(arguments: [
    ("\u{8a}\u{0}.", 0), ("\u{8a}\u{1}\u{ff}.", -1), ("J\u{ff}\u{ff}\u{ff}\u{ff}.", -1),
  ])
  func `has signed integers`(text: String, value: Int) throws {
    let bytes = text.unicodeScalars.map { UInt8($0.value) }
    #expect(try read(bytes).root == .integer(value))
  }
}
