// Holds the kernel named by -DKERNEL=mk_... against mk_scalar. Every buffer is a malloc of its
// exact size, so that the address sanitizer sees a read or write past either end.
#include "kernels.h"

#include <stdio.h>
#include <stdlib.h>

static const mk_table *const model = &mk_scalar;
static const mk_table *const kernel = &KERNEL;

static unsigned long checks, failures;

static void check(bool ok, const char *what, long a, long b, long c) {
  checks++;
  if (ok) return;
  if (failures++ < 20)
    printf("%s: %s differs from scalar (%ld, %ld, %ld)\n", kernel->name, what, a, b, c);
}

// --- inputs --------------------------------------------------------------------------------------

static uint64_t state = 1;

static uint64_t next(void) {  // SplitMix64
  uint64_t z = state += 0x9E3779B97F4A7C15;
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
  z = (z ^ z >> 27) * 0x94D049BB133111EB;
  return z ^ z >> 31;
}

static size_t below(size_t n) { return (size_t)(next() % n); }

static void *fresh(size_t size) {
  void *p = malloc(size > 0 ? size : 1);
  if (p == NULL) abort();
  return p;
}

static void *zeros(size_t size) { return memset(fresh(size), 0, size); }

/// `count` bits of about `percent` %, none set past the last.
static uint64_t *some_bits(size_t count, unsigned percent) {
  uint64_t *bits = zeros(MK_WORDS(count) * 8);
  for (size_t i = 0; i < count; i++) bits[i / 64] |= (uint64_t)(next() % 100 < percent) << i % 64;
  return bits;
}

static const size_t lengths[] = {0,   1,   2,   3,    31,   63,   64,   65,   127,
                                 128, 129, 511, 1000, 4095, 4096, 4097, 9001, 20011};
enum { LENGTHS = sizeof lengths / sizeof lengths[0] };

/// A weight, a special value or noise, as the bits of an fp32.
static uint32_t some_value(void) {
  static const uint32_t special[] = {0,          1,          0x7FFFFF,   0x800000,   0x3F800000,
                                     0x7F7FFFFF, 0x7F800000, 0x7F800001, 0x7FC00000, 0x3727C5AC,
                                     0x38800000, 0x33000000, 0x33000001, 0x477FEFFF, 0x477FF000};
  size_t kind = below(16);
  if (kind == 0) return special[below(15)] | (uint32_t)(next() & 0x80000000);
  if (kind == 1) return (uint32_t)next();
  return mk_bits32((float)((double)(int64_t)next() * 0x1p-68));
}

/// `count` values of `dtype`, and in `tuned` the same with some of them moved.
static char *some_values(mk_dtype dtype, size_t count, char *tuned) {
  char *base = fresh(count * mk_width(dtype));
  for (size_t i = 0; i < count; i++) {
    uint32_t pair[2] = {some_value(), 0};
    pair[1] = below(3) != 0   ? pair[0]
              : below(5) == 0 ? some_value()
                              : pair[0] + (uint32_t)below(0x30000);
    for (int side = 0; side < 2; side++) {
      char *p = (side == 0 ? base : tuned) + i * mk_width(dtype);
      if (mk_width(dtype) == 1) *p = (char)(pair[side] >> 20);
      else model->convert(MK_FP32, dtype, &pair[side], p, 1);
    }
  }
  return base;
}

// --- values --------------------------------------------------------------------------------------

static void check_convert(mk_dtype from, mk_dtype to, size_t count) {
  size_t size = count * mk_width(to);
  char *tuned = fresh(count * mk_width(from)), *in = some_values(from, count, tuned);
  char *mine = zeros(size), *his = zeros(size);
  kernel->convert(from, to, in, mine, count);
  model->convert(from, to, in, his, count);
  check(memcmp(mine, his, size) == 0, "convert", from, to, (long)count);
  free(tuned), free(in), free(mine), free(his);
}

static void check_every_value(mk_dtype from) {
  size_t count = mk_width(from) == 1 ? 256 : 65536;
  char *in = fresh(count * mk_width(from));
  for (size_t i = 0; i < count; i++)
    if (mk_width(from) == 1) in[i] = (char)i;
    else mk_put16(in, i, (uint16_t)i);
  for (int to = MK_BF16; to <= MK_FP64; to++) {
    char *mine = zeros(count * 8), *his = zeros(count * 8);
    kernel->convert(from, (mk_dtype)to, in, mine, count);
    model->convert(from, (mk_dtype)to, in, his, count);
    check(memcmp(mine, his, count * 8) == 0, "convert of every value", from, to, (long)count);
    free(mine), free(his);
  }
  free(in);
}

static void check_changed(mk_rule rule, mk_dtype dtype, double threshold, size_t count) {
  size_t size = MK_WORDS(count) * 8;
  char *tuned = fresh(count * mk_width(dtype)), *base = some_values(dtype, count, tuned);
  uint64_t *mine = zeros(size), *his = zeros(size);
  kernel->changed(rule, dtype, threshold, base, tuned, count, mine);
  model->changed(rule, dtype, threshold, base, tuned, count, his);
  check(memcmp(mine, his, size) == 0, "changed", rule, dtype, (long)count);
  free(tuned), free(base), free(mine), free(his);
}

/// PAPER on differences of exactly half a step above the threshold `bits`, and on its neighbours.
static void check_tie(mk_dtype dtype, uint16_t bits) {
  uint16_t steps[2] = {bits, (uint16_t)(bits + 1)}, narrow, base[8] = {0}, tuned[8];
  float wide[2], half;
  model->convert(dtype, MK_FP32, steps, wide, 2);
  half = (wide[1] - wide[0]) / 2;
  model->convert(MK_FP32, dtype, &half, &narrow, 1);
  for (int i = 0; i < 8; i++) tuned[i] = (uint16_t)(bits + i - 3), base[i] = i % 2 ? 0 : narrow;
  uint64_t mine = 0, his = 0;
  kernel->changed(MK_PAPER, dtype, (double)wide[0], base, tuned, 8, &mine);
  model->changed(MK_PAPER, dtype, (double)wide[0], base, tuned, 8, &his);
  check(mine == his, "changed at a tie", dtype, bits, 0);
}

#include "check_counts.h"

static void check_scale(size_t count) {
  float *mine = fresh(count * 4), *his = fresh(count * 4);
  for (size_t i = 0; i < count; i++) mine[i] = his[i] = (float)(int64_t)next() * 0x1p-60F;
  kernel->scale(mine, count, 0.3F);
  model->scale(his, count, 0.3F);
  check(memcmp(mine, his, count * 4) == 0, "scale", (long)count, 0, 0);
  free(mine), free(his);
}

static void check_values(void) {
  static const double thresholds[] = {0, 1e-41, 1e-5, 1e-3, 2, 0x1p62, 1e39, -1};
  static const mk_dtype narrow[] = {MK_BF16, MK_FP16, MK_F8_E4M3, MK_F8_E5M2};
  for (int i = 0; i < 4; i++) check_every_value(narrow[i]);
  for (unsigned bits = 0; bits < 0x7F80; bits++) check_tie(MK_BF16, (uint16_t)bits);
  for (unsigned bits = 0; bits < 0x7C00; bits++) check_tie(MK_FP16, (uint16_t)bits);
  for (int dtype = MK_BF16; dtype <= MK_FP64; dtype++) check_all_tame_exponents((mk_dtype)dtype);
  for (int l = 0; l < LENGTHS; l++) {
    check_scale(lengths[l]);
    for (int from = MK_BF16; from <= MK_F8_E5M2; from++) {
      for (int to = MK_BF16; to <= MK_FP64; to++) check_convert(from, to, lengths[l]);
      for (int percent = -1; percent <= 100; percent = percent * 3 + 4)
        check_exponents(from, lengths[l], percent);
    }
    for (int rule = MK_PAPER; rule <= MK_ULP; rule++)
      for (int dtype = MK_BF16; dtype <= MK_FP64; dtype++) {
        for (int t = 0; t < 8; t++) check_changed(rule, dtype, thresholds[t], lengths[l]);
        check_all_changed_counts(rule, dtype, lengths[l]);
      }
  }
}

// --- bits ----------------------------------------------------------------------------------------

static void check_matrix(size_t columns, size_t count, size_t first, unsigned percent) {
  size_t rows = (first + count) / columns + 1, most = rows > columns ? rows : columns;
  uint64_t *bits = some_bits(count, percent);
  uint32_t *mine = zeros(most * 4), *his = zeros(most * 4);
  kernel->row_counts(bits, count, columns, first, mine);
  model->row_counts(bits, count, columns, first, his);
  check(memcmp(mine, his, most * 4) == 0, "row_counts", (long)columns, (long)count, (long)first);
  kernel->column_counts(bits, count, columns, first, mine);
  model->column_counts(bits, count, columns, first, his);
  check(memcmp(mine, his, most * 4) == 0, "column_counts", (long)columns, (long)count, (long)first);
  check(kernel->count(bits, MK_WORDS(count)) == model->count(bits, MK_WORDS(count)), "count",
        (long)count, 0, 0);
  free(bits), free(mine), free(his);
}

static void check_pairs(size_t m, size_t n, size_t words) {
  uint64_t **rows = fresh((m + n) * sizeof *rows), *mine = zeros((m + n) * (m + n) * 8);
  uint64_t *his = zeros((m + n) * (m + n) * 8);
  for (size_t i = 0; i < m + n; i++) rows[i] = some_bits(words * 64, i % 4 == 3 ? 100 : 40);
  const uint64_t *const *view = (const uint64_t *const *)rows;
  kernel->count_pairs(view, m + n, words, mine);
  model->count_pairs(view, m + n, words, his);
  check(memcmp(mine, his, (m + n) * (m + n) * 8) == 0, "count_pairs", (long)(m + n), (long)words,
        0);
  kernel->count_cross(view, m, view + m, n, words, mine);
  model->count_cross(view, m, view + m, n, words, his);
  check(memcmp(mine, his, (m + n) * (m + n) * 8) == 0, "count_cross", (long)m, (long)n,
        (long)words);
  for (size_t i = 0; i < m + n; i++) free(rows[i]);
  free(rows), free(mine), free(his);
}

static void check_decode(const uint8_t *bytes, size_t count, size_t words) {
  uint8_t *gaps = memcpy(fresh(count), bytes, count);
  uint64_t *mine = zeros(words * 8), *his = zeros(words * 8);
  size_t set = model->gaps_decode(gaps, count, his, words);
  check(kernel->gaps_decode(gaps, count, mine, words) == set, "gaps_decode", (long)count,
        (long)words, 0);
  bool same = memcmp(mine, his, words * 8) == 0;
  check(set == SIZE_MAX || same, "bits of gaps_decode", (long)count, (long)words, 0);
  free(gaps), free(mine), free(his);
}

/// Frees `bits`; `about` tells what they are.
static void check_gaps(uint64_t *bits, size_t count, long about) {
  size_t words = MK_WORDS(count), size;
  uint8_t *his = fresh(count * 2 + 1);
  size = model->gaps_encode(bits, words, his, count * 2 + 1);
  for (size_t capacity = size; capacity + 3 > size; capacity--) {
    uint8_t *mine = fresh(capacity);
    size_t expected = capacity < size ? SIZE_MAX : size;
    check(kernel->gaps_encode(bits, words, mine, capacity) == expected, "gaps_encode", (long)count,
          (long)capacity, 0);
    check(capacity < size || memcmp(mine, his, size) == 0, "gaps", (long)count, about, 0);
    free(mine);
    if (capacity == 0) break;
  }
  check_decode(his, size, words);
  if (words > 0) check_decode(his, size, words - 1);
  free(bits), free(his);
}

/// Bits so rare that gaps take several bytes, and among them words that are full.
static void check_rare_gaps(size_t count, size_t one_in) {
  uint64_t *bits = zeros(MK_WORDS(count) * 8);
  for (size_t i = 0; i < count; i++)
    if (below(one_in) == 0) bits[i / 64] |= 1ULL << i % 64;
  for (size_t i = 0; i < count / 64; i++)
    if (below(one_in) == 0) bits[i] = ~0ULL;
  check_gaps(bits, count, (long)one_in);
}

static void check_equal_gaps(uint8_t gap, size_t first) {
  uint8_t bytes[33];
  memset(bytes, gap, sizeof bytes);
  bytes[0] = (uint8_t)first;
  check_decode(bytes, sizeof bytes, 160);
}

static void check_any_bytes(void) {
  uint8_t bytes[600];
  size_t count = below(600), top = (size_t[]){1, 4, 30, 256}[below(4)];
  for (size_t i = 0; i < count; i++) bytes[i] = (uint8_t)(below(60) == 0 ? 255 : below(top));
  check_decode(bytes, count, below(40));
}

#include "check_streams.h"

static void check_bits(void) {
  static const size_t columns[] = {1, 3, 63, 64, 65, 96, 1000, 1024, 4097, 9000};
  static const unsigned percents[] = {0, 1, 10, 50, 97, 100};
  for (int l = 0; l < LENGTHS; l++)
    for (int p = 0; p < 6; p++) {
      check_gaps(some_bits(lengths[l], percents[p]), lengths[l], (long)percents[p]);
      check_streams(lengths[l], percents[p]);
      for (int c = 0; c < 10; c++)
        check_matrix(columns[c], lengths[l], below(columns[c]), percents[p]);
    }
  for (size_t count = 65535; count <= 65537; count++) check_streams(count, 20);
  check_matrix(96, 96 * 3000, 0, 100);
  check_matrix(96, 96 * 3000, 17, 90);
  for (size_t m = 0; m < 11; m++)
    for (size_t n = 0; n < 7; n++) check_pairs(m, n, below(2) != 0 ? below(20) : below(700));
  for (size_t m = 1; m < 18; m++) check_pairs(m, 17, below(700));
  for (size_t k = 15; k < 27; k++) check_pairs(0, k, 100 + below(400));
  check_pairs(17, 16, 1100);
  check_pairs(3, 2, 40000);
  for (size_t one_in = 20; one_in <= 20000; one_in = one_in * 3 / 2) check_rare_gaps(300007, one_in);
  for (int gap = 0; gap < 256; gap++)
    for (size_t first = 0; first < 64; first += 9) check_equal_gaps((uint8_t)gap, first);
  for (int i = 0; i < 3000; i++) check_any_bytes();
}

/// Nothing of everything: the pointers may be NULL.
static void check_nothing(void) {
  uint64_t counts[256] = {0};
  for (int dtype = MK_BF16; dtype <= MK_FP64; dtype++) {
    kernel->convert((mk_dtype)dtype, MK_FP32, NULL, NULL, 0);
    kernel->exponent_counts((mk_dtype)dtype, NULL, NULL, 0, counts, counts);
    for (int rule = MK_PAPER; rule <= MK_ULP; rule++)
      kernel->changed((mk_rule)rule, (mk_dtype)dtype, 1, NULL, NULL, 0, NULL);
  }
  kernel->scale(NULL, 0, 2);
  check(kernel->count(NULL, 0) == 0, "count of nothing", 0, 0, 0);
  kernel->row_counts(NULL, 0, 7, 3, NULL);
  kernel->column_counts(NULL, 0, 7, 3, NULL);
  kernel->count_pairs(NULL, 0, 10, NULL);
  kernel->count_cross(NULL, 0, NULL, 0, 10, NULL);
  check(kernel->gaps_encode(NULL, 0, NULL, 0) == 0, "gaps_encode of nothing", 0, 0, 0);
  check(kernel->gaps_decode(NULL, 0, NULL, 0) == 0, "gaps_decode of nothing", 0, 0, 0);
  check(kernel->split(NULL, NULL, 0, NULL, NULL) == 0, "split of nothing", 0, 0, 0);
  kernel->merge(NULL, NULL, NULL, 0, NULL);
  check(kernel->bytes_split(NULL, 0, NULL, NULL) == 0, "bytes_split of nothing", 0, 0, 0);
  check(kernel->bytes_merge(NULL, NULL, 0, NULL, 0) == 0, "bytes_merge of nothing", 0, 0, 0);
  kernel->fold(NULL, 0, NULL, NULL, NULL);
  kernel->unfold(NULL, NULL, NULL, 0, NULL);
  check(kernel->edges(NULL, 0) == 0, "edges of nothing", 0, 0, 0);
}

int main(void) {
  check_nothing();
  check_values();
  check_bits();
  printf("%s: %lu checks, %lu failures\n", kernel->name, checks, failures);
  return failures == 0 ? 0 : 1;
}
