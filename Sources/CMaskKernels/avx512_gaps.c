// mk_gaps_encode in AVX-512: the places of a word's set bits are compressed out of 0 to 63, and a
// gap is the difference of neighbours.
#include "avx512.h"
#include "gaps.h"

#if defined(__x86_64__)

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

MK_AVX512 size_t mk_avx512_gaps_encode(const uint64_t *bits, size_t words, uint8_t *out,
                                       size_t capacity) {
  uint8_t index[64];
  for (int i = 0; i < 64; i++) index[i] = (uint8_t)i;
  __m512i indices = mk_load512(index);
  mk_gaps_writer w = {out, 0, capacity, 0};
  for (size_t i = 0; i < words; i++) {
    if (bits[i] == 0) w.zeros += 64;
    else if (w.zeros < 255 - 64 && capacity - w.size >= 64) write_word(&w, bits[i], indices);
    else if (!mk_write_bits(&w, bits[i])) return SIZE_MAX;
  }
  return w.size;
}

#endif
