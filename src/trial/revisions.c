/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trial/revisions.h"

#include <string.h>

#include "base/text.h"
#include "trial/git.h"
#include "trial/worktrees.h"

#define NAME_LIMIT_BYTES   1024
#define COMMIT_LIMIT_BYTES (1024 * 1024)

static gboolean fail(GError **error, const char *sentence, const char *what)
{
    g_autofree char *plain = rs_text_plain(what, -1, FALSE, 200);

    g_set_error(error, RS_WORKTREES_ERROR, RS_WORKTREES_ERROR_GIT, "%s%s", plain, sentence);
    return FALSE;
}

/* git's answer, its error as ours. */
static char *ask(const char *repository, const char *const *arguments, gsize limit_bytes,
                 gsize *n_bytes, GError **error)
{
    g_autoptr(GError) from_git = NULL;
    RsGit git = {.folder = repository, .arguments = arguments, .limit_bytes = limit_bytes};
    char *answer = rs_git(&git, n_bytes, &from_git);

    if (!answer)
        g_set_error_literal(error, RS_WORKTREES_ERROR, RS_WORKTREES_ERROR_GIT, from_git->message);
    return answer;
}

/* Whether history ends early in this clone, as git says. */
static gboolean is_shallow(const char *repository)
{
    static const char *const question[] = {"rev-parse", "--is-shallow-repository", NULL};
    g_autofree char *answer = rs_git_line(repository, question, NULL);

    return g_strcmp0(answer, "true") == 0;
}

/* A name that git could take for an option, or that no revision can have, is not asked for. */
static gboolean check_name(const char *revision, GError **error)
{
    if (!*revision || strlen(revision) > NAME_LIMIT_BYTES)
        return fail(error, "a revision has no name, or too long a one", "");
    if (*revision == '-')
        return fail(error, ": the name of a revision does not begin with -", revision);
    for (const char *at = revision; *at; at++)
        if (g_ascii_iscntrl(*at))
            return fail(error, ": the name of a revision has no control characters", revision);
    return TRUE;
}

static gboolean is_repository(const char *repository, GError **error)
{
    static const char *const question[] = {"rev-parse", "--git-dir", NULL};
    g_autofree char *answer = ask(repository, question, 0, NULL, error);

    return answer != NULL;
}

/* NULL without an error: there is no such commit. */
static char *look_up(const char *repository, const char *revision)
{
    g_autofree char *commit = g_strconcat(revision, "^{commit}", NULL);
    const char *const question[] = {"rev-parse", "--verify", "--quiet", commit, NULL};

    return rs_git_line(repository, question, NULL);
}

char *rs_revision_resolve(const char *repository, const char *revision, GError **error)
{
    g_autofree char *found = NULL;

    if (!check_name(revision, error) || !is_repository(repository, error))
        return NULL;
    found = look_up(repository, revision);
    if (found)
        return g_steal_pointer(&found);
    fail(error,
         is_shallow(repository)
             ? ": not in this clone, which is shallow: it lacks older commits. Clone with the "
               "whole history (`fetch-depth: 0` of actions/checkout, `GIT_DEPTH: 0` on GitLab, "
               "`git fetch --unshallow` by hand)"
             : ": no commit of this repository has that name; nothing is fetched here, so fetch "
               "it first (git fetch origin)",
         revision);
    return NULL;
}

/* --- files of a revision --- */

char *rs_worktrees_show(const char *repository, const char *revision, const char *path,
                        gsize *n_bytes, GError **error)
{
    g_autofree char *commit = NULL, *entry = NULL, *object = NULL;
    const char *plain = g_str_has_prefix(path, "./") ? path + 2 : path;

    if (!rs_text_is_path_down(plain)) {
        fail(error, ": not a path below the top of the repository", path);
        return NULL;
    }
    commit = rs_revision_resolve(repository, revision, error);
    if (!commit)
        return NULL;
    /* "MODE TYPE OBJECT\tPATH" */
    entry = ask(repository,
                (const char *const[]){"--literal-pathspecs", "ls-tree", "--full-tree", "-z", commit,
                                      "--", plain, NULL},
                0, NULL, error);
    if (!entry || !*entry)
        return NULL;
    if (!g_str_has_prefix(entry, "100644 blob ") && !g_str_has_prefix(entry, "100755 blob ")) {
        fail(error, ": not a regular file in that revision", plain);
        return NULL;
    }
    object = g_strndup(entry + strlen("100644 blob "), strcspn(entry + 12, "\t"));
    return ask(repository, (const char *const[]){"cat-file", "blob", object, NULL}, 0, n_bytes,
               error);
}

/* --- where a change began --- */

/* Parents as the commit itself names them: at the edge of a shallow clone git hides those that are
 * not there. NULL-ended, yours. */
static char **parents_of(const char *repository, const char *commit, GError **error)
{
    const char *const question[] = {"cat-file", "commit", commit, NULL};
    g_autofree char *text = ask(repository, question, COMMIT_LIMIT_BYTES, NULL, error);
    g_auto(GStrv) lines = text ? g_strsplit(text, "\n", -1) : NULL;
    g_autoptr(GPtrArray) parents = g_ptr_array_new();

    if (!text)
        return NULL;
    for (char **line = lines; *line && **line; line++)
        if (g_str_has_prefix(*line, "parent "))
            g_ptr_array_add(parents, g_strdup(*line + strlen("parent ")));
    g_ptr_array_add(parents, NULL);
    return (char **)g_ptr_array_free(g_steal_pointer(&parents), FALSE);
}

/* The best commits that two have in common, more than one after merges in both directions; NULL:
 * none is known. */
static char **common_commits(const char *repository, const char *commit, const char *base)
{
    const char *const question[] = {"merge-base", "--all", commit, base, NULL};
    g_autofree char *answer =
        rs_git(&(RsGit){.folder = repository, .arguments = question}, NULL, NULL);

    return answer && *g_strstrip(answer) ? g_strsplit(answer, "\n", -1) : NULL;
}

/* The commit of a base that may be named as a branch of origin. NULL: it is not here. */
static char *base_commit(const char *repository, const char *base_ref)
{
    g_autofree char *remote = g_strconcat("refs/remotes/origin/", base_ref, NULL);
    char *found = look_up(repository, remote);

    return found ? found : look_up(repository, base_ref);
}

static char *cannot_tell(const char *repository, const char *head, const char *base_ref,
                         GError **error)
{
    if (is_shallow(repository))
        fail(error,
             ": this clone is shallow, and does not have the commit that it was made from. Clone "
             "with the whole history (`fetch-depth: 0` of actions/checkout, `GIT_DEPTH: 0` on "
             "GitLab)",
             head);
    else if (base_ref)
        fail(error, ": no commit is known that it has in common with this", base_ref);
    else
        fail(error, ": what it was made from is not known", head);
    return NULL;
}

char *rs_worktrees_merge_base(const char *repository, const char *head, const char *base_ref,
                              GError **error)
{
    g_autofree char *commit = rs_revision_resolve(repository, head, error), *base = NULL;
    g_auto(GStrv) common = NULL, parents = commit ? parents_of(repository, commit, error) : NULL;
    gboolean is_merge = parents && g_strv_length(parents) > 1;

    if (!parents || (base_ref && !check_name(base_ref, error)))
        return NULL;
    if (is_merge && !base_ref)
        return g_strdup(parents[0]);
    base = base_ref ? base_commit(repository, base_ref) : NULL;
    common = base ? common_commits(repository, commit, base) : NULL;
    if (is_merge && common && g_strv_contains((const char *const *)common, parents[0]))
        return g_strdup(parents[0]);
    if (common && g_str_equal(common[0], commit) && parents[0])
        return g_strdup(parents[0]);
    if (common && !g_str_equal(common[0], commit))
        return g_strdup(common[0]);
    return cannot_tell(repository, head, base_ref, error);
}
