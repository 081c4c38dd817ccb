// mk_gaps_encode in AVX-512. Where most words have bits set, the places of a word's bits are compressed
// out of 0 to 63, and a gap is the difference of neighbours. Where most have none, whether a word has
// any is what a branch cannot foresee: so the positions are listed without one, and then turned into
// gaps, sixteen at a time.
#include "avx512.h"
#include "gaps.h"

#if defined(__x86_64__)

// --- word by word --------------------------------------------------------------------------------

/// As mk_write_bytes: 64 bytes are written, however many of them count.
MK_AVX512_INLINE void write_word(mk_gaps_writer *w, uint64_t word, __m512i indices) {
  __m512i one = _mm512_set1_epi8(1), before = _mm512_sub_epi8(indices, one);
  __m512i places = _mm512_maskz_compress_epi8(word, indices);
  // The place before each, which for the first lies in an earlier word.
  __m512i last = _mm512_set1_epi8((char)(-1 - (int)w->zeros));
  __m512i previous = _mm512_mask_permutexvar_epi8(last, ~1ULL, before, places);
  __m512i gaps = _mm512_sub_epi8(_mm512_sub_epi8(places, previous), one);
  mk_store512(w->out + w->size, gaps);
  w->size += (unsigned)__builtin_popcountll(word);
  w->zeros = (unsigned)__builtin_clzll(word);
}

MK_AVX512 static size_t encode_words(const uint64_t *bits, size_t words, uint8_t *out,
                                     size_t capacity) {
  __m512i indices = mk_byte_indices();
  mk_gaps_writer w = {out, 0, capacity, 0};
  for (size_t i = 0; i < words; i++) {
    if (bits[i] == 0) w.zeros += 64;
    else if (w.zeros < 255 - 64 && capacity - w.size >= 64) write_word(&w, bits[i], indices);
    else if (!mk_write_bits(&w, bits[i])) return SIZE_MAX;
  }
  return w.size;
}

// --- position by position ------------------------------------------------------------------------

enum {
  LISTED = 512,
  SOME = 256,  // words that are looked through at once
};

/// Positions not written yet, after the last one that was.
typedef struct list {
  uint32_t before, at[LISTED + 64 + 16];
  size_t count;
} list;

/// Appends the positions of a word's bits; sixteen are written, however many of them count.
MK_AVX512_INLINE void append_word(list *l, uint64_t word, size_t start, __m512i indices) {
  size_t count = (size_t)__builtin_popcountll(word);
  __m512i places = _mm512_maskz_compress_epi8(word, indices), from = _mm512_set1_epi32((int)start);
  uint8_t rest[64];
  __m512i some = _mm512_cvtepu8_epi32(_mm512_castsi512_si128(places));
  mk_store512(l->at + l->count, _mm512_add_epi32(some, from));
  if (__builtin_expect(count > 16, 0)) {
    mk_store512(rest, places);
    for (size_t i = 16; i < count; i++) l->at[l->count + i] = (uint32_t)start + rest[i];
  }
  l->count += count;
}

/// Writes sixteen gaps below 4 x 255: each is four bytes, of which only those that it needs are kept.
MK_AVX512_INLINE void write_sixteen(mk_gaps_writer *w, __m512i gaps) {
  const uint64_t first = 0x1111111111111111;
  __m512i full = _mm512_set1_epi32(255), rest = gaps;
  uint64_t kept = first << 3;
  for (int i = 2; i >= 0; i--) {
    __mmask16 is_wide = _mm512_cmpge_epu32_mask(rest, full);
    kept |= _pdep_u64(is_wide, first << i);
    rest = _mm512_mask_sub_epi32(rest, is_wide, rest, full);
  }
  __m512i bytes = _mm512_or_si512(_mm512_slli_epi32(rest, 24), _mm512_set1_epi32(0xFFFFFF));
  mk_store512(w->out + w->size, _mm512_maskz_compress_epi8(kept, bytes));
  w->size += (size_t)__builtin_popcountll(kept);
}

/// Writes the gaps of `count` <= 16 positions from `i` on.
MK_AVX512_INLINE bool write_some(mk_gaps_writer *w, const list *l, size_t i, size_t count) {
  __m512i at = mk_load512(l->at + i), one = _mm512_set1_epi32(1);
  // `before` stands where the position before the first would.
  __m512i previous = mk_load512((const char *)l + offsetof(list, at) + i * 4 - 4);
  __m512i gaps = _mm512_sub_epi32(_mm512_sub_epi32(at, previous), one);
  bool is_plain = count == 16 && w->capacity - w->size >= 64 &&
                  _mm512_cmpge_epu32_mask(gaps, _mm512_set1_epi32(4 * 255)) == 0;
  if (__builtin_expect(is_plain, 1)) {
    write_sixteen(w, gaps);
    return true;
  }
  uint32_t each[16];
  mk_store512(each, gaps);
  for (size_t j = 0; j < count; j++) {
    w->zeros = each[j];
    if (!mk_write_gap(w)) return false;
  }
  return true;
}

/// Writes all positions, or all but fewer than sixteen, which it keeps.
MK_AVX512_INLINE bool write_list(mk_gaps_writer *w, list *l, bool all) {
  size_t i = 0;
  for (; i + 16 <= l->count; i += 16)
    if (!write_some(w, l, i, 16)) return false;
  if (all && i < l->count) return write_some(w, l, i, l->count - i);
  if (i > 0) l->before = l->at[i - 1];
  memmove(l->at, l->at + i, (l->count - i) * sizeof *l->at);
  l->count -= i;
  return true;
}

/// The words that have bits set, of some that follow each other.
typedef struct found {
  uint64_t word[SOME + 8], index[SOME + 8];
  size_t count;
} found;

MK_AVX512_INLINE void find(found *f, const uint64_t *bits, size_t first, size_t words) {
  __m512i at = _mm512_add_epi64(_mm512_set_epi64(7, 6, 5, 4, 3, 2, 1, 0),
                                _mm512_set1_epi64((long long)first));
  f->count = 0;
  for (size_t i = 0; i < words; i += 8) {
    __m512i eight = _mm512_maskz_loadu_epi64((__mmask8)mk_low(words - i), bits + first + i);
    __mmask8 has = _mm512_test_epi64_mask(eight, eight);
    mk_store512(f->word + f->count, _mm512_maskz_compress_epi64(has, eight));
    mk_store512(f->index + f->count, _mm512_maskz_compress_epi64(has, at));
    f->count += (size_t)__builtin_popcount(has);
    at = _mm512_add_epi64(at, _mm512_set1_epi64(8));
  }
}

MK_AVX512 static size_t encode_positions(const uint64_t *bits, size_t words, uint8_t *out,
                                         size_t capacity) {
  __m512i indices = mk_byte_indices();
  mk_gaps_writer w = {out, 0, capacity, 0};
  found f;  // nor is this or the list to be cleared
  list l;
  l.before = UINT32_MAX, l.count = 0;
  for (size_t first = 0; first < words; first += SOME) {
    find(&f, bits, first, words - first < SOME ? words - first : SOME);
    for (size_t i = 0; i < f.count; i++) {
      append_word(&l, f.word[i], f.index[i] * 64, indices);
      if (__builtin_expect(l.count >= LISTED, 0) && !write_list(&w, &l, false)) return SIZE_MAX;
    }
  }
  return write_list(&w, &l, true) ? w.size : SIZE_MAX;
}

size_t mk_avx512_gaps_encode(const uint64_t *bits, size_t words, uint8_t *out, size_t capacity) {
  bool is_sparse = words < UINT32_MAX / 64 && mk_avx512_count(bits, words) < words + words / 2;
  return is_sparse ? encode_positions(bits, words, out, capacity)
                   : encode_words(bits, words, out, capacity);
}

#endif
