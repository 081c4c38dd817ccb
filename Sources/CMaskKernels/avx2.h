// What the AVX2 files share. Every CPU since Haswell and Zen has the set.
#ifndef MK_AVX2_H
#define MK_AVX2_H

#include "scalar.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define MK_AVX2_SET "avx2,bmi,bmi2,popcnt,f16c"
#define MK_AVX2 __attribute__((target(MK_AVX2_SET)))
#define MK_AVX2_INLINE static inline __attribute__((always_inline, target(MK_AVX2_SET)))

MK_AVX2_INLINE __m256i mk_load256(const void *p) { return _mm256_loadu_si256(p); }

MK_AVX2_INLINE void mk_store256(void *p, __m256i v) { _mm256_storeu_si256(p, v); }

extern const mk_steps mk_avx2_steps;

void mk_avx2_convert(mk_dtype from, mk_dtype to, const void *in, void *out, size_t count);
void mk_avx2_scale(float *values, size_t count, float scale);
void mk_avx2_changed(mk_rule rule, mk_dtype dtype, double threshold, const void *base,
                     const void *tuned, size_t count, uint64_t *bits);
void mk_avx2_exponent_counts(mk_dtype dtype, const void *values, const uint64_t *bits,
                             size_t count, uint64_t *counts);
uint64_t mk_avx2_count(const uint64_t *bits, size_t words);
void mk_avx2_row_counts(const uint64_t *bits, size_t count, size_t columns, size_t first_column,
                        uint32_t *counts);
void mk_avx2_column_counts(const uint64_t *bits, size_t count, size_t columns, size_t first_column,
                           uint32_t *counts);
void mk_avx2_count_pairs(const uint64_t *const *rows, size_t k, size_t words, uint64_t *counts);
void mk_avx2_count_cross(const uint64_t *const *left, size_t m, const uint64_t *const *right,
                         size_t n, size_t words, uint64_t *counts);
size_t mk_avx2_gaps_encode(const uint64_t *bits, size_t words, uint8_t *out, size_t capacity);
size_t mk_avx2_gaps_decode(const uint8_t *gaps, size_t count, uint64_t *bits, size_t words);

#endif
#endif
