// Rows of 4-bit weights with so few inputs that they are not worth expanding: products of a group are added first, and then
// multiplied. A level includes this after four_bits.h and after defining
//   i4_tile      FEW_ROWS rows, as many as fit its registers, with one or two inputs

#define I4_TILE(n)                                                                                                     \
    i4_tile(n, k, w + r * w_stride, w_stride, w_scales + r, x.values, x.stride, x.scales, y.values + r, y.stride)

static void product_few_i4(size_t rows, size_t batch, size_t k, const uint8_t *w, size_t w_stride,
                           const float *w_scales, ck_bytes x, ck_output y) {
    size_t r = 0;
    for (; batch <= FEW_INPUTS && r + FEW_ROWS <= rows; r += FEW_ROWS) {
        if (batch == 1) I4_TILE(1);
        else I4_TILE(2);
    }
    product_i4(rows - r, batch, k, w + r * w_stride, w_stride, w_scales + r, x, (ck_output){y.values + r, y.stride});
}
