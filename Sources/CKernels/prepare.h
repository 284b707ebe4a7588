// What convolutions read: the pixels, laid out as convolve.h takes them, and panels of weights. lane_kernels.h
// includes this.

enum { NO_SWISH, SWISH, QUICK_SWISH };

/// x times its sigmoid to 3e-6 relative: enough for what then becomes a byte, in half the operations.
INLINE lanes quick_swish(lanes x) {
    const lanes shift = all(12582912.0f);
    // e^-x = 2^t; beyond ± 80 nothing changes any more.
    lanes t = x * -1.44269504f;
    t = choose(t > all(80.0f), all(80.0f), t);
    t = choose(t < all(-80.0f), all(-80.0f), t);
    lanes n = t + shift;
    lanes r = t - (n - shift);
    lanes p = r * 0.00957010189f + 0.0559178603f;
    p = p * r + 0.240247448f;
    p = p * r + 0.693121815f;
    p = p * r + 0.999999261f;
    // The whole part is in the lowest bits of n.
    lanes power = (lanes)((integers)p + ((integers)n << 23));
    return x / (1.0f + power);
}

/// Up to 16 channels of a pixel, or their mean in a square of four.
INLINE lanes pixel(const ck_preparation *p, const float *x, size_t n) {
    lanes value = n == 16 ? load(x) : load_part(x, n);
    if (!p->row_below) return value;
    const float *below = x + p->row_below;
    lanes right = n == 16 ? load(x + p->channels) : load_part(x + p->channels, n);
    lanes under = n == 16 ? load(below) : load_part(below, n);
    lanes opposite = n == 16 ? load(below + p->channels) : load_part(below + p->channels, n);
    return (value + right + under + opposite) * 0.25f;
}

/// Norm and swish of 16 channels of a pixel.
INLINE lanes prepared(const ck_preparation *p, int swish, const float *x, size_t channel, size_t n) {
    lanes value = pixel(p, x, n);
    if (p->factor) {
        lanes factor = n == 16 ? load(p->factor + channel) : load_part(p->factor + channel, n);
        lanes offset = n == 16 ? load(p->offset + channel) : load_part(p->offset + channel, n);
        value = value * factor + offset;
    }
    return swish == NO_SWISH ? value : swish == SWISH ? value * sigmoid(value) : quick_swish(value);
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
    if (p->swish) prepare_floats(p, SWISH, pixels, x, x_stride, y);
    else prepare_floats(p, NO_SWISH, pixels, x, x_stride, y);
}

typedef uint8_t unsigned_octets __attribute__((vector_size(16), aligned(1)));

/// Channels of a pixel that are kept until its scale is known; of more, norm and swish are computed again.
enum { KEPT_CHANNELS = 2048 };

/// `is_signed`: bytes stand for numbers around zero, else for those from `least` on.
INLINE void prepare_bytes(const ck_preparation *p, int swish, int is_signed, float least, size_t pixels, const float *x,
                          size_t x_stride, uint8_t *y, float *scales) {
    _Alignas(64) float kept[KEPT_CHANNELS];
    size_t padded = (p->channels + 63) / 64 * 64;
    int keeps = p->channels <= KEPT_CHANNELS;
    for (size_t i = 0; i < pixels; i++, x += x_stride) {
        lanes most = all(least);
        // Comparing loses what is no number, and it must not become a byte like any other.
        integers none = {0};
        for (size_t c = 0; c < p->channels; c += 16) {
            lanes value = prepared(p, swish, x + c, c, lesser(p->channels - c, 16));
            if (keeps) store(kept + c, value);
            most = larger(is_signed ? magnitude(value) : value, most);
            none |= value != value;
        }
        float largest = __builtin_reduce_or(none) ? __builtin_nanf("") : largest_lane(most);
        float scale = is_signed ? largest / 127 : (largest - least) / 255;
        // So small that its reciprocal is infinite: all numbers are zero, or the least that there is.
        float factor = scale > 1e-36f ? 1 / scale : 0;
        for (size_t c = 0; c < padded; c += 16) {
            unsigned_octets octets = {0};
            if (c < p->channels) {
                lanes value = keeps ? load(kept + c) : prepared(p, swish, x + c, c, lesser(p->channels - c, 16));
                lanes places = nearest(is_signed ? value * factor + 128.0f : (value - least) * factor);
                // Rounding may bring the largest beyond the end, and the least below zero.
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
    if (p->swish) prepare_bytes(p, QUICK_SWISH, 0, CK_SWISH_LEAST, pixels, x, x_stride, y, scales);
    else if (p->is_positive) prepare_bytes(p, NO_SWISH, 0, 0, pixels, x, x_stride, y, scales);
    else prepare_bytes(p, NO_SWISH, 1, 0, pixels, x, x_stride, y, scales);
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

/// Where number `input` of a step's row `output` lies in a panel of floats.
INLINE size_t panel_place(size_t outputs, size_t input, size_t output) {
    return outputs <= CK_NARROW ? output * 16 + input : input * CK_PANEL + output;
}

INLINE size_t panel_step(size_t outputs) { return outputs <= CK_NARROW ? outputs * 16 : CK_PANEL * 16; }

/// Weights are fetched so many bytes before their turn: of many rows at once the machine does not see where they go.
enum { PACK_AHEAD = 256 };

INLINE void fetch_starts(size_t outputs, const void *w, size_t stride) {
    for (size_t o = 0; o < outputs; o++) {
        for (size_t at = 0; at < PACK_AHEAD; at += 64) __builtin_prefetch((const uint8_t *)w + o * stride + at);
    }
}

#define FLOAT_PANEL(name, type, load_whole, load_some)                                                                \
    INLINE lanes name##_row(const type *p, size_t n) { return n >= 16 ? load_whole(p) : load_some(p, n); }             \
    static void name(size_t outputs, size_t taps, size_t inputs, const type *w, size_t w_stride, float *panel) {       \
        fetch_starts(outputs, w, w_stride * sizeof(type));                                                             \
        for (size_t t = 0; t < taps; t++) {                                                                            \
            for (size_t c = 0; c < inputs; c += 16) {                                                                  \
                float *step = panel + (c / 16 * taps + t) * panel_step(outputs);                                       \
                for (size_t o = 0; outputs <= CK_NARROW && o < outputs; o++) {                                         \
                    store(step + o * 16, name##_row(w + o * w_stride + t * inputs + c, inputs - c));                   \
                }                                                                                                      \
                if (outputs <= CK_NARROW) continue;                                                                    \
                for (size_t half = 0; half < CK_PANEL; half += 16) {                                                   \
                    lanes rows[16];                                                                                    \
                    for (size_t o = 0; o < 16; o++) {                                                                  \
                        const type *row = w + (half + o) * w_stride + t * inputs + c;                                  \
                        rows[o] = half + o < outputs ? name##_row(row, inputs - c) : (lanes){0};                       \
                        __builtin_prefetch((const uint8_t *)row + PACK_AHEAD);                                         \
                    }                                                                                                  \
                    store_transposed(rows, step + half);                                                               \
                }                                                                                                      \
            }                                                                                                          \
        }                                                                                                              \
    }

FLOAT_PANEL(pack_f32, float, load, load_part)
FLOAT_PANEL(pack_f16, uint16_t, load_half, load_half_part)
FLOAT_PANEL(pack_bf16, uint16_t, load_brain, load_brain_part)

static void pack_columns(size_t outputs, size_t inputs, const float *x, size_t x_stride, float *panel) {
    for (size_t c = 0; c < inputs; c += 16, panel += panel_step(outputs)) {
        memset(panel, 0, panel_step(outputs) * sizeof(float));
        for (size_t i = 0; i < 16 && c + i < inputs; i++) {
            for (size_t o = 0; o < outputs; o++) panel[panel_place(outputs, i, o)] = x[(c + i) * x_stride + o];
        }
    }
}

typedef int16_t shorts __attribute__((vector_size(64)));

static void pack_i8(size_t outputs, size_t taps, size_t inputs, const int8_t *w, size_t w_stride, int32_t *panel,
                    int32_t *sums) {
    fetch_starts(outputs, w, w_stride);
    for (size_t t = 0; t < taps; t++, sums += CK_PANEL) {
        memset(sums, 0, CK_PANEL * sizeof(int32_t));
        for (size_t c = 0; c < inputs; c += 64, panel += 16 * CK_PANEL) {
            for (size_t half = 0; half < CK_PANEL; half += 16) {
                lanes rows[16];
                for (size_t o = 0; o < 16; o++) {
                    rows[o] = (lanes){0};
                    const int8_t *row = w + (half + o) * w_stride + t * inputs + c;
                    if (half + o >= outputs) continue;
                    __builtin_prefetch(row + PACK_AHEAD);
                    if (inputs - c >= 64) memcpy(&rows[o], row, 64);
                    else memcpy(&rows[o], row, inputs - c);
                }
                store_transposed(rows, (float *)panel + half);
                // Of four bytes the first and third, the second and fourth.
                shorts pairs = {0};
                for (size_t i = 0; i < 16; i++) {
                    shorts two = (shorts)load((float *)panel + half + i * CK_PANEL);
                    pairs += (two << 8 >> 8) + (two >> 8);
                }
                integers sum = (integers)load((float *)sums + half);
                store((float *)sums + half, (lanes)(sum + ((integers)pairs << 16 >> 16) + ((integers)pairs >> 16)));
            }
        }
    }
}
