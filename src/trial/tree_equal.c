/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trial/tree_equal.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEPTH_LIMIT   64
#define FILES_LIMIT   1000000
#define COMPARE_LIMIT (G_GINT64_CONSTANT(4) * 1024 * 1024 * 1024) /* bytes; more takes too long */

typedef struct {
    const char *tops[2];
    RsTreeReads reads;
    gpointer data;
    const volatile int *stop;
    guint n_files;
    gint64 n_bytes;
} Comparison;

/* Folders of git and of cargo's own book-keeping. */
static gboolean is_passed_over(const char *name)
{
    static const char *const names[] = {".git", ".fingerprint", "incremental", NULL};

    return g_strv_contains(names, name);
}

/* What goes into a program when it is built, or nowhere; and what building leaves beside it. */
static gboolean is_not_for_running(const char *name)
{
    static const char *const suffixes[] = {"c",   "h",    "cc",    "cpp", "cxx",  "hh", "hpp",
                                           "hxx", "inl",  "s",     "S",   "asm",  "rs", "zig",
                                           "f90", "go",   "md",    "rst", "adoc", "o",  "d",
                                           "a",   "rlib", "rmeta", "lo",  NULL};
    static const char *const names[] = {
        "Cargo.toml",     "Cargo.lock",  "Makefile",      "GNUmakefile",    "CMakeLists.txt",
        "CODEOWNERS",     "LICENSE",     "COPYING",       "README",         "CHANGELOG",
        ".gitattributes", ".gitignore",  ".gitmodules",   ".clang-format",  ".editorconfig",
        "rustfmt.toml",   "build.ninja", "rustscope.yml", ".rustscope.yml", NULL};
    const char *dot = strrchr(name, '.');

    return g_strv_contains(names, name) || (dot && g_strv_contains(suffixes, dot + 1));
}

static gboolean may_differ(const Comparison *comparison, const char *path)
{
    g_autofree char *name = g_path_get_basename(path);

    return (is_not_for_running(name) || g_str_has_prefix(path, ".github/") ||
            g_str_has_prefix(path, ".gitlab/")) &&
           !(comparison->reads && comparison->reads(path, comparison->data));
}

static gboolean same_target(char *paths[2])
{
    g_autofree char *a = g_file_read_link(paths[0], NULL), *b = g_file_read_link(paths[1], NULL);

    return g_strcmp0(a, b) == 0;
}

static gboolean same_content(Comparison *comparison, char *paths[2], gint64 n_bytes)
{
    g_autoptr(GMappedFile) a = NULL, b = NULL;

    comparison->n_bytes += n_bytes;
    if (!n_bytes || comparison->n_bytes > COMPARE_LIMIT)
        return !n_bytes;
    a = g_mapped_file_new(paths[0], FALSE, NULL);
    b = g_mapped_file_new(paths[1], FALSE, NULL);
    return a && b && g_mapped_file_get_length(a) == g_mapped_file_get_length(b) &&
           memcmp(g_mapped_file_get_contents(a), g_mapped_file_get_contents(b),
                  g_mapped_file_get_length(a)) == 0;
}

static gboolean compare_folders(Comparison *comparison, const char *path, guint depth);

/* An entry that one of them may lack. */
static gboolean compare_entry(Comparison *comparison, const char *path, guint depth)
{
    char *paths[2] = {g_build_filename(comparison->tops[0], path, NULL),
                      g_build_filename(comparison->tops[1], path, NULL)};
    struct stat a, b;
    gboolean in_a = lstat(paths[0], &a) == 0, in_b = lstat(paths[1], &b) == 0;
    gboolean same = in_a && in_b && (a.st_mode & S_IFMT) == (b.st_mode & S_IFMT);
    gboolean folder = (in_a && S_ISDIR(a.st_mode)) || (in_b && S_ISDIR(b.st_mode));

    if (!folder && may_differ(comparison, path))
        same = TRUE;
    else if (folder)
        same = (same || !in_a || !in_b) && compare_folders(comparison, path, depth + 1);
    else if (same && S_ISREG(a.st_mode))
        same = (a.st_mode & 0111) == (b.st_mode & 0111) && a.st_size == b.st_size &&
               same_content(comparison, paths, a.st_size);
    else if (same && S_ISLNK(a.st_mode))
        same = same_target(paths);
    g_free(paths[0]);
    g_free(paths[1]);
    return same;
}

static void add_names(GHashTable *names, const char *top, const char *path)
{
    g_autofree char *folder = g_build_filename(top, path, NULL);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;

    while (dir && (name = g_dir_read_name(dir)))
        if (!is_passed_over(name))
            g_hash_table_add(names, g_strdup(name));
}

static gboolean compare_folders(Comparison *comparison, const char *path, guint depth)
{
    g_autoptr(GHashTable) names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    GHashTableIter iter;
    gpointer name;

    for (guint i = 0; i < 2; i++)
        add_names(names, comparison->tops[i], path);
    comparison->n_files += g_hash_table_size(names);
    if (depth > DEPTH_LIMIT || comparison->n_files > FILES_LIMIT ||
        (comparison->stop && *comparison->stop))
        return FALSE;
    g_hash_table_iter_init(&iter, names);
    while (g_hash_table_iter_next(&iter, &name, NULL)) {
        g_autofree char *below = *path ? g_build_filename(path, name, NULL) : g_strdup(name);

        if (!compare_entry(comparison, below, depth))
            return FALSE;
    }
    return TRUE;
}

gboolean rs_trees_are_equal_to_run(const char *a, const char *b, RsTreeReads reads, gpointer data,
                                   const volatile int *stop)
{
    Comparison comparison = {.tops = {a, b}, .reads = reads, .data = data, .stop = stop};

    return compare_folders(&comparison, "", 0);
}
