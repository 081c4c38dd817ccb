// mk_column_counts in AVX2; the method is told in columns.h.
#include "avx2.h"
#include "columns.h"

#if defined(__x86_64__)

// --- rows -----------------------------------------------------------------------------------------

MK_AVX2_INLINE __m256i full_add(__m256i *sum, __m256i a, __m256i b) {
  __m256i either = _mm256_xor_si256(a, b);
  __m256i carry = _mm256_or_si256(_mm256_and_si256(a, b), _mm256_and_si256(either, *sum));
  *sum = _mm256_xor_si256(*sum, either);
  return carry;
}

/// 256 columns of a row, from 32 bytes, or 40 where it begins inside a byte.
MK_AVX2_INLINE __m256i columns_of(const mk_eight_rows *rows, int row, size_t byte, bool shifted) {
  const uint8_t *p = rows->bytes[row] + byte;
  if (!shifted) return mk_load256(p);
  __m128i down = _mm_cvtsi32_si128((int)rows->shifts[row]);
  __m128i up = _mm_cvtsi32_si128(64 - (int)rows->shifts[row]);  // by 64: nothing is left
  return _mm256_or_si256(_mm256_srl_epi64(mk_load256(p), down),
                         _mm256_sll_epi64(mk_load256(p + 8), up));
}

MK_AVX2_INLINE void add_vector(mk_planes planes, const mk_eight_rows *rows, size_t w,
                               bool shifted) {
  __m256i row[8], plane[MK_PLANES];
  for (int i = 0; i < 8; i++) row[i] = columns_of(rows, i, w * 8, shifted);
  for (int p = 0; p < MK_PLANES; p++) plane[p] = mk_load256(&planes[p][w]);
  __m256i a = full_add(&plane[0], row[0], row[1]), b = full_add(&plane[0], row[2], row[3]);
  __m256i c = full_add(&plane[0], row[4], row[5]), d = full_add(&plane[0], row[6], row[7]);
  a = full_add(&plane[1], a, b), c = full_add(&plane[1], c, d);
  __m256i carry = full_add(&plane[2], a, c);
  for (int p = 3; p < MK_PLANES; p++) {
    __m256i next = _mm256_and_si256(plane[p], carry);
    plane[p] = _mm256_xor_si256(plane[p], carry);
    carry = next;
  }
  for (int p = 0; p < MK_PLANES; p++) mk_store256(&planes[p][w], plane[p]);
}

MK_AVX2 static void add(mk_planes planes, const mk_eight_rows *rows, size_t words) {
  if (rows->is_shifted)
    for (size_t w = 0; w < words; w += 4) add_vector(planes, rows, w, true);
  else
    for (size_t w = 0; w < words; w += 4) add_vector(planes, rows, w, false);
}

// --- numbers --------------------------------------------------------------------------------------

/// A byte of ones for each of 32 bits that is set.
MK_AVX2_INLINE __m256i set_bytes(uint32_t bits) {
  __m256i spread = _mm256_setr_epi64x(0, 0x0101010101010101, 0x0202020202020202, 0x0303030303030303);
  __m256i each = _mm256_set1_epi64x((long long)0x8040201008040201);
  __m256i bytes = _mm256_shuffle_epi8(_mm256_set1_epi32((int)bits), spread);
  return _mm256_cmpeq_epi8(_mm256_and_si256(bytes, each), each);
}

MK_AVX2 static void spread(mk_planes planes, unsigned used, size_t words, uint8_t *numbers) {
  for (size_t half = 0; half < words * 2; half++) {
    __m256i number = _mm256_setzero_si256();
    for (unsigned p = used; p-- > 0;) {  // set is -1: subtracting doubles and adds
      __m256i set = set_bytes((uint32_t)(planes[p][half / 2] >> half % 2 * 32));
      number = _mm256_sub_epi8(_mm256_add_epi8(number, number), set);
    }
    mk_store256(numbers + half * 32, number);
  }
}

void mk_avx2_column_counts(const uint64_t *bits, size_t count, size_t columns, size_t first_column,
                           uint32_t *counts) {
  static const mk_column_steps steps = {add, spread};
  mk_column_counts_by(&steps, bits, count, columns, first_column, counts);
}

#endif
