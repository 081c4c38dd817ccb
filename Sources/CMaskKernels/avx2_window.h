// Counting in the window of exponents.h, in AVX2.
#ifndef MK_AVX2_WINDOW_H
#define MK_AVX2_WINDOW_H

#include "avx2.h"
#include "exponents.h"

#if defined(__x86_64__)

// A shuffle by the place in the window looks up what to add to two counters at once, which share a
// byte, four bits each; before they can overflow they are added to bytes of their own. Places begin
// at FIRST, so that those outside the window saturate to 128 and more, for which nothing is added.

enum {
  PAIRS = MK_WINDOW / 2,
  FIRST = 128 - MK_WINDOW,
  VECTORS = MK_BLOCK / 32,
  STRETCH = 14,  // vectors: fewer than 16
};

/// The positions of a block, 32 a vector, in any order: their places, and ones where they are not
/// set.
typedef struct mk_places {
  __m256i place[VECTORS], unset[VECTORS];
} mk_places;

/// Where 32 fields stand in the window.
MK_AVX2_INLINE __m256i places_of(__m256i fields, unsigned low) {
  __m256i place = _mm256_sub_epi8(fields, _mm256_set1_epi8((char)low));
  return _mm256_adds_epu8(place, _mm256_set1_epi8(FIRST));
}

/// The steps of counters 2 pair and 2 pair + 1, by the low four bits of the place.
MK_AVX2_INLINE __m256i steps_of(int pair) {
  uint8_t steps[32] = {0};
  for (int half = 0; half < 32; half += 16) {
    steps[half + FIRST % 16 + 2 * pair] = 1;
    steps[half + FIRST % 16 + 2 * pair + 1] = 16;
  }
  return mk_load256(steps);
}

MK_AVX2_INLINE uint64_t byte_sum(__m256i v) {
  __m256i four = _mm256_sad_epu8(v, _mm256_setzero_si256());
  __m128i two = _mm_add_epi64(_mm256_castsi256_si128(four), _mm256_extracti128_si256(four, 1));
  return (uint64_t)_mm_cvtsi128_si64(two) + (uint64_t)_mm_extract_epi64(two, 1);
}

MK_AVX2_INLINE void spill(__m256i sums[MK_WINDOW], const __m256i pairs[PAIRS]) {
  __m256i low = _mm256_set1_epi8(15);
  for (int p = 0; p < PAIRS; p++) {
    __m256i odd = _mm256_and_si256(_mm256_srli_epi16(pairs[p], 4), low);
    sums[2 * p] = _mm256_add_epi8(sums[2 * p], _mm256_and_si256(pairs[p], low));
    sums[2 * p + 1] = _mm256_add_epi8(sums[2 * p + 1], odd);
  }
}

/// Adds the vectors first ..< last, at most STRETCH, to the sums of all and of those that are set.
MK_AVX2_INLINE void count_stretch(bool has_all, bool has_set, const mk_places *at, size_t first,
                                  size_t last, __m256i all[MK_WINDOW], __m256i set[MK_WINDOW]) {
  __m256i every[PAIRS], some[PAIRS];
  for (int p = 0; p < PAIRS; p++) every[p] = some[p] = _mm256_setzero_si256();
  for (size_t v = first; v < last; v++) {
    __m256i place = at->place[v], unset = at->unset[v];
    if (!has_all) place = _mm256_or_si256(place, unset);
    for (int p = 0; p < PAIRS; p++) {
      __m256i step = _mm256_shuffle_epi8(steps_of(p), place);
      if (has_all) every[p] = _mm256_add_epi8(every[p], step);
      if (has_all) step = _mm256_andnot_si256(unset, step);
      if (has_set) some[p] = _mm256_add_epi8(some[p], step);
    }
  }
  if (has_all) spill(all, every);
  if (has_set) spill(set, some);
}

/// Adds the places of so many vectors, at most VECTORS, to the counts of all and of those that are
/// set, each where it is wanted.
MK_AVX2_INLINE void count_places(bool has_all, bool has_set, const mk_places *at, size_t vectors,
                                 unsigned low, uint64_t *all, uint64_t *set) {
  __m256i sums[2][MK_WINDOW];
  for (int e = 0; e < MK_WINDOW; e++) sums[0][e] = sums[1][e] = _mm256_setzero_si256();
  for (size_t v = 0; v < vectors; v += STRETCH) {
    size_t last = vectors - v < STRETCH ? vectors : v + STRETCH;
    count_stretch(has_all, has_set, at, v, last, sums[0], sums[1]);
  }
  for (unsigned e = 0; e < MK_WINDOW; e++) {
    if (has_all) all[low + e] += byte_sum(sums[0][e]);
    if (has_set) set[low + e] += byte_sum(sums[1][e]);
  }
}

#endif
#endif
