/* SPDX-License-Identifier: GPL-3.0-or-later */
/* git is asked in repositories that may be anybody's. */
#include "trial/git.h"
#include "trial/revisions.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include "tests/unit/repository_fixtures.h"
#include "tests/unit/run.h"

static char *repository;

static void set_up(void)
{
    enter_repository_folder();
    make_repository();
    repository = in_folder("repo");
}

static void tear_down(void)
{
    g_free(repository);
    leave_folder();
}

static char *ask(const char *where, const char *const *arguments, GError **error)
{
    g_autofree char *path = in_folder(where);

    return rs_git_line(path, arguments, error);
}

#define ARGUMENTS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* --- whose it is --- */

static void give_away(const char *script)
{
    if (geteuid() != 0) {
        puts("SKIP: needs root, to give a repository to another user");
        exit(0);
    }
    shell(script);
}

START_TEST(a_checkout_of_another_user_is_worked_in_when_the_folder_is_that_users_too)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *top = NULL, *below = NULL, *config = NULL;

    give_away("mkdir repo/sub && chown -R 1234 repo");
    top = ask("repo", ARGUMENTS("rev-parse", "HEAD"), &error);
    ck_assert_no_error(error);
    below = ask("repo/sub", ARGUMENTS("rev-parse", "HEAD"), &error);
    ck_assert_no_error(error);
    ck_assert_str_eq(top, below);
    config = read_file(".gitconfig");
    assert_says_not(config, "safe");
}
END_TEST

START_TEST(a_repository_of_another_user_around_a_folder_of_ours_stays_forbidden)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *found = NULL;

    give_away("chown -R 1234 repo && mkdir repo/sub");
    found = ask("repo/sub", ARGUMENTS("rev-parse", "HEAD"), &error);
    ck_assert_ptr_null(found);
    assert_says(error->message, "dubious ownership");
}
END_TEST

START_TEST(a_git_file_that_leads_to_the_repository_of_a_third_user_stays_forbidden)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *found = NULL;

    give_away("mkdir trap && echo \"gitdir: $PWD/repo/.git\" >trap/.git && chown -R 4321 trap && "
              "chown -R 1234 repo");
    found = ask("trap", ARGUMENTS("rev-parse", "HEAD"), &error);
    ck_assert_ptr_null(found);
    assert_says(error->message, "dubious ownership");
}
END_TEST

START_TEST(root_builds_both_revisions_of_another_users_checkout)
{
    RsWorktreesOptions options = options_of(repository);
    g_autofree char *list = NULL;
    RsWorktrees *trees;

    give_away("chown -R 1234 repo");
    options.build_commands[0] = options.build_commands[1] =
        "git describe --tags --exclude=none >described";
    trees = made(&options);
    assert_shows(trees, RS_ARM_BASELINE, "described", "base");
    assert_shows(trees, RS_ARM_CURRENT, "described", "head");
    rs_worktrees_free(trees);
    list = answer_of("git -c safe.directory='*' -C repo worktree list");
    assert_says_not(list, "baseline");
}
END_TEST

START_TEST(a_user_who_may_not_write_there_is_told_so)
{
    int status;
    pid_t pid;

    give_away("chmod 755 . && chown -R 1234 repo && mkdir trees && chown 4321 trees");
    pid = fork();
    if (pid == 0) {
        RsWorktreesOptions options = options_of(repository);
        g_autofree char *place = in_folder("trees");
        GError *error = NULL;

        options.folder = place;
        if (setgid(4321) != 0 || setuid(4321) != 0)
            _exit(2);
        _exit(!rs_worktrees_new(&options, &error) && strstr(error->message, "ermission denied")
                  ? 0
                  : 1);
    }
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_int_eq(status, 0);
}
END_TEST

/* --- what does not reach it --- */

START_TEST(no_secret_no_other_repository_and_no_configuration_of_the_caller_reaches_git)
{
    static const char *const variables[] = {"GITHUB_TOKEN", "GIT_DIR", "GIT_SSH_COMMAND",
                                            "GIT_CONFIG_PARAMETERS", "GIT_ASKPASS"};
    g_auto(GStrv) environment = NULL;

    for (guint i = 0; i < G_N_ELEMENTS(variables); i++)
        g_setenv(variables[i], "/x", TRUE);
    g_setenv("OTHER", "kept", TRUE);
    environment = rs_git_environment(repository);
    for (guint i = 0; i < G_N_ELEMENTS(variables); i++)
        ck_assert_ptr_null(g_environ_getenv(environment, variables[i]));
    ck_assert_str_eq(g_environ_getenv(environment, "OTHER"), "kept");
    ck_assert_str_eq(g_environ_getenv(environment, "GIT_TERMINAL_PROMPT"), "0");
}
END_TEST

START_TEST(commands_that_the_repository_has_configured_do_not_run)
{
    g_autofree char *name = NULL;
    RsWorktreesOptions options = options_of(repository);

    shell("cd repo && printf '#!/bin/sh\\ntouch \"$HOME\"/ran\\n' >.git/hooks/post-checkout && "
          "chmod +x .git/hooks/post-checkout && cp .git/hooks/post-checkout ../evil && "
          "git config core.fsmonitor \"$HOME\"/evil && git checkout -q -f HEAD");
    shell("test -e ran && rm ran"); /* git by itself runs them */
    rs_worktrees_free(made(&options));
    name = ask("repo", ARGUMENTS("status", "--porcelain"), NULL);
    shell("test ! -e ran");
}
END_TEST

START_TEST(nothing_is_fetched_and_no_credential_is_asked_for)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *answer = NULL;

    shell("cd repo && git remote add origin https://127.0.0.1:9/x.git && "
          "git config credential.helper '!touch \"$HOME\"/asked; echo password=x'");
    answer = ask("repo", ARGUMENTS("fetch", "origin"), &error);
    ck_assert_ptr_null(answer);
    assert_says(error->message, "not allowed");
    shell("test ! -e asked");
}
END_TEST

START_TEST(an_answer_over_the_limit_is_an_error)
{
    RsGit git = {.folder = repository, .arguments = ARGUMENTS("cat-file", "blob", "HEAD:big")};
    g_autoptr(GError) error = NULL;
    g_autofree char *found = NULL, *enough = NULL;
    gsize n_bytes;

    shell("cd repo && yes | head -c 300000 >big && git add big && git commit -q -m big");
    enough = rs_git(&git, &n_bytes, NULL);
    ck_assert_ptr_nonnull(enough);
    ck_assert_uint_eq(n_bytes, 300000);
    git.limit_bytes = 100000;
    found = rs_git(&git, NULL, &error);
    ck_assert_ptr_null(found);
    ck_assert(g_error_matches(error, RS_GIT_ERROR, RS_GIT_ERROR_TOO_MUCH));
}
END_TEST

START_TEST(without_git_that_is_said)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *found = NULL;

    g_setenv("PATH", "/nowhere", TRUE);
    found = ask("repo", ARGUMENTS("rev-parse", "HEAD"), &error);
    ck_assert_ptr_null(found);
    ck_assert_str_eq(error->message, "git is not installed here");
}
END_TEST

/* --- revisions --- */

static void assert_no_revision(const char *name, const char *why)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *found = rs_revision_resolve(repository, name, &error);

    ck_assert_msg(found == NULL, "%s is %s", name, found);
    ck_assert(g_error_matches(error, RS_WORKTREES_ERROR, RS_WORKTREES_ERROR_GIT));
    assert_says(error->message, why);
}

START_TEST(names_that_git_could_take_for_options_are_not_asked_for)
{
    g_autofree char *n_bytes = g_strnfill(5000, 'a');

    assert_no_revision("--all", "does not begin with -");
    assert_no_revision("-x", "does not begin with -");
    assert_no_revision("", "no name");
    assert_no_revision(n_bytes, "too long");
    assert_no_revision("a\nb", "control characters");
    assert_no_revision("no-such-branch", "git fetch");
    assert_no_revision("HEAD:value", "no commit of this repository");
}
END_TEST

START_TEST(a_shallow_clone_tells_what_to_do_about_a_commit_that_it_lacks)
{
    RsWorktreesOptions options = options_of(NULL);
    g_autofree char *shallow = in_folder("shallow"), *base = NULL;
    g_autoptr(GError) error = NULL;

    base = answer_of("git -C repo rev-parse base");
    shell("git clone -q --depth 1 file://$PWD/repo shallow");
    options.repository = shallow;
    options.revisions[RS_ARM_BASELINE] = g_strchomp(base);
    options.revisions[RS_ARM_CURRENT] = "HEAD";
    error = refused(&options);
    ck_assert_int_eq(error->code, RS_WORKTREES_ERROR_GIT);
    assert_says(error->message, base);
    assert_says(error->message, "fetch-depth: 0");
    assert_says(error->message, "GIT_DEPTH: 0");
}
END_TEST

START_TEST(a_folder_without_a_repository_is_told)
{
    g_autofree char *nowhere = in_folder("nowhere");
    RsWorktreesOptions options = options_of(nowhere);
    g_autoptr(GError) error = NULL;

    shell("mkdir nowhere");
    error = refused(&options);
    ck_assert_int_eq(error->code, RS_WORKTREES_ERROR_GIT);
    assert_says(error->message, "not a git repository");
}
END_TEST

/* --- files of a revision --- */

static void assert_file(const char *revision, const char *path, const char *text)
{
    g_autoptr(GError) error = NULL;
    gsize n_bytes = 0;
    g_autofree char *found = rs_worktrees_show(repository, revision, path, &n_bytes, &error);

    ck_assert_no_error(error);
    if (!text) {
        ck_assert_ptr_null(found);
        return;
    }
    ck_assert_str_eq(found, text);
    ck_assert_uint_eq(n_bytes, strlen(text));
}

static void assert_no_file(const char *revision, const char *path, const char *why)
{
    g_autoptr(GError) error = NULL;
    gsize n_bytes = 0;
    g_autofree char *found = rs_worktrees_show(repository, revision, path, &n_bytes, &error);

    ck_assert_ptr_null(found);
    ck_assert(g_error_matches(error, RS_WORKTREES_ERROR, RS_WORKTREES_ERROR_GIT));
    assert_says(error->message, why);
}

START_TEST(a_file_is_read_as_a_revision_has_it)
{
    shell("cd repo && mkdir sub && echo deep >sub/file && ln -s value link && git add . && "
          "git commit -q -m more && git tag more && echo edited >value");
    assert_file("base", "value", "1\n");
    assert_file("head", "./value", "2\n");
    assert_file("more", "sub/file", "deep\n");
    assert_file("head", "sub/file", NULL);
    assert_file("head", "val*", NULL);
    assert_no_file("more", "sub", "not a regular file");
    assert_no_file("more", "link", "not a regular file");
    assert_no_file("more", "../value", "not a path below");
    assert_no_file("more", "/etc/passwd", "not a path below");
    assert_no_file("none", "value", "no commit");
    assert_no_file("--output=x", "value", "does not begin with -");
}
END_TEST

/* --- where a change began --- */

static void assert_base(const char *head, const char *base_ref, const char *expected)
{
    g_autofree char *script = g_strdup_printf("git -C repo rev-parse '%s^{commit}'", expected);
    g_autofree char *wanted = answer_of(script);
    g_autoptr(GError) error = NULL;
    g_autofree char *found = rs_worktrees_merge_base(repository, head, base_ref, &error);

    ck_assert_no_error(error);
    ck_assert_msg(g_strcmp0(found, g_strchomp(wanted)) == 0, "%s on %s began at %s, not at %s",
                  head, base_ref ? base_ref : "nothing", found, expected);
}

/* main: base - head - later; feature from head: f1 - f2 (merges later) - f3; pull: f3 into later.
 */
static void make_branches(void)
{
    shell("cd repo && git checkout -q -b feature && git commit -q --allow-empty -m f1 &&"
          "git checkout -q main && git commit -q --allow-empty -m later && git tag later &&"
          "git checkout -q feature && git tag f1 && git merge -q --no-ff -m f2 main &&"
          "git tag f2 && git commit -q --allow-empty -m f3 && git tag f3 &&"
          "git checkout -q --detach main && git merge -q --no-ff -m pull f3 && git tag pull &&"
          "git tag old $(git commit-tree -m old -p base -p f3 f3^{tree})");
}

START_TEST(a_change_began_at_the_first_parent_of_its_merge_or_where_it_left_its_base)
{
    make_branches();
    assert_base("pull", "main", "later"); /* as checked out for a pull request */
    assert_base("pull", NULL, "later");   /* whoever checked it out knows what it is */
    assert_base("old", "main", "later");  /* a head whose author gave it an old first parent */
    assert_base("f1", "main", "head");    /* a branch */
    assert_base("f3", "main", "later");   /* that has taken in its base since */
    assert_base("f2", "main", "later");   /* and ends with that: its first parent is its own f1 */
    assert_base("later", "main", "head"); /* on the base: what was there before it */
}
END_TEST

START_TEST(the_base_may_be_known_to_origin_alone)
{
    make_branches();
    shell("git clone -q -b feature repo clone && git -C clone checkout -q f1 && "
          "mv repo gone && mv clone repo");
    assert_base("HEAD", "main", "head");
}
END_TEST

START_TEST(what_git_cannot_tell_is_an_error_with_its_reason)
{
    g_autoptr(GError) shallow_error = NULL, unknown = NULL, root = NULL;
    g_autofree char *shallow = in_folder("shallow"), *found = NULL;

    make_branches();
    found = rs_worktrees_merge_base(repository, "f1", NULL, &unknown);
    ck_assert_ptr_null(rs_worktrees_merge_base(repository, "pull", "gone", NULL));
    ck_assert_ptr_null(found);
    assert_says(unknown->message, "not known");
    found = rs_worktrees_merge_base(repository, "base", "main", &root);
    ck_assert_ptr_null(found);
    shell("git clone -q --depth 1 -b f3 file://$PWD/repo shallow");
    found = rs_worktrees_merge_base(shallow, "HEAD", "main", &shallow_error);
    ck_assert_ptr_null(found);
    assert_says(shallow_error->message, "fetch-depth: 0");
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("git");

    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase,
                   a_checkout_of_another_user_is_worked_in_when_the_folder_is_that_users_too);
    tcase_add_test(tcase, a_repository_of_another_user_around_a_folder_of_ours_stays_forbidden);
    tcase_add_test(tcase, a_git_file_that_leads_to_the_repository_of_a_third_user_stays_forbidden);
    tcase_add_test(tcase, root_builds_both_revisions_of_another_users_checkout);
    tcase_add_test(tcase, a_user_who_may_not_write_there_is_told_so);
    tcase_add_test(tcase,
                   no_secret_no_other_repository_and_no_configuration_of_the_caller_reaches_git);
    tcase_add_test(tcase, commands_that_the_repository_has_configured_do_not_run);
    tcase_add_test(tcase, nothing_is_fetched_and_no_credential_is_asked_for);
    tcase_add_test(tcase, an_answer_over_the_limit_is_an_error);
    tcase_add_test(tcase, without_git_that_is_said);
    tcase_add_test(tcase, names_that_git_could_take_for_options_are_not_asked_for);
    tcase_add_test(tcase, a_shallow_clone_tells_what_to_do_about_a_commit_that_it_lacks);
    tcase_add_test(tcase, a_folder_without_a_repository_is_told);
    tcase_add_test(tcase, a_file_is_read_as_a_revision_has_it);
    tcase_add_test(tcase,
                   a_change_began_at_the_first_parent_of_its_merge_or_where_it_left_its_base);
    tcase_add_test(tcase, the_base_may_be_known_to_origin_alone);
    tcase_add_test(tcase, what_git_cannot_tell_is_an_error_with_its_reason);
    return run_tests("git", tcase);
}
