/* A microphone in user space before a sound card in user space: an ALSA plug-in for recording.
 *
 *   pcm.ear1 { type fakeear file "card1.raw" delay 40 gain -12 noise -30 ppm 40 }
 *
 * What a fakecard plays into `file` it hears `delay` ms later, `gain` dB louder, with white noise of `noise` dBFS; its own clock runs
 * `ppm` fast. Where the card plays nothing there is noise alone. While `file`.deaf exists, there is no such microphone.
 *
 * gcc -shared -fPIC -O2 -o libasound_module_pcm_fakeear.so pcm_fakeear.c -lasound -lm
 */
#define _GNU_SOURCE
#define PIC 1
#include <alsa/asoundlib.h>
#include <alsa/pcm_external.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define SECOND_NS 1000000000LL
#define TICK_NS 5000000LL

typedef struct {
    snd_pcm_ioplug_t io;
    int sound;            /* what the card plays, 48 kHz, mono, 16 bit */
    char *log, *deaf;     /* the card's runs; a path: nobody hears while it exists */
    double delay_ns, gain, noise, ppm;
    int64_t started_ns;   /* monotonic */
    uint64_t taken;       /* frames given so far */
    uint64_t chance;
    int running;
    /* the card's newest run */
    double rate;
    int64_t run_ns;       /* UTC of its first frame */
    uint64_t first, last;
} ear_t;

static int64_t now_ns(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec * SECOND_NS + t.tv_nsec;
}

static double fast(ear_t *ear)
{
    return ear->io.rate * (1 + ear->ppm * 1e-6);
}

static void look_at_run(ear_t *ear)
{
    char line[256], event[32];
    long long utc_ns;
    unsigned long long frame;
    double rate;
    FILE *log = fopen(ear->log, "r");
    while (log && fgets(line, sizeof line, log)) {
        if (sscanf(line, "{\"event\": \"%31[a-z]\", \"utc_ns\": %lld, \"frame\": %llu, \"rate\": %lf", event, &utc_ns, &frame,
                   &rate) != 4)
            continue;
        if (!strcmp(event, "started")) {
            ear->run_ns = utc_ns;
            ear->first = frame;
            ear->last = UINT64_MAX;
            ear->rate = rate;
        } else {
            ear->last = frame;
        }
    }
    if (log)
        fclose(log);
}

static double chance(ear_t *ear)
{
    double sum = 0;
    for (int n = 0; n < 4; n++) {
        ear->chance ^= ear->chance << 13;
        ear->chance ^= ear->chance >> 7;
        ear->chance ^= ear->chance << 17;
        sum += (double)(ear->chance >> 11) / (double)(1ULL << 53) - 0.5;
    }
    return sum * 1.732; /* of deviation 1 */
}

static int16_t heard(ear_t *ear, int64_t utc_ns)
{
    double frame = (double)(utc_ns - (int64_t)ear->delay_ns - ear->run_ns) * ear->rate / SECOND_NS;
    double sample = chance(ear) * ear->noise * 32768;
    int16_t played;
    if (ear->run_ns && frame >= 0 && ear->first + (uint64_t)frame < ear->last &&
        pread(ear->sound, &played, 2, (off_t)(ear->first + (uint64_t)frame) * 2) == 2)
        sample += played * ear->gain;
    return sample > 32767 ? 32767 : sample < -32768 ? -32768 : (int16_t)lrint(sample);
}

static uint64_t due(ear_t *ear)
{
    return ear->running ? (uint64_t)((double)(now_ns(CLOCK_MONOTONIC) - ear->started_ns) * fast(ear) / SECOND_NS) : 0;
}

static int ear_prepare(snd_pcm_ioplug_t *io)
{
    ear_t *ear = io->private_data;
    struct itimerspec every = {{0, TICK_NS}, {0, TICK_NS}};
    ear->running = 0;
    ear->taken = 0;
    return timerfd_settime(io->poll_fd, 0, &every, NULL) < 0 ? -errno : 0;
}

static int ear_start(snd_pcm_ioplug_t *io)
{
    ear_t *ear = io->private_data;
    ear->started_ns = now_ns(CLOCK_MONOTONIC);
    ear->running = 1;
    return 0;
}

static int ear_stop(snd_pcm_ioplug_t *io)
{
    ((ear_t *)io->private_data)->running = 0;
    return 0;
}

static snd_pcm_sframes_t ear_pointer(snd_pcm_ioplug_t *io)
{
    ear_t *ear = io->private_data;
    uint64_t there = due(ear);
    if (access(ear->deaf, F_OK) == 0)
        return -ENODEV;
    if (there - ear->taken > io->buffer_size)
        return -EPIPE;
    return (snd_pcm_sframes_t)there;
}

static snd_pcm_sframes_t ear_transfer(snd_pcm_ioplug_t *io, const snd_pcm_channel_area_t *areas, snd_pcm_uframes_t offset,
                                      snd_pcm_uframes_t count)
{
    ear_t *ear = io->private_data;
    int64_t utc_minus_mono = now_ns(CLOCK_REALTIME) - now_ns(CLOCK_MONOTONIC);
    look_at_run(ear);
    for (snd_pcm_uframes_t n = 0; n < count; n++) {
        int64_t mono = ear->started_ns + (int64_t)((double)(ear->taken + n) * SECOND_NS / fast(ear));
        char *to = (char *)areas[0].addr + (areas[0].first + areas[0].step * (offset + n)) / 8;
        *(int16_t *)to = heard(ear, mono + utc_minus_mono);
    }
    ear->taken += count;
    return (snd_pcm_sframes_t)count;
}

static int ear_revents(snd_pcm_ioplug_t *io, struct pollfd *polled, unsigned count, unsigned short *revents)
{
    ear_t *ear = io->private_data;
    uint64_t ticks;
    (void)count;
    *revents = 0;
    if (access(ear->deaf, F_OK) == 0) {
        *revents = POLLERR | POLLIN;
    } else if (polled[0].revents & POLLIN) {
        (void)!read(io->poll_fd, &ticks, sizeof ticks);
        if (due(ear) > ear->taken)
            *revents = POLLIN;
    }
    return 0;
}

static int ear_close(snd_pcm_ioplug_t *io)
{
    ear_t *ear = io->private_data;
    close(ear->sound);
    close(io->poll_fd);
    free(ear->log);
    free(ear->deaf);
    free(ear);
    return 0;
}

static const snd_pcm_ioplug_callback_t verbs = {
    .prepare = ear_prepare,
    .start = ear_start,
    .stop = ear_stop,
    .pointer = ear_pointer,
    .transfer = ear_transfer,
    .poll_revents = ear_revents,
    .close = ear_close,
};

static int restrict_shape(snd_pcm_ioplug_t *io)
{
    static const unsigned access[] = {SND_PCM_ACCESS_RW_INTERLEAVED};
    static const unsigned format[] = {SND_PCM_FORMAT_S16_LE};
    int error = snd_pcm_ioplug_set_param_list(io, SND_PCM_IOPLUG_HW_ACCESS, 1, access);
    error = error ? error : snd_pcm_ioplug_set_param_list(io, SND_PCM_IOPLUG_HW_FORMAT, 1, format);
    error = error ? error : snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_CHANNELS, 1, 1);
    error = error ? error : snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_RATE, 8000, 48000);
    error = error ? error : snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_PERIOD_BYTES, 64, 1 << 16);
    error = error ? error : snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_BUFFER_BYTES, 128, 1 << 18);
    return error ? error : snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_PERIODS, 2, 1024);
}

static int read_settings(snd_config_t *conf, const char **file, double *delay, double *gain, double *noise, double *ppm)
{
    snd_config_iterator_t i, next;
    struct { const char *id; double *value; } numbers[] = {{"delay", delay}, {"gain", gain}, {"noise", noise}, {"ppm", ppm}};
    snd_config_for_each(i, next, conf)
    {
        snd_config_t *field = snd_config_iterator_entry(i);
        const char *id;
        int known = 0;
        if (snd_config_get_id(field, &id) < 0 || !strcmp(id, "type") || !strcmp(id, "comment") || !strcmp(id, "hint"))
            continue;
        if (!strcmp(id, "file") && snd_config_get_string(field, file) >= 0)
            continue;
        for (unsigned n = 0; n < sizeof numbers / sizeof *numbers; n++)
            known |= !strcmp(id, numbers[n].id) && snd_config_get_ireal(field, numbers[n].value) >= 0;
        if (!known) {
            SNDERR("fakeear: cannot use the field %s", id);
            return -EINVAL;
        }
    }
    return *file ? 0 : -EINVAL;
}

SND_PCM_PLUGIN_DEFINE_FUNC(fakeear)
{
    const char *file = NULL;
    double delay = 0, gain = 0, noise = -90, ppm = 0;
    (void)root;
    int error = read_settings(conf, &file, &delay, &gain, &noise, &ppm);
    if (error < 0 || stream != SND_PCM_STREAM_CAPTURE)
        return -EINVAL;
    ear_t *ear = calloc(1, sizeof *ear);
    if (asprintf(&ear->log, "%s.jsonl", file) < 0 || asprintf(&ear->deaf, "%s.deaf", file) < 0)
        return -ENOMEM;
    if (access(ear->deaf, F_OK) == 0)
        return -ENODEV;
    ear->sound = open(file, O_RDONLY | O_CREAT | O_CLOEXEC, 0666);
    if (ear->sound < 0)
        return -errno;
    ear->delay_ns = delay * 1e6;
    ear->gain = pow(10, gain / 20);
    ear->noise = pow(10, noise / 20);
    ear->ppm = ppm;
    ear->chance = 88172645463325252ULL;
    ear->io.version = SND_PCM_IOPLUG_VERSION;
    ear->io.name = "fakeear";
    ear->io.callback = &verbs;
    ear->io.private_data = ear;
    ear->io.poll_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    ear->io.poll_events = POLLIN;
    ear->io.flags = SND_PCM_IOPLUG_FLAG_MONOTONIC | SND_PCM_IOPLUG_FLAG_BOUNDARY_WA;
    error = snd_pcm_ioplug_create(&ear->io, name, stream, mode);
    if (error < 0)
        return error;
    error = restrict_shape(&ear->io);
    if (error < 0) {
        snd_pcm_ioplug_delete(&ear->io);
        return error;
    }
    *pcmp = ear->io.pcm;
    return 0;
}
SND_PCM_PLUGIN_SYMBOL(fakeear);
