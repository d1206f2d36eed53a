/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Traces of each kind of event, of noise that is none, and of values at the limits. Samples are
 * 100 ms apart unless a test says otherwise. */
#include "analyze/events.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "tests/unit/run.h"

#define MS  G_GINT64_CONSTANT(1000000)
#define MIB (1024.0 * 1024.0)

static RsEvents *events;
static GPtrArray *found;
static gint64 now_ns, step_ns;

static void set_up(void)
{
    events = rs_events_new(NULL);
    found = g_ptr_array_new_with_free_func((GDestroyNotify)rs_timeline_event_free);
    now_ns = 0;
    step_ns = 100 * MS;
}

static void tear_down(void)
{
    g_clear_pointer(&events, rs_events_free);
    g_clear_pointer(&found, g_ptr_array_unref);
}

static guint look_at(gint32 process_id, double cpu_pct, gint64 rss_bytes, gint64 n_threads)
{
    g_autoptr(RsProcessSample) sample = rs_process_sample_new();

    sample->at_ns = now_ns;
    sample->process_id = process_id;
    sample->cpu_pct = cpu_pct;
    sample->rss_bytes = rss_bytes;
    sample->n_threads = n_threads;
    return rs_events_look(events, sample, found);
}

static guint cpu(double cpu_pct)
{
    guint n_new = look_at(1, cpu_pct, -1, -1);

    now_ns += step_ns;
    return n_new;
}

static guint cpu_for(guint n_samples, double cpu_pct)
{
    guint n_new = 0;

    for (guint i = 0; i < n_samples; i++)
        n_new += cpu(cpu_pct);
    return n_new;
}

static guint rss(double mib)
{
    guint n_new = look_at(1, NAN, (gint64)(mib * MIB), -1);

    now_ns += step_ns;
    return n_new;
}

static guint rss_for(guint n_samples, double mib)
{
    guint n_new = 0;

    for (guint i = 0; i < n_samples; i++)
        n_new += rss(mib);
    return n_new;
}

static guint threads(gint64 n_threads)
{
    guint n_new = look_at(1, NAN, -1, n_threads);

    now_ns += step_ns;
    return n_new;
}

static const RsTimelineEvent *event(guint i)
{
    ck_assert_uint_lt(i, found->len);
    return g_ptr_array_index(found, i);
}

static guint n_of(RsEventKind kind)
{
    guint n = 0;

    for (guint i = 0; i < found->len; i++)
        n += event(i)->kind == kind;
    return n;
}

static void expect(guint i, RsEventKind kind, const char *series, gint64 start_ms, gint64 end_ms,
                   double before, double peak)
{
    ck_assert_int_eq(event(i)->kind, kind);
    ck_assert_str_eq(event(i)->series, series);
    ck_assert_int_eq(event(i)->process_id, 1);
    ck_assert_int_eq(event(i)->start_ns, start_ms * MS);
    ck_assert_int_eq(event(i)->end_ns, end_ms * MS);
    if (isnan(before))
        ck_assert(isnan(event(i)->before));
    else
        ck_assert_double_eq_tol(event(i)->before, before, 1e-9);
    ck_assert_double_eq_tol(event(i)->peak, peak, 1e-9);
}

/* --- spikes of CPU use --- */

START_TEST(a_cpu_spike_starts_at_the_sample_before_and_ends_at_its_last)
{
    cpu_for(3, 20);
    ck_assert_uint_eq(cpu(95), 1);
    ck_assert_uint_eq(cpu(99), 0);
    ck_assert_uint_eq(cpu(20), 0);
    cpu_for(30, 20);
    ck_assert_uint_eq(found->len, 1);
    expect(0, RS_EVENT_SPIKE, "cpu_pct", 200, 400, 20, 99);
}
END_TEST

START_TEST(cpu_use_of_exactly_the_limit_is_no_spike)
{
    cpu(20);
    ck_assert_uint_eq(cpu(80), 0);
    ck_assert_uint_eq(cpu(80.1), 1);
}
END_TEST

START_TEST(a_busy_first_sample_is_a_spike_with_nothing_before)
{
    ck_assert_uint_eq(cpu(150), 1);
    expect(0, RS_EVENT_SPIKE, "cpu_pct", 0, 0, NAN, 150);
}
END_TEST

START_TEST(a_spike_that_trembles_at_the_limit_is_one_event)
{
    cpu(10);
    for (guint i = 0; i < 20; i++)
        cpu(i % 2 ? 75 : 85); /* 72 is where it would be over */
    for (guint i = 0; i < 20; i++)
        cpu(i % 5 ? 90 : 30); /* short pauses */
    ck_assert_uint_eq(n_of(RS_EVENT_SPIKE), 1);
    ck_assert_int_eq(event(0)->end_ns, now_ns - step_ns);
}
END_TEST

START_TEST(a_spike_after_a_quiet_second_is_another_one)
{
    cpu(10);
    cpu(90);
    cpu_for(11, 10);
    cpu(91);
    ck_assert_uint_eq(n_of(RS_EVENT_SPIKE), 2);
    ck_assert_double_eq(event(1)->peak, 91);
}
END_TEST

START_TEST(one_low_sample_ends_a_spike_when_samples_are_far_apart)
{
    step_ns = 2000 * MS;
    cpu(10);
    cpu(90);
    cpu(10);
    cpu(90);
    ck_assert_uint_eq(n_of(RS_EVENT_SPIKE), 2);
}
END_TEST

START_TEST(missing_values_are_passed_over)
{
    cpu(20);
    cpu(NAN);
    cpu(INFINITY);
    cpu(-1);
    ck_assert_uint_eq(cpu(90), 1);
    expect(0, RS_EVENT_SPIKE, "cpu_pct", 0, 400, 20, 90);
    rss(1);
    look_at(1, NAN, -1, -1);
    now_ns += step_ns;
    ck_assert_uint_eq(rss(7), 1);
    threads(1);
    ck_assert_uint_eq(threads(-1), 0);
    ck_assert_uint_eq(threads(4), 0);
    ck_assert_uint_eq(found->len, 2);
}
END_TEST

START_TEST(a_sample_that_is_not_later_is_passed_over)
{
    now_ns = 500 * MS;
    cpu(10);
    now_ns = 500 * MS;
    ck_assert_uint_eq(cpu(90), 0);
    now_ns = 400 * MS;
    ck_assert_uint_eq(cpu(90), 0);
    now_ns = 600 * MS;
    ck_assert_uint_eq(cpu(90), 1);
    ck_assert_int_eq(event(0)->start_ns, 500 * MS);
}
END_TEST

/* --- growth of memory --- */

START_TEST(growth_of_five_megabytes_is_a_spike_and_a_byte_less_is_none)
{
    look_at(1, NAN, 1000, -1);
    now_ns += step_ns;
    ck_assert_uint_eq(look_at(1, NAN, 1000 + 5 * 1024 * 1024 - 1, -1), 0);
    now_ns += step_ns;
    ck_assert_uint_eq(look_at(1, NAN, 1000 + 10 * 1024 * 1024 - 1, -1), 1);
    expect(0, RS_EVENT_SPIKE, "rss_bytes", 100, 200, 1000 + 5 * MIB - 1, 1000 + 10 * MIB - 1);
}
END_TEST

START_TEST(growth_that_goes_on_is_one_spike)
{
    rss(10);
    rss(16);
    rss(22);
    rss(25); /* half of the limit is enough to go on */
    rss_for(3, 25);
    rss(31); /* within a second */
    rss_for(20, 31);
    ck_assert_uint_eq(n_of(RS_EVENT_SPIKE), 1);
    expect(0, RS_EVENT_SPIKE, "rss_bytes", 0, 700, 10 * MIB, 31 * MIB);
}
END_TEST

START_TEST(slow_growth_is_no_spike)
{
    for (guint i = 0; i < 300; i++)
        rss(10 + i);
    ck_assert_uint_eq(n_of(RS_EVENT_SPIKE), 0);
}
END_TEST

/* --- threads --- */

START_TEST(four_more_threads_are_a_burst_and_three_are_none)
{
    threads(2);
    ck_assert_uint_eq(threads(5), 0);
    ck_assert_uint_eq(threads(9), 1);
    ck_assert_uint_eq(threads(10), 0);
    threads(3);
    expect(0, RS_EVENT_THREAD_BURST, "n_threads", 100, 300, 5, 10);
    ck_assert_uint_eq(found->len, 1);
}
END_TEST

/* --- dips --- */

START_TEST(a_dip_lasts_until_half_of_the_fall_is_made_good)
{
    cpu_for(20, 60);
    ck_assert_uint_eq(cpu(10), 0); /* one low sample may be the scheduler's doing */
    ck_assert_uint_eq(cpu(12), 1);
    cpu(44);
    cpu(46);
    cpu_for(20, 60);
    ck_assert_uint_eq(found->len, 1);
    expect(0, RS_EVENT_DIP, "cpu_pct", 1900, 2200, 60, 10);
}
END_TEST

START_TEST(a_fall_to_exactly_half_is_a_dip_and_to_a_little_more_is_none)
{
    cpu_for(20, 60);
    cpu_for(2, 30.1);
    ck_assert_uint_eq(found->len, 0);
    tear_down();
    set_up();
    cpu_for(20, 60);
    cpu_for(2, 30);
    ck_assert_uint_eq(n_of(RS_EVENT_DIP), 1);
}
END_TEST

START_TEST(a_fall_that_stays_becomes_the_new_level)
{
    cpu_for(20, 60);
    cpu_for(60, 20); /* without a plateau: see below */
    ck_assert_uint_eq(n_of(RS_EVENT_DIP), 1);
    ck_assert_int_le(event(0)->end_ns - event(0)->start_ns, 5000 * MS);
    cpu_for(20, 20);
    cpu_for(3, 5); /* a dip of the new level */
    ck_assert_uint_eq(n_of(RS_EVENT_DIP), 2);
    ck_assert_double_eq_tol(event(found->len - 1)->before, 20, 1e-9);
}
END_TEST

START_TEST(one_low_sample_an_idle_program_and_a_restless_one_do_not_dip)
{
    cpu_for(20, 60);
    cpu(0);
    cpu_for(20, 60);
    ck_assert_uint_eq(n_of(RS_EVENT_DIP), 0);
    tear_down();
    set_up();
    for (guint i = 0; i < 100; i++)
        cpu(i % 4 < 2 ? 70 : 0); /* never a level to fall from */
    cpu_for(30, 8);
    cpu_for(30, 1);
    ck_assert_uint_eq(n_of(RS_EVENT_DIP), 0);
}
END_TEST

START_TEST(memory_dips_by_half_and_by_no_less_than_the_spike_limit)
{
    rss_for(20, 8);
    rss_for(20, 3.5); /* by half, but less than 5 MB */
    ck_assert_uint_eq(n_of(RS_EVENT_DIP), 0);
    rss_for(3, 40);
    rss_for(20, 40);
    rss_for(5, 15);
    ck_assert_uint_eq(n_of(RS_EVENT_DIP), 1);
}
END_TEST

START_TEST(the_level_before_a_dip_is_the_recent_one)
{
    cpu_for(300, 30);
    cpu_for(60, 70);
    cpu_for(5, 30);
    ck_assert_uint_eq(n_of(RS_EVENT_DIP), 1);
    ck_assert_double_eq_tol(event(found->len - 1)->before, 70, 1);
}
END_TEST

/* --- plateaus --- */

START_TEST(five_even_seconds_are_a_plateau_that_grows)
{
    cpu_for(11, 30);
    cpu_for(49, 60);
    ck_assert_uint_eq(n_of(RS_EVENT_PLATEAU), 0);
    ck_assert_uint_eq(cpu_for(1, 60), 1);
    ck_assert_int_eq(event(0)->kind, RS_EVENT_PLATEAU);
    ck_assert_int_eq(event(0)->start_ns, 1000 * MS);
    ck_assert_int_eq(event(0)->end_ns, 6000 * MS);
    ck_assert_double_eq_tol(event(0)->before, 30, 1e-9);
    ck_assert_double_eq_tol(event(0)->peak, 60, 1e-9);
    cpu_for(40, 60);
    ck_assert_int_eq(event(0)->end_ns, 10000 * MS);
    cpu_for(11, 30);
    ck_assert_uint_eq(n_of(RS_EVENT_PLATEAU), 1);
    ck_assert_int_eq(event(0)->end_ns, 10000 * MS);
}
END_TEST

START_TEST(samples_that_tremble_within_even_seconds_are_a_plateau)
{
    for (guint i = 0; i < 101; i++)
        cpu(i % 2 ? 45 : 65);
    ck_assert_uint_eq(n_of(RS_EVENT_PLATEAU), 1);
}
END_TEST

START_TEST(seconds_apart_by_more_than_the_band_are_no_plateau)
{
    step_ns = 1000 * MS;
    for (guint i = 0; i < 60; i++)
        cpu(i % 2 ? 47.4 : 52.6);
    ck_assert_uint_eq(n_of(RS_EVENT_PLATEAU), 0);
    cpu(20);
    for (guint i = 0; i < 60; i++)
        cpu(i % 2 ? 48.5 : 51.5);
    ck_assert_uint_eq(n_of(RS_EVENT_PLATEAU), 1);
}
END_TEST

START_TEST(an_idle_program_and_one_that_never_grew_have_no_plateau)
{
    cpu_for(200, 9.9);
    rss_for(200, 20);
    ck_assert_uint_eq(found->len, 0);
    rss_for(70, 24);
    ck_assert_uint_eq(found->len, 0);
    rss_for(70, 28); /* 5 MB above the lowest, in two small steps */
    ck_assert_uint_eq(n_of(RS_EVENT_PLATEAU), 1);
    ck_assert_str_eq(event(0)->series, "rss_bytes");
}
END_TEST

/* --- processes, and an array that belongs to the caller --- */

START_TEST(processes_are_told_apart)
{
    for (gint32 pid = 1; pid <= 2; pid++)
        look_at(pid, 10, (gint64)(pid * 100 * MIB), pid * 50);
    now_ns += step_ns;
    for (gint32 pid = 1; pid <= 2; pid++)
        look_at(pid, pid == 2 ? 90 : 10, (gint64)(pid * 100 * MIB), pid * 50);
    ck_assert_uint_eq(found->len, 1);
    ck_assert_int_eq(event(0)->process_id, 2);
}
END_TEST

START_TEST(an_event_that_was_taken_away_is_let_go)
{
    cpu(10);
    cpu(90);
    g_ptr_array_set_size(found, 0);
    ck_assert_uint_eq(cpu(95), 0); /* it began before, so it is not new */
    g_ptr_array_add(found, rs_timeline_event_new(RS_EVENT_MARK));
    ck_assert_uint_eq(cpu(96), 0);
    ck_assert_uint_eq(found->len, 1);
    ck_assert_int_eq(event(0)->kind, RS_EVENT_MARK);
    ck_assert_int_eq(event(0)->end_ns, 0);
}
END_TEST

START_TEST(noise_gives_no_events)
{
    guint32 state = 12345;

    for (guint i = 0; i < 20000; i++) {
        double noise;

        state = state * 1664525 + 1013904223;
        noise = (double)(state >> 8) / (1 << 24) - 0.5;
        look_at(1, 50 + 40 * noise, (gint64)((100 + 4 * noise) * MIB), 20 + (gint64)(3 * noise));
        now_ns += step_ns;
    }
    ck_assert_uint_eq(n_of(RS_EVENT_SPIKE), 0);
    ck_assert_uint_eq(n_of(RS_EVENT_DIP), 0);
    ck_assert_uint_eq(n_of(RS_EVENT_THREAD_BURST), 0);
}
END_TEST

START_TEST(thousands_of_processes_are_bounded)
{
    for (gint32 pid = 1; pid <= 20000; pid++) {
        look_at(pid, 10, 1, 1);
        now_ns += MS;
    }
    look_at(20000, 90, 1, 1);
    ck_assert_uint_eq(found->len, 1);
    ck_assert_double_eq(event(0)->before, 10);
}
END_TEST

START_TEST(the_limits_are_the_callers)
{
    RsEventLimits limits = rs_event_limits;

    limits.cpu_spike_pct = 30;
    rs_events_free(events);
    events = rs_events_new(&limits);
    cpu(10);
    ck_assert_uint_eq(cpu(31), 1);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("events");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, a_cpu_spike_starts_at_the_sample_before_and_ends_at_its_last);
    tcase_add_test(tests, cpu_use_of_exactly_the_limit_is_no_spike);
    tcase_add_test(tests, a_busy_first_sample_is_a_spike_with_nothing_before);
    tcase_add_test(tests, a_spike_that_trembles_at_the_limit_is_one_event);
    tcase_add_test(tests, a_spike_after_a_quiet_second_is_another_one);
    tcase_add_test(tests, one_low_sample_ends_a_spike_when_samples_are_far_apart);
    tcase_add_test(tests, missing_values_are_passed_over);
    tcase_add_test(tests, a_sample_that_is_not_later_is_passed_over);
    tcase_add_test(tests, growth_of_five_megabytes_is_a_spike_and_a_byte_less_is_none);
    tcase_add_test(tests, growth_that_goes_on_is_one_spike);
    tcase_add_test(tests, slow_growth_is_no_spike);
    tcase_add_test(tests, four_more_threads_are_a_burst_and_three_are_none);
    tcase_add_test(tests, a_dip_lasts_until_half_of_the_fall_is_made_good);
    tcase_add_test(tests, a_fall_to_exactly_half_is_a_dip_and_to_a_little_more_is_none);
    tcase_add_test(tests, a_fall_that_stays_becomes_the_new_level);
    tcase_add_test(tests, one_low_sample_an_idle_program_and_a_restless_one_do_not_dip);
    tcase_add_test(tests, memory_dips_by_half_and_by_no_less_than_the_spike_limit);
    tcase_add_test(tests, the_level_before_a_dip_is_the_recent_one);
    tcase_add_test(tests, five_even_seconds_are_a_plateau_that_grows);
    tcase_add_test(tests, samples_that_tremble_within_even_seconds_are_a_plateau);
    tcase_add_test(tests, seconds_apart_by_more_than_the_band_are_no_plateau);
    tcase_add_test(tests, an_idle_program_and_one_that_never_grew_have_no_plateau);
    tcase_add_test(tests, processes_are_told_apart);
    tcase_add_test(tests, an_event_that_was_taken_away_is_let_go);
    tcase_add_test(tests, noise_gives_no_events);
    tcase_add_test(tests, thousands_of_processes_are_bounded);
    tcase_add_test(tests, the_limits_are_the_callers);
    return run_tests("events", tests);
}
