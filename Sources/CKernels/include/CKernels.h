#ifndef CKERNELS_H
#define CKERNELS_H

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

// Matrices are row-major; a stride is the distance between rows, in elements. Kernels allocate nothing, start no
// threads and keep no state; callers check lengths.
//
// Lanes: sums of floats have 16 partial sums, of which number l takes the elements l, l + 16, …; they are then added in
// pairs (l and l + 8, l + 4, l + 2, l + 1). Products are rounded before they are added unless a kernel says otherwise.
// So a result depends neither on the instruction set nor on how work is divided.

/// Elements to which rows of floats that kernels make are padded.
enum { CK_FLOAT_PADDING = 16 };
/// Bytes to which rows of int8 are zero-padded.
enum { CK_BYTE_PADDING = 64 };
/// Positions whose keys are interleaved in a key-value cache.
enum { CK_KEY_BLOCK = 16 };
/// Outputs of a convolution whose weights are interleaved in a panel.
enum { CK_PANEL = 32 };
/// Up to so many outputs, a panel of floats is `[steps][outputs][16]`.
enum { CK_NARROW = 4 };
/// Bytes of a pixel's block of channels: 16 floats or 64 bytes.
enum { CK_PIXEL_BLOCK = 64 };
/// Maximum pixels of a convolution tile.
enum { CK_TILE_PIXELS = 256 };
/// Winograd convolution F(4 x 4, 3 x 3): an input tile of 6 x 6 pixels is transformed to 36 numbers, and 36 sums of
/// their products with transformed weights to an output tile of 4 x 4.
enum { CK_WINOGRAD_OUTPUT = 4, CK_WINOGRAD_POINTS = 36 };
/// Maximum Winograd tiles that a kernel convolves at once.
enum { CK_WINOGRAD_TILES = 48 };
/// Floats from one of the 36 numbers of all tiles to the next, and from one of their sums to the next; odd multiples of
/// 16, so that they do not map to the same cache sets.
static inline size_t ck_winograd_stride(size_t blocks) { return (blocks * CK_WINOGRAD_TILES + 1) * 16; }
enum { CK_WINOGRAD_SUMS_STRIDE = CK_WINOGRAD_TILES * CK_PANEL + 16 };

/// The output of a matrix product: y[b * stride + r] for input b and weight row r.
typedef struct ck_output {
    float *values;
    size_t stride;
} ck_output;

/// Inputs in int8: `values` are from −127 to 127, zero-padded; a number is a byte times its row's scale.
typedef struct ck_bytes {
    const int8_t *values;
    /// A multiple of CK_BYTE_PADDING.
    size_t stride;
    const float *scales;
    /// The sum of each row's bytes.
    const int32_t *sums;
} ck_bytes;

/// Keys and values of one head, and the parameters of its attention.
typedef struct ck_attention {
    /// Position p is number p % CK_KEY_BLOCK of block p / CK_KEY_BLOCK: floats `[blocks][width][CK_KEY_BLOCK]`, or
    /// bytes `[blocks][width / 4][CK_KEY_BLOCK][4]`.
    const void *keys;
    /// Floats `[positions][width]`, or bytes `[positions / 4][width][4]`, rounded up.
    const void *values;
    /// The keys of the next call, as many: only prefetched.
    const void *next_keys;
    // Of bytes, for each position:
    const float *_Nullable key_scales;
    const float *_Nullable value_scales;
    /// Positions to attend to, at least one.
    size_t positions;
    /// Width of the head, a multiple of 16.
    size_t width;
    /// Multiplies the products of query and keys.
    float scale;
    /// Multiplies the output.
    float output_scale;
    /// Added to the scores; may be absent.
    const float *_Nullable bias;
} ck_attention;

/// The input transform of a convolution: x · factor + offset for each channel, optionally swish, optionally int8.
typedef struct ck_input_transform {
    size_t channels;
    /// Floats from a pixel to the one below for 2 x 2 average pooling; 0 without.
    size_t row_below;
    const float *_Nullable factor;
    const float *_Nullable offset;
    int swish;
    /// Whether no number is negative (without swish).
    int is_nonnegative;
    /// 2 to write each pixel twice, for upsampling.
    size_t copies;
    /// Bytes from a block of channels to the next.
    size_t block_stride;
} ck_input_transform;

/// The minimum of swish. After swish, a byte b represents b · scale + CK_SWISH_MINIMUM; b · scale where numbers are not
/// negative; else (b − 128) · scale.
#define CK_SWISH_MINIMUM (-0.27846456f)

/// A tile of a convolution: some pixels of some rows, at most CK_TILE_PIXELS, and some outputs, at most CK_PANEL.
typedef struct ck_convolution {
    /// The first block of the first pixel. Pixels of a row follow each other, CK_PIXEL_BLOCK bytes each.
    const uint8_t *input;
    /// Bytes from one row to the next.
    size_t row_stride;
    /// For each step, a block of channels at a tap of the kernel, where it lies from a pixel's first block. Floats go
    /// block by block, bytes tap by tap.
    const size_t *offsets;
    size_t steps;
    size_t taps;
    size_t rows;
    size_t pixels;
    /// `[steps][16][CK_PANEL]` floats, or groups of four bytes.
    const void *panel;
    size_t outputs;
    /// Multiplies the sums of each output, and then the bias is added.
    const float *_Nullable output_scales;
    const float *_Nullable bias;
    // Of bytes:
    /// The first pixel's scale; those of other pixels and rows follow like them, but 4 bytes each.
    const float *_Nullable scales;
    /// For each tap.
    const size_t *_Nullable scale_offsets;
    /// `[taps][CK_PANEL]`.
    const int32_t *_Nullable weight_sums;
    /// A byte b represents (b − zero) · scale + minimum.
    int32_t zero;
    float minimum;
    /// Added; lies like `y`, and may be it.
    const float *_Nullable residual;
    /// Whether the result goes through ReLU.
    int relu;
    float *y;
    /// Floats from one pixel to the next, and from one row to the next.
    size_t y_stride;
    size_t y_row_stride;
    /// Receives the tile's sum and sum of squares of each output, for group norm.
    float *_Nullable statistics;
    size_t statistics_stride;
} ck_convolution;

/// Winograd tiles of a convolution's input, which overlap by two pixels.
typedef struct ck_winograd_tiles {
    /// The first block of the first tile's first pixel. Pixels of a row follow each other, CK_PIXEL_BLOCK bytes each.
    const uint8_t *input;
    /// Bytes from one row of pixels to the next, and from one block of channels.
    size_t row_stride;
    size_t block_stride;
    size_t blocks;
    /// Together at most CK_WINOGRAD_TILES.
    size_t rows;
    size_t columns;
} ck_winograd_tiles;

typedef enum ck_activation {
    CK_GELU, CK_GELU_TANH, CK_RELU, CK_SILU, CK_QUICK_GELU, CK_SMELU,
} ck_activation;

/// The kernels of one instruction set.
typedef struct ck_kernels {
    const char *name;

    // Matrix products of `rows` weight rows of length k with `batch` inputs.

    /// Weights in float32, which may be fused into the sum.
    void (*gemm_f32)(size_t rows, size_t batch, size_t k, const float *w, size_t w_stride, const float *x,
                        size_t x_stride, ck_output y);
    /// Weights in float16.
    void (*gemm_f16)(size_t rows, size_t batch, size_t k, const uint16_t *w, size_t w_stride, const float *x,
                        size_t x_stride, ck_output y);
    /// Weights in bfloat16.
    void (*gemm_bf16)(size_t rows, size_t batch, size_t k, const uint16_t *w, size_t w_stride, const float *x,
                         size_t x_stride, ck_output y);
    /// Weights in int8 with a scale for each row. k is a multiple of CK_BYTE_PADDING, at most 65,536. Exact before the
    /// scales: (w_scale · x_scale) · Σ w x.
    void (*gemm_i8)(size_t rows, size_t batch, size_t k, const int8_t *w, size_t w_stride, const float *w_scales,
                       ck_bytes x, ck_output y);
    /// Weights in 4 bits with a scale for each row, k at most 65,536: a row is unpacked to int8 as by unpack_i4, then
    /// multiplied as by gemm_i8.
    void (*gemm_i4)(size_t rows, size_t batch, size_t k, const uint8_t *w, size_t w_stride, const float *w_scales,
                       ck_bytes x, ck_output y);
    /// Unpacks a row of k / 2 bytes with two numbers each, then k / 32 bytes with the codes of two groups each. Byte j
    /// of 32 holds number j of their 64 in its low nibble and number j + 32 in its high one, plus 8; a group is 16
    /// numbers. The int8 is number times multiplier, 1, 2, 4, 6, 8, 10, 12, 15 for the codes 0 to 7 and negative for 8
    /// to 15.
    void (*unpack_i4)(size_t k, const uint8_t *row, int8_t *bytes);

    // Rows of k floats. y may be x.

    /// Quantises to int8, the largest magnitude mapping to 127. `padded` bytes are written.
    void (*quantize_activations)(size_t k, const float *x, size_t padded, int8_t *bytes, float *scale, int32_t *sum);
    /// (x − mean) / √(variance + epsilon) · scale + bias; without the mean when `centered` is 0.
    void (*normalize)(size_t k, const float *x, int centered, float epsilon, const float *_Nullable scale,
                 const float *_Nullable bias, float *y);
    /// x · factor + y, into x.
    void (*add)(size_t k, float *x, float factor, const float *y);
    /// activation(x) · gate, or without a gate activation(x); into x.
    void (*activate)(size_t k, ck_activation activation, float *x, const float *_Nullable gate);
    /// x / (‖x‖ + 1e-8), into x.
    void (*l2_normalize)(size_t k, float *x);
    void (*from_f16)(size_t k, const uint16_t *x, float *y);

    /// The output of one query of a head: softmax(scale · q kᵀ + bias) v · output_scale. `scores` has room for all
    /// positions, rounded up to CK_KEY_BLOCK.
    void (*attend)(ck_attention attention, const float *query, float *scores, float *output);
    /// The same for int8 from −127 to 127, each position with its scales. The query and the softmax weights are
    /// quantised to 15 bits, and products are exact. `output` must not be `query`.
    void (*attend_i8)(ck_attention attention, const float *query, float *scores, float *output);

    /// softmax(scale · x), into x.
    void (*softmax)(size_t k, float *x, float scale);

    // Convolutions; matrix products of many rows are 1 x 1 convolutions.

    /// Transforms and packs pixels of a row, x_stride floats apart, to a convolution's input, CK_PIXEL_BLOCK bytes
    /// apart.
    void (*pack_input_f32)(const ck_input_transform *transform, size_t pixels, const float *x, size_t x_stride,
                           uint8_t *y);
    /// The same to int8, each pixel with a scale that maps its largest number to the largest byte.
    void (*pack_input_i8)(const ck_input_transform *transform, size_t pixels, const float *x, size_t x_stride,
                          uint8_t *y, float *scales);
    /// Packs up to CK_PANEL rows of weights, `[taps][inputs]`, to a panel.
    void (*pack_weights_f32)(size_t outputs, size_t taps, size_t inputs, const float *w, size_t w_stride, float *panel);
    void (*pack_weights_f16)(size_t outputs, size_t taps, size_t inputs, const uint16_t *w, size_t w_stride,
                             float *panel);
    void (*pack_weights_bf16)(size_t outputs, size_t taps, size_t inputs, const uint16_t *w, size_t w_stride,
                              float *panel);
    void (*pack_weights_i8)(size_t outputs, size_t taps, size_t inputs, const int8_t *w, size_t w_stride,
                            int32_t *panel, int32_t *sums);
    /// Packs a panel whose rows are the columns of x, `[inputs][outputs]`.
    void (*pack_columns)(size_t outputs, size_t inputs, const float *x, size_t x_stride, float *panel);
    /// Accumulates step by step, up to CK_NARROW outputs in lanes. `fused`: products need not be rounded.
    void (*convolve_f32)(const ck_convolution *tile, int fused);
    /// Exact within a pixel and tap; taps are accumulated in floats by fused multiply-add.
    void (*convolve_i8)(const ck_convolution *tile);

    // Winograd convolutions of floats, 3 x 3.

    /// The input transform: `[CK_WINOGRAD_POINTS][blocks][CK_WINOGRAD_TILES][16]`, the first stride being
    /// ck_winograd_stride(blocks).
    void (*winograd_transform_input)(const ck_winograd_tiles *squares, int fused, float *numbers);
    /// The weight transform of a packed panel of more than CK_NARROW outputs:
    /// `[CK_WINOGRAD_POINTS][blocks][16][CK_PANEL]`.
    void (*winograd_transform_weights)(size_t blocks, const float *panel, float *squared);
    /// Like convolve_f32, for a transformed panel and up to CK_WINOGRAD_TILES tiles; `input` is the transformed input,
    /// `row_stride` and `taps` are not used. `sums` has room for CK_WINOGRAD_POINTS times CK_WINOGRAD_SUMS_STRIDE
    /// floats.
    void (*winograd_convolve)(const ck_convolution *tile, int fused, float *sums);

    // Quantisation of weights: the same operations in the same order in every instruction set, none fused.

    /// The largest magnitude; NaN if there is any.
    float (*max_abs)(size_t k, const float *x);
    /// Rounds x · inverse, which must be within ±127, to the nearest integers, ties to even. k is a multiple of 64.
    void (*quantize_row_i8)(size_t k, const float *x, float inverse, int8_t *numbers);
    /// Quantises k numbers, a multiple of 64, to the row that unpack_i4 reads, for a given scale: each group gets the
    /// code, then the numbers, of minimum squared error, weighted by `weights`. Returns the sum of the errors in
    /// squares of the scale.
    float (*quantize_row_i4)(size_t k, const float *x, const float *_Nullable weights, float scale, uint8_t *row);
    /// `squares` receives Σx², Σ(x − y)² and Σy², each accumulated in eight partial sums.
    void (*error_sums)(size_t count, const float *x, const float *y, double *squares);
    /// The same for y = number · scale; k is a multiple of 64.
    void (*error_sums_i8)(size_t k, const float *x, const int8_t *numbers, float scale, double *squares);

    // Probes of the machine's peak bandwidth and arithmetic, to compare the other kernels with.

    /// Reads `count` floats, a multiple of 64, and adds them up in any order.
    float (*read)(size_t count, const float *x);
    /// Multiplies and adds in registers at the peak rate, in float32 or int8; returns the number of products.
    size_t (*peak_flops_f32)(size_t rounds, float *result);
    size_t (*peak_flops_i8)(size_t rounds, int32_t *result);
} ck_kernels;

/// The instruction sets that this machine supports, in ascending order from plain loops; NULL after the last.
const ck_kernels *_Nullable ck_instruction_set(size_t index);

/// The instruction sets that were compiled, supported by this machine or not.
size_t ck_instruction_set_count(void);
const char *ck_instruction_set_name(size_t index);

// The reference route's matrix products, in plain loops.

/// y[m,n] = x[m,k] w[n,k]ᵀ: a dense layer whose weight matrix has a row for each output.
void ck_gemm_nt(size_t m, size_t n, size_t k, const float *x, size_t x_stride, const float *w, size_t w_stride,
                float *y, size_t y_stride);

/// y[m,n] = x[m,k] b[k,n].
void ck_gemm_nn(size_t m, size_t n, size_t k, const float *x, size_t x_stride, const float *b, size_t b_stride,
                float *y, size_t y_stride);

#pragma clang assume_nonnull end

#endif
