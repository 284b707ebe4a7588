#ifndef LEVELS_H
#define LEVELS_H

#include "CKernels.h"

// One table for each file of kernels; levels.c says which a machine has.
/// Plain loops, which say what the others compute.
extern const ck_kernels ck_scalar;
extern const ck_kernels ck_avx512;

#endif
