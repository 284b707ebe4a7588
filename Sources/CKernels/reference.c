#include "CKernels.h"

void ck_gemm_nt(size_t m, size_t n, size_t k, const float *x, size_t x_stride, const float *w, size_t w_stride,
                float *y, size_t y_stride) {
    for (size_t i = 0; i < m; i++) {
        for (size_t j = 0; j < n; j++) {
            float sum = 0;
            for (size_t l = 0; l < k; l++) sum += x[i * x_stride + l] * w[j * w_stride + l];
            y[i * y_stride + j] = sum;
        }
    }
}

void ck_gemm_nn(size_t m, size_t n, size_t k, const float *x, size_t x_stride, const float *b, size_t b_stride,
                float *y, size_t y_stride) {
    for (size_t i = 0; i < m; i++) {
        for (size_t j = 0; j < n; j++) y[i * y_stride + j] = 0;
        for (size_t l = 0; l < k; l++) {
            for (size_t j = 0; j < n; j++) y[i * y_stride + j] += x[i * x_stride + l] * b[l * b_stride + j];
        }
    }
}
