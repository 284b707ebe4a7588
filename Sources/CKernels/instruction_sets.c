#include "instruction_sets.h"

#if defined(__x86_64__)
#include "x86/cpu_features.h"
#elif defined(__aarch64__)
#include "arm/cpu_features.h"
#endif

static int always(void) { return 1; }

/// In ascending order.
static const struct {
    const ck_kernels *kernels;
    int (*is_supported)(void);
} instruction_sets[] = {
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

const ck_kernels *ck_instruction_set(size_t index) {
    for (size_t i = 0; i < sizeof instruction_sets / sizeof *instruction_sets; i++) {
        if (instruction_sets[i].is_supported() && index-- == 0) return instruction_sets[i].kernels;
    }
    return NULL;
}

size_t ck_instruction_set_count(void) { return sizeof instruction_sets / sizeof *instruction_sets; }

const char *ck_instruction_set_name(size_t index) { return instruction_sets[index].kernels->name; }
