// mk_column_counts in AVX-512; the method is told in columns.h.
#include "avx512.h"
#include "columns.h"

#if defined(__x86_64__)

/// 512 columns of a row, from 64 bytes, or 72 where it begins inside a byte.
MK_AVX512_INLINE __m512i columns_of(const mk_some_rows *rows, int row, size_t byte, bool shifted) {
  const uint8_t *p = rows->bytes[row] + byte;
  if (!shifted) return mk_load512(p);
  __m512i by = _mm512_set1_epi64((long long)rows->shifts[row]);
  return _mm512_shrdv_epi64(mk_load512(p), mk_load512(p + 8), by);
}

/// Adds `n` rows, a power of two, to the planes of weight below n, and returns the carry of weight
/// n.
#define ADD(n, half, last)                                                              \
  MK_AVX512_INLINE __m512i add_##n(__m512i plane[4], const mk_some_rows *rows, int row, \
                                   size_t byte, bool shifted) {                         \
    __m512i first = add_##half(plane, rows, row, byte, shifted);                        \
    __m512i second = add_##half(plane, rows, row + half, byte, shifted);                \
    return mk_full_add(&plane[last], first, second);                                    \
  }

MK_AVX512_INLINE __m512i add_1(__m512i plane[4], const mk_some_rows *rows, int row, size_t byte,
                               bool shifted) {
  (void)plane;
  return columns_of(rows, row, byte, shifted);
}

ADD(2, 1, 0)
ADD(4, 2, 1)
ADD(8, 4, 2)
ADD(16, 8, 3)

MK_AVX512_INLINE void add_vector(mk_planes planes, const mk_some_rows *rows, size_t w,
                                 bool shifted) {
  __m512i plane[4];
  for (int p = 0; p < 4; p++) plane[p] = mk_load512(&planes[p][w]);
  __m512i carry = add_16(plane, rows, 0, w * 8, shifted);
  for (int p = 0; p < 4; p++) mk_store512(&planes[p][w], plane[p]);
  for (int p = 4; p < MK_PLANES; p++) {
    __m512i old = mk_load512(&planes[p][w]);
    mk_store512(&planes[p][w], _mm512_xor_si512(old, carry));
    carry = _mm512_and_si512(old, carry);
  }
}

MK_AVX512 static void add(mk_planes planes, const mk_some_rows *rows, size_t words) {
  if (rows->is_shifted)
    for (size_t w = 0; w < words; w += 8) add_vector(planes, rows, w, true);
  else
    for (size_t w = 0; w < words; w += 8) add_vector(planes, rows, w, false);
}

void mk_avx512_column_counts(const uint64_t *bits, size_t count, size_t columns,
                             size_t first_column, uint32_t *counts) {
  static const mk_column_steps steps = {add, mk_avx2_spread};
  mk_column_counts_by(&steps, bits, count, columns, first_column, counts);
}

#endif
