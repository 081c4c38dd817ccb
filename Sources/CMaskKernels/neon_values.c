// mk_convert, mk_scale and mk_exponent_counts in NEON; how exponents are counted is told in
// exponents.h.
#include "exponents.h"

#if defined(__aarch64__)

#include <arm_neon.h>

// --- steps to and from fp32 ----------------------------------------------------------------------

static uint16x4_t load4(const void *in, size_t i) {
  return vreinterpret_u16_u8(vld1_u8((const uint8_t *)in + i * 2));
}

static uint32x4_t load_wide(const void *in, size_t i) {
  return vreinterpretq_u32_u8(vld1q_u8((const uint8_t *)in + i * 4));
}

static void store_wide(void *out, size_t i, uint32x4_t v) {
  vst1q_u8((uint8_t *)out + i * 4, vreinterpretq_u8_u32(v));
}

static void store4(void *out, size_t i, uint16x4_t v) {
  vst1_u8((uint8_t *)out + i * 2, vreinterpret_u8_u16(v));
}

/// Finishes a step at value `i` as scalar would.
#define REST(step, type, from, to) \
  if (i < count)                   \
  mk_scalar_steps.step[type]((const char *)in + i * (from), (char *)out + i * (to), count - i)

static void widen_bf16(const void *in, void *out, size_t count) {
  size_t i = 0;
  for (; i + 4 <= count; i += 4) store_wide(out, i, vshll_n_u16(load4(in, i), 16));
  REST(widen, MK_BF16, 2, 4);
}

static void widen_fp16(const void *in, void *out, size_t count) {
  size_t i = 0;
  for (; i + 4 <= count; i += 4) {
    float32x4_t wide = vcvt_f32_f16(vreinterpret_f16_u16(load4(in, i)));
    store_wide(out, i, vreinterpretq_u32_f32(wide));
  }
  REST(widen, MK_FP16, 2, 4);
}

static uint32x4_t is_nan(uint32x4_t v) {
  return vcgtq_u32(vandq_u32(v, vdupq_n_u32(0x7FFFFFFF)), vdupq_n_u32(0x7F800000));
}

static void narrow_bf16(const void *in, void *out, size_t count) {
  size_t i = 0;
  for (; i + 4 <= count; i += 4) {
    uint32x4_t v = load_wide(in, i), odd = vandq_u32(vshrq_n_u32(v, 16), vdupq_n_u32(1));
    uint32x4_t rounded = vaddq_u32(v, vaddq_u32(odd, vdupq_n_u32(0x7FFF)));
    rounded = vbslq_u32(is_nan(v), vdupq_n_u32(0x7FC00000), rounded);
    store4(out, i, vshrn_n_u32(rounded, 16));
  }
  REST(narrow, MK_BF16, 4, 2);
}

static void narrow_fp16(const void *in, void *out, size_t count) {
  size_t i = 0;
  for (; i + 4 <= count; i += 4) {
    uint32x4_t v = load_wide(in, i), sign = vandq_u32(v, vdupq_n_u32(0x80000000));
    uint32x4_t nan = vorrq_u32(sign, vdupq_n_u32(0x7FC00000));  // without the payload
    v = vbslq_u32(is_nan(v), nan, v);
    store4(out, i, vreinterpret_u16_f16(vcvt_f16_f32(vreinterpretq_f32_u32(v))));
  }
  REST(narrow, MK_FP16, 4, 2);
}

/// The scalar steps, but for the four that matter.
static mk_steps steps(void) {
  mk_steps some = mk_scalar_steps;
  some.widen[MK_BF16] = widen_bf16, some.widen[MK_FP16] = widen_fp16;
  some.narrow[MK_BF16] = narrow_bf16, some.narrow[MK_FP16] = narrow_fp16;
  return some;
}

void mk_neon_convert(mk_dtype from, mk_dtype to, const void *in, void *out, size_t count) {
  mk_steps some = steps();
  mk_convert_by(&some, from, to, in, out, count);
}

void mk_neon_scale(float *values, size_t count, float scale) {
  size_t i = 0;
  for (; i + 4 <= count; i += 4) vst1q_f32(values + i, vmulq_n_f32(vld1q_f32(values + i), scale));
  mk_scalar_scale(values + i, count - i, scale);
}

// --- exponents -----------------------------------------------------------------------------------

static void fields_bf16(const uint8_t *values, size_t count, uint8_t *out) {
  for (size_t i = 0; i < count; i += 8) {
    uint16x8_t v = vreinterpretq_u16_u8(vld1q_u8(values + i * 2));
    vst1_u8(out + i, vshrn_n_u16(vaddq_u16(v, v), 8));
  }
}

static void fields_fp32(const uint8_t *values, size_t count, uint8_t *out) {
  for (size_t i = 0; i < count; i += 8) {
    uint32x4_t low = load_wide(values, i), high = load_wide(values, i + 4);
    uint16x4_t a = vshrn_n_u32(vaddq_u32(low, low), 16);
    uint16x4_t b = vshrn_n_u32(vaddq_u32(high, high), 16);
    vst1_u8(out + i, vshrn_n_u16(vcombine_u16(a, b), 8));
  }
}

static void fields(mk_dtype dtype, const void *values, size_t count, uint8_t *out) {
  if (dtype == MK_BF16) fields_bf16(values, count, out);
  else fields_fp32(values, count, out);
}

/// A byte of ones for each of 16 bits that is set.
static uint8x16_t set_bytes(uint64_t bits) {
  uint8x16_t spread = vcombine_u8(vdup_n_u8((uint8_t)bits), vdup_n_u8((uint8_t)(bits >> 8)));
  return vtstq_u8(spread, vreinterpretq_u8_u64(vdupq_n_u64(0x8040201008040201)));
}

static size_t count_outside(const uint8_t *fields, uint64_t wanted, unsigned low,
                            uint64_t *counts) {
  size_t n = 0;
  for (unsigned i = 0; i < 16; i++) {
    if ((wanted >> i & 1) == 0 || (uint8_t)(fields[i] - low) < MK_WINDOW) continue;
    counts[fields[i]]++, n++;
  }
  return n;
}

/// At most half a block: 128 vectors, which a byte counts.
static size_t half_of(const uint8_t *fields, size_t count, const uint64_t *bits, unsigned low,
                      uint64_t *counts) {
  uint8x16_t sums[MK_WINDOW];
  for (int e = 0; e < MK_WINDOW; e++) sums[e] = vdupq_n_u8(0);
  size_t missed = 0;
  for (size_t i = 0; i < count; i += 16) {
    uint64_t wanted = bits[i / 64] >> i % 64;
    uint8x16_t place = vsubq_u8(vld1q_u8(fields + i), vdupq_n_u8((uint8_t)low));
    place = vornq_u8(place, set_bytes(wanted));
    uint8x16_t out = vandq_u8(vcgeq_u8(place, vdupq_n_u8(MK_WINDOW)), set_bytes(wanted));
    for (int e = 0; e < MK_WINDOW; e++)
      sums[e] = vsubq_u8(sums[e], vceqq_u8(place, vdupq_n_u8((uint8_t)e)));
    if (__builtin_expect(vmaxvq_u8(out) != 0, 0))
      missed += count_outside(fields + i, wanted, low, counts);
  }
  for (int e = 0; e < MK_WINDOW; e++) counts[low + (unsigned)e] += vaddlvq_u8(sums[e]);
  return missed;
}

static size_t positions_of(const mk_window *w, const uint64_t *bits, uint64_t *counts) {
  const size_t half = MK_BLOCK / 2;
  size_t first = w->count < half ? w->count : half;
  return half_of(w->fields, first, bits, w->low, counts) +
         half_of(w->fields + first, w->count - first, bits + first / 64, w->low, counts);
}

static size_t window(const mk_window *w) {
  size_t missed = w->set == NULL ? 0 : positions_of(w, w->bits, w->set);
  if (w->all == NULL) return missed;
  uint64_t every[MK_BLOCK / 64];
  memset(every, 0xFF, sizeof every);
  return positions_of(w, every, w->all);
}

void mk_neon_exponent_counts(mk_dtype dtype, const void *values, const uint64_t *bits, size_t count,
                               uint64_t *all, uint64_t *set) {
  mk_steps some = steps();
  mk_exponent_steps how = {&some, fields, MK_WINDOW, window, NULL, mk_neon_count};
  mk_exponent_counts_by(&how, dtype, values, bits, count, all, set);
}

void mk_neon_exponent_counts_after(mk_dtype dtype, const void *values, const uint64_t *bits,
                                   const uint64_t *other, const uint64_t *known, size_t count,
                                   uint64_t *set) {
  mk_steps some = steps();
  mk_exponent_steps how = {&some, fields, MK_WINDOW, window, NULL, mk_neon_count};
  mk_exponent_counts_after_by(&how, dtype, values, bits, other, known, count, set);
}

MK_CHANGED_COUNTS_IN_TURN(mk_neon)

#endif
