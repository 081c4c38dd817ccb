// mk_row_counts for every kernel: inlined into them, the builtin becomes their own instruction.
#ifndef MK_ROWS_H
#define MK_ROWS_H

#include "kernels.h"

/// The set bits of the positions from ..< to, which are not none.
MK_INLINE uint64_t mk_range_count(const uint64_t *bits, size_t from, size_t to) {
  size_t first = from / 64, last = (to - 1) / 64;
  uint64_t head = ~0ULL << from % 64, tail = mk_low((to - 1) % 64 + 1);
  if (first == last) return (uint64_t)__builtin_popcountll(bits[first] & head & tail);
  uint64_t total = (uint64_t)__builtin_popcountll(bits[first] & head);
  for (size_t w = first + 1; w < last; w++) total += (uint64_t)__builtin_popcountll(bits[w]);
  return total + (uint64_t)__builtin_popcountll(bits[last] & tail);
}

MK_INLINE void mk_row_counts_inline(const uint64_t *bits, size_t count, size_t columns,
                                    size_t first_column, uint32_t *counts) {
  size_t end = columns - first_column;
  for (size_t start = 0; start < count; start = end, end += columns) {
    if (end > count) end = count;
    *counts++ += (uint32_t)mk_range_count(bits, start, end);
  }
}

#endif
