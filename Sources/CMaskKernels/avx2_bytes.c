// mk_bytes_split and mk_bytes_merge: eight bytes are moved by one shuffle, whose places come from a
// table by the eight bits of the map. Needs no PEXT and PDEP, which some CPUs have in microcode.
#include "avx2.h"
#include "streams.h"

#if defined(__x86_64__)

// Entry m of the tables is a sum over the bits of m, written by the preprocessor.
#define BELOW(m, i) ((uint64_t)__builtin_popcount((m) & ((1U << (i)) - 1)))
#define IS_SET(m, i) (((m) >> (i) & 1) != 0)
#define EIGHT(f, m) \
  (f(m, 0) | f(m, 1) | f(m, 2) | f(m, 3) | f(m, 4) | f(m, 5) | f(m, 6) | f(m, 7))
/// Byte i of the result is the next byte where bit i is set, else zero.
#define PLACED(m, i) ((IS_SET(m, i) ? BELOW(m, i) : 0x80) << 8 * (i))
#define PLACES(m) EIGHT(PLACED, m)
/// The bytes where bits are set, moved together at the low end.
#define TAKEN(m, i) (IS_SET(m, i) ? (uint64_t)(i) << 8 * BELOW(m, i) : 0)
#define TAKES(m) EIGHT(TAKEN, m)

#define FOUR(f, m) f(m), f((m) + 1U), f((m) + 2U), f((m) + 3U)
#define SIXTEEN(f, m) FOUR(f, m), FOUR(f, (m) + 4U), FOUR(f, (m) + 8U), FOUR(f, (m) + 12U)
#define SIXTY_FOUR(f, m) \
  SIXTEEN(f, m), SIXTEEN(f, (m) + 16U), SIXTEEN(f, (m) + 32U), SIXTEEN(f, (m) + 48U)
#define EVERY(f) SIXTY_FOUR(f, 0U), SIXTY_FOUR(f, 64U), SIXTY_FOUR(f, 128U), SIXTY_FOUR(f, 192U)

static const uint64_t places[256] = {EVERY(PLACES)};
static const uint64_t takes[256] = {EVERY(TAKES)};

enum {
  GROUP = 8,              // words of a word of the map
  SURE = 8 * GROUP + 8,   // bytes that must be left for a group that is read without a look
};

MK_AVX2_INLINE __m128i load_eight(const void *p) { return _mm_loadl_epi64(p); }

MK_AVX2_INLINE void move_eight(void *to, const void *from, const uint64_t *table, unsigned bits) {
  _mm_storel_epi64(to, _mm_shuffle_epi8(load_eight(from), load_eight(&table[bits])));
}

// --- apart ---------------------------------------------------------------------------------------

/// Bit i is set where byte i of four words is not zero.
MK_AVX2_INLINE uint32_t nonzero(const uint64_t *four) {
  __m256i zero = _mm256_cmpeq_epi8(mk_load256(four), _mm256_setzero_si256());
  return ~(uint32_t)_mm256_movemask_epi8(zero);
}

MK_AVX2 size_t mk_avx2_bytes_split(const uint64_t *bits, size_t words, uint64_t *map,
                                   uint8_t *out) {
  size_t size = 0, done = words / GROUP * GROUP;
  for (size_t i = 0; i < done; i += GROUP) {
    uint64_t set = nonzero(bits + i) | (uint64_t)nonzero(bits + i + 4) << 32;
    map[i / GROUP] = set;
    if (set == 0) continue;
    for (size_t j = 0; j < GROUP; j++) {
      unsigned some = set >> 8 * j & 255;
      move_eight(out + size, bits + i + j, takes, some);
      size += (unsigned)__builtin_popcount(some);
    }
  }
  return size + mk_table_bytes_split(bits + done, words - done, map + done / GROUP, out + size);
}

// --- together ------------------------------------------------------------------------------------

MK_AVX2_INLINE void clear_group(uint64_t *group) {
  mk_store256(group, _mm256_setzero_si256());
  mk_store256(group + 4, _mm256_setzero_si256());
}

MK_AVX2 size_t mk_avx2_bytes_merge(const uint64_t *map, const uint8_t *bytes, size_t count,
                                   uint64_t *bits, size_t words) {
  size_t size = 0, i = 0;
  for (; i + GROUP <= words; i += GROUP) {
    uint64_t set = map[i / GROUP];
    if (set == 0) {
      clear_group(bits + i);
      continue;
    }
    if (count - size < SURE) break;
    for (size_t j = 0; j < GROUP; j++) {
      unsigned some = set >> 8 * j & 255;
      move_eight(bits + i + j, bytes + size, places, some);
      size += (unsigned)__builtin_popcount(some);
    }
  }
  size_t rest =
      mk_table_bytes_merge(map + i / GROUP, bytes + size, count - size, bits + i, words - i);
  return rest == SIZE_MAX ? SIZE_MAX : size + rest;
}

#endif
