// mk_changed in AVX2: lanes of all ones where a position changed, packed to the bits of a word.
#include "avx2.h"
#include "changed.h"

#if defined(__x86_64__)

#pragma STDC FP_CONTRACT OFF

// --- the rules on fp32 and fp64 ------------------------------------------------------------------

MK_AVX2_INLINE __m256 abs_ps(__m256 v) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0F), v); }

MK_AVX2_INLINE __m256i differs_ps(mk_rule rule, limit t, __m256 a, __m256 b) {
  __m256 bound = _mm256_set1_ps(t.single), d = abs_ps(_mm256_sub_ps(b, a)), r;
  if (rule == MK_RELATIVE) bound = _mm256_mul_ps(bound, _mm256_max_ps(abs_ps(a), abs_ps(b)));
  if (rule == MK_PAPER) r = _mm256_cmp_ps(d, bound, _CMP_NLE_UQ);
  else if (rule == MK_NUMERIC) r = _mm256_cmp_ps(a, b, _CMP_NEQ_UQ);
  else r = _mm256_cmp_ps(d, bound, _CMP_GT_OQ);
  return _mm256_castps_si256(r);
}

MK_AVX2_INLINE __m256d abs_pd(__m256d v) { return _mm256_andnot_pd(_mm256_set1_pd(-0.0), v); }

MK_AVX2_INLINE __m256d differs_pd(mk_rule rule, limit t, __m256d a, __m256d b) {
  __m256d bound = _mm256_set1_pd(t.wide), d = abs_pd(_mm256_sub_pd(b, a));
  if (rule == MK_RELATIVE) bound = _mm256_mul_pd(bound, _mm256_max_pd(abs_pd(a), abs_pd(b)));
  if (rule == MK_PAPER) return _mm256_cmp_pd(d, bound, _CMP_NLE_UQ);
  if (rule == MK_NUMERIC) return _mm256_cmp_pd(a, b, _CMP_NEQ_UQ);
  return _mm256_cmp_pd(d, bound, _CMP_GT_OQ);
}

// --- 16 positions of a 16-bit type ---------------------------------------------------------------

/// bf16 widened is a shift: the even and the odd lanes each make eight fp32 where they stand.
MK_AVX2_INLINE __m256i differs_bf16(mk_rule rule, limit t, __m256i a, __m256i b) {
  __m256i high = _mm256_set1_epi32((int)0xFFFF0000);
  __m256i even = differs_ps(rule, t, _mm256_castsi256_ps(_mm256_slli_epi32(a, 16)),
                            _mm256_castsi256_ps(_mm256_slli_epi32(b, 16)));
  __m256i odd = differs_ps(rule, t, _mm256_castsi256_ps(_mm256_and_si256(a, high)),
                           _mm256_castsi256_ps(_mm256_and_si256(b, high)));
  return _mm256_blend_epi16(even, odd, 0xAA);
}

MK_AVX2_INLINE __m256i differs_fp16(mk_rule rule, limit t, __m256i a, __m256i b) {
  __m256i low = differs_ps(rule, t, _mm256_cvtph_ps(_mm256_castsi256_si128(a)),
                           _mm256_cvtph_ps(_mm256_castsi256_si128(b)));
  __m256i high = differs_ps(rule, t, _mm256_cvtph_ps(_mm256_extracti128_si256(a, 1)),
                            _mm256_cvtph_ps(_mm256_extracti128_si256(b, 1)));
  return _mm256_permute4x64_epi64(_mm256_packs_epi32(low, high), 0xD8);
}

MK_AVX2_INLINE __m256i place16(__m256i v) {
  __m256i sign = _mm256_srai_epi16(v, 15);
  __m256i magnitude = _mm256_and_si256(v, _mm256_set1_epi16(0x7FFF));
  return _mm256_sub_epi16(_mm256_xor_si256(magnitude, sign), sign);
}

MK_AVX2_INLINE __m256i far_apart16(limit t, __m256i a, __m256i b) {
  __m256i least = _mm256_set1_epi16((short)(t.least < 0xFFFF ? t.least : 0xFFFF));
  a = place16(a), b = place16(b);
  __m256i distance = _mm256_sub_epi16(_mm256_max_epi16(a, b), _mm256_min_epi16(a, b));
  return _mm256_cmpeq_epi16(_mm256_max_epu16(distance, least), distance);
}

MK_AVX2_INLINE __m256i changed16(mk_rule rule, mk_dtype dtype, limit t, __m256i a, __m256i b) {
  __m256i unequal = _mm256_xor_si256(_mm256_cmpeq_epi16(a, b), _mm256_set1_epi16(-1)), r;
  if (rule == MK_BITWISE) return unequal;
  if (rule == MK_ULP) r = far_apart16(t, a, b);
  else if (dtype == MK_BF16) r = differs_bf16(rule, t, a, b);
  else r = differs_fp16(rule, t, a, b);
  if (rule == MK_PAPER || rule == MK_NUMERIC) return r;
  __m256i low = _mm256_set1_epi16(0x7FFF);
  __m256i largest = _mm256_max_epi16(_mm256_and_si256(a, low), _mm256_and_si256(b, low));
  __m256i finite = _mm256_set1_epi16(dtype == MK_BF16 ? 0x7F7F : 0x7BFF);
  return _mm256_blendv_epi8(r, unequal, _mm256_cmpgt_epi16(largest, finite));
}

// --- 8 positions of fp32 -------------------------------------------------------------------------

MK_AVX2_INLINE __m256i place32(__m256i v) {
  __m256i sign = _mm256_srai_epi32(v, 31);
  __m256i magnitude = _mm256_and_si256(v, _mm256_set1_epi32(0x7FFFFFFF));
  return _mm256_sub_epi32(_mm256_xor_si256(magnitude, sign), sign);
}

MK_AVX2_INLINE __m256i far_apart32(limit t, __m256i a, __m256i b) {
  __m256i least = _mm256_set1_epi32((int)(t.least < UINT32_MAX ? t.least : UINT32_MAX));
  a = place32(a), b = place32(b);
  __m256i distance = _mm256_sub_epi32(_mm256_max_epi32(a, b), _mm256_min_epi32(a, b));
  return _mm256_cmpeq_epi32(_mm256_max_epu32(distance, least), distance);
}

MK_AVX2_INLINE __m256i changed32(mk_rule rule, limit t, __m256i a, __m256i b) {
  __m256i unequal = _mm256_xor_si256(_mm256_cmpeq_epi32(a, b), _mm256_set1_epi32(-1));
  if (rule == MK_BITWISE) return unequal;
  __m256i r = rule == MK_ULP ? far_apart32(t, a, b)
                             : differs_ps(rule, t, _mm256_castsi256_ps(a), _mm256_castsi256_ps(b));
  if (rule == MK_PAPER || rule == MK_NUMERIC) return r;
  __m256i low = _mm256_set1_epi32(0x7FFFFFFF);
  __m256i largest = _mm256_max_epi32(_mm256_and_si256(a, low), _mm256_and_si256(b, low));
  __m256i infinite = _mm256_cmpgt_epi32(largest, _mm256_set1_epi32(0x7F7FFFFF));
  return _mm256_blendv_epi8(r, unequal, infinite);
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
  __m256i low = changed16(rule, dtype, t, mk_load256(p), mk_load256(q));
  __m256i high = changed16(rule, dtype, t, mk_load256(p + 32), mk_load256(q + 32));
  __m256i bytes = _mm256_permute4x64_epi64(_mm256_packs_epi16(low, high), 0xD8);
  return (uint32_t)_mm256_movemask_epi8(bytes);
}

MK_AVX2_INLINE uint64_t half32(mk_rule rule, limit t, const char *p, const char *q) {
  __m256i v[4];
  for (int i = 0; i < 4; i++)
    v[i] = changed32(rule, t, mk_load256(p + 32 * i), mk_load256(q + 32 * i));
  __m256i low = _mm256_packs_epi32(v[0], v[1]), high = _mm256_packs_epi32(v[2], v[3]);
  __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);  // the packs worked on 128-bit halves
  __m256i bytes = _mm256_permutevar8x32_epi32(_mm256_packs_epi16(low, high), order);
  return (uint32_t)_mm256_movemask_epi8(bytes);
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
