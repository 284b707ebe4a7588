// Products of bytes on 128 bits. A level includes this after neon_lanes.h, inside its target pragma, after defining
//   dot(sum, w, x)       adds the products of 16 bytes to any numbers of `sum`; x is never −128
//   dot_lane(sum, w, x, lane)  adds the products of bytes 4 j … 4 j + 3 of w and of four bytes of x to number j of `sum`
//   BYTE_ROWS            rows of a tile of bytes
//   spin(sum, a, b)      the instructions with the most products, PRODUCTS_OF_SPIN

#define FOURS_OFFSET 0

/// See attend_bytes.h.
INLINE integers add_fours(integers sums, const int8_t *x, int32_t four) {
    int8x16_t s = vreinterpretq_s8_s32(vdupq_n_s32(four));
    union {
        integers all;
        int32x4_t quarters[4];
    } both = {sums};
    UNROLL for (size_t i = 0; i < 4; i++) both.quarters[i] = dot_lane(both.quarters[i], vld1q_s8(x + 16 * i), s, 0);
    return both.all;
}

#include "../attend_bytes.h"

#define FLOAT_PIXELS 6
#define FLOAT_VECTORS 1
#define BYTES_PIXELS 2
#define NARROW_PIXELS 1
#define BYTE_BATCH 4

/// See bytes_piece.h. Pixels get a sign by taking off 128, which the sums start with.
INLINE void bytes_piece(size_t pixels, size_t steps, const uint8_t *input, const size_t *offsets, const int32_t *panel,
                        const int32_t *weight_sums, int32_t zero, const float *scales, float *sums, int first) {
    enum { VECTORS = CK_PANEL / 4 };
    int32x4_t whole[BYTES_PIXELS][VECTORS];
    UNROLL for (size_t v = 0; v < VECTORS; v++) {
        int32x4_t start = vmulq_n_s32(vld1q_s32(weight_sums + 4 * v), 128 - zero);
        UNROLL for (size_t p = 0; p < pixels; p++) whole[p][v] = start;
    }
    const int8_t *weights = (const int8_t *)panel;
    for (size_t s = 0; s < steps; s++) {
        for (size_t i = 0; i < CK_PIXEL_BLOCK; i += 16) {
            int8x16_t x[BYTES_PIXELS];
            UNROLL for (size_t p = 0; p < pixels; p++) {
                uint8x16_t bytes = vld1q_u8(input + offsets[s] + p * CK_PIXEL_BLOCK + i);
                x[p] = vreinterpretq_s8_u8(veorq_u8(bytes, vdupq_n_u8(128)));
            }
#define LANE(lane)                                                                                                     \
    UNROLL for (size_t v = 0; v < VECTORS; v++, weights += 16) {                                                       \
        int8x16_t w = vld1q_s8(weights);                                                                               \
        UNROLL for (size_t p = 0; p < pixels; p++) whole[p][v] = dot_lane(whole[p][v], w, x[p], lane);                 \
    }
            LANE(0)
            LANE(1)
            LANE(2)
            LANE(3)
        }
    }
    UNROLL for (size_t p = 0; p < pixels; p++) {
        UNROLL for (size_t v = 0; v < VECTORS; v++) {
            float *sum = sums + p * CK_PANEL + 4 * v;
            float32x4_t before = first ? vdupq_n_f32(0) : vld1q_f32(sum);
            vst1q_f32(sum, vfmaq_n_f32(before, vcvtq_f32_s32(whole[p][v]), scales[p]));
        }
    }
}

#include "../convolve.h"

INLINE void i8_tile(size_t rows, size_t batch, size_t k, const int8_t *w, size_t w_stride, const float *w_scales,
                    const int8_t *x, size_t x_stride, const float *x_scales, const int32_t *x_sums, float *y,
                    size_t y_stride) {
    // Both have a sign, so nothing was added that must come off again.
    (void)x_sums;
    int32x4_t sums[BYTE_ROWS][BYTE_BATCH];
    UNROLL for (size_t r = 0; r < rows; r++) {
        UNROLL for (size_t b = 0; b < batch; b++) sums[r][b] = vdupq_n_s32(0);
    }
    for (size_t i = 0; i < k; i += 16) {
        int8x16_t weights[BYTE_ROWS];
        UNROLL for (size_t r = 0; r < rows; r++) weights[r] = vld1q_s8(w + r * w_stride + i);
        UNROLL for (size_t b = 0; b < batch; b++) {
            int8x16_t input = vld1q_s8(x + b * x_stride + i);
            UNROLL for (size_t r = 0; r < rows; r++) sums[r][b] = dot(sums[r][b], weights[r], input);
        }
    }
    UNROLL for (size_t b = 0; b < batch; b++) {
        UNROLL for (size_t r = 0; r < rows; r++)
            y[b * y_stride + r] = (float)vaddvq_s32(sums[r][b]) * (w_scales[r] * x_scales[b]);
    }
}

#include "../bytes_tiles.h"

static size_t spin_i8(size_t rounds, int32_t *result) {
    int32x4_t sums[16];
    int8x16_t a = vreinterpretq_s8_s32(vdupq_n_s32(*result & 0x7F7F7F7F)), b = vdupq_n_s8(3);
    UNROLL for (size_t j = 0; j < 16; j++) sums[j] = vdupq_n_s32((int32_t)j);
    for (size_t i = 0; i < rounds; i++) {
        UNROLL for (size_t j = 0; j < 16; j++) {
            // The same product would be computed once.
            __asm__ volatile("" : "+w"(b));
            sums[j] = spin(sums[j], a, b);
        }
    }
    UNROLL for (size_t j = 1; j < 16; j++) sums[0] = vaddq_s32(sums[0], sums[j]);
    *result = vaddvq_s32(sums[0]);
    return rounds * 16 * PRODUCTS_OF_SPIN;
}

#include "../four_bits.h"

static void expand_i4(size_t k, const uint8_t *row, int8_t *bytes) {
    const uint8_t *codes = row + k / 2;
    for (size_t i = 0; i < k; i += 64) {
        UNROLL for (size_t j = 0; j < 32; j += 16) {
            // A group of the lower halves, and one of the upper.
            uint8x16_t bits = vld1q_u8(row + i / 2 + j);
            size_t shift = j / 4;
            int8x16_t first = vld1q_s8(multiples[codes[i / 32] >> shift & 15]);
            int8x16_t second = vld1q_s8(multiples[codes[i / 32 + 1] >> shift & 15]);
            vst1q_s8(bytes + i + j, vqtbl1q_s8(first, vandq_u8(bits, vdupq_n_u8(15))));
            vst1q_s8(bytes + i + j + 32, vqtbl1q_s8(second, vshrq_n_u8(bits, 4)));
        }
    }
}
