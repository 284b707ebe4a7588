#include "../levels.h"

#if defined(__x86_64__)

#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c,avxvnni"))), apply_to = function)

#include "avx2_lanes.h"

INLINE __m256i dot(__m256i sum, __m256i u, __m256i s) { return _mm256_dpbusd_avx_epi32(sum, u, s); }

typedef __m256i pixel_fours, weight_fours;
#define fours_of_pixel(x) x
#define fours_of_weights(w) w
#define multiply_fours dot

#define OFFSET 128
#define BYTE_ROWS 4
#define BYTE_BATCH 2
#include "avx2_bytes.h"

#pragma clang attribute pop

const ck_kernels ck_avx_vnni = {
    .name = "avx-vnni",
#include "../table.h"
    .product_i8 = product_i8,
    .product_i4 = product_i4,
};

#endif
