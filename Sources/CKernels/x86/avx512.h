// Kernels on 512 bits, for the levels that have them; inside a level's target pragma.

typedef float sixteen __attribute__((vector_size(64)));

static inline __attribute__((always_inline)) sixteen load_half(const uint16_t *p) {
    return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)p));
}

#define TILE_ROWS 4
#define TILE_BATCH 6
#define SPINS 12
#define MULTIPLY_ADD(a, b, c) _mm512_fmadd_ps(a, b, c)
#include "../lane_kernels.h"

// The unit multiplies unsigned by signed bytes.
#define FOURS_OFFSET 128
INLINE integers add_fours(integers sums, const int8_t *x, int32_t four) {
    __m512i u = _mm512_xor_si512(_mm512_loadu_si512(x), _mm512_set1_epi8((char)0x80));
    return (integers)_mm512_dpbusd_epi32((__m512i)sums, u, _mm512_set1_epi32(four));
}

#include "../attend_bytes.h"

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

INLINE void finish_four(__m128i sums, const float *w_scales, float x_scale, float *y) {
    __m128 scales = _mm_mul_ps(_mm_loadu_ps(w_scales), _mm_set1_ps(x_scale));
    _mm_storeu_ps(y, _mm_mul_ps(_mm_cvtepi32_ps(sums), scales));
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
            if (place.last) finish_four(four, w_scales + r, x_scales[b], y + r);
            else _mm_storeu_si128(whole, four);
        }
    }
}

#define I8_TILE(rows, n, first_inputs)                                                                                 \
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

#include "../four_bits.h"

/// 64 numbers plus 8: the lower halves of 32 bytes, then the upper ones.
INLINE __m512i i4_numbers(const uint8_t *row) {
    const __m512i shift = _mm512_inserti64x4(_mm512_setzero_si512(), _mm256_set1_epi16(4), 1);
    __m512i bits = _mm512_broadcast_i64x4(_mm256_loadu_si256((const __m256i *)row));
    return _mm512_and_si512(_mm512_srlv_epi16(bits, shift), _mm512_set1_epi8(15));
}

/// What the four groups of 64 numbers are multiplied by, a group in each part of 128 bits; in the words of a mask.
INLINE __m512i i4_multipliers(__mmask32 words, const uint8_t *codes) {
    static const int16_t table[32] = {FOR_CODES(ITSELF), FOR_CODES(ITSELF)};
    const __m512i shift = _mm512_inserti64x4(
        _mm512_castsi256_si512(_mm256_setr_m128i(_mm_setzero_si128(), _mm_set1_epi16(4))),
        _mm256_setr_m128i(_mm_set1_epi16(8), _mm_set1_epi16(12)), 1);
    int16_t four;
    memcpy(&four, codes, sizeof four);
    // Of an index the lowest five bits count: a code and a bit of the next.
    __m512i index = _mm512_srlv_epi16(_mm512_set1_epi16(four), shift);
    return _mm512_maskz_permutexvar_epi16(words, index, _mm512_loadu_si512(table));
}

static void expand_i4(size_t k, const uint8_t *row, int8_t *bytes) {
    const __m512i lower = _mm512_broadcast_i32x4(_mm_setr_epi16(-8, -7, -6, -5, -4, -3, -2, -1));
    const __m512i upper = _mm512_broadcast_i32x4(_mm_setr_epi16(0, 1, 2, 3, 4, 5, 6, 7));
    for (size_t i = 0; i < k; i += 64) {
        __m512i m = i4_multipliers(UINT32_MAX, row + k / 2 + i / 32);
        __m512i table = _mm512_packs_epi16(_mm512_mullo_epi16(lower, m), _mm512_mullo_epi16(upper, m));
        _mm512_storeu_si512(bytes + i, _mm512_shuffle_epi8(table, i4_numbers(row + i / 2)));
    }
}

enum { FEW_ROWS = 8 };

/// See few_inputs.h. The sum of four products fits 16 bits.
INLINE void i4_tile(size_t batch, size_t k, const uint8_t *w, size_t w_stride, const float *w_scales, const int8_t *x,
                    size_t x_stride, const float *x_scales, float *y, size_t y_stride) {
    const __m512i zero = _mm512_setzero_si512(), eight = _mm512_set1_epi8(8);
    __m512i sums[FEW_ROWS][FEW_INPUTS];
    UNROLL for (size_t r = 0; r < FEW_ROWS; r++) {
        UNROLL for (size_t b = 0; b < batch; b++) sums[r][b] = zero;
    }
    for (size_t i = 0; i < k; i += 64) {
        __m512i input[FEW_INPUTS], start[FEW_INPUTS];
        UNROLL for (size_t b = 0; b < batch; b++) {
            input[b] = _mm512_loadu_si512(x + b * x_stride + i);
            start[b] = _mm512_sub_epi32(zero, _mm512_dpbusd_epi32(zero, eight, input[b]));
        }
        UNROLL for (size_t r = 0; r < FEW_ROWS; r++) {
            const uint8_t *row = w + r * w_stride;
            __builtin_prefetch(row + ROWS_AHEAD * w_stride + i / 2);
            __m512i numbers = i4_numbers(row + i / 2), m = i4_multipliers(0x55555555, row + k / 2 + i / 32);
            UNROLL for (size_t b = 0; b < batch; b++) {
                __m512i four = _mm512_dpbusd_epi32(start[b], numbers, input[b]);
                sums[r][b] = _mm512_dpwssd_epi32(sums[r][b], four, m);
            }
        }
    }
    UNROLL for (size_t b = 0; b < batch; b++) {
        UNROLL for (size_t r = 0; r < FEW_ROWS; r += 4)
            finish_four(sums_of_four(sums[r][b], sums[r + 1][b], sums[r + 2][b], sums[r + 3][b]), w_scales + r,
                        x_scales[b], y + b * y_stride + r);
    }
}

#include "../few_inputs.h"
