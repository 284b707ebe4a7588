#include "../instruction_sets.h"

#if defined(__x86_64__)

#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)

#include "../bodies/x86/avx2_lanes.inc"

// Pairs of products fit 16 bits, as u is at most 128 and s not −128.
#define dot dot
INLINE __m256i dot(__m256i sum, __m256i u, __m256i s) {
    return _mm256_add_epi32(sum, _mm256_madd_epi16(_mm256_maddubs_epi16(u, s), _mm256_set1_epi16(1)));
}

/// Of each four bytes the first and third, the second and fourth, in 16 bits.
typedef struct unpacked {
    __m256i even, odd;
} unpacked_pixel, unpacked_weights;

INLINE unpacked_pixel unpack_pixel(__m256i x) {
    return (unpacked_pixel){_mm256_and_si256(x, _mm256_set1_epi16(0xFF)), _mm256_srli_epi16(x, 8)};
}

INLINE unpacked_weights unpack_weights(__m256i w) {
    return (unpacked_weights){_mm256_srai_epi16(_mm256_slli_epi16(w, 8), 8), _mm256_srai_epi16(w, 8)};
}

INLINE __m256i dot4_unpacked(__m256i sum, unpacked_pixel x, unpacked_weights w) {
    sum = _mm256_add_epi32(sum, _mm256_madd_epi16(x.even, w.even));
    return _mm256_add_epi32(sum, _mm256_madd_epi16(x.odd, w.odd));
}

#define unpack_pixel unpack_pixel
#define unpack_weights unpack_weights
#define dot4_unpacked dot4_unpacked
#define WEIGHT_OFFSET 0
#define INT8_ROWS 2
#define INT8_BATCH 3
#include "../bodies/x86/avx2_int8.inc"

enum { FEW_ROWS = 4 };

/// The multipliers of the two groups of 32 numbers.
INLINE __m256i two_multipliers(uint8_t codes) {
#define EIGHT(m) {m, m, m, m, m, m, m, m}
    static const int16_t eight[16][8] __attribute__((aligned(16))) = {FOR_EACH_MULTIPLIER(EIGHT)};
    return _mm256_setr_m128i(_mm_load_si128((const __m128i *)eight[codes & 15]),
                             _mm_load_si128((const __m128i *)eight[codes >> 4]));
}

/// See gemm_int4_few_inputs.inc. The sum of two products fits 16 bits, and so does the correction for numbers being 8
/// too large.
#define i4_tile i4_tile
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
            y[b * y_stride + r] = (float)reduce_add_int(sums[r][b]) * (w_scales[r] * x_scales[b]);
    }
}

#include "../bodies/gemm_int4_few_inputs.inc"

#pragma clang attribute pop

const ck_kernels ck_avx2 = {
    .name = "avx2",
#include "../bodies/kernel_table.inc"
    .gemm_i8 = gemm_i8,
    .gemm_i4 = gemm_few_inputs_i4,
};

#endif
