// The definition of correct, for the functions over bits, and its table. The functions over values
// are defined in scalar_values.c and scalar_changed.c.
#include "kernels.h"

static bool is_set(const uint64_t *bits, size_t i) { return bits[i / 64] >> i % 64 & 1; }

// --- counts --------------------------------------------------------------------------------------

uint64_t mk_scalar_count(const uint64_t *bits, size_t words) {
  uint64_t total = 0;
  for (size_t w = 0; w < words; w++) total += (uint64_t)__builtin_popcountll(bits[w]);
  return total;
}

void mk_scalar_row_counts(const uint64_t *bits, size_t count, size_t columns, size_t first_column,
                          uint32_t *counts) {
  size_t row = 0, column = first_column;
  for (size_t i = 0; i < count; i++) {
    counts[row] += is_set(bits, i);
    if (++column == columns) column = 0, row++;
  }
}

void mk_scalar_column_counts(const uint64_t *bits, size_t count, size_t columns,
                             size_t first_column, uint32_t *counts) {
  size_t column = first_column;
  for (size_t i = 0; i < count; i++) {
    counts[column] += is_set(bits, i);
    if (++column == columns) column = 0;
  }
}

static uint64_t count_both(const uint64_t *left, const uint64_t *right, size_t words) {
  uint64_t total = 0;
  for (size_t w = 0; w < words; w++) total += (uint64_t)__builtin_popcountll(left[w] & right[w]);
  return total;
}

void mk_scalar_count_pairs(const uint64_t *const *rows, size_t k, size_t words, uint64_t *counts) {
  for (size_t i = 0; i < k; i++)
    for (size_t j = i + 1; j < k; j++) counts[i * k + j] += count_both(rows[i], rows[j], words);
}

void mk_scalar_count_cross(const uint64_t *const *left, size_t m, const uint64_t *const *right,
                           size_t n, size_t words, uint64_t *counts) {
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j < n; j++) counts[i * n + j] += count_both(left[i], right[j], words);
}

// --- gaps ----------------------------------------------------------------------------------------

size_t mk_scalar_gaps_encode(const uint64_t *bits, size_t words, uint8_t *out, size_t capacity) {
  size_t size = 0, next = 0;  // next: the position after the last set bit
  for (size_t w = 0; w < words; w++) {
    for (uint64_t left = bits[w]; left != 0; left &= left - 1) {
      size_t position = w * 64 + (size_t)__builtin_ctzll(left), gap = position - next;
      if (capacity - size < gap / 255 + 1) return SIZE_MAX;
      memset(out + size, 255, gap / 255);
      size += gap / 255;
      out[size++] = (uint8_t)(gap % 255);
      next = position + 1;
    }
  }
  return size;
}

size_t mk_scalar_gaps_decode(const uint8_t *gaps, size_t count, uint64_t *bits, size_t words) {
  size_t set = 0, position = 0;
  for (size_t i = 0; i < count; i++) {
    position += gaps[i];
    if (gaps[i] == 255) continue;
    if (position / 64 >= words) return SIZE_MAX;
    bits[position / 64] |= 1ULL << position % 64;
    position++, set++;
  }
  return count != 0 && gaps[count - 1] == 255 ? SIZE_MAX : set;
}

// --- streams -------------------------------------------------------------------------------------

static void put(uint64_t *bits, size_t i, bool bit) {
  if (i % 64 == 0) bits[i / 64] = 0;
  bits[i / 64] |= (uint64_t)bit << i % 64;
}

size_t mk_scalar_split(const uint64_t *bits, const uint64_t *selector, size_t count, uint64_t *low,
                       uint64_t *high) {
  size_t ones = 0;
  for (size_t i = 0; i < count; i++) {
    if (is_set(selector, i)) put(high, ones++, is_set(bits, i));
    else put(low, i - ones, is_set(bits, i));
  }
  return ones;
}

void mk_scalar_merge(const uint64_t *low, const uint64_t *high, const uint64_t *selector,
                     size_t count, uint64_t *bits) {
  size_t ones = 0;
  for (size_t w = 0; w < MK_WORDS(count); w++) {
    uint64_t word = 0;
    for (size_t i = w * 64; i < count && i < (w + 1) * 64; i++) {
      bool is_high = is_set(selector, i);
      word |= (uint64_t)(is_high ? is_set(high, ones) : is_set(low, i - ones)) << i % 64;
      ones += is_high;
    }
    bits[w] = word;
  }
}

size_t mk_scalar_bytes_split(const uint64_t *bits, size_t words, uint64_t *map, uint8_t *out) {
  size_t size = 0;
  for (size_t i = 0; i < words * 8; i++) {
    uint8_t byte = (uint8_t)(bits[i / 8] >> i % 8 * 8);
    put(map, i, byte != 0);
    if (byte != 0) out[size++] = byte;
  }
  return size;
}

size_t mk_scalar_bytes_merge(const uint64_t *map, const uint8_t *bytes, size_t count,
                             uint64_t *bits, size_t words) {
  size_t size = 0;
  for (size_t i = 0; i < words * 8; i++) {
    if (i % 8 == 0) bits[i / 8] = 0;
    if (!is_set(map, i)) continue;
    if (size == count) return SIZE_MAX;
    bits[i / 8] |= (uint64_t)bytes[size++] << i % 8 * 8;
  }
  return size;
}

void mk_scalar_fold(const uint64_t *bits, size_t words, uint64_t *any, uint64_t *both,
                    uint64_t *first) {
  size_t b = 0, f = 0;
  for (size_t i = 0; i < (words + 1) / 2 * 64; i++) {
    size_t left = i / 64 * 128 + i % 64, right = left + 64;
    bool in_left = is_set(bits, left), in_right = right < words * 64 && is_set(bits, right);
    put(any, i, in_left || in_right);
    if (in_left || in_right) put(both, b++, in_left && in_right);
    if (in_left != in_right) put(first, f++, in_left);
  }
}

void mk_scalar_unfold(const uint64_t *any, const uint64_t *both, const uint64_t *first,
                      size_t words, uint64_t *bits) {
  size_t b = 0, f = 0;
  for (size_t i = 0; i < (words + 1) / 2 * 64; i++) {
    size_t left = i / 64 * 128 + i % 64, right = left + 64;
    bool in_any = is_set(any, i), in_both = in_any && is_set(both, b++);
    bool in_left = in_both || (in_any && is_set(first, f++));
    put(bits, left, in_left);
    if (right < words * 64) put(bits, right, in_both || (in_any && !in_left));
  }
}

uint64_t mk_scalar_edges(const uint64_t *bits, size_t words) {
  uint64_t total = 0;
  for (size_t i = 0; i < words * 64; i++)
    total += is_set(bits, i) != (i != 0 && is_set(bits, i - 1));
  return total;
}

const mk_table mk_scalar = {
    .name = "scalar",
    .convert = mk_scalar_convert,
    .scale = mk_scalar_scale,
    .changed = mk_scalar_changed,
    .exponent_counts = mk_scalar_exponent_counts,
    .changed_counts = mk_scalar_changed_counts,
    .exponent_counts_after = mk_scalar_exponent_counts_after,
    .count = mk_scalar_count,
    .row_counts = mk_scalar_row_counts,
    .column_counts = mk_scalar_column_counts,
    .count_pairs = mk_scalar_count_pairs,
    .count_cross = mk_scalar_count_cross,
    .gaps_encode = mk_scalar_gaps_encode,
    .gaps_decode = mk_scalar_gaps_decode,
    .split = mk_scalar_split,
    .merge = mk_scalar_merge,
    .bytes_split = mk_scalar_bytes_split,
    .bytes_merge = mk_scalar_bytes_merge,
    .fold = mk_scalar_fold,
    .unfold = mk_scalar_unfold,
    .edges = mk_scalar_edges,
};
