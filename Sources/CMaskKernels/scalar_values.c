// Values one at a time: the definition of mk_convert, mk_scale and mk_exponent_counts.
#include "kernels.h"

// --- steps to and from fp32 ----------------------------------------------------------------------

static void widen_bf16(const void *in, void *out, size_t count) {
  for (size_t i = 0; i < count; i++) mk_put32(out, i, (uint32_t)mk_u16(in, i) << 16);
}

static void widen_fp16(const void *in, void *out, size_t count) {
  for (size_t i = 0; i < count; i++) mk_put32(out, i, mk_widened_fp16(mk_u16(in, i)));
}

static void widen_fp64(const void *in, void *out, size_t count) {
  for (size_t i = 0; i < count; i++) mk_put32(out, i, mk_bits32((float)mk_f64(mk_u64(in, i))));
}

static void widen_e4m3(const void *in, void *out, size_t count) {
  for (size_t i = 0; i < count; i++) mk_put32(out, i, mk_widened_e4m3(((const uint8_t *)in)[i]));
}

static void widen_e5m2(const void *in, void *out, size_t count) {
  for (size_t i = 0; i < count; i++) mk_put32(out, i, mk_widened_e5m2(((const uint8_t *)in)[i]));
}

static void narrow_bf16(const void *in, void *out, size_t count) {
  for (size_t i = 0; i < count; i++) mk_put16(out, i, mk_narrowed_bf16(mk_u32(in, i)));
}

static void narrow_fp16(const void *in, void *out, size_t count) {
  for (size_t i = 0; i < count; i++) mk_put16(out, i, mk_narrowed_fp16(mk_u32(in, i)));
}

static void narrow_fp64(const void *in, void *out, size_t count) {
  for (size_t i = 0; i < count; i++) mk_put64(out, i, mk_bits64((double)mk_f32(mk_u32(in, i))));
}

const mk_steps mk_scalar_steps = {
    .widen = {[MK_BF16] = widen_bf16,
              [MK_FP16] = widen_fp16,
              [MK_FP64] = widen_fp64,
              [MK_F8_E4M3] = widen_e4m3,
              [MK_F8_E5M2] = widen_e5m2},
    .narrow = {[MK_BF16] = narrow_bf16, [MK_FP16] = narrow_fp16, [MK_FP64] = narrow_fp64},
};

// --- conversion ----------------------------------------------------------------------------------

enum { STRETCH = 512 };  // fp32 values between two steps: 2 KiB of stack

static void convert_by_two_steps(const mk_steps *steps, mk_dtype from, mk_dtype to, const void *in,
                                 void *out, size_t count) {
  uint32_t buffer[STRETCH];
  for (size_t done = 0; done < count; done += STRETCH) {
    size_t some = count - done < STRETCH ? count - done : STRETCH;
    steps->widen[from]((const char *)in + done * mk_width(from), buffer, some);
    steps->narrow[to](buffer, (char *)out + done * mk_width(to), some);
  }
}

void mk_convert_by(const mk_steps *steps, mk_dtype from, mk_dtype to, const void *in, void *out,
                   size_t count) {
  if (count == 0) return;
  if (from == to) memcpy(out, in, count * mk_width(from));
  else if (from == MK_FP32) steps->narrow[to](in, out, count);
  else if (to == MK_FP32) steps->widen[from](in, out, count);
  else convert_by_two_steps(steps, from, to, in, out, count);
}

void mk_scalar_convert(mk_dtype from, mk_dtype to, const void *in, void *out, size_t count) {
  mk_convert_by(&mk_scalar_steps, from, to, in, out, count);
}

void mk_scalar_scale(float *values, size_t count, float scale) {
  for (size_t i = 0; i < count; i++)
    mk_put32(values, i, mk_bits32(mk_f32(mk_u32(values, i)) * scale));
}

// --- exponents -----------------------------------------------------------------------------------

static unsigned exponent(mk_dtype dtype, const char *values, size_t i) {
  uint32_t wide;
  mk_scalar_convert(dtype, MK_FP32, values + i * mk_width(dtype), &wide, 1);
  return wide >> 23 & 0xFF;
}

void mk_scalar_exponent_counts(mk_dtype dtype, const void *values, const uint64_t *bits,
                               size_t count, uint64_t *all, uint64_t *set) {
  for (size_t i = 0; i < count; i++) {
    unsigned field = exponent(dtype, values, i);
    if (all != NULL) all[field]++;
    if (set != NULL && (bits[i / 64] >> i % 64 & 1)) set[field]++;
  }
}

MK_CHANGED_COUNTS_IN_TURN(mk_scalar)

void mk_scalar_exponent_counts_after(mk_dtype dtype, const void *values, const uint64_t *bits,
                                     const uint64_t *other, const uint64_t *known, size_t count,
                                     uint64_t *set) {
  (void)other, (void)known;
  mk_scalar_exponent_counts(dtype, values, bits, count, NULL, set);
}
