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
/// Outputs of a convolution whose weights lie side by side.
enum { CK_PANEL = 32 };
/// Outputs for which a panel of floats is laid out otherwise: `[steps][outputs][16]`.
enum { CK_NARROW = 4 };
/// Bytes of a pixel's block of channels: 16 floats or 64 bytes.
enum { CK_PIXEL_BLOCK = 64 };
/// Pixels that a kernel convolves at once, at most.
enum { CK_TILE_PIXELS = 256 };
/// Winograd's convolution F(4 x 4, 3 x 3): a square of 6 x 6 pixels becomes 36 numbers, and 36 sums of their products
/// with those of weights become a square of 4 x 4 outputs.
enum { CK_SQUARE_SIDE = 4, CK_SQUARE_NUMBERS = 36 };
/// Squares that a kernel convolves at once, at most.
enum { CK_TILE_SQUARES = 48 };
/// Floats from a number of the squares of a tile to the next, and from a sum to the next: so many that they do not share a
/// place in the cache.
static inline size_t ck_squares_stride(size_t blocks) { return (blocks * CK_TILE_SQUARES + 1) * 16; }
enum { CK_SUMS_STRIDE = CK_TILE_SQUARES * CK_PANEL + 16 };

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
    /// Position p is number p % CK_KEY_BLOCK of block p / CK_KEY_BLOCK: floats `[blocks][width][CK_KEY_BLOCK]`, or bytes
    /// `[blocks][width / 4][CK_KEY_BLOCK][4]`.
    const void *keys;
    /// Floats `[positions][width]`, or bytes `[positions / 4][width][4]`, rounded up.
    const void *values;
    /// The keys that the next call takes, as many: fetched on the way, not used.
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
    /// Multiplies the answer.
    float gain;
    /// Added to the scores; may be absent.
    const float *_Nullable bias;
} ck_attention;

/// How pixels become a convolution's input: x · factor + offset for each channel, then maybe swish, then maybe bytes.
typedef struct ck_preparation {
    size_t channels;
    /// Floats from a pixel to the one below, to take the mean of each square of four for x; else 0.
    size_t row_below;
    const float *_Nullable factor;
    const float *_Nullable offset;
    int swish;
    /// Whether no number is below zero, without swish.
    int is_positive;
    /// 2 to write each pixel twice.
    size_t copies;
    /// Bytes from a block of channels to the next.
    size_t block_stride;
} ck_preparation;

/// Swish is nowhere less. After it, a byte b stands for b · scale + CK_SWISH_LEAST, of positive numbers for b · scale, else
/// for (b − 128) · scale.
#define CK_SWISH_LEAST (-0.27846456f)

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
    /// A byte b stands for (b − zero) · scale + least.
    int32_t zero;
    float least;
    /// Added; lies like `y`, and may be it.
    const float *_Nullable residual;
    /// Whether what is then below zero becomes zero.
    int rectifies;
    float *y;
    /// Floats from one pixel to the next, and from one row to the next.
    size_t y_stride;
    size_t y_row_stride;
    /// Takes the sums of the tile for each output, and the sums of squares.
    float *_Nullable statistics;
    size_t statistics_stride;
} ck_convolution;

/// Squares of a convolution's input, which overlap by two pixels.
typedef struct ck_squares {
    /// The first block of the first square's first pixel. Pixels of a row follow each other, CK_PIXEL_BLOCK bytes each.
    const uint8_t *input;
    /// Bytes from one row of pixels to the next, and from one block of channels.
    size_t row_stride;
    size_t block_stride;
    size_t blocks;
    /// Together at most CK_TILE_SQUARES.
    size_t rows;
    size_t columns;
} ck_squares;

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
    /// Weights in bytes with a scale for each row. k is a multiple of CK_BYTE_PADDING, at most 65,536. Exact before the
    /// scales: (w_scale · x_scale) · Σ w x.
    void (*product_i8)(size_t rows, size_t batch, size_t k, const int8_t *w, size_t w_stride, const float *w_scales,
                       ck_bytes x, ck_output y);
    /// Weights in 4 bits with a scale for each row, k at most 65,536: a row becomes bytes, as expand_i4 says, and those are
    /// multiplied as product_i8 does.
    void (*product_i4)(size_t rows, size_t batch, size_t k, const uint8_t *w, size_t w_stride, const float *w_scales,
                       ck_bytes x, ck_output y);
    /// The bytes of a row of k / 2 bytes with two numbers each, then k / 32 with the codes of two groups each. Byte j of
    /// 32 holds number j of their 64 in its lower four bits and number j + 32 in its upper ones, plus 8; 16 numbers are a
    /// group. Number times multiplier, 1, 2, 4, 6, 8, 10, 12, 15 for the codes 0 to 7 and negative for 8 to 15.
    void (*expand_i4)(size_t k, const uint8_t *row, int8_t *bytes);

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
    void (*from_half)(size_t k, const uint16_t *x, float *y);

    /// The answer of one query of a head: softmax(scale · q kᵀ + bias) v · gain. `scores` has room for all positions,
    /// rounded up to CK_KEY_BLOCK.
    void (*attend)(ck_attention attention, const float *query, float *scores, float *answer);
    /// The same of bytes from −127 to 127, each position with its scales. The query and the weights of the values are
    /// rounded to 15 bits of the largest of them, and products are exact. `answer` must not be `query`.
    void (*attend_i8)(ck_attention attention, const float *query, float *scores, float *answer);

    /// softmax(scale · x), into x.
    void (*softmax)(size_t k, float *x, float scale);

    // Convolutions, and products of many rows as such of one pixel's size.

    /// Pixels of a row, x_stride floats apart, become a row of a convolution's input, CK_PIXEL_BLOCK bytes apart.
    void (*prepare_f32)(const ck_preparation *preparation, size_t pixels, const float *x, size_t x_stride, uint8_t *y);
    /// As bytes, each pixel with its own scale, so that its largest number becomes the largest byte.
    void (*prepare_i8)(const ck_preparation *preparation, size_t pixels, const float *x, size_t x_stride, uint8_t *y,
                       float *scales);
    /// Up to CK_PANEL rows of weights, `[taps][inputs]`, become a panel.
    void (*pack_f32)(size_t outputs, size_t taps, size_t inputs, const float *w, size_t w_stride, float *panel);
    void (*pack_f16)(size_t outputs, size_t taps, size_t inputs, const uint16_t *w, size_t w_stride, float *panel);
    void (*pack_bf16)(size_t outputs, size_t taps, size_t inputs, const uint16_t *w, size_t w_stride, float *panel);
    void (*pack_i8)(size_t outputs, size_t taps, size_t inputs, const int8_t *w, size_t w_stride, int32_t *panel,
                    int32_t *sums);
    /// A panel whose rows are the columns of x, `[inputs][outputs]`.
    void (*pack_columns)(size_t outputs, size_t inputs, const float *x, size_t x_stride, float *panel);
    /// Sums go step by step, those of CK_NARROW outputs in lanes. `fused`: products need not be rounded.
    void (*convolve_f32)(const ck_convolution *tile, int fused);
    /// Exact within a pixel and tap; those are fused into a sum tap by tap.
    void (*convolve_i8)(const ck_convolution *tile);

    // Winograd's convolutions of floats, 3 x 3.

    /// Squares of pixels become numbers: `[CK_SQUARE_NUMBERS][blocks][CK_TILE_SQUARES][16]`, the first stride being
    /// ck_squares_stride(blocks).
    void (*square_pixels)(const ck_squares *squares, int fused, float *numbers);
    /// A packed panel of more than CK_NARROW outputs becomes one for each number of a square:
    /// `[CK_SQUARE_NUMBERS][blocks][16][CK_PANEL]`.
    void (*square_panel)(size_t blocks, const float *panel, float *squared);
    /// Like convolve_f32, for such a panel and up to CK_TILE_SQUARES squares; `input` are their numbers, `row_stride` and
    /// `taps` are not used. There is room for CK_SQUARE_NUMBERS times CK_SUMS_STRIDE sums.
    void (*convolve_squares)(const ck_convolution *tile, int fused, float *sums);

    // Weights to whole numbers: the same operations in the same order at every level, and none fused.

    /// The largest magnitude; not a number where one of them is none.
    float (*largest)(size_t k, const float *x);
    /// The nearest whole numbers of x·inverse, which must be within ±127, of two the even one. k is a multiple of 64.
    void (*numbers_i8)(size_t k, const float *x, float inverse, int8_t *numbers);
    /// The row that expand_i4 reads, for a scale and k numbers, a multiple of 64: each group gets the code, and then the
    /// numbers, of least squared error, for each number multiplied by its weight. Gives the sum of the errors in squares
    /// of the scale.
    float (*numbers_i4)(size_t k, const float *x, const float *_Nullable weights, float scale, uint8_t *row);
    /// `squares` takes Σx², Σ(x − y)² and Σy², each in eight parts that are added up at the end.
    void (*error_sums)(size_t count, const float *x, const float *y, double *squares);
    /// The same for y = number · scale; k is a multiple of 64.
    void (*error_sums_i8)(size_t k, const float *x, const int8_t *numbers, float scale, double *squares);

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

// The reference route's products, plain.

/// y[m,n] = x[m,k] w[n,k]ᵀ: a dense layer whose weight matrix has a row for each output.
void ck_gemm_nt(size_t m, size_t n, size_t k, const float *x, size_t x_stride, const float *w, size_t w_stride,
                float *y, size_t y_stride);

/// y[m,n] = x[m,k] b[k,n].
void ck_gemm_nn(size_t m, size_t n, size_t k, const float *x, size_t x_stride, const float *b, size_t b_stride,
                float *y, size_t y_stride);

#pragma clang assume_nonnull end

#endif
