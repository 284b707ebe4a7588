#include "CKernels.h"

#if defined(__x86_64__)

#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,fma,f16c"))), \
                             apply_to = function)

#include "avx512.h"

#pragma clang attribute pop

const ck_kernels ck_avx512 = {
    .name = "avx512",
#include "../table.h"
    .product_i8 = product_i8,
    .product_i4 = product_i4,
};

#endif
