#include "../levels.h"

#if defined(__x86_64__)

#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)

#include "avx2_lanes.h"

// Pairs of products fit 16 bits, as u is at most 128 and s not −128.
INLINE __m256i dot(__m256i sum, __m256i u, __m256i s) {
    return _mm256_add_epi32(sum, _mm256_madd_epi16(_mm256_maddubs_epi16(u, s), _mm256_set1_epi16(1)));
}

/// Of each four the first and third, the second and fourth, in 16 bits.
typedef struct fours {
    __m256i even, odd;
} pixel_fours, weight_fours;

INLINE pixel_fours fours_of_pixel(__m256i x) {
    return (pixel_fours){_mm256_and_si256(x, _mm256_set1_epi16(0xFF)), _mm256_srli_epi16(x, 8)};
}

INLINE weight_fours fours_of_weights(__m256i w) {
    return (weight_fours){_mm256_srai_epi16(_mm256_slli_epi16(w, 8), 8), _mm256_srai_epi16(w, 8)};
}

INLINE __m256i multiply_fours(__m256i sum, pixel_fours x, weight_fours w) {
    sum = _mm256_add_epi32(sum, _mm256_madd_epi16(x.even, w.even));
    return _mm256_add_epi32(sum, _mm256_madd_epi16(x.odd, w.odd));
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
};

#endif
