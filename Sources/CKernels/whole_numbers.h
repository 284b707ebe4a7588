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

static void numbers_i8(size_t k, const float *x, float inverse, int8_t *numbers) {
    typedef int8_t octets __attribute__((vector_size(16), aligned(1)));
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
            typedef uint8_t octets __attribute__((vector_size(16), aligned(1)));
            *(octets *)(row + i / 2 + (g / 4 * 2 + g % 4) * GROUP) = __builtin_convertvector(whole, octets);
        }
    }
    return total(errors);
}

typedef double eight __attribute__((vector_size(64)));

INLINE void add_errors(size_t count, const float *x, const float *y, eight sums[3]) {
    typedef float half __attribute__((vector_size(32)));
    half a = {0}, b = {0};
    memcpy(&a, x, count * sizeof *x);
    memcpy(&b, y, count * sizeof *y);
    eight p = __builtin_convertvector(a, eight), q = __builtin_convertvector(b, eight);
    sums[0] += p * p;
    sums[1] += (p - q) * (p - q);
    sums[2] += q * q;
}

static void error_sums(size_t count, const float *x, const float *y, double *signal, double *noise, double *square) {
    eight sums[3] = {{0}};
    size_t i = 0;
    for (; i + 8 <= count; i += 8) add_errors(8, x + i, y + i, sums);
    if (i < count) add_errors(count - i, x + i, y + i, sums);
    for (size_t part = 4; part > 0; part /= 2) {
        for (size_t s = 0; s < 3; s++) {
            for (size_t l = 0; l < part; l++) sums[s][l] += sums[s][l + part];
        }
    }
    *signal = sums[0][0];
    *noise = sums[1][0];
    *square = sums[2][0];
}
