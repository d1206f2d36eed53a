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

START_TEST(policy_and_acceptance_land_where_the_model_says)
{
    g_autoptr(RsVerdict) verdict =
        rs_verdict_read("fixtures/verdict/valid/policy-and-acceptance/input.json", NULL);
    const RsPolicyChange *threshold = g_ptr_array_index(verdict->policy_changes, 0);
    const RsPolicyChange *added = g_ptr_array_index(verdict->policy_changes, 1);

    ck_assert_str_eq(verdict->sampler, "ptrace");
    ck_assert_str_eq(verdict->change_head, "9f3c1ab7bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb");
    ck_assert_str_eq(verdict->acceptance->by, "octocat");
    ck_assert_str_eq(verdict->acceptance->how, "label rustscope:accept");
    ck_assert_str_eq(verdict->acceptance->at, "2026-03-01T12:30:00Z");
    ck_assert_str_eq(verdict->acceptance->head, verdict->change_head);
    ck_assert_ptr_null(verdict->acceptance->reason);
    ck_assert_uint_eq(verdict->policy_changes->len, 3);
    ck_assert_int_eq(threshold->kind, RS_POLICY_THRESHOLD);
    ck_assert_str_eq(threshold->benchmark, "parse");
    ck_assert_str_eq(threshold->before, "10 %");
    ck_assert_str_eq(threshold->after, "50 %");
    ck_assert(threshold->weakens && !added->weakens);
    ck_assert_ptr_null(added->before);
}
END_TEST

START_TEST(a_policy_change_that_nobody_here_knows_weakens)
{
    static const char *const changes[] = {
        "{\"kind\":\"quorum\",\"weakens\":false}",
        "{\"kind\":null,\"weakens\":false}",
        "{\"kind\":\"threshold\"}",
        "{}",
    };

    for (guint i = 0; i < G_N_ELEMENTS(changes); i++) {
        g_autofree char *text =
            g_strdup_printf("{\"format\":\"rustscope-verdict\",\"version\":1,\"gate\":{\"status\":"
                            "\"passed\"},\"policy_changes\":[%s]}",
                            changes[i]);
        g_autoptr(GBytes) data = g_bytes_new_static(text, strlen(text));
        g_autoptr(RsVerdict) verdict = rs_verdict_decode(data, NULL);
        g_autoptr(GBytes) again = rs_verdict_encode(verdict, NULL);

        ck_assert(rs_verdict_weakens_policy(verdict));
        ck_assert_msg(i > 0 || g_strstr_len(g_bytes_get_data(again, NULL),
                                            (gssize)g_bytes_get_size(again), "\"quorum\""),
                      "the kind is lost");
    }
}
END_TEST

START_TEST(the_members_of_a_blame_land_where_the_model_says)
{
    g_autoptr(RsVerdict) verdict = rs_verdict_read("fixtures/verdict/valid/blame/input.json", NULL);
    const RsBlame *blame = rs_verdict_blame(verdict, "parse");
    const RsBlame *other = rs_verdict_blame(verdict, "render");
    const RsBlamed *field = g_ptr_array_index(blame->functions, 0);
    const RsBlamed *shifted = g_ptr_array_index(blame->others, 0);
    const RsCallTreeName *name = g_ptr_array_index(blame->tree->names, 1);
    const RsCallTreeNode *root = &g_array_index(blame->tree->nodes, RsCallTreeNode, 0);
    const RsCallTreeNode *leaf = &g_array_index(blame->tree->nodes, RsCallTreeNode, 3);

    ck_assert_uint_eq(verdict->blames->len, 2);
    ck_assert_uint_eq(blame->functions->len, 2);
    ck_assert_str_eq(field->name, "logstat::parse::field");
    ck_assert_str_eq(field->crate_name, "logstat");
    ck_assert_str_eq(field->module_path, "logstat::parse");
    ck_assert_int_eq(field->last_line, 67);
    ck_assert_double_eq(field->self_ns_baseline, 1250000.5);
    ck_assert_double_eq(field->ci_high_ns, 8500000);
    ck_assert_double_eq(field->p_adjusted, 0.0003);
    ck_assert(field->is_changed && rs_blamed_is_guilty(field));
    ck_assert_str_eq(shifted->shifted_with, "logstat::parse::line");
    ck_assert_int_eq(shifted->kind, RS_BLAME_SHIFT);
    ck_assert_int_eq(shifted->line, -1);
    ck_assert_uint_eq(blame->callers->len + blame->crates->len + blame->modules->len, 3);
    ck_assert_double_eq(blame->resolvable_pct, 0.8);
    ck_assert_uint_eq(blame->tree->n_sides, 2);
    ck_assert(name->is_inline && name->crate_kind == RS_CRATE_OWN);
    ck_assert_int_eq(root->name, -1);
    ck_assert_double_eq(root->total_ns[1], 49360000);
    ck_assert_int_eq(leaf->parent, 1);
    ck_assert_double_eq(leaf->self_ns[0], 750000.25);
    ck_assert(other->is_forced && !other->tree && isnan(other->alpha));
    ck_assert_int_eq(((RsBlamed *)other->functions->pdata[0])->n_samples_baseline,
                     9007199254740993);
}
END_TEST

#define HEAD "{\"format\":\"rustscope-verdict\",\"version\":1,\"gate\":{\"status\":\"passed\"},"

START_TEST(both_lists_of_a_blame_are_joined_whatever_their_order_is)
{
    static const char *const texts[] = {
        HEAD "\"blame\":[{\"benchmark\":\"c\",\"function\":\"h\"},"
             "{\"benchmark\":\"b\",\"function\":\"f\"},{\"benchmark\":\"b\",\"function\":\"g\"}],"
             "\"blame_details\":[{\"benchmark\":\"a\",\"n_pairs\":1},"
             "{\"benchmark\":\"b\",\"n_pairs\":2}]}",
        HEAD "\"blame_details\":[{\"benchmark\":\"a\",\"n_pairs\":1},"
             "{\"benchmark\":\"b\",\"n_pairs\":2}],"
             "\"blame\":[{\"benchmark\":\"b\",\"function\":\"f\"},"
             "{\"benchmark\":\"c\",\"function\":\"h\"},{\"benchmark\":\"b\",\"function\":\"g\"}]}",
    };
    const char *const order[] = {"c", "a", "b"};

    for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(GBytes) data = g_bytes_new_static(texts[i], strlen(texts[i]));
        g_autoptr(RsVerdict) verdict = rs_verdict_decode(data, NULL);
        const RsBlame *b = rs_verdict_blame(verdict, "b");

        ck_assert_uint_eq(verdict->blames->len, G_N_ELEMENTS(order));
        for (guint j = 0; j < G_N_ELEMENTS(order); j++)
            ck_assert_str_eq(((RsBlame *)verdict->blames->pdata[j])->benchmark, order[j]);
        ck_assert_uint_eq(b->n_pairs, 2);
        ck_assert_str_eq(((RsBlamed *)b->functions->pdata[0])->name, "f");
        ck_assert_str_eq(((RsBlamed *)b->functions->pdata[1])->name, "g");
    }
}
END_TEST

/* Text that repeats a number n times. */
static void append_many(GString *text, const char *key, const char *first, const char *rest,
                        guint n)
{
    g_string_append_printf(text, "\"%s\":[%s", key, first);
    for (guint i = 1; i < n; i++)
        g_string_append_printf(text, ",%s", rest);
    g_string_append(text, "],");
}

static void assert_refused(GString *text, const char *message)
{
    g_autoptr(GBytes) data = g_string_free_to_bytes(text);
    g_autoptr(GError) error = NULL;

    ck_assert_ptr_null(rs_verdict_decode(data, &error));
    ck_assert_str_eq(error->message, message);
}

START_TEST(a_blame_beyond_all_measure_is_refused)
{
    GString *tree =
        g_string_new(HEAD "\"blame_details\":[{\"benchmark\":\"a\",\"tree\":{\"nodes\":{");
    GString *benchmarks = g_string_new(HEAD "\"blame_details\":[");
    GString *callers = g_string_new(HEAD "\"blame_details\":[{\"benchmark\":\"a\",");

    append_many(tree, "parent", "null", "0", 1000001);
    g_string_append(tree, "\"name\":[]}}}]}");
    assert_refused(tree, "blame_details[0].tree.nodes.parent: more than 1000000 entries");
    for (guint i = 0; i <= 100000; i++)
        g_string_append_printf(benchmarks, "%s{\"benchmark\":\"%u\"}", i ? "," : "", i);
    g_string_append(benchmarks, "]}");
    assert_refused(benchmarks, "blame_details[100000]: more than 100000 benchmarks");
    append_many(callers, "callers", "{}", "{}", 100001);
    g_string_append(callers, "\"n_pairs\":1}]}");
    assert_refused(callers, "blame_details[0].callers: more than 100000 entries");
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
    g_ptr_array_add(verdict->blames, rs_blame_new("a"));
    g_ptr_array_add(rs_verdict_blame(verdict, "a")->functions, rs_blamed_new("f"));
    g_ptr_array_add(rs_verdict_blame(verdict, "a")->crates, rs_blamed_new("c"));
    rs_verdict_summarize(verdict);
    data = rs_verdict_encode(verdict, NULL);
    ck_assert_ptr_nonnull(strstr(g_bytes_get_data(data, NULL), "\"bound_pct\": null"));
    ck_assert_ptr_nonnull(strstr(g_bytes_get_data(data, NULL), "\"change_pct\": null"));
    assert_complies(SCHEMA, data, "a verdict");
}
END_TEST

static void refuse_every_cut(const char *path)
{
    g_autoptr(GBytes) data = fixture_bytes(path);
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

START_TEST(every_cut_of_a_file_is_refused)
{
    refuse_every_cut("fixtures/verdict/valid/complete/input.json");
    refuse_every_cut("fixtures/verdict/valid/blame/input.json");
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
    tcase_add_test(tests, policy_and_acceptance_land_where_the_model_says);
    tcase_add_test(tests, a_policy_change_that_nobody_here_knows_weakens);
    tcase_add_test(tests, the_members_of_a_blame_land_where_the_model_says);
    tcase_add_test(tests, both_lists_of_a_blame_are_joined_whatever_their_order_is);
    tcase_add_test(tests, a_blame_beyond_all_measure_is_refused);
    tcase_add_test(tests, a_gate_that_never_fails_has_an_infinite_bound);
    tcase_add_test(tests, a_verdict_as_it_is_made_complies_with_the_schema);
    tcase_add_test(tests, every_cut_of_a_file_is_refused);
    tcase_add_test(tests, what_was_written_is_read_from_its_path);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
