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

enum { FEW_ROWS = 4 };

/// What the two groups of 32 numbers are multiplied by.
INLINE __m256i two_multipliers(uint8_t codes) {
#define EIGHT(m) {m, m, m, m, m, m, m, m}
    static const int16_t eight[16][8] __attribute__((aligned(16))) = {FOR_CODES(EIGHT)};
    return _mm256_setr_m128i(_mm_load_si128((const __m128i *)eight[codes & 15]),
                             _mm_load_si128((const __m128i *)eight[codes >> 4]));
}

/// See few_inputs.h. The sum of two products fits 16 bits, and so does what comes off because numbers are 8 too large.
INLINE void i4_tile(size_t batch, size_t k, const uint8_t *w, size_t w_stride, const float *w_scales, const int8_t *x,
                    size_t x_stride, const float *x_scales, float *y, size_t y_stride) {
    const __m256i low = _mm256_set1_epi8(15), eight = _mm256_set1_epi8(8);
    __m256i sums[FEW_ROWS][FEW_INPUTS];
    UNROLL for (size_t r = 0; r < FEW_ROWS; r++) {
        UNROLL for (size_t b = 0; b < batch; b++) sums[r][b] = _mm256_setzero_si256();
    }
    for (size_t i = 0; i < k; i += 64) {
        UNROLL for (size_t half = 0; half < 2; half++) {
            __m256i input[FEW_INPUTS], eights[FEW_INPUTS];
            UNROLL for (size_t b = 0; b < batch; b++) {
                input[b] = _mm256_loadu_si256((const __m256i *)(x + b * x_stride + i + 32 * half));
                eights[b] = _mm256_maddubs_epi16(eight, input[b]);
            }
            UNROLL for (size_t r = 0; r < FEW_ROWS; r++) {
                const uint8_t *row = w + r * w_stride;
                if (!half) __builtin_prefetch(row + ROWS_AHEAD * w_stride + i / 2);
                __m256i bits = _mm256_loadu_si256((const __m256i *)(row + i / 2));
                __m256i numbers = _mm256_and_si256(half ? _mm256_srli_epi16(bits, 4) : bits, low);
                __m256i multipliers = two_multipliers(row[k / 2 + i / 32 + half]);
                UNROLL for (size_t b = 0; b < batch; b++) {
                    __m256i two = _mm256_sub_epi16(_mm256_maddubs_epi16(numbers, input[b]), eights[b]);
                    sums[r][b] = _mm256_add_epi32(sums[r][b], _mm256_madd_epi16(two, multipliers));
                }
            }
        }
    }
    UNROLL for (size_t b = 0; b < batch; b++) {
        UNROLL for (size_t r = 0; r < FEW_ROWS; r++)
            y[b * y_stride + r] = (float)total_integers(sums[r][b]) * (w_scales[r] * x_scales[b]);
    }
}

#include "../few_inputs.h"

#pragma clang attribute pop

const ck_kernels ck_avx2 = {
    .name = "avx2",
#include "../table.h"
    .product_i8 = product_i8,
    .product_i4 = product_few_i4,
};

#endif
