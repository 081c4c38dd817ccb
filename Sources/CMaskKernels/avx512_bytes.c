// mk_bytes_split and mk_bytes_merge in AVX-512: one instruction moves the bytes of a word of the map
// together, or apart.
#include "avx512.h"
#include "streams.h"

#if defined(__x86_64__)

enum { GROUP = 8 };  // words of a word of the map

MK_AVX512 size_t mk_avx512_bytes_split(const uint64_t *bits, size_t words, uint64_t *map,
                                       uint8_t *out) {
  size_t size = 0, done = words / GROUP * GROUP;
  for (size_t i = 0; i < done; i += GROUP) {
    __m512i v = mk_load512(bits + i);
    uint64_t set = _mm512_test_epi8_mask(v, v);
    map[i / GROUP] = set;
    // Whole, though not all of it counts: there is room for as many bytes as have been looked at.
    mk_store512(out + size, _mm512_maskz_compress_epi8(set, v));
    size += (unsigned)__builtin_popcountll(set);
  }
  return size + mk_table_bytes_split(bits + done, words - done, map + done / GROUP, out + size);
}

MK_AVX512 size_t mk_avx512_bytes_merge(const uint64_t *map, const uint8_t *bytes, size_t count,
                                       uint64_t *bits, size_t words) {
  size_t size = 0, i = 0;
  for (; i + GROUP <= words; i += GROUP) {
    uint64_t set = map[i / GROUP];
    size_t some = (size_t)__builtin_popcountll(set);
    if (some > count - size) return SIZE_MAX;
    __m512i next = _mm512_maskz_loadu_epi8(mk_low(some), bytes + size);
    mk_store512(bits + i, _mm512_maskz_expand_epi8(set, next));
    size += some;
  }
  size_t rest =
      mk_table_bytes_merge(map + i / GROUP, bytes + size, count - size, bits + i, words - i);
  return rest == SIZE_MAX ? SIZE_MAX : size + rest;
}

#endif
