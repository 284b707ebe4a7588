// Rows of 4-bit weights, which become rows of bytes for the level's product of bytes. A level includes this after
// product_i8.

#define MULTIPLES(m)                                                                                                   \
    {-8 * (m), -7 * (m), -6 * (m), -5 * (m), -4 * (m), -3 * (m), -2 * (m), -(m),                                       \
     0, (m), 2 * (m), 3 * (m), 4 * (m), 5 * (m), 6 * (m), 7 * (m)}

/// A row for each code: what each number, plus 8, becomes.
static const int8_t multiples[16][16] = {FOR_CODES(MULTIPLES)};

static void expand_i4(size_t k, const uint8_t *row, int8_t *bytes);

enum {
    /// So few that a level may have something better than to expand rows.
    FEW_INPUTS = 2,
    /// Rows that are expanded at a time, as tiles take them: so they and the inputs stay in the first cache. With eight,
    /// 18 inputs of 4,096 columns took a quarter longer.
    EXPANDED_ROWS = 4,
    /// Room for them on the stack, at least a row.
    EXPANDED_BYTES = 1 << 16,
};

static void product_i4(size_t rows, size_t batch, size_t k, const uint8_t *w, size_t w_stride, const float *w_scales,
                       ck_bytes x, ck_output y) {
    int8_t expanded[EXPANDED_BYTES] __attribute__((aligned(64)));
    size_t most = EXPANDED_BYTES / k < EXPANDED_ROWS ? EXPANDED_BYTES / k : EXPANDED_ROWS;
    for (size_t r = 0; r < rows; r += most) {
        size_t count = rows - r < most ? rows - r : most;
        for (size_t i = 0; i < count; i++) {
            const uint8_t *row = w + (r + i) * w_stride;
            // The next ones, while this is worked on.
            for (size_t j = 0; j < w_stride; j += 64) __builtin_prefetch(row + ROWS_AHEAD * w_stride + j);
            expand_i4(k, row, expanded + i * k);
        }
        product_i8(count, batch, k, expanded, k, w_scales + r, x, (ck_output){y.values + r, y.stride});
    }
}
