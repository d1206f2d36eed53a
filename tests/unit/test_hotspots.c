/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analyze/hotspots.h"

#include <check.h>
#include <stdlib.h>

#include "tests/unit/run.h"

#define MS 1000000

static RsProfile *profile;

static void set_up(void)
{
    profile = rs_profile_new();
}

static void tear_down(void)
{
    g_clear_pointer(&profile, rs_profile_free);
}

/* A sample of 10 ms whose innermost frame is at that address. */
static void sample(gint64 at_ms, guint64 address)
{
    guint32 module = rs_profile_add_module(profile, RS_MODULE_FILE, "/app", NULL, -1);
    guint32 caller = rs_profile_add_frame(profile, module, 0x10);
    guint32 frame = rs_profile_add_frame(profile, module, address);
    gint32 root = rs_profile_add_stack(profile, RS_STACK_NONE, caller);
    RsProfileSample fresh = {.at_ns = at_ms * MS,
                             .weight_ns = 10 * MS,
                             .stack = rs_profile_add_stack(profile, root, frame)};

    g_array_append_val(profile->samples, fresh);
}

/* Functions of 256 bytes. */
static guint64 start_of(guint32 module, guint64 address, gpointer data)
{
    return address & ~G_GUINT64_CONSTANT(0xff);
}

static GPtrArray *take(gint64 interval_ms, gint64 padding_ms)
{
    return rs_hotspots(profile, interval_ms * MS, padding_ms * MS, start_of, NULL);
}

static const RsHotspotSnapshot *nth(const GPtrArray *snapshots, guint i)
{
    return g_ptr_array_index(snapshots, i);
}

static const RsHotspot *function(const RsHotspotSnapshot *snapshot, guint i)
{
    return &g_array_index(snapshot->functions, RsHotspot, i);
}

START_TEST(each_window_has_its_own_functions_hottest_first)
{
    g_autoptr(GPtrArray) snapshots = NULL;

    sample(10, 0x1010);
    sample(20, 0x2010);
    sample(30, 0x2020);
    sample(110, 0x3000);
    snapshots = take(100, 0);
    ck_assert_uint_eq(snapshots->len, 2);
    ck_assert_int_eq(nth(snapshots, 0)->at_ns, 0);
    ck_assert_int_eq(nth(snapshots, 0)->duration_ns, 100 * MS);
    ck_assert_int_eq(nth(snapshots, 0)->n_samples, 3);
    ck_assert_uint_eq(nth(snapshots, 0)->functions->len, 2);
    ck_assert_uint_eq(function(nth(snapshots, 0), 0)->address, 0x2000);
    ck_assert_int_eq(function(nth(snapshots, 0), 0)->n_samples, 2);
    ck_assert_int_eq(function(nth(snapshots, 0), 0)->weight_ns, 20 * MS);
    ck_assert_uint_eq(function(nth(snapshots, 0), 1)->address, 0x1000);
    ck_assert_int_eq(nth(snapshots, 1)->at_ns, 100 * MS);
    ck_assert_uint_eq(nth(snapshots, 1)->functions->len, 1);
    ck_assert_uint_eq(function(nth(snapshots, 1), 0)->address, 0x3000);
}
END_TEST

START_TEST(a_sample_on_the_border_is_in_the_later_window_alone)
{
    g_autoptr(GPtrArray) snapshots = NULL;

    sample(10, 0x1000);
    sample(100, 0x2000);
    snapshots = take(100, 0);
    ck_assert_uint_eq(snapshots->len, 2);
    ck_assert_int_eq(nth(snapshots, 0)->n_samples, 1);
    ck_assert_uint_eq(function(nth(snapshots, 1), 0)->address, 0x2000);
}
END_TEST

START_TEST(padding_looks_back_and_ahead)
{
    g_autoptr(GPtrArray) snapshots = NULL;

    sample(95, 0x1000);
    sample(150, 0x2000);
    sample(204, 0x3000);
    sample(206, 0x4000);
    snapshots = take(100, 5);
    ck_assert_uint_eq(snapshots->len, 3);
    ck_assert_int_eq(nth(snapshots, 0)->at_ns, 0); /* nothing is before the begin */
    ck_assert_int_eq(nth(snapshots, 0)->duration_ns, 105 * MS);
    ck_assert_int_eq(nth(snapshots, 1)->at_ns, 95 * MS);
    ck_assert_int_eq(nth(snapshots, 1)->duration_ns, 110 * MS);
    ck_assert_int_eq(nth(snapshots, 1)->n_samples, 3);
    ck_assert_int_eq(nth(snapshots, 2)->n_samples, 2);
}
END_TEST

START_TEST(a_window_without_samples_is_left_out)
{
    g_autoptr(GPtrArray) snapshots = NULL;

    sample(0, 0x1000);
    sample(3600 * 1000, 0x2000); /* an hour of windows of 1 ms */
    snapshots = take(1, 0);
    ck_assert_uint_eq(snapshots->len, 2);
    ck_assert_int_eq(nth(snapshots, 1)->at_ns, G_GINT64_CONSTANT(3600000) * MS);
    ck_assert_uint_eq(function(nth(snapshots, 1), 0)->address, 0x2000);
}
END_TEST

START_TEST(only_the_hottest_ten_are_kept)
{
    g_autoptr(GPtrArray) snapshots = NULL;

    for (guint i = 0; i < 30; i++)
        for (guint j = 0; j <= i; j++)
            sample(10, 0x1000 + 0x100 * i);
    snapshots = take(100, 0);
    ck_assert_uint_eq(nth(snapshots, 0)->functions->len, RS_HOTSPOTS_MAX_FUNCTIONS);
    for (guint i = 0; i < RS_HOTSPOTS_MAX_FUNCTIONS; i++)
        ck_assert_int_eq(function(nth(snapshots, 0), i)->n_samples, 30 - i);
}
END_TEST

START_TEST(a_sample_without_a_stack_counts_for_the_whole_only)
{
    RsProfileSample fresh = {.at_ns = 20 * MS, .weight_ns = 10 * MS, .stack = RS_STACK_NONE};
    g_autoptr(GPtrArray) snapshots = NULL;

    sample(10, 0x1000);
    g_array_append_val(profile->samples, fresh);
    snapshots = take(100, 0);
    ck_assert_int_eq(nth(snapshots, 0)->n_samples, 2);
    ck_assert_int_eq(nth(snapshots, 0)->weight_ns, 20 * MS);
    ck_assert_uint_eq(nth(snapshots, 0)->functions->len, 1);
}
END_TEST

START_TEST(a_profile_without_samples_has_no_snapshots)
{
    g_autoptr(GPtrArray) snapshots = take(100, 0);

    ck_assert_uint_eq(snapshots->len, 0);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("hotspots");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, each_window_has_its_own_functions_hottest_first);
    tcase_add_test(tests, a_sample_on_the_border_is_in_the_later_window_alone);
    tcase_add_test(tests, padding_looks_back_and_ahead);
    tcase_add_test(tests, a_window_without_samples_is_left_out);
    tcase_add_test(tests, only_the_hottest_ten_are_kept);
    tcase_add_test(tests, a_sample_without_a_stack_counts_for_the_whole_only);
    tcase_add_test(tests, a_profile_without_samples_has_no_snapshots);
    return run_tests("hotspots", tests);
}
