/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trial/vcs.h"

#include <string.h>
#include <unistd.h>

#include "base/child_env.h"

/* What `git -C folder ARGS...` prints; NULL when it fails. */
static char *ask_git(const char *folder, const char *const *arguments)
{
    g_autoptr(GPtrArray) argv = g_ptr_array_new();
    g_auto(GStrv) environment =
        rs_child_env_for_git(environ); /* it may start programs: fsmonitor */
    g_autofree char *output = NULL;
    int status;

    g_ptr_array_add(argv, (gpointer) "git");
    g_ptr_array_add(argv, (gpointer) "-C");
    g_ptr_array_add(argv, (gpointer)(folder ? folder : "."));
    for (; *arguments; arguments++)
        g_ptr_array_add(argv, (gpointer)*arguments);
    g_ptr_array_add(argv, NULL);
    if (!g_spawn_sync(NULL, (char **)argv->pdata, environment,
                      G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &output, NULL,
                      &status, NULL) ||
        status != 0)
        return NULL;
    return g_steal_pointer(&output);
}

/* Its first line; NULL when that is empty too. */
static char *ask_git_line(const char *folder, const char *const *arguments)
{
    g_autofree char *output = ask_git(folder, arguments);

    if (!output)
        return NULL;
    output[strcspn(output, "\n")] = '\0';
    return *output ? g_steal_pointer(&output) : NULL;
}

/* https://user:secret@host/... -> https://host/... */
static char *without_user(char *url)
{
    char *start = url ? strstr(url, "://") : NULL;
    char *at = start ? strchr(start, '@') : NULL;

    if (at && at < start + 3 + strcspn(start + 3, "/"))
        memmove(start + 3, at + 1, strlen(at));
    return url;
}

/* Porcelain version 2: "# branch.oid SHA", "# branch.head NAME", then a line for each change. */
static void take_status(const char *output, RsRevision *revision)
{
    g_auto(GStrv) lines = g_strsplit(output, "\n", -1);

    for (char **line = lines; *line; line++)
        if (g_str_has_prefix(*line, "# branch.oid ") && !strchr(*line, '('))
            revision->revision = g_strdup(*line + strlen("# branch.oid "));
        else if (g_str_has_prefix(*line, "# branch.head ") && !strchr(*line, '('))
            revision->branch = g_strdup(*line + strlen("# branch.head "));
        else if (**line && **line != '#')
            revision->dirty = TRUE;
}

void rs_vcs_read(const char *folder, RsRevision *revision)
{
    static const char *const status[] = {"status", "--porcelain=v2", "--branch",
                                         "--untracked-files=no", NULL};
    static const char *const describe[] = {"describe", "--tags", "--always", NULL};
    static const char *const remote[] = {"config", "--get", "remote.origin.url", NULL};
    g_autofree char *output = ask_git(folder, status);

    rs_revision_clear(revision);
    if (!output)
        return;
    take_status(output, revision);
    if (!revision->revision)
        return;
    revision->describe = ask_git_line(folder, describe);
    revision->repository = without_user(ask_git_line(folder, remote));
}

char *rs_vcs_top(const char *folder)
{
    static const char *const top[] = {"rev-parse", "--show-toplevel", NULL};

    return ask_git_line(folder, top);
}

GHashTable *rs_vcs_files(const char *folder)
{
    static const char *const list[] = {
        "-c", "core.quotePath=false", "ls-files", "--full-name", "--", ":/", NULL};
    g_autofree char *output = ask_git(folder, list);
    g_auto(GStrv) lines = output ? g_strsplit(output, "\n", -1) : NULL;
    GHashTable *files;

    if (!lines)
        return NULL;
    files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (char **line = lines; *line; line++)
        if (**line && **line != '"')
            g_hash_table_add(files, g_strdup(*line));
    return files;
}

static gboolean is_commit(const char *revision)
{
    gsize n = strlen(revision);

    return n >= 7 && n <= 64 && revision[strspn(revision, "0123456789abcdef")] == '\0';
}

char *rs_vcs_diff(const char *folder, const char *from, const char *to)
{
    const char *const diff[] = {"-c",
                                "core.quotePath=true",
                                "diff",
                                "--unified=0",
                                "--no-color",
                                "--no-ext-diff",
                                "--no-textconv",
                                "--src-prefix=a/",
                                "--dst-prefix=b/",
                                from,
                                to,
                                "--",
                                NULL};

    return is_commit(from) && is_commit(to) ? ask_git(folder, diff) : NULL;
}
