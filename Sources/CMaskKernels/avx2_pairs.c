// mk_count_pairs and mk_count_cross in AVX2, two ways; both are bound by four vector operations a
// cycle, of which they need a little over six for 256 bits of a pair.
//
// A pair is summed by a carry-save tree (Harley-Seal): sixteen vectors through fifteen full adders,
// and one look-up.
//
// Where many rows repay it, eight of them are split once, in a block small enough for L1, into the
// two nibbles of each byte. Then each pair with another row costs two ANDs, two shuffles and two
// adds: its byte counter stays in a register, the nibbles come from L1.
#include "avx2.h"

#if defined(__x86_64__)

enum {
  BLOCK = 31,   // vectors: a byte counter gains at most 8 from each, and 31 * 8 < 256
  LONG = 1024,  // words of two rows that L1 holds
  TALL = 8,     // rows that are split together
  MANY = 12,    // rows from which on splitting pays
};

typedef __m256i split_rows[TALL][2][BLOCK];

/// A part of every row.
typedef struct stretch {
  size_t start, words;
} stretch;

// --- sums ----------------------------------------------------------------------------------------

MK_AVX2_INLINE __m256i nibble_counts(void) {
  return _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4,  //
                          0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
}

MK_AVX2_INLINE __m256i low_nibbles(__m256i v) { return _mm256_and_si256(v, _mm256_set1_epi8(15)); }

MK_AVX2_INLINE __m256i high_nibbles(__m256i v) { return low_nibbles(_mm256_srli_epi16(v, 4)); }

/// The set bits of each 64-bit lane.
MK_AVX2_INLINE __m256i lane_counts(__m256i v) {
  __m256i low = _mm256_shuffle_epi8(nibble_counts(), low_nibbles(v));
  __m256i high = _mm256_shuffle_epi8(nibble_counts(), high_nibbles(v));
  return _mm256_sad_epu8(_mm256_add_epi8(low, high), _mm256_setzero_si256());
}

MK_AVX2_INLINE uint64_t lane_sum(__m256i v) {
  __m128i two = _mm_add_epi64(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
  return (uint64_t)_mm_cvtsi128_si64(two) + (uint64_t)_mm_extract_epi64(two, 1);
}

// --- a pair by carry-save ------------------------------------------------------------------------

/// Adds three bits of one weight: *sum keeps one, the carry of twice the weight is returned.
MK_AVX2_INLINE __m256i full_add(__m256i *sum, __m256i a, __m256i b) {
  __m256i either = _mm256_xor_si256(a, b);
  __m256i carry = _mm256_or_si256(_mm256_and_si256(a, b), _mm256_and_si256(either, *sum));
  *sum = _mm256_xor_si256(*sum, either);
  return carry;
}

MK_AVX2_INLINE __m256i both(const uint64_t *a, const uint64_t *b, int vector) {
  return _mm256_and_si256(mk_load256(a + 4 * vector), mk_load256(b + 4 * vector));
}

/// Adds four vectors to the planes of weight 1 and 2, and returns the carry of weight 4.
MK_AVX2_INLINE __m256i add_four(__m256i planes[4], const uint64_t *a, const uint64_t *b) {
  __m256i first = full_add(&planes[0], both(a, b, 0), both(a, b, 1));
  __m256i second = full_add(&planes[0], both(a, b, 2), both(a, b, 3));
  return full_add(&planes[1], first, second);
}

MK_AVX2_INLINE __m256i add_sixteen(__m256i planes[4], const uint64_t *a, const uint64_t *b) {
  __m256i first = add_four(planes, a, b), second = add_four(planes, a + 16, b + 16);
  __m256i low = full_add(&planes[2], first, second);
  first = add_four(planes, a + 32, b + 32), second = add_four(planes, a + 48, b + 48);
  __m256i high = full_add(&planes[2], first, second);
  return full_add(&planes[3], low, high);
}

MK_AVX2 static uint64_t count_long(const uint64_t *a, const uint64_t *b, size_t words) {
  __m256i zero = _mm256_setzero_si256(), planes[4] = {zero, zero, zero, zero}, sum = zero;
  for (size_t w = 0; w < words; w += 64)
    sum = _mm256_add_epi64(sum, lane_counts(add_sixteen(planes, a + w, b + w)));
  for (int p = 3; p >= 0; p--)
    sum = _mm256_add_epi64(_mm256_add_epi64(sum, sum), lane_counts(planes[p]));
  return lane_sum(sum);
}

MK_AVX2_INLINE uint64_t count_words(const uint64_t *a, const uint64_t *b, size_t words) {
  uint64_t total = 0;
  for (size_t w = 0; w < words; w++) total += (uint64_t)__builtin_popcountll(a[w] & b[w]);
  return total;
}

MK_AVX2 static uint64_t count_both(const uint64_t *a, const uint64_t *b, size_t words) {
  size_t w = words / 64 * 64;
  uint64_t total = w > 0 ? count_long(a, b, w) : 0;
  __m256i sum = _mm256_setzero_si256();
  for (; w + 4 <= words; w += 4) sum = _mm256_add_epi64(sum, lane_counts(both(a + w, b + w, 0)));
  return total + lane_sum(sum) + count_words(a + w, b + w, words - w);
}

uint64_t mk_avx2_count(const uint64_t *bits, size_t words) { return count_both(bits, bits, words); }

// --- a tile by nibbles ---------------------------------------------------------------------------

MK_AVX2_INLINE __m256i add_lookup(__m256i counter, __m256i a, __m256i b) {
  __m256i count = _mm256_shuffle_epi8(nibble_counts(), _mm256_and_si256(a, b));
  return _mm256_add_epi8(counter, count);
}

/// Counts m left rows, split, against one right row, and asks for what comes `ahead` words later in
/// it: the streams are too many and too short for the prefetchers of the hardware. m is a constant
/// where this is called.
MK_AVX2_INLINE void count_tile(size_t m, split_rows left, const uint64_t *right, size_t vectors,
                               size_t ahead, uint64_t *counts, size_t stride) {
  __m256i counters[TALL];
  for (size_t i = 0; i < m; i++) counters[i] = _mm256_setzero_si256();
  for (size_t v = 0; v < vectors; v++) {
    __m256i low = mk_load256(right + 4 * v), high = _mm256_srli_epi16(low, 4);
    if (v % 2 == 0) _mm_prefetch((const char *)(right + 4 * v + ahead), _MM_HINT_T1);
    for (size_t i = 0; i < m; i++) {
      counters[i] = add_lookup(counters[i], low, left[i][0][v]);
      counters[i] = add_lookup(counters[i], high, left[i][1][v]);
    }
  }
  for (size_t i = 0; i < m; i++)
    counts[i * stride] += lane_sum(_mm256_sad_epu8(counters[i], _mm256_setzero_si256()));
}

#define TILE(m)                                                                                \
  MK_AVX2 static void tile_##m(split_rows left, const uint64_t *right, size_t vectors,         \
                               size_t ahead, uint64_t *counts, size_t stride) {                \
    count_tile(m, left, right, vectors, ahead, counts, stride);                                \
  }
TILE(1)
TILE(2)
TILE(3)
TILE(4)
TILE(5)
TILE(6)
TILE(7)
TILE(8)

static void (*const tiles[TALL])(split_rows, const uint64_t *, size_t, size_t, uint64_t *,
                                 size_t) = {tile_1, tile_2, tile_3, tile_4,
                                            tile_5, tile_6, tile_7, tile_8};

/// Splits `m` rows, and asks for what comes `ahead` words later.
MK_AVX2 static void split(const uint64_t *const *rows, size_t m, stretch at, size_t ahead,
                          split_rows out) {
  for (size_t i = 0; i < m; i++) {
    const uint64_t *row = rows[i] + at.start;
    for (size_t v = 0; v < at.words / 4; v++) {
      __m256i bits = mk_load256(row + 4 * v);
      out[i][0][v] = low_nibbles(bits);
      out[i][1][v] = high_nibbles(bits);
      if (v % 2 == 0) _mm_prefetch((const char *)(row + 4 * v + ahead), _MM_HINT_T1);
    }
  }
}

/// Counts `m` <= TALL left rows, split, against `n` right rows.
static void count_split(split_rows left, size_t m, const uint64_t *const *right, size_t n,
                        stretch at, size_t ahead, uint64_t *counts, size_t stride) {
  for (size_t j = 0; j < n; j++)
    tiles[m - 1](left, right[j] + at.start, at.words / 4, ahead, counts + j, stride);
}

/// The first eight rows meet all others, so it is then that every row is asked to come.
static void pairs_in_block(const uint64_t *const *rows, size_t k, stretch at, size_t ahead,
                           uint64_t *counts) {
  split_rows left;
  for (size_t i = 0; i < k; i += TALL, ahead = 0) {
    size_t m = k - i < TALL ? k - i : TALL;
    uint64_t *row_counts = counts + i * k;
    split(rows + i, m, at, ahead, left);
    for (size_t j = i + 1; j < i + m; j++)
      count_split(left, j - i, rows + j, 1, at, 0, row_counts + j, k);
    count_split(left, m, rows + i + m, k - i - m, at, ahead, row_counts + i + m, k);
  }
}

static void cross_in_block(const uint64_t *const *left, size_t m, const uint64_t *const *right,
                           size_t n, stretch at, size_t ahead, uint64_t *counts) {
  split_rows some;
  for (size_t i = 0; i < m; i += TALL) {
    size_t tall = m - i < TALL ? m - i : TALL;
    split(left + i, tall, at, ahead, some);
    count_split(some, tall, right, n, at, i == 0 ? ahead : 0, counts + i * n, n);
  }
}

// --- all rows ------------------------------------------------------------------------------------

/// Counts one row against `n` others, pair by pair.
static void count_singly(const uint64_t *row, const uint64_t *const *others, size_t n, stretch at,
                         uint64_t *counts) {
  for (size_t j = 0; j < n; j++)
    counts[j] += count_both(row + at.start, others[j] + at.start, at.words);
}

static void pairs_singly(const uint64_t *const *rows, size_t k, stretch at, uint64_t *counts) {
  for (size_t i = 0; i + 1 < k; i++)
    count_singly(rows[i], rows + i + 1, k - i - 1, at, counts + i * (k + 1) + 1);
}

static stretch stretch_at(size_t start, size_t words, size_t most) {
  return (stretch){start, words - start < most ? words - start : most};
}

void mk_avx2_count_pairs(const uint64_t *const *rows, size_t k, size_t words, uint64_t *counts) {
  size_t tiled = k < MANY ? 0 : words / 4 * 4;
  for (size_t w = 0; w < tiled; w += 4 * BLOCK) {
    size_t ahead = tiled - w < 8 * BLOCK ? 0 : 4 * BLOCK;
    pairs_in_block(rows, k, stretch_at(w, tiled, 4 * BLOCK), ahead, counts);
  }
  for (size_t w = tiled; w < words; w += LONG)
    pairs_singly(rows, k, stretch_at(w, words, LONG), counts);
}

void mk_avx2_count_cross(const uint64_t *const *left, size_t m, const uint64_t *const *right,
                         size_t n, size_t words, uint64_t *counts) {
  size_t tiled = m < TALL / 2 || n < MANY ? 0 : words / 4 * 4;
  for (size_t w = 0; w < tiled; w += 4 * BLOCK) {
    size_t ahead = tiled - w < 8 * BLOCK ? 0 : 4 * BLOCK;
    cross_in_block(left, m, right, n, stretch_at(w, tiled, 4 * BLOCK), ahead, counts);
  }
  for (size_t w = tiled; w < words; w += LONG)
    for (size_t i = 0; i < m; i++)
      count_singly(left[i], right, n, stretch_at(w, words, LONG), counts + i * n);
}

#endif
