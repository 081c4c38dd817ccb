// mk_changed in AVX-512: comparisons make the bits themselves.
#include "avx512.h"
#include "changed.h"

#if defined(__x86_64__)

#pragma STDC FP_CONTRACT OFF

// --- the rules on 16 fp32 and 8 fp64 -------------------------------------------------------------

MK_AVX512_INLINE uint64_t differs_ps(mk_rule rule, limit t, __m512i p, __m512i q) {
  __m512 a = _mm512_castsi512_ps(p), b = _mm512_castsi512_ps(q), bound = _mm512_set1_ps(t.single);
  if (rule == MK_NUMERIC) return _mm512_cmp_ps_mask(a, b, _CMP_NEQ_UQ);
  __m512 d = _mm512_abs_ps(_mm512_sub_ps(b, a));
  if (rule == MK_PAPER) return _mm512_cmp_ps_mask(d, bound, _CMP_NLE_UQ);
  if (rule == MK_RELATIVE)
    bound = _mm512_mul_ps(bound, _mm512_max_ps(_mm512_abs_ps(a), _mm512_abs_ps(b)));
  return _mm512_cmp_ps_mask(d, bound, _CMP_GT_OQ);
}

MK_AVX512_INLINE uint64_t differs_pd(mk_rule rule, limit t, __m512i p, __m512i q) {
  __m512d a = _mm512_castsi512_pd(p), b = _mm512_castsi512_pd(q), bound = _mm512_set1_pd(t.wide);
  if (rule == MK_NUMERIC) return _mm512_cmp_pd_mask(a, b, _CMP_NEQ_UQ);
  __m512d d = _mm512_abs_pd(_mm512_sub_pd(b, a));
  if (rule == MK_PAPER) return _mm512_cmp_pd_mask(d, bound, _CMP_NLE_UQ);
  if (rule == MK_RELATIVE)
    bound = _mm512_mul_pd(bound, _mm512_max_pd(_mm512_abs_pd(a), _mm512_abs_pd(b)));
  return _mm512_cmp_pd_mask(d, bound, _CMP_GT_OQ);
}

// --- 64 positions of a 16-bit type ---------------------------------------------------------------

/// bf16 widened is a shift: the even and the odd lanes each make sixteen fp32 where they stand, and
/// their bits are laid between each other.
MK_AVX512_INLINE uint64_t differs_bf16(mk_rule rule, limit t, const __m512i a[2],
                                       const __m512i b[2]) {
  __m512i high = _mm512_set1_epi32((int)0xFFFF0000);
  uint64_t even = 0, odd = 0;
  for (int i = 0; i < 2; i++) {
    __m512i low_a = _mm512_slli_epi32(a[i], 16), low_b = _mm512_slli_epi32(b[i], 16);
    even |= differs_ps(rule, t, low_a, low_b) << 16 * i;
    odd |= differs_ps(rule, t, _mm512_and_si512(a[i], high), _mm512_and_si512(b[i], high))
           << 16 * i;
  }
  return _pdep_u64(even, 0x5555555555555555) | _pdep_u64(odd, 0xAAAAAAAAAAAAAAAA);
}

MK_AVX512_INLINE __m512i widened_fp16(const char *p) {
  return _mm512_castps_si512(_mm512_cvtph_ps(_mm256_loadu_si256((const void *)p)));
}

MK_AVX512_INLINE uint64_t differs_fp16(mk_rule rule, limit t, const char *p, const char *q) {
  uint64_t bits = 0;
  for (int i = 0; i < 4; i++)
    bits |= differs_ps(rule, t, widened_fp16(p + 32 * i), widened_fp16(q + 32 * i)) << 16 * i;
  return bits;
}

/// The place of each value among all of its type, in order: the magnitude, negated below zero.
MK_AVX512_INLINE __m512i place16(__m512i v) {
  __m512i sign = _mm512_srai_epi16(v, 15), low = _mm512_set1_epi16(0x7FFF);
  return _mm512_sub_epi16(_mm512_ternarylogic_epi64(v, sign, low, 0x6C), sign);  // (v & low) ^ sign
}

MK_AVX512_INLINE uint64_t far_apart16(limit t, __m512i a, __m512i b) {
  __m512i least = _mm512_set1_epi16((short)(t.least < 0xFFFF ? t.least : 0xFFFF));
  a = place16(a), b = place16(b);
  __m512i distance = _mm512_sub_epi16(_mm512_max_epi16(a, b), _mm512_min_epi16(a, b));
  return _mm512_cmpge_epu16_mask(distance, least);
}

MK_AVX512_INLINE uint64_t not_finite16(mk_dtype dtype, __m512i a, __m512i b) {
  __m512i low = _mm512_set1_epi16(0x7FFF);
  __m512i largest = _mm512_max_epu16(_mm512_and_si512(a, low), _mm512_and_si512(b, low));
  return _mm512_cmpge_epu16_mask(largest, _mm512_set1_epi16(dtype == MK_BF16 ? 0x7F80 : 0x7C00));
}

MK_AVX512_INLINE uint64_t word16(mk_rule rule, mk_dtype dtype, limit t, const char *p,
                                 const char *q) {
  __m512i a[2] = {mk_load512(p), mk_load512(p + 64)}, b[2] = {mk_load512(q), mk_load512(q + 64)};
  uint64_t equal =
      (uint64_t)_mm512_cmpeq_epi16_mask(a[1], b[1]) << 32 | _mm512_cmpeq_epi16_mask(a[0], b[0]);
  if (rule == MK_BITWISE) return ~equal;
  uint64_t bits;
  if (rule == MK_ULP) bits = far_apart16(t, a[1], b[1]) << 32 | far_apart16(t, a[0], b[0]);
  else if (dtype == MK_BF16) bits = differs_bf16(rule, t, a, b);
  else bits = differs_fp16(rule, t, p, q);
  if (rule == MK_PAPER || rule == MK_NUMERIC) return bits;
  uint64_t infinite = not_finite16(dtype, a[1], b[1]) << 32 | not_finite16(dtype, a[0], b[0]);
  return (bits & ~infinite) | (~equal & infinite);
}

// --- 16 positions of fp32, 8 of fp64 -------------------------------------------------------------

MK_AVX512_INLINE uint64_t far_apart32(limit t, __m512i a, __m512i b) {
  __m512i low = _mm512_set1_epi32(0x7FFFFFFF), v[2] = {a, b};
  for (int i = 0; i < 2; i++) {
    __m512i sign = _mm512_srai_epi32(v[i], 31);
    v[i] = _mm512_sub_epi32(_mm512_xor_si512(_mm512_and_si512(v[i], low), sign), sign);
  }
  __m512i distance = _mm512_sub_epi32(_mm512_max_epi32(v[0], v[1]), _mm512_min_epi32(v[0], v[1]));
  uint64_t least = t.least < UINT32_MAX ? t.least : UINT32_MAX;
  return _mm512_cmpge_epu32_mask(distance, _mm512_set1_epi32((int)least));
}

MK_AVX512_INLINE uint64_t changed32(mk_rule rule, limit t, const char *p, const char *q) {
  __m512i a = mk_load512(p), b = mk_load512(q), low = _mm512_set1_epi32(0x7FFFFFFF);
  uint64_t unequal = _mm512_cmpeq_epi32_mask(a, b) ^ 0xFFFFU;
  if (rule == MK_BITWISE) return unequal;
  uint64_t bits = rule == MK_ULP ? far_apart32(t, a, b) : differs_ps(rule, t, a, b);
  if (rule == MK_PAPER || rule == MK_NUMERIC) return bits;
  __m512i largest = _mm512_max_epu32(_mm512_and_si512(a, low), _mm512_and_si512(b, low));
  uint64_t infinite = _mm512_cmpge_epu32_mask(largest, _mm512_set1_epi32(0x7F800000));
  return (bits & ~infinite) | (unequal & infinite);
}

MK_AVX512_INLINE uint64_t far_apart64(limit t, __m512i a, __m512i b) {
  __m512i low = _mm512_set1_epi64(INT64_MAX), zero = _mm512_setzero_si512(), v[2] = {a, b};
  for (int i = 0; i < 2; i++) {
    __m512i magnitude = _mm512_and_si512(v[i], low);
    __mmask8 is_negative = _mm512_movepi64_mask(v[i]);
    v[i] = _mm512_mask_sub_epi64(magnitude, is_negative, zero, magnitude);
  }
  __m512i distance = _mm512_sub_epi64(_mm512_max_epi64(v[0], v[1]), _mm512_min_epi64(v[0], v[1]));
  return _mm512_cmpge_epu64_mask(distance, _mm512_set1_epi64((long long)t.least));
}

MK_AVX512_INLINE uint64_t changed64(mk_rule rule, limit t, const char *p, const char *q) {
  __m512i a = mk_load512(p), b = mk_load512(q), low = _mm512_set1_epi64(INT64_MAX);
  uint64_t unequal = _mm512_cmpeq_epi64_mask(a, b) ^ 0xFFU;
  if (rule == MK_BITWISE) return unequal;
  uint64_t bits = rule == MK_ULP ? far_apart64(t, a, b) : differs_pd(rule, t, a, b);
  if (rule == MK_PAPER || rule == MK_NUMERIC) return bits;
  __m512i largest = _mm512_max_epu64(_mm512_and_si512(a, low), _mm512_and_si512(b, low));
  uint64_t infinite = _mm512_cmpge_epu64_mask(largest, _mm512_set1_epi64(0x7FF0LL << 48));
  return (bits & ~infinite) | (unequal & infinite);
}

// --- all positions -------------------------------------------------------------------------------

MK_AVX512_INLINE uint64_t word_of(mk_rule rule, mk_dtype dtype, limit t, const char *p,
                                  const char *q) {
  uint64_t word = 0;
  if (dtype == MK_FP64)
    for (int i = 0; i < 8; i++) word |= changed64(rule, t, p + 64 * i, q + 64 * i) << 8 * i;
  else if (dtype == MK_FP32)
    for (int i = 0; i < 4; i++) word |= changed32(rule, t, p + 64 * i, q + 64 * i) << 16 * i;
  else word = word16(rule, dtype, t, p, q);
  return word;
}

#define MK_WORD_OF word_of
#define MK_CHANGED mk_avx512_changed
#define MK_TARGET MK_AVX512
#include "changed_all.h"

#endif
