/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of src/format share: the cases of a fixtures folder, and the two oracles, a JSON
 * Schema validator and another language's JSON reader. Tests run from the top of the source. */
#ifndef RS_TESTS_FORMAT_FIXTURES_H
#define RS_TESTS_FORMAT_FIXTURES_H

#include <check.h>
#include <gio/gio.h>
#include <glib.h>
#include <glib/gstdio.h>

#include "tests/unit/run.h"

static inline GBytes *fixture_bytes(const char *path)
{
    char *text = NULL;
    gsize n_bytes = 0;

    ck_assert_msg(g_file_get_contents(path, &text, &n_bytes, NULL), "cannot read %s", path);
    return g_bytes_new_take(text, n_bytes);
}

/* The folders below folder, sorted. */
static inline GPtrArray *fixture_cases(const char *folder)
{
    GPtrArray *cases = g_ptr_array_new_with_free_func(g_free);
    GDir *dir = g_dir_open(folder, 0, NULL);
    const char *name;

    ck_assert_msg(dir != NULL, "no folder %s", folder);
    while ((name = g_dir_read_name(dir)))
        g_ptr_array_add(cases, g_build_filename(folder, name, NULL));
    g_dir_close(dir);
    ck_assert_uint_gt(cases->len, 0);
    return cases;
}

/* Runs a command; its standard output without the last newline. */
static inline char *output_of(const char *const *argv, int *exit_status)
{
    GError *error = NULL;
    char *output, *problems;
    int wait_status;

    ck_assert_msg(g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &output,
                               &problems, &wait_status, &error),
                  "%s", error ? error->message : "");
    ck_assert_msg(!*problems, "%s", problems);
    g_free(problems);
    *exit_status = g_spawn_check_wait_status(wait_status, NULL) ? 0 : 1;
    return g_strchomp(output);
}

/* Writes to a new file in a folder of its own; the path is yours. */
static inline char *temporary_path(const char *name)
{
    char *folder = g_dir_make_tmp("rustscope-test-XXXXXX", NULL);
    char *path = g_build_filename(folder, name, NULL);

    g_free(folder);
    return path;
}

static inline void remove_temporary(char *path)
{
    g_autofree char *folder = g_path_get_dirname(path);

    g_unlink(path);
    g_rmdir(folder);
    g_free(path);
}

static inline void assert_complies(const char *schema, GBytes *document, const char *what)
{
    char *path = temporary_path("document.json");
    const char *argv[] = {"/usr/bin/python3", "tests/lib/validate-json", schema, path, NULL};
    g_autofree char *violations = NULL;
    int exit_status;

    ck_assert(g_file_set_contents(path, g_bytes_get_data(document, NULL),
                                  (gssize)g_bytes_get_size(document), NULL));
    violations = output_of(argv, &exit_status);
    ck_assert_msg(exit_status == 0, "%s: %s", what, violations);
    remove_temporary(path);
}

/* Both documents hold the same values as a Python program sees them, apart from the keys that are
 * null or absent and from whole numbers written as reals. */
static inline void assert_same_values(const char *path, GBytes *document, const char *ignored_key)
{
    static const char program[] =
        "import json, sys\n"
        "def bare(x):\n"
        "    if isinstance(x, dict):\n"
        "        return {k: bare(v) for k, v in x.items() if v is not None}\n"
        "    return [bare(v) for v in x] if isinstance(x, list) else x\n"
        "def missing(a, b, at=''):\n"
        "    if isinstance(a, dict) and isinstance(b, dict):\n"
        "        for k in a: missing(a[k], b.get(k), at + '.' + k)\n"
        "    elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):\n"
        "        for i, (v, w) in enumerate(zip(a, b)): missing(v, w, f'{at}[{i}]')\n"
        "    elif a != b or isinstance(a, bool) != isinstance(b, bool): print(at, a, b)\n"
        "a = json.load(open(sys.argv[1], encoding='utf-8-sig'))\n"
        "b = json.load(open(sys.argv[2], encoding='utf-8'))\n"
        "a.pop(sys.argv[3], 0)\n"
        "missing(bare(a), bare(b))\n";
    char *copy = temporary_path("document.json");
    const char *argv[] = {"/usr/bin/python3", "-c", program, path, copy, ignored_key, NULL};
    g_autofree char *differences = NULL;
    int exit_status;

    ck_assert(g_file_set_contents(copy, g_bytes_get_data(document, NULL),
                                  (gssize)g_bytes_get_size(document), NULL));
    differences = output_of(argv, &exit_status);
    ck_assert_msg(exit_status == 0 && !*differences, "%s: %s", path, differences);
    remove_temporary(copy);
}

/* The message of the error is the content of the case's expected-error. */
static inline void assert_expected_error(const char *folder, const GError *error)
{
    g_autofree char *path = g_build_filename(folder, "expected-error", NULL);
    g_autofree char *expected = NULL;

    ck_assert_msg(error != NULL, "%s was accepted", folder);
    ck_assert_msg(g_file_get_contents(path, &expected, NULL, NULL), "%s: %s", path, error->message);
    g_strchomp(expected);
    ck_assert_msg(g_str_equal(expected, error->message), "%s:\n  expected %s\n  got      %s",
                  folder, expected, error->message);
}

#endif
