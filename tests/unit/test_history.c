/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What comes back of a history that was written, also when its room was used up. */
#include "capture/history.h"

#include <math.h>

#include "tests/unit/history_fixtures.h"
#include "tests/unit/run.h"

static void write_looks_and_events(RsHistory *history)
{
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
}

static void write_waits(RsHistory *history)
{
    RsRawFrame frames[N_DEPTH];
    RsWait wait = {.process_id = 100,
                   .thread_id = 101,
                   .address = 0x7fff12345678,
                   .place = "heap",
                   .has_begun = TRUE,
                   .frames = frames,
                   .n_frames = stack_of(3, frames)};

    rs_history_wait(history, modules, START_NS + 1200 * MS, &wait);
    wait.thread_id = 102;
    rs_history_wait(history, modules, START_NS + 1200 * MS, &wait);
    wait.has_begun = FALSE;
    wait.wait_ns = 7 * MS;
    rs_history_wait(history, modules, START_NS + 1207 * MS, &wait);
}

static void write_diagnostics(RsHistory *history)
{
    RsDiagnostics diagnostics;

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

static void write_everything(RsHistory *history)
{
    RsProfileProcess process = {.process_id = 100,
                                .parent_id = 1,
                                .name = (char *)"program",
                                .start_ns = START_NS + 2 * MS,
                                .end_ns = -1,
                                .exit_status = -1};

    rs_history_process(history, &process);
    write_samples(history, 0, 500);
    write_looks_and_events(history);
    write_waits(history);
    process.end_ns = START_NS + 3000 * MS;
    process.exit_status = 3;
    rs_history_process(history, &process);
    write_diagnostics(history);
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
    g_autoptr(RsProfile) profile = NULL, alive = NULL;
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
    alive = read_back(0, NULL);
    ck_assert_uint_eq(alive->processes->len, 1);
    ck_assert_str_eq(g_array_index(alive->processes, RsProfileProcess, 0).name, "old");
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

int main(void)
{
    TCase *tcase = tcase_create("history");

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
    return run_tests("history", tcase);
}
