#include "../instruction_sets.h"

#if defined(__x86_64__)

#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,fma,f16c"))),        \
                             apply_to = function)

#include "../bodies/x86/avx512.inc"

static size_t peak_flops_i8(size_t rounds, int32_t *result) {
    __m512i sums[12], a = _mm512_set1_epi32(*result), b = _mm512_set1_epi8(3);
    UNROLL for (size_t j = 0; j < 12; j++) sums[j] = _mm512_set1_epi32((int)j);
    for (size_t i = 0; i < rounds; i++) {
        UNROLL for (size_t j = 0; j < 12; j++) sums[j] = _mm512_dpbusd_epi32(sums[j], a, b);
    }
    UNROLL for (size_t j = 1; j < 12; j++) sums[0] = _mm512_add_epi32(sums[0], sums[j]);
    *result = _mm512_reduce_add_epi32(sums[0]);
    return rounds * 12 * 64;
}

#pragma clang attribute pop

const ck_kernels ck_avx512 = {
    .name = "avx512",
#include "../bodies/kernel_table.inc"
    .gemm_i8 = gemm_i8,
    .gemm_i4 = gemm_few_inputs_i4,
};

#endif
