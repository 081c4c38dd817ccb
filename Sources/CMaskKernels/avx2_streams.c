// Streams with PEXT and PDEP. Zen 1 and Zen 2 run them bit by bit in microcode, slower than tables.
#include "avx2.h"
#include "streams.h"

#if defined(__x86_64__)

MK_AVX2_INLINE uint64_t gather(uint64_t word, uint64_t mask) { return _pext_u64(word, mask); }

MK_AVX2_INLINE uint64_t scatter(uint64_t word, uint64_t mask) { return _pdep_u64(word, mask); }

MK_AVX2 size_t mk_avx2_split(const uint64_t *bits, const uint64_t *selector, size_t count,
                             uint64_t *low, uint64_t *high) {
  if (!mk_fast_streams()) return mk_table_split(bits, selector, count, low, high);
  return mk_split_by(gather, bits, selector, count, low, high);
}

MK_AVX2 void mk_avx2_merge(const uint64_t *low, const uint64_t *high, const uint64_t *selector,
                           size_t count, uint64_t *bits) {
  if (!mk_fast_streams()) mk_table_merge(low, high, selector, count, bits);
  else mk_merge_by(scatter, low, high, selector, count, bits);
}

MK_AVX2 void mk_avx2_fold(const uint64_t *bits, size_t words, uint64_t *any, uint64_t *both,
                          uint64_t *first) {
  if (!mk_fast_streams()) mk_table_fold(bits, words, any, both, first);
  else mk_fold_by(gather, bits, words, any, both, first);
}

MK_AVX2 void mk_avx2_unfold(const uint64_t *any, const uint64_t *both, const uint64_t *first,
                            size_t words, uint64_t *bits) {
  if (!mk_fast_streams()) mk_table_unfold(any, both, first, words, bits);
  else mk_unfold_by(scatter, any, both, first, words, bits);
}

MK_AVX2 uint64_t mk_avx2_edges(const uint64_t *bits, size_t words) {
  return mk_edges_inline(bits, words);
}

#endif
