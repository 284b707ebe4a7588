#include "../instruction_sets.h"

#if defined(__aarch64__)

#include <arm_neon.h>

#pragma clang attribute push(__attribute__((target("dotprod,i8mm"))), apply_to = function)

#include "../bodies/arm/neon_lanes.inc"

#define dot dot
INLINE int32x4_t dot(int32x4_t sum, int8x16_t w, int8x16_t x) { return vdotq_s32(sum, w, x); }
#define dot_lane vdotq_laneq_s32
#define peak_dot vmmlaq_s32
#define PEAK_DOT_PRODUCTS 32

#define INT8_ROWS 4
#include "../bodies/arm/neon_int8.inc"

/// The low halves of two rows, then the high ones: the operands of vmmla.
INLINE void load_two(const int8_t *p, size_t stride, int8x16_t *low, int8x16_t *high) {
    int64x2_t a = vreinterpretq_s64_s8(vld1q_s8(p)), b = vreinterpretq_s64_s8(vld1q_s8(p + stride));
    *low = vreinterpretq_s8_s64(vtrn1q_s64(a, b));
    *high = vreinterpretq_s8_s64(vtrn2q_s64(a, b));
}

/// Four rows with `pairs` pairs of inputs: vmmla multiplies 2 × 8 by 8 × 2.
INLINE void matrix_tile(size_t pairs, size_t k, const int8_t *w, size_t w_stride, const float *w_scales,
                        const int8_t *x, size_t x_stride, const float *x_scales, float *y, size_t y_stride) {
    int32x4_t sums[2][4];
    UNROLL for (size_t r = 0; r < 2; r++) {
        UNROLL for (size_t b = 0; b < pairs; b++) sums[r][b] = vdupq_n_s32(0);
    }
    for (size_t i = 0; i < k; i += 16) {
        int8x16_t low[2], high[2];
        UNROLL for (size_t r = 0; r < 2; r++) load_two(w + 2 * r * w_stride + i, w_stride, &low[r], &high[r]);
        UNROLL for (size_t b = 0; b < pairs; b++) {
            int8x16_t low_input, high_input;
            load_two(x + 2 * b * x_stride + i, x_stride, &low_input, &high_input);
            UNROLL for (size_t r = 0; r < 2; r++)
                sums[r][b] = vmmlaq_s32(vmmlaq_s32(sums[r][b], low[r], low_input), high[r], high_input);
        }
    }
    UNROLL for (size_t b = 0; b < pairs; b++) {
        UNROLL for (size_t r = 0; r < 2; r++) {
            UNROLL for (size_t i = 0; i < 4; i++) {
                size_t row = 2 * r + i / 2, input = 2 * b + i % 2;
                y[input * y_stride + row] = (float)sums[r][b][i] * (w_scales[row] * x_scales[input]);
            }
        }
    }
}

#define MATRIX_TILE(pairs)                                                                                             \
    matrix_tile(pairs, k, w + r * w_stride, w_stride, w_scales + r, x.values + b * x.stride, x.stride, x.scales + b,   \
                y.values + b * y.stride + r, y.stride)

static void gemm_mmla_i8(size_t rows, size_t batch, size_t k, const int8_t *w, size_t w_stride,
                         const float *w_scales, ck_bytes x, ck_output y) {
    size_t even = batch / 2 * 2, whole = rows / 4 * 4;
    for (size_t r = 0; r < whole; r += 4) {
        for (size_t b = 0; b < even;) {
            size_t pairs = (even - b) / 2 < 4 ? (even - b) / 2 : 4;
            FOR_BATCH_UP_TO_4(pairs, MATRIX_TILE)
            b += 2 * pairs;
        }
    }
    // The last input of an odd batch, and the last rows.
    ck_bytes last = {x.values + even * x.stride, x.stride, x.scales + even, x.sums + even};
    gemm_i8(whole, batch - even, k, w, w_stride, w_scales, last, (ck_output){y.values + even * y.stride, y.stride});
    gemm_i8(rows - whole, batch, k, w + whole * w_stride, w_stride, w_scales + whole, x,
               (ck_output){y.values + whole, y.stride});
}

#pragma clang attribute pop

const ck_kernels ck_i8mm = {
    .name = "neon-i8mm",
#include "../bodies/kernel_table.inc"
    .gemm_i8 = gemm_mmla_i8,
    .gemm_i4 = gemm_i4,
};

#endif
