// Products of bytes on 256 bits. A level includes this after avx2_lanes.h, inside its target pragma, after defining
//   dot(sum, u, s)          adds to each number of `sum` four products of unsigned u, at most OFFSET + 128, and signed s
//   fours_of_pixel, fours_of_weights, multiply_fours
//                           adds to each number of `sum` four products of a pixel without and weights with a sign
//   OFFSET                  128 when dot takes every u, else 0: what is added to weights so that they have no sign
//   BYTE_ROWS, BYTE_BATCH   tiles of bytes that fit its registers

#define FOURS_OFFSET OFFSET

/// See attend_bytes.h. Half of its vectors.
INLINE __m256i add_half_fours(__m256i sums, const int8_t *p, int32_t four) {
    __m256i x = _mm256_loadu_si256((const __m256i *)p), s = _mm256_set1_epi32(four);
    if (OFFSET) return dot(sums, _mm256_xor_si256(x, _mm256_set1_epi8((char)OFFSET)), s);
    return dot(sums, _mm256_sign_epi8(x, x), _mm256_sign_epi8(s, x));
}

INLINE integers add_fours(integers sums, const int8_t *x, int32_t four) {
    union {
        integers all;
        __m256i halves[2];
    } both = {sums};
    UNROLL for (size_t i = 0; i < 2; i++) both.halves[i] = add_half_fours(both.halves[i], x + 32 * i, four);
    return both.all;
}

#include "../attend_bytes.h"

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

#include "../bytes_tiles.h"

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

#include "../four_bits.h"

/// 32 numbers plus 8, two groups, as bytes.
INLINE void expand_two(__m256i numbers, uint8_t codes, int8_t *bytes) {
    __m256i table = _mm256_setr_m128i(_mm_loadu_si128((const __m128i *)multiples[codes & 15]),
                                      _mm_loadu_si128((const __m128i *)multiples[codes >> 4]));
    _mm256_storeu_si256((__m256i *)bytes, _mm256_shuffle_epi8(table, numbers));
}

static void expand_i4(size_t k, const uint8_t *row, int8_t *bytes) {
    const __m256i low = _mm256_set1_epi8(15);
    const uint8_t *codes = row + k / 2;
    for (size_t i = 0; i < k; i += 64) {
        __m256i bits = _mm256_loadu_si256((const __m256i *)(row + i / 2));
        expand_two(_mm256_and_si256(bits, low), codes[i / 32], bytes + i);
        expand_two(_mm256_and_si256(_mm256_srli_epi16(bits, 4), low), codes[i / 32 + 1], bytes + i + 32);
    }
}
