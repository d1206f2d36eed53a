/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trial/vcs.h"

#include <string.h>

/* One line of `git -C folder ARGS...`; NULL when git fails or prints nothing. */
static char *ask_git(const char *folder, const char *const *arguments)
{
    g_autoptr(GPtrArray) argv = g_ptr_array_new();
    g_autofree char *output = NULL;
    int status;

    g_ptr_array_add(argv, (gpointer) "git");
    g_ptr_array_add(argv, (gpointer) "-C");
    g_ptr_array_add(argv, (gpointer)(folder ? folder : "."));
    for (; *arguments; arguments++)
        g_ptr_array_add(argv, (gpointer)*arguments);
    g_ptr_array_add(argv, NULL);
    if (!g_spawn_sync(NULL, (char **)argv->pdata, NULL,
                      G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &output, NULL,
                      &status, NULL) ||
        status != 0)
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

void rs_vcs_read(const char *folder, RsRevision *revision)
{
    static const char *const head[] = {"rev-parse", "HEAD", NULL};
    static const char *const branch[] = {"symbolic-ref", "--short", "-q", "HEAD", NULL};
    static const char *const describe[] = {"describe", "--tags", "--always", NULL};
    static const char *const remote[] = {"config", "--get", "remote.origin.url", NULL};
    static const char *const changes[] = {"status", "--porcelain", "--untracked-files=no", NULL};
    g_autofree char *changed = NULL;

    rs_revision_clear(revision);
    revision->revision = ask_git(folder, head);
    if (!revision->revision)
        return;
    revision->branch = ask_git(folder, branch);
    revision->describe = ask_git(folder, describe);
    revision->repository = without_user(ask_git(folder, remote));
    changed = ask_git(folder, changes);
    revision->dirty = changed != NULL;
}
