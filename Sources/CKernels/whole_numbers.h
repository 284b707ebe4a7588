// Weights to whole numbers, for files: what a file holds must not depend on the machine. lane_kernels.h includes this.

/// What the numbers of a group of 4-bit weights are multiplied by, for each code: with a number from −8 to 7 it gives a
/// byte. The last eight are the first with the other sign. Steps are fine where most groups are, and reach far down for a
/// row in which one column is much larger than the others.
#define FOR_CODES(USE)                                                                                                 \
    USE(1), USE(2), USE(4), USE(6), USE(8), USE(10), USE(12), USE(15),                                                 \
    USE(-1), USE(-2), USE(-4), USE(-6), USE(-8), USE(-10), USE(-12), USE(-15)
#define ITSELF(m) (m)

enum { MAGNITUDES = 8, GROUP = 16 };
static const float multipliers[2 * MAGNITUDES] = {FOR_CODES(ITSELF)};

/// The largest magnitude, of what is no number before all others.
static float largest(size_t k, const float *x) {
    integers most = {0};
    size_t i = 0;
    for (; i + 16 <= k; i += 16) most = larger_magnitude(load(x + i), most);
    if (i < k) most = larger_magnitude(load_part(x + i, k - i), most);
    return largest_magnitude(most);
}

// Sums of errors, in eight parts.

typedef double eight __attribute__((vector_size(64)));
typedef float eight_floats __attribute__((vector_size(32)));

/// Adds a², (a − b)² and b².
INLINE void add_errors(eight_floats x, eight_floats y, eight sums[3]) {
    eight a = __builtin_convertvector(x, eight), b = __builtin_convertvector(y, eight);
    sums[0] += a * a;
    sums[1] += (a - b) * (a - b);
    sums[2] += b * b;
}

#define LOWER_HALF(x) __builtin_shufflevector(x, x, 0, 1, 2, 3, 4, 5, 6, 7)
#define UPPER_HALF(x) __builtin_shufflevector(x, x, 8, 9, 10, 11, 12, 13, 14, 15)

INLINE void add_errors_of_both(lanes x, lanes y, eight sums[3]) {
    add_errors(LOWER_HALF(x), LOWER_HALF(y), sums);
    add_errors(UPPER_HALF(x), UPPER_HALF(y), sums);
}

INLINE void add_parts(const eight sums[3], double *squares) {
    for (size_t kind = 0; kind < 3; kind++) {
        eight parts = sums[kind];
        for (size_t half = 4; half > 0; half /= 2) {
            for (size_t l = 0; l < half; l++) parts[l] += parts[l + half];
        }
        squares[kind] = parts[0];
    }
}

static void error_sums(size_t count, const float *x, const float *y, double *squares) {
    eight sums[3] = {{0}};
    size_t i = 0;
    for (; i + 16 <= count; i += 16) add_errors_of_both(load(x + i), load(y + i), sums);
    if (i < count) add_errors_of_both(load_part(x + i, count - i), load_part(y + i, count - i), sums);
    add_parts(sums, squares);
}

typedef int8_t octets __attribute__((vector_size(16), aligned(1)));

static void error_sums_i8(size_t k, const float *x, const int8_t *numbers, float scale, double *squares) {
    eight sums[3] = {{0}};
    for (size_t i = 0; i < k; i += 16) {
        integers whole = __builtin_convertvector(*(const octets *)(numbers + i), integers);
        add_errors_of_both(load(x + i), __builtin_convertvector(whole, lanes) * scale, sums);
    }
    add_parts(sums, squares);
}

static void numbers_i8(size_t k, const float *x, float inverse, int8_t *numbers) {
    for (size_t i = 0; i < k; i += 16) {
        integers whole = __builtin_convertvector(nearest(load(x + i) * inverse), integers);
        *(octets *)(numbers + i) = __builtin_convertvector(whole, octets);
    }
}

INLINE lanes smaller(lanes a, lanes b) { return choose(a < b, a, b); }

/// The nearest of the numbers of 4 bits.
INLINE lanes nearest_i4(lanes x) { return nearest(smaller(larger(x, all(-8)), all(7))); }

/// Up to 16 groups, the others zero: number j of group l becomes lane l of x[j].
INLINE void load_groups(size_t groups, const float *p, lanes x[GROUP]) {
    UNROLL for (size_t g = 0; g < 16; g++) x[g] = g < groups ? load(p + g * GROUP) : all(0);
    // Each step doubles the distance between neighbours.
    UNROLL for (size_t step = 0; step < 4; step++) {
        lanes y[GROUP];
        UNROLL for (size_t j = 0; j < 8; j++) {
            y[2 * j] = __builtin_shufflevector(x[j], x[j + 8], 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
            y[2 * j + 1] =
                __builtin_shufflevector(x[j], x[j + 8], 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
        }
        memcpy(x, y, sizeof y);
    }
}

INLINE lanes multiplier(integers code) {
    integers place = code & (MAGNITUDES - 1), sign = (code & MAGNITUDES) << 28;
    lanes m = all(multipliers[0]);
    UNROLL for (int32_t c = 1; c < MAGNITUDES; c++) m = choose(place == c, all(multipliers[c]), m);
    return (lanes)((integers)m | sign);
}

/// The codes of groups by the least squared error, in lanes, and that error. The number of largest magnitude, of two the
/// negative one, is to become −8: this gives the sign, and three magnitudes to be tried. All 16 codes together are less
/// than 0.01 dB better.
INLINE integers choose_codes(const lanes x[GROUP], const lanes *weights, lanes *error) {
    lanes most = all(0), least = all(0);
    UNROLL for (size_t j = 0; j < GROUP; j++) {
        most = larger(x[j], most);
        least = smaller(x[j], least);
    }
    lanes natural = larger(most, -least) / 8.0f;
    integers sign = (most > -least) & MAGNITUDES, middle = {0}, best = {0};
    // The first magnitude that is enough, or the last.
    UNROLL for (int32_t c = 0; c < MAGNITUDES - 1; c++) middle -= all(multipliers[c]) < natural;
    *error = all(__builtin_inff());
    static const int32_t offsets[3] = {0, -1, 1};
    for (size_t i = 0; i < 3; i++) {
        integers code = middle + offsets[i];
        // Only one step beyond an end.
        code -= (code > MAGNITUDES - 1) & 1;
        code += (code < 0) & 1;
        code |= sign;
        lanes m = multiplier(code), inverse = 1.0f / m, sum = all(0);
        UNROLL for (size_t j = 0; j < GROUP; j++) {
            lanes difference = x[j] - nearest_i4(x[j] * inverse) * m;
            sum += weights ? weights[j] * (difference * difference) : difference * difference;
        }
        integers better = sum < *error;
        *error = choose(better, sum, *error);
        best = (code & better) | (best & ~better);
    }
    return best;
}

static float numbers_i4(size_t k, const float *x, const float *weights, float scale, uint8_t *row) {
    float inverse = scale > 0 ? 1.0f / scale : 0;
    uint8_t *codes = row + k / 2;
    lanes errors = all(0);
    for (size_t i = 0; i < k; i += 16 * GROUP, x += 16 * GROUP) {
        size_t groups = k - i < 16 * GROUP ? (k - i) / GROUP : 16;
        lanes values[GROUP], importance[GROUP], error;
        load_groups(groups, x, values);
        UNROLL for (size_t j = 0; j < GROUP; j++) values[j] *= inverse;
        if (weights) load_groups(groups, weights + i, importance);
        integers chosen = choose_codes(values, weights ? importance : NULL, &error);
        errors += error;
        float factors[16];
        store(factors, 1.0f / multiplier(chosen));
        for (size_t g = 0; g < groups; g += 2) codes[(i / GROUP + g) / 2] = (uint8_t)(chosen[g] | chosen[g + 1] << 4);
        for (size_t g = 0; g < groups; g += g % 4 == 0 ? 1 : 3) {
            // The lower halves of 16 bytes, and the upper ones.
            lanes lower = load(x + g * GROUP) * inverse, upper = load(x + (g + 2) * GROUP) * inverse;
            integers whole = __builtin_convertvector(nearest_i4(lower * factors[g]), integers) + 8;
            whole |= (__builtin_convertvector(nearest_i4(upper * factors[g + 2]), integers) + 8) << 4;
            *(octets *)(row + i / 2 + (g / 4 * 2 + g % 4) * GROUP) = __builtin_convertvector(whole, octets);
        }
    }
    return total(errors);
}
