/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trial/program.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static gboolean is_executable(const char *path)
{
    return g_file_test(path, G_FILE_TEST_IS_REGULAR) && access(path, X_OK) == 0;
}

static char *in_working_directory(const RsProgram *program, const char *path)
{
    return g_canonicalize_filename(path, program->working_directory);
}

/* Relative PATH entries mean the program's working directory, as they will for the program itself.
 */
static char *along_path(const RsProgram *program, const char *name)
{
    g_auto(GStrv) folders =
        g_strsplit(g_getenv("PATH") ? g_getenv("PATH") : "/usr/bin:/bin", ":", -1);

    for (char **folder = folders; *folder; folder++) {
        g_autofree char *joined = g_build_filename(**folder ? *folder : ".", name, NULL);
        g_autofree char *path = in_working_directory(program, joined);

        if (is_executable(path))
            return g_steal_pointer(&path);
    }
    return NULL;
}

static gboolean hash_file(RsProgram *program, GError **error)
{
    g_autoptr(GMappedFile) file = g_mapped_file_new(program->executable_path, FALSE, error);

    if (!file)
        return FALSE;
    program->executable_bytes = (gint64)g_mapped_file_get_length(file);
    program->executable_sha256 = g_compute_checksum_for_data(
        G_CHECKSUM_SHA256, (const guchar *)g_mapped_file_get_contents(file),
        g_mapped_file_get_length(file));
    return TRUE;
}

gboolean rs_program_resolve(RsProgram *program, GError **error)
{
    const char *name = program->shell ? "/bin/sh" : program->argv[0];
    char *path =
        strchr(name, '/') ? in_working_directory(program, name) : along_path(program, name);

    g_clear_pointer(&program->executable_path, g_free);
    g_clear_pointer(&program->executable_sha256, g_free);
    if (!path || !is_executable(path)) {
        gboolean exists = path && g_file_test(path, G_FILE_TEST_EXISTS);

        g_set_error(error, G_FILE_ERROR, exists ? G_FILE_ERROR_ACCES : G_FILE_ERROR_NOENT,
                    exists ? "%s: not an executable file"
                    : path ? "%s: no such file"
                           : "%s: not found in PATH",
                    path ? path : name);
        g_free(path);
        return FALSE;
    }
    program->executable_path = path;
    return hash_file(program, error);
}

/* A run path with $ORIGIN makes the loaded libraries depend on the folder; a script may look beside
 * itself. */
static gboolean depends_on_its_place(const char *path)
{
    g_autoptr(GMappedFile) file = g_mapped_file_new(path, FALSE, NULL);
    const char *data;
    gsize n_bytes;

    if (!file)
        return TRUE;
    data = g_mapped_file_get_contents(file);
    n_bytes = g_mapped_file_get_length(file);
    return n_bytes < 4 || memcmp(data, "\177ELF", 4) != 0 ||
           memmem(data, n_bytes, "$ORIGIN", 7) != NULL ||
           memmem(data, n_bytes, "${ORIGIN}", 9) != NULL;
}

/* One file may be many programs, told apart by the name they are called by (busybox, xz and unxz):
 * such names are links. Copies under two names are the same program. */
static gboolean is_called_the_same(const RsProgram *a, const RsProgram *b)
{
    g_autofree char *name_a = g_path_get_basename(a->argv[0]);
    g_autofree char *name_b = g_path_get_basename(b->argv[0]);
    const char *const paths[] = {a->executable_path, b->executable_path};
    struct stat status;

    if (a->shell || g_str_equal(name_a, name_b))
        return TRUE;
    for (guint i = 0; i < G_N_ELEMENTS(paths); i++)
        if (lstat(paths[i], &status) != 0 || S_ISLNK(status.st_mode) || status.st_nlink > 1)
            return FALSE;
    return TRUE;
}

static gboolean same_strings(char **a, char **b)
{
    static char *none[] = {NULL};

    return g_strv_equal((const char *const *)(a ? a : none), (const char *const *)(b ? b : none));
}

gboolean rs_programs_are_identical(const RsProgram *a, const RsProgram *b)
{
    if (!a->executable_sha256 || g_strcmp0(a->executable_sha256, b->executable_sha256) != 0 ||
        a->shell != b->shell)
        return FALSE;
    if (!same_strings(a->argv + 1, b->argv + 1) || !same_strings(a->environment, b->environment) ||
        (a->shell && g_strcmp0(a->argv[0], b->argv[0]) != 0) ||
        g_strcmp0(a->working_directory, b->working_directory) != 0 ||
        g_strcmp0(a->stdin_path, b->stdin_path) != 0 || !is_called_the_same(a, b))
        return FALSE;
    return g_str_equal(a->executable_path, b->executable_path) ||
           !depends_on_its_place(a->executable_path);
}
