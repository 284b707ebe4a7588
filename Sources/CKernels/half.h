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

#endif
