// The scalar functions, for the tables of kernels that have no faster form of one.
#ifndef MK_SCALAR_H
#define MK_SCALAR_H

#include "kernels.h"

void mk_scalar_convert(mk_dtype from, mk_dtype to, const void *in, void *out, size_t count);
void mk_scalar_scale(float *values, size_t count, float scale);
void mk_scalar_changed(mk_rule rule, mk_dtype dtype, double threshold, const void *base,
                       const void *tuned, size_t count, uint64_t *bits);
void mk_scalar_exponent_counts(mk_dtype dtype, const void *values, const uint64_t *bits,
                               size_t count, uint64_t *counts);
uint64_t mk_scalar_count(const uint64_t *bits, size_t words);
void mk_scalar_row_counts(const uint64_t *bits, size_t count, size_t columns, size_t first_column,
                          uint32_t *counts);
void mk_scalar_column_counts(const uint64_t *bits, size_t count, size_t columns,
                             size_t first_column, uint32_t *counts);
void mk_scalar_count_pairs(const uint64_t *const *rows, size_t k, size_t words, uint64_t *counts);
void mk_scalar_count_cross(const uint64_t *const *left, size_t m, const uint64_t *const *right,
                           size_t n, size_t words, uint64_t *counts);
size_t mk_scalar_gaps_encode(const uint64_t *bits, size_t words, uint8_t *out, size_t capacity);
size_t mk_scalar_gaps_decode(const uint8_t *gaps, size_t count, uint64_t *bits, size_t words);

#endif
