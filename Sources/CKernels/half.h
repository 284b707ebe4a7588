#ifndef HALF_H
#define HALF_H

#include <stdint.h>

/// float16 to float32, exactly.
static inline float ck_half_to_float(uint16_t half) {
    union { uint32_t bits; float value; } x = {(uint32_t)(half & 0x7FFF) << 13};
    // The exponents differ by 112; this also makes subnormal numbers normal.
    x.value *= 0x1p112f;
    if ((half & 0x7C00) == 0x7C00) x.bits |= 0x7F800000;
    x.bits |= (uint32_t)(half & 0x8000) << 16;
    return x.value;
}

/// float32 to the nearest float16, of two the even one.
static inline uint16_t ck_float_to_half(float value) {
    union { float value; uint32_t bits; } x = {value};
    uint16_t sign = (uint16_t)(x.bits >> 16 & 0x8000);
    x.bits &= 0x7FFFFFFF;
    if (x.bits > 0x7F800000) return sign | 0x7E00 | (uint16_t)(x.bits >> 13 & 0x1FF);
    if (x.bits >= 0x47800000) return sign | 0x7C00;
    if (x.bits < 0x38800000) {
        // Subnormal: adding 1/2 leaves the bits of a multiple of 2^-24.
        x.value += 0.5f;
        return sign | (uint16_t)(x.bits - 0x3F000000);
    }
    x.bits += 0xFFF + (x.bits >> 13 & 1);
    return sign | (uint16_t)((x.bits - 0x38000000) >> 13);
}

#endif
