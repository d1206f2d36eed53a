/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/record_live.h"

#include <math.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/units.h"
#include "cmd/record_status.h"
#include "cmd/record_top.h"
#include "cmd/record_view.h"

#define DIAGNOSE_EVERY_NS (500 * RS_NS_PER_MS) /* asks the sampler thread */
#define MAX_LOCKS         1000

typedef struct {
    guint64 address;
    gint32 process_id;
    RsWaitKind kind;
    char *place;
    guint n_waiting; /* at the last look */
    gint64 wait_ns;
} Lock;

struct RsLiveStatus {
    RsRecordRun *run;
    RsRecordView *view;
    RsTop *top;
    RsRecordStatus status;
    GHashTable *locks; /* address ^ pid -> Lock */
    guint n_hidden_events;
    gint64 diagnosed_ns, own_cpu_ns, rates_ns, rates_read_bytes, rates_written_bytes;
    gboolean is_drawn_frozen;
};

static void lock_free(gpointer data)
{
    g_free(((Lock *)data)->place);
    g_free(data);
}

static void on_sample(gpointer data, const RsRingEntry *entry, const RsRawFrame *frames,
                      guint n_frames)
{
    RsLiveStatus *live = data;

    if (n_frames)
        rs_top_add(live->top, frames[0].module, frames[0].address, entry->weight_ns);
}

static void clear_tracks(RsRecordStatus *status)
{
    rs_track_init(&status->cpu_pct);
    rs_track_init(&status->rss_bytes);
    rs_track_init(&status->n_threads);
    rs_track_init(&status->n_open_fds);
    rs_track_init(&status->read_rate);
    rs_track_init(&status->written_rate);
}

static gboolean is_wanted(const RsRecordOpts *opts)
{
    const char *ci = g_getenv("CI");

    if (opts->live == RS_LIVE_ON)
        return TRUE;
    return opts->live == RS_LIVE_AUTO && !opts->quiet &&
           (!ci || !*ci || g_str_equal(ci, "false") || g_str_equal(ci, "0"));
}

RsLiveStatus *rs_live_status_new(RsRecordRun *run)
{
    RsLiveStatus *live;
    RsRecordView *view;

    if (!is_wanted(run->opts))
        return NULL;
    view = rs_record_view_new(!run->target.command || !isatty(STDIN_FILENO));
    if (!view)
        return NULL;
    live = g_new0(RsLiveStatus, 1);
    live->run = run;
    live->view = view;
    live->top = rs_top_new(rs_capture_modules(run->capture), run->names);
    live->locks = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, lock_free);
    live->status.has_keys = rs_record_view_has_keys(view);
    live->status.own_cpu_pct = live->status.complete_frac = NAN;
    clear_tracks(&live->status);
    rs_recording_observe(run->recording, on_sample, live);
    return live;
}

void rs_live_status_free(RsLiveStatus *live)
{
    if (!live)
        return;
    rs_recording_observe(live->run->recording, NULL, NULL);
    rs_record_view_free(live->view);
    rs_top_free(live->top);
    g_hash_table_unref(live->locks);
    g_free((char *)live->status.event);
    g_free(live);
}

int rs_live_status_key_fd(const RsLiveStatus *live)
{
    return live ? rs_record_view_key_fd(live->view) : -1;
}

void rs_live_status_clear(RsLiveStatus *live)
{
    if (!live)
        return;
    clear_tracks(&live->status);
    g_hash_table_remove_all(live->locks);
    rs_top_clear(live->top);
    live->n_hidden_events = live->run->found->len;
}

char rs_live_status_key(RsLiveStatus *live)
{
    char key;

    while (rs_record_view_key(live->view, &key)) {
        key = (char)g_ascii_tolower(key);
        if (key == 'q' || key == 's')
            return key;
        if (key == 'c')
            rs_live_status_clear(live);
        if (key == 'f')
            live->status.is_frozen = !live->status.is_frozen;
    }
    return 0;
}

/* Bytes for each second between two looks. */
static double rate(gint64 now_bytes, gint64 before_bytes, double seconds)
{
    return now_bytes < 0 || before_bytes < 0 || now_bytes < before_bytes || seconds <= 0
               ? NAN
               : (double)(now_bytes - before_bytes) / seconds;
}

static double or_nan(gint64 value)
{
    return value < 0 ? NAN : (double)value;
}

void rs_live_status_look(RsLiveStatus *live, const GPtrArray *samples, gint64 now_ns)
{
    RsProcessSample sum;
    RsRecordStatus *status;
    gint64 bucket;

    if (!live)
        return;
    sum = rs_process_samples_sum(samples);
    status = &live->status;
    bucket = now_ns / RS_NS_PER_S;
    rs_track_add(&status->cpu_pct, sum.cpu_pct, bucket);
    rs_track_add(&status->rss_bytes, or_nan(sum.rss_bytes), bucket);
    rs_track_add(&status->n_threads, or_nan(sum.n_threads), bucket);
    rs_track_add(&status->n_open_fds, or_nan(sum.n_open_fds), bucket);
    if (live->rates_ns) {
        double seconds = (double)(now_ns - live->rates_ns) / RS_NS_PER_S;

        rs_track_add(&status->read_rate, rate(sum.read_bytes, live->rates_read_bytes, seconds),
                     bucket);
        rs_track_add(&status->written_rate,
                     rate(sum.written_bytes, live->rates_written_bytes, seconds), bucket);
    }
    live->rates_ns = now_ns;
    live->rates_read_bytes = sum.read_bytes;
    live->rates_written_bytes = sum.written_bytes;
}

static void reset_waiting(gpointer key, gpointer value, gpointer data)
{
    ((Lock *)value)->n_waiting = 0;
}

void rs_live_status_waits(RsLiveStatus *live, const GArray *waits)
{
    if (!live)
        return;
    g_hash_table_foreach(live->locks, reset_waiting, NULL);
    for (guint i = 0; i < waits->len; i++) {
        const RsWait *wait = &g_array_index(waits, RsWait, i);
        gint64 key = (gint64)(wait->address ^ ((guint64)(guint32)wait->process_id << 40));
        Lock *lock = g_hash_table_lookup(live->locks, &key);

        if (wait->kind == RS_WAIT_CONDITION || wait->kind == RS_WAIT_JOIN)
            continue; /* idle rather than hindered */
        if (!lock) {
            if (g_hash_table_size(live->locks) >= MAX_LOCKS)
                continue;
            lock = g_new0(Lock, 1);
            lock->address = wait->address;
            lock->process_id = wait->process_id;
            lock->kind = wait->kind;
            lock->place = g_strdup(wait->place);
            g_hash_table_insert(live->locks, g_memdup2(&key, sizeof key), lock);
        }
        lock->n_waiting++;
        lock->wait_ns += wait->wait_ns;
    }
}

static int compare_locks(gconstpointer a, gconstpointer b)
{
    const Lock *one = *(Lock *const *)a, *other = *(Lock *const *)b;

    return one->wait_ns < other->wait_ns ? 1 : one->wait_ns > other->wait_ns ? -1 : 0;
}

static GPtrArray *lock_lines(const RsLiveStatus *live)
{
    GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) locks = g_ptr_array_new();
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init(&iter, live->locks);
    while (g_hash_table_iter_next(&iter, NULL, &value))
        g_ptr_array_add(locks, value);
    g_ptr_array_sort(locks, compare_locks);
    for (guint i = 0; i < MIN(locks->len, 2); i++) {
        const Lock *lock = g_ptr_array_index(locks, i);
        g_autofree char *waited = rs_units_format_duration((double)lock->wait_ns / RS_NS_PER_S);

        g_ptr_array_add(
            lines, g_strdup_printf("%u waiting for 0x%" G_GINT64_MODIFIER "x%s%s%s, %s so far",
                                   lock->n_waiting, lock->address, lock->place ? " (" : "",
                                   lock->place ? lock->place : "", lock->place ? ")" : "", waited));
    }
    return lines;
}

static GPtrArray *event_lines(const RsLiveStatus *live)
{
    GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);
    const GPtrArray *found = live->run->found;
    guint first = MAX(live->n_hidden_events, found->len > 3 ? found->len - 3 : 0);

    for (guint i = first; i < found->len; i++) {
        const RsTimelineEvent *event = g_ptr_array_index(found, i);

        g_ptr_array_add(lines, rs_status_event_line(event, event->start_ns - live->run->start_ns));
    }
    return lines;
}

static gint64 process_cpu_ns(void)
{
    struct timespec cpu;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
    return cpu.tv_sec * RS_NS_PER_S + cpu.tv_nsec;
}

static void diagnose(RsLiveStatus *live, gint64 now_ns)
{
    RsRecordStatus *status = &live->status;
    RsDiagnostics diagnostics;
    gint64 own_cpu_ns = process_cpu_ns();

    if (now_ns - live->diagnosed_ns < DIAGNOSE_EVERY_NS)
        return;
    rs_diagnostics_init(&diagnostics);
    rs_capture_diagnose(live->run->capture, &diagnostics);
    status->complete_frac = rs_diagnostics_complete_frac(&diagnostics);
    status->n_lost = diagnostics.n_lost_samples;
    status->n_dropped = diagnostics.n_dropped_samples;
    g_free((char *)status->event);
    status->event = g_steal_pointer(&diagnostics.event);
    rs_diagnostics_clear(&diagnostics);
    if (live->diagnosed_ns)
        status->own_cpu_pct =
            100 * (double)(own_cpu_ns - live->own_cpu_ns) / (double)(now_ns - live->diagnosed_ns);
    live->own_cpu_ns = own_cpu_ns;
    live->diagnosed_ns = now_ns;
    rs_top_fade(live->top, now_ns);
}

static void fill_in(RsLiveStatus *live, gint64 now_ns)
{
    const RsRecordRun *run = live->run;
    RsRecordStatus *status = &live->status;

    diagnose(live, now_ns);
    status->target = run->target.name;
    status->pid = run->target.pid;
    status->n_processes = run->series ? rs_tree_series_n_processes(run->series) : 0;
    status->backend = rs_capture_backend(run->capture);
    status->reason = rs_capture_reason(run->capture);
    status->sample_rate_hz = run->opts->sample_rate_hz;
    status->n_samples = rs_recording_n_samples(run->recording);
    status->retained_s =
        run->history ? (double)rs_history_retained_ns(run->history) / RS_NS_PER_S : NAN;
    status->elapsed_s = (double)(now_ns - run->start_ns) / RS_NS_PER_S;
    status->remaining_s =
        run->opts->duration_s > 0 ? MAX(run->opts->duration_s - status->elapsed_s, 0) : NAN;
}

void rs_live_status_show(RsLiveStatus *live, gint64 now_ns)
{
    g_autoptr(GPtrArray) locks = NULL, events = NULL;
    g_autoptr(GArray) hottest = NULL;
    RsRecordStatus shown;

    if (!live || (live->status.is_frozen && live->is_drawn_frozen))
        return;
    fill_in(live, now_ns);
    locks = lock_lines(live);
    events = event_lines(live);
    hottest = rs_top_rows(live->top, 5);
    shown = live->status;
    shown.locks = locks;
    shown.events = events;
    shown.hottest = hottest;
    rs_record_view_show(live->view, &shown);
    live->is_drawn_frozen = live->status.is_frozen;
}

void rs_live_status_suspend(RsLiveStatus *live)
{
    if (live)
        rs_record_view_suspend(live->view);
}

void rs_live_status_resume(RsLiveStatus *live)
{
    if (!live)
        return;
    rs_record_view_resume(live->view);
    live->is_drawn_frozen = FALSE;
}
