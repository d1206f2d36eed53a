/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two revisions under one path: what they hold, how they are built, and what is left behind. */
#include "trial/worktrees.h"

#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>

#include "tests/unit/repository_fixtures.h"
#include "tests/unit/run.h"

static char *repository, *place;
static RsWorktreesOptions options;
static volatile int stop;

static void set_up(void)
{
    enter_repository_folder();
    make_repository();
    repository = in_folder("repo");
    place = in_folder("trees");
    options = options_of(repository);
    options.folder = place;
    stop = 0;
}

static void tear_down(void)
{
    g_free(repository);
    g_free(place);
    leave_folder();
}

static void build_with(const char *command)
{
    options.build_commands[RS_ARM_BASELINE] = options.build_commands[RS_ARM_CURRENT] = command;
}

static gboolean exists(const char *name)
{
    g_autofree char *path = in_folder(name);

    return g_file_test(path, G_FILE_TEST_EXISTS);
}

/* --- two trees, one path --- */

START_TEST(the_path_shows_the_tree_of_the_arm_that_it_was_turned_to)
{
    g_autoptr(RsWorktrees) trees = made(&options);
    g_autofree char *wanted = in_folder("trees/tree");

    ck_assert_str_eq(rs_worktrees_path(trees), wanted);
    for (guint i = 0; i < 3; i++) {
        assert_shows(trees, RS_ARM_BASELINE, "value", "1");
        assert_shows(trees, RS_ARM_CURRENT, "value", "2");
    }
    assert_shows(trees, RS_ARM_CURRENT, "value", "2");
}
END_TEST

START_TEST(revisions_are_told_by_their_full_names)
{
    g_autofree char *base = answer_of("git -C repo rev-parse base");
    g_autofree char *head = answer_of("git -C repo rev-parse head");
    g_autoptr(RsWorktrees) trees = NULL;

    options.revisions[RS_ARM_BASELINE] = "HEAD^";
    trees = made(&options);
    ck_assert_str_eq(rs_worktrees_revision(trees, RS_ARM_BASELINE), g_strchomp(base));
    ck_assert_str_eq(rs_worktrees_revision(trees, RS_ARM_CURRENT), g_strchomp(head));
}
END_TEST

START_TEST(both_are_built_in_one_place_and_their_paths_are_of_one_length)
{
    g_autofree char *at = in_folder("trees/tree");
    g_autoptr(RsWorktrees) trees = NULL;

    build_with("pwd >where; pwd -P >really; echo \"$PWD\" >told");
    trees = made(&options);
    for (RsArm arm = 0; arm < RS_N_ARMS; arm++) {
        assert_shows(trees, arm, "where", at);
        assert_shows(trees, arm, "really", at);
        assert_shows(trees, arm, "told", at);
    }
    ck_assert_uint_eq(strlen(rs_worktrees_arm_path(trees, RS_ARM_BASELINE)),
                      strlen(rs_worktrees_arm_path(trees, RS_ARM_CURRENT)));
}
END_TEST

START_TEST(git_works_in_a_tree_while_it_is_built_and_afterwards)
{
    static const char describe[] = "git describe --tags --always --dirty --exclude=none";
    g_autofree char *script = g_strconcat(describe, " >described", NULL);
    g_autoptr(RsWorktrees) trees = NULL;

    build_with(script);
    trees = made(&options);
    for (RsArm arm = 0; arm < RS_N_ARMS; arm++) {
        g_autofree char *again =
                            g_strdup_printf("cd '%s' && %s", rs_worktrees_path(trees), describe),
                        *text = NULL;
        g_autofree char *top =
            g_strdup_printf("git -C '%s' rev-parse --show-toplevel", rs_worktrees_path(trees));
        g_autofree char *found = NULL;

        assert_shows(trees, arm, "described", arm == RS_ARM_BASELINE ? "base" : "head");
        text = answer_of(again);
        ck_assert_str_eq(g_strchomp(text), arm == RS_ARM_BASELINE ? "base" : "head");
        found = answer_of(top);
        ck_assert_str_eq(g_strchomp(found), rs_worktrees_arm_path(trees, arm));
    }
}
END_TEST

START_TEST(while_they_live_git_lists_both_where_they_are)
{
    g_autoptr(RsWorktrees) trees = made(&options);
    g_autofree char *list = answer_of("git -C repo worktree list --porcelain");

    assert_says(list, "/trees/baseline\n");
    assert_says(list, "/trees/current_\n");
    assert_says_not(list, "/trees/tree\n");
    assert_says_not(list, "prunable");
}
END_TEST

START_TEST(the_same_revision_twice_is_two_trees)
{
    g_autoptr(RsWorktrees) trees = NULL;

    options.revisions[RS_ARM_CURRENT] = "base";
    build_with("echo x >>built");
    trees = made(&options);
    assert_shows(trees, RS_ARM_BASELINE, "built", "x");
    assert_shows(trees, RS_ARM_CURRENT, "built", "x");
}
END_TEST

START_TEST(a_bare_repository_and_a_worktree_of_the_user_serve_as_well)
{
    static const char *const places[] = {"bare.git", "linked", "linked/deep"};

    shell(
        "git clone -q --bare repo bare.git && git -C repo worktree add -q --detach ../linked base "
        "&& mkdir linked/deep");
    build_with("git describe --tags --exclude=none >described");
    for (guint i = 0; i < G_N_ELEMENTS(places); i++) {
        g_autofree char *where = in_folder(places[i]), *before = NULL, *after = NULL;
        g_autofree char *script = g_strdup_printf("git -C %s worktree list; ls -A", places[i]);
        RsWorktrees *trees;

        options.repository = where;
        options.folder = NULL;
        before = answer_of(script);
        trees = made(&options);
        assert_shows(trees, RS_ARM_BASELINE, "described", "base");
        assert_shows(trees, RS_ARM_CURRENT, "described", "head");
        rs_worktrees_free(trees);
        after = answer_of(script);
        ck_assert_str_eq(after, before);
    }
}
END_TEST

/* --- what is left behind --- */

START_TEST(afterwards_the_repository_and_the_folders_around_are_as_before)
{
    g_autofree char *before = NULL, *after = NULL;
    RsWorktrees *trees;

    shell("cd repo && echo 3 >value && echo u >untracked");
    before = state_of("repo");
    build_with("mkdir -p deep/er && echo x >deep/er/x && chmod 0555 deep/er");
    trees = made(&options);
    ck_assert(exists("trees/tree/deep/er/x"));
    rs_worktrees_free(trees);
    after = state_of("repo");
    ck_assert_str_eq(after, before);
    ck_assert(!exists("trees"));
}
END_TEST

START_TEST(without_a_folder_the_trees_lie_beside_the_checkout)
{
    g_autofree char *wanted = in_folder(".repo.rustscope/tree");
    g_autofree char *before = state_of("repo"), *after = NULL;
    RsWorktrees *trees;

    options.folder = NULL;
    trees = made(&options);
    ck_assert_str_eq(rs_worktrees_path(trees), wanted);
    rs_worktrees_free(trees);
    after = state_of("repo");
    ck_assert_str_eq(after, before);
}
END_TEST

START_TEST(a_failure_leaves_nothing_either)
{
    g_autofree char *before = state_of("repo"), *after = NULL;
    g_autoptr(GError) error = NULL;

    build_with("echo x >x; exit 3");
    error = refused(&options);
    after = state_of("repo");
    ck_assert_str_eq(after, before);
    ck_assert(!exists("trees"));
}
END_TEST

START_TEST(worktrees_of_the_user_stay_also_those_that_are_away)
{
    g_autofree char *before = NULL, *after = NULL;
    RsWorktrees *trees;

    shell("cd repo && git worktree add -q --detach ../tree base && git worktree add -q ../away &&"
          "mv ../away ../elsewhere");
    before = state_of("repo");
    trees = made(&options);
    assert_shows(trees, RS_ARM_CURRENT, "value", "2");
    rs_worktrees_free(trees);
    after = state_of("repo");
    ck_assert_str_eq(after, before);
    ck_assert(exists("tree/value"));
}
END_TEST

START_TEST(a_folder_with_files_of_others_is_refused_and_not_touched)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;

    shell("mkdir trees && echo mine >trees/file");
    error = refused(&options);
    assert_says(error->message, "not empty");
    text = read_file("trees/file");
    ck_assert_str_eq(text, "mine\n");
}
END_TEST

START_TEST(an_empty_folder_that_was_there_stays)
{
    shell("mkdir trees");
    rs_worktrees_free(made(&options));
    ck_assert(exists("trees"));
    ck_assert(!exists("trees/.rustscope-trees"));
}
END_TEST

/* A run that dies while it builds, or afterwards: in a process of its own. */
static void die_while(const char *build_command, const char *until)
{
    pid_t pid = fork();

    if (pid == 0) {
        build_with(build_command);
        rs_worktrees_new(&options, NULL);
        write_file("made", "x\n");
        pause();
    }
    for (guint i = 0; i < 1000 && !exists(until); i++)
        g_usleep(10000);
    ck_assert(exists(until));
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

START_TEST(what_a_killed_run_left_is_cleared_by_the_next)
{
    static const char *const untils[] = {"trees/tree/began", "made"};

    for (guint i = 0; i < G_N_ELEMENTS(untils); i++) {
        g_autofree char *before = state_of("repo"), *after = NULL, *list = NULL;
        RsWorktrees *trees;

        die_while(i ? "true" : "touch began; exec sleep 60", untils[i]);
        list = answer_of("git -C repo worktree list");
        assert_says(list, "/trees/");
        build_with("test ! -e began");
        trees = made(&options);
        assert_shows(trees, RS_ARM_CURRENT, "value", "2");
        rs_worktrees_free(trees);
        shell("rm -f made");
        after = state_of("repo");
        ck_assert_str_eq(after, before);
        ck_assert(!exists("trees"));
    }
}
END_TEST

START_TEST(a_second_run_in_the_same_folder_is_told_to_wait)
{
    g_autoptr(RsWorktrees) trees = made(&options);
    g_autoptr(GError) error = refused(&options);
    RsWorktreesOptions elsewhere = options;
    g_autofree char *other = in_folder("others");
    g_autoptr(RsWorktrees) others = NULL;

    assert_says(error->message, "another run");
    assert_shows(trees, RS_ARM_BASELINE, "value", "1");
    elsewhere.folder = other;
    others = made(&elsewhere);
    assert_shows(others, RS_ARM_BASELINE, "value", "1");
    assert_shows(trees, RS_ARM_CURRENT, "value", "2");
}
END_TEST

START_TEST(a_tree_whose_git_file_was_led_elsewhere_is_removed_and_the_other_repository_is_not)
{
    g_autofree char *before = NULL, *after = NULL;

    shell("git init -q other && cd other && git commit -q --allow-empty -m o &&"
          "git worktree add -q ../others-tree");
    before = answer_of("cd other && git worktree list && find .git | sort");
    build_with("echo gitdir: \"$HOME\"/other/.git/worktrees/others-tree >.git");
    rs_worktrees_free(made(&options));
    after = answer_of("cd other && git worktree list && find .git | sort");
    ck_assert_str_eq(after, before);
    ck_assert(!exists("trees"));
    shell("test \"$(git -C repo worktree list | wc -l)\" = 1");
}
END_TEST

/* --- builds --- */

START_TEST(a_baseline_that_cannot_be_built_is_no_fault_of_the_change)
{
    g_autoptr(GError) error = NULL;

    build_with("echo compiling; echo 'value.c:1: oh no' >&2; grep -q 2 value");
    error = refused(&options);
    ck_assert_int_eq(error->code, RS_WORKTREES_ERROR_BASELINE);
    assert_says(error->message, "the baseline (");
    assert_says(error->message, "exited with status 1");
    ck_assert_msg(g_str_has_suffix(error->message, "compiling\nvalue.c:1: oh no"), "%s",
                  error->message);
}
END_TEST

START_TEST(a_change_that_cannot_be_built_is_the_error_also_beside_a_broken_baseline)
{
    g_autoptr(GError) one = NULL, both = NULL;

    build_with("grep 1 value");
    one = refused(&options);
    ck_assert_int_eq(one->code, RS_WORKTREES_ERROR_CURRENT);
    assert_says(one->message, "the current (");
    build_with("cat value; false; echo unreached");
    both = refused(&options);
    ck_assert_int_eq(both->code, RS_WORKTREES_ERROR_CURRENT);
    ck_assert_msg(g_str_has_suffix(both->message, "\n2"), "%s", both->message);
}
END_TEST

START_TEST(a_command_that_is_not_installed_is_named_with_what_to_do)
{
    static const char *const commands[] = {
        "no-such-compiler --release",
        "printf 'all:\\n\\tno-such-compiler x.c\\n' >m && make -f m",
        "printf 'all:\\n\\t@echo $$(no-such-compiler) && exit 127\\n' >m && make -f m",
    };

    for (guint i = 0; i < G_N_ELEMENTS(commands); i++) {
        g_autoptr(GError) error = NULL;

        build_with(commands[i]);
        error = refused(&options);
        ck_assert_msg(error->code == RS_WORKTREES_ERROR_NO_TOOLCHAIN, "%s", error->message);
        ck_assert_msg(g_str_has_prefix(error->message, "no-such-compiler is not installed here"),
                      "%s", error->message);
        assert_says(error->message, "actions/setup");
    }
}
END_TEST

START_TEST(a_script_that_the_revision_lacks_is_a_broken_revision_and_no_missing_tool)
{
    g_autoptr(GError) error = NULL;

    shell("cd repo && printf '#!/bin/sh\\necho ok >built\\n' >build.sh && chmod +x build.sh &&"
          "git add . && git commit -q -m script && git tag -f head");
    build_with("./build.sh");
    error = refused(&options);
    ck_assert_int_eq(error->code, RS_WORKTREES_ERROR_BASELINE);
    assert_says(error->message, "build.sh");
}
END_TEST

START_TEST(of_huge_output_the_first_and_the_last_are_kept)
{
    g_autoptr(GError) error = NULL;

    build_with("echo the first line; yes | head -c 30000000; echo the last line; exit 1");
    error = refused(&options);
    assert_says(error->message, "\nthe first line\n");
    assert_says(error->message, " bytes are left out here]\n");
    ck_assert(g_str_has_suffix(error->message, "\nthe last line"));
    ck_assert_uint_lt(strlen(error->message), 20000);
}
END_TEST

START_TEST(output_cannot_steer_a_terminal)
{
    g_autoptr(GError) error = NULL;

    build_with("printf 'a\\033[2Jb\\n\\377'; exit 1");
    error = refused(&options);
    ck_assert_ptr_null(strchr(error->message, '\033'));
    ck_assert(g_utf8_validate(error->message, -1, NULL));
}
END_TEST

START_TEST(a_build_that_hangs_is_ended_with_all_it_started)
{
    g_autoptr(GError) error = NULL;
    pid_t pid;

    build_with("setsid sh -c 'echo $$ >\"$HOME\"/pid; exec sleep 300' & echo waiting; wait");
    options.timeout_s = 0.5;
    error = refused(&options);
    assert_says(error->message, "did not end within");
    ck_assert(g_str_has_suffix(error->message, "waiting"));
    pid = wait_for_number("pid");
    ck_assert_int_gt(pid, 0);
    ck_assert(is_gone_within_s(pid, 5));
}
END_TEST

static gpointer stop_soon(gpointer data)
{
    wait_for_number("pid");
    stop = SIGTERM;
    return NULL;
}

START_TEST(a_signal_ends_the_build_and_cleans_up)
{
    g_autofree char *before = state_of("repo"), *after = NULL;
    GThread *thread = g_thread_new("stop", stop_soon, NULL);
    g_autoptr(GError) error = NULL;
    pid_t pid;

    options.stop = &stop;
    build_with("setsid sh -c 'echo $$ >\"$HOME\"/pid; exec sleep 300' & wait");
    error = refused(&options);
    g_thread_join(thread);
    ck_assert_int_eq(error->code, RS_WORKTREES_ERROR_INTERRUPTED);
    pid = wait_for_number("pid");
    ck_assert(is_gone_within_s(pid, 5));
    shell("rm pid");
    after = state_of("repo");
    ck_assert_str_eq(after, before);
}
END_TEST

START_TEST(a_daemon_that_a_build_leaves_is_gone_before_the_next)
{
    g_autoptr(RsWorktrees) trees = NULL;
    pid_t pid;

    build_with("[ \"$(cat value)\" = 2 ] || setsid sh -c 'echo $$ >\"$HOME\"/pid; exec sleep 300' "
               ">/dev/null 2>&1 & sleep 0.3");
    trees = made(&options);
    pid = wait_for_number("pid");
    ck_assert_int_gt(pid, 0);
    ck_assert(is_gone_within_s(pid, 1));
}
END_TEST

START_TEST(a_build_sees_no_secret_and_no_repository_but_its_own)
{
    g_autoptr(RsWorktrees) trees = NULL;
    g_autofree char *environment = NULL, *workspace = NULL, *git_dir = NULL;

    workspace = g_strdup_printf("GITHUB_WORKSPACE=%s/trees/tree\n", folder);
    git_dir = in_folder("nowhere");
    g_setenv("GITHUB_TOKEN", "s3cret", TRUE);
    g_setenv("INPUT_TOKEN", "s3cret", TRUE);
    g_setenv("GITHUB_WORKSPACE", repository, TRUE);
    g_setenv("CARGO_TARGET_DIR", "/somewhere/target", TRUE);
    g_setenv("KEPT", "yes", TRUE);
    g_setenv("GIT_DIR", git_dir, TRUE);
    build_with("env >environment; git rev-parse HEAD >commit");
    trees = made(&options);
    environment = seen(trees, "environment");
    assert_says_not(environment, "s3cret");
    assert_says_not(environment, "GIT_CONFIG");
    assert_says(environment, workspace);
    assert_says(environment, "/trees/tree/target\n");
    assert_says(environment, "KEPT=yes\n");
    assert_shows(trees, RS_ARM_BASELINE, "commit", rs_worktrees_revision(trees, RS_ARM_BASELINE));
}
END_TEST

static void note_phase(const char *what, RsArm arm, gpointer data)
{
    g_string_append_printf(data, "%s %s\n", what, rs_arm_names[arm]);
}

START_TEST(phases_are_told_in_their_order)
{
    g_autoptr(GString) phases = g_string_new(NULL);

    options.on_phase = note_phase;
    options.data = phases;
    build_with("true");
    rs_worktrees_free(made(&options));
    ck_assert_str_eq(phases->str, "checking out baseline\nbuilding baseline\n"
                                  "checking out current\nbuilding current\n");
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("worktrees");

    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, the_path_shows_the_tree_of_the_arm_that_it_was_turned_to);
    tcase_add_test(tcase, revisions_are_told_by_their_full_names);
    tcase_add_test(tcase, both_are_built_in_one_place_and_their_paths_are_of_one_length);
    tcase_add_test(tcase, git_works_in_a_tree_while_it_is_built_and_afterwards);
    tcase_add_test(tcase, while_they_live_git_lists_both_where_they_are);
    tcase_add_test(tcase, the_same_revision_twice_is_two_trees);
    tcase_add_test(tcase, a_bare_repository_and_a_worktree_of_the_user_serve_as_well);
    tcase_add_test(tcase, afterwards_the_repository_and_the_folders_around_are_as_before);
    tcase_add_test(tcase, without_a_folder_the_trees_lie_beside_the_checkout);
    tcase_add_test(tcase, a_failure_leaves_nothing_either);
    tcase_add_test(tcase, worktrees_of_the_user_stay_also_those_that_are_away);
    tcase_add_test(tcase, a_folder_with_files_of_others_is_refused_and_not_touched);
    tcase_add_test(tcase, an_empty_folder_that_was_there_stays);
    tcase_add_test(tcase, what_a_killed_run_left_is_cleared_by_the_next);
    tcase_add_test(tcase, a_second_run_in_the_same_folder_is_told_to_wait);
    tcase_add_test(
        tcase, a_tree_whose_git_file_was_led_elsewhere_is_removed_and_the_other_repository_is_not);
    tcase_add_test(tcase, a_baseline_that_cannot_be_built_is_no_fault_of_the_change);
    tcase_add_test(tcase, a_change_that_cannot_be_built_is_the_error_also_beside_a_broken_baseline);
    tcase_add_test(tcase, a_command_that_is_not_installed_is_named_with_what_to_do);
    tcase_add_test(tcase,
                   a_script_that_the_revision_lacks_is_a_broken_revision_and_no_missing_tool);
    tcase_add_test(tcase, of_huge_output_the_first_and_the_last_are_kept);
    tcase_add_test(tcase, output_cannot_steer_a_terminal);
    tcase_add_test(tcase, a_build_that_hangs_is_ended_with_all_it_started);
    tcase_add_test(tcase, a_signal_ends_the_build_and_cleans_up);
    tcase_add_test(tcase, a_daemon_that_a_build_leaves_is_gone_before_the_next);
    tcase_add_test(tcase, a_build_sees_no_secret_and_no_repository_but_its_own);
    tcase_add_test(tcase, phases_are_told_in_their_order);
    return run_tests("worktrees", tcase);
}
