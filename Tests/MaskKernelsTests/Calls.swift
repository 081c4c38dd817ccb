import CMaskKernels

/// SIZE_MAX as Swift sees it: the C type `size_t` is `Int` here.
private let refused = -1

// The functions of the table on arrays. Every output has canaries behind it, which must survive.
extension Kernel {
  func convertedBytes(
    _ values: [UInt8],
    from: mk_dtype,
    to: mk_dtype,
    count: Int,
    offset: Int = 0
  ) -> [UInt8] {
    var out = [UInt8](repeating: 0x5A, count: count * to.width + 1)
    Bytes(values, offset: offset).withPointer { table.convert(from, to, $0, &out, count) }
    precondition(out.removeLast() == 0x5A, "a canary died")
    return out
  }

  func converted<Out: FixedWidthInteger>(
    _ from: mk_dtype,
    _ patterns: [UInt64],
    to: mk_dtype,
    as type: Out.Type
  ) -> [Out] {
    let bytes = convertedBytes(from.packed(patterns), from: from, to: to, count: patterns.count)
    return bytes.withUnsafeBytes { raw in
      (0..<patterns.count).map { raw.loadUnaligned(fromByteOffset: $0 * to.width, as: Out.self) }
    }
  }

  func changed(
    _ rule: mk_rule,
    _ dtype: mk_dtype,
    _ threshold: Double,
    _ base: [UInt8],
    _ tuned: [UInt8],
    count: Int,
    offset: Int = 0
  ) -> [UInt64] {
    var out = [UInt64](repeating: 0x5A, count: (count + 63) / 64 + 1)
    Bytes(base, offset: offset).withPointer { base in
      Bytes(tuned, offset: offset * 3).withPointer { tuned in
        table.changed(rule, dtype, threshold, base, tuned, count, &out)
      }
    }
    precondition(out.removeLast() == 0x5A, "a canary died")
    return out
  }

  func exponents(
    _ dtype: mk_dtype,
    _ values: [UInt8],
    at bits: [UInt64]?,
    count: Int,
    offset: Int = 0
  ) -> [UInt64] {
    var out = [UInt64](repeating: 1000, count: 256)
    Bytes(values, offset: offset).withPointer { values in
      if let bits {
        table.exponent_counts(dtype, values, bits, count, nil, &out)
      } else {
        table.exponent_counts(dtype, values, nil, count, &out, nil)
      }
    }
    return out.map { $0 - 1000 }
  }

  /// Those of all positions, then those of the set ones, from one call.
  func bothExponents(
    _ dtype: mk_dtype,
    _ values: [UInt8],
    at bits: [UInt64],
    count: Int,
    offset: Int = 0
  ) -> [UInt64] {
    var all = [UInt64](repeating: 1000, count: 256)
    var set = [UInt64](repeating: 2000, count: 256)
    Bytes(values, offset: offset).withPointer { values in
      table.exponent_counts(dtype, values, bits, count, &all, &set)
    }
    return all.map { $0 - 1000 } + set.map { $0 - 2000 }
  }

  func rowCounts(_ bits: [UInt64], _ count: Int, columns: Int, first: Int) -> [UInt32] {
    let rows = (first + count + columns - 1) / columns
    var out = [UInt32](repeating: 7, count: rows + 1)
    table.row_counts(bits, count, columns, first, &out)
    precondition(out.removeLast() == 7, "a canary died")
    return out.map { $0 - 7 }
  }

  func columnCounts(_ bits: [UInt64], _ count: Int, columns: Int, first: Int) -> [UInt32] {
    var out = [UInt32](repeating: 7, count: columns + 1)
    table.column_counts(bits, count, columns, first, &out)
    precondition(out.removeLast() == 7, "a canary died")
    return out.map { $0 - 7 }
  }

  /// The k x k counts, with 5 where nothing is written (the diagonal and below).
  func pairs(_ rows: [[UInt64]], words: Int) -> [UInt64] {
    var out = [UInt64](repeating: 5, count: rows.count * rows.count + 1)
    withPointers(to: rows) { table.count_pairs($0, rows.count, words, &out) }
    precondition(out.removeLast() == 5, "a canary died")
    return out
  }

  func cross(_ left: [[UInt64]], _ right: [[UInt64]], words: Int) -> [UInt64] {
    var out = [UInt64](repeating: 5, count: left.count * right.count + 1)
    withPointers(to: left) { left_ in
      withPointers(to: right) { table.count_cross(left_, left.count, $0, right.count, words, &out) }
    }
    precondition(out.removeLast() == 5, "a canary died")
    return out
  }

  /// Nil where the gaps do not fit.
  func encoded(_ bits: [UInt64], capacity: Int) -> [UInt8]? {
    var out = [UInt8](repeating: 0x5A, count: capacity + 1)
    let size = table.gaps_encode(bits, bits.count, &out, capacity)
    precondition(out.removeLast() == 0x5A, "a canary died")
    return size == refused ? nil : Array(out.prefix(size))
  }

  /// Nil where the gaps are refused.
  func decoded(_ gaps: [UInt8], words: Int) -> (bits: [UInt64], set: Int)? {
    var out = [UInt64](repeating: 0, count: words) + [0x5A]
    let set = table.gaps_decode(gaps, gaps.count, &out, words)
    precondition(out.removeLast() == 0x5A, "a canary died")
    return set == refused ? nil : (out, set)
  }
}

/// Pointers to the rows, all of which live in one buffer, one word apart so that overruns show.
private func withPointers(
  to rows: [[UInt64]],
  _ body: (UnsafePointer<UnsafePointer<UInt64>?>) -> Void
) {
  let flat = rows.flatMap { $0 + [.max] }
  flat.withUnsafeBufferPointer { flat in
    var pointers: [UnsafePointer<UInt64>?] = []
    var start = 0
    for row in rows {
      pointers.append(flat.baseAddress.unsafelyUnwrapped + start)
      start += row.count + 1
    }
    pointers.append(nil)
    pointers.withUnsafeBufferPointer { body($0.baseAddress.unsafelyUnwrapped) }
  }
}
