/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trial/worktrees.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/child_env.h"
#include "base/clock.h"
#include "base/text.h"
#include "trial/git.h"
#include "trial/revisions.h"
#include "trial/tree_build.h"
#include "trial/tree_caches.h"
#include "trial/tree_equal.h"
#include "trial/tree_folder.h"
#include "trial/tree_inputs.h"
#include "trial/tree_parts.h"

#define TREE         "tree"
#define NEXT_LINK    ".turn"
#define SHORT_COMMIT 12

G_DEFINE_QUARK(rs - worktrees - error - quark, rs_worktrees_error)

/* Of one length: a program that asks for its working directory gets as many bytes in both arms. */
static const char *const arm_folders[RS_N_ARMS] = {"baseline", "current_"};

struct RsWorktrees {
    RsTreeFolder *folder;
    char *top;                 /* of the checkout; NULL: a bare repository */
    char *git_folder, *common; /* of the checkout, and what all its worktrees share */
    char *path, *next;         /* FOLDER/tree, and what replaces it */
    char *arm_paths[RS_N_ARMS];
    char *revisions[RS_N_ARMS];
    GPtrArray *warnings;
    const volatile int *stop;
    gint64 builds_began_ns; /* as files are dated; 0: nothing is built */
};

/* The errors of the rooms below become ours. */
static gboolean pass_on(GError **error, GError *from)
{
    gboolean interrupted = g_error_matches(from, RS_GIT_ERROR, RS_GIT_ERROR_INTERRUPTED) ||
                           g_error_matches(from, RS_LAUNCHER_ERROR, RS_LAUNCHER_ERROR_INTERRUPTED);

    if (from->domain == RS_WORKTREES_ERROR) {
        g_propagate_error(error, from);
        return FALSE;
    }
    g_set_error_literal(error, RS_WORKTREES_ERROR,
                        interrupted ? RS_WORKTREES_ERROR_INTERRUPTED : RS_WORKTREES_ERROR_GIT,
                        from->message);
    g_error_free(from);
    return FALSE;
}

/* --- the repository --- */

/* A path that git answers, which may be relative to the folder it was asked in. */
static char *ask_path(const char *repository, const char *question, GError **error)
{
    const char *const arguments[] = {"rev-parse", question, NULL};
    g_autofree char *answer = rs_git_line(repository, arguments, error);
    g_autofree char *folder = answer ? realpath(repository ? repository : ".", NULL) : NULL;

    return folder ? g_canonicalize_filename(answer, folder) : NULL;
}

static gboolean find_repository(RsWorktrees *trees, const RsWorktreesOptions *options,
                                GError **error)
{
    trees->git_folder = ask_path(options->repository, "--git-dir", error);
    trees->common =
        trees->git_folder ? ask_path(options->repository, "--git-common-dir", error) : NULL;
    if (!trees->common)
        return FALSE;
    trees->top = ask_path(options->repository, "--show-toplevel", NULL);
    for (RsArm arm = 0; arm < RS_N_ARMS; arm++) {
        trees->revisions[arm] =
            rs_revision_resolve(options->repository, options->revisions[arm], error);
        if (!trees->revisions[arm])
            return FALSE;
    }
    return rs_tree_caches_check(options->caches, error);
}

static gboolean open_folder(RsWorktrees *trees, const RsWorktreesOptions *options, GError **error)
{
    g_autofree char *place = options->folder
                                 ? g_strdup(options->folder)
                                 : rs_tree_folder_default(trees->top ? trees->top : trees->common);
    const char *path;

    trees->folder = rs_tree_folder_open(place, trees->common, error);
    if (!trees->folder)
        return FALSE;
    path = rs_tree_folder_path(trees->folder);
    trees->path = g_build_filename(path, TREE, NULL);
    trees->next = g_build_filename(path, NEXT_LINK, NULL);
    for (RsArm arm = 0; arm < RS_N_ARMS; arm++)
        trees->arm_paths[arm] = g_build_filename(path, arm_folders[arm], NULL);
    return TRUE;
}

/* --- what builds and programs see --- */

/* A variable that holds the checkout's own path (GITHUB_WORKSPACE, CI_PROJECT_DIR, PWD) holds the
 * tree's: what goes there would build, or run, the checkout, twice. A folder for cargo's results
 * outside of the trees would be one for both. */
char **rs_worktrees_environment(char **environment, gpointer data)
{
    const RsWorktrees *trees = data;
    g_auto(GStrv) names = g_new0(char *, g_strv_length(environment) + 1);
    guint n = 0;

    for (char **entry = environment; *entry; entry++)
        names[n++] = g_strndup(*entry, strcspn(*entry, "="));
    for (char **name = names; *name; name++) {
        const char *value = g_environ_getenv(environment, *name);

        if (trees->top && g_strcmp0(value, trees->top) == 0)
            environment = g_environ_setenv(environment, *name, trees->path, TRUE);
        else if (g_str_equal(*name, "GIT_DIR") || g_str_equal(*name, "GIT_WORK_TREE") ||
                 g_str_equal(*name, "GIT_INDEX_FILE") || g_str_equal(*name, "GIT_COMMON_DIR") ||
                 g_str_equal(*name, "GIT_OBJECT_DIRECTORY") || g_str_equal(*name, "GIT_PREFIX"))
            environment = g_environ_unsetenv(environment, *name);
    }
    for (guint i = 0; i < 2; i++) {
        const char *name = i ? "CARGO_BUILD_TARGET_DIR" : "CARGO_TARGET_DIR";
        const char *value = g_environ_getenv(environment, name);
        g_autofree char *own = g_build_filename(trees->path, "target", NULL);

        if (value && g_path_is_absolute(value))
            environment = g_environ_setenv(environment, name, own, TRUE);
    }
    return g_environ_setenv(environment, "PWD", trees->path, TRUE);
}

static RsTreeCommand command_for(const RsWorktrees *trees, const RsWorktreesOptions *options,
                                 const char *pipe_path, char **environment)
{
    return (RsTreeCommand){
        .folder = trees->path,
        .pipe_path = pipe_path,
        .environment = environment,
        .timeout_s = options->timeout_s,
        .show_output = options->show_output,
        .stop = options->stop,
    };
}

/* --- one tree --- */

static void tell(const RsWorktreesOptions *options, const char *what, RsArm arm)
{
    if (options->on_phase)
        options->on_phase(what, arm, options->data);
}

static gboolean check_out(RsWorktrees *trees, const RsWorktreesOptions *options, RsArm arm,
                          GError **error)
{
    const char *const add[] = {
        "worktree", "add", "-q", "--detach", "--", trees->path, trees->revisions[arm], NULL};
    const char *const git_folders[] = {trees->git_folder, trees->common, NULL};
    RsGit git = {.folder = options->repository, .arguments = add, .stop = options->stop};
    g_autofree char *added = NULL;

    tell(options, "checking out", arm);
    added = rs_git(&git, NULL, error);
    return added &&
           rs_tree_parts_add_submodules(trees->folder, trees->path, git_folders, options->stop,
                                        trees->warnings, error) &&
           rs_tree_parts_fill_lfs(trees->path, options->stop, trees->warnings, error);
}

static gboolean hand_caches(RsWorktrees *trees, const RsWorktreesOptions *options,
                            RsLauncher *launcher, const RsTreeCommand *command, RsArm arm,
                            GError **error)
{
    if (!trees->top || !options->caches || !*options->caches || !options->build_commands[arm])
        return TRUE;
    tell(options, "copying caches", arm);
    return rs_tree_caches_copy(launcher, command, options->caches, trees->top, trees->path,
                               error) &&
           rs_tree_caches_age(trees->top, trees->path, options->stop, error);
}

static void set_build_error(const RsWorktrees *trees, RsArm arm, const char *command,
                            const RsTreeCommandResult *result, GError **error)
{
    const char *output = *result->output ? result->output : "(it printed nothing)";
    g_autoptr(GString) notes = g_string_new(NULL);

    for (guint i = 0; i < trees->warnings->len; i++)
        g_string_append_printf(notes, "%s\n", (char *)g_ptr_array_index(trees->warnings, i));
    if (result->missing_command)
        g_set_error(error, RS_WORKTREES_ERROR, RS_WORKTREES_ERROR_NO_TOOLCHAIN,
                    "%s is not installed here, and `%s` needs it to build the %s (%.*s). The image "
                    "of the Docker action has no compilers: build where the tools are (with "
                    "actions/setup, in a job on the host or in an image of yours, `rustscope ci` "
                    "runs there), or hand over two finished programs (baseline and current).\n%s%s",
                    result->missing_command, command, rs_arm_names[arm], SHORT_COMMIT,
                    trees->revisions[arm], notes->str, output);
    else
        g_set_error(error, RS_WORKTREES_ERROR,
                    arm == RS_ARM_BASELINE ? RS_WORKTREES_ERROR_BASELINE
                                           : RS_WORKTREES_ERROR_CURRENT,
                    "the %s (%.*s) cannot be built: `%s` %s\n%s%s", rs_arm_names[arm], SHORT_COMMIT,
                    trees->revisions[arm], command, result->reason, notes->str, output);
}

static gboolean build(RsWorktrees *trees, const RsWorktreesOptions *options, RsLauncher *launcher,
                      const RsTreeCommand *like, RsArm arm, GError **error)
{
    const char *const argv[] = {"/bin/sh", "-e", "-c", options->build_commands[arm], NULL};
    RsTreeCommand command = *like;
    RsTreeCommandResult result;
    gboolean succeeded;

    if (!options->build_commands[arm])
        return TRUE;
    if (!trees->builds_began_ns)
        trees->builds_began_ns = rs_clock_ns(CLOCK_REALTIME_COARSE);
    tell(options, "building", arm);
    command.argv = argv;
    if (!rs_tree_command_run(launcher, &command, &result, error))
        return FALSE;
    succeeded = result.succeeded;
    if (!succeeded)
        set_build_error(trees, arm, argv[3], &result, error);
    rs_tree_command_result_clear(&result);
    return succeeded;
}

/* Checks out and builds in FOLDER/tree, and makes room there for the next. */
static gboolean make_tree(RsWorktrees *trees, const RsWorktreesOptions *options,
                          RsLauncher *launcher, RsArm arm, GError **error)
{
    g_autofree char *pipe_path =
        g_build_filename(rs_tree_folder_path(trees->folder), ".output", NULL);
    g_auto(GStrv) environment =
        rs_worktrees_environment(rs_child_env(environ, options->pass_environment, NULL), trees);
    RsTreeCommand command = command_for(trees, options, pipe_path, environment);

    return check_out(trees, options, arm, error) &&
           hand_caches(trees, options, launcher, &command, arm, error) &&
           build(trees, options, launcher, &command, arm, error) &&
           rs_tree_folder_move(trees->folder, TREE, arm_folders[arm], error);
}

/* --- the whole --- */

static gboolean make_trees(RsWorktrees *trees, const RsWorktreesOptions *options, GError **error)
{
    g_autoptr(RsLauncher) launcher = rs_launcher_new(error);
    g_autoptr(GError) broken = NULL;

    if (!launcher)
        return FALSE;
    if (!make_tree(trees, options, launcher, RS_ARM_BASELINE, &broken)) {
        if (!g_error_matches(broken, RS_WORKTREES_ERROR, RS_WORKTREES_ERROR_BASELINE) ||
            !rs_tree_folder_move(trees->folder, TREE, arm_folders[RS_ARM_BASELINE], NULL)) {
            g_propagate_error(error, g_steal_pointer(&broken));
            return FALSE;
        }
    }
    if (!make_tree(trees, options, launcher, RS_ARM_CURRENT, error))
        return FALSE;
    if (!broken)
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&broken));
    return FALSE;
}

RsWorktrees *rs_worktrees_new(const RsWorktreesOptions *options, GError **error)
{
    g_autoptr(RsWorktrees) trees = g_new0(RsWorktrees, 1);
    GError *own = NULL;

    trees->warnings = g_ptr_array_new_with_free_func(g_free);
    trees->stop = options->stop;
    if (find_repository(trees, options, &own) && open_folder(trees, options, &own) &&
        make_trees(trees, options, &own) && rs_worktrees_turn(trees, RS_ARM_BASELINE, &own))
        return g_steal_pointer(&trees);
    pass_on(error, own);
    return NULL;
}

void rs_worktrees_free(RsWorktrees *trees)
{
    if (!trees)
        return;
    rs_tree_folder_close(trees->folder);
    for (RsArm arm = 0; arm < RS_N_ARMS; arm++) {
        g_free(trees->arm_paths[arm]);
        g_free(trees->revisions[arm]);
    }
    g_free(trees->top);
    g_free(trees->git_folder);
    g_free(trees->common);
    g_free(trees->path);
    g_free(trees->next);
    g_ptr_array_unref(trees->warnings);
    g_free(trees);
}

const char *rs_worktrees_revision(const RsWorktrees *trees, RsArm arm)
{
    return trees->revisions[arm];
}

const char *rs_worktrees_path(const RsWorktrees *trees)
{
    return trees->path;
}

const char *rs_worktrees_arm_path(const RsWorktrees *trees, RsArm arm)
{
    return trees->arm_paths[arm];
}

const GPtrArray *rs_worktrees_warnings(const RsWorktrees *trees)
{
    return trees->warnings;
}

/* --- turning --- */

/* Also when it points there already: what is done before a launch is the same for both arms. */
gboolean rs_worktrees_turn(RsWorktrees *trees, RsArm arm, GError **error)
{
    if (symlink(arm_folders[arm], trees->next) == 0 && rename(trees->next, trees->path) == 0)
        return TRUE;
    g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno), "%s: %s", trees->path,
                g_strerror(errno));
    g_unlink(trees->next);
    return FALSE;
}

gboolean rs_worktrees_before_arm(RsArm arm, gpointer trees, GError **error)
{
    return rs_worktrees_turn(trees, arm, error);
}

/* --- is it the same program? --- */

static gboolean is_elf(const char *path)
{
    g_autoptr(GMappedFile) file = g_mapped_file_new(path, FALSE, NULL);

    return file && g_mapped_file_get_length(file) > 4 &&
           memcmp(g_mapped_file_get_contents(file), "\177ELF", 4) == 0;
}

typedef struct {
    const RsWorktrees *trees;
    const RsProgram *program;
} Reading;

/* Whether a word of the command, or what is behind its "=", is the path or a folder around it. */
static gboolean names_it(const Reading *reading, const char *word, const char *path)
{
    const RsWorktrees *trees = reading->trees;
    const char *folder = reading->program->working_directory;
    g_autofree char *named =
        g_canonicalize_filename(word, folder ? folder : trees->path); /* absolute stays */
    g_autofree char *wanted = g_build_filename(trees->path, path, NULL);

    return g_str_equal(named, wanted) || rs_text_path_below(wanted, named);
}

static gboolean reads(const char *path, gpointer data)
{
    const Reading *reading = data;
    const RsProgram *program = reading->program;

    for (char **word = program->argv + 1; *word; word++) {
        const char *value = strchr(*word, '=');

        if (names_it(reading, *word, path) ||
            (value && value[1] && names_it(reading, value + 1, path)))
            return TRUE;
    }
    return program->stdin_path && names_it(reading, program->stdin_path, path);
}

/* A script, or a program of the system that is given one, may read any file of its tree. */
gboolean rs_worktrees_is_same_around(const RsProgram *program, gpointer data)
{
    const RsWorktrees *trees = data;
    Reading reading = {trees, program};

    return !program->shell && program->executable_path &&
           rs_text_path_below(program->executable_path, trees->path) &&
           is_elf(program->executable_path) &&
           rs_trees_are_equal_to_run(trees->arm_paths[RS_ARM_BASELINE],
                                     trees->arm_paths[RS_ARM_CURRENT], reads, &reading,
                                     trees->stop);
}

gboolean rs_worktrees_check(const RsProgram *program, GPtrArray *warnings, gpointer data,
                            GError **error)
{
    const RsWorktrees *trees = data;
    RsTreeInputs inputs = {.path = trees->path,
                           .repository = trees->common,
                           .checkout = trees->top,
                           .builds_began_ns = trees->builds_began_ns};

    for (RsArm arm = 0; arm < RS_N_ARMS; arm++) {
        inputs.arm_paths[arm] = trees->arm_paths[arm];
        inputs.revisions[arm] = trees->revisions[arm];
    }
    return rs_tree_inputs_check(&inputs, program, warnings, error);
}

/* --- for those who look at sources later --- */

char **rs_worktrees_around(const char *path)
{
    g_autofree char *at = g_strdup(path);
    char *slash;

    for (; *at; *slash = '\0') {
        g_autofree char *target = g_file_read_link(at, NULL);
        g_autofree char *folder = target ? g_path_get_dirname(at) : NULL;
        g_autofree char *base = folder ? g_build_filename(folder, arm_folders[0], NULL) : NULL;
        g_autofree char *current = folder ? g_build_filename(folder, arm_folders[1], NULL) : NULL;

        if (target && g_str_has_suffix(at, "/" TREE) &&
            (g_str_equal(target, arm_folders[0]) || g_str_equal(target, arm_folders[1])) &&
            g_file_test(base, G_FILE_TEST_IS_DIR) && g_file_test(current, G_FILE_TEST_IS_DIR)) {
            char **found = g_new0(char *, 4);

            found[0] = g_strdup(at);
            found[1] = g_steal_pointer(&base);
            found[2] = g_steal_pointer(&current);
            return found;
        }
        if (!(slash = strrchr(at, '/')))
            break;
    }
    return NULL;
}
