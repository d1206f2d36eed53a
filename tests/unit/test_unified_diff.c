/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Diffs as git and GNU diff write them, and a comparison with git's own idea of what changed. */
#include <string.h>

#include "format/codec.h"
#include "format/unified_diff.h"
#include "format_fixtures.h"
#include "tests/unit/run.h"

static char *text_of(const char *folder, const char *name, gsize *n_bytes)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    char *text = NULL;

    ck_assert_msg(g_file_get_contents(path, &text, n_bytes, NULL), "cannot read %s", path);
    return text;
}

/* "files N", "yes PATH FIRST LAST", "no PATH FIRST LAST". */
static void check_line(const RsDiff *diff, const char *folder, const char *line)
{
    g_auto(GStrv) words = g_strsplit(line, " ", -1);
    guint n = g_strv_length(words);
    g_autofree char *path = NULL;

    if (g_str_equal(words[0], "files")) {
        ck_assert_msg(rs_diff_n_files(diff) == (guint)atoi(words[1]), "%s: %u files", folder,
                      rs_diff_n_files(diff));
        return;
    }
    ck_assert_uint_ge(n, 4);
    path = g_strndup(line + strlen(words[0]) + 1, strlen(line) - strlen(words[0]) - 3 -
                                                      strlen(words[n - 1]) - strlen(words[n - 2]));
    ck_assert_msg(rs_diff_touches(diff, path, atoi(words[n - 2]), atoi(words[n - 1])) ==
                      g_str_equal(words[0], "yes"),
                  "%s: not so: %s", folder, line);
}

START_TEST(diffs_of_git_and_of_diff_are_understood)
{
    g_autoptr(GPtrArray) cases = fixture_cases("fixtures/diff/valid");

    for (guint i = 0; i < cases->len; i++) {
        const char *folder = g_ptr_array_index(cases, i);
        gsize n_bytes, ignored;
        g_autofree char *text = text_of(folder, "input.diff", &n_bytes);
        g_autofree char *expected = text_of(folder, "expected", &ignored);
        g_auto(GStrv) lines = g_strsplit(g_strchomp(expected), "\n", -1);
        g_autoptr(GError) error = NULL;
        g_autoptr(RsDiff) diff = rs_diff_parse(text, n_bytes, &error);

        ck_assert_msg(diff != NULL, "%s: %s", folder, error ? error->message : "");
        for (char **line = lines; *line; line++)
            check_line(diff, folder, *line);
    }
}
END_TEST

START_TEST(damaged_diffs_are_refused_with_the_line)
{
    g_autoptr(GPtrArray) cases = fixture_cases("fixtures/diff/invalid");

    for (guint i = 0; i < cases->len; i++) {
        const char *folder = g_ptr_array_index(cases, i);
        gsize n_bytes, ignored;
        g_autofree char *text = text_of(folder, "input.diff", &n_bytes);
        g_autofree char *expected = text_of(folder, "expected-error", &ignored);
        g_autoptr(GError) error = NULL;
        g_autoptr(RsDiff) diff = rs_diff_parse(text, n_bytes, &error);

        ck_assert_msg(!diff && error, "%s was read", folder);
        ck_assert(g_error_matches(error, RS_FORMAT_ERROR, RS_FORMAT_ERROR_SYNTAX));
        ck_assert_str_eq(error->message, g_strchomp(expected));
    }
}
END_TEST

START_TEST(every_prefix_of_a_diff_is_read_or_refused)
{
    gsize n_bytes;
    g_autofree char *text = text_of("fixtures/diff/valid/git", "input.diff", &n_bytes);

    for (gsize n = 0; n <= n_bytes; n++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *part = g_memdup2(text, MAX(n, 1)); /* for the sanitizers to see its end */
        g_autoptr(RsDiff) diff = rs_diff_parse(part, n, &error);

        ck_assert((diff == NULL) == (error != NULL));
    }
}
END_TEST

START_TEST(numbers_and_merges_are_bounded)
{
    static const char *const texts[] = {
        "--- a/a\n+++ b/a\n@@ -1 +99999999999999999999 @@\n-a\n+b\n",
        "--- a/a\n+++ b/a\n@@ -1,999999999 +999999999,999999999 @@\n-a\n+b\n",
        "--- a/a\n+++ b/a\n@@@@@@@@@@@@@@@@@@@@@@ -1 +1 @@\n-a\n+b\n",
    };

    for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(RsDiff) diff = rs_diff_parse(texts[i], strlen(texts[i]), &error);

        /* What begins like a hunk and cannot be one is refused, what does not is passed over. */
        ck_assert_msg((diff != NULL) == (i == 2), "%u", i);
        if (diff)
            ck_assert_uint_eq(rs_diff_n_files(diff), 0);
        else
            ck_assert(g_error_matches(error, RS_FORMAT_ERROR, RS_FORMAT_ERROR_SYNTAX));
    }
}
END_TEST

static void run_git(const char *folder, const char *arguments)
{
    g_autofree char *command = g_strdup_printf(
        "git -C %s -c user.name=n -c user.email=n@example.com -c init.defaultBranch=main %s",
        folder, arguments);
    g_autofree char *output = NULL, *problems = NULL;
    int status = 0;

    ck_assert(g_spawn_command_line_sync(command, &output, &problems, &status, NULL));
    ck_assert_msg(status == 0, "%s: %s", command, problems);
}

static guint64 state = 7;

static guint random_below(guint n)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (guint)((state >> 33) % n);
}

/* Some lines of text kept, some changed, removed and added. */
static char *edited(const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    GString *out = g_string_new(NULL);

    for (char **line = lines; line[0] && line[1]; line++) {
        guint choice = random_below(30);

        if (choice == 0)
            continue;
        if (choice == 1)
            g_string_append_printf(out, "new %u\n", random_below(1000000));
        g_string_append_printf(out, choice == 2 ? "changed %s\n" : "%s\n", *line);
    }
    return g_string_free(out, FALSE);
}

/* git blame says which lines come from the last commit; the diff has to say the same. */
START_TEST(git_blame_agrees_on_which_lines_are_new)
{
    g_autofree char *folder = g_dir_make_tmp("rustscope-diff-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "a.txt", NULL);
    g_autofree char *remove = g_strdup_printf("rm -rf %s", folder);
    g_autofree char *first = NULL, *second = NULL, *diff_text = NULL, *blame_text = NULL;
    g_autofree char *diff_command = g_strdup_printf("git -C %s diff HEAD~1", folder);
    g_autofree char *blame_command =
        g_strdup_printf("git -C %s blame -s HEAD~1.. -- a.txt", folder);
    g_autoptr(GString) lines = g_string_new(NULL);
    g_autoptr(RsDiff) diff = NULL;
    g_auto(GStrv) blamed = NULL;
    guint n_new = 0;

    for (guint i = 0; i < 3000; i++)
        g_string_append_printf(lines, "line %u\n", i);
    second = edited(lines->str);
    run_git(folder, "init -q");
    ck_assert(g_file_set_contents(path, lines->str, -1, NULL));
    run_git(folder, "add a.txt");
    run_git(folder, "commit -q -m one");
    ck_assert(g_file_set_contents(path, second, -1, NULL));
    run_git(folder, "commit -q -a -m two");
    ck_assert(g_spawn_command_line_sync(diff_command, &diff_text, NULL, NULL, NULL));
    ck_assert(g_spawn_command_line_sync(blame_command, &blame_text, NULL, NULL, NULL));
    ck_assert(g_spawn_command_line_sync(remove, NULL, NULL, NULL, NULL));
    diff = rs_diff_parse(diff_text, strlen(diff_text), NULL);
    ck_assert_ptr_nonnull(diff);
    blamed = g_strsplit(blame_text, "\n", -1);
    for (guint i = 0; blamed[i] && *blamed[i]; i++) {
        gboolean is_new = *blamed[i] != '^'; /* a boundary: older than the range asked for */

        ck_assert_msg(rs_diff_touches(diff, "a.txt", i + 1, i + 1) == is_new, "line %u: %s", i + 1,
                      blamed[i]);
        n_new += is_new;
    }
    ck_assert_uint_gt(n_new, 100);
}
END_TEST

START_TEST(blamed_functions_are_marked_where_they_are_in_the_diff)
{
    static const char text[] = "--- a/src/a.rs\n+++ b/src/a.rs\n@@ -10 +10 @@\n-a\n+b\n";
    g_autoptr(RsDiff) diff = rs_diff_parse(text, strlen(text), NULL);
    g_autoptr(RsGate) gate = rs_gate_new();
    g_autoptr(RsVerdict) verdict = rs_verdict_new(gate);
    RsBlame *blame = rs_blame_new("bench");
    RsBlamed *in = rs_blamed_new("in"), *out = rs_blamed_new("out"), *gone = rs_blamed_new("gone");
    RsBlamed *nowhere = rs_blamed_new("nowhere");

    in->file = g_strdup("src/a.rs");
    in->line = 5;
    in->last_line = 12;
    out->file = g_strdup("src/a.rs");
    out->line = 20;
    out->is_changed = TRUE;
    gone->file = g_strdup("src/a.rs");
    gone->line = 10;
    gone->kind = RS_BLAME_VANISHED;
    g_ptr_array_add(blame->functions, in);
    g_ptr_array_add(blame->functions, out);
    g_ptr_array_add(blame->callers, nowhere);
    g_ptr_array_add(blame->others, gone);
    g_ptr_array_add(verdict->blames, blame);
    rs_diff_mark(diff, verdict);
    ck_assert(in->is_changed);
    ck_assert(!out->is_changed && !gone->is_changed && !nowhere->is_changed);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("diff");

    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, diffs_of_git_and_of_diff_are_understood);
    tcase_add_test(tests, damaged_diffs_are_refused_with_the_line);
    tcase_add_test(tests, every_prefix_of_a_diff_is_read_or_refused);
    tcase_add_test(tests, numbers_and_merges_are_bounded);
    tcase_add_test(tests, git_blame_agrees_on_which_lines_are_new);
    tcase_add_test(tests, blamed_functions_are_marked_where_they_are_in_the_diff);
    return run_tests("format/unified_diff", tests);
}
