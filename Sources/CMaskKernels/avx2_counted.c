// mk_changed_counts in AVX2. For bf16 the lanes that say what changed and the exponents are packed
// in the same order, so that the window of exponents.h is counted under them as they are.
#include "avx2_changed.h"
#include "avx2_window.h"

#if defined(__x86_64__)

/// A block of `words` whole words, the lanes of its vectors whose exponents are outside the window,
/// and which vectors have such lanes.
typedef struct block {
  const char *base, *tuned;
  uint64_t *bits;
  size_t words;
  mk_places places;
  uint32_t outside[VECTORS];
  uint64_t has_outside[VECTORS / 64];
} block;

// --- deciding ------------------------------------------------------------------------------------

MK_AVX2_INLINE __m256i fields_of(const char *values) {
  __m256i a = mk_load256(values), b = mk_load256(values + 32);
  return _mm256_packus_epi16(_mm256_srli_epi16(_mm256_add_epi16(a, a), 8),
                             _mm256_srli_epi16(_mm256_add_epi16(b, b), 8));
}

MK_AVX2_INLINE uint32_t decide_half(mk_rule rule, limit t, block *b, size_t v, unsigned low) {
  const char *p = b->base + v * 64, *q = b->tuned + v * 64;
  __m256i same = same_bytes16(rule, MK_BF16, t, p, q), place = places_of(fields_of(p), low);
  b->places.unset[v] = same;
  b->places.place[v] = place;
  b->outside[v] = (uint32_t)_mm256_movemask_epi8(place);
  return (uint32_t)~_mm256_movemask_epi8(mk_in_order16(same));
}

MK_AVX2_INLINE void decide(mk_rule rule, limit t, block *b, unsigned low) {
  for (size_t w = 0; w < b->words; w++) {
    uint64_t first = decide_half(rule, t, b, 2 * w, low);
    b->bits[w] = first | (uint64_t)decide_half(rule, t, b, 2 * w + 1, low) << 32;
    uint64_t is_outside = (b->outside[2 * w] != 0) | (uint64_t)(b->outside[2 * w + 1] != 0) << 1;
    uint64_t before = w % 32 == 0 ? 0 : b->has_outside[w / 32];
    b->has_outside[w / 32] = before | is_outside << w % 32 * 2;
  }
}

#define ONE(rule)                                                                  \
  MK_AVX2 static void decide_##rule(limit t, block *b, unsigned low) {             \
    decide(rule, t, b, low);                                                       \
  }

ONE(MK_PAPER)
ONE(MK_BITWISE)
ONE(MK_NUMERIC)
ONE(MK_ABSOLUTE)
ONE(MK_RELATIVE)
ONE(MK_ULP)

typedef void (*decider)(limit t, block *b, unsigned low);

static const decider deciders[] = {
    [MK_PAPER] = decide_MK_PAPER,       [MK_BITWISE] = decide_MK_BITWISE,
    [MK_NUMERIC] = decide_MK_NUMERIC,   [MK_ABSOLUTE] = decide_MK_ABSOLUTE,
    [MK_RELATIVE] = decide_MK_RELATIVE, [MK_ULP] = decide_MK_ULP};

// --- counting ------------------------------------------------------------------------------------

static unsigned field_at(const block *b, size_t i) { return mk_u16(b->base, i) >> 7 & 0xFF; }

/// The position in a vector of byte `lane` of a pack: the middle quarters changed places.
static size_t lane_position(unsigned lane) {
  unsigned quarter = lane / 8;
  return lane % 8 + 8 * (quarter == 1 ? 2 : quarter == 2 ? 1 : quarter);
}

/// Counts the positions outside the window of a vector, and returns how many those are.
static size_t count_lanes(const block *b, size_t v, uint64_t *all, uint64_t *set) {
  size_t found = 0;
  for (uint32_t lanes = b->outside[v]; lanes != 0; lanes &= lanes - 1, found++) {
    size_t i = v * 32 + lane_position((unsigned)__builtin_ctz(lanes));
    unsigned field = field_at(b, i);
    if (all != NULL) all[field]++;
    if (set != NULL) set[field] += b->bits[i / 64] >> i % 64 & 1;
  }
  return found;
}

static size_t count_outside(const block *b, uint64_t *all, uint64_t *set) {
  size_t found = 0;
  for (size_t first = 0; first < 2 * b->words; first += 64)
    for (uint64_t has = b->has_outside[first / 64]; has != 0; has &= has - 1)
      found += count_lanes(b, first + (size_t)__builtin_ctzll(has), all, set);
  return found;
}

static void count_few(const block *b, uint64_t *set) {
  for (size_t w = 0; w < b->words; w++)
    for (uint64_t word = b->bits[w]; word != 0; word &= word - 1)
      set[field_at(b, w * 64 + (size_t)__builtin_ctzll(word))]++;
}

/// Counts a block that was decided; returns how many positions are outside the window.
MK_AVX2 static size_t count_block(const block *b, unsigned low, uint64_t *all, uint64_t *set) {
  size_t vectors = 2 * b->words;
  bool few = mk_avx2_count(b->bits, b->words) < b->words * 2;
  if (few) count_few(b, set);
  if (all != NULL && few) count_places(true, false, &b->places, vectors, low, all, NULL);
  else if (all != NULL) count_places(true, true, &b->places, vectors, low, all, set);
  else if (!few) count_places(false, true, &b->places, vectors, low, NULL, set);
  else return 0;
  return count_outside(b, all, few ? NULL : set);
}

// --- blocks --------------------------------------------------------------------------------------

/// The window that suits `count` values, or -1.
static int choose_window(const char *values, size_t count) {
  enum { SAMPLE = 128 };
  uint8_t fields[SAMPLE];
  size_t step = count / SAMPLE | 1, n = 0;
  for (size_t i = 0; i < count && n < SAMPLE; i += step)
    fields[n++] = mk_u16(values, i) >> 7 & 0xFF;
  return mk_best_window(fields, n, MK_WINDOW);
}

/// Works on the leading blocks for as long as a window suits them; returns how many positions those
/// were, a multiple of 64.
static size_t lead(mk_rule rule, double threshold, const char *base, const char *tuned,
                   size_t count, uint64_t *bits, uint64_t *all, uint64_t *set) {
  limit t = limit_of(rule, MK_BF16, threshold);
  int low = choose_window(base, count);
  size_t done = 0, whole = count / 64 * 64;
  while (low >= 0 && done < whole) {
    size_t some = whole - done < MK_BLOCK ? whole - done : MK_BLOCK;
    block b;  // its places are not to be cleared
    b.base = base + 2 * done, b.tuned = tuned + 2 * done, b.bits = bits + done / 64;
    b.words = some / 64;
    deciders[rule](t, &b, (unsigned)low);
    if (count_block(&b, (unsigned)low, all, set) > some / 16) low = -1;
    done += some;
  }
  return done;
}

void mk_avx2_changed_counts(mk_rule rule, mk_dtype dtype, double threshold, const void *base,
                            const void *tuned, size_t count, uint64_t *bits, uint64_t *all,
                            uint64_t *set) {
  size_t width = mk_width(dtype), done = 0;
  if (dtype == MK_BF16) done = lead(rule, threshold, base, tuned, count, bits, all, set);
  if (done == count) return;
  const char *p = (const char *)base + done * width, *q = (const char *)tuned + done * width;
  mk_avx2_changed(rule, dtype, threshold, p, q, count - done, bits + done / 64);
  mk_avx2_exponent_counts(dtype, p, bits + done / 64, count - done, all, set);
}

#endif
