#include "levels.h"

#if defined(__x86_64__)
#include "x86/abilities.h"
#elif defined(__aarch64__)
#include "arm/abilities.h"
#endif

static int always(void) { return 1; }

/// From the lowest up.
static const struct {
    const ck_kernels *kernels;
    int (*is_there)(void);
} levels[] = {
    {&ck_scalar, always},
#if defined(__x86_64__)
    {&ck_avx2, has_avx2},
    {&ck_avx_vnni, has_avx_vnni},
    {&ck_avx512, has_avx512},
    {&ck_amx, has_amx},
#elif defined(__aarch64__)
    {&ck_neon, always},
    {&ck_dotprod, has_dotprod},
    {&ck_i8mm, has_i8mm},
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
