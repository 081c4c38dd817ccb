import ByteFormats
import Testing

@Suite struct JSONSerializingTests {
  @Test func `writes compact JSON`() {
    let value: JSONValue = ["a": [1, 2.5, .null], "b": [:], "c": [], "d": "x\"y\\z\n\u{1}\u{1F}é"]
    #expect(
      value.serialized() == #"{"a":[1,2.5,null],"b":{},"c":[],"d":"x\"y\\z\n\u0001\u001fé"}"#
    )
  }

  @Test func `writes pretty JSON`() {
    let value: JSONValue = ["a": [1, [true]], "b": [:]]
    let expected = """
      {
        "a": [
          1,
          [
            true
          ]
        ],
        "b": {}
      }
      """
    #expect(value.serialized(.pretty) == expected)
  }

  @Test(arguments: [
    0.1, 1e300, Double.leastNonzeroMagnitude, -0.0, 1e16, 1.0, 123456.789, 1.7976931348623157e308,
  ])
  func `doubles come back as they were`(value: Double) throws {
    let text = JSONValue.number(value).serialized()
    let back = try JSONValue(parsing: text).double
    #expect(back?.bitPattern == value.bitPattern)
  }

  @Test func `what JSON cannot hold becomes null or traps`() async {
    #expect(JSONValue(Double.nan) == .null)
    #expect(JSONValue(-Double.infinity) == .null)
    #expect(JSONValue(1.5) == 1.5)
    #expect(JSONValue(UInt64.max) == .number(18_446_744_073_709_551_616))
    await #expect(processExitsWith: .failure) { _ = JSONValue.number(.nan).serialized() }
  }

  @Test func `members are set, replaced and removed by key`() {
    var object: JSONObject = [:]
    for number in 0..<12 { object["k\(number)"] = .integer(number) }
    object["k3"] = "three"
    object["k5"] = nil
    object["absent"] = nil
    #expect(object.count == 11)
    #expect(object["k3"]?.string == "three")
    #expect(object["k11"] == 11)
    #expect(object.keys == (0..<12).filter { $0 != 5 }.map { "k\($0)" })
    for number in 6..<12 { object["k\(number)"] = nil }
    #expect(object["k4"] == 4)
    #expect(object.map(\.0) == ["k0", "k1", "k2", "k3", "k4"])
  }
}
