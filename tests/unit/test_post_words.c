/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When a verdict is worth a comment, what it is called where it is posted, and what people are told
 * to do when a server refuses. */
#include <check.h>
#include <string.h>

#include "cmd/post_words.h"
#include "test_report_verdicts.h"
#include "tests/unit/run.h"

static RsVerdict *passed_verdict(void)
{
    RsVerdict *verdict = new_verdict(RS_SEVERITY_CRITICAL);

    add_row(verdict, "query_hot", "wall", RS_VERDICT_UNCHANGED, 0.3);
    return finish(verdict, RS_GATE_PASSED, 0);
}

static RsVerdict *minor_verdict(void)
{
    RsVerdict *verdict = new_verdict(RS_SEVERITY_CRITICAL);

    add_row(verdict, "query_hot", "wall", RS_VERDICT_REGRESSION, 12.5);
    return finish(verdict, RS_GATE_PASSED, 0);
}

static RsVerdict *without_baseline(int exit_status)
{
    RsVerdict *verdict = new_verdict(RS_SEVERITY_CRITICAL);

    add_row(verdict, "fresh", "wall", RS_VERDICT_NEW, NAN);
    verdict->summary.n_no_baseline = 1;
    return finish(verdict, RS_GATE_PASSED, exit_status);
}

/* --- comments --- */

/* "never", "create", "update": what is done about a comment. */
static const char *comment_of(RsCommentWhen when, const RsVerdict *verdict)
{
    gboolean update_only = TRUE;

    if (!rs_post_wants_comment(when, verdict, &update_only))
        return "never";
    return update_only ? "update" : "create";
}

START_TEST(a_comment_begins_when_there_is_something_to_say)
{
    g_autoptr(RsVerdict) passed = passed_verdict(), minor = minor_verdict();
    g_autoptr(RsVerdict) failed = failed_verdict();
    g_autoptr(RsVerdict) broken = passed_verdict(), undecided = passed_verdict();

    broken->gate.status = RS_GATE_ERROR;
    undecided->gate.status = RS_GATE_UNDECIDED;
    ck_assert_str_eq(comment_of(RS_COMMENT_AUTO, passed), "update");
    ck_assert_str_eq(comment_of(RS_COMMENT_AUTO, undecided), "update");
    ck_assert_str_eq(comment_of(RS_COMMENT_AUTO, minor), "create");
    ck_assert_str_eq(comment_of(RS_COMMENT_AUTO, failed), "create");
    ck_assert_str_eq(comment_of(RS_COMMENT_AUTO, broken), "create");
    failed->gate.status = RS_GATE_ACCEPTED;
    ck_assert_str_eq(comment_of(RS_COMMENT_AUTO, failed), "create");
}
END_TEST

START_TEST(a_weakened_rule_is_something_to_say)
{
    g_autoptr(RsVerdict) passed = passed_verdict();

    g_ptr_array_add(passed->policy_changes,
                    rs_policy_change_new(RS_POLICY_BENCHMARK_ADDED, "fresh", NULL, "fresh", FALSE));
    ck_assert_str_eq(comment_of(RS_COMMENT_AUTO, passed), "update");
    g_ptr_array_add(passed->policy_changes,
                    rs_policy_change_new(RS_POLICY_THRESHOLD, NULL, "10 %", "50 %", TRUE));
    ck_assert_str_eq(comment_of(RS_COMMENT_AUTO, passed), "create");
    ck_assert_str_eq(comment_of(RS_COMMENT_ON_REGRESSION, passed), "update");
}
END_TEST

START_TEST(always_never_and_on_regression_mean_that)
{
    g_autoptr(RsVerdict) passed = passed_verdict(), minor = minor_verdict();
    g_autoptr(RsVerdict) broken = passed_verdict();

    broken->gate.status = RS_GATE_ERROR;
    ck_assert_str_eq(comment_of(RS_COMMENT_ALWAYS, passed), "create");
    ck_assert_str_eq(comment_of(RS_COMMENT_NEVER, minor), "never");
    ck_assert_str_eq(comment_of(RS_COMMENT_ON_REGRESSION, minor), "create");
    ck_assert_str_eq(comment_of(RS_COMMENT_ON_REGRESSION, broken), "update");
}
END_TEST

/* --- what it is called --- */

START_TEST(a_state_is_the_worst_that_is_known)
{
    g_autoptr(RsVerdict) passed = passed_verdict(), minor = minor_verdict();
    g_autoptr(RsVerdict) failed = failed_verdict(), fresh = without_baseline(0);
    g_autoptr(RsVerdict) broken = failed_verdict();

    broken->gate.status = RS_GATE_ERROR;
    ck_assert_str_eq(rs_post_state(passed), "passed");
    ck_assert_str_eq(rs_post_state(minor), "minor");
    ck_assert_str_eq(rs_post_state(failed), "critical");
    ck_assert_str_eq(rs_post_state(fresh), "no-baseline");
    ck_assert_str_eq(rs_post_state(broken), "error");
}
END_TEST

START_TEST(unknown_is_neutral_and_never_a_success)
{
    g_autoptr(RsVerdict) passed = passed_verdict(), failed = failed_verdict();
    g_autoptr(RsVerdict) fresh = without_baseline(0), strict = without_baseline(4);
    g_autoptr(RsVerdict) undecided = passed_verdict();

    undecided->gate.status = RS_GATE_UNDECIDED;
    ck_assert_str_eq(rs_post_conclusion(passed), "success");
    ck_assert_str_eq(rs_post_conclusion(failed), "failure");
    ck_assert_str_eq(rs_post_conclusion(fresh), "neutral");
    ck_assert_str_eq(rs_post_conclusion(undecided), "neutral");
    ck_assert_str_eq(rs_post_conclusion(strict), "failure");
    ck_assert_int_eq(rs_post_commit_status(passed), RS_STATUS_SUCCESS);
    ck_assert_int_eq(rs_post_commit_status(failed), RS_STATUS_FAILURE);
    ck_assert_int_eq(rs_post_commit_status(strict), RS_STATUS_FAILURE);
    failed->gate.status = RS_GATE_ERROR;
    ck_assert_int_eq(rs_post_commit_status(failed), RS_STATUS_ERROR);
    failed->gate.status = RS_GATE_ACCEPTED;
    failed->gate.exit_status = 0;
    ck_assert_str_eq(rs_post_conclusion(failed), "success");
}
END_TEST

START_TEST(a_description_fits_a_commit_status)
{
    g_autoptr(RsVerdict) failed = failed_verdict();
    g_autofree char *description = NULL;

    failed->gate.gate->fail_on = RS_SEVERITY_NONE;
    description = rs_post_description(failed);
    ck_assert_uint_le(g_utf8_strlen(description, -1), RS_POST_MAX_DESCRIPTION);
    ck_assert(g_str_has_prefix(description, "rustscope: "));
}
END_TEST

START_TEST(names_are_constant_and_tell_keys_apart)
{
    g_autofree char *plain = rs_post_check_name("rustscope", "default");
    g_autofree char *keyed = rs_post_check_name("rustscope", "linux-arm");
    g_autofree char *context = rs_post_status_context("default");
    g_autofree char *keyed_context = rs_post_status_context("linux-arm");

    ck_assert_str_eq(plain, "rustscope");
    ck_assert_str_eq(keyed, "rustscope (linux-arm)");
    ck_assert_str_eq(context, "rustscope");
    ck_assert_str_eq(keyed_context, "rustscope/linux-arm");
}
END_TEST

/* --- where the token goes --- */

START_TEST(an_origin_is_scheme_host_and_port)
{
    static const char api[] = "https://api.github.com";

    ck_assert(rs_post_is_same_origin("https://api.github.com:443/", api));
    ck_assert(rs_post_is_same_origin("https://API.github.com/x", api));
    ck_assert(!rs_post_is_same_origin("http://api.github.com", api));
    ck_assert(!rs_post_is_same_origin("https://api.github.com.evil.example", api));
    ck_assert(!rs_post_is_same_origin("https://api.github.com@evil.example", api));
    ck_assert(!rs_post_is_same_origin("https://user@api.github.com", api));
    ck_assert(!rs_post_is_same_origin("https://api.github.com:8443", api));
    ck_assert(!rs_post_is_same_origin("api.github.com", api));
    ck_assert(!rs_post_is_same_origin("", api));
    ck_assert(rs_post_is_same_origin("https://ghe.example/api/v3", "https://ghe.example"));
}
END_TEST

/* --- what to do --- */

static char *advice_of(RsCiSystem system, RsPostTask task, int code)
{
    g_autoptr(GError) error = g_error_new_literal(RS_HTTP_ERROR, code, "no");

    return rs_post_advice(system, task, error);
}

static void assert_says(char *text, const char *words)
{
    ck_assert_ptr_nonnull(text);
    ck_assert_msg(strstr(text, words) != NULL, "%s", text);
    g_free(text);
}

START_TEST(a_refusal_names_the_permission_that_is_missing)
{
    const int no = RS_HTTP_ERROR_REFUSED;

    assert_says(advice_of(RS_CI_GITHUB, RS_POST_COMMENT, no),
                "`permissions: pull-requests: write`");
    assert_says(advice_of(RS_CI_GITHUB, RS_POST_CHECK, no), "`permissions: checks: write`");
    assert_says(advice_of(RS_CI_GITHUB, RS_POST_STATUS, no), "`permissions: statuses: write`");
    assert_says(advice_of(RS_CI_GITLAB, RS_POST_COMMENT, no), "Reporter");
    assert_says(advice_of(RS_CI_GITLAB, RS_POST_THREAD, no), "Developer");
    assert_says(advice_of(RS_CI_GITHUB, RS_POST_COMMENT, RS_HTTP_ERROR_NOT_FOUND),
                "pull-requests: write");
}
END_TEST

START_TEST(a_token_that_nobody_knows_lacks_no_permission)
{
    g_autoptr(GError) error = g_error_new_literal(RS_HTTP_ERROR, RS_HTTP_ERROR_REFUSED,
                                                  "GET /user: the server answers 401: no");
    g_autofree char *advice = rs_post_advice(RS_CI_GITHUB, RS_POST_COMMENT, error);

    ck_assert_ptr_nonnull(advice);
    ck_assert_ptr_null(strstr(advice, "permissions:"));
    ck_assert_ptr_nonnull(strstr(advice, "does not know the token"));
}
END_TEST

START_TEST(a_server_that_is_down_is_nobodys_permission)
{
    ck_assert_ptr_null(advice_of(RS_CI_GITHUB, RS_POST_COMMENT, RS_HTTP_ERROR_UNREACHABLE));
    ck_assert_ptr_null(advice_of(RS_CI_GITLAB, RS_POST_COMMENT, RS_HTTP_ERROR_SERVER));
}
END_TEST

START_TEST(a_job_token_is_told_what_to_create)
{
    RsCiContext gitlab = {.system = RS_CI_GITLAB, .token_is_job = TRUE};

    assert_says(rs_post_token_advice(&gitlab, NULL), "RUSTSCOPE_GITLAB_TOKEN");
    assert_says(rs_post_token_advice(&gitlab, NULL), "project access token");
    assert_says(rs_post_token_advice(&gitlab, "BOT"), "variable BOT");
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("post_words");

    tcase_add_test(tcase, a_comment_begins_when_there_is_something_to_say);
    tcase_add_test(tcase, a_weakened_rule_is_something_to_say);
    tcase_add_test(tcase, always_never_and_on_regression_mean_that);
    tcase_add_test(tcase, a_state_is_the_worst_that_is_known);
    tcase_add_test(tcase, unknown_is_neutral_and_never_a_success);
    tcase_add_test(tcase, a_description_fits_a_commit_status);
    tcase_add_test(tcase, names_are_constant_and_tell_keys_apart);
    tcase_add_test(tcase, an_origin_is_scheme_host_and_port);
    tcase_add_test(tcase, a_refusal_names_the_permission_that_is_missing);
    tcase_add_test(tcase, a_token_that_nobody_knows_lacks_no_permission);
    tcase_add_test(tcase, a_server_that_is_down_is_nobodys_permission);
    tcase_add_test(tcase, a_job_token_is_told_what_to_create);
    return run_tests("post_words", tcase);
}
