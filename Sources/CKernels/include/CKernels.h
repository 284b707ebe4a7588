#ifndef CKERNELS_H
#define CKERNELS_H

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

// Matrices are row-major; a stride is the distance between rows, in elements. Kernels allocate nothing, start no threads
// and keep no state; callers check lengths.
//
// Lanes: sums of floats have 16 partial sums, of which number l takes the elements l, l + 16, …; they are then added in
// pairs (l and l + 8, l + 4, l + 2, l + 1). Products are rounded before they are added unless a kernel says otherwise.
// So a result depends neither on the instruction set nor on how work is cut.

/// Elements to which rows of floats that kernels make are padded.
enum { CK_FLOAT_PADDING = 16 };
/// Bytes to which rows of whole numbers are padded, with zeros.
enum { CK_BYTE_PADDING = 64 };
/// Positions whose keys lie interleaved in a cache.
enum { CK_KEY_BLOCK = 16 };

/// Where the result of a product goes: y[b * stride + r] for input b and weight row r.
typedef struct ck_output {
    float *values;
    size_t stride;
} ck_output;

/// Inputs in 8 bits: `bytes` are from −127 to 127, padded with zeros; a number is a byte times its row's scale.
typedef struct ck_bytes {
    const int8_t *values;
    /// A multiple of CK_BYTE_PADDING.
    size_t stride;
    const float *scales;
    /// The sum of the bytes of each row.
    const int32_t *sums;
} ck_bytes;

/// Keys and values of one head, and what turns them into an answer.
typedef struct ck_attention {
    /// `[blocks][width][CK_KEY_BLOCK]`: position p is element p % CK_KEY_BLOCK of block p / CK_KEY_BLOCK.
    const void *keys;
    /// `[positions][width]`.
    const void *values;
    /// Whether keys and values are float16, else float32.
    int is_half;
    /// Positions to attend to, at least one.
    size_t positions;
    /// Width of the head, a multiple of 16.
    size_t width;
    /// Multiplies the products of query and keys.
    float scale;
    /// Multiplies the answer.
    float gain;
    /// Added to the scores; may be absent.
    const float *_Nullable bias;
} ck_attention;

typedef enum ck_activation {
    CK_GELU, CK_GELU_TANH, CK_RELU, CK_SILU, CK_QUICK_GELU, CK_SMELU,
} ck_activation;

/// One level of a machine's abilities: a name and the kernels written for it.
typedef struct ck_kernels {
    const char *name;

    // Products of `rows` weight rows of length k with `batch` inputs.

    /// Weights in float32, which may be fused into the sum.
    void (*product_f32)(size_t rows, size_t batch, size_t k, const float *w, size_t w_stride, const float *x,
                        size_t x_stride, ck_output y);
    /// Weights in float16.
    void (*product_f16)(size_t rows, size_t batch, size_t k, const uint16_t *w, size_t w_stride, const float *x,
                        size_t x_stride, ck_output y);
    /// Weights in bfloat16.
    void (*product_bf16)(size_t rows, size_t batch, size_t k, const uint16_t *w, size_t w_stride, const float *x,
                         size_t x_stride, ck_output y);
    /// Weights in bytes with a scale for each row. k is a multiple of CK_BYTE_PADDING, below 65,536. Exact before the
    /// scales: (w_scale · x_scale) · Σ w x.
    void (*product_i8)(size_t rows, size_t batch, size_t k, const int8_t *w, size_t w_stride, const float *w_scales,
                       ck_bytes x, ck_output y);
    /// Weights in 4 bits with a float16 scale for each group of 32, `groups` of them in a row: byte j of a group holds
    /// element j in its lower and j + 16 in its upper bits, plus 8. Exact within a group; groups are added in 4 lanes.
    void (*product_i4)(size_t rows, size_t batch, size_t groups, const uint8_t *w, const uint16_t *w_scales, ck_bytes x,
                       ck_output y);

    // Rows of k floats. y may be x.

    /// To bytes, the largest magnitude becoming 127. `padded` bytes are written.
    void (*quantize)(size_t k, const float *x, size_t padded, int8_t *bytes, float *scale, int32_t *sum);
    /// (x − mean) / √(variance + epsilon) · scale + bias; without the mean when `centered` is 0.
    void (*norm)(size_t k, const float *x, int centered, float epsilon, const float *_Nullable scale,
                 const float *_Nullable bias, float *y);
    /// x · factor + y, into x.
    void (*add)(size_t k, float *x, float factor, const float *y);
    /// activation(x) · gate, or without a gate activation(x); into x.
    void (*activate)(size_t k, ck_activation activation, float *x, const float *_Nullable gate);
    /// x / (‖x‖ + 1e-8), into x.
    void (*unit)(size_t k, float *x);
    void (*to_half)(size_t k, const float *x, uint16_t *y);
    void (*from_half)(size_t k, const uint16_t *x, float *y);

    /// The answer of one query of a head: softmax(scale · q kᵀ + bias) v · gain. `scores` has room for all positions,
    /// rounded up to CK_KEY_BLOCK.
    void (*attend)(ck_attention attention, const float *query, float *scores, float *answer);

    // The machine's limits, to hold the other kernels against.

    /// Reads `count` floats, a multiple of 64, and adds them up somehow.
    float (*read)(size_t count, const float *x);
    /// Multiplies and adds in registers as often as the level can, in float32 or in 8 bits; gives the number of products.
    size_t (*spin_f32)(size_t rounds, float *result);
    size_t (*spin_i8)(size_t rounds, int32_t *result);
} ck_kernels;

/// The levels that this machine has, from plain loops up; NULL above the last.
const ck_kernels *_Nullable ck_level(size_t index);

/// The levels that were compiled, whether this machine has them or not.
size_t ck_level_count(void);
const char *ck_level_name(size_t index);

/// Tells the processor that the thread waits for another.
static inline void ck_pause(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

// The reference route's products, plain.

/// y[m,n] = x[m,k] w[n,k]ᵀ: a dense layer whose weight matrix has a row for each output.
void ck_gemm_nt(size_t m, size_t n, size_t k, const float *x, size_t x_stride, const float *w, size_t w_stride,
                float *y, size_t y_stride);

/// y[m,n] = x[m,k] b[k,n].
void ck_gemm_nn(size_t m, size_t n, size_t k, const float *x, size_t x_stride, const float *b, size_t b_stride,
                float *y, size_t y_stride);

#pragma clang assume_nonnull end

#endif
