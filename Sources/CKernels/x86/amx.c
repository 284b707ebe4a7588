#include "../instruction_sets.h"

#if defined(__x86_64__)

#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,fma,f16c,"           \
                                                   "amx-tile,amx-int8,amx-bf16"))),                                    \
                             apply_to = function)

#include "../bodies/x86/avx512.inc"

// A tile register is 16 rows of 64 bytes. The instruction multiplies 16 weight rows as they lie in memory by 16 inputs
// in VNNI order, four bytes of each input per row. Inputs are packed in that order here, some at a time.

enum {
    SIDE = 16,
    BYTES_OF_TILE = 1024,
    /// Stack space for inputs, which is small in threads.
    TILES_OF_INPUTS = 64,
    /// With fewer inputs memory bandwidth is the limit, and vectors need no reordering.
    MINIMUM_INPUTS = 8,
};

/// Sums of 2 × 2 tiles, two tiles of weights, two of inputs.
enum { SUMS_00, SUMS_01, SUMS_10, SUMS_11, WEIGHTS_0, WEIGHTS_1, INPUTS_0, INPUTS_1 };

typedef struct tile_configuration {
    uint8_t palette, start_row, reserved[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
} tile_configuration;

static void configure(void) {
    tile_configuration configuration = {.palette = 1};
    for (int tile = 0; tile < 8; tile++) {
        configuration.row_bytes[tile] = 64;
        configuration.rows[tile] = SIDE;
    }
    _tile_loadconfig(&configuration);
}

/// Transposes 16 × 16 elements of 32 bits.
INLINE void transpose(__m512i x[SIDE]) {
    __m512i y[SIDE];
    UNROLL for (int i = 0; i < 16; i += 2) {
        y[i] = _mm512_unpacklo_epi32(x[i], x[i + 1]);
        y[i + 1] = _mm512_unpackhi_epi32(x[i], x[i + 1]);
    }
    UNROLL for (int i = 0; i < 16; i += 4) {
        x[i] = _mm512_unpacklo_epi64(y[i], y[i + 2]);
        x[i + 1] = _mm512_unpackhi_epi64(y[i], y[i + 2]);
        x[i + 2] = _mm512_unpacklo_epi64(y[i + 1], y[i + 3]);
        x[i + 3] = _mm512_unpackhi_epi64(y[i + 1], y[i + 3]);
    }
    UNROLL for (int i = 0; i < 4; i++) {
        y[i] = _mm512_shuffle_i32x4(x[i], x[i + 4], 0x88);
        y[i + 4] = _mm512_shuffle_i32x4(x[i], x[i + 4], 0xDD);
        y[i + 8] = _mm512_shuffle_i32x4(x[i + 8], x[i + 12], 0x88);
        y[i + 12] = _mm512_shuffle_i32x4(x[i + 8], x[i + 12], 0xDD);
    }
    UNROLL for (int i = 0; i < 4; i++) {
        x[i] = _mm512_shuffle_i32x4(y[i], y[i + 8], 0x88);
        x[i + 4] = _mm512_shuffle_i32x4(y[i + 4], y[i + 12], 0x88);
        x[i + 8] = _mm512_shuffle_i32x4(y[i], y[i + 8], 0xDD);
        x[i + 12] = _mm512_shuffle_i32x4(y[i + 4], y[i + 12], 0xDD);
    }
}

/// Up to 16 inputs as tiles, one for every 64 bytes.
static void pack(size_t batch, size_t k, const int8_t *x, size_t x_stride, int8_t *tiles) {
    for (size_t i = 0; i < k; i += 64, tiles += BYTES_OF_TILE) {
        __m512i rows[SIDE];
        UNROLL for (size_t b = 0; b < SIDE; b++)
            rows[b] = b < batch ? _mm512_loadu_si512(x + b * x_stride + i) : _mm512_setzero_si512();
        transpose(rows);
        UNROLL for (size_t j = 0; j < SIDE; j++) _mm512_storeu_si512(tiles + 64 * j, rows[j]);
    }
}

/// Scales the sums of a tile, one row for each weight row, to floats.
static void finish_tile(size_t batch, const int32_t *sums, const float *w_scales, const float *x_scales, float *y,
                        size_t y_stride) {
    __m512i rows[SIDE];
    UNROLL for (size_t r = 0; r < SIDE; r++) rows[r] = _mm512_loadu_si512(sums + r * SIDE);
    transpose(rows);
    __m512 scales = _mm512_loadu_ps(w_scales);
    UNROLL for (size_t b = 0; b < SIDE; b++) {
        if (b < batch) {
            __m512 scale = _mm512_mul_ps(scales, _mm512_set1_ps(x_scales[b]));
            _mm512_storeu_ps(y + b * y_stride, _mm512_mul_ps(_mm512_cvtepi32_ps(rows[b]), scale));
        }
    }
}

/// The sums of 16 or 32 weight rows with one or two tiles' width of inputs.
#define MULTIPLY_TILES(two_rows, two_inputs)                                                                           \
    _tile_zero(SUMS_00);                                                                                               \
    if (two_inputs) _tile_zero(SUMS_01);                                                                               \
    if (two_rows) _tile_zero(SUMS_10);                                                                                 \
    if (two_rows && two_inputs) _tile_zero(SUMS_11);                                                                   \
    for (size_t i = 0; i < steps; i++) {                                                                               \
        _tile_loadd(WEIGHTS_0, w + 64 * i, w_stride);                                                                  \
        _tile_loadd(INPUTS_0, tiles + BYTES_OF_TILE * i, 64);                                                          \
        _tile_dpbssd(SUMS_00, WEIGHTS_0, INPUTS_0);                                                                    \
        if (two_rows) {                                                                                                \
            _tile_loadd(WEIGHTS_1, w + SIDE * w_stride + 64 * i, w_stride);                                            \
            _tile_dpbssd(SUMS_10, WEIGHTS_1, INPUTS_0);                                                                \
        }                                                                                                              \
        if (two_inputs) {                                                                                              \
            _tile_loadd(INPUTS_1, tiles + BYTES_OF_TILE * (steps + i), 64);                                            \
            _tile_dpbssd(SUMS_01, WEIGHTS_0, INPUTS_1);                                                                \
            if (two_rows) _tile_dpbssd(SUMS_11, WEIGHTS_1, INPUTS_1);                                                  \
        }                                                                                                              \
    }

#define FINISH_TILE(tile, row, input)                                                                                  \
    _tile_stored(tile, sums, 64);                                                                                      \
    finish_tile(batch - (input) < SIDE ? batch - (input) : SIDE, sums, w_scales + (row), x_scales + (input),           \
           y + (input) * y_stride + (row), y_stride)

INLINE void tile(int two_rows, size_t batch, size_t steps, const int8_t *w, size_t w_stride, const float *w_scales,
                 const int8_t *tiles, const float *x_scales, float *y, size_t y_stride) {
    int32_t sums[SIDE * SIDE];
    int two_inputs = batch > SIDE;
    if (two_inputs) {
        MULTIPLY_TILES(two_rows, 1)
        FINISH_TILE(SUMS_01, 0, SIDE);
        if (two_rows) { FINISH_TILE(SUMS_11, SIDE, SIDE); }
    } else {
        MULTIPLY_TILES(two_rows, 0)
    }
    FINISH_TILE(SUMS_00, 0, 0);
    if (two_rows) { FINISH_TILE(SUMS_10, SIDE, 0); }
}

static void gemm_amx_i8(size_t rows, size_t batch, size_t k, const int8_t *w, size_t w_stride,
                        const float *w_scales, ck_bytes x, ck_output y) {
    size_t steps = k / 64, whole = rows / SIDE * SIDE;
    if (batch < MINIMUM_INPUTS || steps > TILES_OF_INPUTS) whole = 0;
    if (whole > 0) {
        int8_t tiles[TILES_OF_INPUTS * BYTES_OF_TILE] __attribute__((aligned(64)));
        size_t limit = 2 * steps <= TILES_OF_INPUTS ? 2 * SIDE : SIDE;
        configure();
        for (size_t b = 0; b < batch;) {
            size_t count = batch - b < limit ? batch - b : limit;
            const int8_t *inputs = x.values + b * x.stride;
            pack(count < SIDE ? count : SIDE, k, inputs, x.stride, tiles);
            if (count > SIDE) pack(count - SIDE, k, inputs + SIDE * x.stride, x.stride, tiles + steps * BYTES_OF_TILE);
            float *outputs = y.values + b * y.stride;
            size_t r = 0;
            for (; r + 2 * SIDE <= whole; r += 2 * SIDE)
                tile(1, count, steps, w + r * w_stride, w_stride, w_scales + r, tiles, x.scales + b, outputs + r,
                     y.stride);
            if (r < whole)
                tile(0, count, steps, w + r * w_stride, w_stride, w_scales + r, tiles, x.scales + b, outputs + r,
                     y.stride);
            b += count;
        }
        _tile_release();
    }
    gemm_i8(rows - whole, batch, k, w + whole * w_stride, w_stride, w_scales + whole, x,
               (ck_output){y.values + whole, y.stride});
}

#include "../bodies/x86/amx_bf16.inc"
#include "../bodies/x86/amx_convolve.inc"

static size_t peak_flops_i8(size_t rounds, int32_t *result) {
    int32_t sums[SIDE * SIDE] = {*result};
    configure();
    _tile_loadd(WEIGHTS_0, sums, 64);
    _tile_loadd(INPUTS_0, sums, 64);
    _tile_zero(SUMS_00);
    _tile_zero(SUMS_01);
    _tile_zero(SUMS_10);
    _tile_zero(SUMS_11);
    for (size_t i = 0; i < rounds; i++) {
        _tile_dpbssd(SUMS_00, WEIGHTS_0, INPUTS_0);
        _tile_dpbssd(SUMS_01, WEIGHTS_0, INPUTS_0);
        _tile_dpbssd(SUMS_10, WEIGHTS_0, INPUTS_0);
        _tile_dpbssd(SUMS_11, WEIGHTS_0, INPUTS_0);
    }
    _tile_stored(SUMS_00, sums, 64);
    _tile_release();
    *result = sums[0];
    return rounds * 4 * SIDE * SIDE * 64;
}

#pragma clang attribute pop

// Some kernels of kernel_table.inc are replaced.
#pragma clang diagnostic ignored "-Winitializer-overrides"
const ck_kernels ck_amx = {
    .name = "amx",
#include "../bodies/kernel_table.inc"
    .gemm_bf16 = gemm_amx_bf16,
    .convolve_i8 = convolve_amx_i8,
    .gemm_i8 = gemm_amx_i8,
    // On vectors: for the few rows that are unpacked at a time, reordering the inputs does not pay.
    .gemm_i4 = gemm_few_inputs_i4,
};

#endif
