// mk_exponent_counts in AVX2; the method is told in exponents.h.
#include "avx2_window.h"

#if defined(__x86_64__)

// --- fields --------------------------------------------------------------------------------------

MK_AVX2 static void fields_bf16(const char *values, size_t count, uint8_t *out) {
  for (size_t i = 0; i < count; i += 32) {
    __m256i low = mk_load256(values + i * 2), high = mk_load256(values + i * 2 + 32);
    low = _mm256_srli_epi16(_mm256_add_epi16(low, low), 8);
    high = _mm256_srli_epi16(_mm256_add_epi16(high, high), 8);
    mk_store256(out + i, _mm256_permute4x64_epi64(_mm256_packus_epi16(low, high), 0xD8));
  }
}

MK_AVX2_INLINE __m256i field32(const char *values) {
  __m256i v = mk_load256(values);
  return _mm256_srli_epi32(_mm256_add_epi32(v, v), 24);
}

MK_AVX2 static void fields_fp32(const char *values, size_t count, uint8_t *out) {
  __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);  // the packs work on 128-bit halves
  for (size_t i = 0; i < count; i += 32) {
    const char *p = values + i * 4;
    __m256i low = _mm256_packus_epi32(field32(p), field32(p + 32));
    __m256i high = _mm256_packus_epi32(field32(p + 64), field32(p + 96));
    __m256i bytes = _mm256_packus_epi16(low, high);
    mk_store256(out + i, _mm256_permutevar8x32_epi32(bytes, order));
  }
}

static void fields(mk_dtype dtype, const void *values, size_t count, uint8_t *out) {
  if (dtype == MK_BF16) fields_bf16(values, count, out);
  else fields_fp32(values, count, out);
}

// --- the window ----------------------------------------------------------------------------------

/// A byte of ones for each zero of 32 bits.
MK_AVX2_INLINE __m256i unset_bytes(uint32_t bits) {
  __m256i spread =
      _mm256_setr_epi64x(0, 0x0101010101010101, 0x0202020202020202, 0x0303030303030303);
  __m256i each = _mm256_set1_epi64x((long long)0x8040201008040201);
  __m256i bytes = _mm256_shuffle_epi8(_mm256_set1_epi32((int)bits), spread);
  return _mm256_cmpeq_epi8(_mm256_and_si256(bytes, each), _mm256_setzero_si256());
}

static size_t count_outside(const uint8_t *fields, uint64_t outside, uint64_t *counts) {
  size_t n = 0;
  for (; outside != 0; outside &= outside - 1, n++) counts[fields[__builtin_ctzll(outside)]]++;
  return n;
}

/// Places 32 fields; returns which are outside the window.
MK_AVX2_INLINE uint32_t place_vector(mk_places *to, size_t v, const uint8_t *fields,
                                     uint32_t wanted, unsigned low) {
  to->place[v] = places_of(mk_load256(fields), low);
  to->unset[v] = unset_bytes(wanted);
  return (uint32_t)_mm256_movemask_epi8(to->place[v]);
}

MK_AVX2 static size_t window_of_all(const mk_window *w) {
  mk_places places;
  size_t missed = 0;
  for (size_t v = 0; v < w->count / 32; v++) {
    places.place[v] = places_of(mk_load256(w->fields + v * 32), w->low);
    uint32_t out = (uint32_t)_mm256_movemask_epi8(places.place[v]);
    if (__builtin_expect(out != 0, 0)) missed += count_outside(w->fields + v * 32, out, w->all);
  }
  count_places(true, false, &places, w->count / 32, w->low, w->all, NULL);
  return missed;
}

/// The window of the positions that are set, and where it is wanted of all.
MK_AVX2_INLINE size_t window_of(bool has_all, const mk_window *w) {
  mk_places places;
  size_t missed = 0, words = w->count / 64;
  for (size_t i = 0; i < words; i++) {
    const uint8_t *at = w->fields + i * 64;
    uint64_t wanted = w->bits[i], out = place_vector(&places, 2 * i, at, (uint32_t)wanted, w->low);
    uint64_t high = place_vector(&places, 2 * i + 1, at + 32, (uint32_t)(wanted >> 32), w->low);
    out |= high << 32;
    if (!has_all) out &= wanted;
    if (__builtin_expect(out == 0, 1)) continue;
    missed += count_outside(at, out & wanted, w->set);
    if (has_all) missed += count_outside(at, out, w->all);
  }
  count_places(has_all, true, &places, 2 * words, w->low, w->all, w->set);
  return missed;
}

MK_AVX2 static size_t window(const mk_window *w) {
  if (w->set == NULL) return window_of_all(w);
  return w->all == NULL ? window_of(false, w) : window_of(true, w);
}

static const mk_exponent_steps steps = {&mk_avx2_steps, fields, MK_WINDOW, window, NULL,
                                        mk_avx2_count};

void mk_avx2_exponent_counts(mk_dtype dtype, const void *values, const uint64_t *bits, size_t count,
                             uint64_t *all, uint64_t *set) {
  mk_exponent_counts_by(&steps, dtype, values, bits, count, all, set);
}

void mk_avx2_exponent_counts_after(mk_dtype dtype, const void *values, const uint64_t *bits,
                                   const uint64_t *other, const uint64_t *known, size_t count,
                                   uint64_t *set) {
  mk_exponent_counts_after_by(&steps, dtype, values, bits, other, known, count, set);
}

#endif
