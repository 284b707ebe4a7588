#ifndef TILE_MODEL_H
#define TILE_MODEL_H

#include "CKernels.h"

#pragma clang assume_nonnull begin

/// The kernels for tiles on a model of the tile instructions; they need what `avx512` needs. NULL on other machines.
const ck_kernels *_Nullable tile_model(void);

#pragma clang assume_nonnull end

#endif
