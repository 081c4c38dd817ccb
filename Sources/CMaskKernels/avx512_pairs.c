// mk_count, mk_count_pairs and mk_count_cross in AVX-512; the blocks are told in tiles.h.
#include "avx512.h"
#include "tiles.h"

#if defined(__x86_64__)

// --- one row -------------------------------------------------------------------------------------

/// The words w ..< w + 8, or fewer at the end of the row, with zeros for the others.
MK_AVX512_INLINE __m512i words_at(const uint64_t *row, size_t w, size_t words) {
  if (words - w >= 8) return mk_load512(row + w);
  return _mm512_maskz_loadu_epi64((__mmask8)mk_low(words - w), row + w);
}

MK_AVX512 uint64_t mk_avx512_count(const uint64_t *bits, size_t words) {
  __m512i sums[4];
  for (int i = 0; i < 4; i++) sums[i] = _mm512_setzero_si512();
  size_t w = 0;
  for (; w + 32 <= words; w += 32)
    for (int i = 0; i < 4; i++)
      sums[i] = _mm512_add_epi64(sums[i], _mm512_popcnt_epi64(mk_load512(bits + w + 8 * i)));
  for (; w < words; w += 8)
    sums[0] = _mm512_add_epi64(sums[0], _mm512_popcnt_epi64(words_at(bits, w, words)));
  __m512i low = _mm512_add_epi64(sums[0], sums[1]), high = _mm512_add_epi64(sums[2], sums[3]);
  return (uint64_t)_mm512_reduce_add_epi64(_mm512_add_epi64(low, high));
}

// --- tiles ---------------------------------------------------------------------------------------

MK_AVX512_INLINE void add_words(int m, int n, const mk_tile *t, size_t w, size_t words,
                                __m512i counters[MK_TALL][MK_TALL]) {
  __m512i left[MK_TALL];
  MK_UNROLL for (int i = 0; i < m; i++) left[i] = words_at(t->left[i], w, words);
  MK_UNROLL for (int j = 0; j < mk_columns(m, n); j++) {
    __m512i right = n == 0 ? left[j] : words_at(t->right[j], w, words);
    MK_UNROLL for (int i = 0; i < mk_met(m, n, j); i++) {
      __m512i both = _mm512_popcnt_epi64(_mm512_and_si512(left[i], right));
      counters[i][j] = _mm512_add_epi64(counters[i][j], both);
    }
  }
}

/// As an entry of mk_tiles; m and n are constants where this is called.
MK_AVX512_INLINE void count_tile(int m, int n, const mk_tile *t, uint64_t *counts, size_t stride) {
  __m512i counters[MK_TALL][MK_TALL];
  MK_UNROLL for (int j = 0; j < mk_columns(m, n); j++)
    MK_UNROLL for (int i = 0; i < mk_met(m, n, j); i++) counters[i][j] = _mm512_setzero_si512();
  size_t w = 0;
  for (; w + 8 <= t->words; w += 8) {
    mk_ask(t, w);
    add_words(m, n, t, w, w + 8, counters);
  }
  if (w < t->words) add_words(m, n, t, w, t->words, counters);
  MK_UNROLL for (int j = 0; j < mk_columns(m, n); j++)
    MK_UNROLL for (int i = 0; i < mk_met(m, n, j); i++)
      counts[(size_t)i * stride + (size_t)j] += (uint64_t)_mm512_reduce_add_epi64(counters[i][j]);
}

// 24 counters and the rows of a step leave no register unused.
MK_TILES_OF_SIX(MK_AVX512)

void mk_avx512_count_pairs(const uint64_t *const *rows, size_t k, size_t words, uint64_t *counts) {
  mk_count_pairs_by(&tiles, rows, k, words, counts);
}

void mk_avx512_count_cross(const uint64_t *const *left, size_t m, const uint64_t *const *right,
                           size_t n, size_t words, uint64_t *counts) {
  mk_count_cross_by(&tiles, left, m, right, n, words, counts);
}

#endif
