// The functions over bits in NEON.
#include "columns.h"
#include "gaps.h"
#include "rows.h"
#include "tiles.h"

#if defined(__aarch64__)

#include <arm_neon.h>

#define INLINE static inline __attribute__((always_inline))

enum { FULL = 31 };  // vectors: a byte counter gains at most 8 from each, and 31 * 8 < 256

INLINE uint8x16_t load(const uint64_t *words) { return vld1q_u8((const uint8_t *)words); }

// --- counts --------------------------------------------------------------------------------------

uint64_t mk_neon_count(const uint64_t *bits, size_t words) {
  uint64_t total = 0;
  size_t w = 0;
  while (words - w >= 2) {
    uint8x16_t sum = vdupq_n_u8(0);
    for (size_t end = words - w < 2 * FULL ? words & ~1ULL : w + 2 * FULL; w + 2 <= end; w += 2)
      sum = vaddq_u8(sum, vcntq_u8(load(bits + w)));
    total += vaddlvq_u8(sum);
  }
  return w < words ? total + (uint64_t)__builtin_popcountll(bits[w]) : total;
}

void mk_neon_row_counts(const uint64_t *bits, size_t count, size_t columns, size_t first_column,
                        uint32_t *counts) {
  mk_row_counts_inline(bits, count, columns, first_column, counts);
}

// --- pairs ---------------------------------------------------------------------------------------

/// Adds `vectors` <= FULL of the rows of a tile, from word `w` on.
INLINE void add_vectors(int m, int n, const mk_tile *t, size_t w, size_t vectors, uint64_t *counts,
                        size_t stride) {
  uint8x16_t sums[MK_SIDE][MK_SIDE];
  MK_UNROLL for (int j = 0; j < mk_columns(m, n); j++)
    MK_UNROLL for (int i = 0; i < mk_met(m, n, j); i++) sums[i][j] = vdupq_n_u8(0);
  for (size_t end = w + 2 * vectors; w < end; w += 2) {
    if (w % 8 == 0) mk_ask(t, w);
    uint8x16_t left[MK_SIDE];
    MK_UNROLL for (int i = 0; i < m; i++) left[i] = load(t->left[i] + w);
    MK_UNROLL for (int j = 0; j < mk_columns(m, n); j++) {
      uint8x16_t right = n == 0 ? left[j] : load(t->right[j] + w);
      MK_UNROLL for (int i = 0; i < mk_met(m, n, j); i++)
        sums[i][j] = vaddq_u8(sums[i][j], vcntq_u8(vandq_u8(left[i], right)));
    }
  }
  MK_UNROLL for (int j = 0; j < mk_columns(m, n); j++)
    MK_UNROLL for (int i = 0; i < mk_met(m, n, j); i++)
      counts[(size_t)i * stride + (size_t)j] += vaddlvq_u8(sums[i][j]);
}

INLINE void count_tile(int m, int n, const mk_tile *t, uint64_t *counts, size_t stride) {
  size_t vectors = t->words / 2, last = t->words - 1;
  for (size_t v = 0; v < vectors; v += FULL)
    add_vectors(m, n, t, 2 * v, vectors - v < FULL ? vectors - v : FULL, counts, stride);
  if (t->words % 2 == 0) return;
  const uint64_t *const *right = n == 0 ? t->left : t->right;
  MK_UNROLL for (int j = 0; j < mk_columns(m, n); j++)
    MK_UNROLL for (int i = 0; i < mk_met(m, n, j); i++)
      counts[(size_t)i * stride + (size_t)j] +=
          (uint64_t)__builtin_popcountll(t->left[i][last] & right[j][last]);
}

MK_TILES_OF_FOUR()

void mk_neon_count_pairs(const uint64_t *const *rows, size_t k, size_t words, uint64_t *counts) {
  mk_count_pairs_by(&tiles, rows, k, words, counts);
}

void mk_neon_count_cross(const uint64_t *const *left, size_t m, const uint64_t *const *right,
                         size_t n, size_t words, uint64_t *counts) {
  mk_count_cross_by(&tiles, left, m, right, n, words, counts);
}

// --- columns -------------------------------------------------------------------------------------

/// A full adder: *sum keeps one of three bits, the carry of twice the weight is returned.
INLINE uint8x16_t full_add(uint8x16_t *sum, uint8x16_t a, uint8x16_t b) {
  uint8x16_t either = veorq_u8(a, b), carry = vbslq_u8(either, *sum, a);
  *sum = veorq_u8(*sum, either);
  return carry;
}

/// 128 columns of a row, from 16 bytes, or 24 where it begins inside a byte.
INLINE uint8x16_t columns_of(const mk_some_rows *rows, int row, size_t byte, bool shifted) {
  const uint8_t *p = rows->bytes[row] + byte;
  if (!shifted) return vld1q_u8(p);
  int64x2_t down = vdupq_n_s64(-(int64_t)rows->shifts[row]);  // to the left by less than nothing
  int64x2_t up = vaddq_s64(down, vdupq_n_s64(64));
  uint64x2_t low = vshlq_u64(vreinterpretq_u64_u8(vld1q_u8(p)), down);
  return vreinterpretq_u8_u64(vorrq_u64(low, vshlq_u64(vreinterpretq_u64_u8(vld1q_u8(p + 8)), up)));
}

/// Adds `n` rows, a power of two, to the planes of weight below n, and returns the carry of weight
/// n.
#define ADD(n, half, last)                                                                       \
  INLINE uint8x16_t add_##n(uint8x16_t plane[4], const mk_some_rows *rows, int row, size_t byte, \
                            bool shifted) {                                                      \
    uint8x16_t first = add_##half(plane, rows, row, byte, shifted);                              \
    uint8x16_t second = add_##half(plane, rows, row + half, byte, shifted);                      \
    return full_add(&plane[last], first, second);                                                \
  }

INLINE uint8x16_t add_1(uint8x16_t plane[4], const mk_some_rows *rows, int row, size_t byte,
                        bool shifted) {
  (void)plane;
  return columns_of(rows, row, byte, shifted);
}

ADD(2, 1, 0)
ADD(4, 2, 1)
ADD(8, 4, 2)
ADD(16, 8, 3)

INLINE void add_vector(mk_planes planes, const mk_some_rows *rows, size_t w, bool shifted) {
  uint8x16_t plane[4];
  for (int p = 0; p < 4; p++) plane[p] = load(&planes[p][w]);
  uint8x16_t carry = add_16(plane, rows, 0, w * 8, shifted);
  for (int p = 0; p < 4; p++) vst1q_u8((uint8_t *)&planes[p][w], plane[p]);
  for (int p = 4; p < MK_PLANES; p++) {
    uint8x16_t old = load(&planes[p][w]);
    vst1q_u8((uint8_t *)&planes[p][w], veorq_u8(old, carry));
    carry = vandq_u8(old, carry);
  }
}

static void add(mk_planes planes, const mk_some_rows *rows, size_t words) {
  if (rows->is_shifted)
    for (size_t w = 0; w < words; w += 2) add_vector(planes, rows, w, true);
  else
    for (size_t w = 0; w < words; w += 2) add_vector(planes, rows, w, false);
}

/// A byte of ones for each of 16 bits that is set.
INLINE uint8x16_t set_bytes(uint64_t bits) {
  uint8x16_t spread = vcombine_u8(vdup_n_u8((uint8_t)bits), vdup_n_u8((uint8_t)(bits >> 8)));
  return vtstq_u8(spread, vreinterpretq_u8_u64(vdupq_n_u64(0x8040201008040201)));
}

static void spread(mk_planes planes, size_t words, uint8_t *numbers) {
  for (size_t i = 0; i < words * 64; i += 16) {
    uint8x16_t number = vdupq_n_u8(0);
    for (int p = MK_PLANES - 1; p >= 0; p--) {  // set is -1: subtracting it adds one
      uint8x16_t set = set_bytes(planes[p][i / 64] >> i % 64);
      number = vsubq_u8(vaddq_u8(number, number), set);
    }
    vst1q_u8(numbers + i, number);
  }
}

void mk_neon_column_counts(const uint64_t *bits, size_t count, size_t columns, size_t first_column,
                           uint32_t *counts) {
  static const mk_column_steps steps = {add, spread};
  mk_column_counts_by(&steps, bits, count, columns, first_column, counts);
}

// --- gaps ----------------------------------------------------------------------------------------

size_t mk_neon_gaps_encode(const uint64_t *bits, size_t words, uint8_t *out, size_t capacity) {
  return mk_gaps_encode_inline(bits, words, out, capacity);
}

size_t mk_neon_gaps_decode(const uint8_t *gaps, size_t count, uint64_t *bits, size_t words) {
  return mk_gaps_decode_by(mk_read_eight, gaps, count, bits, words);
}

#endif
