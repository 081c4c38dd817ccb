#include "tiles.h"

enum { MANY = 8 };  // rows

typedef struct block {
  size_t start, words;
} block;

/// A few words that would be left over belong to the last block: adding up a tile's counters costs as
/// much as a hundred words of it.
static block block_at(size_t start, size_t words) {
  size_t rest = words - start;
  return (block){start, rest < MK_BLOCK_WORDS + MK_BLOCK_WORDS / 8 ? rest : MK_BLOCK_WORDS};
}

static size_t end_of(block at) { return at.start + at.words; }

static void point(const uint64_t **to, const uint64_t *const *rows, size_t n, block at) {
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

/// Counts `m` left rows, no more than are tall, against `n` right rows.
static void count_rows(const mk_tiles *tiles, const uint64_t *const *left, size_t m,
                       const uint64_t *const *right, size_t n, block at, queue *next,
                       uint64_t *counts, size_t stride) {
  mk_tile t = {.words = at.words};
  point(t.left, left, m, at);
  for (size_t j = 0; j < n; j += MK_SIDE) {
    size_t some = n - j < MK_SIDE ? n - j : MK_SIDE;
    point(t.right, right + j, some, at);
    take(next, &t);
    tiles->count[m - 1][some](&t, counts + j, stride);
  }
}

/// Counts `m` rows, no more than are tall, against each other.
static void count_among(const mk_tiles *tiles, const uint64_t *const *rows, size_t m, block at,
                        queue *next, uint64_t *counts, size_t stride) {
  if (m < 2) return;
  mk_tile t = {.words = at.words};
  point(t.left, rows, m, at);
  take(next, &t);
  tiles->count[m - 1][0](&t, counts, stride);
}

static void pairs_in_block(const mk_tiles *tiles, const uint64_t *const *rows, size_t k, block at,
                           queue *next, uint64_t *counts) {
  for (size_t i = 0; i < k; i += tiles->tall) {
    size_t m = k - i < tiles->tall ? k - i : tiles->tall;
    uint64_t *corner = counts + i * (k + 1);
    count_among(tiles, rows + i, m, at, next, corner, k);
    count_rows(tiles, rows + i, m, rows + i + m, k - i - m, at, next, corner + m, k);
  }
}

/// The tiles of `rows` right rows, for each `tall` left ones.
static size_t wide(size_t rows) { return (rows + MK_SIDE - 1) / MK_SIDE; }

static size_t tiles_of_pairs(size_t k, size_t tall) {
  size_t count = 0;
  for (size_t i = 0; i + 1 < k; i += tall) count += 1 + (k - i > tall ? wide(k - i - tall) : 0);
  return count;
}

void mk_count_pairs_by(const mk_tiles *tiles, const uint64_t *const *rows, size_t k, size_t words,
                       uint64_t *counts) {
  if (k < 2) return;
  size_t in_block = tiles_of_pairs(k, tiles->tall);
  for (block at = block_at(0, words); at.words > 0; at = block_at(end_of(at), words)) {
    queue next = queue_of(rows, k, in_block, end_of(at), words);
    pairs_in_block(tiles, rows, k, at, &next, counts);
  }
}

void mk_count_cross_by(const mk_tiles *tiles, const uint64_t *const *left, size_t m,
                       const uint64_t *const *right, size_t n, size_t words, uint64_t *counts) {
  if (m == 0 || n == 0) return;
  size_t in_block = (m + tiles->tall - 1) / tiles->tall * wide(n);
  for (block at = block_at(0, words); at.words > 0; at = block_at(end_of(at), words)) {
    queue next = queue_of(right, n, in_block, end_of(at), words);
    for (size_t i = 0; i < m; i += tiles->tall) {
      size_t some = m - i < tiles->tall ? m - i : tiles->tall;
      count_rows(tiles, left + i, some, right, n, at, &next, counts + i * n, n);
    }
  }
}
