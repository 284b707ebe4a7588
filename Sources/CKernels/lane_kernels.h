// Kernels on 16 lanes of floats, compiled once for each instruction set: the same operations in the same order, so the
// same bits. A level includes this inside its target pragma, after defining
//   load_half               16 numbers in float16 from memory
//   TILE_ROWS, TILE_BATCH   what fits its registers; TILE_BATCH at most 6
//   SPINS                   sums that do, and are enough to keep it busy
//   MULTIPLY_ADD(a, b, c)   a · b + c, fused where that is fast

#include "lanes.h"

#include "rows.h"
#include "attend.h"
#include "softmax.h"
#include "float_products.h"
#include "prepare.h"
#include "whole_numbers.h"
#include "limits.h"
