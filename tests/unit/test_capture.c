/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sampler thread and recordings, live: from a program to a profile, with every sampler that is
 * permitted here. */
#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "capture/capture.h"
#include "capture/launch.h"
#include "capture/recording.h"
#include "tests/unit/run.h"

static char *program(const char *name)
{
    const char *build = g_getenv("BUILD");

    return g_build_filename(build ? build : "build/release", "tests/programs", name, NULL);
}

static RsCapture *open_capture(RsSamplerChoice choice, double rate_hz)
{
    RsCaptureOptions options = {.choice = choice, .sampler = {.sample_rate_hz = rate_hz}};
    g_autoptr(GError) error = NULL;
    RsCapture *capture = rs_capture_new(&options, &error);

    if (!capture)
        printf("SKIP: %s\n", error->message);
    return capture;
}

static RsHeld *hold(const char *name, const char *first, const char *second)
{
    g_autofree char *path = program(name);
    char *argv[] = {path, (char *)first, (char *)second, NULL};
    RsHeld *held = rs_launch_hold(argv, environ, NULL);

    ck_assert_ptr_nonnull(held);
    return held;
}

static int wait_for_end(RsCapture *capture, RsRecording *recording, pid_t pid)
{
    int status;

    for (guint i = 0; i < 6000; i++) {
        rs_recording_pump(recording);
        if (rs_capture_reap(capture, pid, &status))
            return status;
        g_usleep(10000);
    }
    ck_abort_msg("the program did not end");
}

static guint count_depth(const RsProfile *profile, gint32 stack)
{
    guint n = 0;

    for (; stack != RS_STACK_NONE; n++)
        stack = g_array_index(profile->stacks, RsProfileStack, stack).parent;
    return n;
}

/* workers: CPU time, threads, whole stacks. Stopping threads is done less often the longer it
 * takes, and weights make up for it. */
static void check_workers(const RsProfile *profile, pid_t pid)
{
    gboolean is_perf = g_str_equal(profile->diagnostics.backend, "perf");
    guint n_deep = 0, n = profile->samples->len;
    gint64 weight_ns = 0, n_missed;

    ck_assert_uint_gt(n, is_perf ? 40 : 0);
    for (guint i = 0; i < n; i++) {
        const RsProfileSample *sample = &g_array_index(profile->samples, RsProfileSample, i);
        const RsProfileThread *thread =
            &g_array_index(profile->threads, RsProfileThread, sample->thread);

        ck_assert_int_eq(thread->process_id, pid);
        ck_assert_str_eq(thread->name, "workers");
        n_deep += count_depth(profile, sample->stack) >= 30;
        weight_ns += sample->weight_ns;
    }
    ck_assert_uint_gt(n_deep * 10, is_perf ? n * 9 : 0);
    ck_assert_int_gt(weight_ns, (is_perf ? 50 : 2) * 1000 * 1000);
    /* of a few samples one may be in code that says nothing of its caller */
    n_missed = n - profile->diagnostics.n_ends[RS_STACK_COMPLETE];
    ck_assert_msg(n_missed * 20 < MAX(n, 21), "%" G_GINT64_FORMAT " of %u stacks not complete",
                  n_missed, n);
    ck_assert_int_lt(n_missed, n);
}

static void record_workers(RsSamplerChoice choice)
{
    g_autoptr(RsCapture) capture = open_capture(choice, 500);
    g_autoptr(RsHeld) held = NULL;
    g_autoptr(RsProfile) profile = NULL;
    RsRecording *recording;
    int status;

    if (!capture)
        return;
    held = hold("workers", "4", "200");
    recording = rs_recording_new(capture, NULL, g_get_monotonic_time() * 1000);
    ck_assert(rs_capture_attach(capture, rs_held_pid(held), TRUE, NULL));
    ck_assert(rs_held_release(held, NULL));
    status = wait_for_end(capture, recording, rs_held_pid(held));
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    rs_capture_sync(capture);
    profile = rs_recording_profile(recording, 0);
    check_workers(profile, rs_held_pid(held));
    ck_assert_str_eq(profile->diagnostics.backend, rs_sampler_choice_names[choice]);
    ck_assert_int_eq(profile->diagnostics.n_dropped_samples, 0);
    rs_recording_free(recording);
}

START_TEST(a_launched_program_is_profiled_by_perf)
{
    record_workers(RS_SAMPLER_PERF);
}
END_TEST

START_TEST(a_launched_program_is_profiled_by_ptrace)
{
    record_workers(RS_SAMPLER_PTRACE);
}
END_TEST

static void attach_to_workers(RsSamplerChoice choice)
{
    g_autoptr(RsCapture) capture = open_capture(choice, 500);
    g_autoptr(RsHeld) held = NULL;
    g_autoptr(RsProfile) profile = NULL;
    g_autoptr(GError) error = NULL;
    RsRecording *recording;

    if (!capture)
        return;
    held = hold("workers", "4", "0");
    ck_assert(rs_held_release(held, NULL));
    g_usleep(100000);
    recording = rs_recording_new(capture, NULL, g_get_monotonic_time() * 1000);
    ck_assert_msg(rs_capture_attach(capture, rs_held_pid(held), FALSE, &error), "%s",
                  error ? error->message : "");
    for (guint i = 0; i < 50; i++) {
        g_usleep(10000);
        rs_recording_pump(recording);
    }
    rs_capture_sync(capture);
    profile = rs_recording_profile(recording, 0);
    check_workers(profile, rs_held_pid(held));
    rs_recording_free(recording);
    rs_capture_stop(capture);
    ck_assert_int_eq(waitpid(rs_held_pid(held), NULL, WNOHANG), 0); /* it goes on without us */
    kill(rs_held_pid(held), SIGKILL);
    waitpid(rs_held_pid(held), NULL, 0);
}

START_TEST(a_running_program_is_attached_to_by_perf)
{
    attach_to_workers(RS_SAMPLER_PERF);
}
END_TEST

START_TEST(a_running_program_is_attached_to_by_ptrace)
{
    attach_to_workers(RS_SAMPLER_PTRACE);
}
END_TEST

START_TEST(without_a_sampler_nothing_is_sampled_and_nothing_fails)
{
    g_autoptr(RsCapture) capture = open_capture(RS_SAMPLER_NONE, 99);
    g_autoptr(RsHeld) held = hold("workers", "1", "5");
    g_autoptr(RsProfile) profile = NULL;
    RsRecording *recording = rs_recording_new(capture, NULL, g_get_monotonic_time() * 1000);
    int status;

    ck_assert(rs_capture_attach(capture, rs_held_pid(held), TRUE, NULL));
    ck_assert(rs_held_release(held, NULL));
    status = wait_for_end(capture, recording, rs_held_pid(held));
    ck_assert(WIFEXITED(status));
    rs_capture_sync(capture);
    profile = rs_recording_profile(recording, 0);
    ck_assert_uint_eq(profile->samples->len, 0);
    ck_assert_str_eq(profile->diagnostics.backend, "none");
    ck_assert_str_eq(profile->diagnostics.backend_reason, "asked for");
    rs_recording_free(recording);
}
END_TEST

START_TEST(the_first_choice_says_why_it_was_made)
{
    RsCaptureOptions options = {.sampler = {.sample_rate_hz = 99}};
    g_autoptr(RsCapture) capture = rs_capture_new(&options, NULL);

    ck_assert_ptr_nonnull(capture); /* whatever is permitted here */
    ck_assert_int_gt((int)strlen(rs_capture_reason(capture)), 10);
    if (g_str_equal(rs_capture_backend(capture), "perf"))
        ck_assert_str_eq(rs_capture_reason(capture), "the first choice, perf, is permitted");
}
END_TEST

START_TEST(a_process_that_is_not_there_cannot_be_attached_to)
{
    g_autoptr(RsCapture) capture = open_capture(RS_SAMPLER_AUTO, 99);
    g_autoptr(GError) error = NULL;
    pid_t gone = fork();

    if (gone == 0)
        _exit(0);
    waitpid(gone, NULL, 0);
    if (g_str_equal(rs_capture_backend(capture), "none")) {
        printf("SKIP: %s\n", rs_capture_reason(capture));
        return;
    }
    ck_assert(!rs_capture_attach(capture, gone, FALSE, &error));
    ck_assert(g_error_matches(error, RS_SAMPLER_ERROR, RS_SAMPLER_ERROR_GONE));
}
END_TEST

START_TEST(a_cleared_recording_begins_anew)
{
    g_autoptr(RsCapture) capture = open_capture(RS_SAMPLER_AUTO, 999);
    g_autoptr(RsHeld) held = hold("workers", "2", "0");
    g_autoptr(RsProfile) before = NULL, after = NULL;
    RsRecording *recording = rs_recording_new(capture, NULL, g_get_monotonic_time() * 1000);

    ck_assert(rs_capture_attach(capture, rs_held_pid(held), TRUE, NULL));
    ck_assert(rs_held_release(held, NULL));
    g_usleep(500000);
    rs_capture_sync(capture);
    before = rs_recording_profile(recording, 0);
    rs_capture_stop(capture);
    rs_recording_clear(recording);
    after = rs_recording_profile(recording, 0);
    ck_assert_uint_eq(after->samples->len, 0);
    ck_assert_uint_eq(after->stacks->len, 0);
    if (g_str_equal(rs_capture_backend(capture), "none"))
        printf("SKIP: %s\n", rs_capture_reason(capture));
    else
        ck_assert_uint_gt(before->samples->len, 10);
    rs_recording_free(recording);
    kill(rs_held_pid(held), SIGKILL);
    waitpid(rs_held_pid(held), NULL, 0);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("capture");

    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, a_launched_program_is_profiled_by_perf);
    tcase_add_test(tcase, a_launched_program_is_profiled_by_ptrace);
    tcase_add_test(tcase, a_running_program_is_attached_to_by_perf);
    tcase_add_test(tcase, a_running_program_is_attached_to_by_ptrace);
    tcase_add_test(tcase, without_a_sampler_nothing_is_sampled_and_nothing_fails);
    tcase_add_test(tcase, the_first_choice_says_why_it_was_made);
    tcase_add_test(tcase, a_process_that_is_not_there_cannot_be_attached_to);
    tcase_add_test(tcase, a_cleared_recording_begins_anew);
    return run_tests("capture", tcase);
}
