// Chooses the kernel once, at the first call, and forwards every call to it.
#include "kernels.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

// --- what this CPU can run -----------------------------------------------------------------------

#if defined(__x86_64__)
static bool has_avx2(void) {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
         __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("lzcnt") &&
         __builtin_cpu_supports("popcnt") && __builtin_cpu_supports("f16c");
}

static bool has_avx512(void) {
  return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512vpopcntdq") && __builtin_cpu_supports("avx512vbmi") &&
         __builtin_cpu_supports("avx512vbmi2");
}
#endif

enum { MOST = 4 };

/// Writes the tables this CPU can run, best first, and returns how many.
static size_t find(const mk_table *found[MOST]) {
  size_t n = 0;
#if defined(__x86_64__)
  if (has_avx512()) found[n++] = &mk_avx512;
  if (has_avx2()) found[n++] = &mk_avx2;
#elif defined(__aarch64__)
  found[n++] = &mk_neon;
#endif
  found[n++] = &mk_scalar;
  return n;
}

const mk_table *mk_table_named(const char *name) {
  const mk_table *found[MOST];
  size_t n = find(found);
  for (size_t i = 0; i < n; i++)
    if (strcmp(found[i]->name, name) == 0) return found[i];
  return NULL;
}

// --- the choice ----------------------------------------------------------------------------------

static pthread_once_t once = PTHREAD_ONCE_INIT;
static const mk_table *_Atomic chosen;
static const char *names[MOST + 1];
static char refused[64];  // a copy: setenv may free what getenv returned

static void choose(void) {
  const mk_table *found[MOST];
  size_t n = find(found);
  for (size_t i = 0; i < n; i++) names[i] = found[i]->name;
  const char *wanted = getenv("MASKDB_KERNEL");
  const mk_table *table = found[0];
  if (wanted != NULL && wanted[0] != '\0') {
    table = mk_table_named(wanted);
    if (table == NULL) strncpy(refused, wanted, sizeof refused - 1);
  }
  atomic_store_explicit(&chosen, table != NULL ? table : found[0], memory_order_release);
}

static const mk_table *kernel(void) {
  const mk_table *table = atomic_load_explicit(&chosen, memory_order_acquire);
  if (table != NULL) return table;
  pthread_once(&once, choose);
  return atomic_load_explicit(&chosen, memory_order_acquire);
}

const char *mk_kernel(void) { return kernel()->name; }

const char *mk_kernel_refused(void) {
  kernel();
  return refused[0] != '\0' ? refused : NULL;
}

const char *const *mk_kernels_available(void) {
  kernel();
  return names;
}

// --- forwarding ----------------------------------------------------------------------------------

void mk_convert(mk_dtype from, mk_dtype to, const void *in, void *out, size_t count) {
  kernel()->convert(from, to, in, out, count);
}

void mk_scale(float *values, size_t count, float scale) { kernel()->scale(values, count, scale); }

void mk_changed(mk_rule rule, mk_dtype dtype, double threshold, const void *base, const void *tuned,
                size_t count, uint64_t *bits) {
  kernel()->changed(rule, dtype, threshold, base, tuned, count, bits);
}

void mk_exponent_counts(mk_dtype dtype, const void *values, const uint64_t *bits, size_t count,
                        uint64_t all[256], uint64_t set[256]) {
  kernel()->exponent_counts(dtype, values, bits, count, all, set);
}

void mk_changed_counts(mk_rule rule, mk_dtype dtype, double threshold, const void *base,
                       const void *tuned, size_t count, uint64_t *bits, uint64_t *all,
                       uint64_t set[256]) {
  kernel()->changed_counts(rule, dtype, threshold, base, tuned, count, bits, all, set);
}

void mk_exponent_counts_after(mk_dtype dtype, const void *values, const uint64_t *bits,
                              const uint64_t *other, const uint64_t known[256], size_t count,
                              uint64_t set[256]) {
  kernel()->exponent_counts_after(dtype, values, bits, other, known, count, set);
}

uint64_t mk_count(const uint64_t *bits, size_t words) { return kernel()->count(bits, words); }

void mk_row_counts(const uint64_t *bits, size_t count, size_t columns, size_t first_column,
                   uint32_t *counts) {
  kernel()->row_counts(bits, count, columns, first_column, counts);
}

void mk_column_counts(const uint64_t *bits, size_t count, size_t columns, size_t first_column,
                      uint32_t *counts) {
  kernel()->column_counts(bits, count, columns, first_column, counts);
}

void mk_count_pairs(const uint64_t *const *rows, size_t k, size_t words, uint64_t *counts) {
  kernel()->count_pairs(rows, k, words, counts);
}

void mk_count_cross(const uint64_t *const *left, size_t m, const uint64_t *const *right, size_t n,
                    size_t words, uint64_t *counts) {
  kernel()->count_cross(left, m, right, n, words, counts);
}

size_t mk_gaps_encode(const uint64_t *bits, size_t words, uint8_t *out, size_t capacity) {
  return kernel()->gaps_encode(bits, words, out, capacity);
}

size_t mk_gaps_decode(const uint8_t *gaps, size_t count, uint64_t *bits, size_t words) {
  return kernel()->gaps_decode(gaps, count, bits, words);
}

size_t mk_split(const uint64_t *bits, const uint64_t *selector, size_t count, uint64_t *low,
                uint64_t *high) {
  return kernel()->split(bits, selector, count, low, high);
}

void mk_merge(const uint64_t *low, const uint64_t *high, const uint64_t *selector, size_t count,
              uint64_t *bits) {
  kernel()->merge(low, high, selector, count, bits);
}

size_t mk_bytes_split(const uint64_t *bits, size_t words, uint64_t *map, uint8_t *out) {
  return kernel()->bytes_split(bits, words, map, out);
}

size_t mk_bytes_merge(const uint64_t *map, const uint8_t *bytes, size_t count, uint64_t *bits,
                      size_t words) {
  return kernel()->bytes_merge(map, bytes, count, bits, words);
}

void mk_fold(const uint64_t *bits, size_t words, uint64_t *any, uint64_t *both, uint64_t *first) {
  kernel()->fold(bits, words, any, both, first);
}

void mk_unfold(const uint64_t *any, const uint64_t *both, const uint64_t *first, size_t words,
               uint64_t *bits) {
  kernel()->unfold(any, both, first, words, bits);
}

uint64_t mk_edges(const uint64_t *bits, size_t words) { return kernel()->edges(bits, words); }

void mk_exponents(mk_dtype dtype, const void *values, size_t count, uint8_t *fields) {
  for (size_t i = 0; i < count; i += 512) {
    uint32_t wide[512];
    size_t some = count - i < 512 ? count - i : 512;
    mk_convert(dtype, MK_FP32, (const char *)values + i * mk_width(dtype), wide, some);
    for (size_t j = 0; j < some; j++) fields[i + j] = (uint8_t)(wide[j] >> 23);
  }
}
