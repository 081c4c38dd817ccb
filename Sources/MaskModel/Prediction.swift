internal import CMaskKernels

internal import Foundation

/// How many bytes a segment takes alone and against a reference, by the entropy of its densities.
package struct Prediction: Sendable, Hashable {
  /// The positions, those set, those set in the reference and those set in both.
  package let positions: Int
  package let count: Int
  package let referenceCount: Int
  package let both: Int

  /// Counts `words` against `reference`, whose bits past `positions` are zero.
  ///
  /// One pass.
  package init(
    of words: borrowing WordBuffer,
    by reference: borrowing WordBuffer,
    positions: Int
  ) {
    self.positions = positions
    let used = SegmentGrid.words(for: positions)
    (count, referenceCount, both) = unsafe words.withWords { words in
      unsafe reference.withWords { reference in
        precondition(used <= words.count && used <= reference.count, "a row is too short")
        var left: UnsafePointer<UInt64>? = words.baseAddress
        var right: UnsafePointer<UInt64>? = reference.baseAddress
        var both: UInt64 = 0
        unsafe mk_count_cross(&left, 1, &right, 1, used, &both)
        return unsafe (Int(mk_count(left, used)), Int(mk_count(right, used)), Int(both))
      }
    }
  }

  /// The bytes of the bits alone, if they were independent.
  package var aloneBytes: Double { Self.bytes(count, of: positions) }

  /// The bytes of the bits where the reference is unset and of those where it is set.
  package var predictedBytes: Double {
    Self.bytes(count - both, of: positions - referenceCount) + Self.bytes(both, of: referenceCount)
  }

  /// n H(k / n) / 8, H being the binary entropy in bits.
  package static func bytes(_ count: Int, of positions: Int) -> Double {
    guard count > 0, count < positions else { return 0 }
    let p = Double(count) / Double(positions)
    return -Double(positions) * (p * log2(p) + (1 - p) * log2(1 - p)) / 8
  }
}
