/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trial/tree_program.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "trial/plan.h"

#define SHELL_SEPARATORS " \t\n;|&()<>'\"`"
#define SHOWN_CHARS      300

static gboolean is_in(const char *path, const char *folder)
{
    gsize n = strlen(folder);

    return strncmp(path, folder, n) == 0 && path[n] == '/';
}

static gboolean is_executable(const char *path, struct stat *status)
{
    return stat(path, status) == 0 && S_ISREG(status->st_mode) && access(path, X_OK) == 0;
}

/* The time of the last change of any kind: a copy or a link may keep the older time of writing. */
static gboolean is_since(const struct stat *status, const struct timespec *since)
{
    return status->st_ctim.tv_sec > since->tv_sec ||
           (status->st_ctim.tv_sec == since->tv_sec && status->st_ctim.tv_nsec > since->tv_nsec);
}

static gboolean refuse(GError **error, const char *path, const char *why, const char *instead)
{
    g_autofree char *plain = rs_text_plain(path, -1, FALSE, SHOWN_CHARS);
    g_autofree char *advice = rs_text_plain(instead, -1, FALSE, SHOWN_CHARS);

    g_set_error(error, RS_PLAN_ERROR, RS_PLAN_ERROR_INVALID, "%s %s '%s'", plain, why, advice);
    return FALSE;
}

/* path: absolute, as the command has it. */
static gboolean check_path(const RsTreePlace *place, const char *path, GError **error)
{
    g_autofree char *real = realpath(path, NULL);
    const char *at = real ? real : path; /* what the checkout lacks the tree may have */
    struct stat status;

    if (is_in(at, place->arm_path) || (!real && is_in(at, place->tree)))
        return TRUE;
    if (place->top && is_in(at, place->top)) {
        g_autofree char *own = g_strconcat(place->arm_path, at + strlen(place->top), NULL);

        if (is_executable(own, &status))
            return refuse(error, at,
                          "is the checkout's, and would be run on both sides; give its path from "
                          "the top of the repository:",
                          at + strlen(place->top) + 1);
    }
    if (real && is_executable(real, &status) && is_since(&status, &place->since)) {
        g_autofree char *name = g_path_get_basename(real);

        return refuse(error, real,
                      "was written by the builds outside of their trees, so that the one of the "
                      "change has replaced the one of the baseline, and would be run on both "
                      "sides; let the build leave it in its tree (with cp at its end), and give "
                      "its path there:",
                      name);
    }
    return TRUE;
}

static gboolean check_word(const RsTreePlace *place, const RsProgram *program, const char *word,
                           GError **error)
{
    const char *folder = program->working_directory ? program->working_directory : place->tree;
    g_autofree char *path =
        strchr(word, '/') ? g_canonicalize_filename(word, folder) : g_find_program_in_path(word);

    return !path || !g_path_is_absolute(path) || check_path(place, path, error);
}

gboolean rs_tree_program_check(const RsTreePlace *place, const RsProgram *program, GError **error)
{
    g_auto(GStrv) words = program->shell ? g_strsplit_set(program->argv[0], SHELL_SEPARATORS, -1)
                                         : g_strdupv(program->argv);

    for (char **word = words; *word; word++) {
        const char *value = strchr(*word, '=');

        if (**word && !check_word(place, program, *word, error))
            return FALSE;
        if (value && value[1] && !check_word(place, program, value + 1, error))
            return FALSE;
    }
    return TRUE;
}
