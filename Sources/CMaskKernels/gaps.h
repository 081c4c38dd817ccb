// mk_gaps_encode and mk_gaps_decode with few branches on the bits: inlined into the kernels, so
// that the builtins become their own instructions.
#ifndef MK_GAPS_H
#define MK_GAPS_H

#include "kernels.h"

/// What a byte of bits means: the gap before each set bit, the first counted from bit 0, from the
/// lowest byte up; and the zeros above the last, all eight where there is none.
extern const uint64_t mk_byte_gaps[256];
extern const uint8_t mk_byte_zeros[256];

// --- encoding ------------------------------------------------------------------------------------

typedef struct mk_gaps_writer {
  uint8_t *out;
  size_t size, capacity;
  size_t zeros;  // since the last set bit
} mk_gaps_writer;

/// Writes a set bit after the zeros; false where it does not fit.
MK_INLINE bool mk_write_gap(mk_gaps_writer *w) {
  if (w->capacity - w->size < w->zeros / 255 + 1) return false;
  for (; w->zeros >= 255; w->zeros -= 255) w->out[w->size++] = 255;
  w->out[w->size++] = (uint8_t)w->zeros;
  w->zeros = 0;
  return true;
}

/// Writes a word bit by bit, checking each.
MK_INLINE bool mk_write_bits(mk_gaps_writer *w, uint64_t word) {
  unsigned done = 0;
  for (; word != 0; word &= word - 1) {
    unsigned bit = (unsigned)__builtin_ctzll(word);
    w->zeros += bit - done;
    if (!mk_write_gap(w)) return false;
    done = bit + 1;
  }
  w->zeros += 64 - done;
  return true;
}

/// Writes a word byte by byte, eight gaps at a time whether there are so many or not: 64 bytes must
/// be free, and the zeros so few that no gap reaches 255.
MK_INLINE void mk_write_bytes(mk_gaps_writer *w, uint64_t word) {
  for (int i = 0; i < 8; i++, word >>= 8) {
    uint8_t byte = (uint8_t)word;
    mk_put64(w->out + w->size, 0, mk_byte_gaps[byte] + w->zeros);
    w->size += (unsigned)__builtin_popcount(byte);
    w->zeros = mk_byte_zeros[byte] + (w->zeros & (size_t)-(byte == 0));  // no branch
  }
}

enum { MK_FEW = 4 };  // set bits of a word, up to which they are taken one by one

/// The same for MK_FEW set bits at most, which are written whether there are so many or not.
MK_INLINE void mk_write_few(mk_gaps_writer *w, uint64_t word) {
  size_t before = w->zeros, done = 0;  // zeros carried in, positions done
  unsigned count = (unsigned)__builtin_popcountll(word);
  uint8_t *out = w->out + w->size;
  for (unsigned i = 0; i < MK_FEW; i++) {
    size_t bit = word != 0 ? (size_t)__builtin_ctzll(word) : 0;
    out[i] = (uint8_t)(before + bit - done);
    before = 0;
    done = i < count ? bit + 1 : done;
    word &= word - 1;
  }
  w->size += count;
  w->zeros = 64 - done;
}

/// Writes a word under the terms of mk_write_bytes.
MK_INLINE void mk_write_word(mk_gaps_writer *w, uint64_t word) {
  if (__builtin_popcountll(word) <= MK_FEW) mk_write_few(w, word);
  else mk_write_bytes(w, word);
}

MK_INLINE size_t mk_gaps_encode_inline(const uint64_t *bits, size_t words, uint8_t *out,
                                       size_t capacity) {
  mk_gaps_writer w = {out, 0, capacity, 0};
  for (size_t i = 0; i < words; i++) {
    if (bits[i] == 0) w.zeros += 64;
    else if (w.zeros < 255 - 64 && capacity - w.size >= 64) mk_write_word(&w, bits[i]);
    else if (!mk_write_bits(&w, bits[i])) return SIZE_MAX;
  }
  return w.size;
}

// --- decoding ------------------------------------------------------------------------------------

/// The word under way is written at every set bit, and begun anew where the position has left it:
/// that is a choice of values and not of branches.
typedef struct mk_gaps_reader {
  uint64_t *bits;
  size_t words, position, set;  // position: after the last set bit or part of a gap
} mk_gaps_reader;

/// One byte, which may be any; false where it leads past the last word. It is wrong there even
/// inside a gap, since the gap must end.
MK_INLINE bool mk_read_byte(mk_gaps_reader *r, uint8_t byte) {
  if (r->words * 64 - r->position <= byte) return false;
  r->position += byte;
  if (byte == 255) return true;
  r->bits[r->position / 64] |= 1ULL << r->position % 64;
  r->position++, r->set++;
  return true;
}

/// Eight gaps, none of them 255, which all end within the words.
MK_INLINE void mk_read_eight(mk_gaps_reader *r, uint64_t gaps) {
  size_t at = r->position / 64;
  uint64_t word = r->bits[at];
  for (int i = 0; i < 8; i++, gaps >>= 8) {
    r->position += gaps & 0xFF;
    size_t next = r->position / 64;
    word = (next == at ? word : 0) | 1ULL << r->position % 64;
    r->bits[next] = word;
    at = next;
    r->position++;
  }
  r->set += 8;
}

enum { MK_EIGHT_GAPS = 8 * 255 };  // the most that eight gaps without a 255 and their bits take

MK_INLINE bool mk_has_255(uint64_t bytes) {
  uint64_t zeros = ~bytes;  // a byte of 255 is a byte of 0 in it
  return ((zeros - 0x0101010101010101) & ~zeros & 0x8080808080808080) != 0;
}

/// Reads all gaps, with `eight` for most; it is a constant where this is called.
MK_INLINE size_t mk_gaps_decode_by(void (*eight)(mk_gaps_reader *, uint64_t), const uint8_t *gaps,
                                   size_t count, uint64_t *bits, size_t words) {
  mk_gaps_reader r = {bits, words, 0, 0};
  for (size_t i = 0; i < count;) {
    bool is_plain = count - i >= 8 && words * 64 - r.position > MK_EIGHT_GAPS;
    if (is_plain && !mk_has_255(mk_u64(gaps + i, 0))) {
      eight(&r, mk_u64(gaps + i, 0));
      i += 8;
    } else if (!mk_read_byte(&r, gaps[i++])) {
      return SIZE_MAX;
    }
  }
  return count != 0 && gaps[count - 1] == 255 ? SIZE_MAX : r.set;
}

#endif
