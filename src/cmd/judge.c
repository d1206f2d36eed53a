/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/judge.h"

#include <string.h>

#include "analyze/compare.h"
#include "analyze/gate.h"
#include "base/units.h"
#include "cmd/bench_opts.h"
#include "cmd/changed_lines.h"
#include "cmd/command.h"
#include "cmd/output.h"
#include "format/codec.h"
#include "report/words.h"

const char *const rs_answer_words[] = {"warn", "fail", NULL};
const char *const rs_blame_words[] = {"regressed", "all", "none", NULL};
const char *const rs_ci_system_words[] = {"github", "gitlab", "json", NULL};

static gboolean same_metrics(const RsGate *a, const RsGate *b)
{
    return g_strv_equal((const char *const *)a->metrics, (const char *const *)b->metrics);
}

/* Collection stopped by the recorded options; others may be asked for, and that is said. */
static void note_other_options(const RsGate *recorded, const RsGate *asked, GPtrArray *warnings)
{
    if (recorded->threshold_pct != asked->threshold_pct || recorded->alpha != asked->alpha ||
        !same_metrics(recorded, asked) || recorded->fail_on != asked->fail_on ||
        recorded->moderate_factor != asked->moderate_factor ||
        recorded->critical_factor != asked->critical_factor)
        g_ptr_array_add(warnings,
                        g_strdup_printf("judged with other options than the run was collected with "
                                        "(threshold %g %%, alpha %g, fail-on %s): it may have "
                                        "stopped too early for these",
                                        recorded->threshold_pct, recorded->alpha,
                                        rs_severity_names[recorded->fail_on]));
}

/* The recorded gate with the options of the command line over it; all of them when none is
 * recorded. */
static RsGate *gate_for(const RsJudgeOpts *judge, const RsOpt *rows, const RsOptBase *base,
                        const RsSession *session, GError **error)
{
    g_autoptr(RsGate) gate = session->gate ? rs_gate_copy(session->gate) : rs_gate_new();

    if (!rs_gate_opts_apply(&judge->gate, rows, base, session->gate != NULL, gate, error))
        return NULL;
    return g_steal_pointer(&gate);
}

static RsVerdict *verdict_of(const RsJudgeOpts *judge, const RsGate *gate,
                             const RsSession *baseline, const RsSession *current)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();
    g_autofree char *created_at = g_date_time_format_iso8601(now);
    RsCompareOptions options = {
        .gate = gate,
        .gate_unpaired = judge->allow_unpaired,
        .fail_on_missing = judge->on_missing == RS_ANSWER_FAIL,
        .seed = -1,
        .blame = (RsBlameOf)judge->blame,
        .created_at = created_at,
    };

    return baseline ? rs_compare_files(baseline, current, &options)
                    : rs_compare_pairs(current, &options);
}

void rs_judge_set_exit_status(const RsJudgeOpts *judge, RsVerdict *verdict)
{
    RsGateAnswers answers = {
        .fail_on_inconclusive = judge->on_inconclusive == RS_ANSWER_FAIL,
        .fail_on_incomparable = judge->on_incomparable == RS_ANSWER_FAIL,
        .fail_on_missing_baseline = judge->on_missing_baseline == RS_ANSWER_FAIL,
    };

    verdict->gate.exit_status = rs_gate_exit_status(verdict, &answers);
}

void rs_judge_say(const RsVerdict *verdict)
{
    const RsGate *gate = verdict->gate.gate;
    g_autofree char *bound = rs_units_format_change_pct(verdict->gate.bound_pct);
    const char *fails = rs_words_fails_here(&verdict->gate);

    if (gate->fail_on == RS_SEVERITY_NONE)
        rs_complain(0, "gate %s: %s (the gate never fails: --fail-on none)",
                    rs_gate_status_names[verdict->gate.status], verdict->gate.reason);
    else
        rs_complain(0, "gate %s: %s (the gate fails from %s)",
                    rs_gate_status_names[verdict->gate.status], verdict->gate.reason, bound);
    if (fails)
        rs_complain(0, "%s fails here: exit status %d", fails, verdict->gate.exit_status);
    if (verdict->gate.exit_status == RS_EXIT_PASSED && verdict->gate.status == RS_GATE_UNDECIDED)
        rs_warn("undecided is not passed: nothing was proved either way");
    if (verdict->gate.exit_status == RS_EXIT_PASSED && verdict->summary.n_no_baseline)
        rs_warn("%u benchmarks have no usable baseline", verdict->summary.n_no_baseline);
}

/* A filtered run, or a shard alone, says nothing about the rest. */
static void warn_of_a_part(const RsSession *session)
{
    guint n_absent = 0;

    for (char **name = session->expected_benchmarks; name && *name; name++)
        n_absent += rs_session_find(session, *name) == NULL;
    if (n_absent)
        rs_warn("%u benchmarks of the configuration are not in this file and not judged", n_absent);
}

static gboolean write_out(const RsJudgeOpts *judge, const RsVerdict *verdict, GError **error)
{
    if (judge->output_path && !rs_verdict_write(verdict, judge->output_path, error))
        return FALSE;
    if (judge->ci_output)
        return rs_output_ci(verdict, judge->ci_output, judge->output_folder, error);
    return rs_output_render(verdict, judge->format, NULL, judge->run_url, error);
}

RsVerdict *rs_judge_sessions(const RsJudgeOpts *judge, const RsOpt *rows, const RsOptBase *base,
                             const RsSession *baseline, const RsSession *current, GError **error)
{
    g_autoptr(RsGate) gate = gate_for(judge, rows, base, current, error);
    g_autoptr(RsVerdict) verdict = gate ? verdict_of(judge, gate, baseline, current) : NULL;

    if (!verdict)
        return NULL;
    if (!baseline && current->gate)
        note_other_options(current->gate, gate, verdict->warnings);
    if (!baseline)
        verdict->command = rs_bench_repeat_command(current);
    if (!rs_changed_lines_mark(verdict, judge->diff_path, error))
        return NULL;
    rs_judge_set_exit_status(judge, verdict);
    return g_steal_pointer(&verdict);
}

static int judge_and_tell(const RsJudgeOpts *judge, const RsOpt *rows, const RsOptBase *base,
                          const RsSession *baseline, const RsSession *current)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(RsVerdict) verdict = rs_judge_sessions(judge, rows, base, baseline, current, &error);

    if (verdict)
        rs_judge_say(verdict);
    if (verdict && !baseline)
        warn_of_a_part(current);
    if (!verdict || !write_out(judge, verdict, &error))
        return rs_complain(error->domain == G_OPTION_ERROR ? RS_EXIT_USAGE : RS_EXIT_CANNOT, "%s",
                           error->message);
    return verdict->gate.exit_status;
}

static gboolean is_valid(const RsJudgeOpts *judge, GError **error)
{
    g_autofree const char **formats = rs_output_formats();

    if (judge->ci_output && rs_name_index(rs_ci_system_words, judge->ci_output) < 0) {
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                    "--ci-output '%s': expected github, gitlab or json", judge->ci_output);
        return FALSE;
    }
    if (rs_name_index(formats, judge->format) < 0) {
        g_autofree char *list = g_strjoinv(", ", (char **)formats);

        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                    "--format '%s': expected one of %s", judge->format, list);
        return FALSE;
    }
    return TRUE;
}

int rs_judge(const RsJudgeOpts *judge, const RsOpt *rows, const RsOptBase *base,
             const char *baseline_path, const char *current_path)
{
    g_autoptr(RsSession) baseline = NULL, current = NULL;
    g_autoptr(GError) error = NULL;

    if (!is_valid(judge, &error))
        return rs_complain(RS_EXIT_USAGE, "%s", error->message);
    baseline = rs_session_read(baseline_path, &error);
    if (baseline && current_path)
        current = rs_session_read(current_path, &error);
    if (error)
        return rs_complain(RS_EXIT_CANNOT, "%s", error->message);
    if (judge->blame != RS_BLAME_OF_NONE) {
        rs_names_complete(&judge->names, baseline);
        if (current)
            rs_names_complete(&judge->names, current);
    }
    if (!current_path)
        return judge_and_tell(judge, rows, base, NULL, baseline);
    return judge_and_tell(judge, rows, base, baseline, current);
}
