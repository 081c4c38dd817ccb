// The rules of mk_changed on vectors of fp32 and of 16-bit types, in AVX2.
#ifndef MK_AVX2_CHANGED_H
#define MK_AVX2_CHANGED_H

#include "avx2.h"
#include "changed.h"

#if defined(__x86_64__)

#pragma STDC FP_CONTRACT OFF

// --- the rules on fp32 ---------------------------------------------------------------------------

MK_AVX2_INLINE __m256 abs_ps(__m256 v) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0F), v); }

/// Lanes of ones where a position did not change, as in all that follows.
MK_AVX2_INLINE __m256i same_ps(mk_rule rule, limit t, __m256 a, __m256 b) {
  __m256 bound = _mm256_set1_ps(t.single), d = abs_ps(_mm256_sub_ps(b, a)), r;
  if (rule == MK_RELATIVE) bound = _mm256_mul_ps(bound, _mm256_max_ps(abs_ps(a), abs_ps(b)));
  if (rule == MK_PAPER) r = _mm256_cmp_ps(d, bound, _CMP_LE_OQ);
  else if (rule == MK_NUMERIC) r = _mm256_cmp_ps(a, b, _CMP_EQ_OQ);
  else r = _mm256_cmp_ps(d, bound, _CMP_NGT_UQ);
  return _mm256_castps_si256(r);
}

// --- 16 positions of a 16-bit type ---------------------------------------------------------------

/// bf16 widened is a shift: the even and the odd lanes each make eight fp32 where they stand.
MK_AVX2_INLINE __m256i same_bf16(mk_rule rule, limit t, __m256i a, __m256i b) {
  __m256i high = _mm256_set1_epi32((int)0xFFFF0000);
  __m256i even = same_ps(rule, t, _mm256_castsi256_ps(_mm256_slli_epi32(a, 16)),
                            _mm256_castsi256_ps(_mm256_slli_epi32(b, 16)));
  __m256i odd = same_ps(rule, t, _mm256_castsi256_ps(_mm256_and_si256(a, high)),
                           _mm256_castsi256_ps(_mm256_and_si256(b, high)));
  return _mm256_blend_epi16(even, odd, 0xAA);
}

MK_AVX2_INLINE __m256i same_fp16(mk_rule rule, limit t, __m256i a, __m256i b) {
  __m256i low = same_ps(rule, t, _mm256_cvtph_ps(_mm256_castsi256_si128(a)),
                           _mm256_cvtph_ps(_mm256_castsi256_si128(b)));
  __m256i high = same_ps(rule, t, _mm256_cvtph_ps(_mm256_extracti128_si256(a, 1)),
                            _mm256_cvtph_ps(_mm256_extracti128_si256(b, 1)));
  return _mm256_permute4x64_epi64(_mm256_packs_epi32(low, high), 0xD8);
}

/// The ordered integer of a value: its magnitude with its sign, and 0 for both zeros.
MK_AVX2_INLINE __m256i place16(__m256i v) {
  return _mm256_sign_epi16(_mm256_and_si256(v, _mm256_set1_epi16(0x7FFF)), v);
}

MK_AVX2_INLINE __m256i near16(limit t, __m256i a, __m256i b) {
  __m256i least = _mm256_set1_epi16((short)(t.least < 0xFFFF ? t.least : 0xFFFF));
  a = place16(a), b = place16(b);
  __m256i distance = _mm256_sub_epi16(_mm256_max_epi16(a, b), _mm256_min_epi16(a, b));
  __m256i is_far = _mm256_cmpeq_epi16(_mm256_max_epu16(distance, least), distance);
  return _mm256_xor_si256(is_far, _mm256_set1_epi16(-1));
}

MK_AVX2_INLINE __m256i same16(mk_rule rule, mk_dtype dtype, limit t, __m256i a, __m256i b) {
  __m256i equal = _mm256_cmpeq_epi16(a, b), r;
  if (rule == MK_BITWISE) return equal;
  if (rule == MK_ULP) r = near16(t, a, b);
  else if (dtype == MK_BF16) r = same_bf16(rule, t, a, b);
  else r = same_fp16(rule, t, a, b);
  if (rule == MK_PAPER || rule == MK_NUMERIC) return r;
  __m256i low = _mm256_set1_epi16(0x7FFF);
  __m256i largest = _mm256_max_epi16(_mm256_and_si256(a, low), _mm256_and_si256(b, low));
  __m256i finite = _mm256_set1_epi16(dtype == MK_BF16 ? 0x7F7F : 0x7BFF);
  return _mm256_blendv_epi8(r, equal, _mm256_cmpgt_epi16(largest, finite));
}

/// The same of 32 positions, a byte each, in the order that mk_in_order16 undoes.
MK_AVX2_INLINE __m256i same_bytes16(mk_rule rule, mk_dtype dtype, limit t, const char *p,
                                    const char *q) {
  return _mm256_packs_epi16(same16(rule, dtype, t, mk_load256(p), mk_load256(q)),
                            same16(rule, dtype, t, mk_load256(p + 32), mk_load256(q + 32)));
}

/// Bytes that were packed from two vectors of 16 bits, whose 128-bit halves the pack takes in turn.
MK_AVX2_INLINE __m256i mk_in_order16(__m256i packed) {
  return _mm256_permute4x64_epi64(packed, 0xD8);
}

#endif
#endif
