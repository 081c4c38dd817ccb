// What the machine itself can do, for figures to be held against: loops that AND, count and add
// vectors in registers, and one that only reads memory. The loops are those that the kernels would
// be if loads, tails and blocks were free.
#include <stddef.h>
#include <stdint.h>

#if defined(__x86_64__)
#include <immintrin.h>

enum { COUNTERS = 8 };

#define AVX2 __attribute__((target("avx2,popcnt")))
#define AVX512 __attribute__((target("avx512f,avx512vpopcntdq")))

/// Two look-ups of nibbles: two ANDs, two shuffles and two adds for 256 bits.
AVX2 uint64_t limit_avx2(size_t rounds) {
  __m256i table = _mm256_set1_epi64x(0x0302020102010100), counters[COUNTERS];
  __m256i low = _mm256_set1_epi8(5), high = _mm256_set1_epi8(11), other = _mm256_set1_epi8(7);
  for (int i = 0; i < COUNTERS; i++) counters[i] = _mm256_set1_epi8((char)i);
  for (size_t r = 0; r < rounds; r++) {
#pragma GCC unroll 8
    for (int i = 0; i < COUNTERS; i++) {
      __m256i a, b;
      __asm__ volatile("vpand %2, %3, %0\n\tvpand %2, %4, %1"
                       : "=&x"(a), "=x"(b)
                       : "x"(other), "x"(low), "x"(high));
      counters[i] = _mm256_add_epi8(counters[i], _mm256_shuffle_epi8(table, a));
      counters[i] = _mm256_add_epi8(counters[i], _mm256_shuffle_epi8(table, b));
    }
  }
  for (int i = 1; i < COUNTERS; i++) counters[0] = _mm256_add_epi8(counters[0], counters[i]);
  return (uint64_t)_mm256_extract_epi64(counters[0], 0);
}

/// One AND, one VPOPCNTQ and one add for 512 bits.
AVX512 uint64_t limit_avx512(size_t rounds) {
  __m512i counters[COUNTERS], a = _mm512_set1_epi8(5), b = _mm512_set1_epi8(11);
  for (int i = 0; i < COUNTERS; i++) counters[i] = _mm512_set1_epi64(i);
  for (size_t r = 0; r < rounds; r++) {
#pragma GCC unroll 8
    for (int i = 0; i < COUNTERS; i++) {
      __m512i both;
      __asm__ volatile("vpandq %1, %2, %0" : "=v"(both) : "v"(a), "v"(b));
      counters[i] = _mm512_add_epi64(counters[i], _mm512_popcnt_epi64(both));
    }
  }
  for (int i = 1; i < COUNTERS; i++) counters[0] = _mm512_add_epi64(counters[0], counters[i]);
  return (uint64_t)_mm512_reduce_add_epi64(counters[0]);
}

AVX2 uint64_t limit_read(const uint64_t *words, size_t count) {
  __m256i sums[4] = {0};
  for (size_t w = 0; w + 16 <= count; w += 16)
    for (int i = 0; i < 4; i++)
      sums[i] = _mm256_xor_si256(sums[i], _mm256_loadu_si256((const void *)(words + w + 4 * i)));
  __m256i sum = _mm256_xor_si256(_mm256_xor_si256(sums[0], sums[1]),
                                 _mm256_xor_si256(sums[2], sums[3]));
  return (uint64_t)_mm256_extract_epi64(sum, 0);
}

#elif defined(__aarch64__)
#include <arm_neon.h>

enum { COUNTERS = 8 };

/// One AND, one CNT and one add of bytes for 128 bits.
uint64_t limit_neon(size_t rounds) {
  uint8x16_t counters[COUNTERS], a = vdupq_n_u8(5), b = vdupq_n_u8(11);
  for (int i = 0; i < COUNTERS; i++) counters[i] = vdupq_n_u8((uint8_t)i);
  for (size_t r = 0; r < rounds; r++) {
#pragma GCC unroll 8
    for (int i = 0; i < COUNTERS; i++) {
      uint8x16_t both;
      __asm__ volatile("and %0.16b, %1.16b, %2.16b" : "=w"(both) : "w"(a), "w"(b));
      counters[i] = vaddq_u8(counters[i], vcntq_u8(both));
    }
  }
  for (int i = 1; i < COUNTERS; i++) counters[0] = vaddq_u8(counters[0], counters[i]);
  return vgetq_lane_u64(vreinterpretq_u64_u8(counters[0]), 0);
}

uint64_t limit_read(const uint64_t *words, size_t count) {
  uint64x2_t sum = vdupq_n_u64(0);
  for (size_t w = 0; w + 2 <= count; w += 2) sum = veorq_u64(sum, vld1q_u64(words + w));
  return vgetq_lane_u64(sum, 0);
}
#endif

/// One AND, one count and one add for a word.
#if defined(__x86_64__)
AVX2
#endif
uint64_t limit_scalar(size_t rounds) {
  uint64_t sums[4] = {0}, a = 5, b = 11;
  for (size_t r = 0; r < rounds; r++) {
#pragma GCC unroll 8
    for (int i = 0; i < 8; i++) {
      __asm__ volatile("" : "+r"(a), "+r"(b));
      sums[i % 4] += (uint64_t)__builtin_popcountll(a & b);
    }
  }
  return sums[0] + sums[1] + sums[2] + sums[3];
}

void mk_count_pairs(const uint64_t *const *rows, size_t k, size_t words, uint64_t *counts);

/// Counts the same rows again and again: in cache one time takes too short to be called from Python.
void repeat_pairs(const uint64_t *const *rows, size_t k, size_t words, uint64_t *counts,
                  size_t times) {
  for (size_t t = 0; t < times; t++) mk_count_pairs(rows, k, words, counts);
}
