#include "tiles.h"

enum { FEW = 8 };  // rows that the prefetchers of the hardware can follow

typedef struct block {
  size_t start, words;
} block;

static block block_at(size_t start, size_t words) {
  return (block){start, words - start < MK_BLOCK_WORDS ? words - start : MK_BLOCK_WORDS};
}

/// Asks for a block of many rows ahead of its turn.
static void ask(const uint64_t *const *rows, size_t n, block at) {
  for (size_t i = 0; i < n; i++)
    for (size_t w = 0; w < at.words; w += 8) __builtin_prefetch(rows[i] + at.start + w, 0, 2);
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

void mk_count_pairs_by(mk_tiles tiles, const uint64_t *const *rows, size_t k, size_t words,
                       uint64_t *counts) {
  for (size_t w = 0; w < words; w += MK_BLOCK_WORDS) {
    if (k > FEW && words - w > MK_BLOCK_WORDS) ask(rows, k, block_at(w + MK_BLOCK_WORDS, words));
    pairs_in_block(tiles, rows, k, block_at(w, words), counts);
  }
}

void mk_count_cross_by(mk_tiles tiles, const uint64_t *const *left, size_t m,
                       const uint64_t *const *right, size_t n, size_t words, uint64_t *counts) {
  for (size_t w = 0; w < words; w += MK_BLOCK_WORDS) {
    bool is_more = words - w > MK_BLOCK_WORDS;
    if (is_more && m > 1 && n > FEW) ask(right, n, block_at(w + MK_BLOCK_WORDS, words));
    for (size_t i = 0; i < m; i += MK_SIDE) {
      size_t some = m - i < MK_SIDE ? m - i : MK_SIDE;
      count_rows(tiles, left + i, some, right, n, block_at(w, words), counts + i * n, n);
    }
  }
}
