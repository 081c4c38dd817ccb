#include "tiles.h"

enum { MANY = 8 };  // rows

typedef struct block {
  size_t start, words;
} block;

static block block_at(size_t start, size_t words) {
  return (block){start, words - start < MK_BLOCK_WORDS ? words - start : MK_BLOCK_WORDS};
}

static void point(const uint64_t *to[MK_SIDE], const uint64_t *const *rows, size_t n, block at) {
  for (size_t i = 0; i < n; i++) to[i] = rows[i] + at.start;
}

/// Counts `m` <= MK_SIDE left rows against `n` right rows.
static void count_rows(mk_tiles tiles, const uint64_t *const *left, size_t m,
                       const uint64_t *const *right, size_t n, block at, uint64_t *counts,
                       size_t stride) {
  mk_tile t = {.words = at.words};
  point(t.left, left, m, at);
  for (size_t j = 0; j < n; j += MK_SIDE) {
    size_t some = n - j < MK_SIDE ? n - j : MK_SIDE;
    point(t.right, right + j, some, at);
    tiles[m - 1][some - 1](&t, counts + j, stride);
  }
}

static void pairs_in_block(mk_tiles tiles, const uint64_t *const *rows, size_t k, block at,
                           uint64_t *counts) {
  for (size_t i = 0; i < k; i += MK_SIDE) {
    size_t m = k - i < MK_SIDE ? k - i : MK_SIDE;
    uint64_t *row_counts = counts + i * k;
    for (size_t j = i + 1; j < i + m; j++)
      count_rows(tiles, rows + i, j - i, rows + j, 1, at, row_counts + j, k);
    count_rows(tiles, rows + i, m, rows + i + m, k - i - m, at, row_counts + i + m, k);
  }
}

/// Asks for the block after the one at `start`: short stretches of many rows are streams that the
/// prefetchers of the hardware do not follow.
static void ask_next(const uint64_t *const *rows, size_t n, size_t start, size_t words) {
  if (n < MANY || words - start <= MK_BLOCK_WORDS) return;
  block next = block_at(start + MK_BLOCK_WORDS, words);
  for (size_t i = 0; i < n; i++)
    for (size_t w = 0; w < next.words; w += 8) __builtin_prefetch(rows[i] + next.start + w, 0, 2);
}

void mk_count_pairs_by(mk_tiles tiles, const uint64_t *const *rows, size_t k, size_t words,
                       uint64_t *counts) {
  for (size_t w = 0; w < words; w += MK_BLOCK_WORDS) {
    ask_next(rows, k, w, words);
    pairs_in_block(tiles, rows, k, block_at(w, words), counts);
  }
}

void mk_count_cross_by(mk_tiles tiles, const uint64_t *const *left, size_t m,
                       const uint64_t *const *right, size_t n, size_t words, uint64_t *counts) {
  for (size_t w = 0; w < words; w += MK_BLOCK_WORDS) {
    ask_next(right, n, w, words);
    for (size_t i = 0; i < m; i += MK_SIDE) {
      size_t some = m - i < MK_SIDE ? m - i : MK_SIDE;
      count_rows(tiles, left + i, some, right, n, block_at(w, words), counts + i * n, n);
    }
  }
}
