// mk_exponent_counts for the vector kernels. A histogram in memory costs a load, an add and a store
// for each value, and waits where neighbours are equal. But nearly all weights of a model have one
// of a dozen exponents, and comparing a vector with each of twelve is three times as fast: so the
// fields of a block are counted against a window of exponents, the few outside it one by one. A
// block of which few positions are wanted goes one by one entirely.
#ifndef MK_EXPONENTS_H
#define MK_EXPONENTS_H

#include "kernels.h"

enum {
  MK_BLOCK = 4096,  // values at once; a window counter is one byte and sees at most 128 vectors
  MK_WINDOW = 12,
};

typedef struct mk_exponent_steps {
  const mk_steps *steps;
  /// The exponent fields of `count` values of bf16 or fp32 (a multiple of 64).
  void (*fields)(mk_dtype dtype, const void *values, size_t count, uint8_t *out);
  /// Adds the fields low ..< low + MK_WINDOW of `count` (a multiple of 64) positions set in `bits`
  /// to `counts`, the others to `outside`, and returns how many those are.
  size_t (*window)(const uint8_t *fields, size_t count, const uint64_t *bits, unsigned low,
                   uint64_t *counts, uint64_t *outside);
  /// The same in one pass of all positions, to `all`, and of those set, to `set`, which is NULL
  /// with `bits` where it is not wanted; returns how many of all are outside. NULL where two passes
  /// are as good.
  size_t (*both)(const uint8_t *fields, size_t count, const uint64_t *bits, unsigned low,
                 uint64_t *all, uint64_t *set);
  uint64_t (*count)(const uint64_t *bits, size_t words);
} mk_exponent_steps;

void mk_exponent_counts_by(const mk_exponent_steps *steps, mk_dtype dtype, const void *values,
                           const uint64_t *bits, size_t count, uint64_t *all, uint64_t *set);

void mk_exponent_counts_after_by(const mk_exponent_steps *steps, mk_dtype dtype,
                                 const void *values, const uint64_t *bits, const uint64_t *other,
                                 const uint64_t *known, size_t count, uint64_t *set);

/// The first field of the window that holds most of a sample of fields, or -1 where none does.
int mk_best_window(const uint8_t *sample, size_t count);

#endif
