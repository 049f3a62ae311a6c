/* A disk that fails now and then, loaded before libc (LD_PRELOAD).
 *
 * FAULTS_CONTROL names a file of 32-bit numbers, shared with whoever switches the faults:
 *   [0] one call in so many fails, 0 for none; [1..] how often each fault was given (see names in faults.py).
 * FAULTS_UNDER is the folder whose regular files are concerned; all others, pipes and sockets are left alone.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { RATE, F_EINTR, F_SHORT, F_ENOSPC, F_EIO_WRITE, F_EIO_SYNC, F_EIO_READ, F_EROFS, CELLS };

static volatile uint32_t *control;
static const char *under;
static __thread uint64_t dice;

__attribute__((constructor)) static void begin(void) {
    const char *file = getenv("FAULTS_CONTROL");
    under = getenv("FAULTS_UNDER");
    if (!file || !under) return;
    int (*really)(const char *, int, ...) = dlsym(RTLD_NEXT, "open");
    int fd = really(file, O_RDWR | O_CLOEXEC);
    if (fd < 0) return;
    void *at = mmap(NULL, CELLS * sizeof(uint32_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (at != MAP_FAILED) control = at;
}

static uint64_t roll(void) { /* xorshift64, Marsaglia 2003 */
    if (!dice) {
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        dice = ((uint64_t)now.tv_nsec << 20) ^ (uint64_t)(uintptr_t)&dice ^ ((uint64_t)getpid() << 40) ^ 88172645463325252ULL;
    }
    dice ^= dice << 13; dice ^= dice >> 7; dice ^= dice << 17;
    return dice;
}

static int due(unsigned rarer) {
    uint32_t rate = control ? control[RATE] : 0;
    return rate && roll() % ((uint64_t)rate * rarer) == 0;
}

static int named(const char *path) { return path && !strncmp(path, under, strlen(under)); }

static int concerned(int fd) {
    struct stat about;
    char link[64], path[4096];
    if (fstat(fd, &about) || !S_ISREG(about.st_mode)) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return named(path);
}

static int fail(int kind, int number) {
    __atomic_fetch_add((uint32_t *)&control[kind], 1, __ATOMIC_RELAXED);
    errno = number;
    return -1;
}

/* What becomes of a write of n bytes: -1 it fails, else how many are really written. */
static ssize_t fate(int fd, size_t n) {
    if (!due(1) || !concerned(fd)) return (ssize_t)n;
    switch (roll() % 5) {
    case 0: return fail(F_ENOSPC, ENOSPC);
    case 1: return fail(F_EIO_WRITE, EIO);
    case 2: return fail(F_EINTR, EINTR);
    default:
        if (n < 2) return (ssize_t)n;
        __atomic_fetch_add((uint32_t *)&control[F_SHORT], 1, __ATOMIC_RELAXED);
        return (ssize_t)(n / 2);
    }
}

#define REALLY(type, name, ...) \
    static type (*really)(__VA_ARGS__); \
    if (!really) really = dlsym(RTLD_NEXT, #name)

ssize_t write(int fd, const void *data, size_t n) {
    REALLY(ssize_t, write, int, const void *, size_t);
    ssize_t allowed = fate(fd, n);
    return allowed < 0 ? allowed : really(fd, data, (size_t)allowed);
}

#define PWRITE(name, offset_type) \
    ssize_t name(int fd, const void *data, size_t n, offset_type at) { \
        REALLY(ssize_t, name, int, const void *, size_t, offset_type); \
        ssize_t allowed = fate(fd, n); \
        return allowed < 0 ? allowed : really(fd, data, (size_t)allowed, at); \
    }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

#define PREAD(name, offset_type) \
    ssize_t name(int fd, void *data, size_t n, offset_type at) { \
        REALLY(ssize_t, name, int, void *, size_t, offset_type); \
        if (due(20) && concerned(fd)) return roll() % 2 ? fail(F_EIO_READ, EIO) : fail(F_EINTR, EINTR); \
        return really(fd, data, n, at); \
    }
PREAD(pread, off_t)
PREAD(pread64, off64_t)

#define SYNC(name) \
    int name(int fd) { \
        REALLY(int, name, int); \
        return due(1) && concerned(fd) ? fail(F_EIO_SYNC, EIO) : really(fd); \
    }
SYNC(fsync)
SYNC(fdatasync)

#define TRUNCATE(name, offset_type) \
    int name(int fd, offset_type length) { \
        REALLY(int, name, int, offset_type); \
        return due(1) && concerned(fd) ? fail(F_EIO_WRITE, EIO) : really(fd, length); \
    }
TRUNCATE(ftruncate, off_t)
TRUNCATE(ftruncate64, off64_t)

static int refused(const char *path, int flags) {
    return (flags & (O_WRONLY | O_RDWR | O_CREAT)) && due(1) && named(path) ? fail(F_EROFS, EROFS) : 0;
}

static mode_t mode_of(int flags, va_list rest) {
    return flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
}

#define OPEN(name) \
    int name(const char *path, int flags, ...) { \
        REALLY(int, name, const char *, int, ...); \
        va_list rest; va_start(rest, flags); mode_t mode = mode_of(flags, rest); va_end(rest); \
        return refused(path, flags) ? -1 : really(path, flags, mode); \
    }
OPEN(open)
OPEN(open64)
