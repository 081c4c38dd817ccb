// mk_exponent_counts in AVX-512; the method is told in exponents.h.
#include "avx512.h"
#include "exponents.h"

#if defined(__x86_64__)

// --- fields --------------------------------------------------------------------------------------

/// The vector's values doubled, which brings the exponent into the uppermost byte of each.
MK_AVX512_INLINE __m512i doubled16(const char *p) {
  __m512i v = mk_load512(p);
  return _mm512_add_epi16(v, v);
}

MK_AVX512_INLINE __m512i doubled32(const char *p) {
  __m512i v = mk_load512(p);
  return _mm512_add_epi32(v, v);
}

MK_AVX512 static void fields_bf16(const char *values, size_t count, uint8_t *out) {
  __m512i odd = _mm512_add_epi8(mk_byte_indices(), mk_byte_indices());
  odd = _mm512_add_epi8(odd, _mm512_set1_epi8(1));
  for (size_t i = 0; i < count; i += 64) {
    __m512i low = doubled16(values + i * 2), high = doubled16(values + i * 2 + 64);
    mk_store512(out + i, _mm512_permutex2var_epi8(low, odd, high));
  }
}

/// In two steps: of each pair of bytes the upper, of what remains the upper again.
MK_AVX512 static void fields_fp32(const char *values, size_t count, uint8_t *out) {
  __m512i odd = _mm512_add_epi8(mk_byte_indices(), mk_byte_indices());
  odd = _mm512_add_epi8(odd, _mm512_set1_epi8(1));
  for (size_t i = 0; i < count; i += 64) {
    const char *p = values + i * 4;
    __m512i low = _mm512_permutex2var_epi8(doubled32(p), odd, doubled32(p + 64));
    __m512i high = _mm512_permutex2var_epi8(doubled32(p + 128), odd, doubled32(p + 192));
    mk_store512(out + i, _mm512_permutex2var_epi8(low, odd, high));
  }
}

static void fields(mk_dtype dtype, const void *values, size_t count, uint8_t *out) {
  if (dtype == MK_BF16) fields_bf16(values, count, out);
  else fields_fp32(values, count, out);
}

// --- the window ----------------------------------------------------------------------------------

// Two shuffles make of the place in the window, 0 to 15, a byte for the lower eight exponents and one
// for the upper, each with one bit set or none. Counting bits by their place in a byte is what
// carry-save adders do for whole vectors: plane p of a sum has bit p of 512 counters, 64 for each of
// eight exponents. The planes are held from block to block, and spread to numbers at the end.

enum {
  WIDTH = 16,
  FIRST = 128 - WIDTH,  // so that places outside the window saturate to 128 and more: no bit is set
  VECTORS = MK_BLOCK / 64,
  TREE = 6,  // planes that the vectors of a block are added to at once
};

/// What is added at once: the bytes of the lower and the upper exponents.
typedef struct halves {
  __m512i at[2];
} halves;

/// The places of a block, and the positions that count.
typedef struct places {
  __m512i at[VECTORS];
  const uint64_t *bits;  // or NULL: all
} places;

MK_AVX512_INLINE halves add_1(__m512i planes[2][TREE], const places *p, size_t v, bool some) {
  (void)planes;
  __m512i low = _mm512_set_epi64(0, 0x8040201008040201, 0, 0x8040201008040201, 0,
                                 0x8040201008040201, 0, 0x8040201008040201);
  __m512i high = _mm512_set_epi64(0x8040201008040201, 0, 0x8040201008040201, 0,
                                  0x8040201008040201, 0, 0x8040201008040201, 0);
  __m512i place = p->at[v];
  if (!some) return (halves){{_mm512_shuffle_epi8(low, place), _mm512_shuffle_epi8(high, place)}};
  uint64_t bits = p->bits[v];
  return (halves){{_mm512_maskz_shuffle_epi8(bits, low, place),
                   _mm512_maskz_shuffle_epi8(bits, high, place)}};
}

/// Adds `n` vectors, a power of two, to the planes of weight below n; returns the carry of weight n.
#define ADD(n, half, last)                                                                         \
  MK_AVX512_INLINE halves add_##n(__m512i planes[2][TREE], const places *p, size_t v, bool some) { \
    halves a = add_##half(planes, p, v, some), b = add_##half(planes, p, v + half, some);          \
    return (halves){{mk_full_add(&planes[0][last], a.at[0], b.at[0]),                              \
                     mk_full_add(&planes[1][last], a.at[1], b.at[1])}};                            \
  }

ADD(2, 1, 0)
ADD(4, 2, 1)
ADD(8, 4, 2)
ADD(16, 8, 3)
ADD(32, 16, 4)
ADD(64, 32, 5)

typedef uint64_t held_planes[2][MK_HELD][8];

/// Adds the carry of weight 2^plane to the planes from there on.
MK_AVX512_INLINE void ripple(uint64_t planes[MK_HELD][8], int plane, __m512i carry) {
  for (int p = plane; p < MK_HELD; p++) {
    __m512i old = mk_load512(planes[p]);
    mk_store512(planes[p], _mm512_xor_si512(old, carry));
    carry = _mm512_and_si512(old, carry);
    if (_mm512_test_epi64_mask(carry, carry) == 0) return;
  }
}

/// Adds so many vectors that a tree takes them all, and the carry of its weight to the planes above.
#define ADD_ALL(n, levels)                                                                        \
  MK_AVX512_INLINE void add_all_##n(held_planes held, const places *p, size_t v, bool some) {    \
    __m512i planes[2][TREE];                                                                      \
    for (int h = 0; h < 2; h++)                                                                   \
      for (int i = 0; i < levels; i++) planes[h][i] = mk_load512(held[h][i]);                     \
    halves carry = add_##n(planes, p, v, some);                                                   \
    for (int h = 0; h < 2; h++) {                                                                 \
      for (int i = 0; i < levels; i++) mk_store512(held[h][i], planes[h][i]);                     \
      ripple(held[h], levels, carry.at[h]);                                                       \
    }                                                                                             \
  }

ADD_ALL(1, 0)
ADD_ALL(64, 6)

MK_AVX512_INLINE void add_all(held_planes held, const places *p, size_t vectors, bool some) {
  if (vectors == VECTORS) add_all_64(held, p, 0, some);
  else
    for (size_t v = 0; v < vectors; v++) add_all_1(held, p, v, some);
}

static size_t count_outside(const uint8_t *fields, uint64_t outside, uint64_t *counts) {
  size_t n = 0;
  for (; outside != 0; outside &= outside - 1, n++) counts[fields[__builtin_ctzll(outside)]]++;
  return n;
}

MK_AVX512 static size_t window(const mk_window *w) {
  places p;  // not to be cleared
  size_t vectors = w->count / 64, missed = 0;
  __m512i low = _mm512_set1_epi8((char)w->low), first = _mm512_set1_epi8(FIRST);
  for (size_t v = 0; v < vectors; v++) {
    __m512i field = mk_load512(w->fields + v * 64);
    p.at[v] = _mm512_adds_epu8(_mm512_sub_epi8(field, low), first);
    uint64_t out = _mm512_movepi8_mask(p.at[v]);
    if (w->all == NULL) out &= w->bits[v];
    if (__builtin_expect(out == 0, 1)) continue;
    if (w->all != NULL) missed += count_outside(w->fields + v * 64, out, w->all);
    if (w->set == NULL) continue;
    size_t set = count_outside(w->fields + v * 64, out & w->bits[v], w->set);
    if (w->all == NULL) missed += set;
  }
  p.bits = w->bits;
  if (w->all != NULL) add_all(w->held->planes[0], &p, vectors, false);
  if (w->set != NULL) add_all(w->held->planes[1], &p, vectors, true);
  w->held->vectors += vectors;
  return missed;
}

MK_AVX512_INLINE void spread(held_planes held, unsigned low, uint64_t *counts) {
  for (unsigned e = 0; e < WIDTH; e++) {
    uint64_t sum = 0;
    for (int p = 0; p < MK_HELD; p++) {
      __m512i plane = mk_load512(held[e / 8][p]), bit = _mm512_set1_epi8((char)(1 << e % 8));
      sum += (uint64_t)__builtin_popcountll(_mm512_test_epi8_mask(plane, bit)) << p;
    }
    counts[low + e] += sum;
  }
}

MK_AVX512 static void release(mk_held *held, unsigned low, uint64_t *all, uint64_t *set) {
  if (all != NULL) spread(held->planes[0], low, all);
  if (set != NULL) spread(held->planes[1], low, set);
}

static const mk_exponent_steps steps = {&mk_avx2_steps, fields,  WIDTH,
                                        window,         release, mk_avx512_count};

void mk_avx512_exponent_counts(mk_dtype dtype, const void *values, const uint64_t *bits,
                               size_t count, uint64_t *all, uint64_t *set) {
  mk_exponent_counts_by(&steps, dtype, values, bits, count, all, set);
}

void mk_avx512_exponent_counts_after(mk_dtype dtype, const void *values, const uint64_t *bits,
                                     const uint64_t *other, const uint64_t *known, size_t count,
                                     uint64_t *set) {
  mk_exponent_counts_after_by(&steps, dtype, values, bits, other, known, count, set);
}

MK_CHANGED_COUNTS_IN_TURN(mk_avx512)

#endif
