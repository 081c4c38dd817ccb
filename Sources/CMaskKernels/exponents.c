#include "exponents.h"

/// What is carried from block to block.
typedef struct state {
  int low;  // of the window; negative: choose one
  uint64_t all[4][256], set[4][256];  // four, so that equal neighbours do not wait for each other
  mk_held held;
} state;

/// A block: its values, its fields where they were made, and the positions that are wanted.
typedef struct block {
  mk_dtype dtype;
  const char *values;
  const uint8_t *fields;
  const uint64_t *bits;  // or NULL
  size_t count;
} block;

// --- one by one ----------------------------------------------------------------------------------

static void count_word(uint64_t counts[4][256], const uint8_t *fields, uint64_t word) {
  for (unsigned turn = 0; word != 0; word &= word - 1, turn++)
    counts[turn % 4][fields[__builtin_ctzll(word)]]++;
}

static void count_all(uint64_t counts[4][256], const uint8_t *fields, size_t words) {
  for (size_t i = 0; i < words * 64; i++) counts[i % 4][fields[i]]++;
}

static void count_set(uint64_t counts[4][256], const block *b, size_t words) {
  for (size_t w = 0; w < words; w++) count_word(counts, b->fields + w * 64, b->bits[w]);
}

/// Whether the field of a value is where a shift brings it out.
static bool is_direct(mk_dtype dtype) { return dtype == MK_BF16 || dtype == MK_FP32; }

/// The set positions of a block of a direct type, of which no fields were made.
static void count_few(state *s, const block *b) {
  for (size_t i = 0; i < b->count; i += 64) {
    uint64_t word = b->bits[i / 64] & mk_low(b->count - i);
    for (unsigned turn = 0; word != 0; word &= word - 1, turn++) {
      size_t place = i + (size_t)__builtin_ctzll(word);
      unsigned field = b->dtype == MK_BF16 ? mk_u16(b->values, place) >> 7 & 0xFF
                                           : mk_u32(b->values, place) >> 23 & 0xFF;
      s->set[turn % 4][field]++;
    }
  }
}

// --- the window ----------------------------------------------------------------------------------

int mk_best_window(const uint8_t *sample, size_t count, int width) {
  unsigned inside = 0, most = 0, seen[256] = {0};
  int best = -1, first = 0, least = 255, last = width - 1;
  for (size_t i = 0; i < count; i++) {
    seen[sample[i]]++;
    if (sample[i] < least) least = sample[i];
    if (sample[i] > last) last = sample[i];
  }
  // The largest weights are rare, and the sample may have none of them: some room is left above it.
  const int room = width / 8;
  for (int e = least; e <= last + room && e <= 255; e++) {
    inside += seen[e];
    if (e >= width) inside -= seen[e - width];
    if (e < width - 1 || inside < most || (inside == most && e > first + room)) continue;
    if (inside > most) most = inside, first = e;
    best = e - (width - 1);
  }
  return most * 8 > count * 7 ? best : -1;
}

static int window_of(const uint8_t *fields, size_t count, int width) {
  uint8_t sample[MK_BLOCK / 61 + 1];
  size_t n = 0;
  for (size_t i = 0; i < count; i += 61) sample[n++] = fields[i];
  return mk_best_window(sample, n, width);
}

/// Has the kernel add what it holds back.
static void release(const mk_exponent_steps *steps, state *s, bool all, bool set) {
  if (steps->release == NULL || s->held.vectors == 0) return;
  steps->release(&s->held, (unsigned)s->low, all ? s->all[0] : NULL, set ? s->set[0] : NULL);
  memset(&s->held, 0, sizeof s->held);
}

static void count_in_window(const mk_exponent_steps *steps, state *s, const block *b, size_t words,
                            bool all, bool set) {
  if (s->low < 0) s->low = window_of(b->fields, words * 64, steps->width);
  if (s->low < 0) {
    if (all) count_all(s->all, b->fields, words);
    if (set) count_set(s->set, b, words);
    return;
  }
  mk_window w = {b->fields, words * 64,          set ? b->bits : NULL,  (unsigned)s->low,
                 all ? s->all[0] : NULL, set ? s->set[0] : NULL, &s->held};
  size_t outside = steps->window(&w);
  bool is_full = s->held.vectors + MK_BLOCK / 64 >= 1U << MK_HELD, fits = outside <= words * 64 / 16;
  if (is_full || !fits) release(steps, s, all, set);
  if (!fits) s->low = -1;
}

// --- blocks --------------------------------------------------------------------------------------

/// The fields of `count` <= MK_BLOCK values; zeros follow up to a multiple of 64.
static void fields_of(const mk_exponent_steps *steps, mk_dtype dtype, const char *values,
                      size_t count, uint8_t *out) {
  size_t whole = is_direct(dtype) ? count / 64 * 64 : 0;
  if (whole > 0) steps->fields(dtype, values, whole, out);
  for (size_t i = whole; i < count; i += 512) {
    uint32_t wide[512] = {0};
    size_t some = count - i < 512 ? count - i : 512;
    mk_convert_by(steps->steps, dtype, MK_FP32, values + i * mk_width(dtype), wide, some);
    steps->fields(MK_FP32, wide, (some + 63) / 64 * 64, out + i);
  }
}

static void count_block(const mk_exponent_steps *steps, state *s, block *b, bool all) {
  size_t words = b->count / 64, rest = b->count % 64;
  bool set = b->bits != NULL, few = set && steps->count(b->bits, words) < words * 2;
  if (few && !all && is_direct(b->dtype)) {
    count_few(s, b);
    return;
  }
  uint8_t fields[MK_BLOCK];
  fields_of(steps, b->dtype, b->values, b->count, fields);
  b->fields = fields;
  if (all && steps->release != NULL) few = false;
  if (few) count_set(s->set, b, words);
  if (all || !few) count_in_window(steps, s, b, words, all, set && !few);
  if (rest == 0) return;
  if (all) count_word(s->all, fields + words * 64, mk_low(rest));
  if (set) count_word(s->set, fields + words * 64, b->bits[words] & mk_low(rest));
}

static void add(const uint64_t sums[4][256], uint64_t *counts) {
  for (int e = 0; e < 256; e++) counts[e] += sums[0][e] + sums[1][e] + sums[2][e] + sums[3][e];
}

void mk_exponent_counts_by(const mk_exponent_steps *steps, mk_dtype dtype, const void *values,
                           const uint64_t *bits, size_t count, uint64_t *all, uint64_t *set) {
  state s;
  s.low = -1;
  s.held.vectors = 0;
  if (steps->release != NULL) memset(&s.held, 0, sizeof s.held);
  if (all != NULL) memset(s.all, 0, sizeof s.all);
  if (set != NULL) memset(s.set, 0, sizeof s.set);
  for (size_t i = 0; i < count; i += MK_BLOCK) {
    block b = {.dtype = dtype, .values = (const char *)values + i * mk_width(dtype)};
    b.bits = set != NULL ? bits + i / 64 : NULL;
    b.count = count - i < MK_BLOCK ? count - i : MK_BLOCK;
    count_block(steps, &s, &b, all != NULL);
  }
  release(steps, &s, all != NULL, set != NULL);
  if (all != NULL) add(s.all, all);
  if (set != NULL) add(s.set, set);
}

// --- after another -------------------------------------------------------------------------------

/// Positions for each that differs, above which going one by one through those is the faster way.
enum { ONE_BY_ONE = 96 };

/// The positions that are set, and those where the two differ.
static void tally(const mk_exponent_steps *steps, const uint64_t *bits, const uint64_t *other,
                  size_t words, uint64_t *own, uint64_t *differing) {
  enum { CHUNK = 512 };
  uint64_t differ[CHUNK];
  *own = steps->count(bits, words), *differing = 0;
  for (size_t w = 0; w < words; w += CHUNK) {
    size_t some = words - w < CHUNK ? words - w : CHUNK;
    for (size_t i = 0; i < some; i++) differ[i] = bits[w + i] ^ other[w + i];
    *differing += steps->count(differ, some);
  }
}

/// Adds the fields where `bits` alone is set, and takes those where `other` alone is, modulo 2^64.
///
/// Most words are equal, and which are not is what a branch cannot foresee: they are listed first.
static void count_differing(uint64_t counts[4][256], const block *b, const uint64_t *other) {
  uint16_t differ[MK_BLOCK / 64];
  unsigned found = 0;
  for (size_t w = 0; w < MK_WORDS(b->count); w++) {
    differ[found] = (uint16_t)w;
    found += b->bits[w] != other[w];
  }
  for (unsigned f = 0; f < found; f++) {
    size_t w = differ[f];
    uint64_t own = b->bits[w], word = own ^ other[w];
    for (unsigned turn = 0; word != 0; word &= word - 1, turn++) {
      size_t bit = (size_t)__builtin_ctzll(word), i = w * 64 + bit;
      unsigned field = b->fields != NULL       ? b->fields[i]
                       : b->dtype == MK_BF16 ? mk_u16(b->values, i) >> 7 & 0xFF
                                             : mk_u32(b->values, i) >> 23 & 0xFF;
      counts[turn % 4][field] += (own >> bit & 1) * 2 - 1;
    }
  }
}

void mk_exponent_counts_after_by(const mk_exponent_steps *steps, mk_dtype dtype,
                                 const void *values, const uint64_t *bits, const uint64_t *other,
                                 const uint64_t *known, size_t count, uint64_t *set) {
  uint64_t own, differing, counts[4][256];
  tally(steps, bits, other, MK_WORDS(count), &own, &differing);
  if (own <= differing || differing > count / ONE_BY_ONE) {
    mk_exponent_counts_by(steps, dtype, values, bits, count, NULL, set);
    return;
  }
  memset(counts, 0, sizeof counts);
  for (size_t i = 0; i < count && differing > 0; i += MK_BLOCK) {
    uint8_t fields[MK_BLOCK];
    block b = {.dtype = dtype, .values = (const char *)values + i * mk_width(dtype)};
    b.bits = bits + i / 64, b.count = count - i < MK_BLOCK ? count - i : MK_BLOCK;
    if (!is_direct(dtype)) fields_of(steps, dtype, b.values, b.count, fields), b.fields = fields;
    count_differing(counts, &b, other + i / 64);
  }
  for (int e = 0; e < 256; e++) set[e] += known[e];
  add(counts, set);
}
