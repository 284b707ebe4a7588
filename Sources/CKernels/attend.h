// One query's answer. lane_kernels.h includes this.

INLINE lanes load_cached(const void *numbers, size_t index, int is_half) {
    return is_half ? load_half((const uint16_t *)numbers + index) : load((const float *)numbers + index);
}

/// Fetches numbers before their turn. Where a head's keys or values end, the machine does not see what comes next.
INLINE void fetch_cached(const void *numbers, size_t index, size_t count, int is_half) {
    size_t size = is_half ? sizeof(uint16_t) : sizeof(float);
    const char *bytes = (const char *)numbers + index * size;
    UNROLL for (size_t i = 0; i < count * size; i += 64) __builtin_prefetch(bytes + i);
}

/// Adds weighted values, `parts` times 16 of their numbers from `d` on. Even and odd positions have sums of their own.
INLINE void weigh(ck_attention a, const float *weights, size_t d, size_t parts, int is_half, float gain, float *answer) {
    lanes even[4] = {{0}}, odd[4] = {{0}};
    size_t p = 0;
    for (; p + 2 <= a.positions; p += 2) {
        fetch_cached(a.next_keys, p * a.width + d * 2, parts * 32, is_half);
        for (size_t j = 0; j < parts; j++) {
            size_t index = p * a.width + d + j * 16;
            even[j] += weights[p] * load_cached(a.values, index, is_half);
            odd[j] += weights[p + 1] * load_cached(a.values, index + a.width, is_half);
        }
    }
    if (p < a.positions) {
        for (size_t j = 0; j < parts; j++)
            even[j] += weights[p] * load_cached(a.values, p * a.width + d + j * 16, is_half);
    }
    for (size_t j = 0; j < parts; j++) store(answer + d + j * 16, (even[j] + odd[j]) * gain);
}

INLINE void attend_to(ck_attention a, int is_half, const float *query, float *scores, float *answer) {
    size_t blocks = (a.positions + CK_KEY_BLOCK - 1) / CK_KEY_BLOCK;
    lanes most = all(-__builtin_inff());
    for (size_t block = 0; block < blocks; block++) {
        lanes sums[4] = {{0}};
        for (size_t d = 0; d < a.width; d += 4) {
            fetch_cached(a.values, (block * a.width + d) * CK_KEY_BLOCK, 4 * CK_KEY_BLOCK, is_half);
            for (size_t j = 0; j < 4; j++)
                sums[j] += query[d + j] * load_cached(a.keys, (block * a.width + d + j) * CK_KEY_BLOCK, is_half);
        }
        lanes score = ((sums[0] + sums[1]) + (sums[2] + sums[3])) * a.scale;
        size_t n = a.positions - block * CK_KEY_BLOCK;
        if (a.bias) {
            const float *bias = a.bias + block * CK_KEY_BLOCK;
            score += n < CK_KEY_BLOCK ? load_part(bias, n) : load(bias);
        }
        // Nobody attends to what is not there yet.
        for (size_t i = n; i < CK_KEY_BLOCK; i++) score[i] = -__builtin_inff();
        store(scores + block * CK_KEY_BLOCK, score);
        most = larger(score, most);
    }
    float largest = largest_lane(most);
    lanes weights = {0};
    for (size_t block = 0; block < blocks; block++) {
        lanes weight = exponential(load(scores + block * CK_KEY_BLOCK) - largest);
        store(scores + block * CK_KEY_BLOCK, weight);
        weights += weight;
    }
    float gain = a.gain / total(weights);
    size_t d = 0;
    for (; d + 64 <= a.width; d += 64) weigh(a, scores, d, 4, is_half, gain, answer);
    for (; d < a.width; d += 16) weigh(a, scores, d, 1, is_half, gain, answer);
}

static void attend(ck_attention a, const float *query, float *scores, float *answer) {
    if (a.is_half) attend_to(a, 1, query, scores, answer);
    else attend_to(a, 0, query, scores, answer);
}
