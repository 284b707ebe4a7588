// The machine's limits, to hold the other kernels against. lane_kernels.h includes this.

static float read_all(size_t count, const float *x) {
    lanes sums[4] = {{0}};
    for (size_t i = 0; i < count; i += 64) {
        for (size_t j = 0; j < 4; j++) sums[j] += load(x + i + j * 16);
    }
    return total((sums[0] + sums[1]) + (sums[2] + sums[3]));
}

static size_t spin_f32(size_t rounds, float *result) {
    lanes sums[SPINS], a = all(*result), b = all(0.5f);
    for (size_t j = 0; j < SPINS; j++) sums[j] = all((float)j);
    for (size_t i = 0; i < rounds; i++) {
        _Pragma("clang loop unroll(full)") for (size_t j = 0; j < SPINS; j++) sums[j] = MULTIPLY_ADD(a, b, sums[j]);
    }
    for (size_t j = 1; j < SPINS; j++) sums[0] += sums[j];
    *result = total(sums[0]);
    return rounds * SPINS * 16;
}
