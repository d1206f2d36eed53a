/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trial/ready.h"

#include "trial/program.h"

/* What is made right before each trial is the arm's own, wherever it lies. */
static gboolean check_own(const RsRunner *runner, const RsOpen *open, RsArm arm, GError **error)
{
    const RsProgram *program = &open->benchmark->programs[arm];
    const RsProgram *baseline = &open->benchmark->programs[RS_ARM_BASELINE];

    if (arm == RS_ARM_BASELINE || open->plan->prepare[arm].argv ||
        g_strcmp0(program->executable_path, baseline->executable_path) != 0)
        return TRUE;
    if (rs_runner_check_program(runner, program, open->benchmark->warnings, error))
        return TRUE;
    g_prefix_error(error, "%s: ", open->plan->name);
    return FALSE;
}

gboolean rs_ready_resolve(const RsRunner *runner, RsOpen *open, RsArm arm, GError **error)
{
    RsProgram *program = &open->benchmark->programs[arm];
    g_autofree char *earlier_sha256 = g_strdup(program->executable_sha256);
    g_autoptr(GError) missing = NULL;
    RsFailure *failure;

    if (!program->argv) /* an arm that does not exist: there is no baseline */
        return TRUE;
    if (!rs_runner_show_arm(runner, arm, error))
        return FALSE;
    if (rs_program_resolve(program, &missing)) {
        if (!check_own(runner, open, arm, error))
            return FALSE;
        if (!rs_benchmark_n_trials(open->benchmark) || !earlier_sha256 ||
            g_str_equal(earlier_sha256, program->executable_sha256))
            return TRUE;
        g_set_error(error, RS_PLAN_ERROR, RS_PLAN_ERROR_INVALID,
                    "cannot resume: %s: the %s program %s has changed since its first trials; "
                    "start anew without --resume",
                    open->plan->name, rs_arm_names[arm], program->executable_path);
        return FALSE;
    }
    failure = rs_failure_new(arm, "trial");
    failure->message = g_strdup_printf("could not be started: %s", missing->message);
    failure->output_tail = g_strdup("");
    g_ptr_array_add(open->benchmark->failures, failure);
    return TRUE;
}

static gboolean same_command(const RsCommand *a, const RsCommand *b)
{
    if (!a->argv || !b->argv)
        return !a->argv && !b->argv;
    return a->shell == b->shell &&
           g_strv_equal((const char *const *)a->argv, (const char *const *)b->argv);
}

static gboolean same_environment(const RsPlanBenchmark *plan)
{
    static char *none[] = {NULL};
    char **a = plan->programs[RS_ARM_BASELINE].environment;
    char **b = plan->programs[RS_ARM_CURRENT].environment;

    return g_strv_equal((const char *const *)(a ? a : none), (const char *const *)(b ? b : none));
}

/* What makes the two sides ready runs before anything is measured: if it differs and the programs
 * are the same in the same place, one side has replaced the other. What runs before every trial may
 * well put another program there each time. */
gboolean rs_ready_compare(const RsRunner *runner, const RsOpen *open, gboolean *identical,
                          GError **error)
{
    const RsPlanBenchmark *plan = open->plan;
    const RsProgram *baseline = &open->benchmark->programs[RS_ARM_BASELINE];
    const RsProgram *current = &open->benchmark->programs[RS_ARM_CURRENT];

    *identical = same_environment(plan) && rs_programs_are_identical(baseline, current) &&
                 same_command(&plan->prepare[RS_ARM_BASELINE], &plan->prepare[RS_ARM_CURRENT]) &&
                 rs_runner_is_same_around(runner, current);
    if (!*identical || rs_runner_arms_share_a_path(runner) ||
        !g_str_equal(baseline->executable_path, current->executable_path) ||
        (g_strcmp0(baseline->build_command, current->build_command) == 0 &&
         same_command(&plan->setup[RS_ARM_BASELINE], &plan->setup[RS_ARM_CURRENT])))
        return TRUE;
    g_set_error(error, RS_PLAN_ERROR, RS_PLAN_ERROR_INVALID,
                "%s: both sides run %s in one folder, though they are built or set up differently: "
                "the current side has replaced the baseline; give each a working-directory",
                plan->name, baseline->argv[0]);
    return FALSE;
}

/* A build or setup that came later may have written over a program that is to be measured. */
static gboolean check_not_replaced(const RsRunner *runner, const RsOpen *open, GError **error)
{
    for (RsArm arm = 0; arm < RS_N_ARMS; arm++) {
        const RsProgram *program = &open->benchmark->programs[arm];
        RsProgram now = {.argv = program->argv,
                         .shell = program->shell,
                         .working_directory = program->working_directory};
        gboolean same;

        if (!program->executable_sha256)
            continue;
        if (!rs_runner_show_arm(runner, arm, error))
            return FALSE;
        same = rs_program_resolve(&now, NULL) &&
               g_str_equal(now.executable_sha256, program->executable_sha256);
        g_free(now.executable_path);
        g_free(now.executable_sha256);
        if (same)
            continue;
        g_set_error(error, RS_PLAN_ERROR, RS_PLAN_ERROR_INVALID,
                    "%s: the %s program %s was replaced by a later build or setup; give each side "
                    "a working-directory of its own",
                    open->plan->name, rs_arm_names[arm], program->executable_path);
        return FALSE;
    }
    return TRUE;
}

static gboolean is_made_here(const RsPlanBenchmark *plan)
{
    return plan->programs[RS_ARM_BASELINE].build_command ||
           plan->programs[RS_ARM_CURRENT].build_command || plan->setup[RS_ARM_BASELINE].argv ||
           plan->setup[RS_ARM_CURRENT].argv;
}

gboolean rs_ready_check(const RsRunner *runner, const GPtrArray *opens, GError **error)
{
    gboolean any_made = FALSE;

    for (guint i = 0; i < opens->len; i++)
        any_made |= is_made_here(((RsOpen *)g_ptr_array_index(opens, i))->plan);
    for (guint i = 0; i < opens->len && any_made; i++) {
        const RsOpen *open = g_ptr_array_index(opens, i);

        if (open->is_open && !check_not_replaced(runner, open, error))
            return FALSE;
    }
    return TRUE;
}
