/// How many of several masks have each position of a segment: binary numbers, a digit a row of words.
struct BitTally {
  private var digits: [WordRow]
  private let carry: WordRow
  private let words: Int

  /// A tally of at most `limit` masks on the first `words` words, in rows that `take` gives.
  init(limit: Int, words: Int, take: () -> WordRow) {
    digits = (0..<(Int.bitWidth - limit.leadingZeroBitCount)).map { _ in take() }
    for digit in digits { digit.words.clear(words: words) }
    carry = take()
    self.words = words
  }

  /// The rows, to be given back.
  var rows: [WordRow] { digits + [carry] }

  /// Counts the positions of `mask`, which is used up.
  func add(_ mask: WordRow) {
    for digit in digits { digit.words.add(carry: &mask.words, words: words) }
  }

  /// Fills `result` with the positions that at least, or exactly, `count` masks have.
  func fill(_ result: WordRow, _ tally: MaskExpression.Tally, _ count: Int) {
    // From the highest digit on: `carry` holds where the digits were equal so far.
    result.words.clear(words: words)
    carry.words.clear(words: words)
    carry.words.complement(words: words)
    for (place, digit) in digits.enumerated().reversed() {
      if count >> place & 1 == 1 {
        carry.words.join(.intersection, digit.words, words: words)
      } else {
        result.words.addSame(carry.words, digit.words, words: words)
        carry.words.join(.subtraction, digit.words, words: words)
      }
    }
    switch tally {
    case .exactly: result.words.clear(words: words)
    case .atLeast: break
    }
    result.words.join(.union, carry.words, words: words)
  }
}

extension WordBuffer {
  /// Adds what `a` and `b` both have.
  fileprivate mutating func addSame(
    _ a: borrowing WordBuffer,
    _ b: borrowing WordBuffer,
    words count: Int
  ) {
    unsafe a.withWords { a in
      unsafe b.withWords { b in
        unsafe withMutableWords { own in
          for i in 0..<count { unsafe own[i] |= a[i] & b[i] }
        }
      }
    }
  }
}
