// What the AVX-512 files share. The set is that of Ice Lake, Zen 4 and later; a CPU with less runs
// AVX2.
#ifndef MK_AVX512_H
#define MK_AVX512_H

#include "kernels.h"

#if defined(__x86_64__)

#if defined(MK_SIMDE)  // the checks run this kernel on any CPU, by the SIMDe library
#include "simde_avx512.h"
#define MK_AVX512
#define MK_AVX512_INLINE static inline __attribute__((always_inline))
#else
#include <immintrin.h>
#define MK_AVX512_SET                                                          \
  "avx512f,avx512bw,avx512dq,avx512vl,avx512vpopcntdq,avx512vbmi,avx512vbmi2," \
  "avx2,bmi,bmi2,lzcnt,popcnt,f16c"
#define MK_AVX512 __attribute__((target(MK_AVX512_SET)))
#define MK_AVX512_INLINE static inline __attribute__((always_inline, target(MK_AVX512_SET)))
#endif

MK_AVX512_INLINE __m512i mk_load512(const void *p) { return _mm512_loadu_si512(p); }

MK_AVX512_INLINE void mk_store512(void *p, __m512i v) { _mm512_storeu_si512(p, v); }

/// The bytes 0 to 63, as indices.
MK_AVX512_INLINE __m512i mk_byte_indices(void) {
  uint8_t index[64];
  for (int i = 0; i < 64; i++) index[i] = (uint8_t)i;
  return mk_load512(index);
}

/// A full adder: *sum keeps one of three bits, the carry of twice the weight is returned.
MK_AVX512_INLINE __m512i mk_full_add(__m512i *sum, __m512i a, __m512i b) {
  __m512i carry = _mm512_ternarylogic_epi64(a, b, *sum, 0xE8);  // two of three
  *sum = _mm512_ternarylogic_epi64(a, b, *sum, 0x96);           // one or three
  return carry;
}

#endif
#endif
