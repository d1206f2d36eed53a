/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What reaches stderr and the runner's files, on a runner that is made up. That programs' output
 * makes no command is shown by tests/cli/runner. */
#include "cmd/runner_commands.h"

#include <string.h>
#include <sys/stat.h>

#include "tests/unit/run.h"
#include "tests/unit/trial_fixtures.h"

static void set_up(void)
{
    enter_folder();
    g_setenv("GITHUB_ACTIONS", "true", TRUE);
}

static void tear_down(void)
{
    g_unsetenv("GITHUB_ACTIONS");
    g_unsetenv("GITHUB_OUTPUT");
    g_unsetenv("GITHUB_STEP_SUMMARY");
    leave_folder();
}

/* stderr goes to a file from here to told(). */
static int kept = -1;

static void listen(void)
{
    g_autofree char *path = in_folder("stderr");

    fflush(stderr);
    kept = dup(STDERR_FILENO);
    ck_assert_ptr_nonnull(freopen(path, "w", stderr));
}

static char *told(void)
{
    fflush(stderr);
    dup2(kept, STDERR_FILENO);
    close(kept);
    return read_file("stderr");
}

static char *variable_of(const char *variable, const char *name)
{
    char *path = in_folder(name);

    g_setenv(variable, path, TRUE);
    return path;
}

/* --- commands --- */

/* The word of the stop in line, and what follows the line. */
static char *stop_word(const char *text, const char **rest)
{
    const char *prefix = "::stop-commands::", *end = strchr(text, '\n');

    ck_assert_msg(end && g_str_has_prefix(text, prefix), "%s", text);
    *rest = end + 1;
    return g_strndup(text + strlen(prefix), (gsize)(end - text) - strlen(prefix));
}

START_TEST(commands_are_stopped_and_go_on_by_a_word_that_nobody_can_guess)
{
    g_autofree char *said = NULL, *first = NULL, *second = NULL, *ends = NULL, *other = NULL;
    const char *rest;

    listen();
    rs_runner_begin_foreign();
    rs_runner_begin_foreign();
    fputs("no end", stderr);
    rs_runner_end_foreign();
    rs_runner_end_foreign();
    rs_runner_begin_foreign();
    rs_runner_end_foreign();
    said = told();
    first = stop_word(said, &rest);
    ends = g_strdup_printf("no end\n::%s::\n", first);
    ck_assert_msg(g_str_has_prefix(rest, ends), "%s", said);
    second = stop_word(rest + strlen(ends), &rest);
    other = g_strdup_printf("\n::%s::\n", second);
    ck_assert_str_eq(rest, other);
    ck_assert_uint_ge(strlen(first), 36);
    ck_assert_str_ne(first, second);
}
END_TEST

START_TEST(a_warning_between_them_is_a_command_all_the_same)
{
    g_autofree char *said = NULL, *first = NULL, *second = NULL, *middle = NULL, *ends = NULL;
    const char *rest;

    listen();
    rs_runner_begin_foreign();
    rs_runner_warning("a:b,c", "50 % of\nall");
    rs_runner_end_foreign();
    said = told();
    first = stop_word(said, &rest);
    middle = g_strdup_printf("\n::%s::\n::warning title=a%%3Ab%%2Cc::50 %%25 of%%0Aall\n", first);
    ck_assert_msg(g_str_has_prefix(rest, middle), "%s", said);
    second = stop_word(rest + strlen(middle), &rest);
    ends = g_strdup_printf("\n::%s::\n", second);
    ck_assert_str_eq(rest, ends);
}
END_TEST

START_TEST(a_warning_of_foreign_text_is_one_command)
{
    g_autofree char *said = NULL;

    listen();
    rs_runner_warning("x\n::error::y", "##[error]\r::error::z\x1b[0m");
    said = told();
    ck_assert_msg(g_str_has_prefix(said, "::warning title=x %3A%3Aerror%3A%3Ay::"), "%s", said);
    ck_assert_ptr_eq(strchr(said, '\n'), said + strlen(said) - 1);
    ck_assert_ptr_null(strpbrk(said, "\r\x1b"));
    ck_assert_ptr_null(strstr(said, "##["));
}
END_TEST

START_TEST(without_a_runner_a_warning_is_a_line_and_the_rest_is_silence)
{
    g_autofree char *said = NULL;

    g_unsetenv("GITHUB_ACTIONS");
    listen();
    rs_runner_begin_foreign();
    rs_runner_warning("post", "not posted");
    rs_runner_mask("hunter22");
    rs_runner_end_foreign();
    said = told();
    ck_assert_str_eq(said, "rustscope: warning: post: not posted\n");
}
END_TEST

START_TEST(a_masked_value_is_told_line_by_line_and_short_ones_not)
{
    g_autofree char *said = NULL;

    listen();
    rs_runner_mask("one%line\r\nab\nanother line");
    rs_runner_mask("");
    said = told();
    ck_assert_str_eq(said, "::add-mask::one%25line\n::add-mask::another line\n");
}
END_TEST

/* --- files --- */

/* The rules of the runner: NAME<<WORD, lines, WORD; or NAME=VALUE. */
static GHashTable *parse_outputs(const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    GHashTable *outputs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);

    for (char **line = lines; *line; line++) {
        char *mark = strstr(*line, "<<"), *equals = strchr(*line, '=');
        g_autoptr(GString) value = g_string_new(NULL);
        g_autofree char *name = NULL;
        guint n_lines = 0;

        if (!mark || (equals && equals < mark)) {
            if (equals)
                g_hash_table_insert(outputs, g_strndup(*line, (gsize)(equals - *line)),
                                    g_strdup(equals + 1));
            continue;
        }
        *mark = '\0';
        name = g_strdup(*line);
        for (line++; *line && !g_str_equal(*line, mark + 2); line++)
            g_string_append_printf(value, "%s%s", n_lines++ ? "\n" : "", *line);
        ck_assert_msg(*line != NULL, "an output without an end");
        g_hash_table_insert(outputs, g_steal_pointer(&name), g_strdup(value->str));
    }
    return outputs;
}

START_TEST(an_output_cannot_set_another)
{
    static const char hostile[] = "x\ngate=passed\nrustscope_\nEOF\ngate<<EOF\npassed\nEOF";
    g_autofree char *path = variable_of("GITHUB_OUTPUT", "outputs"), *text = NULL;
    g_autoptr(GHashTable) outputs = NULL;
    g_autoptr(GError) error = NULL;

    write_file("outputs", "earlier=1\n");
    ck_assert(rs_runner_output("worst", hostile, &error));
    ck_assert(rs_runner_output("empty", "", &error));
    ck_assert(rs_runner_output("gate", "failed", &error));
    text = read_file("outputs");
    outputs = parse_outputs(text);
    ck_assert_uint_eq(g_hash_table_size(outputs), 4);
    ck_assert_str_eq(g_hash_table_lookup(outputs, "earlier"), "1");
    ck_assert_str_eq(g_hash_table_lookup(outputs, "worst"), hostile);
    ck_assert_str_eq(g_hash_table_lookup(outputs, "empty"), "");
    ck_assert_str_eq(g_hash_table_lookup(outputs, "gate"), "failed");
}
END_TEST

START_TEST(a_summary_that_would_be_dropped_whole_is_left_out)
{
    g_autofree char *path = variable_of("GITHUB_STEP_SUMMARY", "summary"), *text = NULL;
    g_autofree char *large = g_strnfill(RS_RUNNER_SUMMARY_MAX_BYTES - 10, 'x'), *said = NULL;
    g_autoptr(GError) error = NULL;

    write_file("summary", "12345\n");
    ck_assert(rs_runner_summary("one\n", 4, &error));
    listen();
    ck_assert(rs_runner_summary(large, strlen(large), &error));
    ck_assert(rs_runner_summary(large, strlen(large), &error));
    said = told();
    text = read_file("summary");
    ck_assert_uint_eq(strlen(text), RS_RUNNER_SUMMARY_MAX_BYTES); /* 6 + 4 + all but 10 */
    ck_assert_msg(g_str_has_prefix(said, "::warning "), "%s", said);
    ck_assert_ptr_eq(strchr(said, '\n'), said + strlen(said) - 1); /* once: the first one fitted */
}
END_TEST

START_TEST(without_a_file_nothing_is_written_and_a_pipe_holds_nobody_up)
{
    g_autofree char *pipe_path = NULL;
    g_autoptr(GError) error = NULL;

    ck_assert(rs_runner_output("a", "b", &error));
    ck_assert(rs_runner_summary("x", 1, &error));
    pipe_path = variable_of("GITHUB_OUTPUT", "pipe");
    ck_assert_int_eq(mkfifo(pipe_path, 0600), 0);
    ck_assert(!rs_runner_output("a", "b", &error));
    ck_assert_msg(g_str_has_prefix(error->message, "GITHUB_OUTPUT: "), "%s", error->message);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("runner_commands");

    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, commands_are_stopped_and_go_on_by_a_word_that_nobody_can_guess);
    tcase_add_test(tcase, a_warning_between_them_is_a_command_all_the_same);
    tcase_add_test(tcase, a_warning_of_foreign_text_is_one_command);
    tcase_add_test(tcase, without_a_runner_a_warning_is_a_line_and_the_rest_is_silence);
    tcase_add_test(tcase, a_masked_value_is_told_line_by_line_and_short_ones_not);
    tcase_add_test(tcase, an_output_cannot_set_another);
    tcase_add_test(tcase, a_summary_that_would_be_dropped_whole_is_left_out);
    tcase_add_test(tcase, without_a_file_nothing_is_written_and_a_pipe_holds_nobody_up);
    return run_tests("runner_commands", tcase);
}
