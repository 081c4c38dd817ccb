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

/// The rows of the next block, of which every tile asks for some: short stretches of many rows are
/// streams that the prefetchers of the hardware do not follow.
typedef struct queue {
  const uint64_t *const *rows;
  size_t n, start;  // n = 0: none is left
  size_t each;      // rows a tile
} queue;

/// Of `n` rows in the block at `start`, for so many tiles.
static queue queue_of(const uint64_t *const *rows, size_t n, size_t tiles, size_t start,
                      size_t words) {
  // A block that is not whole would be asked for past its end.
  bool pays = n >= MANY && start < words && words - start >= MK_BLOCK_WORDS;
  size_t each = (n + tiles - 1) / tiles;
  return (queue){rows, pays ? n : 0, start, each < MK_SIDE ? each : MK_SIDE};
}

static void take(queue *q, mk_tile *t) {
  for (t->asked = 0; t->asked < q->each && q->n > 0; q->rows++, q->n--)
    t->ask[t->asked++] = q->rows[0] + q->start;
}

// --- counting ------------------------------------------------------------------------------------

/// Counts `m` <= MK_SIDE left rows against `n` right rows.
static void count_rows(mk_tiles tiles, const uint64_t *const *left, size_t m,
                       const uint64_t *const *right, size_t n, block at, queue *next,
                       uint64_t *counts, size_t stride) {
  mk_tile t = {.words = at.words};
  point(t.left, left, m, at);
  for (size_t j = 0; j < n; j += MK_SIDE) {
    size_t some = n - j < MK_SIDE ? n - j : MK_SIDE;
    point(t.right, right + j, some, at);
    take(next, &t);
    tiles[m - 1][some - 1](&t, counts + j, stride);
  }
}

static void pairs_in_block(mk_tiles tiles, const uint64_t *const *rows, size_t k, block at,
                           queue *next, uint64_t *counts) {
  for (size_t i = 0; i < k; i += MK_SIDE) {
    size_t m = k - i < MK_SIDE ? k - i : MK_SIDE;
    uint64_t *row_counts = counts + i * k;
    for (size_t j = i + 1; j < i + m; j++)
      count_rows(tiles, rows + i, j - i, rows + j, 1, at, next, row_counts + j, k);
    count_rows(tiles, rows + i, m, rows + i + m, k - i - m, at, next, row_counts + i + m, k);
  }
}

static size_t sides(size_t rows) { return (rows + MK_SIDE - 1) / MK_SIDE; }

void mk_count_pairs_by(mk_tiles tiles, const uint64_t *const *rows, size_t k, size_t words,
                       uint64_t *counts) {
  if (k < 2) return;
  size_t squares = sides(k) * (sides(k) - 1) / 2, below = k - sides(k);
  for (size_t w = 0; w < words; w += MK_BLOCK_WORDS) {
    queue next = queue_of(rows, k, squares + below, w + MK_BLOCK_WORDS, words);
    pairs_in_block(tiles, rows, k, block_at(w, words), &next, counts);
  }
}

void mk_count_cross_by(mk_tiles tiles, const uint64_t *const *left, size_t m,
                       const uint64_t *const *right, size_t n, size_t words, uint64_t *counts) {
  if (m == 0 || n == 0) return;
  for (size_t w = 0; w < words; w += MK_BLOCK_WORDS) {
    queue next = queue_of(right, n, sides(m) * sides(n), w + MK_BLOCK_WORDS, words);
    for (size_t i = 0; i < m; i += MK_SIDE) {
      size_t some = m - i < MK_SIDE ? m - i : MK_SIDE;
      count_rows(tiles, left + i, some, right, n, block_at(w, words), &next, counts + i * n, n);
    }
  }
}
