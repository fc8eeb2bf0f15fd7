/* A sound card in user space, for machines that have none: an ALSA plug-in. Anything that opens ALSA can play on it.
 *
 *   pcm.card1 { type fakecard file "card1.raw" ppm 40 grain 48 }
 *
 * It runs on the monotonic clock, `ppm` faster than that, and shows its position in steps of `grain` frames (48: USB,
 * 480: the headphone socket of a Raspberry Pi). It appends what is written to it to `file`, and to `file`.jsonl a line
 * for each start and end of a run: what sounded lies between the "frame" of the two. While `file`.unplugged exists,
 * the card is away.
 *
 * gcc -shared -fPIC -O2 -o libasound_module_pcm_fakecard.so pcm_fakecard.c -lasound
 */
#define _GNU_SOURCE
#define PIC 1
#include <alsa/asoundlib.h>
#include <alsa/pcm_external.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define SECOND_NS 1000000000LL
#define TICK_NS 500000LL

typedef struct {
    snd_pcm_ioplug_t io;
    int sound, log;          /* the two files */
    char *unplugged;         /* a path: the card is away while it exists */
    double ppm;
    long grain;
    int64_t started_ns;      /* monotonic, of this run's first frame */
    uint64_t written, base;  /* frames in the file; its first frame of this run */
    uint64_t played;         /* of this run, by the last look */
    int frame_bytes, running, gone;
} card_t;

static int64_t now_ns(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec * SECOND_NS + t.tv_nsec;
}

static void tell(card_t *card, const char *event, int64_t mono_ns, uint64_t frame)
{
    char line[256];
    int64_t utc_ns = now_ns(CLOCK_REALTIME) - (now_ns(CLOCK_MONOTONIC) - mono_ns);
    int length = snprintf(line, sizeof line,
                          "{\"event\": \"%s\", \"utc_ns\": %lld, \"frame\": %llu, \"rate\": %.6f}\n", event,
                          (long long)utc_ns, (unsigned long long)frame, card->io.rate * (1 + card->ppm * 1e-6));
    if (write(card->log, line, length) != length)
        SNDERR("cannot write the log");
}

static void tick(card_t *card)
{
    struct itimerspec every = {{0, TICK_NS}, {0, TICK_NS}};
    timerfd_settime(card->io.poll_fd, 0, &every, NULL);
}

static uint64_t due(card_t *card, int64_t mono_ns)
{
    double frames = (double)(mono_ns - card->started_ns) * card->io.rate * (1 + card->ppm * 1e-6) / SECOND_NS;
    uint64_t whole = frames < 0 ? 0 : (uint64_t)frames;
    return card->grain > 1 ? whole - whole % card->grain : whole;
}

static void leave_run(card_t *card, const char *event, int64_t mono_ns)
{
    uint64_t there = card->written - card->base, played = due(card, mono_ns);
    if (card->running)
        tell(card, event, mono_ns, card->base + (played < there ? played : there));
    card->running = 0;
}

static int gone(card_t *card)
{
    if (!card->gone && access(card->unplugged, F_OK) == 0) {
        leave_run(card, "unplugged", now_ns(CLOCK_MONOTONIC));
        card->gone = 1;
    }
    return card->gone;
}

static int card_prepare(snd_pcm_ioplug_t *io)
{
    card_t *card = io->private_data;
    struct stat file;
    if (gone(card))
        return -ENODEV;
    card->running = 0;
    card->played = 0;
    card->frame_bytes = snd_pcm_format_physical_width(io->format) / 8 * io->channels;
    card->written = card->base = fstat(card->sound, &file) < 0 ? 0 : file.st_size / card->frame_bytes;
    tick(card);
    return 0;
}

static int card_start(snd_pcm_ioplug_t *io)
{
    card_t *card = io->private_data;
    if (gone(card))
        return -ENODEV;
    card->started_ns = now_ns(CLOCK_MONOTONIC);
    card->running = 1;
    tell(card, "started", card->started_ns, card->base);
    return 0;
}

static int card_stop(snd_pcm_ioplug_t *io)
{
    leave_run(io->private_data, "stopped", now_ns(CLOCK_MONOTONIC));
    return 0;
}

static snd_pcm_sframes_t card_pointer(snd_pcm_ioplug_t *io)
{
    card_t *card = io->private_data;
    int64_t now = now_ns(CLOCK_MONOTONIC);
    uint64_t there = card->written - card->base;
    if (gone(card))
        return -ENODEV;
    if (!card->running)
        return 0;
    card->played = due(card, now);
    if (card->played <= there)
        return (snd_pcm_sframes_t)card->played;
    if (io->state == SND_PCM_STATE_DRAINING)
        return (snd_pcm_sframes_t)there;
    leave_run(card, "underrun", now);
    return -EPIPE;
}

static int card_delay(snd_pcm_ioplug_t *io, snd_pcm_sframes_t *delay)
{
    card_t *card = io->private_data;
    if (gone(card))
        return -ENODEV;
    uint64_t played = card->running ? due(card, now_ns(CLOCK_MONOTONIC)) : 0;
    *delay = (snd_pcm_sframes_t)(card->written - card->base) - (snd_pcm_sframes_t)played;
    return 0;
}

static snd_pcm_sframes_t card_transfer(snd_pcm_ioplug_t *io, const snd_pcm_channel_area_t *areas,
                                       snd_pcm_uframes_t offset, snd_pcm_uframes_t count)
{
    card_t *card = io->private_data;
    const char *from = (const char *)areas[0].addr + (areas[0].first + areas[0].step * offset) / 8;
    if (gone(card))
        return -ENODEV;
    ssize_t kept = write(card->sound, from, count * card->frame_bytes);
    if (kept < 0)
        return -errno;
    card->written += kept / card->frame_bytes;
    return kept / card->frame_bytes;
}

static int card_revents(snd_pcm_ioplug_t *io, struct pollfd *polled, unsigned count, unsigned short *revents)
{
    card_t *card = io->private_data;
    uint64_t ticks;
    (void)count;
    *revents = 0;
    if (gone(card)) {
        *revents = POLLERR | POLLOUT;
    } else if (polled[0].revents & POLLIN) {
        snd_pcm_uframes_t enough = 1;
        snd_pcm_sw_params_t *params;
        (void)!read(io->poll_fd, &ticks, sizeof ticks);
        snd_pcm_sframes_t room = snd_pcm_avail_update(io->pcm);
        snd_pcm_sw_params_alloca(&params);
        snd_pcm_sw_params_current(io->pcm, params);
        snd_pcm_sw_params_get_avail_min(params, &enough);
        if (room < 0)
            *revents = POLLERR | POLLOUT;
        else if ((snd_pcm_uframes_t)room >= enough)
            *revents = POLLOUT;
    }
    return 0;
}

static int card_close(snd_pcm_ioplug_t *io)
{
    card_t *card = io->private_data;
    close(card->sound);
    close(card->log);
    close(io->poll_fd);
    free(card->unplugged);
    free(card);
    return 0;
}

static const snd_pcm_ioplug_callback_t verbs = {
    .prepare = card_prepare,
    .start = card_start,
    .stop = card_stop,
    .pointer = card_pointer,
    .delay = card_delay,
    .transfer = card_transfer,
    .poll_revents = card_revents,
    .close = card_close,
};

static int restrict_shape(snd_pcm_ioplug_t *io)
{
    static const unsigned access[] = {SND_PCM_ACCESS_RW_INTERLEAVED, SND_PCM_ACCESS_MMAP_INTERLEAVED};
    static const unsigned format[] = {SND_PCM_FORMAT_S16_LE};
    int error = snd_pcm_ioplug_set_param_list(io, SND_PCM_IOPLUG_HW_ACCESS, 2, access);
    error = error ? error : snd_pcm_ioplug_set_param_list(io, SND_PCM_IOPLUG_HW_FORMAT, 1, format);
    error = error ? error : snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_CHANNELS, 1, 2);
    error = error ? error : snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_RATE, 8000, 192000);
    error = error ? error : snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_PERIOD_BYTES, 64, 1 << 18);
    error = error ? error : snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_BUFFER_BYTES, 128, 1 << 20);
    return error ? error : snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_PERIODS, 2, 1024);
}

static int read_settings(snd_config_t *conf, const char **file, double *ppm, long *grain)
{
    snd_config_iterator_t i, next;
    snd_config_for_each(i, next, conf)
    {
        snd_config_t *field = snd_config_iterator_entry(i);
        const char *id;
        if (snd_config_get_id(field, &id) < 0 || !strcmp(id, "type") || !strcmp(id, "comment") || !strcmp(id, "hint"))
            continue;
        if (!strcmp(id, "file") && snd_config_get_string(field, file) >= 0)
            continue;
        if (!strcmp(id, "ppm") && snd_config_get_ireal(field, ppm) >= 0)
            continue;
        if (!strcmp(id, "grain") && snd_config_get_integer(field, grain) >= 0)
            continue;
        SNDERR("fakecard: cannot use the field %s", id);
        return -EINVAL;
    }
    return *file ? 0 : -EINVAL;
}

SND_PCM_PLUGIN_DEFINE_FUNC(fakecard)
{
    const char *file = NULL;
    double ppm = 0;
    long grain = 1;
    char *log = NULL, *unplugged = NULL;
    (void)root;
    int error = read_settings(conf, &file, &ppm, &grain);
    if (error < 0 || stream != SND_PCM_STREAM_PLAYBACK)
        return -EINVAL;
    if (asprintf(&log, "%s.jsonl", file) < 0 || asprintf(&unplugged, "%s.unplugged", file) < 0)
        return -ENOMEM;
    if (access(unplugged, F_OK) == 0)
        return -ENODEV;
    card_t *card = calloc(1, sizeof *card);
    card->ppm = ppm;
    card->grain = grain;
    card->unplugged = unplugged;
    card->sound = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    card->log = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    free(log);
    if (card->sound < 0 || card->log < 0)
        return -errno;
    card->io.version = SND_PCM_IOPLUG_VERSION;
    card->io.name = "fakecard";
    card->io.callback = &verbs;
    card->io.private_data = card;
    card->io.poll_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    card->io.poll_events = POLLIN;
    card->io.flags = SND_PCM_IOPLUG_FLAG_MONOTONIC | SND_PCM_IOPLUG_FLAG_BOUNDARY_WA;
    error = snd_pcm_ioplug_create(&card->io, name, stream, mode);
    if (error < 0)
        return error;
    error = restrict_shape(&card->io);
    if (error < 0) {
        snd_pcm_ioplug_delete(&card->io);
        return error;
    }
    *pcmp = card->io.pcm;
    return 0;
}
SND_PCM_PLUGIN_SYMBOL(fakecard);
