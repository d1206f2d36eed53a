/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The history file: what comes back of what was written, when all goes well and when not. */
#include "capture/history.h"

#include <check.h>
#include <errno.h>
#include <glib/gstdio.h>
#include <math.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "capture/capture.h"
#include "capture/history_format.h"

#define START_NS      G_GINT64_CONSTANT(5000000000123)
#define START_REAL_NS G_GINT64_CONSTANT(1700000000000000000)
#define MS            G_GINT64_CONSTANT(1000000)
#define N_DEPTH       12

static RsModules *modules;
static RsModule *program;
static char *folder, *path;

static void set_up(void)
{
    g_autofree char *exe = g_file_read_link("/proc/self/exe", NULL);
    RsMapping mapping = {.start = 0x400000, .end = 0x500000, .path = exe};
    struct stat status;

    ck_assert_int_eq(stat("/proc/self/exe", &status), 0);
    mapping.device_major = (guint32)(status.st_dev >> 8 & 0xfff);
    mapping.device_minor = (guint32)(status.st_dev & 0xff);
    mapping.inode = status.st_ino;
    modules = rs_modules_new();
    program = rs_modules_get(modules, getpid(), &mapping);
    folder = g_dir_make_tmp("history.XXXXXX", NULL);
    path = g_build_filename(folder, "buffer", NULL);
}

static void tear_down(void)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);

    for (const char *name; (name = g_dir_read_name(dir));) {
        g_autofree char *child = g_build_filename(folder, name, NULL);

        g_unlink(child);
    }
    g_rmdir(folder);
    g_free(folder);
    g_free(path);
    rs_modules_free(modules);
}

static RsHistory *create(gsize n_bytes, double retention_s)
{
    g_autoptr(GError) error = NULL;
    RsHistory *history =
        rs_history_create(path, n_bytes, retention_s, START_NS, START_REAL_NS, &error);

    ck_assert_msg(history != NULL, "%s", error ? error->message : "");
    return history;
}

static RsProfile *read_back(gint64 last_ns, RsHistoryFacts *facts)
{
    g_autoptr(GError) error = NULL;
    RsProfile *profile = rs_history_read(path, last_ns, facts, &error);

    ck_assert_msg(profile != NULL, "%s", error ? error->message : "");
    return profile;
}

/* Stack number i: different ones share their outer frames. Innermost first. */
static guint stack_of(guint i, RsRawFrame *frames)
{
    for (guint k = 0; k < N_DEPTH; k++) {
        guint64 address = 0x1000 + 64 * k + (k >= 8 ? i % 7 : 0) * 4096 + (k == 11 ? i : 0) * 16;
        RsModule *module = k == 0   ? rs_modules_vdso(modules)
                           : k == 5 ? rs_modules_kernel(modules)
                                    : program;

        frames[N_DEPTH - 1 - k] =
            (RsRawFrame){.module = rs_module_id(module),
                         .address = k == 5 ? G_GUINT64_CONSTANT(0xffffffff81000000) + i : address};
    }
    return N_DEPTH;
}

/* Sample number i: its time, and its weight says which it is. */
static void write_sample(RsHistory *history, guint64 i, gint64 time_ns)
{
    RsRawFrame frames[N_DEPTH];
    guint n_frames = stack_of((guint)(i % 97), frames);
    RsRingEntry entry = {.time_ns = time_ns,
                         .stack_id = (guint32)(i % 97),
                         .thread_id = (guint32)(100 + i % 20),
                         .process_id = 100,
                         .flags = i % 10 == 3 ? RS_STACK_NO_RULE | RS_ENTRY_LATE : 0,
                         .weight_ns = i + 1};

    rs_history_sample(history, modules, &entry, 1, frames, n_frames, "worker");
}

static gint64 time_of(guint64 i)
{
    return START_NS + 10 * MS + (gint64)i * 2 * MS + (gint64)(i % 5) * 1000;
}

static void write_samples(RsHistory *history, guint64 from, guint64 n)
{
    for (guint64 i = from; i < from + n; i++)
        write_sample(history, i, time_of(i));
}

/* The checks of samples are no assertions of their own: there are millions of them. */
static gboolean is_frame(const RsProfile *profile, guint32 i, const RsRawFrame *wanted)
{
    const RsProfileFrame *frame = &g_array_index(profile->frames, RsProfileFrame, i);
    const RsProfileModule *module = g_ptr_array_index(profile->modules, frame->module);
    RsModule *from = rs_modules_by_id(modules, wanted->module);

    return frame->address == wanted->address && module->kind == rs_module_kind(from) &&
           module->n_bytes == rs_module_n_bytes(from) &&
           g_str_equal(module->path, rs_module_path(from)) &&
           g_strcmp0(module->build_id, rs_module_build_id(from)) == 0;
}

static gboolean is_stack(const RsProfile *profile, gint32 stack, guint i)
{
    RsRawFrame frames[N_DEPTH];
    guint n_frames = stack_of(i, frames);

    for (guint k = 0; k < n_frames; k++) {
        const RsProfileStack *node;

        if (stack < 0)
            return FALSE;
        node = &g_array_index(profile->stacks, RsProfileStack, stack);
        if (!is_frame(profile, node->frame, &frames[k]))
            return FALSE;
        stack = node->parent;
    }
    return stack == RS_STACK_NONE;
}

static guint64 number_of(const RsProfile *profile, guint i)
{
    return (guint64)g_array_index(profile->samples, RsProfileSample, i).weight_ns - 1;
}

/* Sample i of the profile is what write_sample wrote as the one of its number. */
static gboolean is_sample(const RsProfile *profile, guint i)
{
    const RsProfileSample *sample = &g_array_index(profile->samples, RsProfileSample, i);
    const RsProfileThread *thread =
        &g_array_index(profile->threads, RsProfileThread, sample->thread);
    guint64 number = number_of(profile, i);

    return sample->at_ns == time_of(number) - START_NS && thread->process_id == 100 &&
           thread->thread_id == (gint32)(100 + number % 20) &&
           g_strcmp0(thread->name, "worker") == 0 &&
           sample->end == (number % 10 == 3 ? RS_STACK_NO_RULE : RS_STACK_COMPLETE) &&
           sample->is_late == (number % 10 == 3) &&
           is_stack(profile, sample->stack, (guint)(number % 97));
}

static void check_all(const RsProfile *profile)
{
    for (guint i = 0; i < profile->samples->len; i++)
        if (!is_sample(profile, i))
            ck_abort_msg("sample %u of %u is not what was written", i, profile->samples->len);
}

/* All samples from some number on, up to (not with) end. */
static void check_run(const RsProfile *profile, guint64 end)
{
    guint n = profile->samples->len;

    ck_assert_uint_gt(n, 0);
    for (guint i = 0; i < n; i++)
        if (number_of(profile, i) != end - n + i)
            ck_abort_msg("sample %u of %u is number %" G_GUINT64_FORMAT ", not %" G_GUINT64_FORMAT,
                         i, n, number_of(profile, i), end - n + i);
    check_all(profile);
}

/* --- what is written comes back --- */

static void write_everything(RsHistory *history)
{
    RsDiagnostics diagnostics;
    RsRawFrame frames[N_DEPTH];
    RsProcessSample look = {.at_ns = START_NS + 1500 * MS,
                            .process_id = 100,
                            .cpu_pct = 98.6,
                            .rss_bytes = 12345678,
                            .n_threads = 7,
                            .n_open_fds = 12,
                            .n_syscalls = -1,
                            .n_voluntary_switches = G_MAXINT64,
                            .n_involuntary_switches = 0,
                            .read_bytes = -1,
                            .written_bytes = 4096};
    RsTimelineEvent event = {.kind = RS_EVENT_SPIKE,
                             .series = (char *)"rss_bytes",
                             .process_id = 100,
                             .start_ns = START_NS + 1000 * MS,
                             .end_ns = START_NS + 1100 * MS,
                             .before = 1e6,
                             .peak = 9e6};
    RsTimelineEvent mark = {.kind = RS_EVENT_MARK,
                            .start_ns = START_NS + 900 * MS,
                            .end_ns = START_NS + 900 * MS,
                            .before = NAN,
                            .peak = NAN,
                            .label = (char *)"deployed"};
    RsWait wait = {.process_id = 100,
                   .thread_id = 101,
                   .address = 0x7fff12345678,
                   .place = "heap",
                   .has_begun = TRUE,
                   .frames = frames,
                   .n_frames = stack_of(3, frames)};
    RsProfileProcess process = {.process_id = 100,
                                .parent_id = 1,
                                .name = (char *)"program",
                                .start_ns = START_NS + 2 * MS,
                                .end_ns = -1,
                                .exit_status = -1};

    rs_history_process(history, &process);
    write_samples(history, 0, 500);
    rs_history_process_sample(history, &look);
    look.at_ns += 1000 * MS;
    look.cpu_pct = NAN;
    look.rss_bytes = 1000;
    rs_history_process_sample(history, &look);
    rs_history_event(history, &event);
    event.end_ns += 200 * MS; /* goes on */
    event.peak = 11e6;
    rs_history_event(history, &event);
    rs_history_event(history, &mark);
    rs_history_wait(history, modules, START_NS + 1200 * MS, &wait);
    wait.thread_id = 102;
    rs_history_wait(history, modules, START_NS + 1200 * MS, &wait);
    wait.has_begun = FALSE;
    wait.wait_ns = 7 * MS;
    rs_history_wait(history, modules, START_NS + 1207 * MS, &wait);
    process.end_ns = START_NS + 3000 * MS;
    process.exit_status = 3;
    rs_history_process(history, &process);
    rs_diagnostics_init(&diagnostics);
    diagnostics.backend = (char *)"ptrace";
    diagnostics.backend_reason = (char *)"perf_event_open is denied";
    diagnostics.sample_rate_hz = 49;
    diagnostics.fallback_used = TRUE;
    diagnostics.n_raw_samples = 1;
    rs_history_diagnostics(history, &diagnostics);
    diagnostics.n_raw_samples = 500;
    diagnostics.n_ends[RS_STACK_NO_RULE] = 50;
    rs_history_diagnostics(history, &diagnostics);
}

static void check_looks_and_events(const RsProfile *profile)
{
    const RsProcessSample *look;
    const RsTimelineEvent *event;

    ck_assert_uint_eq(profile->process_samples->len, 2);
    look = g_ptr_array_index(profile->process_samples, 0);
    ck_assert_int_eq(look->at_ns, 1500 * MS);
    ck_assert_int_eq(look->process_id, 100);
    ck_assert_double_eq(look->cpu_pct, 98.6);
    ck_assert_int_eq(look->rss_bytes, 12345678);
    ck_assert_int_eq(look->n_threads, 7);
    ck_assert_int_eq(look->n_open_fds, 12);
    ck_assert_int_eq(look->n_syscalls, -1);
    ck_assert_int_eq(look->n_voluntary_switches, G_MAXINT64);
    ck_assert_int_eq(look->n_involuntary_switches, 0);
    ck_assert_int_eq(look->read_bytes, -1);
    ck_assert_int_eq(look->written_bytes, 4096);
    look = g_ptr_array_index(profile->process_samples, 1);
    ck_assert_int_eq(look->at_ns, 2500 * MS);
    ck_assert(isnan(look->cpu_pct));
    ck_assert_int_eq(look->rss_bytes, 1000);
    ck_assert_uint_eq(profile->events->len, 2);
    event = g_ptr_array_index(profile->events, 0);
    ck_assert_int_eq(event->kind, RS_EVENT_MARK);
    ck_assert_str_eq(event->label, "deployed");
    ck_assert_ptr_null(event->series);
    ck_assert_int_eq(event->start_ns, 900 * MS);
    ck_assert(isnan(event->before) && isnan(event->peak));
    event = g_ptr_array_index(profile->events, 1);
    ck_assert_int_eq(event->kind, RS_EVENT_SPIKE);
    ck_assert_str_eq(event->series, "rss_bytes");
    ck_assert_int_eq(event->process_id, 100);
    ck_assert_int_eq(event->start_ns, 1000 * MS);
    ck_assert_int_eq(event->end_ns, 1300 * MS);
    ck_assert_double_eq(event->before, 1e6);
    ck_assert_double_eq(event->peak, 11e6);
}

static void check_the_rest(const RsProfile *profile)
{
    const RsProfileProcess *process;
    const RsLockSite *site;
    const RsLock *lock;

    ck_assert_uint_eq(profile->locks->len, 1);
    lock = g_ptr_array_index(profile->locks, 0);
    ck_assert_int_eq(lock->process_id, 100);
    ck_assert_uint_eq(lock->address, 0x7fff12345678);
    ck_assert_str_eq(lock->place, "heap");
    ck_assert_int_eq(lock->n_waits, 2);
    ck_assert_int_eq(lock->wait_ns, 7 * MS);
    ck_assert_int_eq(lock->n_max_waiters, 2);
    ck_assert_uint_eq(lock->sites->len, 1);
    site = &g_array_index(lock->sites, RsLockSite, 0);
    ck_assert(is_stack(profile, site->stack, 3));
    ck_assert_uint_eq(profile->processes->len, 1);
    process = &g_array_index(profile->processes, RsProfileProcess, 0);
    ck_assert_int_eq(process->process_id, 100);
    ck_assert_int_eq(process->parent_id, 1);
    ck_assert_str_eq(process->name, "program");
    ck_assert_int_eq(process->start_ns, 2 * MS);
    ck_assert_int_eq(process->end_ns, 3000 * MS);
    ck_assert_int_eq(process->exit_status, 3);
    ck_assert_str_eq(profile->diagnostics.backend, "ptrace");
    ck_assert_str_eq(profile->diagnostics.backend_reason, "perf_event_open is denied");
    ck_assert_ptr_null(profile->diagnostics.event);
    ck_assert_double_eq(profile->diagnostics.sample_rate_hz, 49);
    ck_assert(profile->diagnostics.fallback_used && !profile->diagnostics.sees_kernel);
    ck_assert_int_eq(profile->diagnostics.n_raw_samples, 500);
    ck_assert_int_eq(profile->diagnostics.n_ends[RS_STACK_NO_RULE], 50);
    ck_assert_int_eq(profile->diagnostics.wall_ns, -1);
}

START_TEST(everything_comes_back)
{
    RsHistory *history = create(1 << 20, 0);
    RsHistoryFacts facts;
    g_autoptr(RsProfile) own = NULL, read = NULL;

    write_everything(history);
    ck_assert_int_eq(rs_history_retained_ns(history), time_of(499) - time_of(0));
    own = rs_history_profile(history, 0);
    rs_history_free(history);
    read = read_back(0, &facts);
    ck_assert_uint_eq(own->samples->len, 500);
    ck_assert_uint_eq(read->samples->len, 500);
    check_run(own, 500);
    check_run(read, 500);
    check_looks_and_events(own);
    check_looks_and_events(read);
    check_the_rest(own);
    check_the_rest(read);
    ck_assert_int_eq(facts.start_ns, START_NS);
    ck_assert_int_eq(facts.start_real_ns, START_REAL_NS);
    ck_assert_int_eq(facts.writer_pid, getpid());
    ck_assert(!facts.writer_lives);
    ck_assert_uint_eq(facts.n_chunks, 1);
    ck_assert_uint_eq(facts.n_damaged_chunks, 0);
    ck_assert_int_eq(facts.oldest_ns, time_of(0) - START_NS);
    ck_assert_int_eq(facts.newest_ns, 2500 * MS);
}
END_TEST

START_TEST(samples_out_of_order_are_read_in_order)
{
    g_autoptr(RsHistory) history = create(1 << 20, 0);
    g_autoptr(RsProfile) profile = NULL;

    for (guint64 i = 0; i < 400; i++)
        write_sample(history, i ^ 3, time_of(i ^ 3));
    write_sample(history, 400, time_of(400));
    profile = read_back(0, NULL);
    ck_assert_uint_eq(profile->samples->len, 401);
    check_run(profile, 401);
}
END_TEST

START_TEST(a_stack_id_means_another_stack_in_another_epoch)
{
    g_autoptr(RsHistory) history = create(1 << 20, 0);
    g_autoptr(RsProfile) profile = NULL;
    RsRawFrame frames[N_DEPTH];
    RsRingEntry entry = {.stack_id = 5, .process_id = 1, .thread_id = 1, .weight_ns = 1};

    for (guint epoch = 1; epoch <= 3; epoch++) {
        guint n_frames = stack_of(epoch, frames);

        entry.time_ns = START_NS + epoch * MS;
        rs_history_sample(history, modules, &entry, epoch, frames, n_frames, NULL);
    }
    entry.stack_id = 6;
    entry.time_ns += MS;
    rs_history_sample(history, modules, &entry, 3, NULL, 0, NULL);
    profile = read_back(0, NULL);
    ck_assert_uint_eq(profile->samples->len, 4);
    for (guint i = 0; i < 3; i++)
        ck_assert(
            is_stack(profile, g_array_index(profile->samples, RsProfileSample, i).stack, i + 1));
    ck_assert_int_eq(g_array_index(profile->samples, RsProfileSample, 3).stack, RS_STACK_NONE);
    ck_assert_ptr_null(g_array_index(profile->threads, RsProfileThread, 0).name);
}
END_TEST

START_TEST(a_thread_has_the_name_that_was_told_last)
{
    g_autoptr(RsHistory) history = create(1 << 20, 0);
    g_autoptr(RsProfile) profile = NULL;
    const char *const names[] = {NULL, "early", "a name of more than fifteen", NULL};
    RsRingEntry entry = {.time_ns = START_NS, .process_id = 1, .thread_id = 1, .weight_ns = 1};

    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        rs_history_sample(history, modules, &entry, 0, NULL, 0, names[i]);
    profile = read_back(0, NULL);
    ck_assert_uint_eq(profile->threads->len, 1);
    ck_assert_uint_eq(profile->samples->len, G_N_ELEMENTS(names));
    ck_assert_str_eq(g_array_index(profile->threads, RsProfileThread, 0).name, "a name of more ");
}
END_TEST

START_TEST(a_process_is_known_as_long_as_it_has_samples)
{
    g_autoptr(RsHistory) history = create(256 << 10, 0);
    g_autoptr(RsProfile) profile = NULL;
    RsHistoryCounts counts;
    RsProfileProcess process = {
        .process_id = 100, .name = (char *)"old", .start_ns = -1, .end_ns = -1, .exit_status = -1};
    const RsProfileProcess *read;

    rs_history_process(history, &process);
    for (guint64 i = 0;; i++) { /* until its first record is overwritten */
        write_sample(history, i, time_of(i));
        rs_history_counts(history, &counts);
        if (counts.n_chunks > 9)
            break;
    }
    process.end_ns = time_of(0) + 1;
    process.signal_number = 9;
    process.exit_status = -1;
    rs_history_process(history, &process);
    process = (RsProfileProcess){.process_id = 100,
                                 .name = (char *)"new",
                                 .start_ns = time_of(1),
                                 .end_ns = -1,
                                 .exit_status = -1};
    rs_history_process(history, &process);
    profile = read_back(0, NULL);
    ck_assert_uint_eq(profile->processes->len, 2);
    read = &g_array_index(profile->processes, RsProfileProcess, 0);
    ck_assert_str_eq(read->name, "old");
    ck_assert_int_eq(read->signal_number, 9);
    ck_assert_int_eq(read->end_ns, (time_of(0) + 1 - START_NS) / 1000 * 1000);
    read = &g_array_index(profile->processes, RsProfileProcess, 1);
    ck_assert_str_eq(read->name, "new");
    ck_assert_int_eq(read->end_ns, -1);
}
END_TEST

START_TEST(a_stack_too_large_for_a_chunk_loses_outer_frames)
{
    g_autoptr(RsHistory) history = create(256 << 10, 0);
    g_autoptr(RsProfile) profile = NULL;
    g_autofree RsRawFrame *frames = g_new0(RsRawFrame, RS_UNWIND_MAX_FRAMES);
    RsRingEntry entry = {.stack_id = 1000, .process_id = 1, .thread_id = 1, .weight_ns = 1};
    const RsProfileSample *sample;
    guint n_frames = 0;

    write_samples(history, 0, 10);
    for (guint i = 0; i < RS_UNWIND_MAX_FRAMES; i++)
        frames[i] = (RsRawFrame){.module = rs_module_id(program),
                                 .address = i * G_GUINT64_CONSTANT(0x9e3779b97f4a7c15)};
    entry.time_ns = time_of(10);
    rs_history_sample(history, modules, &entry, 1, frames, RS_UNWIND_MAX_FRAMES, NULL);
    profile = read_back(0, NULL);
    ck_assert_uint_eq(profile->samples->len, 11);
    sample = &g_array_index(profile->samples, RsProfileSample, 10);
    ck_assert_int_eq(sample->end, RS_STACK_TOO_DEEP);
    for (gint32 stack = sample->stack; stack != RS_STACK_NONE; n_frames++) {
        const RsProfileStack *node = &g_array_index(profile->stacks, RsProfileStack, stack);

        ck_assert_uint_eq(g_array_index(profile->frames, RsProfileFrame, node->frame).address,
                          frames[n_frames].address);
        stack = node->parent;
    }
    ck_assert_uint_ge(n_frames, 4000);
    ck_assert_uint_lt(n_frames, RS_UNWIND_MAX_FRAMES);
}
END_TEST

START_TEST(a_deep_recursion_comes_back_whole)
{
    g_autoptr(RsHistory) history = create(256 << 10, 0);
    g_autoptr(RsProfile) profile = NULL;
    g_autofree RsRawFrame *frames = g_new0(RsRawFrame, RS_UNWIND_MAX_FRAMES);
    RsRingEntry entry = {.time_ns = START_NS, .process_id = 1, .thread_id = 1, .weight_ns = 1};
    guint n_frames = 0;

    for (guint i = 0; i < RS_UNWIND_MAX_FRAMES; i++)
        frames[i] = (RsRawFrame){.module = rs_module_id(program), .address = 0x1000 + i % 2 * 0x80};
    rs_history_sample(history, modules, &entry, 1, frames, RS_UNWIND_MAX_FRAMES, NULL);
    profile = read_back(0, NULL);
    ck_assert_uint_eq(profile->samples->len, 1);
    ck_assert_int_eq(g_array_index(profile->samples, RsProfileSample, 0).end, RS_STACK_COMPLETE);
    for (gint32 stack = g_array_index(profile->samples, RsProfileSample, 0).stack;
         stack != RS_STACK_NONE; n_frames++)
        stack = g_array_index(profile->stacks, RsProfileStack, stack).parent;
    ck_assert_uint_eq(n_frames, RS_UNWIND_MAX_FRAMES);
}
END_TEST

/* --- when the room is used up --- */

START_TEST(the_newest_stay_when_the_oldest_are_overwritten)
{
    g_autoptr(RsHistory) history = create(256 << 10, 0);
    RsHistoryCounts counts;
    guint64 n = 0;

    for (guint round = 0; round < 12; round++) {
        g_autoptr(RsProfile) profile = NULL;
        RsHistoryFacts facts;
        gint64 retained_ns;

        write_samples(history, n, 12345);
        n += 12345;
        retained_ns = rs_history_retained_ns(history);
        profile = read_back(0, &facts);
        check_run(profile, n);
        ck_assert_uint_eq(facts.n_damaged_chunks, 0);
        ck_assert_int_eq(retained_ns, time_of(n - 1) - time_of(number_of(profile, 0)));
        rs_history_counts(history, &counts);
        ck_assert_uint_eq(facts.n_chunks, MIN(counts.n_chunks, 4));
    }
    ck_assert_uint_gt(counts.n_chunks, 12); /* several times around */
    ck_assert_uint_eq(counts.n_samples, n);
}
END_TEST

START_TEST(only_the_last_minutes_are_read_when_asked)
{
    g_autoptr(RsHistory) history = create(1 << 20, 10);
    g_autoptr(RsProfile) last = NULL, all = NULL, sliver = NULL;

    write_samples(history, 0, 20000); /* 40 s */
    last = read_back(4 * 1000 * MS, NULL);
    check_run(last, 20000);
    ck_assert_int_eq(number_of(last, 0), 20000 - 2000 - 1);
    all = read_back(0, NULL); /* the retention */
    check_run(all, 20000);
    ck_assert_int_eq(number_of(all, 0), 20000 - 5000 - 1);
    sliver = read_back(100 * MS, NULL);
    check_run(sliver, 20000);
    ck_assert_uint_le(sliver->samples->len, 51);
    ck_assert_uint_lt(sliver->stacks->len, all->stacks->len); /* no stacks that nobody has */
    ck_assert_int_eq(rs_history_retained_ns(history), 10 * 1000 * MS);
}
END_TEST

START_TEST(a_cleared_history_is_empty_and_goes_on)
{
    g_autoptr(RsHistory) history = create(256 << 10, 0);
    g_autoptr(RsProfile) empty = NULL, more = NULL;
    RsHistoryFacts facts;

    rs_history_clear(history);
    write_samples(history, 0, 40000);
    rs_history_clear(history);
    ck_assert_int_eq(rs_history_retained_ns(history), 0);
    empty = read_back(0, &facts);
    ck_assert_uint_eq(empty->samples->len, 0);
    ck_assert_uint_eq(empty->stacks->len, 0);
    ck_assert_uint_eq(facts.n_chunks, 0);
    write_samples(history, 40000, 100);
    more = read_back(0, NULL);
    ck_assert_uint_eq(more->samples->len, 100);
    check_run(more, 40100);
}
END_TEST

/* --- writers that die, and others that come --- */

typedef struct {
    _Atomic guint64 n_begun, n_done;
} Progress;

static void write_until_killed(Progress *progress)
{
    RsHistory *history = create(256 << 10, 0);

    for (guint64 i = 0;; i++) {
        atomic_store(&progress->n_begun, i + 1);
        write_sample(history, i, time_of(i));
        atomic_store(&progress->n_done, i + 1);
    }
}

START_TEST(nothing_committed_is_lost_when_the_writer_is_killed)
{
    Progress *progress =
        mmap(NULL, sizeof *progress, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    ck_assert(progress != MAP_FAILED);
    for (guint round = 0; round < 50; round++) {
        RsHistoryFacts facts, beside_facts;
        g_autoptr(RsProfile) profile = NULL, beside = NULL;
        guint64 n_seen;
        pid_t pid;

        atomic_store(&progress->n_begun, 0);
        atomic_store(&progress->n_done, 0);
        pid = fork();
        ck_assert_int_ge(pid, 0);
        if (pid == 0) {
            write_until_killed(progress);
            _exit(1);
        }
        while (atomic_load(&progress->n_done) == 0)
            g_usleep(100);
        g_usleep((gulong)g_random_int_range(0, 12000));
        if (round % 5 == 0)
            beside = read_back(0, &beside_facts);
        ck_assert_int_eq(kill(pid, SIGKILL), 0);
        ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
        profile = read_back(0, &facts);
        ck_assert(!facts.writer_lives);
        ck_assert_int_eq(facts.writer_pid, pid);
        ck_assert_uint_eq(facts.n_damaged_chunks, 0);
        n_seen = number_of(profile, profile->samples->len - 1) + 1;
        ck_assert_uint_ge(n_seen, atomic_load(&progress->n_done));
        ck_assert_uint_le(n_seen, atomic_load(&progress->n_begun));
        check_run(profile, n_seen);
        if (!beside)
            continue;
        ck_assert(beside_facts.writer_lives);
        ck_assert_int_eq(beside_facts.writer_pid, pid);
        check_all(beside);
    }
    munmap(progress, sizeof *progress);
}
END_TEST

START_TEST(of_two_writers_the_second_is_refused)
{
    RsHistory *history = create(256 << 10, 0);
    g_autoptr(GError) error = NULL;
    g_autoptr(RsProfile) profile = NULL;
    g_autofree char *old_path = g_strconcat(path, ".1", NULL);
    RsHistoryFacts facts;
    guint n_files = 0;
    g_autoptr(GDir) dir = NULL;

    write_samples(history, 0, 10);
    ck_assert_ptr_null(rs_history_create(path, 256 << 10, 0, 0, 0, &error));
    ck_assert(g_error_matches(error, RS_HISTORY_ERROR, RS_HISTORY_ERROR_IN_USE));
    ck_assert(g_str_has_suffix(error->message, "buffer: another process is writing it"));
    write_samples(history, 10, 10);
    profile = read_back(0, &facts);
    ck_assert(facts.writer_lives);
    check_run(profile, 20);
    dir = g_dir_open(folder, 0, NULL);
    while (g_dir_read_name(dir))
        n_files++;
    ck_assert_uint_eq(n_files, 1); /* the second left nothing behind */
    rs_history_free(history);
    rs_history_free(create(256 << 10, 0));
}
END_TEST

START_TEST(the_history_of_a_dead_writer_is_kept_beside_the_new_one)
{
    g_autofree char *old_path = g_strconcat(path, ".1", NULL);
    g_autoptr(RsProfile) old = NULL, fresh = NULL;
    g_autoptr(RsHistory) second = NULL;
    RsHistory *first = create(256 << 10, 0);
    struct stat status;

    write_samples(first, 0, 10);
    rs_history_free(first);
    second = create(512 << 10, 0);
    write_samples(second, 10, 5);
    old = rs_history_read(old_path, 0, NULL, NULL);
    ck_assert_ptr_nonnull(old);
    ck_assert_uint_eq(old->samples->len, 10);
    fresh = read_back(0, NULL);
    check_run(fresh, 15);
    ck_assert_uint_eq(fresh->samples->len, 5);
    ck_assert_int_eq(stat(path, &status), 0);
    ck_assert_int_eq(status.st_size, 512 << 10);
    ck_assert_int_eq(status.st_mode & 0777, 0600);
}
END_TEST

START_TEST(a_file_that_is_no_history_is_left_alone)
{
    g_autoptr(GError) error = NULL, read_error = NULL;
    g_autofree char *text = NULL;

    ck_assert(g_file_set_contents(path, "precious", -1, NULL));
    ck_assert_ptr_null(rs_history_create(path, 256 << 10, 0, 0, 0, &error));
    ck_assert(g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_EXIST));
    ck_assert(g_file_get_contents(path, &text, NULL, NULL));
    ck_assert_str_eq(text, "precious");
    ck_assert_ptr_null(rs_history_read(path, 0, NULL, &read_error));
    ck_assert(g_error_matches(read_error, RS_HISTORY_ERROR, RS_HISTORY_ERROR_NOT_HISTORY));
    ck_assert(g_file_set_contents(path, "", 0, NULL));
    rs_history_free(create(256 << 10, 0));
}
END_TEST

/* --- no room --- */

START_TEST(sizes_out_of_bounds_are_refused)
{
    g_autoptr(GError) small = NULL, large = NULL;

    ck_assert_ptr_null(rs_history_create(path, 100000, 0, 0, 0, &small));
    ck_assert(g_error_matches(small, G_FILE_ERROR, G_FILE_ERROR_INVAL));
    ck_assert_ptr_null(rs_history_create(path, (gsize)5 << 30, 0, 0, 0, &large));
    ck_assert(g_error_matches(large, G_FILE_ERROR, G_FILE_ERROR_INVAL));
}
END_TEST

START_TEST(a_file_size_limit_is_an_error_and_no_signal)
{
    struct rlimit before, limit;
    g_autoptr(GError) error = NULL;

    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
    limit = before;
    limit.rlim_cur = 100 << 10;
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    ck_assert_ptr_null(rs_history_create(path, 1 << 20, 0, 0, 0, &error));
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &before), 0);
    ck_assert(g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_FAILED));
    ck_assert_ptr_nonnull(strstr(error->message, "1048576 bytes for the history cannot be had"));
    ck_assert(!g_file_test(path, G_FILE_TEST_EXISTS));
}
END_TEST

START_TEST(a_full_disk_is_an_error_at_creation)
{
    g_autoptr(GError) error = NULL;
    RsHistory *history;

    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("none", folder, "tmpfs", 0, "size=1m") != 0) {
        printf("SKIP: no permission to mount a small file system\n");
        return;
    }
    history = create(768 << 10, 0);
    write_samples(history, 0, 10);
    rs_history_free(history);
    ck_assert_ptr_null(rs_history_create(path, 512 << 10, 0, 0, 0, &error));
    ck_assert(g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOSPC));
    rs_profile_free(read_back(0, NULL)); /* the old one is where it was */
    umount2(folder, MNT_DETACH);
}
END_TEST

/* --- damage --- */

static guint8 *wrapped_bytes(gsize *n_bytes)
{
    RsHistory *history = create(512 << 10, 0);
    char *bytes = NULL;

    write_samples(history, 0, 120000);
    rs_history_free(history);
    ck_assert(g_file_get_contents(path, &bytes, n_bytes, NULL));
    return (guint8 *)bytes;
}

static RsHistoryHead *head_of(guint8 *bytes)
{
    return (RsHistoryHead *)(gpointer)bytes;
}

static RsHistoryChunkHead *chunk_of(guint8 *bytes, guint i)
{
    return (RsHistoryChunkHead *)(gpointer)(bytes + RS_HISTORY_CHUNKS_OFFSET +
                                            (gsize)i * head_of(bytes)->n_chunk_bytes);
}

/* How many samples each chunk has. */
static void count_samples(const guint8 *bytes, gsize n_bytes, guint n_chunks, guint *n_samples)
{
    for (guint i = 0; i < n_chunks; i++) {
        g_autofree guint8 *copy = g_memdup2(bytes, n_bytes);
        g_autoptr(RsProfile) profile = NULL;

        for (guint k = 0; k < n_chunks; k++)
            if (k != i)
                atomic_store(&chunk_of(copy, k)->committed, 0);
        profile = rs_history_parse(copy, n_bytes, 0, NULL, NULL);
        ck_assert_ptr_nonnull(profile);
        n_samples[i] = profile->samples->len;
    }
}

START_TEST(a_damaged_byte_costs_no_more_than_its_chunk)
{
    gsize n_bytes;
    g_autofree guint8 *bytes = wrapped_bytes(&n_bytes);
    guint n_chunks = head_of(bytes)->n_chunks, n_most = 0, n_all, n_damaged = 0, n_samples[4];
    g_autoptr(RsProfile) whole = rs_history_parse(bytes, n_bytes, 0, NULL, NULL);

    ck_assert_uint_eq(n_chunks, 4);
    n_all = whole->samples->len;
    count_samples(bytes, n_bytes, n_chunks, n_samples);
    for (guint i = 0; i < n_chunks; i++)
        n_most = MAX(n_most, n_samples[i]);
    ck_assert_uint_lt(n_most, n_all / 2);
    for (guint round = 0; round < 200; round++) {
        /* half of them where the heads are */
        gsize at = round % 2   ? (gsize)g_random_int_range(0, (gint32)n_bytes)
                   : round % 4 ? (gsize)g_random_int_range(0, sizeof(RsHistoryHead))
                               : RS_HISTORY_CHUNKS_OFFSET +
                                     (gsize)g_random_int_range(0, (gint32)n_chunks) *
                                         head_of(bytes)->n_chunk_bytes +
                                     (gsize)g_random_int_range(0, 24);
        guint8 saved = bytes[at];
        g_autoptr(RsProfile) profile = NULL;
        RsHistoryFacts facts;

        bytes[at] ^= (guint8)g_random_int_range(1, 256);
        profile = rs_history_parse(bytes, n_bytes, 0, &facts, NULL);
        ck_assert_ptr_nonnull(profile);
        ck_assert_uint_le(facts.n_damaged_chunks, 1);
        ck_assert_uint_ge(profile->samples->len + n_most, n_all);
        ck_assert(facts.n_damaged_chunks || facts.n_chunks < n_chunks ||
                  profile->samples->len == n_all);
        check_all(profile);
        n_damaged += facts.n_damaged_chunks;
        bytes[at] = saved;
    }
    ck_assert_uint_gt(n_damaged, 10);
}
END_TEST

START_TEST(a_truncated_file_is_read_as_far_as_it_goes)
{
    gsize n_bytes;
    g_autofree guint8 *bytes = wrapped_bytes(&n_bytes);
    guint n_samples[4];

    count_samples(bytes, n_bytes, 4, n_samples);
    for (gsize n_there = RS_HISTORY_CHUNKS_OFFSET; n_there <= n_bytes; n_there += 13 << 10) {
        g_autofree guint8 *there = g_memdup2(bytes, n_there);
        g_autoptr(RsProfile) profile = rs_history_parse(there, n_there, 0, NULL, NULL);
        guint n_wanted = 0;

        for (guint i = 0; i < 4; i++) {
            RsHistoryChunkHead *chunk = chunk_of(bytes, i);
            guint8 *end = (guint8 *)(chunk + 1) + (guint32)atomic_load(&chunk->committed);

            n_wanted += end <= bytes + n_there ? n_samples[i] : 0;
        }
        if (profile)
            check_all(profile);
        ck_assert_uint_eq(profile ? profile->samples->len : 0, n_wanted);
        ck_assert(profile || n_there < RS_HISTORY_CHUNKS_OFFSET + head_of(bytes)->n_chunk_bytes);
    }
    for (gsize n_there = 0; n_there < 200; n_there++) {
        g_autofree guint8 *there = g_memdup2(bytes, n_there);
        g_autoptr(RsProfile) profile = rs_history_parse(there, n_there, 0, NULL, NULL);

        ck_assert((profile != NULL) == (n_there >= sizeof(RsHistoryHead)));
    }
}
END_TEST

START_TEST(a_later_version_is_refused_and_said)
{
    gsize n_bytes;
    g_autofree guint8 *bytes = wrapped_bytes(&n_bytes);
    g_autoptr(GError) error = NULL;

    head_of(bytes)->major = head_of(bytes + RS_HISTORY_COPY_OFFSET)->major = 2;
    ck_assert_ptr_null(rs_history_parse(bytes, n_bytes, 0, NULL, &error));
    ck_assert(g_error_matches(error, RS_HISTORY_ERROR, RS_HISTORY_ERROR_NEWER));
}
END_TEST

START_TEST(a_file_of_damage_alone_is_an_error)
{
    gsize n_bytes;
    g_autofree guint8 *bytes = wrapped_bytes(&n_bytes);
    g_autoptr(GError) error = NULL, head_error = NULL;

    for (guint i = 0; i < head_of(bytes)->n_chunks; i++)
        ((guint8 *)chunk_of(bytes, i))[100] ^= 1;
    ck_assert_ptr_null(rs_history_parse(bytes, n_bytes, 0, NULL, &error));
    ck_assert(g_error_matches(error, RS_HISTORY_ERROR, RS_HISTORY_ERROR_DAMAGED));
    bytes[20] ^= 1;
    bytes[RS_HISTORY_COPY_OFFSET + 20] ^= 1;
    ck_assert_ptr_null(rs_history_parse(bytes, n_bytes, 0, NULL, &head_error));
    ck_assert(g_error_matches(head_error, RS_HISTORY_ERROR, RS_HISTORY_ERROR_DAMAGED));
}
END_TEST

START_TEST(diagnostics_that_were_torn_leave_those_before)
{
    RsHistory *history = create(256 << 10, 0);
    g_autofree char *long_text = g_strnfill(1000, 'x');
    g_autofree guint8 *bytes = NULL;
    g_autoptr(RsProfile) profile = NULL;
    RsDiagnostics diagnostics;
    gsize n_bytes;

    rs_diagnostics_init(&diagnostics);
    diagnostics.fidelity = long_text;
    diagnostics.n_raw_samples = 1;
    rs_history_diagnostics(history, &diagnostics);
    diagnostics.n_raw_samples = 2;
    rs_history_diagnostics(history, &diagnostics);
    rs_history_free(history);
    ck_assert(g_file_get_contents(path, (char **)&bytes, &n_bytes, NULL));
    bytes[RS_HISTORY_NOTES_OFFSET + 40] ^= 1; /* the second lies in the first slot */
    profile = rs_history_parse(bytes, n_bytes, 0, NULL, NULL);
    ck_assert_int_eq(profile->diagnostics.n_raw_samples, 1);
    ck_assert_uint_eq(strlen(profile->diagnostics.fidelity), 255);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("history");
    TCase *tcase = tcase_create("history");
    SRunner *runner = srunner_create(suite);
    int n_failed;

    tcase_set_timeout(tcase, 240);
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, everything_comes_back);
    tcase_add_test(tcase, samples_out_of_order_are_read_in_order);
    tcase_add_test(tcase, a_stack_id_means_another_stack_in_another_epoch);
    tcase_add_test(tcase, a_thread_has_the_name_that_was_told_last);
    tcase_add_test(tcase, a_process_is_known_as_long_as_it_has_samples);
    tcase_add_test(tcase, a_stack_too_large_for_a_chunk_loses_outer_frames);
    tcase_add_test(tcase, a_deep_recursion_comes_back_whole);
    tcase_add_test(tcase, the_newest_stay_when_the_oldest_are_overwritten);
    tcase_add_test(tcase, only_the_last_minutes_are_read_when_asked);
    tcase_add_test(tcase, a_cleared_history_is_empty_and_goes_on);
    tcase_add_test(tcase, nothing_committed_is_lost_when_the_writer_is_killed);
    tcase_add_test(tcase, of_two_writers_the_second_is_refused);
    tcase_add_test(tcase, the_history_of_a_dead_writer_is_kept_beside_the_new_one);
    tcase_add_test(tcase, a_file_that_is_no_history_is_left_alone);
    tcase_add_test(tcase, sizes_out_of_bounds_are_refused);
    tcase_add_test(tcase, a_file_size_limit_is_an_error_and_no_signal);
    tcase_add_test(tcase, a_full_disk_is_an_error_at_creation);
    tcase_add_test(tcase, a_damaged_byte_costs_no_more_than_its_chunk);
    tcase_add_test(tcase, a_truncated_file_is_read_as_far_as_it_goes);
    tcase_add_test(tcase, a_later_version_is_refused_and_said);
    tcase_add_test(tcase, a_file_of_damage_alone_is_an_error);
    tcase_add_test(tcase, diagnostics_that_were_torn_leave_those_before);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed != 0;
}
