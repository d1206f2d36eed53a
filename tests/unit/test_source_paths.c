/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files as the compiler saw them -> files as the repository has them. */
#include <check.h>

#include "cmd/source_paths.h"

#include "tests/unit/run.h"

static GHashTable *files;
static char *tops[] = {(char *)"/home/me/work", (char *)"/tmp/base", NULL};

static void set_up(void)
{
    static const char *const names[] = {"src/lexer.rs", "src/main.rs", "crates/json/src/lib.rs",
                                        "main.c"};

    files = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        g_hash_table_add(files, (gpointer)names[i]);
}

static void tear_down(void)
{
    g_hash_table_unref(files);
}

static void assert_becomes(const char *path, gboolean is_own, const char *expected)
{
    g_autofree char *found = rs_source_path_in(files, tops, path, is_own);

    if (g_strcmp0(found, expected) != 0)
        ck_abort_msg("%s became %s, not %s", path, found ? found : "nothing",
                     expected ? expected : "nothing");
}

START_TEST(a_file_below_a_top_folder_is_named_from_there)
{
    assert_becomes("/home/me/work/src/lexer.rs", FALSE, "src/lexer.rs");
    assert_becomes("/tmp/base/crates/json/src/../src/lib.rs", FALSE, "crates/json/src/lib.rs");
    assert_becomes("/home/me/work/main.c", FALSE, "main.c");
    assert_becomes("/home/me/workshop/src/lexer.rs", FALSE, NULL);
    assert_becomes("/home/me/work/target/generated.rs", FALSE, NULL);
}
END_TEST

START_TEST(a_relative_file_is_itself_where_the_repository_has_it)
{
    assert_becomes("src/lexer.rs", FALSE, "src/lexer.rs");
    assert_becomes("src/other.rs", TRUE, NULL);
}
END_TEST

START_TEST(own_code_that_was_built_elsewhere_is_found_by_the_end_of_its_path)
{
    assert_becomes("/builds/group/project/src/lexer.rs", TRUE, "src/lexer.rs");
    assert_becomes("/builds/group/project/crates/json/src/lib.rs", TRUE, "crates/json/src/lib.rs");
    assert_becomes("/builds/group/project/src/lexer.rs", FALSE, NULL);
    assert_becomes("/builds/other/main.c", TRUE, NULL); /* one name alone is no evidence */
}
END_TEST

START_TEST(sources_of_registries_and_of_the_toolchain_are_never_taken_for_own)
{
    assert_becomes("/root/.cargo/registry/src/index-1/memchr-2.7.1/src/main.rs", TRUE, NULL);
    assert_becomes("/root/.cargo/git/checkouts/a-1/b/src/main.rs", TRUE, NULL);
    assert_becomes("/rustc/59807616e/library/std/src/main.rs", TRUE, NULL);
    assert_becomes("/build/vendor/memchr/src/main.rs", TRUE, NULL);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("source_paths");

    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, a_file_below_a_top_folder_is_named_from_there);
    tcase_add_test(tcase, a_relative_file_is_itself_where_the_repository_has_it);
    tcase_add_test(tcase, own_code_that_was_built_elsewhere_is_found_by_the_end_of_its_path);
    tcase_add_test(tcase, sources_of_registries_and_of_the_toolchain_are_never_taken_for_own);
    return run_tests("source_paths", tcase);
}
