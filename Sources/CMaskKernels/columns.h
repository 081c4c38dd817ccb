// mk_column_counts for the vector kernels, by vertical counters: bit plane p of a strip of columns
// holds bit p of every column's count, so that adding rows is a carry-save tree over whole vectors.
// The planes are spread to numbers every 240 rows.
//
// The matrix may be read in rows of a multiple of its columns, whose counts are then folded: so
// narrow matrices fill the strip, and most rows begin at a byte.
#ifndef MK_COLUMNS_H
#define MK_COLUMNS_H

#include "kernels.h"

enum {
  MK_STRIP = 4096,  // columns
  MK_STRIP_WORDS = MK_STRIP / 64,
  MK_PLANES = 8,
  MK_SOME = 16,       // rows at a time
  MK_ROWS = 240,      // of 16 at a time, below 2^MK_PLANES
  MK_SLACK = 64 + 8,  // bytes that may be read past the strip of a row
};

typedef uint64_t mk_planes[MK_PLANES][MK_STRIP_WORDS];

/// Sixteen rows of a strip; row r begins at bit shifts[r] < 8 of bytes[r].
typedef struct mk_some_rows {
  const uint8_t *bytes[MK_SOME];
  unsigned shifts[MK_SOME];
  bool is_shifted;  // any of them
} mk_some_rows;

typedef struct mk_column_steps {
  /// Adds the rows to the first `words` words of the planes, or somewhat more, up to 64 bytes.
  void (*add)(mk_planes planes, const mk_some_rows *rows, size_t words);
  /// Writes the numbers that the planes hold of the columns of so many words.
  void (*spread)(mk_planes planes, size_t words, uint8_t *numbers);
} mk_column_steps;

/// The spreading of AVX2, which AVX-512 has no better one for.
void mk_avx2_spread(mk_planes planes, size_t words, uint8_t *numbers);

void mk_column_counts_by(const mk_column_steps *steps, const uint64_t *bits, size_t count,
                         size_t columns, size_t first_column, uint32_t *counts);

#endif
