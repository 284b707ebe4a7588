// One query's answer from keys and values in bytes. Query and weights become whole numbers of 15 bits, two bytes each, so
// that all products are exact. A level includes this after lane_kernels.h and after defining
//   add_fours(sums, x, four)   adds to each number of `sums` the products of its four bytes of x, plus FOURS_OFFSET, with
//                              the four bytes of a number; bytes are never −128
//   FOURS_OFFSET               0 or 128, which lets a unit take x without a sign

/// What the largest number becomes: 127 in the higher byte.
#define TWO_BYTES 16256.0f

/// Numbers of magnitude at most TWO_BYTES as high · 128 + low; their sums are counted.
INLINE void split(lanes x, int8_t *high, int8_t *low, integers sums[2]) {
    typedef int8_t octets __attribute__((vector_size(16), aligned(1)));
    integers whole = __builtin_convertvector(nearest(x), integers), upper = (whole + 64) >> 7;
    integers rest = whole - (upper << 7);
    *(octets *)high = __builtin_convertvector(upper, octets);
    *(octets *)low = __builtin_convertvector(rest, octets);
    sums[0] += upper;
    sums[1] += rest;
}

INLINE int32_t four_of(const int8_t *bytes) {
    int32_t four;
    memcpy(&four, bytes, sizeof four);
    return four;
}

/// What sums of products with split numbers start with.
INLINE void start_sums(const integers sums[2], integers start[2]) {
    for (int part = 0; part < 2; part++) {
        start[part] = (integers){0};
        if (FOURS_OFFSET) start[part] -= FOURS_OFFSET * __builtin_reduce_add(sums[part]);
    }
}

INLINE lanes joined(integers high, integers low) {
    return __builtin_convertvector(high, lanes) * 128.0f + __builtin_convertvector(low, lanes);
}

/// So small that its reciprocal is infinite: all numbers are zero.
INLINE float split_factor(float largest) { return largest > 1e-32f ? TWO_BYTES / largest : 0; }

/// Scores times the values' scales, split in their place: of each block the higher bytes and then the lower ones.
INLINE float split_weights(const ck_attention *a, size_t blocks, float *scores, integers start[2]) {
    integers most = {0};
    for (size_t p = 0; p < blocks * CK_KEY_BLOCK; p += CK_KEY_BLOCK) {
        lanes weight = load(scores + p) * load(a->value_scales + p);
        // What was never stored has weight 0, and any scale.
        size_t n = a->positions - p;
        for (size_t i = n; i < CK_KEY_BLOCK; i++) weight[i] = 0;
        store(scores + p, weight);
        most = larger_magnitude(weight, most);
    }
    float largest = largest_magnitude(most), factor = split_factor(largest);
    integers sums[2] = {{0}};
    int8_t *bytes = (int8_t *)scores;
    for (size_t p = 0; p < blocks * CK_KEY_BLOCK; p += CK_KEY_BLOCK)
        split(load(scores + p) * factor, bytes + 2 * p, bytes + 2 * p + CK_KEY_BLOCK, sums);
    start_sums(sums, start);
    return largest / TWO_BYTES;
}

/// Adds weighted values, `parts` times 16 of their numbers from `d` on.
INLINE void weigh_bytes(const ck_attention *a, const int8_t *weights, const integers start[2], size_t d, size_t parts,
                        float gain, float *answer) {
    integers high[4], low[4];
    for (size_t j = 0; j < parts; j++) {
        high[j] = start[0];
        low[j] = start[1];
    }
    for (size_t p = 0; p < a->positions; p += 4) {
        const int8_t *bytes = weights + p / CK_KEY_BLOCK * 2 * CK_KEY_BLOCK + p % CK_KEY_BLOCK;
        int32_t upper = four_of(bytes), lower = four_of(bytes + CK_KEY_BLOCK);
        size_t place = p * a->width + 4 * d;
        for (size_t j = 0; j < parts; j++) {
            const int8_t *values = (const int8_t *)a->values + place + j * 64;
            __builtin_prefetch((const int8_t *)a->next_keys + place + j * 64);
            high[j] = add_fours(high[j], values, upper);
            low[j] = add_fours(low[j], values, lower);
        }
    }
    for (size_t j = 0; j < parts; j++) store(answer + d + j * 16, joined(high[j], low[j]) * gain);
}

static void attend_i8(ck_attention a, const float *query, float *scores, float *answer) {
    size_t blocks = (a.positions + CK_KEY_BLOCK - 1) / CK_KEY_BLOCK;
    integers query_most = {0};
    for (size_t d = 0; d < a.width; d += 16) query_most = larger_magnitude(load(query + d), query_most);
    float largest = largest_magnitude(query_most), factor = split_factor(largest), scale = largest / TWO_BYTES * a.scale;
    // The query's bytes stand where its answer will.
    int8_t *bytes = (int8_t *)answer;
    integers sums[2] = {{0}}, start[2];
    for (size_t d = 0; d < a.width; d += 16) split(load(query + d) * factor, bytes + d, bytes + a.width + d, sums);
    start_sums(sums, start);
    lanes most = all(-__builtin_inff());
    for (size_t block = 0; block < blocks; block++) {
        integers high = start[0], low = start[1];
        for (size_t d = 0; d < a.width; d += 4) {
            size_t place = (block * a.width + d) * CK_KEY_BLOCK;
            __builtin_prefetch((const int8_t *)a.values + place);
            high = add_fours(high, (const int8_t *)a.keys + place, four_of(bytes + d));
            low = add_fours(low, (const int8_t *)a.keys + place, four_of(bytes + a.width + d));
        }
        lanes score = joined(high, low) * (load(a.key_scales + block * CK_KEY_BLOCK) * scale);
        score = completed(&a, block, score);
        store(scores + block * CK_KEY_BLOCK, score);
        most = larger(score, most);
    }
    float gain = weights_of(&a, blocks, most, scores);
    gain *= split_weights(&a, blocks, scores, start);
    size_t d = 0;
    for (; d + 64 <= a.width; d += 64) weigh_bytes(&a, (const int8_t *)scores, start, d, 4, gain, answer);
    for (; d < a.width; d += 16) weigh_bytes(&a, (const int8_t *)scores, start, d, 1, gain, answer);
}
