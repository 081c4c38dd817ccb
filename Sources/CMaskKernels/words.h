// Functions over words that need only good single instructions: inlined into the kernels, they become
// POPCNT, TZCNT and BLSR there.
#ifndef MK_WORDS_H
#define MK_WORDS_H

#include "kernels.h"

// --- rows -----------------------------------------------------------------------------------------

/// The set bits of the positions from ..< to, which are not none.
MK_INLINE uint64_t mk_range_count(const uint64_t *bits, size_t from, size_t to) {
  size_t first = from / 64, last = (to - 1) / 64;
  uint64_t head = ~0ULL << from % 64, tail = mk_low((to - 1) % 64 + 1);
  if (first == last) return (uint64_t)__builtin_popcountll(bits[first] & head & tail);
  uint64_t total = (uint64_t)__builtin_popcountll(bits[first] & head);
  for (size_t w = first + 1; w < last; w++) total += (uint64_t)__builtin_popcountll(bits[w]);
  return total + (uint64_t)__builtin_popcountll(bits[last] & tail);
}

MK_INLINE void mk_row_counts_inline(const uint64_t *bits, size_t count, size_t columns,
                                    size_t first_column, uint32_t *counts) {
  size_t end = columns - first_column;
  for (size_t start = 0; start < count; start = end, end += columns) {
    if (end > count) end = count;
    *counts++ += (uint32_t)mk_range_count(bits, start, end);
  }
}

// --- gaps -----------------------------------------------------------------------------------------

/// The place of the lowest set bit; 64 where there is none.
MK_INLINE unsigned mk_lowest(uint64_t word) {
  return word == 0 ? 64 : (unsigned)__builtin_ctzll(word);
}

typedef struct mk_gaps_writer {
  uint8_t *out;
  size_t size, capacity, next;  // next: the position after the last set bit
} mk_gaps_writer;

/// Writes one set bit; false where it does not fit.
MK_INLINE bool mk_write_gap(mk_gaps_writer *w, size_t position) {
  size_t gap = position - w->next, whole = gap / 255;
  if (w->capacity - w->size < whole + 1) return false;
  memset(w->out + w->size, 255, whole);
  w->size += whole;
  w->out[w->size++] = (uint8_t)(gap % 255);
  w->next = position + 1;
  return true;
}

/// Writes the set bits of `left`, of which the one at `last` was the latest: their gaps are below 63,
/// so eight at a time are written whether there are so many or not. Needs 64 free bytes.
MK_INLINE void mk_write_rest(mk_gaps_writer *w, uint64_t left, unsigned last) {
  unsigned n = (unsigned)__builtin_popcountll(left);
  for (unsigned done = 0; done < n; done += 8)
    for (unsigned i = 0; i < 8; i++, left &= left - 1) {
      unsigned bit = mk_lowest(left);
      w->out[w->size + done + i] = (uint8_t)(bit - last - 1);
      last = bit;
    }
  w->size += n;
}

/// Writes one word bit by bit, checking each.
MK_INLINE bool mk_write_slowly(mk_gaps_writer *w, size_t start, uint64_t word) {
  for (; word != 0; word &= word - 1)
    if (!mk_write_gap(w, start + mk_lowest(word))) return false;
  return true;
}

MK_INLINE bool mk_write_word(mk_gaps_writer *w, size_t start, uint64_t word) {
  unsigned first = mk_lowest(word);
  if (!mk_write_gap(w, start + first)) return false;
  word &= word - 1;
  if (w->capacity - w->size < 64) return mk_write_slowly(w, start, word);
  mk_write_rest(w, word, first);
  w->next = start + 64 - (unsigned)__builtin_clzll(word | 1ULL << first);
  return true;
}

MK_INLINE size_t mk_gaps_encode_inline(const uint64_t *bits, size_t words, uint8_t *out,
                                       size_t capacity) {
  mk_gaps_writer w = {out, 0, capacity, 0};
  for (size_t i = 0; i < words; i++)
    if (bits[i] != 0 && !mk_write_word(&w, i * 64, bits[i])) return SIZE_MAX;
  return w.size;
}

/// Without a branch on the bytes: the word under way is written at each, and begun anew where the
/// position has left it. A position past the end is wrong even inside a gap, since the gap must end.
MK_INLINE size_t mk_gaps_decode_inline(const uint8_t *gaps, size_t count, uint64_t *bits,
                                       size_t words) {
  size_t set = 0, position = 0, last = 0;
  uint64_t word = 0;
  for (size_t i = 0; i < count; i++) {
    position += gaps[i];
    size_t at = position / 64;
    if (at >= words) return SIZE_MAX;
    bool ends = gaps[i] != 255;
    word = (at == last ? word : 0) | (uint64_t)ends << position % 64;
    bits[at] = word;
    last = at;
    position += ends, set += ends;
  }
  return count != 0 && gaps[count - 1] == 255 ? SIZE_MAX : set;
}

#endif
