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

/// The bytes 0 to 63, as indices.
MK_AVX512_INLINE __m512i byte_indices(void) {
  uint8_t index[64];
  for (int i = 0; i < 64; i++) index[i] = (uint8_t)i;
  return mk_load512(index);
}

MK_AVX512 static void fields_bf16(const char *values, size_t count, uint8_t *out) {
  __m512i odd = _mm512_add_epi8(byte_indices(), byte_indices());
  odd = _mm512_add_epi8(odd, _mm512_set1_epi8(1));
  for (size_t i = 0; i < count; i += 64) {
    __m512i low = doubled16(values + i * 2), high = doubled16(values + i * 2 + 64);
    mk_store512(out + i, _mm512_permutex2var_epi8(low, odd, high));
  }
}

/// In two steps: of each pair of bytes the upper, of what remains the upper again.
MK_AVX512 static void fields_fp32(const char *values, size_t count, uint8_t *out) {
  __m512i odd = _mm512_add_epi8(byte_indices(), byte_indices());
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

MK_AVX512_INLINE uint64_t byte_sum(__m512i v) {
  return (uint64_t)_mm512_reduce_add_epi64(_mm512_sad_epu8(v, _mm512_setzero_si512()));
}

static size_t count_outside(const uint8_t *fields, uint64_t outside, uint64_t *counts) {
  size_t n = 0;
  for (; outside != 0; outside &= outside - 1, n++) counts[fields[__builtin_ctzll(outside)]]++;
  return n;
}

MK_AVX512 static size_t window(const uint8_t *fields, size_t count, const uint64_t *bits,
                               unsigned low, uint64_t *counts, uint64_t *outside) {
  __m512i sums[MK_WINDOW], first = _mm512_set1_epi8((char)low), minus = _mm512_set1_epi8(-1);
  for (int e = 0; e < MK_WINDOW; e++) sums[e] = _mm512_setzero_si512();
  size_t missed = 0;
  for (size_t i = 0; i < count; i += 64) {
    uint64_t wanted = bits[i / 64];
    __m512i place = _mm512_sub_epi8(mk_load512(fields + i), first);
    uint64_t out = _mm512_cmpge_epu8_mask(place, _mm512_set1_epi8(MK_WINDOW)) & wanted;
    for (int e = 0; e < MK_WINDOW; e++) {
      __mmask64 hit = _mm512_mask_cmpeq_epi8_mask(wanted, place, _mm512_set1_epi8((char)e));
      sums[e] = _mm512_mask_sub_epi8(sums[e], hit, sums[e], minus);
    }
    if (__builtin_expect(out != 0, 0)) missed += count_outside(fields + i, out, outside);
  }
  for (int e = 0; e < MK_WINDOW; e++) counts[low + (unsigned)e] += byte_sum(sums[e]);
  return missed;
}

static const mk_exponent_steps steps = {&mk_avx2_steps, fields, window, NULL, mk_avx512_count};

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
