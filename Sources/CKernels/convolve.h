// Convolutions as products of a panel of weights with the pixels around each output, which nobody gathers: the input is
// laid out so that the pixels of a row lie side by side, a block of channels at a time, and a tap of the kernel is an
// offset. A level includes this after lane_kernels.h, after defining
//   FLOAT_PIXELS, FLOAT_VECTORS
//                     pixels, at most 12, whose sums with so many times 16 outputs, one or two, fit its registers
//   BYTES_PIXELS      the same for whole numbers and CK_PANEL outputs
//   NARROW_PIXELS     the same for floats and CK_NARROW outputs
//   bytes_piece       convolve_piece for one tap of whole numbers, each pixel with a scale

/// Sums that stay in memory between chunks of this many steps, so that a chunk's weights, 36 KiB or half of them at a time,
/// stay in the innermost cache.
enum { CONVOLVE_CHUNK = 18 };

INLINE integers load_integers(const int32_t *p) {
    integers x;
    memcpy(&x, p, sizeof x);
    return x;
}

/// Some neighbouring pixels of a row.
INLINE void convolve_piece(size_t pixels, int fused, size_t steps, const uint8_t *input, const size_t *offsets,
                           const float *panel, float *sums, int first) {
    for (size_t half = 0; half < CK_PANEL; half += 16 * FLOAT_VECTORS) {
        lanes a[FLOAT_PIXELS][FLOAT_VECTORS];
        UNROLL for (size_t p = 0; p < pixels; p++) {
            UNROLL for (size_t v = 0; v < FLOAT_VECTORS; v++) {
                a[p][v] = first ? (lanes){0} : load(sums + p * CK_PANEL + half + 16 * v);
            }
        }
        const float *w = panel + half;
        for (size_t s = 0; s < steps; s++) {
            const float *x = (const float *)(input + offsets[s]);
            UNROLL for (size_t i = 0; i < 16; i++, w += CK_PANEL) {
                lanes weights[FLOAT_VECTORS];
                UNROLL for (size_t v = 0; v < FLOAT_VECTORS; v++) weights[v] = load(w + 16 * v);
                UNROLL for (size_t p = 0; p < pixels; p++) {
                    lanes e = all(x[p * 16 + i]);
                    UNROLL for (size_t v = 0; v < FLOAT_VECTORS; v++) {
                        a[p][v] = fused ? MULTIPLY_ADD(e, weights[v], a[p][v]) : e * weights[v] + a[p][v];
                    }
                }
            }
        }
        UNROLL for (size_t p = 0; p < pixels; p++) {
            UNROLL for (size_t v = 0; v < FLOAT_VECTORS; v++) store(sums + p * CK_PANEL + half + 16 * v, a[p][v]);
        }
    }
}

/// The same for so few outputs that most of a panel would be empty: 16 channels at a time, whose lanes are added at the
/// end.
INLINE void narrow_piece(size_t outputs, size_t pixels, int fused, size_t steps, const uint8_t *input,
                         const size_t *offsets, const float *panel, float *sums) {
    lanes a[NARROW_PIXELS][CK_NARROW];
    UNROLL for (size_t p = 0; p < pixels; p++) {
        UNROLL for (size_t o = 0; o < outputs; o++) a[p][o] = (lanes){0};
    }
    for (size_t s = 0; s < steps; s++, panel += outputs * 16) {
        const float *x = (const float *)(input + offsets[s]);
        lanes weights[CK_NARROW];
        UNROLL for (size_t o = 0; o < outputs; o++) weights[o] = load(panel + o * 16);
        UNROLL for (size_t p = 0; p < pixels; p++) {
            lanes e = load(x + p * 16);
            UNROLL for (size_t o = 0; o < outputs; o++) {
                a[p][o] = fused ? MULTIPLY_ADD(e, weights[o], a[p][o]) : e * weights[o] + a[p][o];
            }
        }
    }
    UNROLL for (size_t p = 0; p < pixels; p++) {
        UNROLL for (size_t o = 0; o < outputs; o++) sums[p * CK_PANEL + o] = total(a[p][o]);
    }
}

/// Calls PIECE(n) for pieces of a row of `pixels`, as few as there can be, all of nearly the same size and of constants that
/// the compiler unrolls; at most `most`, at most 12. `at` is where one starts.
#define FOR_PIECES(most, pixels, PIECE)                                                                                \
    for (size_t at = 0, left = ((pixels) + most - 1) / most, n; left > 0; left--, at += n) {                           \
        n = ((pixels) - at) / left;                                                                                    \
        switch (n) {                                                                                                   \
        case 1: PIECE(1); break;                                                                                       \
        case 2: PIECE(most < 2 ? 1 : 2); break;                                                                        \
        case 3: PIECE(most < 3 ? 1 : 3); break;                                                                        \
        case 4: PIECE(most < 4 ? 1 : 4); break;                                                                        \
        case 5: PIECE(most < 5 ? 1 : 5); break;                                                                        \
        case 6: PIECE(most < 6 ? 1 : 6); break;                                                                        \
        case 7: PIECE(most < 7 ? 1 : 7); break;                                                                        \
        case 8: PIECE(most < 8 ? 1 : 8); break;                                                                        \
        case 9: PIECE(most < 9 ? 1 : 9); break;                                                                        \
        case 10: PIECE(most < 10 ? 1 : 10); break;                                                                     \
        case 11: PIECE(most < 11 ? 1 : 11); break;                                                                     \
        default: PIECE(most < 12 ? 1 : 12); break;                                                                     \
        }                                                                                                              \
    }

/// The outputs from `half` on of a pixel, of which there are n, at most 16.
INLINE lanes finish_value(const ck_convolution *c, size_t row, size_t pixel, size_t half, lanes value, size_t n) {
    size_t at = row * c->y_row_stride + pixel * c->y_stride + half;
    if (c->residual) value += n == 16 ? load(c->residual + at) : load_part(c->residual + at, n);
    if (c->rectifies) value = positive_part(value);
    if (n == 16) store(c->y + at, value);
    else store_part(c->y + at, value, n);
    return value;
}

INLINE void store_statistics(const ck_convolution *c, size_t half, lanes sum, lanes squares, size_t n) {
    if (!c->statistics) return;
    store_part(c->statistics + half, sum, n);
    store_part(c->statistics + c->statistics_stride + half, squares, n);
}

/// What follows the sums: scales, bias, residual, ReLU, and what the next norm wants to know.
INLINE void finish_half(const ck_convolution *c, int of_bytes, const float *sums, size_t half, size_t n) {
    lanes bias = {0}, scale = all(1), sum = {0}, squares = {0};
    if (c->bias) bias = load_part(c->bias + half, n);
    if (c->output_scales) scale = load_part(c->output_scales + half, n);
    if (of_bytes && c->least != 0) {
        integers weights = {0};
        for (size_t t = 0; t < c->taps; t++) weights += load_integers(c->weight_sums + t * CK_PANEL + half);
        bias += __builtin_convertvector(weights, lanes) * scale * c->least;
    }
    for (size_t row = 0; row < c->rows; row++) {
        for (size_t p = 0; p < c->pixels; p++) {
            lanes value = load(sums + (row * c->pixels + p) * CK_PANEL + half);
            value = finish_value(c, row, p, half, value * scale + bias, n);
            sum += value;
            squares += value * value;
        }
    }
    store_statistics(c, half, sum, squares, n);
}

INLINE void finish(const ck_convolution *c, int of_bytes, const float *sums) {
    for (size_t half = 0; half < c->outputs; half += 16) {
        if (c->outputs - half >= 16) finish_half(c, of_bytes, sums, half, 16);
        else finish_half(c, of_bytes, sums, half, c->outputs - half);
    }
}

#define PIECE_SUMS (sums + (row * c->pixels + at) * CK_PANEL)
#define FLOAT_PIECE(n)                                                                                                 \
    convolve_piece(n, fused, steps, input + at * CK_PIXEL_BLOCK, c->offsets + start,                                   \
                   (const float *)c->panel + start * (16 * CK_PANEL), PIECE_SUMS, start == 0)
#define BYTES_PIECE(n)                                                                                                 \
    bytes_piece(n, steps, input + at * CK_PIXEL_BLOCK, c->offsets + tap * steps,                                       \
                (const int32_t *)c->panel + tap * steps * (16 * CK_PANEL), c->weight_sums + tap * CK_PANEL, c->zero,   \
                scales + at, PIECE_SUMS, tap == 0)

INLINE void convolve_floats(const ck_convolution *c, int fused, float *sums) {
    for (size_t start = 0; start < c->steps; start += CONVOLVE_CHUNK) {
        size_t steps = c->steps - start < CONVOLVE_CHUNK ? c->steps - start : CONVOLVE_CHUNK;
        for (size_t row = 0; row < c->rows; row++) {
            const uint8_t *input = c->input + row * c->row_stride;
            FOR_PIECES(FLOAT_PIXELS, c->pixels, FLOAT_PIECE)
        }
    }
}

INLINE void convolve_narrow(const ck_convolution *c, size_t outputs, int fused, float *sums) {
    for (size_t row = 0; row < c->rows; row++) {
        const uint8_t *input = c->input + row * c->row_stride;
        size_t at = 0;
        for (; at + NARROW_PIXELS <= c->pixels; at += NARROW_PIXELS) {
            narrow_piece(outputs, NARROW_PIXELS, fused, c->steps, input + at * CK_PIXEL_BLOCK, c->offsets, c->panel,
                         PIECE_SUMS);
        }
        for (; at < c->pixels; at++) {
            narrow_piece(outputs, 1, fused, c->steps, input + at * CK_PIXEL_BLOCK, c->offsets, c->panel, PIECE_SUMS);
        }
    }
}

INLINE void convolve_few(const ck_convolution *c, int fused, float *sums) {
    switch (c->outputs) {
    case 1: convolve_narrow(c, 1, fused, sums); break;
    case 2: convolve_narrow(c, 2, fused, sums); break;
    case 3: convolve_narrow(c, 3, fused, sums); break;
    default: convolve_narrow(c, 4, fused, sums); break;
    }
}

static void convolve_f32(const ck_convolution *c, int fused) {
    _Alignas(64) float sums[CK_TILE_PIXELS * CK_PANEL];
    if (c->outputs <= CK_NARROW) {
        if (fused) convolve_few(c, 1, sums);
        else convolve_few(c, 0, sums);
    } else if (fused) convolve_floats(c, 1, sums);
    else convolve_floats(c, 0, sums);
    finish(c, 0, sums);
}

static void convolve_i8(const ck_convolution *c) {
    _Alignas(64) float sums[CK_TILE_PIXELS * CK_PANEL];
    size_t steps = c->steps / c->taps;
    for (size_t row = 0; row < c->rows; row++) {
        const uint8_t *input = c->input + row * c->row_stride;
        for (size_t tap = 0; tap < c->taps; tap++) {
            const float *scales =
                (const float *)((const uint8_t *)c->scales + row * c->row_stride + c->scale_offsets[tap]);
            FOR_PIECES(BYTES_PIXELS, c->pixels, BYTES_PIECE)
        }
    }
    finish(c, 1, sums);
}

#include "winograd.h"
