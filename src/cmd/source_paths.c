/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/source_paths.h"

#include <string.h>

#include "base/text.h"
#include "trial/vcs.h"
#include "trial/worktrees.h"

/* Folders of sources that are nobody's own, wherever they lie. */
static gboolean is_foreign(const char *path)
{
    static const char *const marks[] = {"/registry/src/", "/git/checkouts/", "/rustc/", "/vendor/",
                                        "/rustlib/src/"};

    for (guint i = 0; i < G_N_ELEMENTS(marks); i++)
        if (strstr(path, marks[i]))
            return TRUE;
    return FALSE;
}

/* An end of one name alone says little: any main.c would do. */
static char *by_its_end(GHashTable *files, const char *path)
{
    for (const char *end = path; end; end = strchr(end, '/')) {
        end += *end == '/';
        if (!strchr(end, '/'))
            return NULL;
        if (g_hash_table_contains(files, end))
            return g_strdup(end);
    }
    return NULL;
}

char *rs_source_path_in(GHashTable *files, char **tops, const char *path, gboolean is_own)
{
    g_autofree char *plain = g_path_is_absolute(path) ? g_canonicalize_filename(path, "/") : NULL;

    if (!plain)
        return g_hash_table_contains(files, path) ? g_strdup(path) : NULL;
    for (; *tops; tops++) {
        const char *below = rs_text_path_below(plain, *tops);

        if (below && g_hash_table_contains(files, below))
            return g_strdup(below);
    }
    return is_own && !is_foreign(plain) ? by_its_end(files, plain) : NULL;
}

static void add_top(GPtrArray *tops, const char *top)
{
    if (top && !g_ptr_array_find_with_equal_func(tops, top, g_str_equal, NULL))
        g_ptr_array_add(tops, g_strdup(top));
}

/* The top of the repository around a folder. Where two revisions show in turn under one path, the
 * compilers have seen that path and the capture has seen both trees: all three are tops. */
static void add_tops(GPtrArray *tops, const char *folder)
{
    g_auto(GStrv) trees = folder ? rs_worktrees_around(folder) : NULL;
    g_autofree char *top = trees ? NULL : rs_vcs_top(folder);

    add_top(tops, top);
    for (char **tree = trees; tree && *tree; tree++)
        add_top(tops, *tree);
}

/* Most benchmarks of a run share their folders: git is asked once for each. */
static char **tops_of(const RsSession *session)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    GPtrArray *tops = g_ptr_array_new();

    for (guint i = 0; i < session->benchmarks->len; i++) {
        const RsBenchmark *benchmark = g_ptr_array_index(session->benchmarks, i);

        for (RsArm arm = 0; arm < RS_N_ARMS; arm++) {
            const RsProgram *program = &benchmark->programs[arm];
            char *folder =
                program->executable_path ? g_path_get_dirname(program->executable_path) : NULL;

            if (folder && g_hash_table_add(seen, folder))
                add_tops(tops, folder);
            if (program->working_directory &&
                g_hash_table_add(seen, g_strdup(program->working_directory)))
                add_tops(tops, program->working_directory);
        }
    }
    add_tops(tops, NULL);
    g_ptr_array_add(tops, NULL);
    return (char **)g_ptr_array_free(tops, FALSE);
}

/* Of all of them: a baseline may have files that are gone now. */
static GHashTable *files_of(char **tops)
{
    GHashTable *all = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (; *tops; tops++) {
        g_autoptr(GHashTable) files = rs_vcs_files(*tops);
        GHashTableIter iter;
        gpointer path;

        if (!files)
            continue;
        g_hash_table_iter_init(&iter, files);
        while (g_hash_table_iter_next(&iter, &path, NULL))
            g_hash_table_add(all, g_strdup(path));
    }
    return all;
}

void rs_source_paths_settle(RsSession *session)
{
    g_auto(GStrv) tops = NULL;
    g_autoptr(GHashTable) files = NULL;

    if (!session->profile || !session->profile->functions->len)
        return;
    tops = tops_of(session);
    files = files_of(tops);
    for (guint i = 0; g_hash_table_size(files) && i < session->profile->functions->len; i++) {
        RsFunction *function = g_ptr_array_index(session->profile->functions, i);
        char *path = function->file ? rs_source_path_in(files, tops, function->file,
                                                        function->crate_kind == RS_CRATE_OWN)
                                    : NULL;

        if (path) {
            g_free(function->file);
            function->file = path;
        }
    }
}
