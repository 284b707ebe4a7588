#include "../instruction_sets.h"

#if defined(__aarch64__)

#include <arm_neon.h>

#pragma clang attribute push(__attribute__((target("dotprod"))), apply_to = function)

#include "../bodies/arm/neon_lanes.inc"

#define dot dot
INLINE int32x4_t dot(int32x4_t sum, int8x16_t w, int8x16_t x) { return vdotq_s32(sum, w, x); }
#define dot_lane vdotq_laneq_s32
#define peak_dot dot
#define PEAK_DOT_PRODUCTS 16

#define INT8_ROWS 4
#include "../bodies/arm/neon_int8.inc"

#pragma clang attribute pop

const ck_kernels ck_dotprod = {
    .name = "neon-dotprod",
#include "../bodies/kernel_table.inc"
    .gemm_i8 = gemm_i8,
    .gemm_i4 = gemm_i4,
};

#endif
