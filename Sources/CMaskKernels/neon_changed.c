// mk_changed in NEON: lanes of all ones where a position changed, weighed and added up to bits.
#include "changed.h"

#if defined(__aarch64__)

#include <arm_neon.h>
#include <math.h>

#pragma STDC FP_CONTRACT OFF

#define INLINE static inline __attribute__((always_inline))

// --- fp32 ----------------------------------------------------------------------------------------

INLINE uint32x4_t differs(mk_rule rule, limit t, float32x4_t a, float32x4_t b) {
  float32x4_t d = vabsq_f32(vsubq_f32(b, a)), bound = vdupq_n_f32(t.single);
  if (rule == MK_NUMERIC) return vmvnq_u32(vceqq_f32(a, b));
  if (rule == MK_PAPER) return vmvnq_u32(vcleq_f32(d, bound));
  if (rule == MK_RELATIVE) bound = vmulq_f32(bound, vmaxq_f32(vabsq_f32(a), vabsq_f32(b)));
  return vcgtq_f32(d, bound);
}

/// The place of each value among all of its type, in order.
INLINE int32x4_t place32(uint32x4_t v) {
  int32x4_t sign = vshrq_n_s32(vreinterpretq_s32_u32(v), 31);
  int32x4_t magnitude = vreinterpretq_s32_u32(vandq_u32(v, vdupq_n_u32(0x7FFFFFFF)));
  return vsubq_s32(veorq_s32(magnitude, sign), sign);
}

INLINE uint32x4_t changed32(mk_rule rule, limit t, uint32x4_t a, uint32x4_t b) {
  uint32x4_t unequal = vmvnq_u32(vceqq_u32(a, b)), low = vdupq_n_u32(0x7FFFFFFF), r;
  if (rule == MK_BITWISE) return unequal;
  if (rule == MK_ULP) {
    uint32_t least = t.least < UINT32_MAX ? (uint32_t)t.least : UINT32_MAX;
    uint32x4_t distance = vreinterpretq_u32_s32(vabdq_s32(place32(a), place32(b)));
    r = vcgeq_u32(distance, vdupq_n_u32(least));
  } else {
    r = differs(rule, t, vreinterpretq_f32_u32(a), vreinterpretq_f32_u32(b));
  }
  if (rule == MK_PAPER || rule == MK_NUMERIC) return r;
  uint32x4_t largest = vmaxq_u32(vandq_u32(a, low), vandq_u32(b, low));
  return vbslq_u32(vcgeq_u32(largest, vdupq_n_u32(0x7F800000)), unequal, r);
}

// --- 16-bit types --------------------------------------------------------------------------------

INLINE float32x4_t low_half(mk_dtype dtype, uint16x8_t v) {
  if (dtype == MK_FP16) return vcvt_f32_f16(vreinterpret_f16_u16(vget_low_u16(v)));
  return vreinterpretq_f32_u32(vshll_n_u16(vget_low_u16(v), 16));
}

INLINE float32x4_t high_half(mk_dtype dtype, uint16x8_t v) {
  if (dtype == MK_FP16) return vcvt_f32_f16(vreinterpret_f16_u16(vget_high_u16(v)));
  return vreinterpretq_f32_u32(vshll_n_u16(vget_high_u16(v), 16));
}

INLINE int16x8_t place16(uint16x8_t v) {
  int16x8_t sign = vshrq_n_s16(vreinterpretq_s16_u16(v), 15);
  int16x8_t magnitude = vreinterpretq_s16_u16(vandq_u16(v, vdupq_n_u16(0x7FFF)));
  return vsubq_s16(veorq_s16(magnitude, sign), sign);
}

INLINE uint16x8_t changed16(mk_rule rule, mk_dtype dtype, limit t, uint16x8_t a, uint16x8_t b) {
  uint16x8_t unequal = vmvnq_u16(vceqq_u16(a, b)), low = vdupq_n_u16(0x7FFF), r;
  if (rule == MK_BITWISE) return unequal;
  if (rule == MK_ULP) {
    uint16_t least = t.least < 0xFFFF ? (uint16_t)t.least : 0xFFFF;
    uint16x8_t distance = vreinterpretq_u16_s16(vabdq_s16(place16(a), place16(b)));
    r = vcgeq_u16(distance, vdupq_n_u16(least));
  } else {
    uint32x4_t first = differs(rule, t, low_half(dtype, a), low_half(dtype, b));
    uint32x4_t second = differs(rule, t, high_half(dtype, a), high_half(dtype, b));
    r = vcombine_u16(vmovn_u32(first), vmovn_u32(second));
  }
  if (rule == MK_PAPER || rule == MK_NUMERIC) return r;
  uint16x8_t largest = vmaxq_u16(vandq_u16(a, low), vandq_u16(b, low));
  uint16x8_t infinity = vdupq_n_u16(dtype == MK_BF16 ? 0x7F80 : 0x7C00);
  return vbslq_u16(vcgeq_u16(largest, infinity), unequal, r);
}

// --- fp64: rare, and one by one ------------------------------------------------------------------

INLINE uint64_t place64(uint64_t v) {
  uint64_t zero = 1ULL << 63, magnitude = v & (zero - 1);
  return v & zero ? zero - magnitude : zero + magnitude;
}

INLINE bool changed64(mk_rule rule, limit t, uint64_t p, uint64_t q) {
  double a = mk_f64(p), b = mk_f64(q), d = fabs(b - a);
  if (rule == MK_BITWISE) return p != q;
  if (rule == MK_NUMERIC) return a != b;
  if (rule == MK_PAPER) return !(d <= t.wide);
  if (!isfinite(a) || !isfinite(b)) return p != q;
  if (rule == MK_ABSOLUTE) return d > t.wide;
  if (rule == MK_RELATIVE) return d > t.wide * fmax(fabs(a), fabs(b));
  uint64_t x = place64(p), y = place64(q);
  return (x < y ? y - x : x - y) >= t.least;
}

// --- 64 positions --------------------------------------------------------------------------------

/// Sixteen lanes of a byte.
INLINE uint8x16_t sixteen(mk_rule rule, mk_dtype dtype, limit t, const char *p, const char *q) {
  uint16x8_t half[2];
  for (int i = 0; i < 2; i++) {
    if (dtype == MK_FP32) {
      const char *a = p + 32 * i, *b = q + 32 * i;
      uint32x4_t low = changed32(rule, t, vreinterpretq_u32_u8(vld1q_u8((const void *)a)),
                                 vreinterpretq_u32_u8(vld1q_u8((const void *)b)));
      uint32x4_t high = changed32(rule, t, vreinterpretq_u32_u8(vld1q_u8((const void *)(a + 16))),
                                  vreinterpretq_u32_u8(vld1q_u8((const void *)(b + 16))));
      half[i] = vcombine_u16(vmovn_u32(low), vmovn_u32(high));
    } else {
      uint8x16_t a = vld1q_u8((const void *)(p + 16 * i)), b = vld1q_u8((const void *)(q + 16 * i));
      half[i] = changed16(rule, dtype, t, vreinterpretq_u16_u8(a), vreinterpretq_u16_u8(b));
    }
  }
  return vcombine_u8(vmovn_u16(half[0]), vmovn_u16(half[1]));
}

INLINE uint64_t word_of(mk_rule rule, mk_dtype dtype, limit t, const char *p, const char *q) {
  uint64_t word = 0;
  if (dtype == MK_FP64) {
    for (size_t i = 0; i < 64; i++)
      word |= (uint64_t)changed64(rule, t, mk_u64(p, i), mk_u64(q, i)) << i;
    return word;
  }
  uint8x16_t weights = vreinterpretq_u8_u64(vdupq_n_u64(0x8040201008040201)), v[4];
  size_t step = 16 * mk_width(dtype);
  for (size_t i = 0; i < 4; i++)
    v[i] = vandq_u8(sixteen(rule, dtype, t, p + i * step, q + i * step), weights);
  uint8x16_t sum = vpaddq_u8(vpaddq_u8(v[0], v[1]), vpaddq_u8(v[2], v[3]));
  return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(sum, sum)), 0);
}

#define MK_WORD_OF word_of
#define MK_CHANGED mk_neon_changed
#define MK_TARGET
#include "changed_all.h"

#endif
