// Winograd's convolutions F(4 x 4, 3 x 3): 6 x 6 pixels and the kernel become 36 numbers each, whose products, summed over
// the channels, become 4 x 4 outputs. So there are 36 products where there were 144. That is interpolation at six points
// along each axis: 0, ±5/8, ±3/2 and infinity, whose powers are exact, and which leave half the error of 0, ±1, ±2.
// convolve.h includes this at its end.

enum { SQUARE = CK_SQUARE_SIDE + 2 };

#define NEAR 0.625f
#define FAR 1.5f
#define NEAR2 (NEAR * NEAR)
#define FAR2 (FAR * FAR)

INLINE lanes plus_times(int fused, lanes a, float factor, lanes b) {
    return fused ? MULTIPLY_ADD(b, all(factor), a) : b * factor + a;
}

/// Six pixels, times polynomials that are zero at all points but one.
INLINE void transform_pixels(int fused, const lanes d[SQUARE], lanes v[SQUARE]) {
    lanes even = plus_times(fused, d[4], -FAR2, d[2]), odd = plus_times(fused, d[3], -FAR2, d[1]);
    v[0] = plus_times(fused, plus_times(fused, d[4], -(NEAR2 + FAR2), d[2]), NEAR2 * FAR2, d[0]);
    v[1] = plus_times(fused, even, NEAR, odd);
    v[2] = plus_times(fused, even, -NEAR, odd);
    even = plus_times(fused, d[4], -NEAR2, d[2]);
    odd = plus_times(fused, d[3], -NEAR2, d[1]);
    v[3] = plus_times(fused, even, FAR, odd);
    v[4] = plus_times(fused, even, -FAR, odd);
    v[5] = plus_times(fused, plus_times(fused, d[5], -(NEAR2 + FAR2), d[3]), NEAR2 * FAR2, d[1]);
}

/// The values of a polynomial of three weights, each over what the polynomial for its point is there.
INLINE void transform_weights(const lanes g[3], lanes u[SQUARE]) {
    const float near = 1 / (2 * NEAR2 * (NEAR2 - FAR2)), far = 1 / (2 * FAR2 * (FAR2 - NEAR2));
    lanes even = g[2] * NEAR2 + g[0], odd = g[1] * NEAR;
    u[0] = g[0] * (1 / (NEAR2 * FAR2));
    u[1] = (even + odd) * near;
    u[2] = (even - odd) * near;
    even = g[2] * FAR2 + g[0];
    odd = g[1] * FAR;
    u[3] = (even + odd) * far;
    u[4] = (even - odd) * far;
    u[5] = g[2];
}

/// Six sums of products times their points' powers.
INLINE void transform_sums(int fused, const lanes m[SQUARE], lanes y[CK_SQUARE_SIDE]) {
    lanes even = m[1] + m[2], odd = m[1] - m[2], even2 = m[3] + m[4], odd2 = m[3] - m[4];
    y[0] = m[0] + even + even2;
    y[1] = plus_times(fused, odd * NEAR, FAR, odd2);
    y[2] = plus_times(fused, even * NEAR2, FAR2, even2);
    y[3] = plus_times(fused, plus_times(fused, m[5], NEAR2 * NEAR, odd), FAR2 * FAR, odd2);
}

INLINE void square_all(const ck_squares *s, int fused, float *numbers) {
    size_t stride = ck_squares_stride(s->blocks);
    for (size_t block = 0; block < s->blocks; block++) {
        for (size_t square = 0; square < s->rows * s->columns; square++) {
            size_t row = square / s->columns * CK_SQUARE_SIDE, column = square % s->columns * CK_SQUARE_SIDE;
            const uint8_t *input = s->input + row * s->row_stride + block * s->block_stride + column * CK_PIXEL_BLOCK;
            lanes across[SQUARE][SQUARE];
            for (size_t r = 0; r < SQUARE; r++) {
                lanes pixels[SQUARE];
                UNROLL for (size_t i = 0; i < SQUARE; i++) {
                    pixels[i] = load((const float *)(input + r * s->row_stride) + 16 * i);
                }
                transform_pixels(fused, pixels, across[r]);
            }
            float *place = numbers + (block * CK_TILE_SQUARES + square) * 16;
            for (size_t i = 0; i < SQUARE; i++, place += stride) {
                lanes pixels[SQUARE], down[SQUARE];
                UNROLL for (size_t r = 0; r < SQUARE; r++) pixels[r] = across[r][i];
                transform_pixels(fused, pixels, down);
                UNROLL for (size_t r = 0; r < SQUARE; r++) store(place + r * SQUARE * stride, down[r]);
            }
        }
    }
}

static void square_pixels(const ck_squares *squares, int fused, float *numbers) {
    if (fused) square_all(squares, 1, numbers);
    else square_all(squares, 0, numbers);
}

static void square_panel(size_t blocks, const float *panel, float *squared) {
    enum { STEP = 16 * CK_PANEL };
    for (size_t block = 0; block < blocks; block++, panel += 9 * STEP) {
        for (size_t at = 0; at < STEP; at += 16, squared += 16) {
            lanes across[3][SQUARE];
            UNROLL for (size_t r = 0; r < 3; r++) {
                lanes weights[3];
                UNROLL for (size_t i = 0; i < 3; i++) weights[i] = load(panel + (3 * r + i) * STEP + at);
                transform_weights(weights, across[r]);
            }
            for (size_t i = 0; i < SQUARE; i++) {
                lanes weights[3] = {across[0][i], across[1][i], across[2][i]}, down[SQUARE];
                transform_weights(weights, down);
                UNROLL for (size_t r = 0; r < SQUARE; r++) {
                    store(squared + (r * SQUARE + i) * blocks * STEP, down[r]);
                }
            }
        }
    }
}

/// The sums of a tile become its outputs, and those are finished.
INLINE void finish_squares(const ck_convolution *c, int fused, const float *sums, size_t half, size_t n) {
    lanes bias = {0}, scale = all(1), sum = {0}, squares = {0};
    if (c->bias) bias = load_part(c->bias + half, n);
    if (c->output_scales) scale = load_part(c->output_scales + half, n);
    for (size_t row = 0; row < c->rows; row += CK_SQUARE_SIDE) {
        for (size_t column = 0; column < c->pixels; column += CK_SQUARE_SIDE, sums += CK_PANEL) {
            size_t rows = lesser(c->rows - row, CK_SQUARE_SIDE), columns = lesser(c->pixels - column, CK_SQUARE_SIDE);
            lanes across[SQUARE][CK_SQUARE_SIDE];
            for (size_t r = 0; r < SQUARE; r++) {
                lanes m[SQUARE];
                UNROLL for (size_t i = 0; i < SQUARE; i++) m[i] = load(sums + (r * SQUARE + i) * CK_SUMS_STRIDE + half);
                transform_sums(fused, m, across[r]);
            }
            for (size_t i = 0; i < columns; i++) {
                lanes m[SQUARE], down[CK_SQUARE_SIDE];
                UNROLL for (size_t r = 0; r < SQUARE; r++) m[r] = across[r][i];
                transform_sums(fused, m, down);
                for (size_t r = 0; r < rows; r++) {
                    lanes value = finish_value(c, row + r, column + i, half, down[r] * scale + bias, n);
                    sum += value;
                    squares += value * value;
                }
            }
        }
    }
    store_statistics(c, half, sum, squares, n);
}

#define SQUARES_PIECE(n)                                                                                               \
    convolve_piece(n, fused, c->steps, input + at * CK_PIXEL_BLOCK, c->offsets, panel, number_sums + at * CK_PANEL, 1)

INLINE void convolve_numbers(const ck_convolution *c, int fused, float *sums) {
    size_t rows = (c->rows + CK_SQUARE_SIDE - 1) / CK_SQUARE_SIDE;
    size_t squares = rows * ((c->pixels + CK_SQUARE_SIDE - 1) / CK_SQUARE_SIDE);
    for (size_t number = 0; number < CK_SQUARE_NUMBERS; number++) {
        const uint8_t *input = c->input + number * ck_squares_stride(c->steps) * sizeof(float);
        const float *panel = (const float *)c->panel + number * c->steps * (16 * CK_PANEL);
        float *number_sums = sums + number * CK_SUMS_STRIDE;
        FOR_PIECES(FLOAT_PIXELS, squares, SQUARES_PIECE)
    }
    for (size_t half = 0; half < c->outputs; half += 16) {
        if (c->outputs - half >= 16) finish_squares(c, fused, sums, half, 16);
        else finish_squares(c, fused, sums, half, c->outputs - half);
    }
}

static void convolve_squares(const ck_convolution *tile, int fused, float *sums) {
    if (fused) convolve_numbers(tile, 1, sums);
    else convolve_numbers(tile, 0, sums);
}
