// Convolutions as products of a panel of weights with the pixels around each output, which nobody gathers: the input is
// laid out so that the pixels of a row lie side by side, a block of channels at a time, and a tap of the kernel is an
// offset. A level includes this after lanes.h, after defining
//   CONVOLVE_PIXELS   pixels whose sums with CK_PANEL outputs fit its registers, at most 12
//   bytes_piece       convolve_piece for one tap of whole numbers, each pixel with a scale

/// Sums that stay in memory between chunks of this many steps, so that a chunk's weights stay in the second cache.
enum { CONVOLVE_CHUNK = 72 };

INLINE integers load_integers(const int32_t *p) {
    integers x;
    memcpy(&x, p, sizeof x);
    return x;
}

/// Some neighbouring pixels of a row.
INLINE void convolve_piece(size_t pixels, int fused, size_t steps, const uint8_t *input, const size_t *offsets,
                           const float *panel, float *sums, int first) {
    lanes a[CONVOLVE_PIXELS], b[CONVOLVE_PIXELS];
    UNROLL for (size_t p = 0; p < pixels; p++) {
        a[p] = first ? (lanes){0} : load(sums + p * CK_PANEL);
        b[p] = first ? (lanes){0} : load(sums + p * CK_PANEL + 16);
    }
    for (size_t s = 0; s < steps; s++) {
        const float *x = (const float *)(input + offsets[s]);
        UNROLL for (size_t i = 0; i < 16; i++) {
            lanes u = load(panel), v = load(panel + 16);
            panel += CK_PANEL;
            UNROLL for (size_t p = 0; p < pixels; p++) {
                lanes e = all(x[p * 16 + i]);
                a[p] = fused ? MULTIPLY_ADD(e, u, a[p]) : e * u + a[p];
                b[p] = fused ? MULTIPLY_ADD(e, v, b[p]) : e * v + b[p];
            }
        }
    }
    UNROLL for (size_t p = 0; p < pixels; p++) {
        store(sums + p * CK_PANEL, a[p]);
        store(sums + p * CK_PANEL + 16, b[p]);
    }
}

/// Calls PIECE(n) for pieces of a row of `pixels`, `at` being where one starts.
#define FOR_PIECES(pixels, PIECE)                                                                                      \
    for (size_t at = 0, left; (left = (pixels) - at) > 0;) {                                                           \
        if (left >= CONVOLVE_PIXELS) {                                                                                 \
            PIECE(CONVOLVE_PIXELS);                                                                                    \
            at += CONVOLVE_PIXELS;                                                                                     \
        } else if (CONVOLVE_PIXELS > 8 && left >= 8) {                                                                 \
            PIECE(8);                                                                                                  \
            at += 8;                                                                                                   \
        } else if (CONVOLVE_PIXELS > 4 && left >= 4) {                                                                 \
            PIECE(4);                                                                                                  \
            at += 4;                                                                                                   \
        } else if (CONVOLVE_PIXELS > 2 && left >= 2) {                                                                 \
            PIECE(2);                                                                                                  \
            at += 2;                                                                                                   \
        } else {                                                                                                       \
            PIECE(1);                                                                                                  \
            at += 1;                                                                                                   \
        }                                                                                                              \
    }

/// What follows the sums: the scales of whole numbers, bias, residual, and what the next norm wants to know.
INLINE void finish_half(const ck_convolution *c, int of_bytes, const float *sums, size_t half, size_t n) {
    lanes bias = {0}, scale = {0}, sum = {0}, squares = {0};
    if (c->bias) bias = load_part(c->bias + half, n);
    if (of_bytes) {
        scale = load_part(c->weight_scales + half, n);
        if (c->after_swish) {
            integers weights = {0};
            for (size_t t = 0; t < c->taps; t++) weights += load_integers(c->weight_sums + t * CK_PANEL + half);
            bias += __builtin_convertvector(weights, lanes) * scale * CK_SWISH_LEAST;
        }
    }
    for (size_t row = 0; row < c->rows; row++) {
        for (size_t p = 0; p < c->pixels; p++) {
            size_t at = row * c->y_row_stride + p * c->y_stride + half;
            lanes value = load(sums + (row * c->pixels + p) * CK_PANEL + half);
            value = of_bytes ? value * scale + bias : value + bias;
            if (c->residual) value += n == 16 ? load(c->residual + at) : load_part(c->residual + at, n);
            if (n == 16) store(c->y + at, value);
            else store_part(c->y + at, value, n);
            sum += value;
            squares += value * value;
        }
    }
    if (!c->statistics) return;
    store_part(c->statistics + half, sum, n);
    store_part(c->statistics + c->statistics_stride + half, squares, n);
}

INLINE void finish(const ck_convolution *c, int of_bytes, const float *sums) {
    for (size_t half = 0; half < c->outputs; half += 16) {
        if (c->outputs - half >= 16) finish_half(c, of_bytes, sums, half, 16);
        else finish_half(c, of_bytes, sums, half, c->outputs - half);
    }
}

#define PIECE_SUMS (sums + (row * c->pixels + at) * CK_PANEL)
#define FLOAT_PIECE(n)                                                                                                 \
    convolve_piece(n, fused, steps, input + at * CK_PIXEL_BLOCK, c->offsets + start,                                   \
                   (const float *)c->panel + start * (16 * CK_PANEL), PIECE_SUMS, start == 0)
#define BYTES_PIECE(n)                                                                                                 \
    bytes_piece(n, steps, input + at * CK_PIXEL_BLOCK, c->offsets + tap * steps,                                       \
                (const int32_t *)c->panel + tap * steps * (16 * CK_PANEL), c->weight_sums + tap * CK_PANEL, zero,      \
                scales + at, PIECE_SUMS, tap == 0)

INLINE void convolve_floats(const ck_convolution *c, int fused, float *sums) {
    for (size_t start = 0; start < c->steps; start += CONVOLVE_CHUNK) {
        size_t steps = c->steps - start < CONVOLVE_CHUNK ? c->steps - start : CONVOLVE_CHUNK;
        for (size_t row = 0; row < c->rows; row++) {
            const uint8_t *input = c->input + row * c->row_stride;
            FOR_PIECES(c->pixels, FLOAT_PIECE)
        }
    }
}

static void convolve_f32(const ck_convolution *c, int fused) {
    _Alignas(64) float sums[CK_TILE_PIXELS * CK_PANEL];
    if (fused) convolve_floats(c, 1, sums);
    else convolve_floats(c, 0, sums);
    finish(c, 0, sums);
}

static void convolve_i8(const ck_convolution *c) {
    _Alignas(64) float sums[CK_TILE_PIXELS * CK_PANEL];
    size_t steps = c->steps / c->taps;
    int32_t zero = c->after_swish ? 0 : 128;
    for (size_t row = 0; row < c->rows; row++) {
        const uint8_t *input = c->input + row * c->row_stride;
        for (size_t tap = 0; tap < c->taps; tap++) {
            const float *scales =
                (const float *)((const uint8_t *)c->scales + row * c->row_stride + c->scale_offsets[tap]);
            FOR_PIECES(c->pixels, BYTES_PIECE)
        }
    }
    finish(c, 1, sums);
}

// What goes in.

/// Norm and swish of 16 channels of a pixel.
INLINE lanes prepared(const ck_preparation *p, int swish, const float *x, size_t channel, size_t n) {
    lanes value = n == 16 ? load(x) : load_part(x, n);
    if (p->factor) {
        lanes factor = n == 16 ? load(p->factor + channel) : load_part(p->factor + channel, n);
        lanes offset = n == 16 ? load(p->offset + channel) : load_part(p->offset + channel, n);
        value = value * factor + offset;
    }
    return swish ? value * sigmoid(value) : value;
}

INLINE size_t lesser(size_t a, size_t b) { return a < b ? a : b; }

INLINE void prepare_floats(const ck_preparation *p, int swish, size_t pixels, const float *x, size_t x_stride,
                           uint8_t *y) {
    for (size_t i = 0; i < pixels; i++) {
        for (size_t c = 0; c < p->channels; c += 16) {
            lanes value = prepared(p, swish, x + i * x_stride + c, c, lesser(p->channels - c, 16));
            float *place = (float *)(y + c / 16 * p->block_stride + i * p->copies * CK_PIXEL_BLOCK);
            store(place, value);
            if (p->copies == 2) store(place + 16, value);
        }
    }
}

static void prepare_f32(const ck_preparation *p, size_t pixels, const float *x, size_t x_stride, uint8_t *y) {
    if (p->swish) prepare_floats(p, 1, pixels, x, x_stride, y);
    else prepare_floats(p, 0, pixels, x, x_stride, y);
}

typedef uint8_t unsigned_octets __attribute__((vector_size(16), aligned(1)));

/// Channels of a pixel that are kept until its scale is known; of more, norm and swish are computed again.
enum { KEPT_CHANNELS = 2048 };

INLINE void prepare_bytes(const ck_preparation *p, int swish, size_t pixels, const float *x, size_t x_stride,
                          uint8_t *y, float *scales) {
    _Alignas(64) float kept[KEPT_CHANNELS];
    size_t padded = (p->channels + 63) / 64 * 64;
    int keeps = p->channels <= KEPT_CHANNELS;
    for (size_t i = 0; i < pixels; i++, x += x_stride) {
        lanes most = all(swish ? CK_SWISH_LEAST : 0);
        for (size_t c = 0; c < p->channels; c += 16) {
            lanes value = prepared(p, swish, x + c, c, lesser(p->channels - c, 16));
            if (keeps) store(kept + c, value);
            most = larger(swish ? value : magnitude(value), most);
        }
        float largest = largest_lane(most);
        float scale = swish ? (largest - CK_SWISH_LEAST) / 255 : largest / 127;
        // So small that its reciprocal is infinite: all numbers are zero, or the least that there is.
        float factor = scale > 1e-36f ? 1 / scale : 0;
        for (size_t c = 0; c < padded; c += 16) {
            unsigned_octets octets = {0};
            if (c < p->channels) {
                lanes value = keeps ? load(kept + c) : prepared(p, swish, x + c, c, lesser(p->channels - c, 16));
                lanes places = nearest(swish ? (value - CK_SWISH_LEAST) * factor : value * factor + 128.0f);
                // Rounding may bring the largest beyond the end, and the least of swish below zero.
                places = choose(places > all(255), all(255), larger(places, all(0)));
                octets = __builtin_convertvector(__builtin_convertvector(places, integers), unsigned_octets);
            }
            uint8_t *place = y + c / 64 * p->block_stride + i * p->copies * CK_PIXEL_BLOCK + c % 64;
            *(unsigned_octets *)place = octets;
            if (p->copies == 2) *(unsigned_octets *)(place + CK_PIXEL_BLOCK) = octets;
        }
        for (size_t copy = 0; copy < p->copies; copy++) *scales++ = scale;
    }
}

static void prepare_i8(const ck_preparation *p, size_t pixels, const float *x, size_t x_stride, uint8_t *y,
                       float *scales) {
    if (p->swish) prepare_bytes(p, 1, pixels, x, x_stride, y, scales);
    else prepare_bytes(p, 0, pixels, x, x_stride, y, scales);
}

// Panels of weights.

/// 16 vectors of 16 numbers, of which number i of vector o becomes number o of vector i, CK_PANEL apart.
INLINE void store_transposed(lanes *x, float *y) {
    lanes t[16];
    // Each round exchanges one bit of the vector's number with one of the place in it.
    UNROLL for (int i = 0; i < 8; i++) {
        t[2 * i] = __builtin_shufflevector(x[i], x[i + 8], 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
        t[2 * i + 1] =
            __builtin_shufflevector(x[i], x[i + 8], 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    }
    UNROLL for (int i = 0; i < 8; i++) {
        x[2 * i] = __builtin_shufflevector(t[i], t[i + 8], 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
        x[2 * i + 1] =
            __builtin_shufflevector(t[i], t[i + 8], 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    }
    UNROLL for (int i = 0; i < 8; i++) {
        t[2 * i] = __builtin_shufflevector(x[i], x[i + 8], 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
        t[2 * i + 1] =
            __builtin_shufflevector(x[i], x[i + 8], 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    }
    UNROLL for (int i = 0; i < 8; i++) {
        x[2 * i] = __builtin_shufflevector(t[i], t[i + 8], 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
        x[2 * i + 1] =
            __builtin_shufflevector(t[i], t[i + 8], 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    }
    UNROLL for (int i = 0; i < 16; i++) store(y + i * CK_PANEL, x[i]);
}

#define FLOAT_PANEL(name, type, load_whole, load_some)                                                                \
    INLINE lanes name##_row(const type *p, size_t n) { return n >= 16 ? load_whole(p) : load_some(p, n); }             \
    static void name(size_t outputs, size_t taps, size_t inputs, const type *w, size_t w_stride, float *panel) {       \
        for (size_t c = 0; c < inputs; c += 16) {                                                                      \
            for (size_t t = 0; t < taps; t++, panel += 16 * CK_PANEL) {                                                \
                for (size_t half = 0; half < CK_PANEL; half += 16) {                                                   \
                    lanes rows[16];                                                                                    \
                    for (size_t o = 0; o < 16; o++) {                                                                  \
                        const type *row = w + (half + o) * w_stride + t * inputs + c;                                  \
                        rows[o] = half + o < outputs ? name##_row(row, inputs - c) : (lanes){0};                       \
                    }                                                                                                  \
                    store_transposed(rows, panel + half);                                                              \
                }                                                                                                      \
            }                                                                                                          \
        }                                                                                                              \
    }

FLOAT_PANEL(pack_f32, float, load, load_part)
FLOAT_PANEL(pack_f16, uint16_t, load_half, load_half_part)
FLOAT_PANEL(pack_bf16, uint16_t, load_brain, load_brain_part)

static void pack_i8(size_t outputs, size_t taps, size_t inputs, const int8_t *w, size_t w_stride, int32_t *panel,
                    int32_t *sums) {
    for (size_t t = 0; t < taps; t++, sums += CK_PANEL) {
        for (size_t o = 0; o < CK_PANEL; o++) {
            int32_t sum = 0;
            for (size_t i = 0; o < outputs && i < inputs; i++) sum += w[o * w_stride + t * inputs + i];
            sums[o] = sum;
        }
        for (size_t c = 0; c < inputs; c += 64, panel += 16 * CK_PANEL) {
            for (size_t half = 0; half < CK_PANEL; half += 16) {
                lanes rows[16];
                for (size_t o = 0; o < 16; o++) {
                    rows[o] = (lanes){0};
                    const int8_t *row = w + (half + o) * w_stride + t * inputs + c;
                    if (half + o >= outputs) continue;
                    if (inputs - c >= 64) memcpy(&rows[o], row, 64);
                    else memcpy(&rows[o], row, inputs - c);
                }
                store_transposed(rows, (float *)panel + half);
            }
        }
    }
}

/// e^(x · scale) over its sum, into x.
static void softmax(size_t k, float *x, float scale) {
    lanes most = all(-__builtin_inff()), sum = {0};
    size_t i = 0;
    for (; i + 16 <= k; i += 16) most = larger(load(x + i), most);
    for (; i < k; i++) most[i % 16] = x[i] > most[i % 16] ? x[i] : most[i % 16];
    float largest = largest_lane(most);
    for (i = 0; i + 16 <= k; i += 16) {
        lanes e = exponential((load(x + i) - largest) * scale);
        store(x + i, e);
        sum += e;
    }
    if (i < k) {
        store_part(x + i, exponential((load_part(x + i, k - i) - largest) * scale), k - i);
        sum += load_part(x + i, k - i);
    }
    float gain = 1 / total(sum);
    for (i = 0; i + 16 <= k; i += 16) store(x + i, load(x + i) * gain);
    if (i < k) store_part(x + i, load_part(x + i, k - i) * gain, k - i);
}
