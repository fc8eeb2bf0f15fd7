/* A machine whose clock, power and disk fail on order: preloaded into a real process of the product.

   The orders stand in a small file that both sides map (LOABAN_MACHINE names it; tests/fault/machine.py writes it):
   - the wall clock is off by so many nanoseconds, from the next look on; the monotonic clock is always true;
   - the kernel says that NTP holds its clock, or not; the clock was set from a clock chip at boot, or not;
   - the n-th write or flush of a file whose path holds a word is where the power goes: before it, in its middle,
     or after it; what no flush had brought to the card by then may be lost with it, in
     pieces of any size, each as luck (a number) will have it;
   - such writes find a full card, or a card that has become read-only. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
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
    int64_t luck;     /* which pieces of what was not flushed are lost with the power; 0: none */
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

/* What was written since the last flush of its file, newest first: where, and what had been there before. */
struct unflushed {
    struct unflushed *older;
    dev_t device;
    ino_t inode;
    off_t at, size; /* of the write; of the file before it */
    size_t count;
    int file;       /* our own hold on it, whatever becomes of its name */
    char before[];  /* zeros beyond its old end */
};
static struct unflushed *newest;
static pthread_mutex_t of_card = PTHREAD_MUTEX_INITIALIZER;

static void note(int file, off_t at, size_t count) {
    char link[40];
    struct stat stat;
    if (!orders()->luck || !orders()->die_in || !matches(file) || fstat(file, &stat)) return;
    if (at < 0) at = fcntl(file, F_GETFL) & O_APPEND ? stat.st_size : lseek(file, 0, SEEK_CUR);
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    struct unflushed *fresh = calloc(1, sizeof *fresh + count);
    fresh->device = stat.st_dev, fresh->inode = stat.st_ino;
    fresh->at = at, fresh->size = stat.st_size, fresh->count = count;
    fresh->file = open(link, O_RDWR | O_CLOEXEC);
    if (pread(fresh->file, fresh->before, count, at) < 0) memset(fresh->before, 0, count);
    pthread_mutex_lock(&of_card);
    fresh->older = newest, newest = fresh;
    pthread_mutex_unlock(&of_card);
}

static void flushed(int file) {
    struct stat stat;
    if (!newest || fstat(file, &stat)) return;
    pthread_mutex_lock(&of_card);
    for (struct unflushed **each = &newest; *each;) {
        struct unflushed *one = *each;
        if (one->device == stat.st_dev && one->inode == stat.st_ino) {
            *each = one->older;
            close(one->file);
            free(one);
        } else each = &one->older;
    }
    pthread_mutex_unlock(&of_card);
}

static uint64_t draw(uint64_t *luck, uint64_t below) {
    *luck = *luck * 6364136223846793005u + 1442695040888963407u;
    return (*luck >> 33) % below;
}

/* Put back what had been there, here and there; the file may end where it once did. */
static void lose(uint64_t luck) {
    static ssize_t (*put)(int, const void *, size_t, off_t);
    put = dlsym(RTLD_NEXT, "pwrite");
    uint64_t share = draw(&luck, 5); /* of four pieces, so many are lost */
    for (struct unflushed *one = newest; one; one = one->older) {
        for (size_t done = 0, piece; done < one->count; done += piece) {
            piece = 1 + draw(&luck, draw(&luck, 2) ? 8192 : 64);
            if (piece > one->count - done) piece = one->count - done;
            if (draw(&luck, 4) < share) put(one->file, one->before + done, piece, one->at + (off_t)done);
        }
        if (!draw(&luck, 6)) ftruncate(one->file, one->size);
    }
}

static void die(void) {
    pthread_mutex_lock(&of_card);
    if (orders()->luck) lose((uint64_t)orders()->luck);
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

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
        note(file, at, count);                                                        \
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
    note(file, -1, count);
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
            if (orders()->die_when == 2) { real(file); flushed(file); } \
            die();                                               \
        }                                                        \
        int done = real(file);                                   \
        if (!done) flushed(file);                                \
        return done;                                             \
    }
FLUSH(fsync)
FLUSH(fdatasync)
