// mk_count_pairs and mk_count_cross for kernels with registers enough for the counters of many pairs:
// tiles of four or six by four rows, over blocks of the rows that stay in L1.
#ifndef MK_TILES_H
#define MK_TILES_H

#include "kernels.h"

enum {
  MK_SIDE = 4,  // right rows
  MK_TALL = 6,  // left rows, at most
  MK_BLOCK_WORDS =
      496,  // of each of eight rows: 31 KiB, and a multiple of what NEON counts in a byte
};

typedef struct mk_tile {
  const uint64_t *left[MK_TALL], *right[MK_SIDE];
  size_t words;
  const uint64_t *ask[MK_SIDE];  // what will be wanted next, as many words of `asked` rows
  size_t asked;
} mk_tile;

/// Has the eight words from w on of the rows that are asked for brought near. Spread over a tile, for
/// all at once would be more than can be under way.
MK_INLINE void mk_ask(const mk_tile *t, size_t w) {
  for (size_t i = 0; i < t->asked; i++) __builtin_prefetch(t->ask[i] + w, 0, 2);
}

/// The tiles of a kernel, of up to `tall` left rows. Entry [m - 1][n] adds the counts of m left by n
/// right rows to counts[i * stride + j]; of no right rows those of the left ones by each other, i < j.
typedef struct mk_tiles {
  size_t tall;
  void (*count[MK_TALL][MK_SIDE + 1])(const mk_tile *, uint64_t *counts, size_t stride);
} mk_tiles;

void mk_count_pairs_by(const mk_tiles *tiles, const uint64_t *const *rows, size_t k, size_t words,
                       uint64_t *counts);
void mk_count_cross_by(const mk_tiles *tiles, const uint64_t *const *left, size_t m,
                       const uint64_t *const *right, size_t n, size_t words, uint64_t *counts);

/// Define `tiles` by count_tile(m, n, tile, counts, stride), with m and n constants.
#define MK_TILE(target, m, n)                                                            \
  target static void tile_##m##_##n(const mk_tile *t, uint64_t *counts, size_t stride) { \
    count_tile(m, n, t, counts, stride);                                                 \
  }
#define MK_TILE_ROW(target, m) \
  MK_TILE(target, m, 0)        \
  MK_TILE(target, m, 1)        \
  MK_TILE(target, m, 2)        \
  MK_TILE(target, m, 3)        \
  MK_TILE(target, m, 4)
#define MK_ROW_ENTRY(m) {tile_##m##_0, tile_##m##_1, tile_##m##_2, tile_##m##_3, tile_##m##_4}
#define MK_TILES_OF_FOUR(target)                                                              \
  MK_TILE_ROW(target, 1)                                                                      \
  MK_TILE_ROW(target, 2)                                                                      \
  MK_TILE_ROW(target, 3)                                                                      \
  MK_TILE_ROW(target, 4)                                                                      \
  static const mk_tiles tiles = {                                                             \
      4, {MK_ROW_ENTRY(1), MK_ROW_ENTRY(2), MK_ROW_ENTRY(3), MK_ROW_ENTRY(4)}};
#define MK_TILES_OF_SIX(target)                                                               \
  MK_TILE_ROW(target, 1)                                                                      \
  MK_TILE_ROW(target, 2)                                                                      \
  MK_TILE_ROW(target, 3)                                                                      \
  MK_TILE_ROW(target, 4)                                                                      \
  MK_TILE_ROW(target, 5)                                                                      \
  MK_TILE_ROW(target, 6)                                                                      \
  static const mk_tiles tiles = {6, {MK_ROW_ENTRY(1), MK_ROW_ENTRY(2), MK_ROW_ENTRY(3),       \
                                     MK_ROW_ENTRY(4), MK_ROW_ENTRY(5), MK_ROW_ENTRY(6)}};

/// Before a loop over the rows of a tile: its counters are in registers only where nothing is left of it.
#define MK_UNROLL _Pragma("GCC unroll 8")

/// The columns of a tile, and how many left rows meet the right row of one of them: all, or those before.
MK_INLINE int mk_columns(int m, int n) { return n == 0 ? m : n; }
MK_INLINE int mk_met(int m, int n, int column) { return n == 0 ? column : m; }

#endif
