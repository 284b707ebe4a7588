#include "../levels.h"

#if defined(__aarch64__)

#include <arm_neon.h>

#pragma clang attribute push(__attribute__((target("dotprod"))), apply_to = function)

#include "neon_lanes.h"

INLINE int32x4_t dot(int32x4_t sum, int8x16_t w, int8x16_t x) { return vdotq_s32(sum, w, x); }
#define dot_lane vdotq_laneq_s32
#define spin dot
#define PRODUCTS_OF_SPIN 16

#define BYTE_ROWS 4
#include "neon_bytes.h"

#pragma clang attribute pop

const ck_kernels ck_dotprod = {
    .name = "neon-dotprod",
#include "../table.h"
    .product_i8 = product_i8,
    .product_i4 = product_i4,
};

#endif
