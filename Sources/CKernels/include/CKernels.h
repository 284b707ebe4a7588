#ifndef CKERNELS_H
#define CKERNELS_H

#include <stddef.h>

#pragma clang assume_nonnull begin

/// One level of the machine's abilities: a name and the kernels written for it.
///
/// Matrices are row-major; the number after each pointer is the distance between its rows, in elements.
typedef struct ck_kernels {
    const char *name;

    /// y[m,n] = x[m,k] w[n,k]ᵀ: a dense layer whose weight matrix has a row for each output.
    void (*gemm_nt_f32)(size_t m, size_t n, size_t k, const float *x, size_t x_stride, const float *w,
                        size_t w_stride, float *y, size_t y_stride);

    /// y[m,n] = x[m,k] b[k,n].
    void (*gemm_nn_f32)(size_t m, size_t n, size_t k, const float *x, size_t x_stride, const float *b,
                        size_t b_stride, float *y, size_t y_stride);
} ck_kernels;

/// The plain kernels, which every machine has and the others are tested against.
extern const ck_kernels ck_scalar;

#pragma clang assume_nonnull end

#endif
