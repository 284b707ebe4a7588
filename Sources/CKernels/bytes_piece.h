// A piece of a convolution with whole numbers, in plain loops; convolve.h says what it computes.

static inline __attribute__((always_inline)) void bytes_piece(size_t pixels, size_t steps, const uint8_t *input,
                                                              const size_t *offsets, const int32_t *panel,
                                                              const int32_t *weight_sums, int32_t zero,
                                                              const float *scales, float *sums, int first) {
    for (size_t p = 0; p < pixels; p++) {
        int32_t whole[CK_PANEL];
        for (size_t o = 0; o < CK_PANEL; o++) whole[o] = -zero * weight_sums[o];
        const int8_t *weights = (const int8_t *)panel;
        for (size_t s = 0; s < steps; s++) {
            for (size_t i = 0; i < 16; i++, weights += 4 * CK_PANEL) {
                const uint8_t *x = input + offsets[s] + p * CK_PIXEL_BLOCK + 4 * i;
                for (size_t o = 0; o < CK_PANEL; o++) {
                    for (size_t j = 0; j < 4; j++) whole[o] += x[j] * weights[4 * o + j];
                }
            }
        }
        float *sum = sums + p * CK_PANEL;
        for (size_t o = 0; o < CK_PANEL; o++) {
            sum[o] = __builtin_fmaf((float)whole[o], scales[p], first ? 0 : sum[o]);
        }
    }
}
