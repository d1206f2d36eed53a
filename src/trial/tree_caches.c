/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copying is coreutils' work: times to the nanosecond (cargo compares them), hard links within the
 * folder (cargo links its results), sparse files and extents that are shared. A cp that does not
 * know --reflink (busybox) is asked without it. */
#include "trial/tree_caches.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "trial/git.h"
#include "trial/tree_folder.h"

#define INDEX_LIMIT_BYTES (256 * 1024 * 1024)

static gboolean refuse(GError **error, const char *cache, const char *why)
{
    g_set_error(error, RS_GIT_ERROR, RS_GIT_ERROR_FAILED, "the cache folder '%s' %s", cache, why);
    return FALSE;
}

gboolean rs_tree_caches_check(char **caches, GError **error)
{
    for (; caches && *caches; caches++) {
        g_auto(GStrv) parts = g_strsplit(*caches, "/", -1);
        gboolean any = FALSE;

        if (g_path_is_absolute(*caches))
            return refuse(error, *caches, "is not below the top of the repository");
        for (char **part = parts; *part; part++) {
            if (g_str_equal(*part, "..") || g_str_equal(*part, ".git"))
                return refuse(error, *caches, "is not below the top of the repository");
            any |= **part && !g_str_equal(*part, ".");
        }
        if (!any)
            return refuse(error, *caches, "is the repository itself");
    }
    return TRUE;
}

/* Whether path, with all links followed, is top or below it. */
static gboolean is_within(const char *path, const char *top)
{
    g_autofree char *real = realpath(path, NULL), *real_top = realpath(top, NULL);

    return real && real_top && (g_str_equal(real, real_top) || rs_text_path_below(real, real_top));
}

static char **copy_argv(const char *from, const char *to, gboolean is_plain)
{
    g_autoptr(GPtrArray) argv = g_ptr_array_new();
    char *program = g_find_program_in_path("cp");

    g_ptr_array_add(argv, program ? program : g_strdup("/bin/cp"));
    if (is_plain) {
        g_ptr_array_add(argv, g_strdup("-a"));
    } else {
        g_ptr_array_add(argv, g_strdup("-dR"));
        g_ptr_array_add(argv, g_strdup("--preserve=mode,timestamps,links"));
        g_ptr_array_add(argv, g_strdup("--reflink=auto"));
    }
    g_ptr_array_add(argv, g_strdup("--"));
    g_ptr_array_add(argv, g_strconcat(from, "/.", NULL));
    g_ptr_array_add(argv, g_strdup(to));
    g_ptr_array_add(argv, NULL);
    return (char **)g_ptr_array_free(g_steal_pointer(&argv), FALSE);
}

static gboolean copy(RsLauncher *launcher, const RsTreeCommand *like, const char *cache,
                     const char *from, const char *to, GError **error)
{
    gboolean succeeded = FALSE;
    g_autofree char *why = NULL;

    for (guint i = 0; i < 2 && !succeeded; i++) {
        g_auto(GStrv) argv = copy_argv(from, to, i > 0);
        RsTreeCommand command = *like;
        RsTreeCommandResult result;

        command.argv = (const char *const *)argv;
        command.show_output = FALSE;
        command.timeout_s = 0;
        if (!rs_tree_command_run(launcher, &command, &result, error))
            return FALSE;
        succeeded = result.succeeded;
        if (!i)
            why = g_strdup_printf("could not be copied into the tree: cp %s%s%s", result.reason,
                                  *result.output ? ":\n" : "", result.output);
        rs_tree_command_result_clear(&result);
    }
    return succeeded || refuse(error, cache, why);
}

/* A folder of the cache may have files that git has too: those are the revision's. */
static gboolean restore_tracked(const char *cache, const char *tree, const volatile int *stop,
                                GError **error)
{
    const char *const list[] = {"--literal-pathspecs", "ls-files", "--", cache, NULL};
    const char *const restore[] = {
        "--literal-pathspecs", "checkout", "-q", "-f", "HEAD", "--", cache, NULL};
    RsGit git = {.folder = tree, .arguments = list, .limit_bytes = INDEX_LIMIT_BYTES, .stop = stop};
    g_autofree char *tracked = rs_git(&git, NULL, error), *restored = NULL;

    if (!tracked || !*tracked)
        return tracked != NULL;
    git.arguments = restore;
    restored = rs_git(&git, NULL, error);
    return restored != NULL;
}

static gboolean copy_cache(RsLauncher *launcher, const RsTreeCommand *command, const char *cache,
                           const char *top, const char *tree, GError **error)
{
    g_autofree char *from = g_build_filename(top, cache, NULL);
    g_autofree char *to = g_build_filename(tree, cache, NULL);
    g_autofree char *parent = g_path_get_dirname(to);

    if (!g_file_test(from, G_FILE_TEST_IS_DIR))
        return TRUE;
    if (!is_within(from, top))
        return refuse(error, cache, "is a symbolic link that leads out of the repository");
    if (g_mkdir_with_parents(parent, 0755) != 0 || !is_within(parent, tree))
        return refuse(error, cache, "has a place in the tree that a symbolic link leads out of");
    if (g_file_test(to, G_FILE_TEST_IS_SYMLINK))
        return refuse(error, cache, "is a symbolic link in the revision");
    if (mkdir(to, 0755) != 0 && errno != EEXIST)
        return refuse(error, cache, g_strerror(errno));
    return copy(launcher, command, cache, from, to, error) &&
           restore_tracked(cache, tree, command->stop, error);
}

gboolean rs_tree_caches_copy(RsLauncher *launcher, const RsTreeCommand *command, char **caches,
                             const char *top, const char *tree, GError **error)
{
    for (; caches && *caches; caches++)
        if (!copy_cache(launcher, command, *caches, top, tree, error))
            return FALSE;
    return TRUE;
}

/* --- ages --- */

/* The answer to `ls-files -s -z`: "MODE OID STAGE\tPATH". Keys and values point into text. */
static GHashTable *index_of(char *text, gsize n_bytes)
{
    GHashTable *entries = g_hash_table_new(g_str_hash, g_str_equal);

    for (char *at = text; at < text + n_bytes; at += strlen(at) + 1) {
        char *tab = strchr(at, '\t');

        if (!tab)
            continue;
        *tab = '\0';
        g_hash_table_insert(entries, tab + 1, at);
        at = tab + 1;
    }
    return entries;
}

static void copy_age(int top_fd, int tree_fd, const char *path)
{
    struct timespec times[2];
    struct stat status;

    if (fstatat(top_fd, path, &status, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(status.st_mode))
        return;
    times[0] = status.st_atim;
    times[1] = status.st_mtim;
    utimensat(tree_fd, path, times, AT_SYMLINK_NOFOLLOW);
}

static gboolean is_regular(const char *entry)
{
    return g_str_has_prefix(entry, "100");
}

gboolean rs_tree_caches_age(const char *top, const char *tree, const volatile int *stop,
                            GError **error)
{
    static const char *const list[] = {"ls-files", "-s", "-z", NULL};
    static const char *const changed[] = {"diff",          "--name-only",   "-z",
                                          "--no-ext-diff", "--no-textconv", NULL};
    static const char *const refresh[] = {"update-index", "-q", "--refresh", NULL};
    RsGit git = {.folder = top, .arguments = list, .limit_bytes = INDEX_LIMIT_BYTES, .stop = stop};
    gsize n_top_bytes = 0, n_tree_bytes = 0, n_changed_bytes = 0;
    g_autofree char *top_text = rs_git(&git, &n_top_bytes, error), *tree_text = NULL;
    g_autofree char *changed_text = NULL, *refreshed = NULL;
    g_autoptr(GHashTable) top_index = NULL, tree_index = NULL;
    GHashTableIter iter;
    gpointer path, entry;
    int top_fd, tree_fd;

    git.arguments = changed;
    if (!top_text || !(changed_text = rs_git(&git, &n_changed_bytes, error)))
        return FALSE;
    git.folder = tree;
    git.arguments = list;
    if (!(tree_text = rs_git(&git, &n_tree_bytes, error)))
        return FALSE;
    top_index = index_of(top_text, n_top_bytes);
    tree_index = index_of(tree_text, n_tree_bytes);
    for (char *at = changed_text; at < changed_text + n_changed_bytes; at += strlen(at) + 1)
        g_hash_table_remove(top_index, at);
    top_fd = open(top, O_PATH | O_DIRECTORY | O_CLOEXEC);
    tree_fd = open(tree, O_PATH | O_DIRECTORY | O_CLOEXEC);
    g_hash_table_iter_init(&iter, tree_index);
    while (top_fd >= 0 && tree_fd >= 0 && g_hash_table_iter_next(&iter, &path, &entry))
        if (is_regular(entry) && g_strcmp0(g_hash_table_lookup(top_index, path), entry) == 0)
            copy_age(top_fd, tree_fd, path);
    if (top_fd >= 0)
        close(top_fd);
    if (tree_fd >= 0)
        close(tree_fd);
    git.arguments = refresh;
    refreshed = rs_git(&git, NULL, NULL); /* so that plumbing in builds calls nothing changed */
    return TRUE;
}
