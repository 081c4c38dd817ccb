// Streams on ARM, which has no instruction to gather or scatter bits: tables do it.
#include "streams.h"

#if defined(__aarch64__)

size_t mk_neon_split(const uint64_t *bits, const uint64_t *selector, size_t count, uint64_t *low,
                     uint64_t *high) {
  return mk_table_split(bits, selector, count, low, high);
}

void mk_neon_merge(const uint64_t *low, const uint64_t *high, const uint64_t *selector,
                   size_t count, uint64_t *bits) {
  mk_table_merge(low, high, selector, count, bits);
}

size_t mk_neon_bytes_split(const uint64_t *bits, size_t words, uint64_t *map, uint8_t *out) {
  return mk_table_bytes_split(bits, words, map, out);
}

size_t mk_neon_bytes_merge(const uint64_t *map, const uint8_t *bytes, size_t count, uint64_t *bits,
                           size_t words) {
  return mk_table_bytes_merge(map, bytes, count, bits, words);
}

void mk_neon_fold(const uint64_t *bits, size_t words, uint64_t *any, uint64_t *both,
                  uint64_t *first) {
  mk_table_fold(bits, words, any, both, first);
}

void mk_neon_unfold(const uint64_t *any, const uint64_t *both, const uint64_t *first, size_t words,
                    uint64_t *bits) {
  mk_table_unfold(any, both, first, words, bits);
}

uint64_t mk_neon_edges(const uint64_t *bits, size_t words) { return mk_edges_inline(bits, words); }

#endif
