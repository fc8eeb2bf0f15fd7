/* A machine whose clock, power and disk fail on order: preloaded into a real process of the product.

   The orders stand in a small file that both sides map (LOABAN_MACHINE names it; tests/fault/machine.py writes it):
   - the wall clock is off by so many nanoseconds, from the next look on; the monotonic clock is always true;
   - the kernel says that NTP holds its clock, or not; the clock was set from a clock chip at boot, or not;
   - the n-th write or flush of a file whose path holds a word is where the power goes: before it, in its middle,
     or after it;
   - such writes find a full card, or a card that has become read-only. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

struct orders {
    int64_t offset_ns;
    int64_t synchronised;
    int64_t clock_chip;
    int64_t die_in;   /* counted down by each write that matches; 0: no order */
    int64_t die_when; /* 0 before, 1 in the middle, 2 after */
    int64_t refuse;   /* an errno for each write that matches; 0: none */
    char word[64];
};

static struct orders nothing;
static struct orders *given;

static struct orders *orders(void) {
    if (given) return given;
    const char *path = getenv("LOABAN_MACHINE");
    int (*real)(const char *, int, ...) = dlsym(RTLD_NEXT, "open");
    int file = path ? real(path, O_RDWR | O_CLOEXEC) : -1;
    void *map = file < 0 ? MAP_FAILED : mmap(NULL, sizeof *given, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (file >= 0) close(file);
    given = map == MAP_FAILED ? &nothing : map;
    return given;
}

int clock_gettime(clockid_t which, struct timespec *at) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
    int done = real(which, at);
    if (!done && (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE)) {
        int64_t ns = (int64_t)at->tv_sec * 1000000000 + at->tv_nsec + orders()->offset_ns;
        at->tv_sec = ns / 1000000000;
        at->tv_nsec = ns % 1000000000;
    }
    return done;
}

int gettimeofday(struct timeval *at, void *zone) {
    struct timespec now;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    at->tv_sec = now.tv_sec;
    at->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *at) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (at) *at = now.tv_sec;
    return now.tv_sec;
}

int adjtimex(struct timex *said) {
    memset(said, 0, sizeof *said);
    said->maxerror = 2000;
    said->status = orders()->synchronised ? 0 : STA_UNSYNC;
    return orders()->synchronised ? TIME_OK : TIME_ERROR;
}

/* Where Linux says whether the clock was set from a clock chip. */
static const char *place(const char *path) {
    if (!path || strcmp(path, "/sys/class/rtc/rtc0/hctosys")) return path;
    return orders()->clock_chip ? getenv("LOABAN_MACHINE_CHIP") : "/nonexistent";
}

#define OPENING(name)                                              \
    int name(const char *path, int flags, ...) {                   \
        static int (*real)(const char *, int, ...);                \
        if (!real) real = dlsym(RTLD_NEXT, #name);                 \
        va_list rest;                                              \
        va_start(rest, flags);                                     \
        mode_t mode = va_arg(rest, int);                           \
        va_end(rest);                                              \
        return real(place(path), flags, mode);                     \
    }
OPENING(open)
OPENING(open64)

static int matches(int file) {
    struct orders *o = orders();
    char link[40], path[512];
    if (!o->word[0] || !(o->die_in || o->refuse)) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    return strstr(path, o->word) != NULL;
}

static int power_goes(int file) {
    struct orders *o = orders();
    return o->die_in > 0 && matches(file) && atomic_fetch_sub((_Atomic int64_t *)&o->die_in, 1) == 1;
}

static void die(void) { kill(getpid(), SIGKILL); for (;;) pause(); }

static int refused(int file) {
    if (!orders()->refuse || !matches(file)) return 0;
    errno = (int)orders()->refuse;
    return 1;
}

#define PLACED_WRITE(name, offset_t)                                                  \
    ssize_t name(int file, const void *bytes, size_t count, offset_t at) {            \
        static ssize_t (*real)(int, const void *, size_t, offset_t);                  \
        if (!real) real = dlsym(RTLD_NEXT, #name);                                    \
        if (refused(file)) return -1;                                                 \
        if (!power_goes(file)) return real(file, bytes, count, at);                   \
        if (orders()->die_when) real(file, bytes, orders()->die_when == 1 ? count / 2 : count, at); \
        die();                                                                        \
        return -1;                                                                    \
    }
PLACED_WRITE(pwrite, off_t)
PLACED_WRITE(pwrite64, off64_t)

ssize_t write(int file, const void *bytes, size_t count) {
    static ssize_t (*real)(int, const void *, size_t);
    if (!real) real = dlsym(RTLD_NEXT, "write");
    if (refused(file)) return -1;
    if (!power_goes(file)) return real(file, bytes, count);
    if (orders()->die_when) real(file, bytes, orders()->die_when == 1 ? count / 2 : count);
    die();
    return -1;
}

#define FLUSH(name)                                              \
    int name(int file) {                                         \
        static int (*real)(int);                                 \
        if (!real) real = dlsym(RTLD_NEXT, #name);               \
        if (power_goes(file)) {                                  \
            if (orders()->die_when == 2) real(file);             \
            die();                                               \
        }                                                        \
        return real(file);                                       \
    }
FLUSH(fsync)
FLUSH(fdatasync)
