/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Git's record of a worktree is a folder REPOSITORY/worktrees/NAME whose file `gitdir` holds the
 * path of the .git in the worktree (gitrepository-layout(5)). They are found by that file and not
 * by what the .git says: builds have run there since. `git worktree prune` is never called: it
 * would remove the records of the user's own worktrees whose disk is away. */
#include "trial/tree_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/child_env.h"
#include "base/file.h"

#define MARKER             ".rustscope-trees"
#define MARKER_HEAD        "The trees of a run of rustscope; it removes them.\n"
#define MADE_LINE          "made-folder"
#define REPOSITORY_PREFIX  "repository "
#define MARKER_LIMIT_BYTES (1024 * 1024)
#define RECORD_LIMIT_BYTES 8192
#define LOCK_TRIES         10

struct RsTreeFolder {
    char *path, *marker;
    int lock_fd;
    gboolean made;
    GPtrArray *repositories; /* char *, git's common directories */
};

static gboolean fail(GError **error, int code, const char *what, const char *path)
{
    g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(code), "%s: %s: %s", path, what,
                g_strerror(code));
    return FALSE;
}

/* --- removing --- */

static void run_quietly(char **argv)
{
    g_auto(GStrv) environment = rs_child_env(environ, NULL, NULL);

    g_spawn_sync(NULL, argv, environment,
                 G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL,
                 NULL, NULL, NULL, NULL, NULL, NULL);
}

/* A file or a folder with all in it, without following links; by coreutils, which removes what is
 * nested deeper than a path can be long. FALSE: it is still there. */
static gboolean remove_tree(const char *path)
{
    char *remove[] = {(char *)"rm", (char *)"-rf", (char *)"--", (char *)path, NULL};
    char *permit[] = {(char *)"chmod", (char *)"-R", (char *)"u+rwX",
                      (char *)"--",    (char *)path, NULL};
    struct stat status;

    if (lstat(path, &status) != 0)
        return TRUE;
    run_quietly(remove);
    if (lstat(path, &status) != 0)
        return TRUE;
    if (!S_ISLNK(status.st_mode)) {
        run_quietly(permit); /* caches of modules are read-only, folders too */
        run_quietly(remove);
    }
    return lstat(path, &status) != 0;
}

/* --- git's records --- */

/* FALSE: not a record. gitdir: what the file says, without the newline; yours. */
static gboolean read_record(const char *record, char **gitdir)
{
    g_autofree char *path = g_build_filename(record, "gitdir", NULL);
    gsize n_bytes;

    *gitdir = (char *)rs_file_read(path, RECORD_LIMIT_BYTES, &n_bytes, NULL);
    if (*gitdir)
        g_strchomp(*gitdir);
    return *gitdir != NULL;
}

typedef gboolean (*RecordFunc)(const char *record, const char *gitdir, gpointer data,
                               GError **error);

static gboolean for_records_below(const char *repository, const char *folder, RecordFunc do_it,
                                  gpointer data, GError **error)
{
    g_autofree char *records = g_build_filename(repository, "worktrees", NULL);
    g_autofree char *prefix = g_strconcat(folder, "/", NULL);
    g_autoptr(GDir) dir = g_dir_open(records, 0, NULL);
    const char *name;

    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *record = g_build_filename(records, name, NULL), *gitdir = NULL;

        if (read_record(record, &gitdir) && g_str_has_prefix(gitdir, prefix) &&
            !do_it(record, gitdir, data, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean remove_record(const char *record, const char *gitdir, gpointer data, GError **error)
{
    remove_tree(record);
    return TRUE;
}

static void remove_records(const char *repository, const char *folder)
{
    g_autofree char *records = g_build_filename(repository, "worktrees", NULL);

    for_records_below(repository, folder, remove_record, NULL, NULL);
    g_rmdir(records); /* as git does when the last one goes; not when there are others */
}

typedef struct {
    const char *from, *to;
} Move;

static gboolean move_record(const char *record, const char *gitdir, gpointer data, GError **error)
{
    const Move *move = data;
    g_autofree char *path = g_build_filename(record, "gitdir", NULL);
    g_autofree char *text = g_strconcat(move->to, gitdir + strlen(move->from), "\n", NULL);

    return rs_file_write(path, text, strlen(text), error);
}

gboolean rs_tree_folder_move(RsTreeFolder *folder, const char *from, const char *to, GError **error)
{
    g_autofree char *old_path = g_build_filename(folder->path, from, NULL);
    g_autofree char *new_path = g_build_filename(folder->path, to, NULL);
    Move move = {old_path, new_path};

    if (rename(old_path, new_path) != 0)
        return fail(error, errno, "cannot be moved", old_path);
    for (guint i = 0; i < folder->repositories->len; i++)
        if (!for_records_below(g_ptr_array_index(folder->repositories, i), old_path, move_record,
                               &move, error))
            return FALSE;
    return TRUE;
}

/* --- the marker --- */

static gboolean write_marker(RsTreeFolder *folder, GError **error)
{
    g_autoptr(GString) text = g_string_new(MARKER_HEAD);
    gsize done = 0;

    if (folder->made)
        g_string_append(text, MADE_LINE "\n");
    for (guint i = 0; i < folder->repositories->len; i++)
        g_string_append_printf(text, REPOSITORY_PREFIX "%s\n",
                               (char *)g_ptr_array_index(folder->repositories, i));
    /* In place: the lock is on this very file. */
    while (done < text->len) {
        gssize n = pwrite(folder->lock_fd, text->str + done, text->len - done, (off_t)done);

        if (n < 0 && errno != EINTR)
            return fail(error, errno, "cannot be written", folder->marker);
        done += n > 0 ? (gsize)n : 0;
    }
    return ftruncate(folder->lock_fd, (off_t)text->len) == 0 ||
           fail(error, errno, "cannot be written", folder->marker);
}

static void add_repository(RsTreeFolder *folder, const char *repository)
{
    if (!g_ptr_array_find_with_equal_func(folder->repositories, repository, g_str_equal, NULL))
        g_ptr_array_add(folder->repositories, g_strdup(repository));
}

/* What an earlier run wrote into it. */
static void read_marker(RsTreeFolder *folder)
{
    gsize n_bytes;
    g_autofree guint8 *text = rs_file_read(folder->marker, MARKER_LIMIT_BYTES, &n_bytes, NULL);
    g_auto(GStrv) lines = text ? g_strsplit((const char *)text, "\n", -1) : NULL;

    for (char **line = lines; line && *line; line++)
        if (g_str_equal(*line, MADE_LINE))
            folder->made = TRUE;
        else if (g_str_has_prefix(*line, REPOSITORY_PREFIX "/"))
            add_repository(folder, *line + strlen(REPOSITORY_PREFIX));
}

gboolean rs_tree_folder_add_repository(RsTreeFolder *folder, const char *repository, GError **error)
{
    add_repository(folder, repository);
    return write_marker(folder, error);
}

/* --- opening and closing --- */

static gboolean is_empty(const char *path)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);

    return dir && !g_dir_read_name(dir);
}

/* Marked, or free to be. Where all may make folders, one of another user is a trap. */
static gboolean check_is_ours(const RsTreeFolder *folder, GError **error)
{
    g_autofree char *parent = g_path_get_dirname(folder->path);
    struct stat status, above, marker;

    if (lstat(folder->path, &status) != 0 || stat(parent, &above) != 0)
        return fail(error, errno, "cannot be used", folder->path);
    if (status.st_uid != geteuid() && (above.st_mode & S_IWOTH))
        return fail(error, EPERM, "belongs to another user", folder->path);
    if (lstat(folder->marker, &marker) == 0 ? S_ISREG(marker.st_mode) : is_empty(folder->path))
        return TRUE;
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_EXIST,
                "%s is not empty, and not a folder of rustscope's trees; give another one",
                folder->path);
    return FALSE;
}

/* The marker is the lock. Whoever held it before may have removed it as we waited at its door. */
static gboolean lock(RsTreeFolder *folder, GError **error)
{
    for (guint i = 0; i < LOCK_TRIES; i++) {
        struct stat ours, there;

        folder->lock_fd = open(folder->marker, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
        if (folder->lock_fd < 0)
            return fail(error, errno, "cannot be locked", folder->marker);
        if (flock(folder->lock_fd, LOCK_EX | LOCK_NB) != 0) {
            g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_AGAIN,
                        "another run of rustscope is at work in %s; wait for its end, or run this "
                        "one in a checkout of its own (git worktree add)",
                        folder->path);
            return FALSE;
        }
        if (fstat(folder->lock_fd, &ours) == 0 && stat(folder->marker, &there) == 0 &&
            ours.st_ino == there.st_ino && ours.st_dev == there.st_dev)
            return TRUE;
        close(folder->lock_fd);
        folder->lock_fd = -1;
    }
    return fail(error, EBUSY, "cannot be locked", folder->marker);
}

static gboolean clear(RsTreeFolder *folder, GError **error)
{
    g_autoptr(GDir) dir = g_dir_open(folder->path, 0, error);
    const char *name;

    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(folder->path, name, NULL);

        if (!g_str_equal(name, MARKER) && !remove_tree(path))
            return fail(error, EACCES, "is left from an earlier run and cannot be removed", path);
    }
    for (guint i = 0; dir && i < folder->repositories->len; i++)
        remove_records(g_ptr_array_index(folder->repositories, i), folder->path);
    return dir != NULL;
}

static gboolean make(RsTreeFolder *folder, const char *path, GError **error)
{
    g_autofree char *parent = g_path_get_dirname(path);

    if (g_mkdir_with_parents(parent, 0755) != 0)
        return fail(error, errno, "cannot be made", parent);
    folder->made = mkdir(path, 0755) == 0;
    if (!folder->made && errno != EEXIST)
        return fail(error, errno, "cannot be made", path);
    folder->path = realpath(path, NULL);
    if (!folder->path)
        return fail(error, errno, "cannot be used", path);
    folder->marker = g_build_filename(folder->path, MARKER, NULL);
    return TRUE;
}

/* Frees what there is, but leaves files and records alone: they may be another's. */
static void forget(RsTreeFolder *folder)
{
    if (folder->lock_fd >= 0)
        close(folder->lock_fd);
    free(folder->path);
    g_free(folder->marker);
    g_ptr_array_unref(folder->repositories);
    g_free(folder);
}

RsTreeFolder *rs_tree_folder_open(const char *path, const char *repository, GError **error)
{
    RsTreeFolder *folder = g_new0(RsTreeFolder, 1);
    g_autofree char *absolute = g_canonicalize_filename(path, NULL);

    folder->lock_fd = -1;
    folder->repositories = g_ptr_array_new_with_free_func(g_free);
    if (make(folder, absolute, error) && check_is_ours(folder, error) && lock(folder, error)) {
        read_marker(folder);
        add_repository(folder, repository);
        if (write_marker(folder, error) && clear(folder, error))
            return folder;
    }
    forget(folder);
    return NULL;
}

void rs_tree_folder_close(RsTreeFolder *folder)
{
    if (!folder)
        return;
    clear(folder, NULL);
    g_unlink(folder->marker);
    if (folder->made)
        g_rmdir(folder->path);
    forget(folder);
}

const char *rs_tree_folder_path(const RsTreeFolder *folder)
{
    return folder->path;
}

/* --- where --- */

/* Ours, or not there and to be made: in a folder that all may write to, a name can be waiting. */
static gboolean may_be_ours(const char *path)
{
    g_autofree char *parent = g_path_get_dirname(path);
    struct stat status;

    if (lstat(path, &status) == 0)
        return S_ISDIR(status.st_mode) && status.st_uid == geteuid();
    return access(parent, W_OK | X_OK) == 0;
}

char *rs_tree_folder_default(const char *top)
{
    g_autofree char *parent = g_path_get_dirname(top), *name = g_path_get_basename(top);
    g_autofree char *hidden = g_strconcat(".", name, ".rustscope", NULL);
    g_autofree char *beside = g_build_filename(parent, hidden, NULL);
    g_autofree char *sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, top, -1);
    g_autofree char *own = g_strdup_printf("rustscope-trees-%u-%.16s", (guint)geteuid(), sum);

    if (!g_str_equal(top, "/") && may_be_ours(beside))
        return g_steal_pointer(&beside);
    return g_build_filename(g_get_tmp_dir(), own, NULL);
}
