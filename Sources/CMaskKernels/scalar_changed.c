// mk_changed, position by position and to the letter of the header.
#include "kernels.h"

#include <math.h>

#pragma STDC FP_CONTRACT OFF

// --- thresholds, for every kernel ----------------------------------------------------------------

uint64_t mk_least_distance(double threshold) {
  if (threshold < 0) return 0;
  if (!(threshold < 0x1p64)) return UINT64_MAX;  // NaN too: nothing is more than it apart
  uint64_t whole = (uint64_t)threshold;
  return whole == UINT64_MAX ? whole : whole + 1;
}

float mk_rounded(mk_dtype dtype, double threshold) {
  uint32_t bits = mk_bits32((float)threshold);
  if (dtype == MK_BF16) bits = (uint32_t)mk_narrowed_bf16(bits) << 16;
  if (dtype == MK_FP16) bits = mk_widened_fp16(mk_narrowed_fp16(bits));
  return mk_f32(bits);
}

/// Half way between `v` >= 0 and the next value of `dtype`. Both 16-bit types have an fp32 there.
static float midpoint_above(mk_dtype dtype, float v) {
  if (dtype == MK_BF16) return mk_f32(mk_bits32(v) | 0x8000);
  int exponent = v < 0x1p-14F ? -14 : (int)(mk_bits32(v) >> 23) - 127;
  return v + ldexpf(1, exponent - 11);
}

static bool is_odd(mk_dtype dtype, float v) {
  if (dtype == MK_BF16) return mk_bits32(v) >> 16 & 1;
  return mk_narrowed_fp16(mk_bits32(v)) & 1;
}

float mk_paper_bound(mk_dtype dtype, double threshold) {
  float limit = mk_rounded(dtype, threshold);
  if (dtype == MK_FP32 || !(limit >= 0) || isinf(limit)) return limit;
  float midpoint = midpoint_above(dtype, fabsf(limit));
  // A tie goes to the even neighbour: down to the limit if it is even, else up and away.
  return is_odd(dtype, limit) ? mk_f32(mk_bits32(midpoint) - 1) : midpoint;
}

// --- one position --------------------------------------------------------------------------------

/// One value, its bits and what it is worth. fp64 holds every narrower type exactly.
typedef struct value {
  uint64_t bits;
  double worth;
} value;

static value load(mk_dtype dtype, const void *p, size_t i) {
  switch (dtype) {
  case MK_BF16: return (value){mk_u16(p, i), mk_f32((uint32_t)mk_u16(p, i) << 16)};
  case MK_FP16: return (value){mk_u16(p, i), mk_f32(mk_widened_fp16(mk_u16(p, i)))};
  case MK_FP32: return (value){mk_u32(p, i), mk_f32(mk_u32(p, i))};
  default: return (value){mk_u64(p, i), mk_f64(mk_u64(p, i))};
  }
}

static double difference(mk_dtype dtype, value a, value b) {
  return dtype == MK_FP64 ? b.worth - a.worth : (double)((float)b.worth - (float)a.worth);
}

static bool paper(mk_dtype dtype, double threshold, value a, value b) {
  double d = difference(dtype, a, b);
  if (dtype == MK_FP64) return !(fabs(d) <= threshold);
  return !(fabsf(mk_rounded(dtype, d)) <= mk_rounded(dtype, threshold));
}

static bool absolute(mk_dtype dtype, double threshold, value a, value b) {
  double limit = dtype == MK_FP64 ? threshold : (double)(float)threshold;
  return fabs(difference(dtype, a, b)) > limit;
}

static bool relative(mk_dtype dtype, double threshold, value a, value b) {
  double largest = fmax(fabs(a.worth), fabs(b.worth));
  double limit =
      dtype == MK_FP64 ? threshold * largest : (double)((float)threshold * (float)largest);
  return fabs(difference(dtype, a, b)) > limit;
}

/// The place of a value among all values of its type, in order; the two zeros share one.
static uint64_t place(mk_dtype dtype, value v) {
  uint64_t zero = 1ULL << (8 * mk_width(dtype) - 1), magnitude = v.bits & (zero - 1);
  return v.bits & zero ? zero - magnitude : zero + magnitude;
}

static bool far_apart(mk_dtype dtype, uint64_t least, value a, value b) {
  uint64_t x = place(dtype, a), y = place(dtype, b);
  return (x < y ? y - x : x - y) >= least;
}

static bool is_changed(mk_rule rule, mk_dtype dtype, double threshold, value a, value b) {
  if (rule == MK_PAPER) return paper(dtype, threshold, a, b);
  if (rule == MK_BITWISE) return a.bits != b.bits;
  if (rule == MK_NUMERIC) return a.worth != b.worth;
  if (!isfinite(a.worth) || !isfinite(b.worth)) return a.bits != b.bits;
  if (rule == MK_ABSOLUTE) return absolute(dtype, threshold, a, b);
  if (rule == MK_RELATIVE) return relative(dtype, threshold, a, b);
  return far_apart(dtype, mk_least_distance(threshold), a, b);
}

void mk_scalar_changed(mk_rule rule, mk_dtype dtype, double threshold, const void *base,
                       const void *tuned, size_t count, uint64_t *bits) {
  if (count == 0) return;
  memset(bits, 0, MK_WORDS(count) * 8);
  for (size_t i = 0; i < count; i++)
    if (is_changed(rule, dtype, threshold, load(dtype, base, i), load(dtype, tuned, i)))
      bits[i / 64] |= 1ULL << i % 64;
}
