// mk_column_counts in AVX2; the method is told in columns.h.
#include "avx2.h"
#include "columns.h"

#if defined(__x86_64__)

// --- rows ----------------------------------------------------------------------------------------

MK_AVX2_INLINE __m256i full_add(__m256i *sum, __m256i a, __m256i b) {
  __m256i either = _mm256_xor_si256(a, b);
  __m256i carry = _mm256_or_si256(_mm256_and_si256(a, b), _mm256_and_si256(either, *sum));
  *sum = _mm256_xor_si256(*sum, either);
  return carry;
}

/// 256 columns of a row, from 32 bytes, or 40 where it begins inside a byte.
MK_AVX2_INLINE __m256i columns_of(const mk_some_rows *rows, int row, size_t byte, bool shifted) {
  const uint8_t *p = rows->bytes[row] + byte;
  if (!shifted) return mk_load256(p);
  __m128i down = _mm_cvtsi32_si128((int)rows->shifts[row]);
  __m128i up = _mm_cvtsi32_si128(64 - (int)rows->shifts[row]);  // by 64: nothing is left
  return _mm256_or_si256(_mm256_srl_epi64(mk_load256(p), down),
                         _mm256_sll_epi64(mk_load256(p + 8), up));
}

/// Adds `n` rows, a power of two, to the planes of weight below n, and returns the carry of weight
/// n.
#define ADD(n, half, last)                                                                         \
  MK_AVX2_INLINE __m256i add_##n(__m256i plane[4], const mk_some_rows *rows, int row, size_t byte, \
                                 bool shifted) {                                                   \
    __m256i first = add_##half(plane, rows, row, byte, shifted);                                   \
    __m256i second = add_##half(plane, rows, row + half, byte, shifted);                           \
    return full_add(&plane[last], first, second);                                                  \
  }

MK_AVX2_INLINE __m256i add_1(__m256i plane[4], const mk_some_rows *rows, int row, size_t byte,
                             bool shifted) {
  (void)plane;
  return columns_of(rows, row, byte, shifted);
}

ADD(2, 1, 0)
ADD(4, 2, 1)
ADD(8, 4, 2)
ADD(16, 8, 3)

MK_AVX2_INLINE void add_vector(mk_planes planes, const mk_some_rows *rows, size_t w, bool shifted) {
  __m256i plane[4];
  for (int p = 0; p < 4; p++) plane[p] = mk_load256(&planes[p][w]);
  __m256i carry = add_16(plane, rows, 0, w * 8, shifted);
  for (int p = 0; p < 4; p++) mk_store256(&planes[p][w], plane[p]);
  for (int p = 4; p < MK_PLANES; p++) {
    __m256i old = mk_load256(&planes[p][w]);
    mk_store256(&planes[p][w], _mm256_xor_si256(old, carry));
    carry = _mm256_and_si256(old, carry);
  }
}

MK_AVX2 static void add(mk_planes planes, const mk_some_rows *rows, size_t words) {
  if (rows->is_shifted)
    for (size_t w = 0; w < words; w += 4) add_vector(planes, rows, w, true);
  else
    for (size_t w = 0; w < words; w += 4) add_vector(planes, rows, w, false);
}

// --- numbers -------------------------------------------------------------------------------------

/// One step of a transposition: exchanges the bits of `mask` with those `by` places above them.
MK_AVX2_INLINE __m256i exchange(__m256i v, uint64_t mask, int by) {
  __m256i low = _mm256_set1_epi64x((long long)mask);
  __m256i differ = _mm256_and_si256(_mm256_xor_si256(v, _mm256_srli_epi64(v, by)), low);
  return _mm256_xor_si256(v, _mm256_xor_si256(differ, _mm256_slli_epi64(differ, by)));
}

/// Transposes the 8 x 8 bits of each lane: from a byte a plane to a byte a column.
MK_AVX2_INLINE __m256i transposed(__m256i v) {
  v = exchange(v, 0x00AA00AA00AA00AA, 7);
  v = exchange(v, 0x0000CCCC0000CCCC, 14);
  return exchange(v, 0x00000000F0F0F0F0, 28);
}

/// Puts the bytes that eight planes have of the same columns next to each other: vector i gets
/// those of columns 16 i and 16 i + 8 in its lower half, and of the same plus 128 in its upper.
MK_AVX2_INLINE void gather(mk_planes planes, size_t w, __m256i out[8]) {
  __m256i v[8], pairs[8], quads[8];
  for (int p = 0; p < 8; p++) v[p] = mk_load256(&planes[p][w]);
  for (int i = 0; i < 4; i++) {
    pairs[i] = _mm256_unpacklo_epi8(v[2 * i], v[2 * i + 1]);
    pairs[i + 4] = _mm256_unpackhi_epi8(v[2 * i], v[2 * i + 1]);
  }
  for (int i = 0; i < 8; i += 4)
    for (int j = 0; j < 2; j++) {
      quads[i + j] = _mm256_unpacklo_epi16(pairs[i + 2 * j], pairs[i + 2 * j + 1]);
      quads[i + j + 2] = _mm256_unpackhi_epi16(pairs[i + 2 * j], pairs[i + 2 * j + 1]);
    }
  for (int i = 0; i < 8; i += 2) {
    out[i] = _mm256_unpacklo_epi32(quads[i], quads[i + 1]);
    out[i + 1] = _mm256_unpackhi_epi32(quads[i], quads[i + 1]);
  }
}

MK_AVX2 void mk_avx2_spread(mk_planes planes, size_t words, uint8_t *numbers) {
  for (size_t w = 0; w < words; w += 4) {
    __m256i v[8];
    gather(planes, w, v);
    for (int i = 0; i < 8; i++) {
      __m256i bytes = transposed(v[i]);
      uint8_t *to = numbers + w * 64 + i * 16;
      _mm_storeu_si128((void *)to, _mm256_castsi256_si128(bytes));
      _mm_storeu_si128((void *)(to + 128), _mm256_extracti128_si256(bytes, 1));
    }
  }
}

void mk_avx2_column_counts(const uint64_t *bits, size_t count, size_t columns, size_t first_column,
                           uint32_t *counts) {
  static const mk_column_steps steps = {add, mk_avx2_spread};
  mk_column_counts_by(&steps, bits, count, columns, first_column, counts);
}

#endif
