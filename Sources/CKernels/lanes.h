// Kernels on 16 lanes of floats, compiled once for each instruction set: the same operations in the same order, so the
// same bits. A level includes this inside its target pragma, after defining
//   load_half, store_half   16 numbers in float16 from and to memory
//   TILE_ROWS, TILE_BATCH   what fits its registers; TILE_BATCH at most 6
//   SPINS                   sums that do, and are enough to keep it busy
//   MULTIPLY_ADD(a, b, c)   a · b + c, fused where that is fast

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
INLINE lanes magnitude(lanes x) { return (lanes)((integers)x & 0x7FFFFFFF); }

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
    case CK_RELU: return larger(x, all(0));
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

// Rows.

static void quantize(size_t k, const float *x, size_t padded, int8_t *bytes, float *scale, int32_t *sum) {
    lanes most = {0};
    size_t i = 0;
    for (; i + 16 <= k; i += 16) most = larger(magnitude(load(x + i)), most);
    if (i < k) most = larger(magnitude(load_part(x + i, k - i)), most);
    float largest = largest_lane(most);
    *scale = largest / 127.0f;
    // So small that its reciprocal is infinite: all bytes are zero.
    float factor = largest > 1e-36f ? 127.0f / largest : 0;
    typedef int8_t octets __attribute__((vector_size(16), aligned(1)));
    integers totals = {0};
    for (i = 0; i < k; i += 16) {
        lanes part = i + 16 <= k ? load(x + i) : load_part(x + i, k - i);
        integers whole = __builtin_convertvector(nearest(part * factor), integers);
        totals += whole;
        *(octets *)(bytes + i) = __builtin_convertvector(whole, octets);
    }
    for (; i < padded; i += 16) *(octets *)(bytes + i) = (octets){0};
    *sum = __builtin_reduce_add(totals);
}

static void norm(size_t k, const float *x, int centered, float epsilon, const float *scale,
                 const float *bias, float *y) {
    size_t whole = k / 16 * 16, rest = k - whole;
    lanes sums = {0};
    if (centered) {
        for (size_t i = 0; i < whole; i += 16) sums += load(x + i);
        if (rest) sums += load_part(x + whole, rest);
    }
    float mean = total(sums) / (float)k;
    lanes squares = {0};
    for (size_t i = 0; i < whole; i += 16) {
        lanes d = load(x + i) - mean;
        squares += d * d;
    }
    if (rest) {
        float differences[16] = {0};
        for (size_t i = 0; i < rest; i++) differences[i] = x[whole + i] - mean;
        lanes d = load(differences);
        squares += d * d;
    }
    float factor = 1.0f / __builtin_sqrtf(total(squares) / (float)k + epsilon);
    for (size_t i = 0; i < k; i += 16) {
        size_t n = k - i < 16 ? k - i : 16;
        lanes value = (n == 16 ? load(x + i) : load_part(x + i, n)) - mean;
        value = value * factor;
        if (scale) value = value * (n == 16 ? load(scale + i) : load_part(scale + i, n));
        if (bias) value = value + (n == 16 ? load(bias + i) : load_part(bias + i, n));
        if (n == 16) store(y + i, value);
        else store_part(y + i, value, n);
    }
}

static void add(size_t k, float *x, float factor, const float *y) {
    size_t i = 0;
    for (; i + 16 <= k; i += 16) store(x + i, load(x + i) * factor + load(y + i));
    if (i < k) store_part(x + i, load_part(x + i, k - i) * factor + load_part(y + i, k - i), k - i);
}

static void activate(size_t k, ck_activation activation, float *x, const float *gate) {
    size_t i = 0;
    for (; i + 16 <= k; i += 16) {
        lanes value = activated(activation, load(x + i));
        store(x + i, gate ? value * load(gate + i) : value);
    }
    if (i == k) return;
    lanes value = activated(activation, load_part(x + i, k - i));
    store_part(x + i, gate ? value * load_part(gate + i, k - i) : value, k - i);
}

static void unit(size_t k, float *x) {
    lanes squares = {0};
    size_t i = 0;
    for (; i + 16 <= k; i += 16) squares += load(x + i) * load(x + i);
    if (i < k) squares += load_part(x + i, k - i) * load_part(x + i, k - i);
    float length = __builtin_sqrtf(total(squares)) + 1e-8f;
    for (i = 0; i + 16 <= k; i += 16) store(x + i, load(x + i) / length);
    if (i < k) store_part(x + i, load_part(x + i, k - i) / length, k - i);
}

static void to_half(size_t k, const float *x, uint16_t *y) {
    size_t i = 0;
    for (; i + 16 <= k; i += 16) store_half(y + i, load(x + i));
    if (i == k) return;
    uint16_t part[16];
    store_half(part, load_part(x + i, k - i));
    memcpy(y + i, part, (k - i) * sizeof(uint16_t));
}

static void from_half(size_t k, const uint16_t *x, float *y) {
    size_t i = 0;
    for (; i + 16 <= k; i += 16) store(y + i, load_half(x + i));
    if (i < k) store_part(y + i, load_half_part(x + i, k - i), k - i);
}

INLINE lanes load_cached(const void *numbers, size_t index, int is_half) {
    return is_half ? load_half((const uint16_t *)numbers + index) : load((const float *)numbers + index);
}

/// Adds weighted values, `parts` times 16 of their numbers from `d` on. Even and odd positions have sums of their own.
INLINE void weigh(ck_attention a, const float *weights, size_t d, size_t parts, int is_half, float gain, float *answer) {
    lanes even[4] = {{0}}, odd[4] = {{0}};
    size_t p = 0;
    for (; p + 2 <= a.positions; p += 2) {
        for (size_t j = 0; j < parts; j++) {
            size_t index = p * a.width + d + j * 16;
            even[j] += weights[p] * load_cached(a.values, index, is_half);
            odd[j] += weights[p + 1] * load_cached(a.values, index + a.width, is_half);
        }
    }
    if (p < a.positions) {
        for (size_t j = 0; j < parts; j++)
            even[j] += weights[p] * load_cached(a.values, p * a.width + d + j * 16, is_half);
    }
    for (size_t j = 0; j < parts; j++) store(answer + d + j * 16, (even[j] + odd[j]) * gain);
}

INLINE void attend_to(ck_attention a, int is_half, const float *query, float *scores, float *answer) {
    size_t blocks = (a.positions + CK_KEY_BLOCK - 1) / CK_KEY_BLOCK;
    lanes most = all(-__builtin_inff());
    for (size_t block = 0; block < blocks; block++) {
        lanes sums[4] = {{0}};
        for (size_t d = 0; d < a.width; d += 4) {
            for (size_t j = 0; j < 4; j++)
                sums[j] += query[d + j] * load_cached(a.keys, (block * a.width + d + j) * CK_KEY_BLOCK, is_half);
        }
        lanes score = ((sums[0] + sums[1]) + (sums[2] + sums[3])) * a.scale;
        size_t n = a.positions - block * CK_KEY_BLOCK;
        if (a.bias) {
            const float *bias = a.bias + block * CK_KEY_BLOCK;
            score += n < CK_KEY_BLOCK ? load_part(bias, n) : load(bias);
        }
        // Nobody attends to what is not there yet.
        for (size_t i = n; i < CK_KEY_BLOCK; i++) score[i] = -__builtin_inff();
        store(scores + block * CK_KEY_BLOCK, score);
        most = larger(score, most);
    }
    float largest = largest_lane(most);
    lanes weights = {0};
    for (size_t block = 0; block < blocks; block++) {
        lanes weight = exponential(load(scores + block * CK_KEY_BLOCK) - largest);
        store(scores + block * CK_KEY_BLOCK, weight);
        weights += weight;
    }
    float gain = a.gain / total(weights);
    size_t d = 0;
    for (; d + 64 <= a.width; d += 64) weigh(a, scores, d, 4, is_half, gain, answer);
    for (; d < a.width; d += 16) weigh(a, scores, d, 1, is_half, gain, answer);
}

static void attend(ck_attention a, const float *query, float *scores, float *answer) {
    if (a.is_half) attend_to(a, 1, query, scores, answer);
    else attend_to(a, 0, query, scores, answer);
}

// The machine's limits.

static float read_all(size_t count, const float *x) {
    lanes sums[4] = {{0}};
    for (size_t i = 0; i < count; i += 64) {
        for (size_t j = 0; j < 4; j++) sums[j] += load(x + i + j * 16);
    }
    return total((sums[0] + sums[1]) + (sums[2] + sums[3]));
}

static size_t spin_f32(size_t rounds, float *result) {
    lanes sums[SPINS], a = all(*result), b = all(0.5f);
    for (size_t j = 0; j < SPINS; j++) sums[j] = all((float)j);
    for (size_t i = 0; i < rounds; i++) {
        _Pragma("clang loop unroll(full)") for (size_t j = 0; j < SPINS; j++) sums[j] = MULTIPLY_ADD(a, b, sums[j]);
    }
    for (size_t j = 1; j < SPINS; j++) sums[0] += sums[j];
    *result = total(sums[0]);
    return rounds * SPINS * 16;
}

/// Weights are fetched so many rows before their turn: rows are so short that the machine does not see where they lead.
/// A batch of 18 on 8 bits takes half the time by it.
enum { ROWS_AHEAD = 8 };

// Products with float weights: tiles of some rows and some inputs, whose sums stay in registers.

#define FLOAT_TILE(name, type, whole, part)                                                                           \
    INLINE void name##_tile(size_t rows, size_t batch, size_t k, const type *w, size_t w_stride, const float *x,       \
                            size_t x_stride, float *y, size_t y_stride) {                                              \
        lanes sums[TILE_ROWS][TILE_BATCH];                                                                             \
        _Pragma("clang loop unroll(full)") for (size_t r = 0; r < rows; r++) {                                         \
            _Pragma("clang loop unroll(full)") for (size_t b = 0; b < batch; b++) sums[r][b] = (lanes){0};              \
        }                                                                                                              \
        size_t i = 0;                                                                                                  \
        for (; i + 16 <= k; i += 16) {                                                                                 \
            lanes weights[TILE_ROWS];                                                                                  \
            _Pragma("clang loop unroll(full)") for (size_t r = 0; r < rows; r++) { \
                __builtin_prefetch(w + (r + ROWS_AHEAD) * w_stride + i);                                                   \
                weights[r] = whole(w + r * w_stride + i);                                                              \
            }                                                                                                          \
            _Pragma("clang loop unroll(full)") for (size_t b = 0; b < batch; b++) {                                    \
                lanes input = load(x + b * x_stride + i);                                                              \
                _Pragma("clang loop unroll(full)") for (size_t r = 0; r < rows; r++)                                   \
                    sums[r][b] = MULTIPLY_ADD(weights[r], input, sums[r][b]);                                          \
            }                                                                                                          \
        }                                                                                                              \
        if (i < k) {                                                                                                   \
            _Pragma("clang loop unroll(full)") for (size_t b = 0; b < batch; b++) {                                    \
                lanes input = load_part(x + b * x_stride + i, k - i);                                                  \
                _Pragma("clang loop unroll(full)") for (size_t r = 0; r < rows; r++)                                   \
                    sums[r][b] = MULTIPLY_ADD(part(w + r * w_stride + i, k - i), input, sums[r][b]);                   \
            }                                                                                                          \
        }                                                                                                              \
        _Pragma("clang loop unroll(full)") for (size_t r = 0; r < rows; r++) {                                         \
            _Pragma("clang loop unroll(full)") for (size_t b = 0; b < batch; b++)                                      \
                y[b * y_stride + r] = total(sums[r][b]);                                                               \
        }                                                                                                              \
    }

/// Calls a tile of constant size for `count` inputs, so that the compiler unrolls it.
#define FOR_BATCH(count, TILE)                                                                                         \
    switch (count) {                                                                                                   \
    case 1: TILE(1); break;                                                                                            \
    case 2: TILE(2); break;                                                                                            \
    case 3: if (TILE_BATCH >= 3) TILE(TILE_BATCH < 3 ? 1 : 3); break;                                                  \
    case 4: if (TILE_BATCH >= 4) TILE(TILE_BATCH < 4 ? 1 : 4); break;                                                  \
    case 5: if (TILE_BATCH >= 5) TILE(TILE_BATCH < 5 ? 1 : 5); break;                                                  \
    case 6: if (TILE_BATCH >= 6) TILE(TILE_BATCH < 6 ? 1 : 6); break;                                                  \
    }

#define FLOAT_PRODUCT(name, type, whole, part)                                                                         \
    FLOAT_TILE(name, type, whole, part)                                                                                \
    static void name(size_t rows, size_t batch, size_t k, const type *w, size_t w_stride, const float *x,              \
                     size_t x_stride, ck_output y) {                                                                   \
        for (size_t r = 0; r < rows;) {                                                                                \
            int full = rows - r >= TILE_ROWS;                                                                          \
            for (size_t b = 0; b < batch;) {                                                                           \
                size_t count = batch - b < TILE_BATCH ? batch - b : TILE_BATCH;                                        \
                const float *inputs = x + b * x_stride;                                                                \
                float *outputs = y.values + b * y.stride + r;                                                          \
                const type *row = w + r * w_stride;                                                                    \
                if (full) {                                                                                            \
                    FOR_BATCH(count, name##_FULL)                                                                      \
                } else {                                                                                               \
                    FOR_BATCH(count, name##_SINGLE)                                                                    \
                }                                                                                                      \
                b += count;                                                                                            \
            }                                                                                                          \
            r += full ? TILE_ROWS : 1;                                                                                 \
        }                                                                                                              \
    }

#define product_f32_FULL(n) product_f32_tile(TILE_ROWS, n, k, row, w_stride, inputs, x_stride, outputs, y.stride)
#define product_f32_SINGLE(n) product_f32_tile(1, n, k, row, w_stride, inputs, x_stride, outputs, y.stride)
#define product_f16_FULL(n) product_f16_tile(TILE_ROWS, n, k, row, w_stride, inputs, x_stride, outputs, y.stride)
#define product_f16_SINGLE(n) product_f16_tile(1, n, k, row, w_stride, inputs, x_stride, outputs, y.stride)
#define product_bf16_FULL(n) product_bf16_tile(TILE_ROWS, n, k, row, w_stride, inputs, x_stride, outputs, y.stride)
#define product_bf16_SINGLE(n) product_bf16_tile(1, n, k, row, w_stride, inputs, x_stride, outputs, y.stride)

FLOAT_PRODUCT(product_f32, float, load, load_part)
FLOAT_PRODUCT(product_f16, uint16_t, load_half, load_half_part)
FLOAT_PRODUCT(product_bf16, uint16_t, load_brain, load_brain_part)
