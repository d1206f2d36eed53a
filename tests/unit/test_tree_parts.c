/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Submodules and files of git LFS in the trees of both revisions. */
#include "trial/tree_parts.h"

#include "tests/unit/repository_fixtures.h"
#include "tests/unit/run.h"

static char *repository, *place;
static RsWorktreesOptions options;

static void set_up(void)
{
    enter_repository_folder();
    make_repository();
    repository = in_folder("repo");
    place = in_folder("trees");
    options = options_of(repository);
    options.folder = place;
}

static void tear_down(void)
{
    g_free(repository);
    g_free(place);
    leave_folder();
}

#define FILES "-c protocol.file.allow=always "

/* A library with the tags 1 and 2 and a submodule of its own; repo has it at 1 in base and 2 in
 * head, in the folder "sub dir/lib". */
static void add_submodule(void)
{
    shell("git init -q inner && cd inner && echo inner >file && git add . && git commit -q -m i");
    shell("git init -q lib && cd lib && git " FILES "submodule --quiet add ../inner nested && "
          "echo 1 >version && git add . && git commit -q -m 1 && git tag 1 && echo 2 >version && "
          "git commit -q -a -m 2 && git tag 2");
    shell("cd repo && git " FILES "submodule --quiet add ../lib 'sub dir/lib' && "
          "git " FILES "submodule --quiet update --init --recursive && "
          "git -C 'sub dir/lib' checkout -q 1 && git add . && git commit -q -m lib1 && "
          "git tag -f base && git -C 'sub dir/lib' checkout -q 2 && git commit -q -a -m lib2 && "
          "git tag -f head");
}

START_TEST(submodules_are_those_of_each_revision_from_what_the_checkout_has)
{
    g_autofree char *before = NULL, *after = NULL;
    RsWorktrees *trees;

    add_submodule();
    shell("mv lib gone && mv inner away"); /* nobody to ask */
    before = state_of("repo");
    options.build_commands[0] = options.build_commands[1] =
        "git -C 'sub dir/lib' describe --tags >described; git status --porcelain -uno >status";
    trees = made(&options);
    assert_shows(trees, RS_ARM_BASELINE, "sub dir/lib/version", "1");
    assert_shows(trees, RS_ARM_BASELINE, "sub dir/lib/nested/file", "inner");
    assert_shows(trees, RS_ARM_BASELINE, "described", "1");
    assert_shows(trees, RS_ARM_CURRENT, "sub dir/lib/version", "2");
    assert_shows(trees, RS_ARM_CURRENT, "sub dir/lib/nested/file", "inner");
    assert_shows(trees, RS_ARM_CURRENT, "described", "2");
    assert_shows(trees, RS_ARM_CURRENT, "status", "");
    ck_assert_uint_eq(rs_worktrees_warnings(trees)->len, 0);
    rs_worktrees_free(trees);
    after = state_of("repo");
    ck_assert_str_eq(after, before);
    shell("test \"$(git -C 'repo/sub dir/lib' worktree list | wc -l)\" = 1");
}
END_TEST

START_TEST(a_submodule_without_the_commit_is_an_error_that_tells_what_to_do)
{
    g_autofree char *before = NULL, *after = NULL;
    g_autoptr(GError) error = NULL;

    add_submodule();
    /* As a checkout with submodules and depth 1 has it: the one commit of head alone. */
    shell("cd repo && git submodule --quiet deinit -f --all && rm -rf .git/modules && "
          "git config -f .gitmodules 'submodule.sub dir/lib.url' \"file://$HOME/lib\" && "
          "git " FILES "submodule --quiet sync && "
          "git " FILES "submodule --quiet update --init --depth 1 && git checkout -q .gitmodules");
    before = state_of("repo");
    error = refused(&options);
    ck_assert_int_eq(error->code, RS_WORKTREES_ERROR_GIT);
    assert_says(error->message, "the submodule sub dir/lib is wanted at");
    after = state_of("repo");
    ck_assert_str_eq(after, before);
}
END_TEST

START_TEST(a_submodule_that_the_checkout_does_not_have_is_left_empty_and_told)
{
    g_autoptr(RsWorktrees) trees = NULL;
    g_autoptr(GError) error = NULL;
    const GPtrArray *warnings;

    add_submodule();
    shell("cd repo && git submodule --quiet deinit -f --all && rm -rf .git/modules");
    trees = made(&options);
    warnings = rs_worktrees_warnings(trees);
    ck_assert_uint_eq(warnings->len, 1);
    assert_says(g_ptr_array_index(warnings, 0), "the submodule sub dir/lib is empty");
    rs_worktrees_free(g_steal_pointer(&trees));
    options.build_commands[0] = options.build_commands[1] = "cat 'sub dir/lib/version'";
    error = refused(&options); /* what fails for it says so, too */
    assert_says(error->message, "the submodule sub dir/lib is empty");
}
END_TEST

START_TEST(a_submodule_whose_name_leads_out_is_not_followed)
{
    g_autoptr(RsWorktrees) trees = NULL;

    shell("git init -q evil && git -C evil commit -q --allow-empty -m e && "
          "mkdir -p modules && cp -r evil/.git repo/.git/evil && cd repo && "
          "printf '[submodule \"../evil\"]\\n\\tpath = x\\n\\turl = ./y\\n' >.gitmodules && "
          "git update-index --add --cacheinfo 160000,$(git -C ../evil rev-parse HEAD),x && "
          "git add .gitmodules && git commit -q -m evil && git tag -f head");
    trees = made(&options);
    turn(trees, RS_ARM_CURRENT);
    ck_assert_uint_eq(rs_worktrees_warnings(trees)->len, 1);
    shell("test ! -e trees/tree/x/.git && test ! -e repo/.git/evil/worktrees");
}
END_TEST

START_TEST(what_a_killed_run_left_of_submodules_is_cleared_too)
{
    g_autofree char *list = NULL;

    add_submodule();
    rs_worktrees_free(made(&options)); /* only to see that it works */
    shell("cd repo && mkdir ../trees && git worktree add -q --detach ../trees/tree base && "
          "git --git-dir='.git/modules/sub dir/lib' --work-tree=. worktree add -q --detach "
          "'../trees/tree/sub dir/lib' 1 && "
          "printf 'made-folder\\nrepository %s\\n' \"$PWD/.git/modules/sub dir/lib\" "
          ">../trees/.rustscope-trees");
    list = answer_of("git -C 'repo/sub dir/lib' worktree list");
    assert_says(list, "/trees/tree");
    rs_worktrees_free(made(&options));
    shell("test \"$(git -C 'repo/sub dir/lib' worktree list | wc -l)\" = 1 && test ! -e trees");
}
END_TEST

START_TEST(pointers_of_git_lfs_are_told_and_not_measured_in_silence)
{
    g_autoptr(RsWorktrees) trees = NULL;
    const GPtrArray *warnings;

    shell("cd repo && echo '*.bin filter=lfs -text' >.gitattributes && "
          "printf 'version https://git-lfs.github.com/spec/v1\\noid sha256:%064d\\nsize 9\\n' 7 "
          ">a.bin && cp a.bin b.bin && echo real >c.bin && git add . && git commit -q -m lfs && "
          "git tag -f head");
    trees = made(&options);
    warnings = rs_worktrees_warnings(trees);
    ck_assert_uint_eq(warnings->len, 1);
    assert_says(g_ptr_array_index(warnings, 0), "files of git LFS are pointers");
    assert_says(g_ptr_array_index(warnings, 0), "a.bin");
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("tree_parts");

    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, submodules_are_those_of_each_revision_from_what_the_checkout_has);
    tcase_add_test(tcase, a_submodule_without_the_commit_is_an_error_that_tells_what_to_do);
    tcase_add_test(tcase, a_submodule_that_the_checkout_does_not_have_is_left_empty_and_told);
    tcase_add_test(tcase, a_submodule_whose_name_leads_out_is_not_followed);
    tcase_add_test(tcase, what_a_killed_run_left_of_submodules_is_cleared_too);
    tcase_add_test(tcase, pointers_of_git_lfs_are_told_and_not_measured_in_silence);
    return run_tests("tree_parts", tcase);
}
