// The rest of mk_changed, for a file that has included changed.h and defined these macros:
// MK_WORD_OF(rule, dtype, limit, base, tuned), which decides 64 positions; MK_TARGET, the attribute
// of its functions; and MK_CHANGED, the function to define. Every rule and type gets a function of
// its own, in which both are constants.

__attribute__((always_inline)) MK_TARGET static inline void all_of(mk_rule rule, mk_dtype dtype,
                                                                   limit t, const char *base,
                                                                   const char *tuned, size_t count,
                                                                   uint64_t *bits) {
  size_t width = mk_width(dtype), whole = count / 64, rest = count % 64;
  for (size_t w = 0; w < whole; w++)
    bits[w] = MK_WORD_OF(rule, dtype, t, base + w * 64 * width, tuned + w * 64 * width);
  if (rest == 0) return;
  char a[512] = {0}, b[512] = {0};
  memcpy(a, base + whole * 64 * width, rest * width);
  memcpy(b, tuned + whole * 64 * width, rest * width);
  bits[whole] = MK_WORD_OF(rule, dtype, t, a, b) & mk_low(rest);
}

#define ONE(rule, dtype)                                                                     \
  MK_TARGET static void of_##rule##_##dtype(limit t, const char *a, const char *b, size_t n, \
                                            uint64_t *bits) {                                \
    all_of(rule, dtype, t, a, b, n, bits);                                                   \
  }
#define EVERY_TYPE(rule) \
  ONE(rule, MK_BF16)     \
  ONE(rule, MK_FP16)     \
  ONE(rule, MK_FP32)     \
  ONE(rule, MK_FP64)
#define NAMES(rule) \
  [rule] = {of_##rule##_MK_BF16, of_##rule##_MK_FP16, of_##rule##_MK_FP32, of_##rule##_MK_FP64}

EVERY_TYPE(MK_PAPER)
EVERY_TYPE(MK_BITWISE)
EVERY_TYPE(MK_NUMERIC)
EVERY_TYPE(MK_ABSOLUTE)
EVERY_TYPE(MK_RELATIVE)
EVERY_TYPE(MK_ULP)

void MK_CHANGED(mk_rule rule, mk_dtype dtype, double threshold, const void *base, const void *tuned,
                size_t count, uint64_t *bits) {
  static void (*const all[6][4])(limit, const char *, const char *, size_t, uint64_t *) = {
      NAMES(MK_PAPER),    NAMES(MK_BITWISE),  NAMES(MK_NUMERIC),
      NAMES(MK_ABSOLUTE), NAMES(MK_RELATIVE), NAMES(MK_ULP)};
  all[rule][dtype](limit_of(rule, dtype, threshold), base, tuned, count, bits);
}
