#include "levels.h"

static int always(void) { return 1; }

#if defined(__x86_64__)
static int has_avx512(void) {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
}
#endif

/// From the lowest up.
static const struct {
    const ck_kernels *kernels;
    int (*is_there)(void);
} levels[] = {
    {&ck_scalar, always},
#if defined(__x86_64__)
    {&ck_avx512, has_avx512},
#endif
};

const ck_kernels *ck_level(size_t index) {
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        if (levels[i].is_there() && index-- == 0) return levels[i].kernels;
    }
    return NULL;
}

size_t ck_level_count(void) { return sizeof levels / sizeof *levels; }

const char *ck_level_name(size_t index) { return levels[index].kernels->name; }
