// Products with float weights: tiles of some rows and some inputs, whose sums stay in registers. lane_kernels.h includes this.

/// Weights are fetched so many rows before their turn: rows are so short that the machine does not see where they lead.
/// A batch of 18 on 8 bits takes half the time by it.
enum { ROWS_AHEAD = 8 };

#define FLOAT_TILE(name, type, whole, part)                                                                            \
    INLINE void name##_tile(size_t rows, size_t batch, size_t k, const type *w, size_t w_stride, const float *x,       \
                            size_t x_stride, float *y, size_t y_stride) {                                              \
        lanes sums[TILE_ROWS][TILE_BATCH];                                                                             \
        UNROLL for (size_t r = 0; r < rows; r++) {                                                                     \
            UNROLL for (size_t b = 0; b < batch; b++) sums[r][b] = (lanes){0};                                         \
        }                                                                                                              \
        size_t i = 0;                                                                                                  \
        for (; i + 16 <= k; i += 16) {                                                                                 \
            lanes weights[TILE_ROWS];                                                                                  \
            UNROLL for (size_t r = 0; r < rows; r++) {                                                                 \
                __builtin_prefetch(w + (r + ROWS_AHEAD) * w_stride + i);                                               \
                weights[r] = whole(w + r * w_stride + i);                                                              \
            }                                                                                                          \
            UNROLL for (size_t b = 0; b < batch; b++) {                                                                \
                lanes input = load(x + b * x_stride + i);                                                              \
                UNROLL for (size_t r = 0; r < rows; r++)                                                               \
                    sums[r][b] = MULTIPLY_ADD(weights[r], input, sums[r][b]);                                          \
            }                                                                                                          \
        }                                                                                                              \
        if (i < k) {                                                                                                   \
            UNROLL for (size_t b = 0; b < batch; b++) {                                                                \
                lanes input = load_part(x + b * x_stride + i, k - i);                                                  \
                UNROLL for (size_t r = 0; r < rows; r++)                                                               \
                    sums[r][b] = MULTIPLY_ADD(part(w + r * w_stride + i, k - i), input, sums[r][b]);                   \
            }                                                                                                          \
        }                                                                                                              \
        UNROLL for (size_t r = 0; r < rows; r++) {                                                                     \
            UNROLL for (size_t b = 0; b < batch; b++)                                                                  \
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
