/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What `ci` measures: two programs that are there, both revisions built in trees of their own, or
 * one program beside a stored session. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cmd/bench_collect.h"
#include "cmd/ci.h"
#include "cmd/command.h"
#include "cmd/runner_commands.h"
#include "format/codec.h"
#include "trial/config.h"
#include "trial/policy.h"
#include "trial/revisions.h"
#include "trial/tree_folder.h"
#include "trial/vcs.h"

static gboolean usage(GError **error, const char *message)
{
    g_set_error_literal(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, message);
    return FALSE;
}

/* An absolute path from the top of the repository; NULL: it lies outside, or there is none. */
static char *below_top(const char *path)
{
    g_autofree char *top = rs_vcs_top(NULL);
    g_autofree char *real_top = top ? realpath(top, NULL) : NULL;
    const char *below = real_top ? rs_text_path_below(path, real_top) : NULL;

    return below && *below ? g_strdup(below) : NULL;
}

/* Where the checkout, which is the change's, really has the file. */
static char *real_path_in_repository(const char *path)
{
    g_autofree char *folder = g_path_get_dirname(path);
    g_autofree char *real_folder = realpath(folder, NULL);
    g_autofree char *name = g_path_get_basename(path);
    g_autofree char *real = real_folder ? g_build_filename(real_folder, name, NULL) : NULL;

    return real ? below_top(real) : NULL;
}

/* The configuration file as the repository names it; NULL: it lies outside, or there is no
 * repository. As it is spelled before where links lead: a change may turn a folder into one. */
static char *path_in_repository(const char *path)
{
    g_autofree char *here = realpath(".", NULL);
    g_autofree char *spelled = here ? g_canonicalize_filename(path, here) : NULL;
    char *name = spelled ? below_top(spelled) : NULL;

    return name ? name : real_path_in_repository(path);
}

/* What a revision has as this file, by its name or where that leads in the checkout. NULL without
 * an error: nothing. */
static char *show_config(const char *revision, const char *path, gsize *n_bytes, GError **error)
{
    g_autofree char *spelled = path_in_repository(path), *real = real_path_in_repository(path);
    g_autoptr(GError) problem = NULL;
    char *text = rs_worktrees_show(NULL, revision, spelled ? spelled : path, n_bytes, &problem);

    if (!text && !problem && real && g_strcmp0(real, spelled) != 0)
        text = rs_worktrees_show(NULL, revision, real, n_bytes, &problem);
    if (!text && !problem && real && g_strcmp0(real, spelled) != 0)
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
                    "%s leads to %s, and %.12s has neither: name with --config where it lies", path,
                    real, revision);
    if (problem)
        g_propagate_error(error, g_steal_pointer(&problem));
    return text;
}

/* One revision's configuration. folder: what its relative paths are relative to. *plan NULL without
 * an error: the revision has none. */
static gboolean plan_of_revision(const char *revision, const char *path, const char *folder,
                                 RsPlan **plan, GError **error)
{
    gsize n_bytes;
    g_autofree char *text = NULL, *name = NULL;
    g_autoptr(GError) shown = NULL;

    *plan = NULL;
    text = show_config(revision, path, &n_bytes, &shown);
    if (shown) {
        g_propagate_error(error, g_steal_pointer(&shown));
        return FALSE;
    }
    if (!text)
        return TRUE;
    name = g_strdup_printf("%.12s:%s", revision, path);
    *plan = rs_config_parse(text, n_bytes, name, folder, error);
    return *plan != NULL;
}

/* The commit of a name that one may give; the name itself where git does not know it, which whoever
 * needs the commit will say. */
static char *commit_of(const char *revision)
{
    char *commit = revision ? rs_revision_resolve(NULL, revision, NULL) : NULL;

    return commit ? commit : g_strdup(revision);
}

/* What the change is to be compared with, where no option says: of a checked-out merge its first
 * parent, because the base branch may have gone on since the event; else what the event tells. */
static char *base_of(const RsCiContext *context, const char *head)
{
    g_autofree char *commit = commit_of(head);
    gboolean is_merge = context->is_merge && g_strcmp0(commit, context->checked_out_sha) == 0;
    char *parent = NULL;

    if (context->is_merge || !context->base_sha)
        parent = rs_worktrees_merge_base(NULL, commit, is_merge ? NULL : context->base_ref, NULL);
    return parent ? parent : g_strdup(context->base_sha);
}

static void find_revisions(RsCi *ci)
{
    const RsCiOpts *opts = ci->opts;
    const RsCiContext *context = rs_post_context(ci->post);
    const char *head = opts->head_revision ? opts->head_revision : "HEAD";
    RsRevision here = {0};

    ci->revisions[RS_ARM_BASELINE] =
        opts->baseline_revision ? commit_of(opts->baseline_revision) : base_of(context, head);
    rs_vcs_read(NULL, &here);
    ci->revisions[RS_ARM_CURRENT] =
        commit_of(opts->head_revision ? opts->head_revision : here.revision);
    ci->is_dirty = here.dirty && !opts->head_revision;
    ci->change_head =
        g_strdup(context->head_sha ? context->head_sha : ci->revisions[RS_ARM_CURRENT]);
    rs_revision_clear(&here);
}

/* The commands that build an arm, each in its folder, as one script. They are taken out of the
 * plan. NULL: nothing is to be built. */
static char *take_builds(RsPlan *plan, RsArm arm)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    GString *script = g_string_new(NULL);

    for (guint i = 0; i < plan->benchmarks->len; i++) {
        RsPlanBenchmark *benchmark = g_ptr_array_index(plan->benchmarks, i);
        RsProgram *program = &benchmark->programs[arm];
        g_autofree char *command = g_steal_pointer(&program->build_command);
        g_autofree char *folder =
            g_shell_quote(program->working_directory ? program->working_directory : ".");
        char *line = command ? g_strdup_printf("(cd %s\n%s\n)\n", folder, command) : NULL;

        if (line && g_hash_table_add(seen, line))
            g_string_append(script, line);
    }
    return g_string_free(script, script->len == 0);
}

static gboolean has_builds(const RsPlan *plan)
{
    for (guint i = 0; plan && i < plan->benchmarks->len; i++) {
        const RsPlanBenchmark *benchmark = g_ptr_array_index(plan->benchmarks, i);

        for (RsArm arm = 0; arm < RS_N_ARMS; arm++)
            if (benchmark->programs[arm].build_command)
                return TRUE;
    }
    return FALSE;
}

static void tell_phase(const char *what, RsArm arm, gpointer data)
{
    const RsCi *ci = data;

    if (!ci->opts->quiet)
        rs_complain(0, "%s: %s %.12s", what, rs_arm_names[arm], ci->revisions[arm]);
}

static RsFailure *failure_of(RsArm arm, const GError *error)
{
    RsFailure *failure = rs_failure_new(arm, "build");
    gsize n_first = strcspn(error->message, "\n");

    failure->message = g_strndup(error->message, n_first);
    failure->output_tail = g_strdup(error->message[n_first] ? error->message + n_first + 1 : "");
    return failure;
}

/* Both trees, built; what a revision fails in is the run's result, not an error. */
static gboolean make_trees(RsCi *ci, char **builds, RsFailure **failure, GError **error)
{
    const RsCiOpts *opts = ci->opts;
    RsWorktreesOptions options = {
        .folder = ci->folder,
        .revisions = {ci->revisions[RS_ARM_BASELINE], ci->revisions[RS_ARM_CURRENT]},
        .build_commands = {builds[RS_ARM_BASELINE], builds[RS_ARM_CURRENT]},
        .caches = opts->build_caches,
        .pass_environment = opts->bench.pass_environment,
        .timeout_s = opts->build_timeout_s,
        .show_output = opts->bench.show_output,
        .stop = rs_bench_catch_signals(),
        .on_phase = tell_phase,
        .data = ci,
    };
    g_autoptr(GError) problem = NULL;

    if (options.show_output)
        rs_runner_begin_foreign();
    ci->trees = rs_worktrees_new(&options, &problem);
    if (options.show_output)
        rs_runner_end_foreign();
    if (ci->trees)
        return TRUE;
    if (g_error_matches(problem, RS_WORKTREES_ERROR, RS_WORKTREES_ERROR_BASELINE) ||
        g_error_matches(problem, RS_WORKTREES_ERROR, RS_WORKTREES_ERROR_CURRENT)) {
        *failure = failure_of(problem->code == RS_WORKTREES_ERROR_BASELINE ? RS_ARM_BASELINE
                                                                           : RS_ARM_CURRENT,
                              problem);
        return TRUE;
    }
    g_propagate_error(error, g_steal_pointer(&problem));
    return FALSE;
}

/* The configuration of both revisions, joined. folder: of the files' relative paths. */
static gboolean join_plans(RsCi *ci, const char *path, const char *folder, gboolean from_head,
                           GError **error)
{
    g_autofree char *name = path_in_repository(path);
    const char *base = ci->revisions[RS_ARM_BASELINE];
    g_autoptr(RsPlan) before = NULL, after = NULL;

    if (from_head) {
        if (!plan_of_revision(ci->revisions[RS_ARM_CURRENT], path, folder, &after, error))
            return FALSE;
    } else if (g_file_test(path, G_FILE_TEST_EXISTS) && !(after = rs_config_read(path, error))) {
        return FALSE;
    }
    if (name && base && !plan_of_revision(base, path, folder, &before, error))
        return FALSE;
    if (!before && !after) {
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
                    "%s is neither in the change nor in its base: commit it, or name another with "
                    "--config",
                    path);
        return FALSE;
    }
    if (base && name) {
        ci->plan = rs_policy_join(before, after, &ci->policy_changes);
        return TRUE;
    }
    rs_warn("there is no base revision whose %s could count: that of the change does", path);
    ci->plan = g_steal_pointer(&after);
    return TRUE;
}

char *rs_ci_command_text(const RsCiOpts *opts)
{
    GString *text;

    if (!opts->base.command)
        return g_strdup(opts->command);
    text = g_string_new(NULL);
    for (char **word = opts->base.command; *word; word++) {
        g_autofree char *quoted = g_shell_quote(*word);

        g_string_append_printf(text, "%s%s", text->len ? " " : "", quoted);
    }
    return g_string_free(text, FALSE);
}

/* A plan of commands: both sides, or (single) the current one alone. */
static gboolean plan_of_commands(RsCi *ci, const char *baseline, const char *current,
                                 const char *folder, GError **error)
{
    RsCiOpts opts = *ci->opts;
    g_autofree char *directory =
        folder ? g_build_filename(folder, opts.bench.working_directory, NULL) : NULL;
    g_auto(GStrv) single = NULL;

    opts.base.command = NULL;
    opts.bench.baseline = (char *)baseline;
    opts.bench.current = (char *)current;
    opts.bench.config_path = NULL;
    if (directory)
        opts.bench.working_directory = directory;
    if (!baseline) {
        if (!rs_command_parse(current, opts.bench.shell, &single, error))
            return FALSE;
        opts.base.command = single;
        opts.bench.current = NULL;
    }
    ci->plan = rs_bench_plan(&opts.bench, &opts.judge.gate, ci->rows, &opts.base, error);
    return ci->plan != NULL;
}

/* What builds an arm, as the options or the plan have it. NULL: nothing is to be built. Yours. */
static char *build_of(RsCi *ci, RsArm arm)
{
    const RsBenchOpts *bench = &ci->opts->bench;
    const char *own = arm == RS_ARM_BASELINE ? bench->baseline_build : bench->current_build;
    g_autofree char *planned = take_builds(ci->plan, arm);

    if (own || ci->opts->build)
        return g_strdup(own ? own : ci->opts->build);
    return g_steal_pointer(&planned);
}

static gboolean has_build(const RsCiOpts *opts)
{
    return opts->build || opts->bench.baseline_build || opts->bench.current_build;
}

/* Started below the top, one may expect what is given to run there. */
static gboolean check_place(const RsCiOpts *opts, const char *top, const char *command,
                            GError **error)
{
    const char *folder = opts->bench.working_directory;
    g_autofree char *here = realpath(".", NULL);
    const char *below = here && top ? rs_text_path_below(here, top) : NULL;

    if (folder && g_path_is_absolute(folder))
        return usage(error, "--working-directory: a folder of the revisions is to be given from "
                            "the top of the repository, such as crates/app");
    if ((command || has_build(opts)) && below)
        rs_warn("builds and programs run at the top of the repository, not in %s, where this was "
                "started",
                below);
    return TRUE;
}

static gboolean prepare_trees(RsCi *ci, const char *config, RsFailure **failure, GError **error)
{
    const RsCiOpts *opts = ci->opts;
    g_autofree char *command = rs_ci_command_text(opts);
    g_autofree char *tree = NULL, *folder = NULL, *name = NULL, *top = NULL;
    g_autofree char *baseline_build = NULL, *current_build = NULL;

    if (!ci->revisions[RS_ARM_CURRENT])
        return usage(error, "there is no git repository here to build from: check the project out, "
                            "or give --baseline CMD and --current CMD");
    if (!ci->revisions[RS_ARM_BASELINE])
        return usage(error, "nobody tells which revision to compare with: give --baseline-ref REV");
    if (ci->is_dirty)
        rs_warn("files that are not committed are not in what is built and measured");
    top = rs_vcs_top(NULL);
    if (!check_place(opts, top, command, error))
        return FALSE;
    ci->folder = rs_tree_folder_default(top);
    tree = g_build_filename(ci->folder, "tree", NULL);
    name = config ? path_in_repository(config) : NULL;
    if (name) {
        g_autofree char *below = g_path_get_dirname(name);

        folder = g_canonicalize_filename(below, tree);
    }
    if (config ? !join_plans(ci, config, folder ? folder : tree, TRUE, error)
               : !plan_of_commands(ci, command, command, tree, error))
        return FALSE;
    baseline_build = build_of(ci, RS_ARM_BASELINE);
    current_build = build_of(ci, RS_ARM_CURRENT);
    return make_trees(ci, (char *[]){baseline_build, current_build}, failure, error);
}

/* Whether the configuration, of either revision, says how to build. */
static gboolean config_builds(RsCi *ci, const char *path)
{
    g_autofree char *name = path_in_repository(path);
    g_autoptr(RsPlan) here = NULL, base = NULL;

    if (g_file_test(path, G_FILE_TEST_EXISTS))
        here = rs_config_read(path, NULL);
    if (name && ci->revisions[RS_ARM_BASELINE])
        plan_of_revision(ci->revisions[RS_ARM_BASELINE], path, ".", &base, NULL);
    return has_builds(here) || has_builds(base);
}

static gboolean prepare_stored(RsCi *ci, GError **error)
{
    const RsCiOpts *opts = ci->opts;
    g_autofree char *command = rs_ci_command_text(opts);
    const char *current = opts->bench.current ? opts->bench.current : command;

    if (!current)
        return usage(error, "--baseline-file: say what to measure beside it with --current CMD");
    ci->stored = rs_session_read(opts->baseline_file, error);
    if (!ci->stored)
        return FALSE;
    rs_warn("a stored baseline was measured at another time, maybe on another machine: differences "
            "of the machine look like differences of the program; building both revisions in one "
            "job does not have this weakness");
    return plan_of_commands(ci, NULL, current, NULL, error);
}

/* What would be passed over in silence is refused. */
static gboolean goes_together(const RsCiOpts *opts, GError **error)
{
    const RsBenchOpts *bench = &opts->bench;
    gboolean has_command = opts->command || opts->base.command;
    gboolean has_programs = bench->baseline || bench->current;

    if (opts->command && opts->base.command)
        return usage(error, "the command is given twice: by --command and behind --");
    if (opts->baseline_file && (bench->baseline || has_build(opts) || bench->config_path))
        return usage(error, "--baseline-file takes the place of the baseline: beside it goes one "
                            "program (--current), without builds and configuration");
    if (!opts->baseline_file && has_programs &&
        (has_build(opts) || has_command || bench->config_path))
        return usage(error, "--baseline and --current are programs that are there already: "
                            "they go neither with builds, nor with a command or configuration");
    if (has_command && bench->config_path)
        return usage(error, "give either a command or a configuration file");
    if (!has_command && !has_programs && (bench->working_directory || bench->name))
        return usage(error, "with a configuration file, names and folders of the benchmarks come "
                            "from it");
    return TRUE;
}

gboolean rs_ci_prepare(RsCi *ci, RsFailure **failure, GError **error)
{
    const RsCiOpts *opts = ci->opts;
    const RsBenchOpts *bench = &opts->bench;
    gboolean has_command = opts->command || opts->base.command;
    const char *config = bench->config_path ? bench->config_path : RS_CONFIG_FILE;

    if (!goes_together(opts, error))
        return FALSE;
    find_revisions(ci);
    if (opts->baseline_file)
        return prepare_stored(ci, error);
    if (bench->baseline || bench->current)
        return plan_of_commands(ci, bench->baseline ? bench->baseline : "",
                                bench->current ? bench->current : "", NULL, error);
    if (has_command)
        return prepare_trees(ci, NULL, failure, error);
    if (has_build(opts) || config_builds(ci, config)) {
        if (!prepare_trees(ci, config, failure, error))
            return FALSE;
    } else {
        g_autofree char *folder = g_path_get_dirname(config);

        if (!join_plans(ci, config, folder, FALSE, error))
            return FALSE;
    }
    return rs_bench_settle_plan(ci->plan, bench, &opts->judge.gate, ci->rows, &opts->base, TRUE,
                                error);
}
