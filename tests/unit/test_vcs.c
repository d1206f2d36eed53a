/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Revisions as git tells them, asked of repositories made on the spot. */
#include <check.h>
#include <glib/gstdio.h>
#include <stdlib.h>

#include "trial/vcs.h"

#include "tests/unit/run.h"

static char *folder;

static gboolean run(const char *script)
{
    g_autofree char *line = g_strdup_printf("cd '%s' && { %s; } >/dev/null 2>&1", folder, script);

    return system(line) == 0;
}

#define AS_SOMEBODY "git -c user.name=n -c user.email=e@example.org "

static void make_repository(void)
{
    ck_assert(
        run("git init -q -b main . && echo 1 >file && git add file && " AS_SOMEBODY
            "commit -q -m one && git remote add origin https://user:secret@example.org/a/b.git"));
}

static void set_up(void)
{
    folder = g_dir_make_tmp("vcs-XXXXXX", NULL);
    g_setenv("GIT_CEILING_DIRECTORIES", g_get_tmp_dir(), TRUE);
}

static void tear_down(void)
{
    g_autofree char *line = g_strdup_printf("rm -rf '%s'", folder);

    ck_assert_int_eq(system(line), 0);
    g_free(folder);
}

START_TEST(a_clean_checkout_tells_revision_branch_and_repository_without_its_password)
{
    RsRevision revision = {0};

    make_repository();
    rs_vcs_read(folder, &revision);
    ck_assert_uint_eq(strlen(revision.revision), 40);
    ck_assert_str_eq(revision.branch, "main");
    ck_assert_str_eq(revision.repository, "https://example.org/a/b.git");
    ck_assert_ptr_nonnull(revision.describe);
    ck_assert(!revision.dirty);
    rs_revision_clear(&revision);
}
END_TEST

START_TEST(a_changed_file_makes_it_dirty_and_an_untracked_one_does_not)
{
    RsRevision revision = {0};

    make_repository();
    ck_assert(run("echo new >other"));
    rs_vcs_read(folder, &revision);
    ck_assert(!revision.dirty);
    ck_assert(run("echo 2 >file"));
    rs_vcs_read(folder, &revision);
    ck_assert(revision.dirty);
    rs_revision_clear(&revision);
}
END_TEST

START_TEST(a_detached_head_has_a_revision_and_no_branch)
{
    RsRevision revision = {0};

    make_repository();
    ck_assert(run("git checkout -q --detach"));
    rs_vcs_read(folder, &revision);
    ck_assert_ptr_nonnull(revision.revision);
    ck_assert_ptr_null(revision.branch);
    rs_revision_clear(&revision);
}
END_TEST

START_TEST(no_repository_or_no_commit_leaves_everything_empty)
{
    RsRevision revision = {0};

    rs_vcs_read(folder, &revision);
    ck_assert_ptr_null(revision.revision);
    ck_assert(run("git init -q ."));
    rs_vcs_read(folder, &revision);
    ck_assert_ptr_null(revision.revision);
    rs_revision_clear(&revision);
}
END_TEST

static char *revision_now(void)
{
    RsRevision revision = {0};
    char *name;

    rs_vcs_read(folder, &revision);
    name = g_strdup(revision.revision);
    rs_revision_clear(&revision);
    return name;
}

START_TEST(the_files_of_a_repository_are_told_from_its_top_wherever_one_asks)
{
    g_autofree char *below = g_build_filename(folder, "src", NULL), *top = NULL;
    g_autoptr(GHashTable) files = NULL;

    make_repository();
    ck_assert(run("mkdir src && echo x >'src/a b.rs' && echo x >src/c.rs && git add src && "
                  "echo x >src/untracked.rs"));
    top = rs_vcs_top(below);
    ck_assert_str_eq(top, folder);
    files = rs_vcs_files(below);
    ck_assert_uint_eq(g_hash_table_size(files), 3);
    ck_assert(g_hash_table_contains(files, "src/a b.rs"));
    ck_assert(g_hash_table_contains(files, "src/c.rs"));
    ck_assert(g_hash_table_contains(files, "file"));
}
END_TEST

START_TEST(a_folder_without_a_repository_has_no_top_and_no_files)
{
    ck_assert_ptr_null(rs_vcs_top(folder));
    ck_assert_ptr_null(rs_vcs_files(folder));
}
END_TEST

START_TEST(the_diff_of_two_commits_has_the_changed_lines_and_no_context)
{
    g_autofree char *from = NULL, *to = NULL, *diff = NULL;

    make_repository();
    from = revision_now();
    ck_assert(run("printf '1\\n2\\n' >file && git add file && " AS_SOMEBODY "commit -q -m two"));
    to = revision_now();
    /* Settings of a user that would make another text of it. */
    ck_assert(run("git config diff.noprefix true && git config color.ui always && "
                  "git config diff.external /bin/false"));
    diff = rs_vcs_diff(folder, from, to);
    ck_assert_ptr_nonnull(diff);
    ck_assert_ptr_nonnull(strstr(diff, "+++ b/file\n@@ -1,0 +2 @@"));
    ck_assert_ptr_nonnull(strstr(diff, "\n+2\n"));
}
END_TEST

START_TEST(a_diff_is_asked_for_by_names_of_commits_alone)
{
    g_autofree char *from = NULL;

    make_repository();
    from = revision_now();
    ck_assert_ptr_null(rs_vcs_diff(folder, from, "0123456789012345678901234567890123456789"));
    ck_assert_ptr_null(rs_vcs_diff(folder, from, "HEAD"));
    ck_assert_ptr_null(rs_vcs_diff(folder, from, "--output=/tmp/x"));
    ck_assert_ptr_null(rs_vcs_diff(folder, "", from));
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("vcs");

    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase,
                   a_clean_checkout_tells_revision_branch_and_repository_without_its_password);
    tcase_add_test(tcase, a_changed_file_makes_it_dirty_and_an_untracked_one_does_not);
    tcase_add_test(tcase, a_detached_head_has_a_revision_and_no_branch);
    tcase_add_test(tcase, no_repository_or_no_commit_leaves_everything_empty);
    tcase_add_test(tcase, the_files_of_a_repository_are_told_from_its_top_wherever_one_asks);
    tcase_add_test(tcase, a_folder_without_a_repository_has_no_top_and_no_files);
    tcase_add_test(tcase, the_diff_of_two_commits_has_the_changed_lines_and_no_context);
    tcase_add_test(tcase, a_diff_is_asked_for_by_names_of_commits_alone);
    return run_tests("vcs", tcase);
}
