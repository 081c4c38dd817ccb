#include "exponents.h"

/// What is carried from block to block.
typedef struct state {
  int low;                  // of the window; negative: choose one
  uint64_t counts[4][256];  // four, so that equal neighbours do not wait for each other
} state;

// --- one by one ----------------------------------------------------------------------------------

static void count_word(state *s, const uint8_t *fields, uint64_t word) {
  for (unsigned turn = 0; word != 0; word &= word - 1, turn++)
    s->counts[turn % 4][fields[__builtin_ctzll(word)]]++;
}

static void count_all(state *s, const uint8_t fields[64]) {
  for (int i = 0; i < 64; i++) s->counts[i % 4][fields[i]]++;
}

static void count_singly(state *s, const uint8_t *fields, size_t count, const uint64_t *bits) {
  for (size_t i = 0; i < count; i += 64)
    if (bits[i / 64] == ~0ULL) count_all(s, fields + i);
    else count_word(s, fields + i, bits[i / 64]);
}

// --- the window ----------------------------------------------------------------------------------

/// The window that holds most of a sample of the fields, or -1 where none holds most of them.
static int best_window(const uint8_t *fields, size_t count) {
  unsigned sampled = 0, inside = 0, most = 0, seen[256] = {0};
  int best = -1;
  for (size_t i = 0; i < count; i += 61, sampled++) seen[fields[i]]++;
  for (int e = 0; e < 256; e++) {
    inside += seen[e];
    if (e >= MK_WINDOW) inside -= seen[e - MK_WINDOW];
    if (inside > most && e >= MK_WINDOW - 1) most = inside, best = e - (MK_WINDOW - 1);
  }
  return most * 8 > sampled * 7 ? best : -1;
}

static void count_in_window(const mk_exponent_steps *steps, state *s, const uint8_t *fields,
                            size_t count, const uint64_t *bits) {
  if (s->low < 0) s->low = best_window(fields, count);
  if (s->low < 0) {
    count_singly(s, fields, count, bits);
    return;
  }
  size_t outside = steps->window(fields, count, bits, (unsigned)s->low, s->counts[0], s->counts[1]);
  if (outside > count / 16) s->low = -1;
}

// --- blocks --------------------------------------------------------------------------------------

/// The fields of `count` <= MK_BLOCK values; zeros follow up to a multiple of 64.
static void fields_of(const mk_exponent_steps *steps, mk_dtype dtype, const char *values,
                      size_t count, uint8_t *out) {
  bool is_direct = dtype == MK_BF16 || dtype == MK_FP32;
  size_t whole = is_direct ? count / 64 * 64 : 0;
  if (whole > 0) steps->fields(dtype, values, whole, out);
  for (size_t i = whole; i < count; i += 512) {
    uint32_t wide[512] = {0};
    size_t some = count - i < 512 ? count - i : 512;
    mk_convert_by(steps->steps, dtype, MK_FP32, values + i * mk_width(dtype), wide, some);
    steps->fields(MK_FP32, wide, (some + 63) / 64 * 64, out + i);
  }
}

static void count_block(const mk_exponent_steps *steps, state *s, const uint8_t *fields,
                        size_t count, const uint64_t *bits) {
  size_t words = count / 64, whole = words * 64;
  if (steps->count(bits, words) < words * 8) count_singly(s, fields, whole, bits);
  else count_in_window(steps, s, fields, whole, bits);
  if (count > whole) count_word(s, fields + whole, bits[words] & mk_low(count % 64));
}

void mk_exponent_counts_by(const mk_exponent_steps *steps, mk_dtype dtype, const void *values,
                           const uint64_t *bits, size_t count, uint64_t *counts) {
  state s = {.low = -1};
  uint8_t fields[MK_BLOCK];
  uint64_t all[MK_BLOCK / 64];
  memset(all, 0xFF, sizeof all);
  for (size_t i = 0; i < count; i += MK_BLOCK) {
    size_t some = count - i < MK_BLOCK ? count - i : MK_BLOCK;
    fields_of(steps, dtype, (const char *)values + i * mk_width(dtype), some, fields);
    count_block(steps, &s, fields, some, bits != NULL ? bits + i / 64 : all);
  }
  for (int e = 0; e < 256; e++)
    counts[e] += s.counts[0][e] + s.counts[1][e] + s.counts[2][e] + s.counts[3][e];
}
