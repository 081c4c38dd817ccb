// mk_convert and mk_scale in AVX2 and F16C: eight values a step, the rest as in scalar.
#include "avx2.h"

#if defined(__x86_64__)

/// Finishes a step at value `i` as scalar would.
#define REST(step, type, from, to) \
  if (i < count)                   \
  mk_scalar_steps.step[type]((const char *)in + i * (from), (char *)out + i * (to), count - i)

MK_AVX2_INLINE const void *at(const void *p, size_t byte) { return (const char *)p + byte; }

MK_AVX2_INLINE void put(void *p, size_t byte, __m256i v) { mk_store256((char *)p + byte, v); }

MK_AVX2_INLINE void put_ps(void *p, size_t byte, __m256 v) { put(p, byte, _mm256_castps_si256(v)); }

// --- to fp32 -------------------------------------------------------------------------------------

MK_AVX2 static void widen_bf16(const void *in, void *out, size_t count) {
  size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    __m256i v = _mm256_cvtepu16_epi32(_mm_loadu_si128(at(in, i * 2)));
    put(out, i * 4, _mm256_slli_epi32(v, 16));
  }
  REST(widen, MK_BF16, 2, 4);
}

MK_AVX2 static void widen_fp16(const void *in, void *out, size_t count) {
  size_t i = 0;
  for (; i + 8 <= count; i += 8)
    put_ps(out, i * 4, _mm256_cvtph_ps(_mm_loadu_si128(at(in, i * 2))));
  REST(widen, MK_FP16, 2, 4);
}

MK_AVX2 static void widen_fp64(const void *in, void *out, size_t count) {
  size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    __m128 low = _mm256_cvtpd_ps(_mm256_castsi256_pd(mk_load256(at(in, i * 8))));
    __m128 high = _mm256_cvtpd_ps(_mm256_castsi256_pd(mk_load256(at(in, i * 8 + 32))));
    put_ps(out, i * 4, _mm256_set_m128(high, low));
  }
  REST(widen, MK_FP64, 8, 4);
}

/// E5M2 is the upper byte of an fp16.
MK_AVX2 static void widen_e5m2(const void *in, void *out, size_t count) {
  size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    __m128i half = _mm_slli_epi16(_mm_cvtepu8_epi16(_mm_loadl_epi64(at(in, i))), 8);
    put_ps(out, i * 4, _mm256_cvtph_ps(half));
  }
  REST(widen, MK_F8_E5M2, 1, 4);
}

/// As mk_widened_e4m3: an fp16 2^8 times too small, and the NaN, which comes out as 480.
MK_AVX2 static void widen_e4m3(const void *in, void *out, size_t count) {
  const __m256 scale = _mm256_set1_ps(256), too_large = _mm256_set1_ps(480);
  size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    __m128i v = _mm_slli_epi16(_mm_cvtepu8_epi16(_mm_loadl_epi64(at(in, i))), 7);
    __m128i sign = _mm_and_si128(_mm_add_epi16(v, v), _mm_set1_epi16((short)0x8000));
    __m128i half = _mm_or_si128(_mm_and_si128(v, _mm_set1_epi16(0x3F80)), sign);
    __m256 wide = _mm256_mul_ps(_mm256_cvtph_ps(half), scale);
    __m256 magnitude = _mm256_andnot_ps(_mm256_set1_ps(-0.0F), wide);
    __m256 is_nan = _mm256_cmp_ps(magnitude, too_large, _CMP_EQ_OQ);
    __m256 nan = _mm256_castsi256_ps(_mm256_set1_epi32(0x7FF00000));
    put_ps(out, i * 4, _mm256_or_ps(wide, _mm256_and_ps(is_nan, nan)));
  }
  REST(widen, MK_F8_E4M3, 1, 4);
}

// --- from fp32 -----------------------------------------------------------------------------------

/// The bf16 of eight fp32, each in the low half of its lane.
MK_AVX2_INLINE __m256i narrowed_bf16(__m256 v) {
  __m256i bits = _mm256_castps_si256(v);
  __m256i odd = _mm256_and_si256(_mm256_srli_epi32(bits, 16), _mm256_set1_epi32(1));
  __m256i nudge = _mm256_add_epi32(odd, _mm256_set1_epi32(0x7FFF));
  __m256i rounded = _mm256_srli_epi32(_mm256_add_epi32(bits, nudge), 16);
  __m256i is_nan = _mm256_castps_si256(_mm256_cmp_ps(v, v, _CMP_UNORD_Q));
  return _mm256_blendv_epi8(rounded, _mm256_set1_epi32(0x7FC0), is_nan);
}

MK_AVX2 static void narrow_bf16(const void *in, void *out, size_t count) {
  size_t i = 0;
  for (; i + 16 <= count; i += 16) {
    __m256i low = narrowed_bf16(_mm256_loadu_ps(at(in, i * 4)));
    __m256i high = narrowed_bf16(_mm256_loadu_ps(at(in, i * 4 + 32)));
    put(out, i * 2, _mm256_permute4x64_epi64(_mm256_packus_epi32(low, high), 0xD8));
  }
  REST(narrow, MK_BF16, 4, 2);
}

MK_AVX2 static void narrow_fp16(const void *in, void *out, size_t count) {
  const __m256 minus = _mm256_set1_ps(-0.0F);
  const __m256 quiet = _mm256_castsi256_ps(_mm256_set1_epi32(0x7FC00000));
  size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    __m256 v = _mm256_loadu_ps(at(in, i * 4));
    __m256 nan = _mm256_or_ps(_mm256_and_ps(v, minus), quiet);  // without the payload
    v = _mm256_blendv_ps(v, nan, _mm256_cmp_ps(v, v, _CMP_UNORD_Q));
    _mm_storeu_si128((void *)((char *)out + i * 2), _mm256_cvtps_ph(v, _MM_FROUND_TO_NEAREST_INT));
  }
  REST(narrow, MK_FP16, 4, 2);
}

MK_AVX2 static void narrow_fp64(const void *in, void *out, size_t count) {
  size_t i = 0;
  for (; i + 4 <= count; i += 4)
    put(out, i * 8, _mm256_castpd_si256(_mm256_cvtps_pd(_mm_loadu_ps(at(in, i * 4)))));
  REST(narrow, MK_FP64, 4, 8);
}

const mk_steps mk_avx2_steps = {
    .widen = {[MK_BF16] = widen_bf16,
              [MK_FP16] = widen_fp16,
              [MK_FP64] = widen_fp64,
              [MK_F8_E4M3] = widen_e4m3,
              [MK_F8_E5M2] = widen_e5m2},
    .narrow = {[MK_BF16] = narrow_bf16, [MK_FP16] = narrow_fp16, [MK_FP64] = narrow_fp64},
};

void mk_avx2_convert(mk_dtype from, mk_dtype to, const void *in, void *out, size_t count) {
  mk_convert_by(&mk_avx2_steps, from, to, in, out, count);
}

MK_AVX2 void mk_avx2_scale(float *values, size_t count, float scale) {
  size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    __m256 v = _mm256_loadu_ps(values + i);
    _mm256_storeu_ps(values + i, _mm256_mul_ps(v, _mm256_set1_ps(scale)));
  }
  mk_scalar_scale(values + i, count - i, scale);
}

#endif
