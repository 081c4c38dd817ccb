import MaskModel
import Testing

@Suite struct `The algebra of CRoaring's bitmaps` {
  private let left = Pattern.random(0.2).bits(count: 150_000, seed: 1)
  private let right = Pattern.stretches(length: 100, gap: 300).bits(count: 150_000)

  private func expect(
    _ bitmap: borrowing RoaringBitmap,
    _ rule: (Bool, Bool) -> Bool,
    location: SourceLocation = #_sourceLocation
  ) {
    let positions = (0..<left.count).filter { rule(left.contains($0), right.contains($0)) }
    let same = positions.allSatisfy { bitmap.contains(UInt32($0)) }
    #expect(same && bitmap.count == positions.count, sourceLocation: location)
  }

  @Test func `is that of sets`() {
    let (a, b) = (left.words, right.words)
    let x = RoaringBitmap(words: a.span)
    let y = RoaringBitmap(words: b.span)
    expect(x.intersection(y)) { $0 && $1 }
    expect(x.union(y)) { $0 || $1 }
    expect(x.subtracting(y)) { $0 && !$1 }
    expect(x.symmetricDifference(y)) { $0 != $1 }
  }

  @Test func `survives the portable form`() throws {
    let words = left.words
    let bytes = RoaringBitmap(words: words.span).portableBytes()
    let bitmap = try RoaringBitmap(validating: bytes.span.bytes)
    expect(bitmap) { left, _ in left }
    let again = bitmap.portableBytes()
    #expect(again == bytes)
  }

  @Test func `begins with nothing`() {
    let bitmap = RoaringBitmap()
    let hasZero = bitmap.contains(0)
    let bytes = bitmap.portableBytes()
    #expect(bitmap.count == 0 && !hasZero)
    #expect(bytes == [0x3A, 0x30, 0, 0, 0, 0, 0, 0])
  }
}
