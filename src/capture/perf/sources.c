/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capture/perf/sources.h"

#include <errno.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "capture/perf/record.h"

#define MIN_SAMPLE_BYTES   (128 * 1024)
#define MAX_SAMPLE_BYTES   (4 * 1024 * 1024)  /* for each CPU, unless asked for */
#define MAX_DEFAULT_BYTES  (64 * 1024 * 1024) /* for all of them */
#define BASE_BUFFER_S      0.5 /* that a ring holds: sampling goes on while its reader waits */
#define STARTUP_BUFFER_S   0.1
#define MIN_RECORD_BYTES   (16 * 1024)
#define MAX_RECORD_BYTES   (256 * 1024)
#define RECORDS_SHARE      8 /* of the samples' ring */
#define WAKE_SHARE         4
#define WAKE_AT_ONCE_BYTES 1

struct RsPerfSources {
    RsPerfSetup setup;
    gsize n_sample_bytes, n_record_bytes; /* of each CPU's rings */
    GArray *rings;                        /* RsPerfRings */
    GPtrArray *all;                       /* RsPerfSource */
    GHashTable *by_id;                    /* of all */
    guint n_roots;
};

/* --- rings --- */

static gsize power_of_two_at_least(gsize n_bytes)
{
    gsize power = 4096;

    while (power < n_bytes && power < G_MAXSSIZE / 2)
        power *= 2;
    return power;
}

static gsize default_bytes(const RsPerfSetup *setup, guint n_cpus)
{
    double n_each = RS_PERF_SAMPLE_OVERHEAD_BYTES + setup->n_stack_bytes;
    double n_wanted =
        MAX(setup->rate_hz * BASE_BUFFER_S, setup->startup_rate_hz * STARTUP_BUFFER_S);
    gsize n_max = MIN(MAX_SAMPLE_BYTES, MAX_DEFAULT_BYTES / MAX(n_cpus, 1));

    return power_of_two_at_least((gsize)CLAMP(n_each * n_wanted, MIN_SAMPLE_BYTES, n_max));
}

/* NULL: errno says why. */
static RsPerfRing *open_ring(RsPerfSources *sources, RsPerfRole role, guint cpu)
{
    gboolean of_samples = role == RS_PERF_OWNER_OF_SAMPLES;
    gsize n_bytes = of_samples ? sources->n_sample_bytes : sources->n_record_bytes;
    gsize n_wake_bytes = of_samples ? n_bytes / WAKE_SHARE : WAKE_AT_ONCE_BYTES;
    int fd = rs_perf_open(&sources->setup, role, RS_PERF_ENABLED, 0, (int)cpu, n_wake_bytes);
    RsPerfRing *ring = fd < 0 ? NULL : rs_perf_ring_new(fd, n_bytes);
    int code = errno;

    if (!ring && fd >= 0)
        close(fd);
    errno = code;
    return ring;
}

static void close_rings(RsPerfRings *rings)
{
    g_clear_pointer(&rings->records, rs_perf_ring_free);
    g_clear_pointer(&rings->samples, rs_perf_ring_free);
}

/* 0, or an errno. A CPU that went offline meanwhile is passed over. */
static int open_rings(RsPerfSources *sources, guint cpu)
{
    RsPerfRings rings = {.cpu = cpu};
    int code;

    rings.records = open_ring(sources, RS_PERF_OWNER_OF_RECORDS, cpu);
    rings.samples = rings.records ? open_ring(sources, RS_PERF_OWNER_OF_SAMPLES, cpu) : NULL;
    code = errno;
    if (rings.samples) {
        g_array_append_val(sources->rings, rings);
        return 0;
    }
    close_rings(&rings);
    return code == ENODEV ? 0 : code;
}

static int open_all_rings(RsPerfSources *sources, const GArray *cpus)
{
    for (guint i = 0; i < cpus->len; i++) {
        int code = open_rings(sources, (guint)g_array_index(cpus, gint, i));

        if (code) {
            g_array_set_size(sources->rings, 0);
            return code;
        }
    }
    return sources->rings->len ? 0 : ENODEV;
}

static void set_ring_error(GError **error, const RsPerfSetup *setup, int code)
{
    if (code == EPERM)
        g_set_error(error, RS_SAMPLER_ERROR, RS_SAMPLER_ERROR_DENIED,
                    "no memory may be locked for the kernel's samples: raise `ulimit -l` or "
                    "kernel.perf_event_mlock_kb");
    else
        rs_perf_set_error(error, setup, code);
}

/* The limit of locked memory is one for all CPUs, so all get the same and less when it is reached.
 */
RsPerfSources *rs_perf_sources_new(const RsPerfSetup *setup, gsize n_buffer_bytes, GError **error)
{
    g_autoptr(RsPerfSources) sources = g_new0(RsPerfSources, 1);
    g_autoptr(GArray) cpus = rs_perf_online_cpus();
    gsize n_min_bytes =
        power_of_two_at_least(2 * (RS_PERF_SAMPLE_OVERHEAD_BYTES + setup->n_stack_bytes));
    gsize n_bytes =
        n_buffer_bytes ? power_of_two_at_least(n_buffer_bytes) : default_bytes(setup, cpus->len);
    int code;

    sources->setup = *setup;
    sources->rings = g_array_new(FALSE, TRUE, sizeof(RsPerfRings));
    g_array_set_clear_func(sources->rings, (GDestroyNotify)close_rings);
    sources->all = g_ptr_array_new_with_free_func(g_free);
    sources->by_id = g_hash_table_new(g_int64_hash, g_int64_equal);
    n_bytes = MAX(n_bytes, n_min_bytes);
    do {
        sources->n_sample_bytes = n_bytes;
        sources->n_record_bytes =
            CLAMP(n_bytes / RECORDS_SHARE, MIN_RECORD_BYTES, MAX_RECORD_BYTES);
        code = open_all_rings(sources, cpus);
        if ((code == EMFILE || code == ENFILE) && rs_perf_raise_file_limit())
            continue;
        n_bytes /= 2;
    } while ((code == EPERM || code == ENOMEM || code == EMFILE) && n_bytes >= n_min_bytes);
    if (!code)
        return g_steal_pointer(&sources);
    set_ring_error(error, setup, code);
    return NULL;
}

guint rs_perf_sources_n_cpus(const RsPerfSources *sources)
{
    return sources->rings->len;
}

const RsPerfRings *rs_perf_sources_rings(const RsPerfSources *sources, guint i)
{
    return &g_array_index(sources->rings, RsPerfRings, i);
}

static gboolean has_cpu(const RsPerfSources *sources, guint cpu)
{
    for (guint i = 0; i < sources->rings->len; i++)
        if (rs_perf_sources_rings(sources, i)->cpu == cpu)
            return TRUE;
    return FALSE;
}

guint rs_perf_sources_add_cpus(RsPerfSources *sources)
{
    g_autoptr(GArray) cpus = rs_perf_online_cpus();
    guint n_before = sources->rings->len;

    for (guint i = 0; i < cpus->len; i++) {
        guint cpu = (guint)g_array_index(cpus, gint, i);

        if (!has_cpu(sources, cpu))
            open_rings(sources, cpu); /* what cannot be had is tried again next time */
    }
    return sources->rings->len - n_before;
}

/* --- events --- */

static void close_source(RsPerfSources *sources, guint i)
{
    RsPerfSource *source = g_ptr_array_index(sources->all, i);

    g_hash_table_remove(sources->by_id, &source->id);
    close(source->fd);
    g_ptr_array_remove_index_fast(sources->all, i);
}

void rs_perf_sources_close_since(RsPerfSources *sources, guint first_root)
{
    for (guint i = sources->all->len; i-- > 0;)
        if (((const RsPerfSource *)g_ptr_array_index(sources->all, i))->root >= first_root)
            close_source(sources, i);
}

void rs_perf_sources_close(RsPerfSources *sources, guint root, guint cpu)
{
    for (guint i = sources->all->len; i-- > 0;) {
        const RsPerfSource *source = g_ptr_array_index(sources->all, i);

        if (source->root == root && source->cpu == cpu)
            close_source(sources, i);
    }
}

void rs_perf_sources_free(RsPerfSources *sources)
{
    if (!sources)
        return;
    if (sources->all)
        rs_perf_sources_close_since(sources, 0);
    g_clear_pointer(&sources->all, g_ptr_array_unref);
    g_clear_pointer(&sources->by_id, g_hash_table_unref);
    g_clear_pointer(&sources->rings, g_array_unref);
    g_free(sources);
}

static int open_retrying(RsPerfSources *sources, RsPerfRole role, RsPerfStart start, pid_t tid,
                         int cpu)
{
    int fd = rs_perf_open(&sources->setup, role, start, tid, cpu, 0);

    if (fd < 0 && (errno == EMFILE || errno == ENFILE) && rs_perf_raise_file_limit())
        fd = rs_perf_open(&sources->setup, role, start, tid, cpu, 0);
    return fd;
}

/* 0, or an errno. rings: NULL for an anchor. */
static int open_source(RsPerfSources *sources, RsPerfRole role, RsPerfStart start, pid_t tid,
                       const RsPerfRings *rings)
{
    int fd = open_retrying(sources, role, start, tid, rings ? (int)rings->cpu : -1);
    RsPerfSource *source;
    guint64 id;

    if (fd < 0)
        return errno;
    if ((rings &&
         ioctl(fd, PERF_EVENT_IOC_SET_OUTPUT,
               rs_perf_ring_fd(role == RS_PERF_TRACK ? rings->records : rings->samples)) != 0) ||
        ioctl(fd, PERF_EVENT_IOC_ID, &id) != 0) {
        int code = errno;

        close(fd);
        return code;
    }
    source = g_new(RsPerfSource, 1);
    *source = (RsPerfSource){.fd = fd,
                             .id = id,
                             .role = role,
                             .root = sources->n_roots,
                             .cpu = rings ? rings->cpu : RS_PERF_ALL_CPUS};
    g_ptr_array_add(sources->all, source);
    g_hash_table_insert(sources->by_id, &source->id, source);
    return 0;
}

/* Lives are followed before samples are taken: nothing that is sampled is unheard of. */
static int open_on_cpu(RsPerfSources *sources, pid_t tid, RsPerfAttachment attachment,
                       const RsPerfRings *rings)
{
    gboolean has_startup = attachment == RS_PERF_LAUNCH && sources->setup.startup_rate_hz > 0;
    RsPerfStart start = attachment == RS_PERF_NOW ? RS_PERF_ENABLED
                        : has_startup             ? RS_PERF_DISABLED
                                                  : RS_PERF_AT_EXEC;
    int code = open_source(sources, RS_PERF_TRACK, RS_PERF_ENABLED, tid, rings);

    if (!code && has_startup)
        code = open_source(sources, RS_PERF_STARTUP, RS_PERF_AT_EXEC, tid, rings);
    return code ? code : open_source(sources, RS_PERF_BASE, start, tid, rings);
}

int rs_perf_sources_open(RsPerfSources *sources, pid_t tid, RsPerfAttachment attachment,
                         gboolean is_launcher, guint first_cpu)
{
    guint n_before = sources->all->len;
    int code = 0;

    if (is_launcher)
        code = open_source(sources, RS_PERF_ANCHOR, RS_PERF_DISABLED, tid, NULL);
    for (guint i = first_cpu; !code && i < sources->rings->len; i++)
        code = open_on_cpu(sources, tid, attachment, rs_perf_sources_rings(sources, i));
    while (code && sources->all->len > n_before)
        close_source(sources, sources->all->len - 1);
    sources->n_roots += !code;
    return code;
}

guint rs_perf_sources_n_roots(const RsPerfSources *sources)
{
    return sources->n_roots;
}

const RsPerfSource *rs_perf_sources_find(const RsPerfSources *sources, guint64 id)
{
    return g_hash_table_lookup(sources->by_id, &id);
}

static void control(RsPerfSources *sources, RsPerfRole role, unsigned long request)
{
    for (guint i = 0; i < sources->all->len; i++) {
        const RsPerfSource *source = g_ptr_array_index(sources->all, i);

        if (source->role == role)
            ioctl(source->fd, request, 0); /* fails on none that is open */
    }
}

gint64 rs_perf_sources_end_startup(RsPerfSources *sources)
{
    gint64 now_ns;

    control(sources, RS_PERF_BASE, PERF_EVENT_IOC_ENABLE);
    now_ns = g_get_monotonic_time() * 1000;
    control(sources, RS_PERF_STARTUP, PERF_EVENT_IOC_DISABLE);
    return now_ns;
}

void rs_perf_sources_set_period(RsPerfSources *sources, guint64 period_ns)
{
    for (guint i = 0; i < sources->all->len; i++) {
        const RsPerfSource *source = g_ptr_array_index(sources->all, i);

        if (source->role == RS_PERF_BASE)
            ioctl(source->fd, PERF_EVENT_IOC_PERIOD, &period_ns);
    }
}

RsPerfTotals rs_perf_sources_totals(const RsPerfSources *sources)
{
    struct {
        guint64 n_events, enabled_ns, running_ns;
    } reading;
    RsPerfTotals totals = {0};

    for (guint i = 0; i < sources->all->len; i++) {
        const RsPerfSource *source = g_ptr_array_index(sources->all, i);

        if ((source->role == RS_PERF_BASE || source->role == RS_PERF_STARTUP) &&
            read(source->fd, &reading, sizeof reading) == sizeof reading) {
            totals.n_events += (double)reading.n_events;
            totals.running_ns += (double)reading.running_ns;
        }
    }
    return totals;
}
