// Rows of weights as whole numbers of 8 bits.

typedef double doubles __attribute__((vector_size(64)));
typedef float half_lanes __attribute__((vector_size(32)));
typedef int8_t bytes_anywhere __attribute__((vector_size(16), aligned(1)));

static float largest(size_t k, const float *x) {
    // The bits of magnitudes have the order of whole numbers, those of what is no number above all.
    integers most = {0};
    size_t i = 0;
    for (; i + 16 <= k; i += 16) most = __builtin_elementwise_max(most, (integers)magnitude(load(x + i)));
    if (i < k) most = __builtin_elementwise_max(most, (integers)magnitude(load_part(x + i, k - i)));
    int32_t bits = largest_integer(most);
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/// Adds a², (a − b)² and b².
INLINE void add_squares(doubles *sums, half_lanes x, half_lanes y) {
    doubles a = __builtin_convertvector(x, doubles), b = __builtin_convertvector(y, doubles);
    sums[0] += a * a;
    sums[1] += (a - b) * (a - b);
    sums[2] += b * b;
}

static void int8_row(size_t k, const float *x, float scale, float inverse, int8_t *numbers, double *squares) {
    doubles sums[3] = {{0}};
    for (size_t i = 0; i < k; i += 16) {
        lanes value = load(x + i), number = nearest(value * inverse), y = number * scale;
        *(bytes_anywhere *)(numbers + i) =
            __builtin_convertvector(__builtin_convertvector(number, integers), bytes_anywhere);
        add_squares(sums, __builtin_shufflevector(value, value, 0, 1, 2, 3, 4, 5, 6, 7),
                    __builtin_shufflevector(y, y, 0, 1, 2, 3, 4, 5, 6, 7));
        add_squares(sums, __builtin_shufflevector(value, value, 8, 9, 10, 11, 12, 13, 14, 15),
                    __builtin_shufflevector(y, y, 8, 9, 10, 11, 12, 13, 14, 15));
    }
    for (size_t kind = 0; kind < 3; kind++) {
        double *lane = (double *)&sums[kind];
        for (size_t half = 4; half > 0; half /= 2) {
            for (size_t l = 0; l < half; l++) lane[l] += lane[l + half];
        }
        squares[kind] = lane[0];
    }
}
