// Functions of rows of floats. lane_kernels.h includes this.

/// The scale of a row in which something is no number is none either, and so is whatever is made of the row.
static void quantize(size_t k, const float *x, size_t padded, int8_t *bytes, float *scale, int32_t *sum) {
    integers most = {0};
    size_t i = 0;
    for (; i + 16 <= k; i += 16) most = larger_magnitude(load(x + i), most);
    if (i < k) most = larger_magnitude(load_part(x + i, k - i), most);
    float largest = largest_magnitude(most);
    *scale = largest / 127.0f;
    // So small that its reciprocal is infinite: all bytes are zero.
    float factor = largest > 1e-36f ? 127.0f / largest : 0;
    typedef int8_t octets __attribute__((vector_size(16), aligned(1)));
    integers totals = {0};
    for (i = 0; i < k; i += 16) {
        lanes part = i + 16 <= k ? load(x + i) : load_part(x + i, k - i);
        integers whole = __builtin_convertvector(nearest(part * factor), integers);
        totals += whole;
        *(octets *)(bytes + i) = __builtin_convertvector(whole, octets);
    }
    for (; i < padded; i += 16) *(octets *)(bytes + i) = (octets){0};
    *sum = __builtin_reduce_add(totals);
}

static void norm(size_t k, const float *x, int centered, float epsilon, const float *scale,
                 const float *bias, float *y) {
    size_t whole = k / 16 * 16, rest = k - whole;
    lanes sums = {0};
    if (centered) {
        for (size_t i = 0; i < whole; i += 16) sums += load(x + i);
        if (rest) sums += load_part(x + whole, rest);
    }
    float mean = total(sums) / (float)k;
    lanes squares = {0};
    for (size_t i = 0; i < whole; i += 16) {
        lanes d = load(x + i) - mean;
        squares += d * d;
    }
    if (rest) {
        float differences[16] = {0};
        for (size_t i = 0; i < rest; i++) differences[i] = x[whole + i] - mean;
        lanes d = load(differences);
        squares += d * d;
    }
    float factor = 1.0f / __builtin_sqrtf(total(squares) / (float)k + epsilon);
    for (size_t i = 0; i < k; i += 16) {
        size_t n = k - i < 16 ? k - i : 16;
        lanes value = (n == 16 ? load(x + i) : load_part(x + i, n)) - mean;
        value = value * factor;
        if (scale) value = value * (n == 16 ? load(scale + i) : load_part(scale + i, n));
        if (bias) value = value + (n == 16 ? load(bias + i) : load_part(bias + i, n));
        if (n == 16) store(y + i, value);
        else store_part(y + i, value, n);
    }
}

static void add(size_t k, float *x, float factor, const float *y) {
    size_t i = 0;
    for (; i + 16 <= k; i += 16) store(x + i, load(x + i) * factor + load(y + i));
    if (i < k) store_part(x + i, load_part(x + i, k - i) * factor + load_part(y + i, k - i), k - i);
}

static void activate(size_t k, ck_activation activation, float *x, const float *gate) {
    size_t i = 0;
    for (; i + 16 <= k; i += 16) {
        lanes value = activated(activation, load(x + i));
        store(x + i, gate ? value * load(gate + i) : value);
    }
    if (i == k) return;
    lanes value = activated(activation, load_part(x + i, k - i));
    store_part(x + i, gate ? value * load_part(gate + i, k - i) : value, k - i);
}

static void unit(size_t k, float *x) {
    lanes squares = {0};
    size_t i = 0;
    for (; i + 16 <= k; i += 16) squares += load(x + i) * load(x + i);
    if (i < k) squares += load_part(x + i, k - i) * load_part(x + i, k - i);
    float length = __builtin_sqrtf(total(squares)) + 1e-8f;
    for (i = 0; i + 16 <= k; i += 16) store(x + i, load(x + i) / length);
    if (i < k) store_part(x + i, load_part(x + i, k - i) / length, k - i);
}

static void from_half(size_t k, const uint16_t *x, float *y) {
    size_t i = 0;
    for (; i + 16 <= k; i += 16) store(y + i, load_half(x + i));
    if (i < k) store_part(y + i, load_half_part(x + i, k - i), k - i);
}
