// Lanes in fours of 128 bits.

typedef float sixteen __attribute__((vector_size(64)));

static inline __attribute__((always_inline)) sixteen load_half(const uint16_t *p) {
    float16x8_t a = vreinterpretq_f16_u16(vld1q_u16(p)), b = vreinterpretq_f16_u16(vld1q_u16(p + 8));
    typedef float eight __attribute__((vector_size(32)));
    eight low = __builtin_shufflevector(vcvt_f32_f16(vget_low_f16(a)), vcvt_high_f32_f16(a), 0, 1, 2, 3, 4, 5, 6, 7);
    eight high = __builtin_shufflevector(vcvt_f32_f16(vget_low_f16(b)), vcvt_high_f32_f16(b), 0, 1, 2, 3, 4, 5, 6, 7);
    return __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}

#define TILE_ROWS 2
#define TILE_BATCH 2
#define SPINS 6
#define MULTIPLY_ADD(a, b, c) __builtin_elementwise_fma(a, b, c)
#include "../lane_kernels.h"
