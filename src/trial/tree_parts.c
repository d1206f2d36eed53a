/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `git submodule update` would clone each submodule anew, ask its server for commits, and write its
 * URL into the configuration that all worktrees share. A worktree of the repository that the
 * checkout has of it takes none of that, and costs as little as ours. */
#include "trial/tree_parts.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "trial/git.h"

#define INDEX_LIMIT_BYTES (256 * 1024 * 1024)
#define DEPTH_LIMIT       16
#define SUBMODULES_LIMIT  1000
#define POINTER_MAX_BYTES 1024 /* git-lfs specification: a pointer is shorter */
#define POINTER_START     "version https://git-lfs.github.com/spec/"

typedef struct {
    RsTreeFolder *folder;
    const volatile int *stop;
    GPtrArray *warnings;
    guint n;
} Walk;

static void warn(GPtrArray *warnings, char *sentence)
{
    if (g_ptr_array_find_with_equal_func(warnings, sentence, g_str_equal, NULL))
        g_free(sentence);
    else
        g_ptr_array_add(warnings, sentence);
}

/* --- submodules --- */

/* The name that .gitmodules has for a path: "submodule.NAME.path\nPATH\0" for each. Yours. */
static char *name_of(const char *settings, gsize n_bytes, const char *path)
{
    for (const char *at = settings; at < settings + n_bytes; at += strlen(at) + 1) {
        const char *newline = strchr(at, '\n');
        gsize n_key = newline ? (gsize)(newline - at) : 0;
        gsize n_around = strlen("submodule.") + strlen(".path");

        if (newline && n_key > n_around && g_str_equal(newline + 1, path))
            return g_strndup(at + strlen("submodule."), n_key - n_around);
    }
    return NULL;
}

/* Where the checkout has a submodule's repository; NULL: it has not. Yours. */
static char *repository_of(const char *name, const char *const *git_folders)
{
    for (; *git_folders; git_folders++) {
        g_autofree char *path = g_build_filename(*git_folders, "modules", name, NULL);
        g_autofree char *head = g_build_filename(path, "HEAD", NULL);

        if (g_file_test(head, G_FILE_TEST_EXISTS))
            return g_steal_pointer(&path);
    }
    return NULL;
}

static gboolean has_commit(const char *repository, const char *commit)
{
    g_autofree char *git_dir = g_strconcat("--git-dir=", repository, NULL);
    g_autofree char *wanted = g_strconcat(commit, "^{commit}", NULL);
    const char *const ask[] = {git_dir, "--work-tree=.", "cat-file", "-e", wanted, NULL};
    g_autofree char *answer = rs_git(&(RsGit){.arguments = ask}, NULL, NULL);

    return answer != NULL;
}

static gboolean add_in(Walk *walk, const char *tree, const char *const *git_folders, guint depth,
                       GError **error);

/* A worktree of the repository at path, which is there as an empty folder. */
static gboolean add_one(Walk *walk, const char *tree, const char *path, const char *commit,
                        const char *repository, guint depth, GError **error)
{
    g_autofree char *git_dir = g_strconcat("--git-dir=", repository, NULL);
    g_autofree char *place = g_build_filename(tree, path, NULL);
    /* Its configuration names the checkout's folder of it, which need not be there any more. */
    const char *const add[] = {git_dir, "--work-tree=.", "worktree", "add", "-f", "-q", "--detach",
                               "--",    place,           commit,     NULL};
    const char *const folders[] = {repository, NULL};
    RsGit git = {.folder = tree, .arguments = add, .stop = walk->stop};
    g_autofree char *added = NULL;

    if (!has_commit(repository, commit)) {
        g_set_error(error, RS_GIT_ERROR, RS_GIT_ERROR_FAILED,
                    "the submodule %s is wanted at %.12s, and this checkout has it without that "
                    "commit: fetch it with its history (git submodule foreach git fetch "
                    "--unshallow)",
                    path, commit);
        return FALSE;
    }
    if (!rs_tree_folder_add_repository(walk->folder, repository, error))
        return FALSE;
    added = rs_git(&git, NULL, error);
    return added && add_in(walk, place, folders, depth + 1, error);
}

static char *read_settings(const char *tree, gsize *n_bytes, const volatile int *stop)
{
    static const char *const list[] = {
        "config", "-z", "-f", ".gitmodules", "--get-regexp", "^submodule\\..*\\.path$", NULL};

    return rs_git(&(RsGit){.folder = tree, .arguments = list, .stop = stop}, n_bytes, NULL);
}

static gboolean take_entry(Walk *walk, const char *tree, const char *settings, gsize n_bytes,
                           const char *const *git_folders, guint depth, const char *entry,
                           GError **error)
{
    const char *path = strchr(entry, '\t') ? strchr(entry, '\t') + 1 : "";
    g_autofree char *commit = g_strndup(entry + 7, strcspn(entry + 7, " "));
    g_autofree char *name = settings ? name_of(settings, n_bytes, path) : NULL;
    g_autofree char *repository =
        name && rs_text_is_path_down(name) ? repository_of(name, git_folders) : NULL;

    if (!rs_text_is_path_down(path))
        return TRUE;
    if (!repository) {
        warn(walk->warnings,
             g_strdup_printf("the submodule %s is empty in what is built: this checkout does not "
                             "have it (`submodules: recursive` of actions/checkout, "
                             "`GIT_SUBMODULE_STRATEGY: recursive` on GitLab)",
                             path));
        return TRUE;
    }
    if (depth >= DEPTH_LIMIT || walk->n++ >= SUBMODULES_LIMIT) {
        g_set_error(error, RS_GIT_ERROR, RS_GIT_ERROR_TOO_MUCH, "%s: too many submodules", path);
        return FALSE;
    }
    return add_one(walk, tree, path, commit, repository, depth, error);
}

/* Entries "160000 COMMIT STAGE\tPATH" of the index are submodules. */
static gboolean add_in(Walk *walk, const char *tree, const char *const *git_folders, guint depth,
                       GError **error)
{
    static const char *const list[] = {"ls-files", "-s", "-z", NULL};
    RsGit git = {
        .folder = tree, .arguments = list, .limit_bytes = INDEX_LIMIT_BYTES, .stop = walk->stop};
    gsize n_bytes = 0, n_settings_bytes = 0;
    g_autofree char *entries = rs_git(&git, &n_bytes, error), *settings = NULL;
    gboolean has_read = FALSE;

    for (const char *at = entries; entries && at < entries + n_bytes; at += strlen(at) + 1) {
        if (!g_str_has_prefix(at, "160000 "))
            continue;
        if (!has_read)
            settings = read_settings(tree, &n_settings_bytes, walk->stop);
        has_read = TRUE;
        if (!take_entry(walk, tree, settings, n_settings_bytes, git_folders, depth, at, error))
            return FALSE;
    }
    return entries != NULL;
}

gboolean rs_tree_parts_add_submodules(RsTreeFolder *folder, const char *tree,
                                      const char *const *git_folders, const volatile int *stop,
                                      GPtrArray *warnings, GError **error)
{
    Walk walk = {.folder = folder, .stop = stop, .warnings = warnings};

    return add_in(&walk, tree, git_folders, 0, error);
}

/* --- LFS --- */

static gboolean is_pointer(int tree_fd, const char *path)
{
    char text[sizeof POINTER_START];
    struct stat status;
    gssize n = -1;
    int fd;

    if (fstatat(tree_fd, path, &status, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(status.st_mode) ||
        status.st_size >= POINTER_MAX_BYTES)
        return FALSE;
    fd = openat(tree_fd, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd >= 0) {
        n = read(fd, text, strlen(POINTER_START));
        close(fd);
    }
    return n == (gssize)strlen(POINTER_START) && memcmp(text, POINTER_START, (gsize)n) == 0;
}

/* How many of the paths are pointers. first: the first one, borrowed from paths. */
static guint count_pointers(const char *tree, const char *paths, gsize n_bytes, const char **first)
{
    int tree_fd = open(tree, O_PATH | O_DIRECTORY | O_CLOEXEC);
    guint n = 0;

    for (const char *at = paths; tree_fd >= 0 && at < paths + n_bytes; at += strlen(at) + 1)
        if (is_pointer(tree_fd, at) && n++ == 0)
            *first = at;
    if (tree_fd >= 0)
        close(tree_fd);
    return n;
}

gboolean rs_tree_parts_fill_lfs(const char *tree, const volatile int *stop, GPtrArray *warnings,
                                GError **error)
{
    static const char *const list[] = {"ls-files", "-z", "--", ":(attr:filter=lfs)", NULL};
    static const char *const fill[] = {"lfs", "checkout", NULL};
    RsGit git = {.folder = tree, .arguments = list, .limit_bytes = INDEX_LIMIT_BYTES, .stop = stop};
    gsize n_bytes = 0;
    g_autofree char *paths = rs_git(&git, &n_bytes, error), *filled = NULL;
    const char *first = NULL;
    guint n = paths ? count_pointers(tree, paths, n_bytes, &first) : 0;

    if (!paths || !n)
        return paths != NULL;
    git.arguments = fill;
    filled = rs_git(&git, NULL, NULL);
    n = count_pointers(tree, paths, n_bytes, &first);
    if (n)
        warn(warnings,
             g_strdup_printf(
                 "files of git LFS are pointers in what is built and measured, not their "
                 "contents (%u, such as %s): this checkout does not have them%s (`lfs: true` "
                 "of actions/checkout)",
                 n, first, filled ? "" : ", or git-lfs is not installed"));
    return TRUE;
}
