extension WordBuffer {
  /// Joins the first `count` words with those of `other`.
  mutating func join(_ join: MaskExpression.Join, _ other: borrowing WordBuffer, words count: Int) {
    unsafe other.withWords { other in
      unsafe withMutableWords { own in
        switch join {
        case .union: for i in 0..<count { unsafe own[i] |= other[i] }
        case .difference: for i in 0..<count { unsafe own[i] ^= other[i] }
        case .intersection: for i in 0..<count { unsafe own[i] &= other[i] }
        case .subtraction: for i in 0..<count { unsafe own[i] &= ~other[i] }
        }
      }
    }
  }

  /// Turns over the first `count` words.
  mutating func complement(words count: Int) {
    unsafe withMutableWords { own in
      for i in 0..<count { unsafe own[i] = ~own[i] }
    }
  }

  /// Adds the carry of a binary digit: the digit becomes the sum, `carry` what goes on.
  mutating func add(carry: inout WordBuffer, words count: Int) {
    unsafe carry.withMutableWords { carry in
      unsafe withMutableWords { digit in
        for i in 0..<count {
          let (old, more) = unsafe (digit[i], carry[i])
          unsafe digit[i] = old ^ more
          unsafe carry[i] = old & more
        }
      }
    }
  }
}
