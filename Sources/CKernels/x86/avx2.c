#include "../levels.h"

#if defined(__x86_64__)

#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)

#include "avx2_lanes.h"

// Pairs of products fit 16 bits, as u is at most 128 and s not −128.
INLINE __m256i dot(__m256i sum, __m256i u, __m256i s) {
    return _mm256_add_epi32(sum, _mm256_madd_epi16(_mm256_maddubs_epi16(u, s), _mm256_set1_epi16(1)));
}

// In 16 bits, until four are added.
INLINE __m256i pairs(__m256i u, __m256i s, __m256i v, __m256i t) {
    return _mm256_add_epi16(_mm256_maddubs_epi16(u, s), _mm256_maddubs_epi16(v, t));
}

INLINE __m256i eightfold(__m256i s, __m256i t) { return pairs(_mm256_set1_epi8(8), s, _mm256_set1_epi8(8), t); }

INLINE __m256i dot_pair(__m256i e, __m256i u, __m256i s, __m256i v, __m256i t) {
    return _mm256_madd_epi16(_mm256_sub_epi16(pairs(u, s, v, t), e), _mm256_set1_epi16(1));
}

#define OFFSET 0
#define BYTE_ROWS 2
#define BYTE_BATCH 3
#include "avx2_bytes.h"

#pragma clang attribute pop

const ck_kernels ck_avx2 = {
    .name = "avx2",
#include "../table.h"
    .product_i8 = product_i8,
    .product_i4 = product_i4,
    .spin_i8 = spin_i8,
};

#endif
