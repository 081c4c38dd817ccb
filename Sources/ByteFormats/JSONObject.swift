/// The members of a JSON object in their order, each key once.
///
/// Two objects are equal if they have equal members in the same order.
public struct JSONObject: Sendable, Hashable {
  /// The keys in order.
  public private(set) var keys: [String] = []
  /// The values in order.
  public private(set) var values: [JSONValue] = []
  /// Where each key is; only kept for objects that are slow to search.
  private var places: [String: Int] = [:]

  /// An object without members.
  public init() {}

  /// The number of members.
  public var count: Int { keys.count }

  /// The value of `key`.
  ///
  /// Setting a new key appends it; setting nil removes it.
  public subscript(key: String) -> JSONValue? {
    get { place(of: key).map { values[$0] } }
    set {
      switch (place(of: key), newValue) {
      case (let place?, let value?): values[place] = value
      case (let place?, nil): remove(at: place)
      case (nil, let value?): append(key, value)
      case (nil, nil): break
      }
    }
  }

  /// Appends a member unless `key` is there already; says whether it did.
  mutating func insert(_ key: String, _ value: JSONValue) -> Bool {
    guard place(of: key) == nil else { return false }
    append(key, value)
    return true
  }

  /// At most this many members are searched one by one.
  private static let searchable = 8

  private func place(of key: String) -> Int? {
    count <= Self.searchable ? keys.firstIndex(of: key) : places[key]
  }

  private mutating func append(_ key: String, _ value: JSONValue) {
    keys.append(key)
    values.append(value)
    if count > Self.searchable + 1 {
      places[key] = count - 1
    } else if count == Self.searchable + 1 {
      index()
    }
  }

  private mutating func remove(at place: Int) {
    keys.remove(at: place)
    values.remove(at: place)
    index()
  }

  private mutating func index() {
    places = [:]
    guard count > Self.searchable else { return }
    for (place, key) in keys.enumerated() { places[key] = place }
  }
}

extension JSONObject: Sequence {
  /// The members in order.
  public func makeIterator() -> Zip2Sequence<[String], [JSONValue]>.Iterator {
    zip(keys, values).makeIterator()
  }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
  /// The members in the order written; a key written twice is a programming error.
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    for (key, value) in elements {
      precondition(insert(key, value), "a JSON object with the key \(key) twice")
    }
  }
}
