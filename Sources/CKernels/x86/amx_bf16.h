// Products with weights in bfloat16 on tiles; inside the target pragma of amx.c, after what it has for all tiles.
//
// A float is exactly the sum of three bfloat16 of 8 bits each, and their products with weights are exact in float32. All
// shapes take this way, so that a result does not depend on how work is cut.

enum {
    WORDS_OF_TILE = 32,
    PARTS = 3,
    /// Steps along a row whose inputs have room; after them sums wait in the output.
    STEPS_AT_ONCE = TILES_OF_INPUTS / PARTS,
};

/// Cuts 16 floats off at bfloat16 and leaves the rest in `x`.
INLINE __m256i next_part(__m512 *x) {
    __m512i bits = _mm512_and_si512(_mm512_castps_si512(*x), _mm512_set1_epi32((int)0xFFFF0000));
    *x = _mm512_sub_ps(*x, _mm512_castsi512_ps(bits));
    return _mm512_cvtepi32_epi16(_mm512_srli_epi32(bits, 16));
}

/// The parts of up to 16 inputs as tiles, three for every 32 numbers.
static void pack_parts(size_t batch, size_t k, const float *x, size_t x_stride, uint8_t *tiles) {
    for (size_t i = 0; i < k; i += WORDS_OF_TILE, tiles += PARTS * BYTES_OF_TILE) {
        size_t n = k - i < WORDS_OF_TILE ? k - i : WORDS_OF_TILE;
        __mmask32 whole = (__mmask32)((1ull << n) - 1);
        __mmask16 low = (__mmask16)whole, high = (__mmask16)(whole >> 16);
        __m512i rows[PARTS][SIDE];
        UNROLL for (size_t b = 0; b < SIDE; b++) {
            const float *input = x + (b < batch ? b : 0) * x_stride + i;
            __m512 first = _mm512_maskz_loadu_ps(b < batch ? low : 0, input);
            __m512 second = _mm512_maskz_loadu_ps(b < batch ? high : 0, input + 16);
            UNROLL for (size_t part = 0; part < PARTS; part++) {
                __m512i half = _mm512_castsi256_si512(next_part(&first));
                rows[part][b] = _mm512_inserti64x4(half, next_part(&second), 1);
            }
        }
        UNROLL for (size_t part = 0; part < PARTS; part++) {
            transpose(rows[part]);
            UNROLL for (size_t j = 0; j < SIDE; j++)
                _mm512_storeu_si512(tiles + part * BYTES_OF_TILE + 64 * j, rows[part][j]);
        }
    }
}

/// Sums for up to 16 weight rows and inputs, from the tile's order to the output's or back.
static void exchange(int is_back, size_t rows, size_t batch, float *sums, float *y, size_t y_stride) {
    __mmask16 mask = (__mmask16)((1u << rows) - 1);
    __m512i x[SIDE];
    UNROLL for (size_t i = 0; i < SIDE; i++) {
        if (is_back) x[i] = i < batch ? _mm512_maskz_loadu_epi32(mask, y + i * y_stride) : _mm512_setzero_si512();
        else x[i] = _mm512_loadu_si512(sums + i * SIDE);
    }
    transpose(x);
    UNROLL for (size_t i = 0; i < SIDE; i++) {
        if (is_back) _mm512_storeu_si512(sums + i * SIDE, x[i]);
        else if (i < batch) _mm512_mask_storeu_epi32(y + i * y_stride, mask, x[i]);
    }
}

/// Where rows or columns end, a tile of weights filled up with zeros.
static void copy_edge(size_t rows, size_t n, const uint16_t *w, size_t w_stride, uint16_t *edge) {
    memset(edge, 0, BYTES_OF_TILE);
    for (size_t r = 0; r < rows; r++) memcpy(edge + r * WORDS_OF_TILE, w + r * w_stride, n * sizeof *w);
}

#define LOAD_WEIGHTS(tile, first, count)                                                                               \
    if ((count) < SIDE || n < WORDS_OF_TILE) {                                                                         \
        copy_edge(count, n, w + (first) * w_stride + i, w_stride, edge);                                               \
        _tile_loadd(tile, edge, 64);                                                                                   \
    } else {                                                                                                           \
        _tile_loadd(tile, w + (first) * w_stride + i, w_stride * sizeof *w);                                           \
    }

#define LOAD_SUMS(tile, first, count)                                                                                  \
    if (goes_on) {                                                                                                     \
        exchange(1, count, batch, sums, y + (first), y_stride);                                                        \
        _tile_loadd(tile, sums, 64);                                                                                   \
    } else {                                                                                                           \
        _tile_zero(tile);                                                                                              \
    }

#define STORE_SUMS(tile, first, count)                                                                                 \
    _tile_stored(tile, sums, 64);                                                                                      \
    exchange(0, count, batch, sums, y + (first), y_stride)

/// Up to 32 weight rows with up to 16 inputs.
INLINE void bf16_tile(size_t rows, size_t batch, size_t k, const uint16_t *w, size_t w_stride, const uint8_t *tiles,
                      int goes_on, float *y, size_t y_stride) {
    float sums[SIDE * SIDE];
    uint16_t edge[SIDE * WORDS_OF_TILE];
    size_t first = rows < SIDE ? rows : SIDE, second = rows - first;
    LOAD_SUMS(SUMS_00, 0, first)
    if (second) { LOAD_SUMS(SUMS_10, SIDE, second) }
    for (size_t i = 0; i < k; i += WORDS_OF_TILE, tiles += PARTS * BYTES_OF_TILE) {
        size_t n = k - i < WORDS_OF_TILE ? k - i : WORDS_OF_TILE;
        LOAD_WEIGHTS(WEIGHTS_0, 0, first)
        if (second) { LOAD_WEIGHTS(WEIGHTS_1, SIDE, second) }
        // From the largest part down.
        for (size_t part = 0; part < PARTS; part++) {
            _tile_loadd(INPUTS_0, tiles + part * BYTES_OF_TILE, 64);
            _tile_dpbf16ps(SUMS_00, WEIGHTS_0, INPUTS_0);
            if (second) _tile_dpbf16ps(SUMS_10, WEIGHTS_1, INPUTS_0);
        }
    }
    STORE_SUMS(SUMS_00, 0, first);
    if (second) { STORE_SUMS(SUMS_10, SIDE, second); }
}

static void product_tiles_bf16(size_t rows, size_t batch, size_t k, const uint16_t *w, size_t w_stride, const float *x,
                               size_t x_stride, ck_output y) {
    uint8_t tiles[STEPS_AT_ONCE * PARTS * BYTES_OF_TILE] __attribute__((aligned(64)));
    configure();
    for (size_t b = 0; b < batch; b += SIDE) {
        size_t count = batch - b < SIDE ? batch - b : SIDE;
        for (size_t i = 0; i < k; i += STEPS_AT_ONCE * WORDS_OF_TILE) {
            size_t n = k - i < STEPS_AT_ONCE * WORDS_OF_TILE ? k - i : STEPS_AT_ONCE * WORDS_OF_TILE;
            pack_parts(count, n, x + b * x_stride + i, x_stride, tiles);
            for (size_t r = 0; r < rows; r += 2 * SIDE)
                bf16_tile(rows - r < 2 * SIDE ? rows - r : 2 * SIDE, count, n, w + r * w_stride + i, w_stride, tiles,
                          i > 0, y.values + b * y.stride + r, y.stride);
        }
    }
    _tile_release();
}
