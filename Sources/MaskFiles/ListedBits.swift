internal import ByteFormats
internal import MaskModel
internal import Synchronization

/// A row of integers in a file, least significant byte first.
struct StoredIntegers: Sendable {
  let file: ReadableFile
  let offset: Int
  let count: Int
  /// The bytes of each: 1, 2, 4 or 8.
  let width: Int
  let isSigned: Bool

  /// The integers of `range`; one that does not fit is -1.
  func read(_ range: Range<Int>) throws(FileError) -> [Int] {
    let bytes = try file.bytes(
      offset + range.lowerBound * width..<offset + range.upperBound * width
    )
    return range.indices.map { index in
      let start = (index - range.lowerBound) * width
      var value: UInt64 = 0
      for place in (start..<start + width).reversed() { value = value << 8 | UInt64(bytes[place]) }
      let unused = UInt64(64 - 8 * width)
      if isSigned { return Int(Int64(bitPattern: value << unused) >> Int64(unused)) }
      return Int(exactly: value) ?? -1
    }
  }
}

/// The set positions, listed one by one.
///
/// Rising lists are read where they are needed; others are sorted in memory, which is given back once
/// every segment was read. Any number of tasks may read at once.
final class ListedBits: TensorBits {
  /// How a list of integers says positions.
  enum Form: Sendable {
    /// Each is a row-major position.
    case positions
    /// The first half are rows, the second columns.
    case rowsAndColumns
    /// Each is the step from the one before to a column-major position.
    case columnMajorSteps
  }

  fileprivate enum Order {
    /// The element of a rising list that each segment begins with.
    case rising(starts: [Int])
    /// The positions of a list that does not rise, and the segments that were not read yet.
    case sorted([Int], unread: Int)
  }

  private let list: StoredIntegers
  private let form: Form
  private let name: String
  private let shape: TensorShape?
  private let order = Mutex<Order?>(nil)
  private static let step = 1 << 20

  init(_ list: StoredIntegers, _ form: Form, of name: String, shape: TensorShape? = nil) {
    self.list = list
    self.form = form
    self.name = name
    self.shape = shape
  }

  func fill(_ words: inout WordBuffer, segment index: Int, positions: Int) throws {
    let range = SegmentGrid.range(index, positions: positions)
    let known = try order.withLock { order in
      let known = try order ?? self.order(positions: positions)
      order = known.afterReading
      return known
    }
    switch known {
    case .sorted(let all, _):
      for position in all[all.place(of: range.lowerBound)..<all.place(of: range.upperBound)] {
        words.insert(position - range.lowerBound)
      }
    case .rising(let starts):
      for start in stride(from: starts[index], to: starts[index + 1], by: Self.step) {
        for position in try list.read(start..<min(start + Self.step, starts[index + 1])) {
          guard range.contains(position) else { throw outside }
          words.insert(position - range.lowerBound)
        }
      }
    }
  }

  /// Checks every position and finds where segments begin, or sorts.
  private func order(positions: Int) throws -> Order {
    if form == .positions, let starts = try starts(positions: positions) {
      return .rising(starts: starts)
    }
    var all = try list.read(0..<list.count)
    switch form {
    case .positions: break
    case .rowsAndColumns: all = try joined(all)
    case .columnMajorSteps: all = try rowMajor(all)
    }
    guard all.allSatisfy({ $0 >= 0 && $0 < positions }) else { throw outside }
    return .sorted(all.sorted(), unread: SegmentGrid.count(positions: positions))
  }

  /// The first element of every segment and the end; nil where the list does not rise.
  private func starts(positions: Int) throws -> [Int]? {
    var starts: [Int] = [0]
    var last = -1
    for start in stride(from: 0, to: list.count, by: Self.step) {
      let part = try list.read(start..<min(start + Self.step, list.count))
      for (place, position) in part.enumerated() {
        guard position >= 0, position < positions else { throw outside }
        guard position > last else { return nil }
        while starts.count <= position / SegmentGrid.length { starts.append(start + place) }
        last = position
      }
    }
    while starts.count <= SegmentGrid.count(positions: positions) { starts.append(list.count) }
    return starts
  }

  private var outside: MaskImportError {
    MaskImportError(list.file.path, "\(name) lists positions outside of the tensor")
  }

  private func joined(_ all: [Int]) throws -> [Int] {
    let half = all.count / 2
    guard let shape, all.count.isMultiple(of: 2) else { throw outside }
    return try (0..<half).map { index in
      let (row, column) = (all[index], all[half + index])
      guard (0..<shape.rows).contains(row), (0..<shape.columns).contains(column) else {
        throw outside
      }
      return row * shape.columns + column
    }
  }

  /// From steps in the order in which the first dimension runs fastest.
  private func rowMajor(_ steps: [Int]) throws -> [Int] {
    guard let shape else { throw outside }
    var place = 0
    return try steps.map { step in
      let (sum, overflow) = place.addingReportingOverflow(step)
      place = sum
      guard !overflow, (0..<shape.count).contains(place) else { throw outside }
      var rest = place
      var coordinates: [Int] = []
      for dimension in shape.dimensions {
        coordinates.append(rest % dimension)
        rest /= dimension
      }
      return zip(coordinates, shape.dimensions).reduce(0) { $0 * $1.1 + $1.0 }
    }
  }
}

extension ListedBits.Order {
  /// What is kept once one more segment was read.
  fileprivate var afterReading: ListedBits.Order? {
    switch self {
    case .rising: self
    case .sorted(let all, let unread): unread > 1 ? .sorted(all, unread: unread - 1) : nil
    }
  }
}

extension [Int] {
  /// The index of the first that is not less than `value`; they must rise.
  fileprivate func place(of value: Int) -> Int {
    var range = 0..<count
    while !range.isEmpty {
      let middle = range.lowerBound + range.count / 2
      range =
        self[middle] < value ? middle + 1..<range.upperBound : range.lowerBound..<middle
    }
    return range.lowerBound
  }
}
