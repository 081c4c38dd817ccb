// AVX-512 for any CPU: the SIMDe library, and what its release 0.7.4 lacks, one lane after the
// other.
#ifndef SIMDE_AVX512_MORE_H
#define SIMDE_AVX512_MORE_H

#define SIMDE_NO_NATIVE
#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/x86/avx512.h>
#include <simde/x86/f16c.h>

#include <stdint.h>
#include <string.h>

typedef union lanes {
  simde__m512i vector;
  uint8_t u8[64];
  uint16_t u16[32];
  uint32_t u32[16];
  uint64_t u64[8];
} lanes;

typedef uint8_t __mmask8;
typedef uint16_t __mmask16;
typedef uint64_t __mmask64;

static inline uint64_t more_pdep_u64(uint64_t bits, uint64_t mask) {
  uint64_t out = 0;
  for (; mask != 0; mask &= mask - 1, bits >>= 1) out |= (bits & 1) * (mask & -mask);
  return out;
}

static inline simde__m512i more_compress_epi8(uint64_t mask, simde__m512i v) {
  lanes in = {.vector = v}, out = {.u8 = {0}};
  for (int i = 0, n = 0; i < 64; i++)
    if (mask >> i & 1) out.u8[n++] = in.u8[i];
  return out.vector;
}

static inline simde__m512i more_expand_epi8(uint64_t mask, simde__m512i v) {
  lanes in = {.vector = v}, out = {.u8 = {0}};
  for (int i = 0, n = 0; i < 64; i++)
    if (mask >> i & 1) out.u8[i] = in.u8[n++];
  return out.vector;
}

static inline simde__m512i more_compress_epi64(uint8_t mask, simde__m512i v) {
  lanes in = {.vector = v}, out = {.u8 = {0}};
  for (int i = 0, n = 0; i < 8; i++)
    if (mask >> i & 1) out.u64[n++] = in.u64[i];
  return out.vector;
}

static inline simde__m512i more_cvtepu8_epi32(simde__m128i v) {
  uint8_t bytes[16];
  lanes out;
  memcpy(bytes, &v, 16);
  for (int i = 0; i < 16; i++) out.u32[i] = bytes[i];
  return out.vector;
}

static inline simde__m512i more_mask_sub_epi32(simde__m512i otherwise, uint16_t mask,
                                               simde__m512i v, simde__m512i w) {
  lanes a = {.vector = v}, b = {.vector = w}, out = {.vector = otherwise};
  for (int i = 0; i < 16; i++)
    if (mask >> i & 1) out.u32[i] = a.u32[i] - b.u32[i];
  return out.vector;
}

static inline simde__m512i more_mask_permutexvar_epi8(simde__m512i otherwise, uint64_t mask,
                                                      simde__m512i index, simde__m512i v) {
  lanes in = {.vector = v}, at = {.vector = index}, out = {.vector = otherwise};
  for (int i = 0; i < 64; i++)
    if (mask >> i & 1) out.u8[i] = in.u8[at.u8[i] % 64];
  return out.vector;
}

static inline simde__m512i more_shrdv_epi64(simde__m512i low, simde__m512i high, simde__m512i by) {
  lanes a = {.vector = low}, b = {.vector = high}, n = {.vector = by};
  for (int i = 0; i < 8; i++) {
    uint64_t count = n.u64[i] % 64;
    a.u64[i] = a.u64[i] >> count | (count == 0 ? 0 : b.u64[i] << (64 - count));
  }
  return a.vector;
}

static inline simde__m512i more_maskz_loadu_epi64(uint8_t mask, const void *p) {
  lanes out = {.u8 = {0}};
  for (int i = 0; i < 8; i++)
    if (mask >> i & 1) memcpy(&out.u64[i], (const char *)p + i * 8, 8);
  return out.vector;
}

static inline simde__m512i more_maskz_loadu_epi8(uint64_t mask, const void *p) {
  lanes out = {.u8 = {0}};
  for (int i = 0; i < 64; i++)
    if (mask >> i & 1) out.u8[i] = ((const uint8_t *)p)[i];
  return out.vector;
}

static inline long long more_reduce_add_epi64(simde__m512i v) {
  lanes in = {.vector = v};
  uint64_t sum = 0;
  for (int i = 0; i < 8; i++) sum += in.u64[i];
  return (long long)sum;
}

static inline simde__m512i more_srai_epi32(simde__m512i v, unsigned by) {
  lanes in = {.vector = v};
  for (int i = 0; i < 16; i++) in.u32[i] = (uint32_t)((int32_t)in.u32[i] >> by);
  return in.vector;
}

static inline uint32_t more_cmpeq_epi16_mask(simde__m512i v, simde__m512i w) {
  lanes a = {.vector = v}, b = {.vector = w};
  uint32_t out = 0;
  for (int i = 0; i < 32; i++) out |= (uint32_t)(a.u16[i] == b.u16[i]) << i;
  return out;
}

static inline simde__m512 more_cvtph_ps(simde__m256i v) {
  simde__m128i half[2];
  memcpy(half, &v, 32);
  simde__m256 wide[2] = {simde_mm256_cvtph_ps(half[0]), simde_mm256_cvtph_ps(half[1])};
  simde__m512 out;
  memcpy(&out, wide, 64);
  return out;
}

#undef _pdep_u64
#undef _mm512_maskz_compress_epi8
#undef _mm512_maskz_expand_epi8
#undef _mm512_maskz_compress_epi64
#undef _mm512_cvtepu8_epi32
#undef _mm512_mask_sub_epi32
#undef _mm512_maskz_loadu_epi8
#undef _mm512_mask_permutexvar_epi8
#undef _mm512_shrdv_epi64
#undef _mm512_maskz_loadu_epi64
#undef _mm512_reduce_add_epi64
#undef _mm512_cvtph_ps
#undef _mm512_srai_epi32
#undef _mm512_cmpeq_epi16_mask
#define _pdep_u64 more_pdep_u64
#define _mm512_maskz_compress_epi8 more_compress_epi8
#define _mm512_maskz_expand_epi8 more_expand_epi8
#define _mm512_maskz_compress_epi64 more_compress_epi64
#define _mm512_cvtepu8_epi32 more_cvtepu8_epi32
#define _mm512_mask_sub_epi32 more_mask_sub_epi32
#define _mm512_maskz_loadu_epi8 more_maskz_loadu_epi8
#define _mm512_mask_permutexvar_epi8 more_mask_permutexvar_epi8
#define _mm512_shrdv_epi64 more_shrdv_epi64
#define _mm512_maskz_loadu_epi64 more_maskz_loadu_epi64
#define _mm512_reduce_add_epi64 more_reduce_add_epi64
#define _mm512_cvtph_ps more_cvtph_ps
#define _mm512_srai_epi32 more_srai_epi32
#define _mm512_cmpeq_epi16_mask more_cmpeq_epi16_mask

#endif
