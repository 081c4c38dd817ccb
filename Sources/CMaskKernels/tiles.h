// mk_count_pairs and mk_count_cross for kernels with registers enough for sixteen counters: tiles
// of four by four rows, over blocks of the rows that stay in L1.
#ifndef MK_TILES_H
#define MK_TILES_H

#include "kernels.h"

enum {
  MK_SIDE = 4,
  MK_BLOCK_WORDS =
      496,  // of each of eight rows: 31 KiB, and a multiple of what NEON counts in a byte
};

typedef struct mk_tile {
  const uint64_t *left[MK_SIDE], *right[MK_SIDE];
  size_t words;
  const uint64_t *ask[MK_SIDE];  // what will be wanted next, as many words of `asked` rows
  size_t asked;
} mk_tile;

/// Has the eight words from w on of the rows that are asked for brought near. Spread over a tile, for
/// all at once would be more than can be under way.
MK_INLINE void mk_ask(const mk_tile *t, size_t w) {
  for (size_t i = 0; i < t->asked; i++) __builtin_prefetch(t->ask[i] + w, 0, 2);
}

/// Entry [m - 1][n - 1] adds the counts of m left by n right rows to counts[i * stride + j].
typedef void (*const mk_tiles[MK_SIDE][MK_SIDE])(const mk_tile *, uint64_t *counts, size_t stride);

void mk_count_pairs_by(mk_tiles tiles, const uint64_t *const *rows, size_t k, size_t words,
                       uint64_t *counts);
void mk_count_cross_by(mk_tiles tiles, const uint64_t *const *left, size_t m,
                       const uint64_t *const *right, size_t n, size_t words, uint64_t *counts);

/// Defines `tiles` by count_tile(m, n, tile, counts, stride), with m and n constants.
#define MK_TILE(target, m, n)                                                            \
  target static void tile_##m##_##n(const mk_tile *t, uint64_t *counts, size_t stride) { \
    count_tile(m, n, t, counts, stride);                                                 \
  }
#define MK_TILES(target)                                             \
  MK_TILE(target, 1, 1)                                              \
  MK_TILE(target, 1, 2)                                              \
  MK_TILE(target, 1, 3)                                              \
  MK_TILE(target, 1, 4)                                              \
  MK_TILE(target, 2, 1)                                              \
  MK_TILE(target, 2, 2)                                              \
  MK_TILE(target, 2, 3)                                              \
  MK_TILE(target, 2, 4)                                              \
  MK_TILE(target, 3, 1)                                              \
  MK_TILE(target, 3, 2)                                              \
  MK_TILE(target, 3, 3)                                              \
  MK_TILE(target, 3, 4)                                              \
  MK_TILE(target, 4, 1)                                              \
  MK_TILE(target, 4, 2)                                              \
  MK_TILE(target, 4, 3)                                              \
  MK_TILE(target, 4, 4)                                              \
  static mk_tiles tiles = {{tile_1_1, tile_1_2, tile_1_3, tile_1_4}, \
                           {tile_2_1, tile_2_2, tile_2_3, tile_2_4}, \
                           {tile_3_1, tile_3_2, tile_3_3, tile_3_4}, \
                           {tile_4_1, tile_4_2, tile_4_3, tile_4_4}};

#endif
