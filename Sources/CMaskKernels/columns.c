#include "columns.h"

typedef struct matrix {
  const uint8_t *bytes;
  size_t size;   // in bytes
  size_t width;  // of a row as it is read: a multiple of `columns`
  size_t rows;   // of that width, the last perhaps incomplete
  size_t columns, first_column;
} matrix;

// --- the width -----------------------------------------------------------------------------------

enum { WIDE = 1024 };  // columns that make the work on a row worth its preparation

static size_t multiple(size_t of, size_t at_least) {
  return of >= at_least ? of : (at_least + of - 1) / of * of;
}

/// The least multiple of `columns` that is a multiple of 8.
static size_t bytewise(size_t columns) { return columns << (3 - __builtin_ctzll(columns | 8)); }

static size_t width_of(size_t columns, size_t count) {
  bool pays = count / bytewise(columns) >= 64;
  return multiple(pays ? bytewise(columns) : columns, WIDE);
}

// --- rows ----------------------------------------------------------------------------------------

enum { SPARE = MK_STRIP / 8 + MK_SLACK };

/// Bytes [start, start + SPARE) of the matrix, in place or, where they would end after it, copied.
static const uint8_t *readable(const matrix *m, size_t start, uint8_t spare[SPARE]) {
  if (start < m->size && m->size - start >= SPARE) return m->bytes + start;
  size_t some = start < m->size ? m->size - start : 0;
  memcpy(spare, m->bytes + (some > 0 ? start : 0), some);
  memset(spare + some, 0, SPARE - some);
  return spare;
}

/// Adds the rows first ..< last of the strip that begins at column `strip`.
static void add_rows(const mk_column_steps *steps, const matrix *m, size_t strip, size_t first,
                     size_t last, size_t words, mk_planes planes) {
  uint8_t spare[MK_SOME][SPARE];
  for (size_t row = first; row < last; row += MK_SOME) {
    mk_some_rows some = {.is_shifted = false};
    for (size_t i = 0; i < MK_SOME; i++) {
      size_t start = row + i < last ? (row + i) * m->width + strip : m->size * 8;
      some.bytes[i] = readable(m, start / 8, spare[i]);
      some.shifts[i] = start % 8;
      some.is_shifted |= start % 8 != 0;
    }
    steps->add(planes, &some, words);
  }
}

// --- numbers -------------------------------------------------------------------------------------

/// Adds the numbers of the `width` columns from `strip` on to the columns they stand for.
static void fold(const matrix *m, const uint8_t *restrict numbers, size_t strip, size_t width,
                 uint32_t *restrict counts) {
  size_t column = (m->first_column + strip) % m->columns;
  for (size_t i = 0; i < width;) {
    size_t run = m->columns - column < width - i ? m->columns - column : width - i;
    for (size_t j = 0; j < run; j++) counts[column + j] += numbers[i + j];
    i += run, column = 0;
  }
}

static void count_strip(const mk_column_steps *steps, const matrix *m, size_t strip, size_t width,
                        uint32_t *counts) {
  mk_planes planes;
  uint8_t numbers[MK_STRIP];
  size_t words = MK_WORDS(width);
  for (size_t first = 0; first < m->rows; first += MK_ROWS) {
    size_t last = m->rows - first < MK_ROWS ? m->rows : first + MK_ROWS;
    memset(planes, 0, sizeof planes);
    add_rows(steps, m, strip, first, last, words, planes);
    steps->spread(planes, words, numbers);
    fold(m, numbers, strip, width, counts);
  }
}

void mk_column_counts_by(const mk_column_steps *steps, const uint64_t *bits, size_t count,
                         size_t columns, size_t first_column, uint32_t *counts) {
  if (count == 0) return;
  size_t width = width_of(columns, count);
  matrix m = {
      (const uint8_t *)bits, MK_WORDS(count) * 8, width, (count + width - 1) / width, columns,
      first_column};
  size_t reached = count < width ? count : width;  // columns past it are empty
  for (size_t strip = 0; strip < reached; strip += MK_STRIP) {
    size_t left = reached - strip;
    count_strip(steps, &m, strip, left < MK_STRIP ? left : MK_STRIP, counts);
  }
}
