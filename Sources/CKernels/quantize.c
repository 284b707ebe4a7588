#include "CKernels.h"

#include <string.h>

// The bytes of a file must not depend on the machine: no fused multiply-adds, and sums in lanes of a fixed number.
#pragma clang fp contract(off)

enum { LANES = CK_CANDIDATES, GROUP = CK_GROUP };

/// Adding 1.5·2^23 leaves no bits for a fraction: the sum's lowest bits are the nearest whole number, of two the even one.
/// For numbers within ±2^22.
static const float MAGIC = 12582912.0f;

static inline uint32_t whole_bits(float x) {
    float sum = x + MAGIC;
    uint32_t bits;
    memcpy(&bits, &sum, sizeof bits);
    return bits;
}

/// Cut off at the ends of 4 bits.
static inline float limited4(float x) {
    x = x < -8 ? -8 : x;
    return x > 7 ? 7 : x;
}

void ck_int8_numbers(size_t count, const float *x, float inverse, int8_t *numbers) {
    for (size_t i = 0; i < count; i++) numbers[i] = (int8_t)whole_bits(x[i] * inverse);
}

void ck_int4_numbers(size_t groups, const float *x, const float *inverses, uint8_t *numbers) {
    for (size_t group = 0; group < groups; group++, x += GROUP, numbers += GROUP / 2) {
        float inverse = inverses[group];
        for (size_t j = 0; j < GROUP / 2; j++) {
            uint32_t lower = whole_bits(limited4(x[j] * inverse)) + 8;
            uint32_t upper = whole_bits(limited4(x[j + GROUP / 2] * inverse)) + 8;
            numbers[j] = (uint8_t)((lower & 15) | (upper & 15) << 4);
        }
    }
}

/// The number of largest magnitude; of two the negative one.
static float largest(const float *x) {
    float most[LANES] = {0}, least[LANES] = {0};
    for (size_t i = 0; i < GROUP; i += LANES) {
        for (size_t lane = 0; lane < LANES; lane++) {
            float value = x[i + lane];
            most[lane] = value > most[lane] ? value : most[lane];
            least[lane] = value < least[lane] ? value : least[lane];
        }
    }
    for (size_t lane = 1; lane < LANES; lane++) {
        most[0] = most[lane] > most[0] ? most[lane] : most[0];
        least[0] = least[lane] < least[0] ? least[lane] : least[0];
    }
    return -least[0] >= most[0] ? least[0] : most[0];
}

/// Each lane tries a candidate: Σw·(x − s·q)² of whole numbers q is least at s = Σwxq / Σwq², where it is
/// Σwx² − (Σwxq)² / Σwq². Inlined for rows with weights and without.
__attribute__((always_inline)) static inline float least_error(const float *x, const float *weights, float most,
                                                               const float *candidates) {
    float inverse[LANES], product[LANES] = {0}, square[LANES] = {0}, gain[LANES];
    for (size_t lane = 0; lane < LANES; lane++) inverse[lane] = candidates[lane] / most;
    for (size_t i = 0; i < GROUP; i++) {
        float value = x[i], weight = weights ? weights[i] : 1, weighted = weight * value;
        for (size_t lane = 0; lane < LANES; lane++) {
            float number = limited4(value * inverse[lane]) + MAGIC - MAGIC;
            product[lane] += weighted * number;
            square[lane] += weight * number * number;
        }
    }
    for (size_t lane = 0; lane < LANES; lane++) gain[lane] = product[lane] * product[lane] / square[lane];
    size_t best = 0;
    for (size_t lane = 1; lane < LANES; lane++) {
        if (gain[lane] > gain[best]) best = lane;
    }
    return product[best] / square[best];
}

void ck_int4_scales(size_t groups, const float *x, const float *weights, const float *candidates, float *scales) {
    for (size_t group = 0; group < groups; group++, x += GROUP) {
        float most = largest(x);
        // Smaller ones have no float16 scale, and their inverse might be infinite.
        if (most < 0x1p-22f && most > -0x1p-22f) {
            scales[group] = 0;
        } else if (!candidates) {
            scales[group] = most / -8;
        } else if (weights) {
            scales[group] = least_error(x, weights + group * GROUP, most, candidates);
        } else {
            scales[group] = least_error(x, NULL, most, candidates);
        }
    }
}

void ck_error_sums(size_t count, const float *x, const float *y, double *signal, double *noise,
                   double *square) {
    double sums[3][LANES] = {{0}};
    for (size_t i = 0; i + LANES <= count; i += LANES) {
        for (size_t lane = 0; lane < LANES; lane++) {
            double a = x[i + lane], b = y[i + lane];
            sums[0][lane] += a * a;
            sums[1][lane] += (a - b) * (a - b);
            sums[2][lane] += b * b;
        }
    }
    for (size_t i = count / LANES * LANES, lane = 0; i < count; i++, lane++) {
        double a = x[i], b = y[i];
        sums[0][lane] += a * a;
        sums[1][lane] += (a - b) * (a - b);
        sums[2][lane] += b * b;
    }
    for (size_t half = LANES / 2; half > 0; half /= 2) {
        for (size_t kind = 0; kind < 3; kind++) {
            for (size_t lane = 0; lane < half; lane++) sums[kind][lane] += sums[kind][lane + half];
        }
    }
    *signal = sums[0][0];
    *noise = sums[1][0];
    *square = sums[2][0];
}
