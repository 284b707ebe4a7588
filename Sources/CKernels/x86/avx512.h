// Kernels on 512 bits, for the levels that have them; inside a level's target pragma.

typedef float sixteen __attribute__((vector_size(64)));

static inline __attribute__((always_inline)) sixteen load_half(const uint16_t *p) {
    return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)p));
}

static inline __attribute__((always_inline)) void store_half(uint16_t *p, sixteen x) {
    _mm256_storeu_si256((__m256i *)p, _mm512_cvtps_ph(x, _MM_FROUND_TO_NEAREST_INT));
}

#define TILE_ROWS 4
#define TILE_BATCH 6
#define SPINS 12
#define MULTIPLY_ADD(a, b, c) _mm512_fmadd_ps(a, b, c)
#include "../lane_kernels.h"

#define FLOAT_PIXELS 12
#define FLOAT_VECTORS 2
#define BYTES_PIXELS 12
#define NARROW_PIXELS 6

/// The unit multiplies unsigned by signed bytes, as pixels and weights are.
INLINE void bytes_piece(size_t pixels, size_t steps, const uint8_t *input, const size_t *offsets, const int32_t *panel,
                        const int32_t *weight_sums, int32_t zero, const float *scales, float *sums, int first) {
    __m512i a[BYTES_PIXELS], b[BYTES_PIXELS];
    __m512i start = _mm512_setzero_si512(), start2 = start;
    if (zero) {
        start = _mm512_mullo_epi32(_mm512_loadu_si512(weight_sums), _mm512_set1_epi32(-zero));
        start2 = _mm512_mullo_epi32(_mm512_loadu_si512(weight_sums + 16), _mm512_set1_epi32(-zero));
    }
    UNROLL for (size_t p = 0; p < pixels; p++) {
        a[p] = start;
        b[p] = start2;
    }
    for (size_t s = 0; s < steps; s++) {
        const uint8_t *x = input + offsets[s];
        UNROLL for (size_t i = 0; i < 16; i++) {
            __m512i u = _mm512_loadu_si512(panel), v = _mm512_loadu_si512(panel + 16);
            panel += CK_PANEL;
            UNROLL for (size_t p = 0; p < pixels; p++) {
                int32_t four;
                memcpy(&four, x + p * CK_PIXEL_BLOCK + 4 * i, sizeof four);
                __m512i e = _mm512_set1_epi32(four);
                a[p] = _mm512_dpbusd_epi32(a[p], e, u);
                b[p] = _mm512_dpbusd_epi32(b[p], e, v);
            }
        }
    }
    UNROLL for (size_t p = 0; p < pixels; p++) {
        float *sum = sums + p * CK_PANEL;
        __m512 scale = _mm512_set1_ps(scales[p]);
        __m512 before = first ? _mm512_setzero_ps() : _mm512_loadu_ps(sum);
        __m512 before2 = first ? _mm512_setzero_ps() : _mm512_loadu_ps(sum + 16);
        _mm512_storeu_ps(sum, _mm512_fmadd_ps(_mm512_cvtepi32_ps(a[p]), scale, before));
        _mm512_storeu_ps(sum + 16, _mm512_fmadd_ps(_mm512_cvtepi32_ps(b[p]), scale, before2));
    }
}

#include "../convolve.h"

/// The lanes' sums of four vectors.
INLINE __m128i sums_of_four(__m512i a, __m512i b, __m512i c, __m512i d) {
    __m512i ab = _mm512_add_epi32(_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b));
    __m512i cd = _mm512_add_epi32(_mm512_unpacklo_epi32(c, d), _mm512_unpackhi_epi32(c, d));
    __m512i abcd = _mm512_add_epi32(_mm512_unpacklo_epi64(ab, cd), _mm512_unpackhi_epi64(ab, cd));
    __m256i half = _mm256_add_epi32(_mm512_castsi512_si256(abcd), _mm512_extracti64x4_epi64(abcd, 1));
    return _mm_add_epi32(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
}

enum {
    /// As many inputs' bytes as the innermost cache holds beside weights.
    I8_CACHED = 24 << 10,
    /// Columns that are taken at a time when all are more than that.
    I8_COLUMNS = 1024,
    /// Inputs of a tile, at most.
    I8_BATCH = 6,
};

/// Where a tile's columns stand in its product: up to the last ones `y` holds whole numbers.
typedef struct i8_place {
    int first, last;
} i8_place;

/// Weights are fetched before their turn: with the first inputs into the second cache, which takes many lines at once, with
/// those that follow into the innermost.
INLINE void i8_fetch(const int8_t *w, size_t w_stride, int first_inputs) {
    if (first_inputs) __builtin_prefetch(w + ROWS_AHEAD * w_stride, 0, 2);
    else __builtin_prefetch(w + ROWS_AHEAD / 2 * w_stride);
}

/// The unit multiplies unsigned by signed bytes: weights plus 128, and 128 times the sum of the inputs off again.
INLINE void i8_tile(size_t rows, size_t batch, size_t k, const int8_t *w, size_t w_stride, const float *w_scales,
                    const int8_t *x, size_t x_stride, const float *x_scales, const int32_t *x_sums, float *y,
                    size_t y_stride, i8_place place, int first_inputs) {
    const __m512i sign = _mm512_set1_epi8((char)0x80);
    __m512i sums[8][I8_BATCH];
    UNROLL for (size_t r = 0; r < rows; r++) {
        UNROLL for (size_t b = 0; b < batch; b++) sums[r][b] = _mm512_setzero_si512();
    }
    for (size_t i = 0; i < k; i += 64) {
        __m512i weights[8];
        UNROLL for (size_t r = 0; r < rows; r++) {
            weights[r] = _mm512_xor_si512(_mm512_loadu_si512(w + r * w_stride + i), sign);
            if (batch > 2) i8_fetch(w + r * w_stride + i, w_stride, first_inputs);
        }
        UNROLL for (size_t b = 0; b < batch; b++) {
            __m512i input = _mm512_loadu_si512(x + b * x_stride + i);
            UNROLL for (size_t r = 0; r < rows; r++) sums[r][b] = _mm512_dpbusd_epi32(sums[r][b], weights[r], input);
        }
    }
    UNROLL for (size_t b = 0; b < batch; b++, y += y_stride) {
        int32_t offset = -128 * x_sums[b];
        if (rows == 1) {
            if (!place.first) memcpy(&offset, y, sizeof offset);
            int32_t sum = _mm512_reduce_add_epi32(sums[0][b]) + offset;
            if (place.last) *y = (float)sum * (w_scales[0] * x_scales[b]);
            else memcpy(y, &sum, sizeof sum);
            continue;
        }
        UNROLL for (size_t r = 0; r < rows; r += 4) {
            __m128i four = sums_of_four(sums[r][b], sums[r + 1][b], sums[r + 2][b], sums[r + 3][b]);
            __m128i *whole = (__m128i *)(y + r);
            four = _mm_add_epi32(four, place.first ? _mm_set1_epi32(offset) : _mm_loadu_si128(whole));
            __m128 scales = _mm_mul_ps(_mm_loadu_ps(w_scales + r), _mm_set1_ps(x_scales[b]));
            if (place.last) _mm_storeu_ps(y + r, _mm_mul_ps(_mm_cvtepi32_ps(four), scales));
            else _mm_storeu_si128(whole, four);
        }
    }
}

#define I8_TILE(rows, n, first_inputs)                                                                                               \
    i8_tile(rows, n, columns, w + r * w_stride + start, w_stride, w_scales + r, x.values + b * x.stride + start,       \
            x.stride, x.scales + b, x.sums + b, y.values + b * y.stride + r, y.stride, place, first_inputs)
#define I8_WIDE(n) I8_TILE(8, n, 1)
#define I8_FIRST(n) I8_TILE(4, n, 1)
#define I8_NEXT(n) I8_TILE(4, n, 0)
#define I8_SINGLE(n) I8_TILE(1, n, 0)

static void product_i8(size_t rows, size_t batch, size_t k, const int8_t *w, size_t w_stride, const float *w_scales,
                       ck_bytes x, ck_output y) {
    size_t most = batch * k > I8_CACHED ? I8_COLUMNS : k;
    for (size_t start = 0; start < k; start += most) {
        size_t columns = k - start < most ? k - start : most;
        for (size_t r = 0; r < rows;) {
            // Few inputs leave registers for more rows, which memory delivers at the same time.
            size_t tile = rows - r >= 8 && batch <= 2 ? 8 : rows - r >= 4 ? 4 : 1;
            for (size_t b = 0; b < batch;) {
                size_t count = batch - b < I8_BATCH ? batch - b : I8_BATCH;
                i8_place place = {start == 0, start + columns == k};
                if (tile == 8) {
                    if (count == 1) I8_WIDE(1);
                    else I8_WIDE(2);
                } else if (tile == 4 && b == 0) {
                    FOR_BATCH(count, I8_FIRST)
                } else if (tile == 4) {
                    FOR_BATCH(count, I8_NEXT)
                } else {
                    FOR_BATCH(count, I8_SINGLE)
                }
                b += count;
            }
            r += tile;
        }
    }
}

/// Tiles of 4-bit weights.
enum { I4_ROWS = 8, I4_BATCH = 2 };

/// 128 elements, four groups, of some inputs in the order of the weights: the lower halves of the groups, then the upper
/// ones. A weight is its bits minus 8, so sums start at minus 8 times the inputs' sums.
typedef struct i4_inputs {
    __m512i lower[I4_BATCH], upper[I4_BATCH], start[I4_BATCH];
} i4_inputs;

INLINE void i4_order(size_t batch, size_t count, const int8_t *x, size_t x_stride, i4_inputs *inputs) {
    const __m512i lower = _mm512_setr_epi64(0, 1, 4, 5, 8, 9, 12, 13);
    const __m512i upper = _mm512_setr_epi64(2, 3, 6, 7, 10, 11, 14, 15);
    const __m512i eight = _mm512_set1_epi8(8), zero = _mm512_setzero_si512();
    __mmask16 first = (__mmask16)((1u << (count < 2 ? 8 * count : 16)) - 1);
    __mmask16 second = (__mmask16)(count < 3 ? 0 : (1u << 8 * (count - 2)) - 1);
    UNROLL for (size_t b = 0; b < batch; b++) {
        __m512i front = _mm512_maskz_loadu_epi32(first, x + b * x_stride);
        __m512i back = _mm512_maskz_loadu_epi32(second, x + b * x_stride + 64);
        inputs->lower[b] = _mm512_permutex2var_epi64(front, lower, back);
        inputs->upper[b] = _mm512_permutex2var_epi64(front, upper, back);
        __m512i offset = _mm512_dpbusd_epi32(zero, eight, inputs->lower[b]);
        inputs->start[b] = _mm512_sub_epi32(zero, _mm512_dpbusd_epi32(offset, eight, inputs->upper[b]));
    }
}

/// Up to four groups of each row.
INLINE void i4_step(size_t rows, size_t batch, size_t count, const uint8_t *w, const uint16_t *w_scales, size_t groups,
                    const i4_inputs *inputs, __m512 sums[][I4_BATCH]) {
    const __m512i low = _mm512_set1_epi8(15);
    const __m512i spread = _mm512_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3);
    UNROLL for (size_t r = 0; r < rows; r++) {
        __builtin_prefetch(w + (r + ROWS_AHEAD) * groups * 16);
        __m512i bits = _mm512_maskz_loadu_epi32((__mmask16)((1u << 4 * count) - 1), w + r * groups * 16);
        __m128 four = _mm_cvtph_ps(_mm_maskz_loadu_epi16((__mmask8)((1u << count) - 1), w_scales + r * groups));
        __m512 scales = _mm512_permutexvar_ps(spread, _mm512_castps128_ps512(four));
        __m512i lower = _mm512_and_si512(bits, low), upper = _mm512_and_si512(_mm512_srli_epi16(bits, 4), low);
        UNROLL for (size_t b = 0; b < batch; b++) {
            __m512i sum = _mm512_dpbusd_epi32(inputs->start[b], lower, inputs->lower[b]);
            sum = _mm512_dpbusd_epi32(sum, upper, inputs->upper[b]);
            sums[r][b] = _mm512_add_ps(sums[r][b], _mm512_mul_ps(_mm512_cvtepi32_ps(sum), scales));
        }
    }
}

INLINE void i4_tile(size_t rows, size_t batch, size_t groups, const uint8_t *w, const uint16_t *w_scales,
                    const int8_t *x, size_t x_stride, const float *x_scales, float *y, size_t y_stride) {
    __m512 sums[I4_ROWS][I4_BATCH];
    UNROLL for (size_t r = 0; r < rows; r++) {
        UNROLL for (size_t b = 0; b < batch; b++) sums[r][b] = _mm512_setzero_ps();
    }
    i4_inputs inputs;
    size_t g = 0;
    for (; g + 4 <= groups; g += 4) {
        i4_order(batch, 4, x + g * 32, x_stride, &inputs);
        i4_step(rows, batch, 4, w + g * 16, w_scales + g, groups, &inputs, sums);
    }
    if (g < groups) {
        i4_order(batch, groups - g, x + g * 32, x_stride, &inputs);
        i4_step(rows, batch, groups - g, w + g * 16, w_scales + g, groups, &inputs, sums);
    }
    UNROLL for (size_t b = 0; b < batch; b++) {
        UNROLL for (size_t r = 0; r < rows; r++) y[b * y_stride + r] = total(sums[r][b]) * x_scales[b];
    }
}

#define I4_TILE(rows, n)                                                                                               \
    i4_tile(rows, n, groups, w + r * groups * 16, w_scales + r * groups, x.values + b * x.stride, x.stride,            \
            x.scales + b, y.values + b * y.stride + r, y.stride)

static void product_i4(size_t rows, size_t batch, size_t groups, const uint8_t *w, const uint16_t *w_scales, ck_bytes x,
                       ck_output y) {
    for (size_t r = 0; r < rows;) {
        size_t tile = rows - r >= I4_ROWS ? I4_ROWS : 1;
        for (size_t b = 0; b < batch;) {
            size_t count = batch - b < I4_BATCH ? 1 : I4_BATCH;
            if (tile == I4_ROWS) {
                if (count == I4_BATCH) I4_TILE(I4_ROWS, I4_BATCH);
                else I4_TILE(I4_ROWS, 1);
            } else {
                if (count == I4_BATCH) I4_TILE(1, I4_BATCH);
                else I4_TILE(1, 1);
            }
            b += count;
        }
        r += tile;
    }
}
