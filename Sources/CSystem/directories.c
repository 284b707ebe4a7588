#define _GNU_SOURCE
#include "CSystem.h"

#include <fcntl.h>
#include <unistd.h>

#if defined(__linux__)
#include <sys/ioctl.h>
#include <sys/vfs.h>
#if __has_include(<linux/fs.h>)
#include <linux/fs.h>
#endif

/// File systems of Linux that have always been so, by their numbers in statfs(2).
static bool is_of_ignoring_kind(int directory) {
    struct statfs status;
    if (fstatfs(directory, &status) != 0) return false;
    switch ((unsigned)status.f_type) {
    case 0x4d44:      // FAT
    case 0x2011bab0:  // exFAT
    case 0x482b:      // HFS+
    case 0xff534d42:  // SMB 1
    case 0xfe534d42:  // SMB 2, 3
        return true;
    default: return false;
    }
}

bool csys_ignores_case(const char *path) {
    const int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0) return false;
    bool ignores = is_of_ignoring_kind(directory);
#if defined(FS_IOC_GETFLAGS) && defined(FS_CASEFOLD_FL)
    long flags = 0;
    if (ioctl(directory, FS_IOC_GETFLAGS, &flags) == 0 && (flags & FS_CASEFOLD_FL)) ignores = true;
#endif
    close(directory);
    return ignores;
}
#elif defined(_PC_CASE_SENSITIVE)
bool csys_ignores_case(const char *path) { return pathconf(path, _PC_CASE_SENSITIVE) == 0; }
#else
bool csys_ignores_case(const char *path) {
    (void)path;
    return false;
}
#endif
