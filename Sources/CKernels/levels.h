#ifndef LEVELS_H
#define LEVELS_H

#include "CKernels.h"

// One table for each file of kernels; levels.c says which a machine has.

/// Plain loops, which say what the others compute.
extern const ck_kernels ck_scalar;
extern const ck_kernels ck_avx2;
extern const ck_kernels ck_avx_vnni;
extern const ck_kernels ck_avx512;
extern const ck_kernels ck_amx;
extern const ck_kernels ck_neon;
extern const ck_kernels ck_dotprod;
extern const ck_kernels ck_i8mm;

#endif
