// What BMI and POPCNT are enough for.
#include "avx2.h"
#include "words.h"

#if defined(__x86_64__)

MK_AVX2 void mk_avx2_row_counts(const uint64_t *bits, size_t count, size_t columns,
                                size_t first_column, uint32_t *counts) {
  mk_row_counts_inline(bits, count, columns, first_column, counts);
}

MK_AVX2 size_t mk_avx2_gaps_encode(const uint64_t *bits, size_t words, uint8_t *out,
                                   size_t capacity) {
  return mk_gaps_encode_inline(bits, words, out, capacity);
}

MK_AVX2 size_t mk_avx2_gaps_decode(const uint8_t *gaps, size_t count, uint64_t *bits,
                                   size_t words) {
  return mk_gaps_decode_inline(gaps, count, bits, words);
}

#endif
