#include "../instruction_sets.h"

#if defined(__aarch64__)

#include <arm_neon.h>

#include "../bodies/arm/neon_lanes.inc"

// Two products fit 16 bits, as x is not −128.
#define dot dot
INLINE int32x4_t dot(int32x4_t sum, int8x16_t w, int8x16_t x) {
    return vpadalq_s16(sum, vmlal_high_s8(vmull_s8(vget_low_s8(w), vget_low_s8(x)), w, x));
}

/// Any bytes.
INLINE int32x4_t dot_four(int32x4_t sum, int8x16_t w, int8x16_t x) {
    int32x4_t low = vpaddlq_s16(vmull_s8(vget_low_s8(w), vget_low_s8(x))), high = vpaddlq_s16(vmull_high_s8(w, x));
    return vaddq_s32(sum, vpaddq_s32(low, high));
}

#define dot_lane(sum, w, x, lane)                                                                                      \
    dot_four(sum, w, vreinterpretq_s8_s32(vdupq_laneq_s32(vreinterpretq_s32_s8(x), lane)))

#define peak_dot dot
#define PEAK_DOT_PRODUCTS 16

#define INT8_ROWS 2
#include "../bodies/arm/neon_int8.inc"

const ck_kernels ck_neon = {
    .name = "neon",
#include "../bodies/kernel_table.inc"
    .gemm_i8 = gemm_i8,
    .gemm_i4 = gemm_i4,
};

#endif
