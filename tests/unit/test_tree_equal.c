/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When a program that is one file in two trees is one program. */
#include "trial/tree_equal.h"

#include "tests/unit/repository_fixtures.h"
#include "tests/unit/run.h"

static char *a, *b;

static void set_up(void)
{
    enter_repository_folder();
    shell(
        "mkdir -p a/src a/target/release/deps a/data && echo x >a/src/main.rs && "
        "echo bin >a/target/release/app && chmod +x a/target/release/app && "
        "echo obj >a/target/release/deps/x.o && echo in >a/data/input && echo doc >a/README.md && "
        "ln -s data/input a/link && cp -a a b");
    a = in_folder("a");
    b = in_folder("b");
}

static void tear_down(void)
{
    g_free(a);
    g_free(b);
    leave_folder();
}

static gboolean are_equal(RsTreeReads reads)
{
    gboolean one = rs_trees_are_equal_to_run(a, b, reads, NULL, NULL);

    ck_assert_int_eq(one, rs_trees_are_equal_to_run(b, a, reads, NULL, NULL));
    return one;
}

static void assert_after(const char *script, gboolean expected)
{
    shell(script);
    ck_assert_msg(are_equal(NULL) == expected, "after: %s", script);
    shell("rm -rf b && cp -a a b");
}

START_TEST(sources_documents_and_by_products_may_differ)
{
    ck_assert(are_equal(NULL));
    assert_after("echo '// more' >>b/src/main.rs", TRUE);
    assert_after("echo more >>b/README.md; rm b/target/release/deps/x.o", TRUE);
    assert_after("mkdir -p b/docs/deep b/.github/workflows; echo x >b/docs/deep/x.md; "
                 "echo x >b/.github/workflows/ci.yml",
                 TRUE);
    assert_after("mkdir -p b/.git b/target/release/incremental; echo x >b/.git/HEAD; "
                 "echo x >b/target/release/incremental/x.bin",
                 TRUE);
}
END_TEST

START_TEST(whatever_else_differs_may_be_read)
{
    assert_after("echo more >>b/data/input", FALSE);
    assert_after("echo On >b/data/input", FALSE);
    assert_after("rm b/data/input", FALSE);
    assert_after("echo x >b/target/release/libx.so", FALSE);
    assert_after("echo x >b/settings.toml", FALSE);
    assert_after("chmod -x b/target/release/app", FALSE);
    assert_after("ln -sfn data b/link", FALSE);
    assert_after("rm b/README.md && mkdir b/README.md && echo x >b/README.md/x", FALSE);
    assert_after("mkdir -p b/new/folder && echo x >b/new/folder/table.bin", FALSE);
}
END_TEST

static gboolean reads_readme(const char *path, gpointer data)
{
    return g_str_equal(path, "README.md");
}

START_TEST(a_document_that_the_command_names_may_not_differ)
{
    ck_assert(are_equal(reads_readme));
    shell("echo more >>b/README.md");
    ck_assert(are_equal(NULL));
    ck_assert(!are_equal(reads_readme));
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("tree_equal");

    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, sources_documents_and_by_products_may_differ);
    tcase_add_test(tcase, whatever_else_differs_may_be_read);
    tcase_add_test(tcase, a_document_that_the_command_names_may_not_differ);
    return run_tests("tree_equal", tcase);
}
