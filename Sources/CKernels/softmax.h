// lane_kernels.h includes this.

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
