/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cases of fixtures/github-event and fixtures/gitlab-variables: env has the variables of a job,
 * event.json the payload, expected what is understood of them, or the error. With --show the same
 * is said of the environment of this program, for checks that have payloads from elsewhere; with
 * --update FOLDER the files "expected" below it are written: read the difference. */
#include "remote/ci_context.h"

#include <check.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "tests/unit/run.h"
#include "tests/unit/trial_fixtures.h"

static void add_text(GString *out, const char *name, const char *value)
{
    if (value)
        g_string_append_printf(out, "%s: %s\n", name, value);
}

static void add_number(GString *out, const char *name, gint64 value)
{
    if (value)
        g_string_append_printf(out, "%s: %" G_GINT64_FORMAT "\n", name, value);
}

static char *show(char **environment, const char *token_variable)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(RsCiContext) context = rs_ci_context_new(environment, token_variable, &error);
    GString *out = g_string_new(NULL);

    if (!context) {
        g_string_append_printf(out, "%s\n", error->message);
        return g_string_free(out, FALSE);
    }
    add_text(out, "system", rs_ci_system_names[context->system]);
    add_text(out, "event", context->event);
    add_text(out, "api_url", context->api_url);
    add_text(out, "server_url", context->server_url);
    add_text(out, "repository", context->repository);
    add_number(out, "change", context->change);
    add_text(out, "head_sha", context->head_sha);
    add_text(out, "checked_out_sha", context->checked_out_sha);
    add_number(out, "is_merge", context->is_merge);
    add_text(out, "base_sha", context->base_sha);
    add_text(out, "base_ref", context->base_ref);
    add_text(out, "head_repository", context->head_repository);
    add_number(out, "is_fork", context->is_fork);
    add_number(out, "is_privileged", context->is_privileged);
    add_number(out, "run", context->run);
    add_number(out, "attempt", context->attempt);
    add_number(out, "measured_at_s", context->measured_at_s);
    add_text(out, "run_url", context->run_url);
    add_text(out, "token", context->token);
    add_text(out, "token_name", context->token_name);
    add_number(out, "token_is_job", context->token_is_job);
    add_text(out, "ca_file", context->ca_file);
    add_number(out, "is_gitea", context->is_gitea);
    return g_string_free(out, FALSE);
}

/* --- cases --- */

static char *show_case(const char *path)
{
    g_autofree char *env_path = g_build_filename(path, "env", NULL), *text = NULL;
    g_autofree char *event_path = g_build_filename(path, "event.json", NULL);
    g_auto(GStrv) environment = NULL;
    char *said, *at;

    if (!g_file_get_contents(env_path, &text, NULL, NULL))
        return g_strdup_printf("there is no %s", env_path);
    environment = g_strsplit(g_strchomp(text), "\n", -1);
    if (g_file_test(event_path, G_FILE_TEST_EXISTS))
        environment = g_environ_setenv(environment, "GITHUB_EVENT_PATH", event_path, TRUE);
    said = show(environment, NULL);
    at = strstr(said, path);
    if (at) /* where the sources lie is of no interest */
        memmove(at, at + strlen(path) + 1, strlen(at + strlen(path) + 1) + 1);
    return said;
}

static GPtrArray *cases_below(const char *top)
{
    GPtrArray *cases = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GDir) dir = g_dir_open(top, 0, NULL);
    const char *name;

    while (dir && (name = g_dir_read_name(dir)))
        g_ptr_array_add(cases, g_build_filename(top, name, NULL));
    return cases;
}

static guint check_cases(const char *kind)
{
    g_autofree char *folder_of_kind = g_build_filename(g_getenv("FIXTURES"), kind, NULL);
    g_autoptr(GPtrArray) cases = cases_below(folder_of_kind);

    for (guint i = 0; i < cases->len; i++) {
        g_autofree char *path = g_build_filename(cases->pdata[i], "expected", NULL);
        g_autofree char *expected = NULL, *said = show_case(cases->pdata[i]);

        ck_assert_msg(g_file_get_contents(path, &expected, NULL, NULL), "%s", path);
        ck_assert_msg(g_str_equal(said, expected), "%s:\n%s", path, said);
        ck_assert_msg(g_str_has_suffix(kind, "/valid") == g_str_has_prefix(said, "system: "), "%s",
                      path);
    }
    return cases->len;
}

START_TEST(every_event_of_github_is_understood)
{
    ck_assert_uint_ge(check_cases("github-event/valid"), 25);
}
END_TEST

START_TEST(hostile_payloads_and_variables_are_errors_that_say_where)
{
    ck_assert_uint_ge(check_cases("github-event/invalid"), 40);
}
END_TEST

START_TEST(every_pipeline_of_gitlab_is_understood)
{
    ck_assert_uint_ge(check_cases("gitlab-variables/valid"), 14);
}
END_TEST

START_TEST(hostile_variables_of_gitlab_are_errors_that_name_them)
{
    ck_assert_uint_ge(check_cases("gitlab-variables/invalid"), 9);
}
END_TEST

START_TEST(without_a_ci_system_there_is_nothing)
{
    g_auto(GStrv) environment = g_strsplit("HOME=/root\nCI=true\nGITHUB_TOKEN=x", "\n", -1);
    g_autofree char *said = show(environment, NULL), *none = show(NULL, NULL);

    ck_assert_str_eq(said, "system: none\nevent: \n");
    ck_assert_str_eq(none, "system: none\nevent: \n");
}
END_TEST

/* --- tokens --- */

START_TEST(a_named_variable_alone_has_the_token)
{
    g_auto(GStrv) github =
        g_strsplit("GITHUB_ACTIONS=true\nGITHUB_TOKEN=usual\nMINE=own", "\n", -1);
    g_auto(GStrv) gitlab = g_strsplit(
        "GITLAB_CI=true\nCI_JOB_TOKEN=job\nRUSTSCOPE_GITLAB_TOKEN=usual\nMINE=own", "\n", -1);
    g_autoptr(RsCiContext) a = rs_ci_context_new(github, "MINE", NULL);
    g_autoptr(RsCiContext) b = rs_ci_context_new(github, "ABSENT", NULL);
    g_autoptr(RsCiContext) c = rs_ci_context_new(gitlab, "MINE", NULL);
    g_autoptr(RsCiContext) d = rs_ci_context_new(gitlab, "ABSENT", NULL);

    ck_assert_str_eq(a->token, "own");
    ck_assert_str_eq(a->token_name, "MINE");
    ck_assert_ptr_null(b->token);
    ck_assert_str_eq(c->token, "own");
    ck_assert(!c->token_is_job);
    ck_assert_str_eq(d->token, "job");
    ck_assert(d->token_is_job);
}
END_TEST

START_TEST(an_error_never_tells_the_token)
{
    g_auto(GStrv) environment =
        g_strsplit("GITHUB_ACTIONS=true\nGITHUB_TOKEN=hunter2 hunter3", "\n", -1);
    g_autofree char *said = show(environment, NULL);

    ck_assert_ptr_null(strstr(said, "hunter"));
}
END_TEST

/* --- payloads that are too much --- */

static char *show_payload_file(const char *path)
{
    g_autofree char *variable = g_strconcat("GITHUB_EVENT_PATH=", path, NULL);
    char *environment[] = {(char *)"GITHUB_ACTIONS=true", (char *)"GITHUB_EVENT_NAME=pull_request",
                           variable, NULL};

    return show(environment, NULL);
}

START_TEST(a_payload_of_100_mb_is_not_read)
{
    g_autofree char *path = NULL, *said = NULL;

    enter_folder();
    path = in_folder("event.json");
    write_file("event.json", "{");
    ck_assert_int_eq(truncate(path, 100 << 20), 0);
    said = show_payload_file(path);
    leave_folder();
    ck_assert_ptr_nonnull(strstr(said, path));
    ck_assert_msg(strstr(said, "33554432") || strstr(said, "32 MiB"), "%s", said);
}
END_TEST

START_TEST(a_payload_of_a_million_levels_is_an_error)
{
    g_autofree char *deep = g_strnfill(1000000, '['), *path = NULL, *said = NULL;

    enter_folder();
    path = in_folder("event.json");
    write_file("event.json", deep);
    said = show_payload_file(path);
    leave_folder();
    ck_assert_msg(g_str_has_suffix(said, "the payload is not JSON\n"), "%s", said);
}
END_TEST

START_TEST(a_payload_with_a_nul_is_an_error)
{
    static const char text[] = "{\"number\": 7}\0{\"number\": 8}";
    g_autofree char *path = NULL, *said = NULL;

    enter_folder();
    path = in_folder("event.json");
    ck_assert(rs_file_write(path, text, sizeof text, NULL));
    said = show_payload_file(path);
    leave_folder();
    ck_assert_msg(g_str_has_suffix(said, "the payload is not JSON\n"), "%s", said);
}
END_TEST

static int update(const char *folder_of_kind)
{
    g_autoptr(GPtrArray) cases = cases_below(folder_of_kind);

    for (guint i = 0; i < cases->len; i++) {
        g_autofree char *path = g_build_filename(cases->pdata[i], "expected", NULL);
        g_autofree char *said = show_case(cases->pdata[i]);

        if (!rs_file_write(path, said, strlen(said), NULL))
            return 1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    TCase *tcase = tcase_create("ci_context");

    if (argc == 2 && g_str_equal(argv[1], "--show")) {
        g_autofree char *said = show(environ, NULL);

        return fputs(said, stdout) < 0;
    }
    if (argc == 3 && g_str_equal(argv[1], "--update"))
        return update(argv[2]);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, every_event_of_github_is_understood);
    tcase_add_test(tcase, hostile_payloads_and_variables_are_errors_that_say_where);
    tcase_add_test(tcase, every_pipeline_of_gitlab_is_understood);
    tcase_add_test(tcase, hostile_variables_of_gitlab_are_errors_that_name_them);
    tcase_add_test(tcase, without_a_ci_system_there_is_nothing);
    tcase_add_test(tcase, a_named_variable_alone_has_the_token);
    tcase_add_test(tcase, an_error_never_tells_the_token);
    tcase_add_test(tcase, a_payload_of_100_mb_is_not_read);
    tcase_add_test(tcase, a_payload_of_a_million_levels_is_an_error);
    tcase_add_test(tcase, a_payload_with_a_nul_is_an_error);
    return run_tests("ci_context", tcase);
}
