#include "../instruction_sets.h"

#if defined(__x86_64__)

#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c,avxvnni"))), apply_to = function)

#include "../bodies/x86/avx2_lanes.inc"

#define dot dot
INLINE __m256i dot(__m256i sum, __m256i u, __m256i s) { return _mm256_dpbusd_avx_epi32(sum, u, s); }

typedef __m256i unpacked_pixel, unpacked_weights;
#define unpack_pixel(x) x
#define unpack_weights(w) w
#define dot4_unpacked dot

#define WEIGHT_OFFSET 128
#define INT8_ROWS 4
#define INT8_BATCH 2
#include "../bodies/x86/avx2_int8.inc"

#pragma clang attribute pop

const ck_kernels ck_avx_vnni = {
    .name = "avx-vnni",
#include "../bodies/kernel_table.inc"
    .gemm_i8 = gemm_i8,
    .gemm_i4 = gemm_i4,
};

#endif
