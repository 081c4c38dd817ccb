// The tables of streams.h, written by the preprocessor, and the functions that need no instructions:
// for NEON, and for x86 CPUs whose own are slow.
#include "streams.h"

// Where bit i of b goes, if bit i of m is set: to the place of that bit among those of m.
#define RANK(m, i) __builtin_popcount((m) & ((1U << (i)) - 1))
#define TAKEN(m, b, i) (((m) >> (i) & (b) >> (i) & 1U) << RANK(m, i))
#define GATHERED(m, b) \
  (uint8_t)(TAKEN(m, b, 0) | TAKEN(m, b, 1) | TAKEN(m, b, 2) | TAKEN(m, b, 3))
#define PUT(m, b, i) (((m) >> (i) & 1U & (b) >> RANK(m, i)) << (i))
#define SCATTERED(m, b) (uint8_t)(PUT(m, b, 0) | PUT(m, b, 1) | PUT(m, b, 2) | PUT(m, b, 3))

#define FOUR(f, m, b) f(m, b), f(m, (b) + 1U), f(m, (b) + 2U), f(m, (b) + 3U)
#define ROW(f, m) FOUR(f, m, 0U), FOUR(f, m, 4U), FOUR(f, m, 8U), FOUR(f, m, 12U)
#define FOUR_ROWS(f, m) ROW(f, m), ROW(f, (m) + 1U), ROW(f, (m) + 2U), ROW(f, (m) + 3U)
#define EVERY(f) FOUR_ROWS(f, 0U), FOUR_ROWS(f, 4U), FOUR_ROWS(f, 8U), FOUR_ROWS(f, 12U)

const uint8_t mk_gathered[256] = {EVERY(GATHERED)};
const uint8_t mk_scattered[256] = {EVERY(SCATTERED)};

_Bool mk_fast_streams(void) {
#if defined(__x86_64__)
  return __builtin_cpu_supports("bmi2") && !__builtin_cpu_is("znver1") &&
         !__builtin_cpu_is("znver2");
#else
  return false;
#endif
}

size_t mk_table_split(const uint64_t *bits, const uint64_t *selector, size_t count, uint64_t *low,
                      uint64_t *high) {
  return mk_split_by(mk_gather_by_table, bits, selector, count, low, high);
}

void mk_table_merge(const uint64_t *low, const uint64_t *high, const uint64_t *selector,
                    size_t count, uint64_t *bits) {
  mk_merge_by(mk_scatter_by_table, low, high, selector, count, bits);
}

void mk_table_fold(const uint64_t *bits, size_t words, uint64_t *any, uint64_t *both,
                   uint64_t *first) {
  mk_fold_by(mk_gather_by_table, bits, words, any, both, first);
}

void mk_table_unfold(const uint64_t *any, const uint64_t *both, const uint64_t *first, size_t words,
                     uint64_t *bits) {
  mk_unfold_by(mk_scatter_by_table, any, both, first, words, bits);
}

size_t mk_table_bytes_split(const uint64_t *bits, size_t words, uint64_t *map, uint8_t *out) {
  size_t size = 0;
  for (size_t i = 0; i < words; i++) {
    uint64_t pending = i % 8 == 0 ? 0 : map[i / 8];
    for (unsigned j = 0; j < 8; j++) {
      uint8_t byte = (uint8_t)(bits[i] >> 8 * j);
      out[size] = byte;  // the next one that counts goes over a zero
      size += byte != 0;
      pending |= (uint64_t)(byte != 0) << (i % 8 * 8 + j);
    }
    map[i / 8] = pending;
  }
  return size;
}

size_t mk_table_bytes_merge(const uint64_t *map, const uint8_t *bytes, size_t count,
                            uint64_t *bits, size_t words) {
  size_t size = 0;
  for (size_t i = 0; i < words; i++) {
    unsigned set = map[i / 8] >> i % 8 * 8 & 255;
    uint64_t word = 0;
    if ((size_t)__builtin_popcount(set) > count - size) return SIZE_MAX;
    for (; set != 0; set &= set - 1) word |= (uint64_t)bytes[size++] << 8 * __builtin_ctz(set);
    bits[i] = word;
  }
  return size;
}
