// 16 lanes of floats, and elementary functions of them. lane_kernels.h has what is written on them.

#include <string.h>

#pragma clang fp contract(off)
// Everything that takes or gives lanes is inlined, so how they would be passed does not matter.
#pragma clang diagnostic ignored "-Wpsabi"

typedef float lanes __attribute__((vector_size(64)));
typedef float lanes_anywhere __attribute__((vector_size(64), aligned(4)));
typedef int32_t integers __attribute__((vector_size(64)));

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")

INLINE lanes all(float x) { return x - (lanes){0}; }
INLINE lanes load(const float *p) { return *(const lanes_anywhere *)p; }
INLINE void store(float *p, lanes x) { *(lanes_anywhere *)p = x; }

/// The first n of 16 elements, the others zero.
INLINE lanes load_part(const float *p, size_t n) {
    lanes x = {0};
    memcpy(&x, p, n * sizeof(float));
    return x;
}

INLINE void store_part(float *p, lanes x, size_t n) { memcpy(p, &x, n * sizeof(float)); }

INLINE lanes load_half_part(const uint16_t *p, size_t n) {
    uint16_t part[16] = {0};
    memcpy(part, p, n * sizeof(uint16_t));
    return load_half(part);
}

INLINE lanes load_brain(const uint16_t *p) {
    typedef uint16_t shorts __attribute__((vector_size(32), aligned(2)));
    return (lanes)(__builtin_convertvector(*(const shorts *)p, integers) << 16);
}

INLINE lanes load_brain_part(const uint16_t *p, size_t n) {
    uint16_t part[16] = {0};
    memcpy(part, p, n * sizeof(uint16_t));
    return load_brain(part);
}

INLINE lanes choose(integers condition, lanes yes, lanes no) {
    return (lanes)(((integers)yes & condition) | ((integers)no & ~condition));
}

INLINE lanes larger(lanes a, lanes b) { return choose(a > b, a, b); }
/// max(x, 0), and what is no number where x is none.
INLINE lanes positive_part(lanes x) { return choose(x <= all(0), all(0), x); }
INLINE lanes magnitude(lanes x) { return (lanes)((integers)x & 0x7FFFFFFF); }

/// The larger magnitudes as bits: these have the order of whole numbers, and those of what is no number are above all, so
/// that it is not lost among numbers.
INLINE integers larger_magnitude(lanes x, integers most) {
    return __builtin_elementwise_max((integers)magnitude(x), most);
}

/// The nearest whole number, of two the even one; for magnitudes below 2^22.
INLINE lanes nearest(lanes x) {
    const lanes shift = all(12582912.0f);
    return (x + shift) - shift;
}

#define FOLD(type, x, operation)                                                                                      \
    typedef type fold8_##type __attribute__((vector_size(32)));                                                        \
    typedef type fold4_##type __attribute__((vector_size(16)));                                                        \
    fold8_##type a8 = __builtin_shufflevector(x, x, 0, 1, 2, 3, 4, 5, 6, 7);                                           \
    fold8_##type b8 = __builtin_shufflevector(x, x, 8, 9, 10, 11, 12, 13, 14, 15);                                     \
    fold8_##type c8 = operation(a8, b8);                                                                               \
    fold4_##type a4 = __builtin_shufflevector(c8, c8, 0, 1, 2, 3);                                                     \
    fold4_##type b4 = __builtin_shufflevector(c8, c8, 4, 5, 6, 7);                                                     \
    fold4_##type c4 = operation(a4, b4);                                                                               \
    type a = operation(c4[0], c4[2]), b = operation(c4[1], c4[3]);                                                     \
    return operation(a, b);

#define PLUS(a, b) ((a) + (b))

/// The lanes' sum, in the order that CKernels.h gives.
INLINE float total(lanes x) { FOLD(float, x, PLUS) }

#define LARGER(a, b) __builtin_elementwise_max(a, b)

INLINE float largest_lane(lanes x) { FOLD(float, x, LARGER) }
INLINE int32_t largest_integer(integers x) { FOLD(int32_t, x, LARGER) }

/// Of magnitudes as bits.
INLINE float largest_magnitude(integers most) {
    int32_t bits = largest_integer(most);
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

// Elementary functions. The polynomials are least-maximum fits of our own.

/// e^x to 1e-7 relative; 0 below −87, e^88 above 88.
INLINE lanes exponential(lanes x) {
    lanes bounded = choose(x > all(88.0f), all(88.0f), choose(x < all(-87.0f), all(-87.0f), x));
    lanes n = nearest(bounded * 1.44269504f);
    // ln 2 in two parts, the first of which times n is exact.
    lanes r = bounded - n * 0.693359375f;
    r = r - n * -2.12194440e-4f;
    lanes p = all(0.00139504915f);
    p = p * r + 0.0083688898f;
    p = p * r + 0.041666206f;
    p = p * r + 0.16666518f;
    p = p * r + 0.5f;
    p = p * (r * r) + r + 1.0f;
    integers power = (__builtin_convertvector(n, integers) + 127) << 23;
    return choose(x < all(-87.0f), all(0), p * (lanes)power);
}

/// The error function to 1e-7 absolute.
INLINE lanes error_function(lanes x) {
    lanes a = magnitude(x), s = x * x;
    lanes small = all(7.8891236e-05f);
    small = small * s + -0.0008020843f;
    small = small * s + 0.0051895357f;
    small = small * s + -0.026854444f;
    small = small * s + 0.112836f;
    small = small * s + -0.37612626f;
    small = small * s + 1.1283791f;
    small = small * x;
    // 1 − e^−p from 1 on; beyond 4 it is 1.
    lanes b = choose(a > all(4.0f), all(4.0f), a);
    lanes p = all(-0.00018557440f);
    p = p * b + 0.0029396114f;
    p = p * b + -0.021805335f;
    p = p * b + 0.1030374f;
    p = p * b + 0.6382256f;
    p = p * b + 1.12704f;
    p = p * b + 0.00035371238f;
    lanes large = 1.0f - exponential(-p);
    large = (lanes)((integers)large | ((integers)x & (int32_t)0x80000000));
    return choose(a < all(1.0f), small, large);
}

INLINE lanes sigmoid(lanes x) { return 1.0f / (1.0f + exponential(-x)); }

INLINE lanes activated(ck_activation activation, lanes x) {
    switch (activation) {
    case CK_GELU: return x * (error_function(x * 0.70710678f) + 1.0f) * 0.5f;
    // 0.5 (1 + tanh z) is the sigmoid of 2 z.
    case CK_GELU_TANH: return x * sigmoid(1.5957691f * (x + 0.044715f * x * x * x));
    case CK_RELU: return positive_part(x);
    case CK_SILU: return x * sigmoid(x);
    case CK_QUICK_GELU: return x * sigmoid(1.702f * x);
    // As upstream has it: 1/4 below −1.
    case CK_SMELU: {
        lanes y = choose(x > all(-1.0f), (x + 1.0f) * (x + 1.0f) * 0.25f, all(0.25f));
        return choose(x < all(1.0f), y, x);
    }
    }
    return x;
}
