// The functions that take bits apart and put them together again, over any way to gather and
// scatter the bits of a word: inlined into the kernels, which pass theirs as constants.
#ifndef MK_STREAMS_H
#define MK_STREAMS_H

#include "kernels.h"

/// The bits of `word` where `mask` is set, moved together at the low end; and the reverse.
typedef uint64_t (*mk_word_function)(uint64_t word, uint64_t mask);

// --- without instructions for it: four bits at a time --------------------------------------------

/// Entry 16 m + b: the bits of b where m is set, moved together; and the reverse.
extern const uint8_t mk_gathered[256];
extern const uint8_t mk_scattered[256];

MK_INLINE uint64_t mk_gather_by_table(uint64_t word, uint64_t mask) {
  uint64_t found = 0;
  for (unsigned i = 0, at = 0; i < 64; i += 4) {
    unsigned m = mask >> i & 15;
    found |= (uint64_t)mk_gathered[m << 4 | (word >> i & 15)] << at;
    at += (unsigned)__builtin_popcount(m);
    if (at == 64) break;  // the last four were taken whole
  }
  return found;
}

MK_INLINE uint64_t mk_scatter_by_table(uint64_t word, uint64_t mask) {
  uint64_t found = 0;
  for (unsigned i = 0; i < 64; i += 4) {
    unsigned m = mask >> i & 15;
    found |= (uint64_t)mk_scattered[m << 4 | (word & 15)] << i;
    word >>= __builtin_popcount(m);
  }
  return found;
}

// --- two streams ---------------------------------------------------------------------------------

typedef struct mk_bit_writer {
  uint64_t *out, pending;
  unsigned filled;  // of the word under way, below 64
} mk_bit_writer;

/// Appends the low `n` bits of `bits`, which has no others, without a branch: the word under way is
/// written every time.
MK_INLINE void mk_append(mk_bit_writer *w, uint64_t bits, unsigned n) {
  uint64_t joined = w->pending | bits << w->filled, spill = bits >> 1 >> (63 - w->filled);
  unsigned total = w->filled + n;
  *w->out = joined;
  w->pending = total >= 64 ? spill : joined;
  w->out += total / 64;
  w->filled = total % 64;
}

MK_INLINE void mk_finish(const mk_bit_writer *w) {
  if (w->filled != 0) *w->out = w->pending;
}

MK_INLINE size_t mk_split_by(mk_word_function gather, const uint64_t *bits,
                             const uint64_t *selector, size_t count, uint64_t *low,
                             uint64_t *high) {
  mk_bit_writer l = {low, 0, 0}, h = {high, 0, 0};
  size_t ones = 0, whole = count / 64;
  for (size_t i = 0; i < whole; i++) {
    uint64_t in = selector[i];
    unsigned n = (unsigned)__builtin_popcountll(in);
    mk_append(&h, gather(bits[i], in), n);
    mk_append(&l, gather(bits[i], ~in), 64 - n);
    ones += n;
  }
  if (count % 64 != 0) {
    uint64_t valid = mk_low(count % 64), in = selector[whole] & valid, out = ~selector[whole] & valid;
    unsigned n = (unsigned)__builtin_popcountll(in);
    mk_append(&h, gather(bits[whole], in), n);
    mk_append(&l, gather(bits[whole], out), (unsigned)(count % 64) - n);
    ones += n;
  }
  mk_finish(&l), mk_finish(&h);
  return ones;
}

/// The 64 bits of a stream from `position` on, of which the caller uses those there are.
///
/// Two loads a byte apart overlap: a shift of two words by a variable is slow on AMD's CPUs, and what
/// it would be compiled to where it is written as one.
MK_INLINE uint64_t mk_stream_bits(const uint64_t *stream, size_t position) {
  const char *bytes = (const char *)stream + position / 8;
  unsigned skipped = position % 8;
  return mk_u64(bytes, 0) >> skipped | mk_u64(bytes + 1, 0) << (8 - skipped);
}

/// The same of at least 57 bits, zeros after those that it has.
MK_INLINE uint64_t mk_some_stream_bits(const uint64_t *stream, size_t position) {
  return mk_u64((const char *)stream + position / 8, 0) >> position % 8;
}

/// The same of `n` bits at least.
MK_INLINE uint64_t mk_next_stream_bits(const uint64_t *stream, size_t position, unsigned n) {
  if (__builtin_expect(n <= 57, 1)) return mk_some_stream_bits(stream, position);
  return mk_stream_bits(stream, position);
}

MK_INLINE void mk_merge_by(mk_word_function scatter, const uint64_t *low, const uint64_t *high,
                           const uint64_t *selector, size_t count, uint64_t *bits) {
  size_t h = 0;
  for (size_t i = 0; i < count / 64; i++) {
    uint64_t in = selector[i];
    unsigned n = (unsigned)__builtin_popcountll(in);
    uint64_t ones = mk_next_stream_bits(high, h, n), zeros = mk_stream_bits(low, i * 64 - h);
    bits[i] = scatter(ones, in) | scatter(zeros, ~in);
    h += n;
  }
  if (count % 64 == 0) return;
  size_t last = count / 64;
  uint64_t valid = mk_low(count % 64), in = selector[last] & valid, out = ~selector[last] & valid;
  bits[last] = scatter(mk_stream_bits(high, h), in) |
               scatter(mk_stream_bits(low, last * 64 - h), out);
}

// --- pairs of words ------------------------------------------------------------------------------

MK_INLINE void mk_fold_by(mk_word_function gather, const uint64_t *bits, size_t words,
                          uint64_t *any, uint64_t *both, uint64_t *first) {
  mk_bit_writer b = {both, 0, 0}, f = {first, 0, 0};
  for (size_t i = 0; i < words; i += 2) {
    uint64_t left = bits[i], right = i + 1 < words ? bits[i + 1] : 0;
    uint64_t either = left | right, one = left ^ right;
    any[i / 2] = either;
    mk_append(&b, gather(left & right, either), (unsigned)__builtin_popcountll(either));
    mk_append(&f, gather(left, one), (unsigned)__builtin_popcountll(one));
  }
  mk_finish(&b), mk_finish(&f);
}

MK_INLINE void mk_unfold_by(mk_word_function scatter, const uint64_t *any, const uint64_t *both,
                            const uint64_t *first, size_t words, uint64_t *bits) {
  size_t b = 0, f = 0;
  for (size_t i = 0; i < words; i += 2) {
    uint64_t either = any[i / 2];
    unsigned n = (unsigned)__builtin_popcountll(either);
    uint64_t two = scatter(mk_next_stream_bits(both, b, n), either), one = either & ~two;
    unsigned m = (unsigned)__builtin_popcountll(one);
    uint64_t left = scatter(mk_next_stream_bits(first, f, m), one);
    bits[i] = two | left;
    if (i + 1 < words) bits[i + 1] = either ^ left;
    b += n, f += m;
  }
}

// --- edges ---------------------------------------------------------------------------------------

MK_INLINE uint64_t mk_edges_inline(const uint64_t *bits, size_t words) {
  uint64_t total = 0, last = 0;
  for (size_t i = 0; i < words; i++) {
    total += (uint64_t)__builtin_popcountll(bits[i] ^ (bits[i] << 1 | last));
    last = bits[i] >> 63;
  }
  return total;
}

#endif
