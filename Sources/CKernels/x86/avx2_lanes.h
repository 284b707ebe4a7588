// Lanes in pairs of 256 bits, for the levels without 512; inside a level's target pragma.

typedef float sixteen __attribute__((vector_size(64)));

static inline __attribute__((always_inline)) sixteen load_half(const uint16_t *p) {
    __m256 a = _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)p));
    __m256 b = _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(p + 8)));
    return __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}

#define TILE_ROWS 2
#define TILE_BATCH 2
#define SPINS 5
#define MULTIPLY_ADD(a, b, c) __builtin_elementwise_fma(a, b, c)
#include "../lane_kernels.h"
