// Convolutions of bytes on tiles; inside the target pragma of amx.c, after what it has for all tiles.
//
// Pixels that follow each other are the rows of a tile as they lie in memory, and so are the weights of a panel.

enum { PIXELS_0 = WEIGHTS_0, PIXELS_1 = WEIGHTS_1, PANEL_0 = INPUTS_0, PANEL_1 = INPUTS_1 };

/// 16 pixels' sums of one tap with 16 outputs become floats.
INLINE void finish_pixels(const int32_t *whole, const int32_t *weight_sums, int32_t zero, const float *scales,
                          float *sums, int first) {
    __m512i start = _mm512_mullo_epi32(_mm512_loadu_si512(weight_sums), _mm512_set1_epi32(-zero));
    UNROLL for (size_t p = 0; p < SIDE; p++) {
        float *sum = sums + p * CK_PANEL;
        __m512 value = _mm512_cvtepi32_ps(_mm512_add_epi32(_mm512_loadu_si512(whole + p * SIDE), start));
        __m512 before = first ? _mm512_setzero_ps() : _mm512_loadu_ps(sum);
        _mm512_storeu_ps(sum, _mm512_fmadd_ps(value, _mm512_set1_ps(scales[p]), before));
    }
}

#define FINISH_PIXELS(tile, pixel, output)                                                                             \
    _tile_stored(tile, whole, 64);                                                                                     \
    finish_pixels(whole, weight_sums + (output), zero, scales + (pixel), sums + (pixel) * CK_PANEL + (output), first)

/// 16 or 32 pixels of a row at one tap.
INLINE void pixel_tiles(int two_pixels, size_t steps, const uint8_t *input, const size_t *offsets,
                        const int32_t *panel, const int32_t *weight_sums, int32_t zero, const float *scales,
                        float *sums, int first) {
    int32_t whole[SIDE * SIDE];
    _tile_zero(SUMS_00);
    _tile_zero(SUMS_01);
    if (two_pixels) {
        _tile_zero(SUMS_10);
        _tile_zero(SUMS_11);
    }
    for (size_t s = 0; s < steps; s++, panel += SIDE * CK_PANEL) {
        const uint8_t *x = input + offsets[s];
        _tile_loadd(PANEL_0, panel, 4 * CK_PANEL);
        _tile_loadd(PIXELS_0, x, CK_PIXEL_BLOCK);
        _tile_dpbusd(SUMS_00, PIXELS_0, PANEL_0);
        _tile_loadd(PANEL_1, panel + SIDE, 4 * CK_PANEL);
        _tile_dpbusd(SUMS_01, PIXELS_0, PANEL_1);
        if (two_pixels) {
            _tile_loadd(PIXELS_1, x + SIDE * CK_PIXEL_BLOCK, CK_PIXEL_BLOCK);
            _tile_dpbusd(SUMS_10, PIXELS_1, PANEL_0);
            _tile_dpbusd(SUMS_11, PIXELS_1, PANEL_1);
        }
    }
    FINISH_PIXELS(SUMS_00, 0, 0);
    FINISH_PIXELS(SUMS_01, 0, SIDE);
    if (two_pixels) {
        FINISH_PIXELS(SUMS_10, SIDE, 0);
        FINISH_PIXELS(SUMS_11, SIDE, SIDE);
    }
}

static void convolve_tiles_i8(const ck_convolution *c) {
    _Alignas(64) float sums[CK_TILE_PIXELS * CK_PANEL];
    size_t steps = c->steps / c->taps, whole = c->pixels / SIDE * SIDE;
    int32_t zero = c->zero;
    if (whole > 0) configure();
    for (size_t row = 0; row < c->rows; row++) {
        for (size_t tap = 0; tap < c->taps; tap++) {
            const uint8_t *input = c->input + row * c->row_stride;
            const float *scales =
                (const float *)((const uint8_t *)c->scales + row * c->row_stride + c->scale_offsets[tap]);
            const int32_t *panel = (const int32_t *)c->panel + tap * steps * (SIDE * CK_PANEL);
            const int32_t *weight_sums = c->weight_sums + tap * CK_PANEL;
            float *row_sums = sums + row * c->pixels * CK_PANEL;
            size_t at = 0;
#define PIXEL_TILES(two_pixels)                                                                                        \
    pixel_tiles(two_pixels, steps, input + at * CK_PIXEL_BLOCK, c->offsets + tap * steps, panel, weight_sums, zero,    \
                scales + at, row_sums + at * CK_PANEL, tap == 0)
            for (; at + 2 * SIDE <= whole; at += 2 * SIDE) PIXEL_TILES(1);
            for (; at < whole; at += SIDE) PIXEL_TILES(0);
            // What makes no tile.
            for (; at < c->pixels; at++)
                bytes_piece(1, steps, input + at * CK_PIXEL_BLOCK, c->offsets + tap * steps, panel, weight_sums, zero,
                            scales + at, row_sums + at * CK_PANEL, tap == 0);
        }
    }
    if (whole > 0) _tile_release();
    finish(c, 1, sums);
}
