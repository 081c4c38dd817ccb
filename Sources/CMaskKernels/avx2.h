// What the AVX2 files share. Every CPU since Haswell and Zen has the set.
#ifndef MK_AVX2_H
#define MK_AVX2_H

#include "kernels.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define MK_AVX2_SET "avx2,bmi,bmi2,lzcnt,popcnt,f16c"
#define MK_AVX2 __attribute__((target(MK_AVX2_SET)))
#define MK_AVX2_INLINE static inline __attribute__((always_inline, target(MK_AVX2_SET)))

MK_AVX2_INLINE __m256i mk_load256(const void *p) { return _mm256_loadu_si256(p); }

MK_AVX2_INLINE void mk_store256(void *p, __m256i v) { _mm256_storeu_si256(p, v); }

#endif
#endif
