/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "format/codec.h"
#include "tests/unit/format_fixtures.h"

#define SCHEMA "src/format/verdict.schema.json"

START_TEST(every_valid_file_is_read_and_written_back_with_all_it_holds)
{
    g_autoptr(GPtrArray) cases = fixture_cases("fixtures/verdict/valid");

    for (guint i = 0; i < cases->len; i++) {
        g_autofree char *path = g_build_filename(cases->pdata[i], "input.json", NULL);
        GError *error = NULL;
        g_autoptr(RsVerdict) verdict = rs_verdict_read(path, &error);
        g_autoptr(RsVerdict) again = NULL;
        g_autoptr(GBytes) first = NULL, second = NULL;

        ck_assert_msg(verdict != NULL, "%s", error ? error->message : "");
        first = rs_verdict_encode(verdict, NULL);
        assert_complies(SCHEMA, first, path);
        assert_same_values(path, first, "version_minor");
        again = rs_verdict_decode(first, &error);
        ck_assert_msg(again != NULL, "%s", error ? error->message : "");
        second = rs_verdict_encode(again, NULL);
        ck_assert_msg(g_bytes_equal(first, second), "%s: written anew it differs", path);
    }
}
END_TEST

START_TEST(every_invalid_file_is_refused_with_its_own_message)
{
    g_autoptr(GPtrArray) cases = fixture_cases("fixtures/verdict/invalid");

    for (guint i = 0; i < cases->len; i++) {
        g_autofree char *path = g_build_filename(cases->pdata[i], "input.json", NULL);
        g_autoptr(GBytes) data = fixture_bytes(path);
        g_autoptr(GError) error = NULL;

        ck_assert_ptr_null(rs_verdict_decode(data, &error));
        assert_expected_error(cases->pdata[i], error);
    }
}
END_TEST

START_TEST(the_members_of_a_file_land_where_the_model_says)
{
    g_autoptr(RsVerdict) verdict =
        rs_verdict_read("fixtures/verdict/valid/complete/input.json", NULL);
    const RsRow *row = g_ptr_array_index(verdict->rows, 0),
                *other = g_ptr_array_index(verdict->rows, 1);
    const RsFunctionChange *change = g_ptr_array_index(verdict->functions, 0);
    const RsVerdictFailure *failure = g_ptr_array_index(verdict->failures, 0);

    ck_assert_int_eq(verdict->gate.status, RS_GATE_FAILED);
    ck_assert_int_eq(verdict->gate.exit_status, 1);
    ck_assert_double_eq(verdict->gate.bound_pct, 20);
    ck_assert_double_eq(verdict->gate.gate->moderate_factor, 1.5);
    ck_assert_int_eq(row->verdict, RS_VERDICT_REGRESSION);
    ck_assert_int_eq(row->method, RS_METHOD_PAIRED);
    ck_assert_double_eq(row->ci_low_pct, 18.25);
    ck_assert_double_eq(g_array_index(row->baseline.values, double, 1), 40000000.125);
    ck_assert(isnan(g_array_index(row->baseline.values, double, 2)));
    ck_assert_uint_eq(g_array_index(row->current.positions, guint32, 3), 6);
    ck_assert_str_eq(row->warnings->pdata[0], "autocorrelated");
    ck_assert_str_eq(other->reason, "mixed units");
    ck_assert(isnan(other->change_pct) && !other->gated);
    ck_assert_int_eq(change->baseline_self_ns, 9007199254740993);
    ck_assert_int_eq(change->current_self_ns, -1);
    ck_assert_str_eq(failure->benchmark, "parse");
    ck_assert_int_eq(failure->failure->signal_number, 11);
    ck_assert_uint_eq(verdict->summary.n_by_severity[RS_SEVERITY_CRITICAL], 1);
    ck_assert_str_eq(verdict->machines[RS_ARM_CURRENT].hostname, "bench-1");
}
END_TEST

START_TEST(a_gate_that_never_fails_has_an_infinite_bound)
{
    g_autoptr(RsVerdict) verdict =
        rs_verdict_read("fixtures/verdict/valid/advisory/input.json", NULL);
    const RsRow *row = g_ptr_array_index(verdict->rows, 0);

    ck_assert(isinf(verdict->gate.bound_pct));
    ck_assert(isinf(row->bound_pct));
}
END_TEST

START_TEST(a_verdict_as_it_is_made_complies_with_the_schema)
{
    g_autoptr(RsGate) gate = rs_gate_new();
    g_autoptr(RsVerdict) verdict = NULL;
    g_autoptr(GBytes) data = NULL;
    RsRow *row = rs_row_new("a", "wall", "ns", RS_LOWER_IS_BETTER);

    gate->fail_on = RS_SEVERITY_NONE;
    verdict = rs_verdict_new(gate);
    row->change_pct = INFINITY;
    g_ptr_array_add(verdict->rows, row);
    g_ptr_array_add(verdict->functions, rs_function_change_new("f"));
    rs_verdict_summarize(verdict);
    data = rs_verdict_encode(verdict, NULL);
    ck_assert_ptr_nonnull(strstr(g_bytes_get_data(data, NULL), "\"bound_pct\": null"));
    ck_assert_ptr_nonnull(strstr(g_bytes_get_data(data, NULL), "\"change_pct\": null"));
    assert_complies(SCHEMA, data, "a verdict");
}
END_TEST

START_TEST(every_cut_of_a_file_is_refused)
{
    g_autoptr(GBytes) data = fixture_bytes("fixtures/verdict/valid/complete/input.json");
    const char *text = g_bytes_get_data(data, NULL);
    gsize n_bytes = g_bytes_get_size(data);

    while (n_bytes > 0 && text[n_bytes - 1] == '\n')
        n_bytes--;
    for (gsize n = 0; n < n_bytes; n++) {
        g_autoptr(GBytes) cut = g_bytes_new(text, n);
        g_autoptr(GError) error = NULL;

        ck_assert_ptr_null(rs_verdict_decode(cut, &error));
        ck_assert(error != NULL);
    }
}
END_TEST

START_TEST(what_was_written_is_read_from_its_path)
{
    g_autoptr(RsVerdict) verdict =
        rs_verdict_read("fixtures/verdict/valid/complete/input.json", NULL);
    char *path = temporary_path("verdict.json");
    g_autoptr(RsVerdict) again = NULL;

    ck_assert(rs_verdict_write(verdict, path, NULL));
    again = rs_verdict_read(path, NULL);
    ck_assert_str_eq(again->command, verdict->command);
    remove_temporary(path);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("format/verdict");
    TCase *tests = tcase_create("all");

    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, every_valid_file_is_read_and_written_back_with_all_it_holds);
    tcase_add_test(tests, every_invalid_file_is_refused_with_its_own_message);
    tcase_add_test(tests, the_members_of_a_file_land_where_the_model_says);
    tcase_add_test(tests, a_gate_that_never_fails_has_an_infinite_bound);
    tcase_add_test(tests, a_verdict_as_it_is_made_complies_with_the_schema);
    tcase_add_test(tests, every_cut_of_a_file_is_refused);
    tcase_add_test(tests, what_was_written_is_read_from_its_path);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
