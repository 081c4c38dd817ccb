internal import Foundation

extension ContingencyTable {
  /// log2 of the odds ratio with half a position added to every cell, in bits.
  ///
  /// log2((n11 + ½) (n00 + ½) / ((n10 + ½) (n01 + ½))); the halves (Haldane-Anscombe) are always
  /// added, so the value is finite. 0 is independence up to the halves; +1 says that a position which
  /// A changed has twice the odds of being changed by B. Where a mask is empty or full, which says
  /// nothing of the other, the halves alone make the value: it tells the sizes. Nil where no position
  /// was compared. The difference of the two products is exact in 128 bits, so values near 0 keep their
  /// digits.
  public var log2OddsRatio: Double? {
    guard parameters > 0 else { return nil }
    let same = odd(intersection) * odd(neither)
    let different = odd(onlyA) * odd(onlyB)
    return same >= different
      ? log2Excess(of: same, over: different) : -log2Excess(of: different, over: same)
  }

  /// 2 n + 1, twice the cell with its half.
  private func odd(_ cell: Int) -> UInt128 { 2 * UInt128(cell) + 1 }

  /// log2(large / small), by way of log(1 + x).
  private func log2Excess(of large: UInt128, over small: UInt128) -> Double {
    log1p(real(Int128(large - small)) / real(Int128(small))) / log(2)
  }
}
