// The product of bytes, tile by tile. A level includes this after defining
//   i8_tile                 some rows with some inputs
//   BYTE_ROWS, BYTE_BATCH   of both what fits its registers; BYTE_BATCH at most 4

/// Calls a tile of constant size for `count` inputs, so that the compiler unrolls it.
#define FOR_FEW(count, TILE)                                                                                           \
    switch (count) {                                                                                                   \
    case 1: TILE(1); break;                                                                                            \
    case 2: TILE(2); break;                                                                                            \
    case 3: TILE(BYTE_BATCH < 3 ? 1 : 3); break;                                                                       \
    default: TILE(BYTE_BATCH); break;                                                                                  \
    }

#define I8_TILE(rows, n)                                                                                               \
    i8_tile(rows, n, k, w + r * w_stride, w_stride, w_scales + r, x.values + b * x.stride, x.stride, x.scales + b,     \
            x.sums + b, y.values + b * y.stride + r, y.stride)
#define I8_FULL(n) I8_TILE(BYTE_ROWS, n)
#define I8_SINGLE(n) I8_TILE(1, n)

static void product_i8(size_t rows, size_t batch, size_t k, const int8_t *w, size_t w_stride, const float *w_scales,
                       ck_bytes x, ck_output y) {
    for (size_t r = 0; r < rows;) {
        size_t tile = rows - r >= BYTE_ROWS ? BYTE_ROWS : 1;
        for (size_t b = 0; b < batch;) {
            size_t count = batch - b < BYTE_BATCH ? batch - b : BYTE_BATCH;
            if (tile > 1) {
                FOR_FEW(count, I8_FULL)
            } else {
                FOR_FEW(count, I8_SINGLE)
            }
            b += count;
        }
        r += tile;
    }
}
