/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ci: measure, judge, report and post, in one command that an action, a component or a person
 * calls. */
#include "cmd/ci.h"

#include "cmd/command.h"

static const char *const mode_words[] = {"run", "measure", "post", NULL};
static const char *const boolean_words[] = {"false", "true", NULL};

/* clang-format off */
static const RsOpt opts[] = {
    {"mode", 0, RS_OPT_WORD, offsetof(RsCiOpts, mode), "run", "MODE",
     "run: all of it; measure: without secrets, post nothing, exit 0 although the gate fails; "
     "post: what was measured elsewhere (--results)", mode_words},
    {"results", 0, RS_OPT_FILE, offsetof(RsCiOpts, results), NULL, "PATH",
     "with --mode post: the verdict file, or the folder that has verdict.json", NULL},
    {"baseline", 0, RS_OPT_TEXT, offsetof(RsCiOpts, bench.baseline), NULL, "CMD",
     "the program before the change, built already", NULL},
    {"current", 0, RS_OPT_TEXT, offsetof(RsCiOpts, bench.current), NULL, "CMD",
     "the program after the change, built already", NULL},
    {"command", 0, RS_OPT_TEXT, offsetof(RsCiOpts, command), NULL, "CMD",
     "the program to run in the tree of each revision, from its top (also behind --)", NULL},
    {"build", 0, RS_OPT_TEXT, offsetof(RsCiOpts, build), NULL, "CMD",
     "builds a revision at the top of its tree, through /bin/sh (else the configuration's build)", NULL},
    {"baseline-build", 0, RS_OPT_TEXT, offsetof(RsCiOpts, bench.baseline_build), NULL, "CMD",
     "builds the baseline, where that is done otherwise", NULL},
    {"current-build", 0, RS_OPT_TEXT, offsetof(RsCiOpts, bench.current_build), NULL, "CMD",
     "builds the change, where that is done otherwise", NULL},
    {"build-cache", 0, RS_OPT_LIST, offsetof(RsCiOpts, build_caches), NULL, "DIRS",
     "folders of the checkout that are copied into each tree before it is built, such as target",
     NULL},
    {"build-timeout", 0, RS_OPT_DURATION, offsetof(RsCiOpts, build_timeout_s), "1h", "TIME",
     "longest time of one build", NULL},
    {"baseline-ref", 0, RS_OPT_TEXT, offsetof(RsCiOpts, baseline_revision), NULL, "REV",
     "revision to compare with (else as the CI tells: the base of the change)", NULL},
    {"head-ref", 0, RS_OPT_TEXT, offsetof(RsCiOpts, head_revision), NULL, "REV",
     "revision of the change (else what is checked out)", NULL},
    {"baseline-file", 0, RS_OPT_FILE, offsetof(RsCiOpts, baseline_file), NULL, "SESSION",
     "a stored session in place of a baseline that is measured beside the change: weaker", NULL},
    {"shard", 0, RS_OPT_TEXT, offsetof(RsCiOpts, bench.shard), NULL, "I/N",
     "the I-th of N parts of the configuration; `rustscope merge` joins their sessions", NULL},
    {"trials", 'n', RS_OPT_COUNT, offsetof(RsCiOpts, bench.n_trials), NULL, "N",
     "exactly N pairs (or trials of one program), instead of stopping when decided", NULL},
    {"output-dir", 'o', RS_OPT_FILE, offsetof(RsCiOpts, output_folder), "rustscope-out", "DIR",
     "where session.json, verdict.json, report.html, comment.md and the CI's artifacts go", NULL},
    {"summary", 0, RS_OPT_WORD, offsetof(RsCiOpts, summary), "true", "BOOL",
     "GitHub: the report in the summary of the job", boolean_words},
    {"annotations", 0, RS_OPT_WORD, offsetof(RsCiOpts, annotations), "true", "BOOL",
     "GitHub: errors and warnings at the lines to blame", boolean_words},
    {"allow-unpaired", 0, RS_OPT_FLAG, offsetof(RsCiOpts, judge.allow_unpaired), NULL, NULL,
     "let a comparison with --baseline-file fail the gate", NULL},
    {"measure-identical", 0, RS_OPT_FLAG, offsetof(RsCiOpts, measure_identical), NULL, NULL,
     "measure although both programs are the same", NULL},
    {"quiet", 'q', RS_OPT_FLAG, offsetof(RsCiOpts, quiet), NULL, NULL, "no progress", NULL},
    RS_BENCH_OPT_ROWS(RsCiOpts),
    RS_JUDGE_RULE_ROWS(RsCiOpts),
    RS_NAMES_OPT_ROWS(RsCiOpts, judge.names),
    RS_POST_OPT_ROWS(RsCiOpts),
    {0},
};
/* clang-format on */

/* Variables of ours that are no options. */
static const char *const other_inputs[] = {"token", "metrics", "padding", NULL};

/* Highest priority first: of several reasons not to return 0 the process returns one. */
static int worst_status(int a, int b)
{
    static const int order[] = {RS_EXIT_USAGE,       RS_EXIT_CANNOT,    RS_EXIT_FAILED,
                                RS_EXIT_NO_BASELINE, RS_EXIT_UNDECIDED, RS_EXIT_NOT_POSTED};

    if (a > RS_EXIT_UNDECIDED || b > RS_EXIT_UNDECIDED)
        return MAX(a, b);
    for (guint i = 0; i < G_N_ELEMENTS(order); i++)
        if (a == order[i] || b == order[i])
            return order[i];
    return RS_EXIT_PASSED;
}

static void clear(RsCi *ci)
{
    g_clear_pointer(&ci->trees, rs_worktrees_free);
    g_clear_pointer(&ci->session, rs_session_free);
    g_clear_pointer(&ci->stored, rs_session_free);
    g_clear_pointer(&ci->plan, rs_plan_free);
    g_clear_pointer(&ci->policy_changes, g_ptr_array_unref);
    g_clear_pointer(&ci->post, rs_post_free);
    g_clear_pointer(&ci->launcher, rs_launcher_free);
    for (RsArm arm = 0; arm < RS_N_ARMS; arm++)
        g_free(ci->revisions[arm]);
    g_free(ci->change_head);
    g_free(ci->folder);
    g_free(ci->session_path);
}

/* Files, outputs, posts; status: of measuring. Returns the exit status of all. */
static int report(RsCi *ci, RsVerdict *verdict, int status)
{
    const RsCiOpts *values = ci->opts;
    gboolean is_posted = values->mode != RS_CI_MEASURE;
    g_autoptr(GError) error = NULL;

    if (is_posted)
        rs_post_accept(ci->post, verdict);
    rs_judge_set_exit_status(&values->judge, verdict);
    rs_judge_say(verdict);
    status = worst_status(status, verdict->gate.exit_status);
    if (!rs_ci_write(ci, verdict, &error))
        status = worst_status(status, rs_complain(RS_EXIT_CANNOT, "%s", error->message));
    g_clear_error(&error);
    if (is_posted && !rs_post_publish(ci->post, verdict) &&
        values->post.on_post_error == RS_ANSWER_FAIL)
        status = worst_status(status, RS_EXIT_NOT_POSTED);
    if (!is_posted && status == RS_EXIT_FAILED) {
        rs_complain(0, "the gate failed; --mode measure leaves it to --mode post to say so");
        status = RS_EXIT_PASSED;
    }
    verdict->gate.exit_status = status; /* what the outputs tell */
    if (!rs_ci_write_outputs(ci, verdict, &error))
        status = worst_status(status, rs_complain(RS_EXIT_CANNOT, "%s", error->message));
    return status;
}

/* How a failed gate is accepted here is a rule, too: the base revision's, unless an option says
 * otherwise. */
static void take_acceptance(RsCi *ci, const char *label, const char *file)
{
    RsPostOpts *post = &ci->opts->post;

    if (label && !rs_opt_given(ci->rows, &ci->opts->base, "accept-label")) {
        g_free(post->accept_label);
        post->accept_label = g_strdup(label);
    }
    if (file && !rs_opt_given(ci->rows, &ci->opts->base, "accept-file")) {
        g_free(post->accept_file);
        post->accept_file = g_strdup(file);
    }
}

static int measure(RsCi *ci)
{
    g_autofree char *why_not = rs_post_why_not_run(ci->post);
    g_autoptr(RsVerdict) verdict = NULL;
    int status = RS_EXIT_PASSED;

    if (why_not)
        return rs_complain(RS_EXIT_USAGE, "%s", why_not);
    if (ci->opts->mode == RS_CI_RUN)
        rs_post_begin(ci->post);
    verdict = rs_ci_measure(ci, &status);
    if (!verdict)
        return status;
    take_acceptance(ci, ci->plan->accept_label, ci->plan->accept_file);
    return report(ci, verdict, status);
}

static int post_results(RsCi *ci)
{
    const char *path = ci->opts->results ? ci->opts->results : ci->opts->output_folder;
    g_autoptr(GError) error = NULL;
    g_autoptr(RsVerdict) verdict = rs_post_read_results(path, &error);
    g_autofree char *label = NULL, *file = NULL;

    if (!verdict || !rs_post_check(ci->post, verdict, &error))
        return rs_complain(RS_EXIT_CANNOT, "%s", error->message);
    rs_post_base_acceptance(ci->post, &label, &file);
    take_acceptance(ci, label, file);
    return report(ci, verdict, RS_EXIT_PASSED);
}

static int run_ci(gpointer data)
{
    RsCiOpts *values = data;
    RsCi ci = {.opts = values, .rows = opts};
    g_autoptr(GError) error = NULL;
    int status;

    if (values->base.operands[0])
        return rs_complain(RS_EXIT_USAGE, "ci: unexpected argument '%s' (a command goes behind --)",
                           values->base.operands[0]);
    if (values->mode != RS_CI_POST && values->results)
        return rs_complain(RS_EXIT_USAGE, "ci: --results goes with --mode post");
    values->post.config_path = values->bench.config_path;
    /* The token is taken out of the environment before anything is forked that could keep it. */
    ci.post = rs_post_new(&values->post, &error);
    if (ci.post && values->mode != RS_CI_POST)
        ci.launcher = rs_launcher_new(&error);
    ci.session_path = g_build_filename(values->output_folder, "session.json", NULL);
    if (error)
        status = rs_complain(error->domain == G_OPTION_ERROR ? RS_EXIT_USAGE : RS_EXIT_CANNOT, "%s",
                             error->message);
    else if (!rs_ci_make_folder(values->output_folder, &error))
        status = rs_complain(RS_EXIT_CANNOT, "%s", error->message);
    else
        status = values->mode == RS_CI_POST ? post_results(&ci) : measure(&ci);
    clear(&ci);
    return status;
}

const RsCommandRow rs_command_ci = {
    .name = "ci",
    .operands = "[-- CMD ARGS...]",
    .summary = "Measure a change beside its base, judge it, and report where it is reviewed.",
    .description =
        "One command for a pipeline. What to measure, the first that is given:\n"
        "  --baseline CMD --current CMD   two programs that are built already\n"
        "  -- CMD ARGS..., or --command   a program in the tree of each revision, built by "
        "--build\n"
        "  -c rustscope.yml               benchmarks; both revisions are built when it, or "
        "--build, "
        "says how\n"
        "  --baseline-file SESSION        a stored session beside --current: weaker\n"
        "Revisions are built one after the other in the same folder, from git worktrees outside of "
        "the\ncheckout; the checkout itself is not touched. The rules (thresholds, fail-on, the "
        "list "
        "of benchmarks)\nare those of the base revision's configuration; what the change does to "
        "them is shown, and what\nloosens them needs acceptance.\n\n"
        "Every option may come as a variable: RUSTSCOPE_FAIL_ON for --fail-on, INPUT_FAIL-ON on "
        "GitHub. The\ntoken comes from the environment alone: GITHUB_TOKEN (or the action's "
        "input), "
        "RUSTSCOPE_GITLAB_TOKEN.\n\n"
        "Two stages, for forks and for acceptance without measuring again: --mode measure has no "
        "secrets and\nleaves its files in --output-dir; --mode post, in a job or workflow of its "
        "own, checks, accepts, posts\nand exits with the gate.\n\n"
        "Examples:\n"
        "  rustscope ci --build 'cargo build --release' --build-cache target -- "
        "./target/release/app big.txt\n"
        "  rustscope ci --baseline './old/app big.txt' --current './new/app big.txt'\n"
        "  rustscope ci --mode post --results rustscope-out --dry-run",
    .opts = opts,
    .n_values_bytes = sizeof(RsCiOpts),
    .takes_command = TRUE,
    .inputs = other_inputs,
    .run = run_ci,
};
