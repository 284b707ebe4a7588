// One query's answer from keys and values in float32, and what it shares with that from bytes. lane_kernels.h includes
// this.

/// A block's scores from its products with the query: with what is added to them; nobody attends to positions that are
/// not there yet.
INLINE lanes completed(const ck_attention *a, size_t block, lanes score) {
    size_t n = a->positions - block * CK_KEY_BLOCK;
    if (a->bias) {
        const float *bias = a->bias + block * CK_KEY_BLOCK;
        score += n < CK_KEY_BLOCK ? load_part(bias, n) : load(bias);
    }
    for (size_t i = n; i < CK_KEY_BLOCK; i++) score[i] = -__builtin_inff();
    return score;
}

/// Scores become powers of e, relative to the largest. Gives what divides them so that they add up to the gain.
INLINE float weights_of(const ck_attention *a, size_t blocks, lanes most, float *scores) {
    float largest = largest_lane(most);
    lanes sum = {0};
    for (size_t block = 0; block < blocks; block++) {
        lanes weight = exponential(load(scores + block * CK_KEY_BLOCK) - largest);
        store(scores + block * CK_KEY_BLOCK, weight);
        sum += weight;
    }
    return a->gain / total(sum);
}

/// Fetches floats before their turn. Where a head's keys or values end, the machine does not see what comes next.
INLINE void fetch_floats(const float *numbers, size_t count) {
    UNROLL for (size_t i = 0; i < count; i += 16) __builtin_prefetch(numbers + i);
}

/// Adds weighted values, `parts` times 16 of their numbers from `d` on. Even and odd positions have sums of their own.
INLINE void weigh(ck_attention a, const float *weights, size_t d, size_t parts, float gain, float *answer) {
    const float *values = (const float *)a.values + d;
    lanes even[4] = {{0}}, odd[4] = {{0}};
    size_t p = 0;
    for (; p + 2 <= a.positions; p += 2, values += 2 * a.width) {
        fetch_floats((const float *)a.next_keys + p * a.width + d * 2, parts * 32);
        for (size_t j = 0; j < parts; j++) {
            even[j] += weights[p] * load(values + j * 16);
            odd[j] += weights[p + 1] * load(values + a.width + j * 16);
        }
    }
    if (p < a.positions) {
        for (size_t j = 0; j < parts; j++) even[j] += weights[p] * load(values + j * 16);
    }
    for (size_t j = 0; j < parts; j++) store(answer + d + j * 16, (even[j] + odd[j]) * gain);
}

static void attend(ck_attention a, const float *query, float *scores, float *answer) {
    size_t blocks = (a.positions + CK_KEY_BLOCK - 1) / CK_KEY_BLOCK;
    lanes most = all(-__builtin_inff());
    for (size_t block = 0; block < blocks; block++) {
        lanes sums[4] = {{0}};
        for (size_t d = 0; d < a.width; d += 4) {
            size_t place = (block * a.width + d) * CK_KEY_BLOCK;
            fetch_floats((const float *)a.values + place, 4 * CK_KEY_BLOCK);
            for (size_t j = 0; j < 4; j++)
                sums[j] += query[d + j] * load((const float *)a.keys + place + j * CK_KEY_BLOCK);
        }
        lanes score = completed(&a, block, ((sums[0] + sums[1]) + (sums[2] + sums[3])) * a.scale);
        store(scores + block * CK_KEY_BLOCK, score);
        most = larger(score, most);
    }
    float gain = weights_of(&a, blocks, most, scores);
    size_t d = 0;
    for (; d + 64 <= a.width; d += 64) weigh(a, scores, d, 4, gain, answer);
    for (; d < a.width; d += 16) weigh(a, scores, d, 1, gain, answer);
}
