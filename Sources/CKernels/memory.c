#include "CKernels.h"

#if defined(__linux__)
#include <sys/mman.h>

void ck_prefer_large_pages(void *memory, size_t count) {
    // Where the system has none, small ones do.
    (void)madvise(memory, count, MADV_HUGEPAGE);
}
#else
void ck_prefer_large_pages(void *memory, size_t count) {
    (void)memory;
    (void)count;
}
#endif
