// Products of bytes on 256 bits. A level includes this after avx2_lanes.h, inside its target pragma, after defining
//   dot(sum, u, s)          adds to each number of `sum` four products of unsigned u, at most OFFSET + 128, and signed s
//   eightfold(s, t)         eight times the sums of four bytes of both, in a form that dot_pair takes
//   dot_pair(e, u, s, v, t) the sums of four products of u and s and of v and t less that; u and v are below 16
//   fours_of_pixel, fours_of_weights, multiply_fours
//                           adds to each number of `sum` four products of a pixel without and weights with a sign
//   OFFSET                  128 when dot takes every u, else 0: what is added to weights so that they have no sign
//   BYTE_ROWS, BYTE_BATCH   tiles of bytes that fit its registers; BYTE_BATCH at most 3

#define FLOAT_PIXELS 6
#define FLOAT_VECTORS 1
#define BYTES_PIXELS 2
#define NARROW_PIXELS 1

/// See bytes_piece.h.
INLINE void bytes_piece(size_t pixels, size_t steps, const uint8_t *input, const size_t *offsets, const int32_t *panel,
                        const int32_t *weight_sums, int32_t zero, const float *scales, float *sums, int first) {
    enum { VECTORS = CK_PANEL / 8 };
    __m256i whole[BYTES_PIXELS][VECTORS];
    UNROLL for (size_t v = 0; v < VECTORS; v++) {
        __m256i start = _mm256_loadu_si256((const __m256i *)(weight_sums + 8 * v));
        start = _mm256_mullo_epi32(start, _mm256_set1_epi32(-zero));
        UNROLL for (size_t p = 0; p < pixels; p++) whole[p][v] = start;
    }
    for (size_t s = 0; s < steps; s++) {
        for (size_t i = 0; i < 16; i++, panel += CK_PANEL) {
            pixel_fours x[BYTES_PIXELS];
            UNROLL for (size_t p = 0; p < pixels; p++) {
                int32_t four;
                memcpy(&four, input + offsets[s] + p * CK_PIXEL_BLOCK + 4 * i, sizeof four);
                x[p] = fours_of_pixel(_mm256_set1_epi32(four));
            }
            UNROLL for (size_t v = 0; v < VECTORS; v++) {
                weight_fours w = fours_of_weights(_mm256_loadu_si256((const __m256i *)(panel + 8 * v)));
                UNROLL for (size_t p = 0; p < pixels; p++) whole[p][v] = multiply_fours(whole[p][v], x[p], w);
            }
        }
    }
    UNROLL for (size_t p = 0; p < pixels; p++) {
        UNROLL for (size_t v = 0; v < VECTORS; v++) {
            float *sum = sums + p * CK_PANEL + 8 * v;
            __m256 before = first ? _mm256_setzero_ps() : _mm256_loadu_ps(sum);
            _mm256_storeu_ps(sum, _mm256_fmadd_ps(_mm256_cvtepi32_ps(whole[p][v]), _mm256_set1_ps(scales[p]), before));
        }
    }
}

#include "../convolve.h"

INLINE int32_t total_integers(__m256i x) {
    __m128i four = _mm_add_epi32(_mm256_castsi256_si128(x), _mm256_extracti128_si256(x, 1));
    four = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0x4E));
    return _mm_cvtsi128_si32(_mm_add_epi32(four, _mm_shuffle_epi32(four, 0xB1)));
}

/// Weights become numbers without a sign: either by adding 128, and 128 times the sum of the inputs comes off again, or
/// by giving their sign to the inputs, which are never −128.
INLINE void i8_tile(size_t rows, size_t batch, size_t k, const int8_t *w, size_t w_stride, const float *w_scales,
                    const int8_t *x, size_t x_stride, const float *x_scales, const int32_t *x_sums, float *y,
                    size_t y_stride) {
    const __m256i offset = _mm256_set1_epi8((char)OFFSET);
    __m256i sums[BYTE_ROWS][BYTE_BATCH];
    UNROLL for (size_t r = 0; r < rows; r++) {
        UNROLL for (size_t b = 0; b < batch; b++) sums[r][b] = _mm256_setzero_si256();
    }
    for (size_t i = 0; i < k; i += 32) {
        __m256i weights[BYTE_ROWS], magnitudes[BYTE_ROWS];
        UNROLL for (size_t r = 0; r < rows; r++) {
            __builtin_prefetch(w + (r + ROWS_AHEAD) * w_stride + i);
            weights[r] = _mm256_loadu_si256((const __m256i *)(w + r * w_stride + i));
            magnitudes[r] = OFFSET ? _mm256_xor_si256(weights[r], offset) : _mm256_sign_epi8(weights[r], weights[r]);
        }
        UNROLL for (size_t b = 0; b < batch; b++) {
            __m256i input = _mm256_loadu_si256((const __m256i *)(x + b * x_stride + i));
            UNROLL for (size_t r = 0; r < rows; r++)
                sums[r][b] = dot(sums[r][b], magnitudes[r], OFFSET ? input : _mm256_sign_epi8(input, weights[r]));
        }
    }
    UNROLL for (size_t b = 0; b < batch; b++) {
        UNROLL for (size_t r = 0; r < rows; r++) {
            int32_t sum = total_integers(sums[r][b]) - OFFSET * x_sums[b];
            y[b * y_stride + r] = (float)sum * (w_scales[r] * x_scales[b]);
        }
    }
}

/// Calls a tile of constant size for `count` inputs, so that the compiler unrolls it.
#define FOR_FEW(count, TILE)                                                                                           \
    switch (count) {                                                                                                   \
    case 1: TILE(1); break;                                                                                            \
    case 2: TILE(2); break;                                                                                            \
    default: TILE(BYTE_BATCH); break;                                                                                  \
    }

#define I8_TILE(rows, n)                                                                                               \
    i8_tile(rows, n, k, w + r * w_stride, w_stride, w_scales + r, x.values + b * x.stride, x.stride, x.scales + b,     \
            x.sums + b, y.values + b * y.stride + r, y.stride)
#define I8_FULL(n) I8_TILE(BYTE_ROWS, n)
#define I8_SINGLE(n) I8_TILE(1, n)

static void product_i8(size_t rows, size_t batch, size_t k, const int8_t *w, size_t w_stride, const float *w_scales,
                       ck_bytes x, ck_output y) {
    for (size_t r = 0; r < rows;) {
        size_t tile = rows - r >= BYTE_ROWS ? BYTE_ROWS : 1;
        for (size_t b = 0; b < batch;) {
            size_t count = batch - b < BYTE_BATCH ? batch - b : BYTE_BATCH;
            if (tile > 1) {
                FOR_FEW(count, I8_FULL)
            } else {
                FOR_FEW(count, I8_SINGLE)
            }
            b += count;
        }
        r += tile;
    }
}

static size_t spin_i8(size_t rounds, int32_t *result) {
    __m256i sums[8], a = _mm256_set1_epi32(*result & 0x7F7F7F7F), b = _mm256_set1_epi8(3);
    UNROLL for (size_t j = 0; j < 8; j++) sums[j] = _mm256_set1_epi32((int)j);
    for (size_t i = 0; i < rounds; i++) {
        UNROLL for (size_t j = 0; j < 8; j++) {
            // The same product would be computed once.
            __asm__ volatile("" : "+x"(b));
            sums[j] = dot(sums[j], a, OFFSET ? b : _mm256_sign_epi8(b, a));
        }
    }
    UNROLL for (size_t j = 1; j < 8; j++) sums[0] = _mm256_add_epi32(sums[0], sums[j]);
    *result = total_integers(sums[0]);
    return rounds * 8 * 32;
}

/// 16 bytes of each of two groups, or of the first alone, when the second is not there.
INLINE __m256i load_pair(const void *first, const void *second, int both) {
    __m256i pair = _mm256_zextsi128_si256(_mm_loadu_si128(first));
    return both ? _mm256_inserti128_si256(pair, _mm_loadu_si128(second), 1) : pair;
}

/// 64 elements, two groups, of each row: the lower halves of the groups, then the upper ones.
INLINE void i4_step(size_t rows, size_t batch, int both, const uint8_t *w, size_t w_stride, const __m128 *scales,
                    __m256i spread, const int8_t *x, size_t x_stride, __m256 sums[][2][2], size_t half) {
    const __m256i low = _mm256_set1_epi8(15);
    __m256i lower[4], upper[4];
    UNROLL for (size_t r = 0; r < rows; r++) {
        const uint8_t *row = w + r * w_stride;
        __builtin_prefetch(row + ROWS_AHEAD * w_stride);
        __m256i bits = both ? _mm256_loadu_si256((const __m256i *)row) : load_pair(row, row, 0);
        lower[r] = _mm256_and_si256(bits, low);
        upper[r] = _mm256_and_si256(_mm256_srli_epi16(bits, 4), low);
    }
    UNROLL for (size_t b = 0; b < batch; b++) {
        const int8_t *inputs = x + b * x_stride;
        __m256i first = load_pair(inputs, inputs + 32, both), second = load_pair(inputs + 16, inputs + 48, both);
        __m256i offset = eightfold(first, second);
        UNROLL for (size_t r = 0; r < rows; r++) {
            __m256 sum = _mm256_cvtepi32_ps(dot_pair(offset, lower[r], first, upper[r], second));
            __m256 scale = _mm256_permutevar8x32_ps(_mm256_castps128_ps256(scales[r]), spread);
            sums[r][b][half] = _mm256_add_ps(sums[r][b][half], _mm256_mul_ps(sum, scale));
        }
    }
}

/// Up to four groups: the first two go to the lower lanes, the others to the upper ones.
INLINE void i4_steps(size_t rows, size_t batch, size_t count, size_t groups, const uint8_t *w, const uint16_t *w_scales,
                     const int8_t *x, size_t x_stride, __m256 sums[][2][2]) {
    const __m256i front = _mm256_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1), back = _mm256_setr_epi32(2, 2, 2, 2, 3, 3, 3, 3);
    __m128 scales[4];
    UNROLL for (size_t r = 0; r < rows; r++) {
        uint64_t four = 0;
        memcpy(&four, w_scales + r * groups, count * sizeof(uint16_t));
        scales[r] = _mm_cvtph_ps(_mm_cvtsi64_si128((long long)four));
    }
    i4_step(rows, batch, count > 1, w, groups * 16, scales, front, x, x_stride, sums, 0);
    if (count > 2) i4_step(rows, batch, count > 3, w + 32, groups * 16, scales, back, x + 64, x_stride, sums, 1);
}

INLINE void i4_tile(size_t rows, size_t batch, size_t groups, const uint8_t *w, const uint16_t *w_scales,
                    const int8_t *x, size_t x_stride, const float *x_scales, float *y, size_t y_stride) {
    __m256 sums[4][2][2];
    UNROLL for (size_t r = 0; r < rows; r++) {
        UNROLL for (size_t b = 0; b < batch; b++) sums[r][b][0] = sums[r][b][1] = _mm256_setzero_ps();
    }
#define I4_STEPS(count) i4_steps(rows, batch, count, groups, w + g * 16, w_scales + g, x + g * 32, x_stride, sums)
    size_t g = 0;
    for (; g + 4 <= groups; g += 4) I4_STEPS(4);
    switch (groups - g) {
    case 1: I4_STEPS(1); break;
    case 2: I4_STEPS(2); break;
    case 3: I4_STEPS(3); break;
    }
    UNROLL for (size_t b = 0; b < batch; b++) {
        UNROLL for (size_t r = 0; r < rows; r++) {
            lanes sum = __builtin_shufflevector(sums[r][b][0], sums[r][b][1], 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
                                                13, 14, 15);
            y[b * y_stride + r] = total(sum) * x_scales[b];
        }
    }
}

#define I4_TILE(rows, n)                                                                                               \
    i4_tile(rows, n, groups, w + r * groups * 16, w_scales + r * groups, x.values + b * x.stride, x.stride,            \
            x.scales + b, y.values + b * y.stride + r, y.stride)

static void product_i4(size_t rows, size_t batch, size_t groups, const uint8_t *w, const uint16_t *w_scales, ck_bytes x,
                       ck_output y) {
    for (size_t r = 0; r < rows;) {
        size_t tile = rows - r >= 4 ? 4 : 1;
        for (size_t b = 0; b < batch;) {
            size_t count = batch - b < 2 ? 1 : 2;
            if (tile == 4) {
                if (count == 2) I4_TILE(4, 2);
                else I4_TILE(4, 1);
            } else {
                if (count == 2) I4_TILE(1, 2);
                else I4_TILE(1, 1);
            }
            b += count;
        }
        r += tile;
    }
}
