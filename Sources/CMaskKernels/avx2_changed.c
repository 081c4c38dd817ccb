// mk_changed in AVX2: lanes of all ones where a position changed, packed to the bits of a word.
#include "avx2_changed.h"

#if defined(__x86_64__)

#pragma STDC FP_CONTRACT OFF

// --- the rules on fp64 ---------------------------------------------------------------------------

MK_AVX2_INLINE __m256d abs_pd(__m256d v) { return _mm256_andnot_pd(_mm256_set1_pd(-0.0), v); }

MK_AVX2_INLINE __m256d differs_pd(mk_rule rule, limit t, __m256d a, __m256d b) {
  __m256d bound = _mm256_set1_pd(t.wide), d = abs_pd(_mm256_sub_pd(b, a));
  if (rule == MK_RELATIVE) bound = _mm256_mul_pd(bound, _mm256_max_pd(abs_pd(a), abs_pd(b)));
  if (rule == MK_PAPER) return _mm256_cmp_pd(d, bound, _CMP_NLE_UQ);
  if (rule == MK_NUMERIC) return _mm256_cmp_pd(a, b, _CMP_NEQ_UQ);
  return _mm256_cmp_pd(d, bound, _CMP_GT_OQ);
}

// --- 8 positions of fp32 -------------------------------------------------------------------------

MK_AVX2_INLINE __m256i place32(__m256i v) {
  return _mm256_sign_epi32(_mm256_and_si256(v, _mm256_set1_epi32(0x7FFFFFFF)), v);
}

MK_AVX2_INLINE __m256i near32(limit t, __m256i a, __m256i b) {
  __m256i least = _mm256_set1_epi32((int)(t.least < UINT32_MAX ? t.least : UINT32_MAX));
  a = place32(a), b = place32(b);
  __m256i distance = _mm256_sub_epi32(_mm256_max_epi32(a, b), _mm256_min_epi32(a, b));
  __m256i is_far = _mm256_cmpeq_epi32(_mm256_max_epu32(distance, least), distance);
  return _mm256_xor_si256(is_far, _mm256_set1_epi32(-1));
}

MK_AVX2_INLINE __m256i same32(mk_rule rule, limit t, __m256i a, __m256i b) {
  __m256i equal = _mm256_cmpeq_epi32(a, b);
  if (rule == MK_BITWISE) return equal;
  __m256i r = rule == MK_ULP ? near32(t, a, b)
                             : same_ps(rule, t, _mm256_castsi256_ps(a), _mm256_castsi256_ps(b));
  if (rule == MK_PAPER || rule == MK_NUMERIC) return r;
  __m256i low = _mm256_set1_epi32(0x7FFFFFFF);
  __m256i largest = _mm256_max_epi32(_mm256_and_si256(a, low), _mm256_and_si256(b, low));
  __m256i infinite = _mm256_cmpgt_epi32(largest, _mm256_set1_epi32(0x7F7FFFFF));
  return _mm256_blendv_epi8(r, equal, infinite);
}

// --- 4 positions of fp64 -------------------------------------------------------------------------

/// AVX2 orders 64-bit integers only with their sign, which the upper halves of distances may use.
MK_AVX2_INLINE __m256d far_apart64(limit t, __m256i a, __m256i b) {
  __m256i low = _mm256_set1_epi64x(INT64_MAX), top = _mm256_set1_epi64x(INT64_MIN);
  __m256i zero = _mm256_setzero_si256(), v[2] = {a, b};
  for (int i = 0; i < 2; i++) {
    __m256i sign = _mm256_cmpgt_epi64(zero, v[i]);
    v[i] = _mm256_sub_epi64(_mm256_xor_si256(_mm256_and_si256(v[i], low), sign), sign);
  }
  __m256i apart = _mm256_sub_epi64(v[0], v[1]), below = _mm256_cmpgt_epi64(v[1], v[0]);
  __m256i distance = _mm256_sub_epi64(_mm256_xor_si256(apart, below), below);
  __m256i least = _mm256_set1_epi64x((long long)t.least);
  __m256i near = _mm256_cmpgt_epi64(_mm256_xor_si256(least, top), _mm256_xor_si256(distance, top));
  return _mm256_castsi256_pd(_mm256_xor_si256(near, _mm256_set1_epi64x(-1)));
}

MK_AVX2_INLINE uint64_t changed64(mk_rule rule, limit t, __m256d a, __m256d b) {
  __m256i same = _mm256_cmpeq_epi64(_mm256_castpd_si256(a), _mm256_castpd_si256(b));
  __m256d equal = _mm256_castsi256_pd(same);
  if (rule == MK_BITWISE) return (uint64_t)_mm256_movemask_pd(equal) ^ 15;
  __m256d r = rule == MK_ULP ? far_apart64(t, _mm256_castpd_si256(a), _mm256_castpd_si256(b))
                             : differs_pd(rule, t, a, b);
  if (rule == MK_PAPER || rule == MK_NUMERIC) return (uint64_t)_mm256_movemask_pd(r);
  // x - x is NaN where x is not finite, else 0; a sum of the two is finite only where both are.
  __m256d zero = _mm256_add_pd(_mm256_sub_pd(a, a), _mm256_sub_pd(b, b));
  int infinite = _mm256_movemask_pd(_mm256_cmp_pd(zero, zero, _CMP_UNORD_Q));
  int bits = _mm256_movemask_pd(r), unequal = _mm256_movemask_pd(equal) ^ 15;
  return (uint64_t)((bits & ~infinite) | (unequal & infinite));
}

// --- 64 positions --------------------------------------------------------------------------------

MK_AVX2_INLINE uint64_t half16(mk_rule rule, mk_dtype dtype, limit t, const char *p,
                               const char *q) {
  __m256i bytes = mk_in_order16(same_bytes16(rule, dtype, t, p, q));
  return (uint32_t)~_mm256_movemask_epi8(bytes);
}

MK_AVX2_INLINE uint64_t half32(mk_rule rule, limit t, const char *p, const char *q) {
  __m256i v[4];
  for (int i = 0; i < 4; i++)
    v[i] = same32(rule, t, mk_load256(p + 32 * i), mk_load256(q + 32 * i));
  __m256i low = _mm256_packs_epi32(v[0], v[1]), high = _mm256_packs_epi32(v[2], v[3]);
  __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);  // the packs worked on 128-bit halves
  __m256i bytes = _mm256_permutevar8x32_epi32(_mm256_packs_epi16(low, high), order);
  return (uint32_t)~_mm256_movemask_epi8(bytes);
}

MK_AVX2_INLINE uint64_t word64(mk_rule rule, limit t, const char *p, const char *q) {
  uint64_t word = 0;
  for (int i = 0; i < 16; i++) {
    __m256d a = _mm256_castsi256_pd(mk_load256(p + 32 * i));
    __m256d b = _mm256_castsi256_pd(mk_load256(q + 32 * i));
    word |= changed64(rule, t, a, b) << 4 * i;
  }
  return word;
}

MK_AVX2_INLINE uint64_t word_of(mk_rule rule, mk_dtype dtype, limit t, const char *p,
                                const char *q) {
  if (dtype == MK_FP64) return word64(rule, t, p, q);
  if (dtype == MK_FP32) return half32(rule, t, p, q) | half32(rule, t, p + 128, q + 128) << 32;
  return half16(rule, dtype, t, p, q) | half16(rule, dtype, t, p + 64, q + 64) << 32;
}

#define MK_WORD_OF word_of
#define MK_CHANGED mk_avx2_changed
#define MK_TARGET MK_AVX2
#include "changed_all.h"

#endif
