// mk_row_counts and the gaps in AVX2 and BMI.
#include "avx2.h"
#include "gaps.h"
#include "rows.h"

#if defined(__x86_64__)

MK_AVX2 void mk_avx2_row_counts(const uint64_t *bits, size_t count, size_t columns,
                                size_t first_column, uint32_t *counts) {
  mk_row_counts_inline(bits, count, columns, first_column, counts);
}

MK_AVX2 size_t mk_avx2_gaps_encode(const uint64_t *bits, size_t words, uint8_t *out,
                                   size_t capacity) {
  return mk_gaps_encode_inline(bits, words, out, capacity);
}

// --- decoding ------------------------------------------------------------------------------------

/// The bits at `places` that fall into the 64 from `start` on: a shift by more leaves nothing, and
/// so does one by a negative number.
MK_AVX2_INLINE __m256i bits_at(__m256i low, __m256i high, int start) {
  __m256i one = _mm256_set1_epi64x(1), from = _mm256_set1_epi64x(start);
  return _mm256_or_si256(_mm256_sllv_epi64(one, _mm256_sub_epi64(low, from)),
                         _mm256_sllv_epi64(one, _mm256_sub_epi64(high, from)));
}

/// The two words from bit `start` on.
MK_AVX2_INLINE __m128i two_words(__m256i low, __m256i high, int start) {
  __m256i a = bits_at(low, high, start), b = bits_at(low, high, start + 64);
  __m256i both = _mm256_or_si256(_mm256_unpacklo_epi64(a, b), _mm256_unpackhi_epi64(a, b));
  return _mm_or_si128(_mm256_castsi256_si128(both), _mm256_extracti128_si256(both, 1));
}

/// Eight gaps that end within the four words from the current one: a product adds them up (in
/// bytes, so they take at most 255 positions), a lane each sets a bit, and the lanes are joined.
/// Sparse gaps reach farther and go one by one.
MK_AVX2_INLINE void read_eight(mk_gaps_reader *r, uint64_t gaps) {
  const uint64_t ones = 0x0101010101010101;
  size_t offset = r->position % 64;
  __m128i sum = _mm_sad_epu8(_mm_cvtsi64_si128((long long)gaps), _mm_setzero_si128());
  size_t length = (size_t)_mm_cvtsi128_si64(sum) + 8;
  if (offset + length > 255) {
    mk_read_eight(r, gaps);
    return;
  }
  uint64_t *words = r->bits + r->position / 64;
  __m128i ends = _mm_cvtsi64_si128((long long)((gaps + ones) * ones));
  __m256i shift = _mm256_set1_epi64x((long long)offset - 1);
  __m256i low = _mm256_add_epi64(_mm256_cvtepu8_epi64(ends), shift);
  __m256i high = _mm256_add_epi64(_mm256_cvtepu8_epi64(_mm_srli_si128(ends, 4)), shift);
  __m128i first = _mm_or_si128(two_words(low, high, 0), _mm_loadl_epi64((const void *)words));
  _mm_storeu_si128((void *)words, first);
  _mm_storeu_si128((void *)(words + 2), two_words(low, high, 128));
  r->position += length;
  r->set += 8;
}

MK_AVX2 size_t mk_avx2_gaps_decode(const uint8_t *gaps, size_t count, uint64_t *bits,
                                   size_t words) {
  return mk_gaps_decode_by(read_eight, gaps, count, bits, words);
}

#endif
