/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "format/codec.h"
#include "format/session_json.h"
#include "tests/unit/format_fixtures.h"

#define COMPLETE "fixtures/rustscope-0.5/valid/complete/input.json"

START_TEST(every_valid_file_becomes_a_session_of_version_1)
{
    g_autoptr(GPtrArray) cases = fixture_cases("fixtures/rustscope-0.5/valid");

    for (guint i = 0; i < cases->len; i++) {
        g_autofree char *path = g_build_filename(cases->pdata[i], "input.json", NULL);
        GError *error = NULL;
        g_autoptr(RsSession) session = rs_session_read(path, &error);
        g_autoptr(RsSession) again = NULL;
        g_autoptr(GBytes) first = NULL, second = NULL;

        ck_assert_msg(session != NULL, "%s", error ? error->message : "");
        ck_assert_str_eq(session->source_format, "rustscope 0.5");
        first = rs_session_encode(session, NULL);
        assert_complies("src/format/session.schema.json", first, path);
        again = rs_session_parse(first, &error);
        ck_assert_msg(again != NULL, "%s", error ? error->message : "");
        second = rs_session_encode(again, NULL);
        ck_assert(g_bytes_equal(first, second));
    }
}
END_TEST

START_TEST(every_invalid_file_is_refused_with_its_own_message)
{
    g_autoptr(GPtrArray) cases = fixture_cases("fixtures/rustscope-0.5/invalid");

    for (guint i = 0; i < cases->len; i++) {
        g_autofree char *path = g_build_filename(cases->pdata[i], "input.json", NULL);
        g_autoptr(GBytes) data = fixture_bytes(path);
        g_autoptr(GError) error = NULL;

        ck_assert_ptr_null(rs_session_parse(data, &error));
        assert_expected_error(cases->pdata[i], error);
    }
}
END_TEST

START_TEST(functions_are_found_under_several_spellings_and_units)
{
    g_autoptr(RsSession) session = rs_session_read(COMPLETE, NULL);
    const RsFunction *parse = session->profile->functions->pdata[0],
                     *render = session->profile->functions->pdata[1];
    const RsFunction *hot = session->profile->functions->pdata[2];

    ck_assert_str_eq(parse->name, "app::parse");
    ck_assert_int_eq(parse->self_ns, 9007199254740993);
    ck_assert_int_eq(parse->total_ns, 5000000000);
    ck_assert_int_eq(parse->n_calls, 1000);
    ck_assert_int_eq(parse->line, 42);
    ck_assert_ptr_nonnull(strstr(parse->extra_json, "\"mean_ns\":5000000.5"));
    ck_assert_str_eq(render->crate_name, "app");
    ck_assert_int_eq(render->self_ns, 12500000);
    ck_assert_int_eq(render->total_ns, 250000000);
    ck_assert_int_eq(render->n_samples, 17);
    ck_assert(render->is_inline);
    ck_assert_int_eq(hot->self_ns, 1500);
    ck_assert_str_eq(hot->extra_json, "{\"timing\":{\"p99_us\":9}}");
}
END_TEST

START_TEST(raw_samples_become_trials_of_wall_time)
{
    g_autoptr(RsSession) session = rs_session_read(COMPLETE, NULL);
    const RsBenchmark *parse = session->benchmarks->pdata[0],
                      *render = session->benchmarks->pdata[1];

    ck_assert_int_eq(parse->design, RS_DESIGN_SINGLE);
    ck_assert_uint_eq(rs_benchmark_n_trials(parse), 4);
    ck_assert_int_eq(g_array_index(parse->trial_arm, guint8, 3), RS_ARM_BASELINE);
    ck_assert_int_eq(rs_benchmark_metric(parse, "wall")->kind, RS_COUNT);
    ck_assert_double_eq(rs_metric_value(rs_benchmark_metric(parse, "wall"), 1), 110);
    ck_assert_double_eq(rs_metric_value(rs_benchmark_metric(render, "wall"), 1), 2.5);
}
END_TEST

START_TEST(nothing_of_the_file_is_lost_even_where_names_collide)
{
    g_autoptr(RsSession) session = rs_session_read(COMPLETE, NULL);
    g_autoptr(GBytes) data = rs_session_encode(session, NULL);
    const char *text = g_bytes_get_data(data, NULL);

    ck_assert_ptr_nonnull(strstr(text, "\"locks\": [{\"name\": \"Mutex<State>\""));
    ck_assert_ptr_nonnull(strstr(text, "\"process_samples\": "));
    ck_assert_ptr_nonnull(strstr(text, "\"crate_rollups\": "));
    ck_assert_ptr_nonnull(strstr(text, "\"pid\": 12345"));
    ck_assert_ptr_nonnull(
        strstr(text, "\"rustscope_0_5\": {\"version\": \"0.5.2\", \"seed\": \"none\"}"));
    ck_assert_ptr_nonnull(
        strstr(text, "\"rustscope_0_5\": {\"design\": \"criterion\", \"trials\": 4}"));
}
END_TEST

START_TEST(a_key_of_the_name_of_a_profile_is_not_taken_for_one)
{
    static const char text[] =
        "{\"schema_version\":3,\"profile\":\"release\",\"locks\":[1],\"functions\":[]}";
    g_autoptr(GBytes) data = g_bytes_new_static(text, strlen(text)), written = NULL;
    g_autoptr(RsSession) session = rs_session_parse(data, NULL), again = NULL;

    ck_assert_str_eq(session->extra_json,
                     "{\"locks\":[1],\"rustscope_0_5\":{\"profile\":\"release\"}}");
    written = rs_session_encode(session, NULL);
    again = rs_session_parse(written, NULL);
    ck_assert_ptr_nonnull(again);
    ck_assert_str_eq(again->extra_json, session->extra_json);
}
END_TEST

START_TEST(keys_of_a_function_that_mean_something_else_here_are_kept_apart)
{
    static const char text[] =
        "{\"schema_version\":3,\"functions\":[{\"name\":\"f\",\"module_path\":"
        "\"a::b\",\"module\":\"b\",\"source\":\"dwarf2\"}]}";
    g_autoptr(GBytes) data = g_bytes_new_static(text, strlen(text)), written = NULL;
    g_autoptr(RsSession) session = rs_session_parse(data, NULL), again = NULL;
    const RsFunction *function = session->profile->functions->pdata[0];

    ck_assert_str_eq(function->module_path, "a::b");
    ck_assert_int_eq(function->module, -1);
    ck_assert_str_eq(function->extra_json,
                     "{\"rustscope_0_5\":{\"module\":\"b\",\"source\":\"dwarf2\"}}");
    written = rs_session_encode(session, NULL);
    again = rs_session_parse(written, NULL);
    ck_assert_ptr_nonnull(again);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("format/rustscope05");
    TCase *tests = tcase_create("all");

    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, every_valid_file_becomes_a_session_of_version_1);
    tcase_add_test(tests, every_invalid_file_is_refused_with_its_own_message);
    tcase_add_test(tests, functions_are_found_under_several_spellings_and_units);
    tcase_add_test(tests, raw_samples_become_trials_of_wall_time);
    tcase_add_test(tests, nothing_of_the_file_is_lost_even_where_names_collide);
    tcase_add_test(tests, a_key_of_the_name_of_a_profile_is_not_taken_for_one);
    tcase_add_test(tests, keys_of_a_function_that_mean_something_else_here_are_kept_apart);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
