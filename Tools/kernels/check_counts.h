// The part of check.c that holds the counts by exponent, and what counts with them, against scalar.

/// Counts all, those that are set, and both at once.
static void check_counts(mk_dtype dtype, const char *values, const uint64_t *bits, size_t count,
                         const char *what, long a, long b) {
  uint64_t mine[4][256] = {0}, his[4][256] = {0};
  const mk_table *kernels[] = {kernel, model};
  for (int i = 0; i < 2; i++) {
    uint64_t(*counts)[256] = i == 0 ? mine : his;
    kernels[i]->exponent_counts(dtype, values, NULL, count, counts[0], NULL);
    if (bits == NULL) continue;
    kernels[i]->exponent_counts(dtype, values, bits, count, NULL, counts[1]);
    kernels[i]->exponent_counts(dtype, values, bits, count, counts[2], counts[3]);
  }
  check(memcmp(mine, his, sizeof mine) == 0, what, dtype, a, b);
}

/// mk_exponent_counts_after, where `other` differs from `bits` in about `percent` %.
static void check_counts_after(mk_dtype dtype, const char *values, const uint64_t *bits,
                               size_t count, unsigned percent) {
  uint64_t *other = some_bits(count, percent), mine[256], known[256] = {0}, his[256];
  for (size_t w = 0; w < MK_WORDS(count); w++) other[w] ^= bits[w];
  for (unsigned e = 0; e < 256; e++) mine[e] = his[e] = e;
  model->exponent_counts(dtype, values, other, count, NULL, known);
  model->exponent_counts_after(dtype, values, bits, other, known, count, his);
  kernel->exponent_counts_after(dtype, values, bits, other, known, count, mine);
  check(memcmp(mine, his, sizeof mine) == 0, "exponent_counts_after", dtype, percent, (long)count);
  free(other);
}

static void check_exponents(mk_dtype dtype, size_t count, int percent) {
  char *tuned = fresh(count * mk_width(dtype)), *values = some_values(dtype, count, tuned);
  uint64_t *bits = percent < 0 ? NULL : some_bits(count, (unsigned)percent);
  check_counts(dtype, values, bits, count, "exponent_counts", percent, (long)count);
  for (unsigned p = 0; p <= 100 && bits != NULL; p = p * 5 + 1)
    check_counts_after(dtype, values, bits, count, p);
  free(tuned), free(values), free(bits);
}

/// `count` weights as models have them: exponents `low` ..< `low` + `width`, one of thirty outside.
static char *tame_values(mk_dtype dtype, unsigned low, unsigned width, size_t count) {
  char *values = fresh(count * mk_width(dtype));
  for (size_t i = 0; i < count; i++) {
    unsigned field = below(30) == 0 ? (unsigned)below(255) : low + (unsigned)below(width);
    uint32_t wide = (uint32_t)(next() & 0x807FFFFF) | (field & 0xFF) << 23;
    model->convert(MK_FP32, dtype, &wide, values + i * mk_width(dtype), 1);
  }
  return values;
}

/// The window of exponents; with `width` 1 nearly all counts fall to one counter.
static void check_tame_exponents(mk_dtype dtype, size_t count, unsigned low, unsigned width,
                                 int percent) {
  uint64_t *bits = percent < 0 ? NULL : some_bits(count, (unsigned)percent);
  char *values = tame_values(dtype, low, width, count);
  check_counts(dtype, values, bits, count, "tame exponents", low, width);
  free(values), free(bits);
}

/// mk_changed_counts with all counts and without, on values of which `percent` % moved.
static void check_changed_counts(mk_rule rule, mk_dtype dtype, const char *base, const char *tuned,
                                 size_t count, long percent) {
  size_t size = MK_WORDS(count) * 8;
  for (int has_all = 0; has_all < 2; has_all++) {
    uint64_t mine[2][256] = {{0}}, his[2][256] = {{0}};
    uint64_t *my_bits = zeros(size), *his_bits = zeros(size);
    kernel->changed_counts(rule, dtype, 1e-5, base, tuned, count, my_bits,
                           has_all ? mine[0] : NULL, mine[1]);
    model->changed_counts(rule, dtype, 1e-5, base, tuned, count, his_bits, has_all ? his[0] : NULL,
                          his[1]);
    bool same = memcmp(my_bits, his_bits, size) == 0;
    check(same, "bits of changed_counts", rule, dtype, (long)count);
    check(memcmp(mine, his, sizeof mine) == 0, "changed_counts", rule, percent, (long)count);
    free(my_bits), free(his_bits);
  }
}

/// The same of any values, and for bf16, which has its own way, of weights as models have them.
static void check_all_changed_counts(mk_rule rule, mk_dtype dtype, size_t count) {
  for (unsigned percent = 0; percent <= 100 && dtype == MK_BF16; percent = percent * 4 + 2) {
    char *base = tame_values(dtype, 110, 14, count), *tuned = fresh(count * mk_width(dtype));
    memcpy(tuned, base, count * mk_width(dtype));
    for (size_t i = 0; i < count; i++)
      if (below(100) < percent) tuned[i * mk_width(dtype)] ^= (char)(1 + below(2));
    check_changed_counts(rule, dtype, base, tuned, count, percent);
    free(base), free(tuned);
  }
  char *tuned = fresh(count * mk_width(dtype)), *base = some_values(dtype, count, tuned);
  check_changed_counts(rule, dtype, base, tuned, count, -1);
  free(base), free(tuned);
}

static void check_all_tame_exponents(mk_dtype dtype) {
  static const unsigned lows[] = {0, 1, 100, 115, 127, 128, 200, 240, 243, 244, 254};
  static const int percents[] = {-1, 5, 20, 90, 100};
  for (unsigned l = 0; l < sizeof lows / sizeof *lows; l++)
    for (unsigned p = 0; p < sizeof percents / sizeof *percents; p++)
      for (unsigned width = 1; width <= 16; width += 5)
        if (lows[l] + width <= 255) check_tame_exponents(dtype, 9001, lows[l], width, percents[p]);
  // More than a counter that is held back can hold.
  for (unsigned width = 1; width <= 14; width += 13)
    check_tame_exponents(dtype, 600007, 110, width, 60);
}
