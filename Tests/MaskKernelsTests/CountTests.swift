import CMaskKernels
import Testing

/// A matrix shape that makes rows begin and end inside words.
struct Shape: CustomTestStringConvertible {
  let columns: Int
  let count: Int
  let first: Int

  var testDescription: String { "\(count) bits from column \(first) of \(columns)" }

  static let all: [Shape] = [
    (1, 0, 0), (1, 1, 0), (1, 200, 0), (2, 129, 1), (3, 1000, 2), (7, 4096, 6), (63, 4097, 1),
    (64, 65536, 0), (64, 65536, 63), (65, 65535, 64), (96, 65536, 0), (96, 30000, 95),
    (128, 65536, 5), (1000, 65536, 999), (1024, 65536, 0), (1024, 65536, 1), (1536, 300_000, 0),
    (4095, 65536, 7), (4096, 65536, 0), (4097, 70_000, 4096), (14336, 100_000, 0),
    (50257, 200_000, 100), (65536, 65536, 0), (100_000, 65, 99_990), (131_072, 300_000, 5),
  ].map { Shape(columns: $0, count: $1, first: $2) }
}

@Suite struct CountTests {
  @Test(arguments: Kernel.all)
  func `the count is the number of set bits`(kernel: Kernel) {
    var random = Random(8)
    for count in lengths {
      for percent: UInt64 in [0, 7, 50, 100] {
        let bits = random.bits(count, percent: percent)
        #expect(kernel.table.count(bits, bits.count) == UInt64(bits.positions.count))
      }
    }
  }

  @Test(arguments: Kernel.all, Shape.all)
  func `row and column counts are those of a plain matrix`(kernel: Kernel, shape: Shape) {
    var random = Random(9)
    for percent: UInt64 in [0, 20, 100] {
      let bits = random.bits(shape.count, percent: percent)
      let rows = (shape.first + shape.count + shape.columns - 1) / shape.columns
      var byRow = [UInt32](repeating: 0, count: rows)
      var byColumn = [UInt32](repeating: 0, count: shape.columns)
      for position in bits.positions {
        byRow[(shape.first + position) / shape.columns] += 1
        byColumn[(shape.first + position) % shape.columns] += 1
      }
      let (columns, first) = (shape.columns, shape.first)
      #expect(kernel.rowCounts(bits, shape.count, columns: columns, first: first) == byRow)
      #expect(kernel.columnCounts(bits, shape.count, columns: columns, first: first) == byColumn)
    }
  }

  @Test(arguments: Kernel.all)
  func `a column of more rows than any carry-save plane holds`(kernel: Kernel) {
    let bits = [UInt64](repeating: .max, count: 96 * 3000 / 64)
    let counts = kernel.columnCounts(bits, 96 * 3000, columns: 96, first: 0)
    #expect(counts == [UInt32](repeating: 3000, count: 96))
  }
}
