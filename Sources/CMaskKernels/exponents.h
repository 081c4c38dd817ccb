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
  MK_WINDOW = 12,   // exponents, where a kernel has no reason for another number
  MK_HELD = 12,     // bits of the counters that a kernel holds back
};

/// What a kernel holds back of its counts from block to block, in a form of its own.
typedef struct mk_held {
  _Alignas(64) uint64_t planes[2][2][MK_HELD][8];
  size_t vectors;  // since it was empty
} mk_held;

/// A block whose fields, of a multiple of 64 positions, are to be counted in the window from `low` on:
/// of all positions to `all`, of those set in `bits` to `set`. Either may be NULL, `bits` with `set`.
typedef struct mk_window {
  const uint8_t *fields;
  size_t count;
  const uint64_t *bits;
  unsigned low;
  uint64_t *all, *set;
  mk_held *held;
} mk_window;

typedef struct mk_exponent_steps {
  const mk_steps *steps;
  /// The exponent fields of `count` values of bf16 or fp32 (a multiple of 64).
  void (*fields)(mk_dtype dtype, const void *values, size_t count, uint8_t *out);
  int width;  // of the window, in exponents
  /// Counts the block, the fields outside the window too; returns how many those are, of all positions
  /// where they are wanted, else of those that are set.
  size_t (*window)(const mk_window *w);
  /// Adds what was held back to the counts that are not NULL. NULL where nothing is: then counting
  /// the few that are set one by one pays beside counting all.
  void (*release)(mk_held *held, unsigned low, uint64_t *all, uint64_t *set);
  uint64_t (*count)(const uint64_t *bits, size_t words);
} mk_exponent_steps;

void mk_exponent_counts_by(const mk_exponent_steps *steps, mk_dtype dtype, const void *values,
                           const uint64_t *bits, size_t count, uint64_t *all, uint64_t *set);

void mk_exponent_counts_after_by(const mk_exponent_steps *steps, mk_dtype dtype,
                                 const void *values, const uint64_t *bits, const uint64_t *other,
                                 const uint64_t *known, size_t count, uint64_t *set);

/// The first field of the window of `width` that suits a sample of fields, or -1 where none does.
int mk_best_window(const uint8_t *sample, size_t count, int width);

#endif
