/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/record_status.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/record_session.h"
#include "cmd/record_top.h"
#include "tests/unit/run.h"

static RsRecordStatus status;

static void set_up(void)
{
    status = (RsRecordStatus){
        .target = "app",
        .pid = 12,
        .n_processes = 1,
        .elapsed_s = 5,
        .remaining_s = NAN,
        .retained_s = NAN,
        .backend = "perf",
        .event = "cpu-clock",
        .reason = "",
        .sample_rate_hz = 99,
        .n_samples = 1234567,
        .complete_frac = 0.5,
        .own_cpu_pct = NAN,
        .has_keys = TRUE,
    };
    rs_track_init(&status.cpu_pct);
    rs_track_init(&status.rss_bytes);
    rs_track_init(&status.n_threads);
    rs_track_init(&status.n_open_fds);
    rs_track_init(&status.read_rate);
    rs_track_init(&status.written_rate);
}

static const char *line(const GPtrArray *lines, guint i)
{
    return g_ptr_array_index(lines, i);
}

static void assert_has(const char *text, const char *part)
{
    ck_assert_msg(strstr(text, part) != NULL, "no \"%s\" in \"%s\"", part, text);
}

/* --- tracks --- */

START_TEST(a_track_keeps_its_peak_and_the_largest_of_each_bucket)
{
    RsTrack track;

    rs_track_init(&track);
    ck_assert(isnan(track.now) && isnan(track.peak));
    rs_track_add(&track, 3, 7);
    rs_track_add(&track, 8, 7);
    rs_track_add(&track, 5, 7);
    rs_track_add(&track, 2, 8);
    ck_assert(track.now == 2);
    ck_assert(track.peak == 8);
    ck_assert_uint_eq(track.n_buckets, 2);
    ck_assert(track.buckets[0] == 8);
    ck_assert(track.buckets[1] == 2);
}
END_TEST

START_TEST(a_value_that_is_absent_changes_neither_peak_nor_plot)
{
    RsTrack track;

    rs_track_init(&track);
    rs_track_add(&track, 4, 1);
    rs_track_add(&track, NAN, 2);
    ck_assert(isnan(track.now));
    ck_assert(track.peak == 4);
    ck_assert_uint_eq(track.n_buckets, 1);
}
END_TEST

START_TEST(the_oldest_buckets_leave_the_plot)
{
    RsTrack track;
    g_autofree char *plot = NULL;

    rs_track_init(&track);
    rs_track_add(&track, 100, 0);
    for (gint64 i = 1; i <= RS_TRACK_N_BUCKETS; i++)
        rs_track_add(&track, 1, i);
    ck_assert_uint_eq(track.n_buckets, RS_TRACK_N_BUCKETS);
    ck_assert(track.buckets[0] == 1);
    ck_assert(track.peak == 100);
    plot = rs_track_plot(&track);
    ck_assert_int_eq(g_utf8_strlen(plot, -1), RS_TRACK_N_BUCKETS);
}
END_TEST

START_TEST(a_plot_rises_from_nothing_to_the_largest)
{
    RsTrack track;
    g_autofree char *plot = NULL;

    rs_track_init(&track);
    rs_track_add(&track, 0, 0);
    rs_track_add(&track, 50, 1);
    rs_track_add(&track, 100, 2);
    plot = rs_track_plot(&track);
    ck_assert_str_eq(plot, "▁▅█");
}
END_TEST

START_TEST(a_plot_of_zeros_is_flat)
{
    RsTrack track;
    g_autofree char *plot = NULL;

    rs_track_init(&track);
    rs_track_add(&track, 0, 0);
    rs_track_add(&track, 0, 1);
    plot = rs_track_plot(&track);
    ck_assert_str_eq(plot, "▁▁");
}
END_TEST

/* --- lines --- */

START_TEST(there_are_as_many_lines_as_asked_for)
{
    for (guint n = RS_STATUS_MIN_LINES; n <= RS_STATUS_MAX_LINES; n++) {
        g_autoptr(GPtrArray) lines = rs_status_lines(&status, n, 80);

        ck_assert_uint_eq(lines->len, n);
        assert_has(line(lines, 0), "app  pid 12");
        assert_has(line(lines, n - 1), "q stop");
    }
}
END_TEST

START_TEST(no_line_is_wider_than_the_terminal)
{
    status.target = "a-name-that-goes-on-and-on-and-on-and-on-and-on-and-on";
    for (guint columns = 20; columns <= 120; columns += 25) {
        g_autoptr(GPtrArray) lines = rs_status_lines(&status, 16, columns);

        for (guint i = 0; i < lines->len; i++)
            ck_assert_int_le(g_utf8_strlen(line(lines, i), -1), columns);
    }
}
END_TEST

START_TEST(wide_characters_take_two_columns)
{
    g_autoptr(GPtrArray) lines = NULL;

    status.target = "漢字漢字漢字漢字漢字漢字漢字漢字";
    lines = rs_status_lines(&status, 6, 30);
    /* " rustscope  " are 12 columns: 9 of the 16 wide ones fit */
    ck_assert_int_eq(g_utf8_strlen(line(lines, 0), -1), 12 + 9);
}
END_TEST

START_TEST(a_name_cannot_send_commands_to_the_terminal)
{
    g_autoptr(GPtrArray) lines = NULL;

    status.target = "app\033[2J\nx\a";
    lines = rs_status_lines(&status, 16, 80);
    for (guint i = 0; i < lines->len; i++)
        for (const char *at = line(lines, i); *at; at++)
            ck_assert_msg((guchar)*at >= 0x20, "line %u has byte %d", i, *at);
}
END_TEST

START_TEST(samples_are_told_with_their_completeness)
{
    g_autoptr(GPtrArray) lines = rs_status_lines(&status, 16, 120);

    assert_has(line(lines, 1), "1,234,567");
    assert_has(line(lines, 1), "50.0 % of stacks complete");
    assert_has(line(lines, 1), "perf cpu-clock 99 Hz");
}
END_TEST

START_TEST(without_a_sampler_the_reason_is_told)
{
    g_autoptr(GPtrArray) lines = NULL;

    status.backend = "none";
    status.reason = "perf: denied by the container";
    lines = rs_status_lines(&status, 16, 120);
    assert_has(line(lines, 1), "none: perf: denied by the container");
}
END_TEST

START_TEST(what_is_not_told_is_not_shown_as_zero)
{
    g_autoptr(GPtrArray) lines = rs_status_lines(&status, 16, 120);

    assert_has(line(lines, 2), "not told");
}
END_TEST

START_TEST(the_hottest_functions_give_way_to_locks_and_events)
{
    g_autoptr(GArray) hottest = g_array_new(FALSE, FALSE, sizeof(RsTopRow));
    g_autoptr(GPtrArray) locks = g_ptr_array_new(), events = g_ptr_array_new();
    g_autoptr(GPtrArray) lines = NULL;
    g_autofree char *all = NULL;

    for (guint i = 0; i < 5; i++) {
        RsTopRow row = {.name = (char *)"app+0x10", .share_pct = 20};

        g_array_append_val(hottest, row);
    }
    g_ptr_array_add(locks, (gpointer) "the lock");
    g_ptr_array_add(events, (gpointer) "the event");
    status.hottest = hottest;
    status.locks = locks;
    status.events = events;
    lines = rs_status_lines(&status, 9, 80);
    g_ptr_array_add(lines, NULL);
    all = g_strjoinv("\n", (char **)lines->pdata);
    assert_has(all, "app+0x10");
    assert_has(all, "the lock");
    assert_has(all, "the event");
}
END_TEST

START_TEST(keys_that_are_the_commands_are_not_offered)
{
    g_autoptr(GPtrArray) lines = NULL;

    status.has_keys = FALSE;
    lines = rs_status_lines(&status, 6, 80);
    assert_has(line(lines, 5), "Ctrl-C");
    ck_assert_ptr_null(strstr(line(lines, 5), "q stop"));
}
END_TEST

START_TEST(an_event_says_what_rose_from_where_to_where)
{
    g_autoptr(RsTimelineEvent) event = rs_timeline_event_new(RS_EVENT_SPIKE);
    g_autofree char *line_of_it = NULL;

    event->series = g_strdup("rss_bytes");
    event->before = 10 << 20;
    event->peak = 25 << 20;
    line_of_it = rs_status_event_line(event, 3200000000);
    ck_assert_str_eq(line_of_it, "3.2 s  memory spike, 10.0 MiB to 25.0 MiB");
}
END_TEST

START_TEST(an_event_without_figures_tells_its_label)
{
    g_autoptr(RsTimelineEvent) event = rs_timeline_event_new(RS_EVENT_RESTART);
    g_autofree char *line_of_it = NULL;

    event->label = g_strdup("app: 2 for 1");
    event->peak = NAN;
    line_of_it = rs_status_event_line(event, 0);
    ck_assert_str_eq(line_of_it, "0.0 s  restart: app: 2 for 1");
}
END_TEST

/* --- names --- */

START_TEST(numbered_sessions_lie_beside_the_output)
{
    static const struct {
        const char *output, *expected;
    } cases[] = {
        {"app.json", "app-000007.json"},
        {"dir/app.json", "dir/app-000007.json"},
        {"/tmp/app", "/tmp/app-000007.json"},
        {"-", "rustscope-session-000007.json"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = rs_record_numbered_path(cases[i].output, 7);

        ck_assert_str_eq(path, cases[i].expected);
    }
}
END_TEST

START_TEST(a_place_is_named_by_file_and_address)
{
    g_autofree char *file = rs_top_place_name(RS_MODULE_FILE, "/usr/lib/libc.so.6", 0x9f120);
    g_autofree char *kernel = rs_top_place_name(RS_MODULE_KERNEL, "[kernel]", 0xffff);

    ck_assert_str_eq(file, "libc.so.6+0x9f120");
    ck_assert_str_eq(kernel, "[kernel]");
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("status");

    tcase_add_checked_fixture(tests, set_up, NULL);
    tcase_add_test(tests, a_track_keeps_its_peak_and_the_largest_of_each_bucket);
    tcase_add_test(tests, a_value_that_is_absent_changes_neither_peak_nor_plot);
    tcase_add_test(tests, the_oldest_buckets_leave_the_plot);
    tcase_add_test(tests, a_plot_rises_from_nothing_to_the_largest);
    tcase_add_test(tests, a_plot_of_zeros_is_flat);
    tcase_add_test(tests, there_are_as_many_lines_as_asked_for);
    tcase_add_test(tests, no_line_is_wider_than_the_terminal);
    tcase_add_test(tests, wide_characters_take_two_columns);
    tcase_add_test(tests, a_name_cannot_send_commands_to_the_terminal);
    tcase_add_test(tests, samples_are_told_with_their_completeness);
    tcase_add_test(tests, without_a_sampler_the_reason_is_told);
    tcase_add_test(tests, what_is_not_told_is_not_shown_as_zero);
    tcase_add_test(tests, the_hottest_functions_give_way_to_locks_and_events);
    tcase_add_test(tests, keys_that_are_the_commands_are_not_offered);
    tcase_add_test(tests, an_event_says_what_rose_from_where_to_where);
    tcase_add_test(tests, an_event_without_figures_tells_its_label);
    tcase_add_test(tests, numbered_sessions_lie_beside_the_output);
    tcase_add_test(tests, a_place_is_named_by_file_and_address);
    return run_tests("record_status", tests);
}
