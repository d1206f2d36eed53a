/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capture/recording.h"

#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "base/clock.h"
#include "capture/intern.h"

#define PROCESSES_EVERY_US 1000000
#define SAMPLES_LIMIT      20000000 /* of a profile in memory; further ones are counted as dropped */

struct RsRecording {
    RsCapture *capture;
    RsHistory *history; /* NULL: in memory */
    gint64 start_ns;
    gint64 processes_us; /* when they were last written into the history */
    guint64 n_samples;
    RsRecordingLook look; /* NULL: nobody looks on */
    gpointer look_data;

    /* In memory. */
    RsProfile *profile;
    gint64 n_over_limit;
    RsIntern *intern;
    GHashTable *threads; /* pid, tid -> profile thread */
};

RsRecording *rs_recording_new(RsCapture *capture, RsHistory *history, gint64 start_ns)
{
    RsRecording *recording = g_new0(RsRecording, 1);

    recording->capture = capture;
    recording->history = history;
    recording->start_ns = start_ns;
    recording->threads = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    recording->intern = rs_intern_new(capture);
    if (!history)
        recording->profile = rs_profile_new();
    return recording;
}

void rs_recording_free(RsRecording *recording)
{
    if (!recording)
        return;
    g_hash_table_unref(recording->threads);
    rs_intern_free(recording->intern);
    rs_profile_free(recording->profile);
    g_free(recording);
}

/* --- into the profile in memory --- */

static guint32 entry_thread(RsRecording *recording, const RsRingEntry *entry)
{
    gint64 key = (gint64)((guint64)entry->process_id << 32 | entry->thread_id);
    gpointer known;
    char name[16];
    guint32 thread;

    if (g_hash_table_lookup_extended(recording->threads, &key, NULL, &known))
        return GPOINTER_TO_UINT(known);
    thread = rs_profile_add_thread(
        recording->profile, (gint32)entry->process_id, (gint32)entry->thread_id,
        rs_tasks_thread_name(rs_capture_tasks(recording->capture), (pid_t)entry->process_id,
                             (pid_t)entry->thread_id, name)
            ? name
            : NULL);
    g_hash_table_insert(recording->threads, g_memdup2(&key, sizeof key), GUINT_TO_POINTER(thread));
    return thread;
}

static void keep(RsRecording *recording, const RsRingEntry *entry)
{
    RsProfileSample sample = {
        .at_ns = entry->time_ns - recording->start_ns,
        .weight_ns = (gint64)entry->weight_ns,
        .end = entry->flags & RS_ENTRY_END_MASK,
        .is_late = (entry->flags & RS_ENTRY_LATE) != 0,
    };

    if (recording->profile->samples->len >= SAMPLES_LIMIT) {
        recording->n_over_limit++;
        return;
    }
    sample.stack = rs_intern_entry(recording->intern, recording->profile, entry);
    sample.thread = entry_thread(recording, entry);
    g_array_append_val(recording->profile->samples, sample);
}

/* --- into the history --- */

static void write_history(RsRecording *recording, const RsRingEntry *entry)
{
    const RsRawFrame *frames;
    guint n_frames = rs_capture_frames(recording->capture, entry, &frames);
    char name[16];
    gboolean has_name =
        rs_tasks_thread_name(rs_capture_tasks(recording->capture), (pid_t)entry->process_id,
                             (pid_t)entry->thread_id, name);

    rs_history_sample(recording->history, rs_capture_modules(recording->capture), entry,
                      rs_capture_epoch(recording->capture), frames, n_frames,
                      has_name ? name : NULL);
}

void rs_recording_observe(RsRecording *recording, RsRecordingLook look, gpointer data)
{
    recording->look = look;
    recording->look_data = data;
}

static void show(RsRecording *recording, const RsRingEntry *entry)
{
    const RsRawFrame *frames = NULL;
    guint n_frames = entry->stack_id == RS_STACKS_EMPTY
                         ? 0
                         : rs_capture_frames(recording->capture, entry, &frames);

    recording->look(recording->look_data, entry, frames, n_frames);
}

/* name borrowed. */
static RsProfileProcess process_of(const RsTask *task, gint64 start_ns)
{
    RsProfileProcess process = {
        .process_id = task->process_id,
        .parent_id = task->parent_id,
        .name = *task->name ? (char *)task->name : NULL,
        .start_ns = task->start_ns > 0 ? task->start_ns - start_ns : -1,
        .end_ns = task->end_ns >= 0 ? task->end_ns - start_ns : -1,
        .exit_status = -1,
    };

    if (task->has_status && WIFEXITED(task->wait_status))
        process.exit_status = WEXITSTATUS(task->wait_status);
    if (task->has_status && WIFSIGNALED(task->wait_status))
        process.signal_number = WTERMSIG(task->wait_status);
    return process;
}

/* So that they are known when we are not there to tell. */
static void write_processes(RsRecording *recording)
{
    g_autoptr(GArray) tasks = rs_tasks_all(rs_capture_tasks(recording->capture));

    for (guint i = 0; i < tasks->len; i++) {
        RsProfileProcess process = process_of(&g_array_index(tasks, RsTask, i), 0);

        rs_history_process(recording->history, &process);
    }
    recording->processes_us = g_get_monotonic_time();
}

guint rs_recording_pump(RsRecording *recording)
{
    RsRingEntry entry;
    guint n = 0;

    for (; rs_capture_pop(recording->capture, &entry); n++) {
        if (recording->history)
            write_history(recording, &entry);
        else
            keep(recording, &entry);
        if (recording->look)
            show(recording, &entry);
    }
    recording->n_samples += n;
    if (recording->history && g_get_monotonic_time() - recording->processes_us > PROCESSES_EVERY_US)
        write_processes(recording);
    return n;
}

static RsProcessSample *process_sample_copy(const RsProcessSample *from, gint64 start_ns)
{
    RsProcessSample *copy = rs_process_sample_new();

    *copy = *from;
    copy->at_ns -= start_ns;
    copy->extra_json = g_strdup(from->extra_json);
    return copy;
}

static RsTimelineEvent *event_copy(const RsTimelineEvent *from, gint64 start_ns)
{
    RsTimelineEvent *copy = rs_timeline_event_new(from->kind);

    *copy = *from;
    copy->start_ns -= start_ns;
    copy->end_ns -= start_ns;
    copy->series = g_strdup(from->series);
    copy->label = g_strdup(from->label);
    copy->extra_json = g_strdup(from->extra_json);
    return copy;
}

void rs_recording_process_sample(RsRecording *recording, const RsProcessSample *sample)
{
    if (recording->history)
        rs_history_process_sample(recording->history, sample);
    else
        g_ptr_array_add(recording->profile->process_samples,
                        process_sample_copy(sample, recording->start_ns));
}

/* An event that has grown, as in a history; those that still grow are among the last. */
static gboolean replace_event(GPtrArray *events, RsTimelineEvent *event)
{
    for (guint i = events->len; i > 0; i--) {
        RsTimelineEvent *known = g_ptr_array_index(events, i - 1);

        if (known->kind != event->kind || known->process_id != event->process_id ||
            known->start_ns != event->start_ns || g_strcmp0(known->series, event->series) != 0)
            continue;
        known->end_ns = event->end_ns;
        known->peak = event->peak;
        return TRUE;
    }
    return FALSE;
}

void rs_recording_event(RsRecording *recording, const RsTimelineEvent *event)
{
    g_autoptr(RsTimelineEvent) copy = NULL;

    if (recording->history) {
        rs_history_event(recording->history, event);
        return;
    }
    copy = event_copy(event, recording->start_ns);
    if (!replace_event(recording->profile->events, copy))
        g_ptr_array_add(recording->profile->events, g_steal_pointer(&copy));
}

static guint n_waiters(const GArray *waits, const RsWait *of)
{
    guint n = 0;

    for (guint i = 0; i < waits->len; i++) {
        const RsWait *wait = &g_array_index(waits, RsWait, i);

        n += wait->process_id == of->process_id && wait->address == of->address;
    }
    return n;
}

void rs_recording_waits(RsRecording *recording, gint64 now_ns, const GArray *waits)
{
    for (guint i = 0; i < waits->len; i++) {
        const RsWait *wait = &g_array_index(waits, RsWait, i);

        if (wait->kind == RS_WAIT_CONDITION || wait->kind == RS_WAIT_JOIN)
            continue; /* idle, not held up */
        if (recording->history)
            rs_history_wait(recording->history, rs_capture_modules(recording->capture), now_ns,
                            wait);
        else
            rs_profile_add_wait(recording->profile, wait->process_id, wait->address, wait->place,
                                rs_intern_frames(recording->intern, recording->profile,
                                                 wait->frames, wait->n_frames),
                                wait->has_begun, wait->wait_ns, n_waiters(waits, wait));
    }
}

/* --- out of it --- */

/* A profile of its own with the same content: the recording goes on. */
static RsProfile *profile_copy(const RsProfile *from)
{
    RsProfile *copy = rs_profile_new();
    g_autofree gint32 *stacks = rs_profile_merge_stacks(copy, from);

    for (guint i = 0; i < from->threads->len; i++) {
        const RsProfileThread *thread = &g_array_index(from->threads, RsProfileThread, i);

        rs_profile_add_thread(copy, thread->process_id, thread->thread_id, thread->name);
    }
    for (guint i = 0; i < from->samples->len; i++) {
        RsProfileSample sample = g_array_index(from->samples, RsProfileSample, i);

        if (sample.stack >= 0)
            sample.stack = stacks[sample.stack];
        g_array_append_val(copy->samples, sample);
    }
    for (guint i = 0; i < from->process_samples->len; i++)
        g_ptr_array_add(copy->process_samples,
                        process_sample_copy(g_ptr_array_index(from->process_samples, i), 0));
    for (guint i = 0; i < from->events->len; i++)
        g_ptr_array_add(copy->events, event_copy(g_ptr_array_index(from->events, i), 0));
    for (guint i = 0; i < from->locks->len; i++) {
        const RsLock *lock = g_ptr_array_index(from->locks, i);
        RsLock *own = rs_lock_new(lock->process_id, lock->address);

        own->place = g_strdup(lock->place);
        own->n_waits = lock->n_waits;
        own->wait_ns = lock->wait_ns;
        own->n_max_waiters = lock->n_max_waiters;
        own->extra_json = g_strdup(lock->extra_json);
        for (guint j = 0; j < lock->sites->len; j++) {
            RsLockSite site = g_array_index(lock->sites, RsLockSite, j);

            if (site.stack >= 0)
                site.stack = stacks[site.stack];
            g_array_append_val(own->sites, site);
        }
        g_ptr_array_add(copy->locks, own);
    }
    return copy;
}

static void add_processes(const RsRecording *recording, RsProfile *profile)
{
    g_autoptr(GArray) tasks = rs_tasks_all(rs_capture_tasks(recording->capture));

    for (guint i = 0; i < tasks->len; i++) {
        const RsTask *task = &g_array_index(tasks, RsTask, i);
        RsProfileProcess *process = rs_profile_add_process(profile, task->process_id);

        g_free(process->name);
        *process = process_of(task, recording->start_ns);
        process->name = *task->name ? g_strdup(task->name) : NULL;
    }
}

/* Names that were told, or changed, after the thread's first sample. */
static void name_threads(const RsRecording *recording, RsProfile *profile)
{
    for (guint i = 0; i < profile->threads->len; i++) {
        RsProfileThread *thread = &g_array_index(profile->threads, RsProfileThread, i);
        char name[16];

        if (!rs_tasks_thread_name(rs_capture_tasks(recording->capture), thread->process_id,
                                  thread->thread_id, name))
            continue;
        g_free(thread->name);
        thread->name = g_strdup(name);
    }
}

RsProfile *rs_recording_profile(RsRecording *recording, gint64 last_ns)
{
    RsProfile *profile;

    rs_recording_pump(recording);
    if (recording->history)
        write_processes(recording);
    profile = recording->history ? rs_history_profile(recording->history, last_ns)
                                 : profile_copy(recording->profile);
    if (!profile)
        profile = rs_profile_new(); /* a history that somebody damaged: the rest is still true */
    if (!recording->history && last_ns > 0) {
        gint64 until_ns = rs_monotonic_ns() - recording->start_ns;

        rs_profile_cut(profile, MAX(until_ns - last_ns, 0), until_ns);
    }
    if (!recording->history)
        add_processes(recording, profile);
    name_threads(recording, profile);
    rs_capture_diagnose(recording->capture, &profile->diagnostics);
    profile->diagnostics.analysis_cpu_ns = rs_clock_ns(CLOCK_THREAD_CPUTIME_ID);
    if (profile->diagnostics.n_dropped_samples >= 0)
        profile->diagnostics.n_dropped_samples += recording->n_over_limit;
    return profile;
}

void rs_recording_clear(RsRecording *recording)
{
    RsRingEntry entry;

    while (rs_capture_pop(recording->capture, &entry)) {
        const RsRawFrame *frames;

        rs_capture_frames(recording->capture, &entry, &frames); /* keeps track of the epochs */
    }
    g_hash_table_remove_all(recording->threads);
    rs_intern_free(recording->intern);
    recording->intern = rs_intern_new(recording->capture);
    recording->n_samples = 0;
    recording->n_over_limit = 0;
    if (recording->history) {
        rs_history_clear(recording->history);
    } else {
        rs_profile_free(recording->profile);
        recording->profile = rs_profile_new();
    }
}

guint64 rs_recording_n_samples(const RsRecording *recording)
{
    return recording->n_samples;
}
