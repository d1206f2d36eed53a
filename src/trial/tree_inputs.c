/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trial/tree_inputs.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "trial/git.h"
#include "trial/plan.h"

#define SHOWN_CHARS      200
#define SHELL_SEPARATORS " \t\n;|&()<>'\"`"

static const char built_outside[] = "a build wrote outside of its revision's tree";
static const char in_checkout[] = "lies in the checkout and not in a revision's tree";

static gboolean is_in_a_tree(const RsTreeInputs *inputs, const char *path)
{
    for (RsArm arm = 0; arm < RS_N_ARMS; arm++) {
        g_autofree char *real = realpath(inputs->arm_paths[arm], NULL);

        if (real && rs_text_path_below(path, real))
            return TRUE;
    }
    return FALSE;
}

/* The file that the arm finds at a path, whichever arm the trees show now. NULL: none. */
static char *found_by(const RsTreeInputs *inputs, RsArm arm, const char *path)
{
    const char *below = rs_text_path_below(path, inputs->path);
    g_autofree char *there =
        below ? g_strconcat(inputs->arm_paths[arm], "/", below, NULL) : g_strdup(path);

    return realpath(there, NULL);
}

/* The one file outside of the trees that both arms find; NULL: each has its own, or none. */
static char *shared_file(const RsTreeInputs *inputs, const char *path)
{
    g_autofree char *baseline = found_by(inputs, RS_ARM_BASELINE, path);
    g_autofree char *current = found_by(inputs, RS_ARM_CURRENT, path);

    return baseline && g_strcmp0(baseline, current) == 0 && !is_in_a_tree(inputs, baseline)
               ? g_steal_pointer(&baseline)
               : NULL;
}

/* Of the change of the file itself: times of content can be set, and are, by install -p. */
static gboolean is_built(const RsTreeInputs *inputs, const char *path)
{
    struct stat about;

    return inputs->builds_began_ns && stat(path, &about) == 0 && S_ISREG(about.st_mode) &&
           about.st_ctim.tv_sec * RS_NS_PER_S + about.st_ctim.tv_nsec >= inputs->builds_began_ns;
}

static char *shown(const char *path)
{
    return rs_text_plain(path, -1, FALSE, SHOWN_CHARS);
}

static gboolean refuse(const char *path, const char *why, GError **error)
{
    g_autofree char *plain = shown(path);

    g_set_error(error, RS_PLAN_ERROR, RS_PLAN_ERROR_INVALID,
                "both revisions would run %s, which %s: the change would be compared with itself. "
                "Build it below the folder that the build starts in, and name it by a path "
                "relative to that",
                plain, why);
    return FALSE;
}

static gboolean check_program(const RsTreeInputs *inputs, const RsProgram *program, GError **error)
{
    g_autofree char *file = shared_file(inputs, program->executable_path);
    /* What is found along PATH is a tool, wherever a job keeps its tools. */
    gboolean is_named = !program->shell && strchr(program->argv[0], '/');

    if (file && is_named && inputs->checkout && rs_text_path_below(file, inputs->checkout))
        return refuse(file, in_checkout, error);
    return !file || !is_built(inputs, file) || refuse(file, built_outside, error);
}

static void warn(GPtrArray *warnings, const char *path, const char *sentence)
{
    g_autofree char *plain = shown(path);

    g_ptr_array_add(warnings, g_strdup_printf("%s, which it is given, %s", plain, sentence));
}

/* Name of what a revision has at a path below its top; NULL: nothing. */
static char *object_of(const RsTreeInputs *inputs, RsArm arm, const char *path)
{
    g_autofree char *name = g_strconcat(inputs->revisions[arm], ":", path, NULL);

    return rs_git_line(inputs->repository,
                       (const char *const[]){"rev-parse", "--verify", "--quiet", name, NULL}, NULL);
}

static gboolean differs(const RsTreeInputs *inputs, const char *path)
{
    g_autofree char *baseline = object_of(inputs, RS_ARM_BASELINE, path);
    g_autofree char *current = object_of(inputs, RS_ARM_CURRENT, path);

    return g_strcmp0(baseline, current) != 0;
}

/* What a program is started with. */
typedef struct {
    char **paths;     /* of all words that may name a file, also behind a = */
    gboolean has_own; /* the program, or one of them, is in the tree */
} Given;

static void given_clear(Given *given)
{
    g_strfreev(given->paths);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Given, given_clear)

static char *path_of(const RsTreeInputs *inputs, const RsProgram *program, const char *word)
{
    const char *folder = program->working_directory ? program->working_directory : inputs->path;
    g_autofree char *path = g_canonicalize_filename(word, folder);
    g_autofree char *tool = NULL;

    if (!strchr(word, '/') && !g_file_test(path, G_FILE_TEST_EXISTS))
        tool = g_find_program_in_path(word);
    return tool ? g_steal_pointer(&tool) : g_steal_pointer(&path);
}

static Given given_to(const RsTreeInputs *inputs, const RsProgram *program)
{
    g_auto(GStrv) split = program->shell ? g_strsplit_set(program->argv[0], SHELL_SEPARATORS, -1)
                                         : g_strdupv(program->argv + 1);
    g_autoptr(GPtrArray) words = g_ptr_array_new();
    g_autoptr(GStrvBuilder) paths = g_strv_builder_new();
    Given given = {.has_own = rs_text_path_below(program->executable_path, inputs->path) != NULL};

    for (char **word = split; *word; word++) {
        char *equals = strchr(*word, '=');

        g_ptr_array_add(words, *word);
        if (equals)
            g_ptr_array_add(words, equals + 1);
    }
    if (program->stdin_path)
        g_ptr_array_add(words, program->stdin_path);
    for (guint i = 0; i < words->len; i++) {
        const char *word = g_ptr_array_index(words, i);
        g_autofree char *path = *word ? path_of(inputs, program, word) : NULL;

        if (!path)
            continue;
        given.has_own = given.has_own || (rs_text_path_below(path, inputs->path) &&
                                          g_file_test(path, G_FILE_TEST_EXISTS));
        g_strv_builder_add(paths, path);
    }
    given.paths = g_strv_builder_end(paths);
    return given;
}

/* One word. Given to a tool of the system it may be the program: a script, what `nice` starts. */
static gboolean check_given(const RsTreeInputs *inputs, const RsProgram *program,
                            const Given *given, const char *path, GPtrArray *warnings,
                            GError **error)
{
    const char *in_tree = rs_text_path_below(path, inputs->path);
    gboolean is_of_own = rs_text_path_below(program->executable_path, inputs->path) != NULL;
    g_autofree char *file = shared_file(inputs, path);
    gboolean is_program = file && !is_of_own && (!given->has_own || access(file, X_OK) == 0) &&
                          g_file_test(file, G_FILE_TEST_IS_REGULAR);

    if (is_of_own && in_tree && differs(inputs, in_tree))
        warn(warnings, in_tree, "differs between the revisions: each side was given its own");
    if (is_program && inputs->checkout && rs_text_path_below(file, inputs->checkout))
        return refuse(file, in_checkout, error);
    if (!file || !is_built(inputs, file))
        return TRUE;
    if (is_program)
        return refuse(file, built_outside, error);
    warn(warnings, file,
         "was written by a build outside of its revision's tree: both sides were given the same");
    return TRUE;
}

gboolean rs_tree_inputs_check(const RsTreeInputs *inputs, const RsProgram *program,
                              GPtrArray *warnings, GError **error)
{
    g_auto(Given) given = given_to(inputs, program);

    if (!check_program(inputs, program, error))
        return FALSE;
    for (char **path = given.paths; *path; path++)
        if (!check_given(inputs, program, &given, *path, warnings, error))
            return FALSE;
    return TRUE;
}
