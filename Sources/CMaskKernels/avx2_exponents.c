// mk_exponent_counts in AVX2; the method is told in exponents.h.
#include "avx2.h"
#include "exponents.h"

#if defined(__x86_64__)

// --- fields --------------------------------------------------------------------------------------

MK_AVX2 static void fields_bf16(const char *values, size_t count, uint8_t *out) {
  for (size_t i = 0; i < count; i += 32) {
    __m256i low = mk_load256(values + i * 2), high = mk_load256(values + i * 2 + 32);
    low = _mm256_srli_epi16(_mm256_add_epi16(low, low), 8);
    high = _mm256_srli_epi16(_mm256_add_epi16(high, high), 8);
    mk_store256(out + i, _mm256_permute4x64_epi64(_mm256_packus_epi16(low, high), 0xD8));
  }
}

MK_AVX2_INLINE __m256i field32(const char *values) {
  __m256i v = mk_load256(values);
  return _mm256_srli_epi32(_mm256_add_epi32(v, v), 24);
}

MK_AVX2 static void fields_fp32(const char *values, size_t count, uint8_t *out) {
  __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);  // the packs work on 128-bit halves
  for (size_t i = 0; i < count; i += 32) {
    const char *p = values + i * 4;
    __m256i low = _mm256_packus_epi32(field32(p), field32(p + 32));
    __m256i high = _mm256_packus_epi32(field32(p + 64), field32(p + 96));
    __m256i bytes = _mm256_packus_epi16(low, high);
    mk_store256(out + i, _mm256_permutevar8x32_epi32(bytes, order));
  }
}

static void fields(mk_dtype dtype, const void *values, size_t count, uint8_t *out) {
  if (dtype == MK_BF16) fields_bf16(values, count, out);
  else fields_fp32(values, count, out);
}

// --- the window ----------------------------------------------------------------------------------

/// A byte of ones for each zero of 32 bits.
MK_AVX2_INLINE __m256i unset_bytes(uint32_t bits) {
  __m256i spread =
      _mm256_setr_epi64x(0, 0x0101010101010101, 0x0202020202020202, 0x0303030303030303);
  __m256i each = _mm256_set1_epi64x((long long)0x8040201008040201);
  __m256i bytes = _mm256_shuffle_epi8(_mm256_set1_epi32((int)bits), spread);
  return _mm256_cmpeq_epi8(_mm256_and_si256(bytes, each), _mm256_setzero_si256());
}

MK_AVX2_INLINE uint64_t byte_sum(__m256i v) {
  __m256i four = _mm256_sad_epu8(v, _mm256_setzero_si256());
  __m128i two = _mm_add_epi64(_mm256_castsi256_si128(four), _mm256_extracti128_si256(four, 1));
  return (uint64_t)_mm_cvtsi128_si64(two) + (uint64_t)_mm_extract_epi64(two, 1);
}

// A shuffle by the place in the window looks up what to add to two counters at once, which share a
// byte, four bits each; before they can overflow they are added to bytes of their own. Places begin
// at FIRST, so that those outside the window saturate to 128 and more, for which nothing is added.

enum {
  PAIRS = MK_WINDOW / 2,
  FIRST = 128 - MK_WINDOW,
  STRETCH = 7,  // words of two vectors each: fewer than 16 vectors
};

/// The steps of counters 2 pair and 2 pair + 1, by the low four bits of the place.
MK_AVX2_INLINE __m256i steps_of(int pair) {
  uint8_t steps[32] = {0};
  for (int half = 0; half < 32; half += 16) {
    steps[half + FIRST % 16 + 2 * pair] = 1;
    steps[half + FIRST % 16 + 2 * pair + 1] = 16;
  }
  return mk_load256(steps);
}

static size_t count_outside(const uint8_t *fields, uint64_t outside, uint64_t *counts) {
  size_t n = 0;
  for (; outside != 0; outside &= outside - 1, n++) counts[fields[__builtin_ctzll(outside)]]++;
  return n;
}

/// Adds 32 places to the counters.
MK_AVX2_INLINE void count_places(__m256i pairs[PAIRS], __m256i place) {
  for (int p = 0; p < PAIRS; p++)
    pairs[p] = _mm256_add_epi8(pairs[p], _mm256_shuffle_epi8(steps_of(p), place));
}

/// Where 32 fields stand in the window.
MK_AVX2_INLINE __m256i places_of(const uint8_t *fields, unsigned low) {
  __m256i place = _mm256_sub_epi8(mk_load256(fields), _mm256_set1_epi8((char)low));
  return _mm256_adds_epu8(place, _mm256_set1_epi8(FIRST));
}

/// Counts 32 fields, in `all` where it is wanted, and those that are `wanted` in `set`; returns which
/// are outside the window.
MK_AVX2_INLINE uint32_t count_vector(bool has_all, __m256i *all, __m256i *set,
                                     const uint8_t *fields, uint32_t wanted, unsigned low) {
  __m256i place = places_of(fields, low);
  uint32_t outside = (uint32_t)_mm256_movemask_epi8(place);
  if (has_all) count_places(all, place);
  if (has_all || wanted != UINT32_MAX) place = _mm256_or_si256(place, unset_bytes(wanted));
  count_places(set, place);
  return has_all ? outside : outside & wanted;
}

MK_AVX2_INLINE void spill(__m256i sums[MK_WINDOW], __m256i pairs[PAIRS]) {
  __m256i low = _mm256_set1_epi8(15);
  for (int p = 0; p < PAIRS; p++) {
    __m256i odd = _mm256_and_si256(_mm256_srli_epi16(pairs[p], 4), low);
    sums[2 * p] = _mm256_add_epi8(sums[2 * p], _mm256_and_si256(pairs[p], low));
    sums[2 * p + 1] = _mm256_add_epi8(sums[2 * p + 1], odd);
    pairs[p] = _mm256_setzero_si256();
  }
}

/// The window of the positions that are set, and where it is wanted of all.
MK_AVX2_INLINE size_t window_of(bool has_all, const uint8_t *fields, size_t count, const uint64_t *bits,
                                unsigned low, uint64_t *all, uint64_t *set, uint64_t *outside) {
  __m256i sums[2][MK_WINDOW], pairs[2][PAIRS];
  for (int e = 0; e < MK_WINDOW; e++) sums[0][e] = sums[1][e] = _mm256_setzero_si256();
  for (int p = 0; p < PAIRS; p++) pairs[0][p] = pairs[1][p] = _mm256_setzero_si256();
  size_t missed = 0;
  for (size_t w = 0, words = count / 64; w < words;) {
    size_t end = words - w < STRETCH ? words : w + STRETCH;
    for (; w < end; w++) {
      const uint8_t *at = fields + w * 64;
      uint32_t first = (uint32_t)bits[w], second = (uint32_t)(bits[w] >> 32);
      uint64_t out = count_vector(has_all, pairs[0], pairs[1], at, first, low);
      out |= (uint64_t)count_vector(has_all, pairs[0], pairs[1], at + 32, second, low) << 32;
      if (__builtin_expect(out == 0, 1)) continue;
      missed += count_outside(at, out & bits[w], outside);
      if (has_all) missed += count_outside(at, out, all);
    }
    if (has_all) spill(sums[0], pairs[0]);
    spill(sums[1], pairs[1]);
  }
  for (unsigned e = 0; e < MK_WINDOW; e++) {
    if (has_all) all[low + e] += byte_sum(sums[0][e]);
    set[low + e] += byte_sum(sums[1][e]);
  }
  return missed;
}

MK_AVX2 static size_t window(const uint8_t *fields, size_t count, const uint64_t *bits,
                             unsigned low, uint64_t *counts, uint64_t *outside) {
  return window_of(false, fields, count, bits, low, NULL, counts, outside);
}

MK_AVX2 static size_t both(const uint8_t *fields, size_t count, const uint64_t *bits, unsigned low,
                           uint64_t *all, uint64_t *set) {
  return window_of(true, fields, count, bits, low, all, set, set);
}

void mk_avx2_exponent_counts(mk_dtype dtype, const void *values, const uint64_t *bits, size_t count,
                             uint64_t *all, uint64_t *set) {
  static const mk_exponent_steps steps = {&mk_avx2_steps, fields, window, both, mk_avx2_count};
  mk_exponent_counts_by(&steps, dtype, values, bits, count, all, set);
}

#endif
