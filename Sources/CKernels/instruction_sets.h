#ifndef INSTRUCTION_SETS_H
#define INSTRUCTION_SETS_H

#include "CKernels.h"

// One kernel table per instruction set; instruction_sets.c finds those that the machine supports.

/// Plain loops, the reference for the others.
extern const ck_kernels ck_scalar;
extern const ck_kernels ck_avx2;
extern const ck_kernels ck_avx_vnni;
extern const ck_kernels ck_avx512;
extern const ck_kernels ck_amx;
extern const ck_kernels ck_neon;
extern const ck_kernels ck_dotprod;
extern const ck_kernels ck_i8mm;

#endif
