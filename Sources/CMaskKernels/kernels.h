// What the kernels share and nobody else sees: the tables, and the arithmetic of values.
#ifndef MK_KERNELS_H
#define MK_KERNELS_H

#include "CMaskKernels.h"

#include <stdbool.h>
#include <string.h>

#define MK_INLINE static inline __attribute__((always_inline))

/// Declares a kernel: its table and its functions, which another may have in its own table.
#define MK_DECLARE(kernel)                                                                     \
  extern const mk_table kernel;                                                                \
  void kernel##_convert(mk_dtype, mk_dtype, const void *, void *, size_t);                     \
  void kernel##_scale(float *, size_t, float);                                                 \
  void kernel##_changed(mk_rule, mk_dtype, double, const void *, const void *, size_t,         \
                        uint64_t *);                                                           \
  void kernel##_exponent_counts(mk_dtype, const void *, const uint64_t *, size_t, uint64_t *,  \
                                uint64_t *);                                                   \
  void kernel##_changed_counts(mk_rule, mk_dtype, double, const void *, const void *,          \
                               size_t, uint64_t *, uint64_t *, uint64_t *);                    \
  void kernel##_exponent_counts_after(mk_dtype, const void *, const uint64_t *,                \
                                      const uint64_t *, const uint64_t *, size_t,              \
                                      uint64_t *);                                             \
  uint64_t kernel##_count(const uint64_t *, size_t);                                           \
  void kernel##_row_counts(const uint64_t *, size_t, size_t, size_t, uint32_t *);              \
  void kernel##_column_counts(const uint64_t *, size_t, size_t, size_t, uint32_t *);           \
  void kernel##_count_pairs(const uint64_t *const *, size_t, size_t, uint64_t *);              \
  void kernel##_count_cross(const uint64_t *const *, size_t, const uint64_t *const *, size_t,  \
                            size_t, uint64_t *);                                               \
  size_t kernel##_gaps_encode(const uint64_t *, size_t, uint8_t *, size_t);                    \
  size_t kernel##_gaps_decode(const uint8_t *, size_t, uint64_t *, size_t);                    \
  size_t kernel##_split(const uint64_t *, const uint64_t *, size_t, uint64_t *, uint64_t *);   \
  void kernel##_merge(const uint64_t *, const uint64_t *, const uint64_t *, size_t,            \
                      uint64_t *);                                                             \
  size_t kernel##_bytes_split(const uint64_t *, size_t, uint64_t *, uint8_t *);                \
  size_t kernel##_bytes_merge(const uint64_t *, const uint8_t *, size_t, uint64_t *, size_t);  \
  void kernel##_fold(const uint64_t *, size_t, uint64_t *, uint64_t *, uint64_t *);            \
  void kernel##_unfold(const uint64_t *, const uint64_t *, const uint64_t *, size_t,           \
                       uint64_t *);                                                            \
  uint64_t kernel##_edges(const uint64_t *, size_t);

MK_DECLARE(mk_scalar)
MK_DECLARE(mk_avx2)
MK_DECLARE(mk_avx512)
MK_DECLARE(mk_neon)

/// Defines mk_changed_counts of a kernel as its two parts.
#define MK_CHANGED_COUNTS_IN_TURN(kernel)                                                      \
  void kernel##_changed_counts(mk_rule rule, mk_dtype dtype, double threshold,                 \
                               const void *base, const void *tuned, size_t count,              \
                               uint64_t *bits, uint64_t *all, uint64_t *set) {                 \
    kernel##_changed(rule, dtype, threshold, base, tuned, count, bits);                        \
    kernel##_exponent_counts(dtype, base, bits, count, all, set);                              \
  }

// The stream functions by tables, for every CPU.
size_t mk_table_split(const uint64_t *bits, const uint64_t *selector, size_t count, uint64_t *low,
                      uint64_t *high);
void mk_table_merge(const uint64_t *low, const uint64_t *high, const uint64_t *selector,
                    size_t count, uint64_t *bits);
size_t mk_table_bytes_split(const uint64_t *bits, size_t words, uint64_t *map, uint8_t *out);
size_t mk_table_bytes_merge(const uint64_t *map, const uint8_t *bytes, size_t count,
                            uint64_t *bits, size_t words);
void mk_table_fold(const uint64_t *bits, size_t words, uint64_t *any, uint64_t *both,
                   uint64_t *first);
void mk_table_unfold(const uint64_t *any, const uint64_t *both, const uint64_t *first, size_t words,
                     uint64_t *bits);

#define MK_WORDS(positions) ((positions) / 64 + ((positions) % 64 != 0))

/// The low `n` bits, n <= 64.
MK_INLINE uint64_t mk_low(size_t n) { return n >= 64 ? ~0ULL : (1ULL << n) - 1; }

// --- loads and stores: value pointers may be unaligned -------------------------------------------

MK_INLINE uint16_t mk_u16(const void *p, size_t i) {
  uint16_t v;
  memcpy(&v, (const char *)p + i * 2, 2);
  return v;
}

MK_INLINE uint32_t mk_u32(const void *p, size_t i) {
  uint32_t v;
  memcpy(&v, (const char *)p + i * 4, 4);
  return v;
}

MK_INLINE uint64_t mk_u64(const void *p, size_t i) {
  uint64_t v;
  memcpy(&v, (const char *)p + i * 8, 8);
  return v;
}

MK_INLINE void mk_put16(void *p, size_t i, uint16_t v) { memcpy((char *)p + i * 2, &v, 2); }

MK_INLINE void mk_put32(void *p, size_t i, uint32_t v) { memcpy((char *)p + i * 4, &v, 4); }

MK_INLINE void mk_put64(void *p, size_t i, uint64_t v) { memcpy((char *)p + i * 8, &v, 8); }

MK_INLINE float mk_f32(uint32_t bits) {
  float v;
  memcpy(&v, &bits, 4);
  return v;
}

MK_INLINE double mk_f64(uint64_t bits) {
  double v;
  memcpy(&v, &bits, 8);
  return v;
}

MK_INLINE uint32_t mk_bits32(float v) { return mk_u32(&v, 0); }

MK_INLINE uint64_t mk_bits64(double v) { return mk_u64(&v, 0); }

MK_INLINE size_t mk_width(mk_dtype dtype) {
  switch (dtype) {
  case MK_BF16:
  case MK_FP16: return 2;
  case MK_FP32: return 4;
  case MK_FP64: return 8;
  default: return 1;
  }
}

// --- one value to the bits of an fp32 and back ---------------------------------------------------
// Bits, not floats: passing a float may quiet a signalling NaN.

/// As VCVTPH2PS: a signalling NaN becomes quiet and keeps its payload.
MK_INLINE uint32_t mk_widened_fp16(uint16_t v) {
  uint32_t sign = (uint32_t)(v & 0x8000) << 16, magnitude = v & 0x7FFF;
  if (magnitude > 0x7C00) return sign | 0x7FC00000 | magnitude << 13;
  if (magnitude == 0x7C00) return sign | 0x7F800000;
  if (magnitude >= 0x0400) return sign | ((magnitude << 13) + (112U << 23));
  return sign | mk_bits32((float)magnitude * 0x1p-24F);
}

MK_INLINE uint32_t mk_widened_e5m2(uint8_t v) { return mk_widened_fp16((uint16_t)(v << 8)); }

/// E4M3 has no infinity; its only NaN is all ones. Elsewhere its bits are those of an fp16 value
/// 2^8 times too small, subnormals included.
MK_INLINE uint32_t mk_widened_e4m3(uint8_t v) {
  uint32_t sign = (uint32_t)(v & 0x80) << 24, magnitude = v & 0x7F;
  if (magnitude == 0x7F) return sign | 0x7FF00000;
  return sign | mk_bits32(mk_f32(mk_widened_fp16((uint16_t)(magnitude << 7))) * 256.0F);
}

MK_INLINE uint16_t mk_narrowed_bf16(uint32_t v) {
  if ((v & 0x7FFFFFFF) > 0x7F800000) return 0x7FC0;
  return (uint16_t)((v + 0x7FFF + (v >> 16 & 1)) >> 16);
}

MK_INLINE uint16_t mk_narrowed_fp16(uint32_t v) {
  uint32_t sign = v >> 16 & 0x8000, magnitude = v & 0x7FFFFFFF;
  if (magnitude > 0x7F800000) return (uint16_t)(sign | 0x7E00);
  if (magnitude >= 0x477FF000) return (uint16_t)(sign | 0x7C00);  // 65520 and above
  if (magnitude >= 0x38800000)                                    // 2^-14: the least normal
    return (uint16_t)(sign | ((magnitude - (112U << 23) + 0xFFF + (magnitude >> 13 & 1)) >> 13));
  // The unit in the last place of 0.5 is 2^-24, that of fp16's subnormals: the sum rounds to it.
  return (uint16_t)(sign | (mk_bits32(mk_f32(magnitude) + 0.5F) - mk_bits32(0.5F)));
}

// --- conversion in two steps ---------------------------------------------------------------------

/// A kernel's conversions to and from fp32, either side unaligned; fp32's own two are NULL. Every
/// mk_convert goes through fp32: nothing is lost, since only fp64 is wider and its conversions do
/// too.
typedef struct mk_steps {
  void (*widen[6])(const void *in, void *out, size_t count);
  void (*narrow[4])(const void *in, void *out, size_t count);
} mk_steps;

void mk_convert_by(const mk_steps *steps, mk_dtype from, mk_dtype to, const void *in, void *out,
                   size_t count);

extern const mk_steps mk_scalar_steps;
extern const mk_steps mk_avx2_steps;

// --- the rules of mk_changed ---------------------------------------------------------------------

/// The least distance in representable values that counts as changed; UINT64_MAX for none.
uint64_t mk_least_distance(double threshold);

/// `threshold` rounded to `dtype`, and widened.
float mk_rounded(mk_dtype dtype, double threshold);

/// The largest fp32 whose rounding to `dtype` is at most mk_rounded(dtype, threshold): comparing a
/// difference with it is comparing the rounded difference with the threshold. NaN where none is.
float mk_paper_bound(mk_dtype dtype, double threshold);

#endif
