#include "instruction_sets.h"

// Plain loops for integers, and the lane kernels on the machine's baseline instruction set.

#include "half.h"

#pragma clang diagnostic ignored "-Wpsabi"

typedef float sixteen __attribute__((vector_size(64)));

static inline __attribute__((always_inline)) sixteen load_f16(const uint16_t *p) {
    sixteen x;
    for (int i = 0; i < 16; i++) x[i] = ck_half_to_float(p[i]);
    return x;
}

#define load_f16 load_f16
#define TILE_ROWS 1
#define TILE_BATCH 2
#define PEAK_ACCUMULATORS 2
#define MULTIPLY_ADD(a, b, c) ((a) * (b) + (c))
#include "bodies/lane_kernels.inc"

#define DOT4_OFFSET 0
#define dot4_accumulate dot4_accumulate
static inline int_lanes dot4_accumulate(int_lanes sums, const int8_t *x, int32_t four) {
    int8_t others[4];
    memcpy(others, &four, sizeof others);
    for (size_t i = 0; i < 64; i++) sums[i / 4] += x[i] * others[i % 4];
    return sums;
}

#include "bodies/attend_int8.inc"

static void gemm_i8(size_t rows, size_t batch, size_t k, const int8_t *w, size_t w_stride, const float *w_scales,
                    ck_bytes x, ck_output y) {
    for (size_t r = 0; r < rows; r++) {
        for (size_t b = 0; b < batch; b++) {
            int32_t sum = 0;
            for (size_t i = 0; i < k; i++) sum += (int32_t)w[r * w_stride + i] * x.values[b * x.stride + i];
            y.values[b * y.stride + r] = (float)sum * (w_scales[r] * x.scales[b]);
        }
    }
}

#include "bodies/gemm_int4.inc"

static void unpack_i4(size_t k, const uint8_t *row, int8_t *bytes) {
    const uint8_t *codes = row + k / 2;
    for (size_t i = 0; i < k; i++) {
        uint8_t two = row[i / 64 * 32 + i % 32], code = codes[i / 32];
        bytes[i] = multiples[i % 32 < 16 ? code & 15 : code >> 4][i % 64 < 32 ? two & 15 : two >> 4];
    }
}

static size_t peak_flops_i8(size_t rounds, int32_t *result) {
    int32_t sum = *result;
    for (size_t i = 0; i < rounds; i++) sum += (int8_t)(i & 127) * (int8_t)(sum & 127);
    *result = sum;
    return rounds;
}

#include "bodies/convolve_int8_scalar.inc"
#define convolve_piece_i8 convolve_piece_i8

#define FLOAT_PIXELS 1
#define FLOAT_VECTORS 2
#define INT8_PIXELS 1
#define NARROW_PIXELS 1
#include "bodies/convolve.inc"

const ck_kernels ck_scalar = {
    .name = "scalar",
#include "bodies/kernel_table.inc"
    .gemm_i8 = gemm_i8,
    .gemm_i4 = gemm_i4,
};
