/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of worktrees share: a git repository "repo" in the test's folder, whose commits
 * and worktrees are told by git itself. */
#ifndef RS_TESTS_UNIT_REPOSITORY_FIXTURES_H
#define RS_TESTS_UNIT_REPOSITORY_FIXTURES_H

#include <stdio.h>
#include <string.h>

#include "tests/unit/trial_fixtures.h"
#include "trial/worktrees.h"

/* By /bin/sh -e in the test's folder, with git as somebody. Its output is shown when it fails. */
static inline void shell(const char *script)
{
    g_autofree char *line = g_strdup_printf("cd '%s' && { %s\n} >.shell 2>&1", folder, script);
    const char *const argv[] = {"/bin/sh", "-e", "-c", line, NULL};
    int status = -1;

    ck_assert(g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL,
                           &status, NULL));
    if (status != 0) {
        g_autofree char *output = read_file(".shell");

        ck_abort_msg("%s\nended with %d:\n%s", script, status, output ? output : "");
    }
}

/* What a script prints; yours. */
static inline char *answer_of(const char *script)
{
    g_autofree char *line = g_strdup_printf("{ %s\n} >.answer", script);

    shell(line);
    return read_file(".answer");
}

/* Git's own settings of this machine and of its user count for nothing. The folder's real path:
 * answers of git are compared with it. */
static inline void enter_repository_folder(void)
{
    g_autofree char *real = NULL, *config = NULL;
    char *resolved;

    enter_folder();
    resolved = realpath(folder, NULL);
    g_free(folder);
    folder = g_strdup(resolved);
    free(resolved);
    g_setenv("HOME", folder, TRUE);
    g_setenv("GIT_CONFIG_NOSYSTEM", "1", TRUE);
    g_setenv("GIT_CEILING_DIRECTORIES", g_get_tmp_dir(), TRUE);
    write_file(".gitconfig", "[user]\nname = n\nemail = n@example.org\n"
                             "[init]\ndefaultBranch = main\n");
}

/* A repository with the tags "base" and "head": `value` holds 1 and 2. */
static inline void make_repository(void)
{
    shell("git init -q repo && cd repo && echo 1 >value && echo same >other && git add . &&"
          "git commit -q -m one && git tag base && echo 2 >value && git commit -q -a -m two &&"
          "git tag head");
}

static inline RsWorktreesOptions options_of(const char *repository)
{
    return (RsWorktreesOptions){.repository = repository, .revisions = {"base", "head"}};
}

static inline RsWorktrees *made(const RsWorktreesOptions *options)
{
    g_autoptr(GError) error = NULL;
    RsWorktrees *trees = rs_worktrees_new(options, &error);

    ck_assert_no_error(error);
    ck_assert_ptr_nonnull(trees);
    return trees;
}

/* The error of a run that must not work out; yours. */
static inline GError *refused(const RsWorktreesOptions *options)
{
    GError *error = NULL;
    RsWorktrees *trees = rs_worktrees_new(options, &error);

    ck_assert_ptr_null(trees);
    ck_assert_ptr_nonnull(error);
    ck_assert_msg(error->domain == RS_WORKTREES_ERROR, "%s", error->message);
    return error;
}

static inline void assert_says(const char *text, const char *part)
{
    ck_assert_msg(strstr(text, part) != NULL, "\"%s\" is not in:\n%s", part, text);
}

static inline void assert_says_not(const char *text, const char *part)
{
    ck_assert_msg(strstr(text, part) == NULL, "\"%s\" is in:\n%s", part, text);
}

/* A file of the tree that shows now, without the newline at its end; NULL: it is not there. */
static inline char *seen(const RsWorktrees *trees, const char *name)
{
    g_autofree char *path = g_build_filename(rs_worktrees_path(trees), name, NULL);
    char *text = NULL;

    return g_file_get_contents(path, &text, NULL, NULL) ? g_strchomp(text) : NULL;
}

static inline void turn(RsWorktrees *trees, RsArm arm)
{
    g_autoptr(GError) error = NULL;

    ck_assert(rs_worktrees_turn(trees, arm, &error));
    ck_assert_no_error(error);
}

static inline void assert_shows(RsWorktrees *trees, RsArm arm, const char *name, const char *text)
{
    g_autofree char *found = NULL;

    turn(trees, arm);
    found = seen(trees, name);
    ck_assert_msg(found != NULL, "%s is not there", name);
    ck_assert_str_eq(found, text);
}

/* All that git and the file system know of a repository, but for the contents of objects. */
static inline char *state_of(const char *repository)
{
    g_autofree char *script =
        g_strdup_printf("cd %s; git worktree list; cat .git/config; git status --porcelain;"
                        "find . -path ./.git/objects -prune -o -print | sort; ls -A ..",
                        repository);

    return answer_of(script);
}

#endif
