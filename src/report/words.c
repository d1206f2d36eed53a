/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/words.h"

#include <math.h>
#include <string.h>

#include "base/units.h"
#include "report/blame_words.h"
#include "report/escape.h"
#include "report/policy_words.h"
#include "report/source.h"
#include "report/view.h"

#define REASON_CHARS 400
#define PLACE_CHARS  120

static char *plain_name(const char *name)
{
    return rs_escape_name(name, RS_ESCAPE_NAME_CHARS);
}

static char *plain_place(const RsVerdict *verdict, const RsBlamed *blamed)
{
    g_autofree char *place = rs_source_place(blamed);

    return place ? rs_escape_line(place, PLACE_CHARS) : NULL;
}

static char *markdown_place(const RsVerdict *verdict, const RsBlamed *blamed)
{
    g_autofree char *place = rs_source_place(blamed);
    g_autofree char *code = place ? rs_escape_markdown_code(place, PLACE_CHARS) : NULL;
    g_autofree char *url = rs_source_url(verdict, blamed);

    return code && url ? g_strdup_printf("[%s](%s)", code, url) : g_steal_pointer(&code);
}

const RsWordsMarkup rs_words_plain = {plain_name, rs_escape_line, "", " ", plain_place};
const RsWordsMarkup rs_words_markdown = {rs_escape_markdown_name, rs_escape_markdown, "**", "\n\n",
                                         markdown_place};

const char rs_words_unpaired[] =
    "These files were measured apart: this carries no promise on false alarms. On shared runners "
    "an unchanged program is flagged 13–50 % of the time this way; measure side by side (pairs) "
    "for a verdict that can gate.";

char *rs_words_number(double value)
{
    return isfinite(value) ? g_strdup_printf("%.4g", value) : g_strdup("n/a");
}

char *rs_words_p_value(double p)
{
    if (!isfinite(p))
        return g_strdup("n/a");
    return p < 0.0001 ? g_strdup("< 0.0001") : g_strdup_printf("%.3g", p);
}

char *rs_words_interval(const RsRow *row)
{
    g_autofree char *low = rs_units_format_change_pct(row->ci_low_pct);
    g_autofree char *high = rs_units_format_change_pct(row->ci_high_pct);

    if (isnan(row->ci_low_pct) || isnan(row->ci_high_pct))
        return g_strdup("n/a");
    /* Both ends share the sign of per cent. */
    return g_strdup_printf("%.*s … %s", (int)(strlen(low) - strlen(" %")), low, high);
}

char *rs_words_revision(const RsRevision *revision)
{
    g_autofree char *shown = NULL;

    if (!revision->revision || !*revision->revision)
        return NULL;
    shown = rs_escape_line(revision->revision, 12);
    /* A whole hash is cut like git's short ones; what is no hash keeps its ellipsis. */
    if (strlen(revision->revision) >= 40 &&
        strspn(revision->revision, "0123456789abcdef") == strlen(revision->revision))
        g_strlcpy(shown, revision->revision, 11);
    return g_strconcat(shown, revision->dirty ? " with uncommitted changes" : "", NULL);
}

char *rs_words_current(const RsVerdict *verdict)
{
    const RsRevision *current = &verdict->revisions[RS_ARM_CURRENT];
    RsRevision head = {.revision = verdict->change_head, .dirty = current->dirty};

    return rs_words_revision(verdict->change_head ? &head : current);
}

const char *rs_words_label(const RsRow *row)
{
    static const char *const labels[RS_N_VERDICTS] = {
        [RS_VERDICT_IMPROVEMENT] = "improved",
        [RS_VERDICT_BELOW_THRESHOLD] = "below threshold",
        [RS_VERDICT_UNCHANGED] = "unchanged",
        [RS_VERDICT_INCONCLUSIVE] = "inconclusive",
        [RS_VERDICT_INCOMPARABLE] = "incomparable",
        [RS_VERDICT_NEW] = "no baseline",
        [RS_VERDICT_MISSING] = "missing",
    };

    if (rs_view_row_is_identical(row))
        return "not measured";
    return row->verdict == RS_VERDICT_REGRESSION ? rs_severity_names[row->severity]
                                                 : labels[row->verdict];
}

static gboolean has_own_bounds(const RsVerdict *verdict)
{
    for (guint i = 0; i < verdict->rows->len; i++) {
        const RsRow *row = g_ptr_array_index(verdict->rows, i);

        if (row->gated && isfinite(row->bound_pct) && isfinite(verdict->gate.bound_pct) &&
            fabs(row->bound_pct - verdict->gate.bound_pct) > 1e-9)
            return TRUE;
    }
    return FALSE;
}

char *rs_words_bound(const RsVerdict *verdict)
{
    static const char *const would[] = {
        [RS_GATE_PASSED] = "have passed",           [RS_GATE_FAILED] = "have failed",
        [RS_GATE_ACCEPTED] = "have been accepted",  [RS_GATE_UNDECIDED] = "have been undecided",
        [RS_GATE_ERROR] = "have ended in an error",
    };
    g_autofree char *bound = rs_words_number(verdict->gate.bound_pct);

    if (verdict->gate.gate->fail_on == RS_SEVERITY_NONE)
        return g_strdup_printf("fail-on none: the gate never fails; with fail-on critical it would "
                               "%s",
                               would[verdict->gate.would_be]);
    return g_strdup_printf("the gate fails from +%s %%%s", bound,
                           has_own_bounds(verdict) ? ", some benchmarks have a bound of their own"
                                                   : "");
}

static void add_part(GPtrArray *parts, guint n, const char *words)
{
    if (n > 0)
        g_ptr_array_add(parts, g_strdup_printf("%u%s", n, words));
}

/* "a", "a and b", "a, b and c". */
static char *join_parts(GPtrArray *parts)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < parts->len; i++) {
        if (i > 0)
            g_string_append(text, i + 1 == parts->len ? " and " : ", ");
        g_string_append(text, g_ptr_array_index(parts, i));
    }
    return g_string_free(text, FALSE);
}

static char *regressions_phrase(const RsVerdictSummary *summary)
{
    g_autoptr(GPtrArray) parts = g_ptr_array_new_with_free_func(g_free);
    guint n = summary->n_by_verdict[RS_VERDICT_REGRESSION];
    g_autofree char *joined = NULL;

    for (RsSeverity severity = RS_SEVERITY_CRITICAL; severity > RS_SEVERITY_NONE; severity--) {
        g_autofree char *word = g_strconcat(" ", rs_severity_names[severity], NULL);

        add_part(parts, summary->n_by_severity[severity], word);
    }
    joined = join_parts(parts);
    return g_strdup_printf("%s regression%s", joined, n == 1 ? "" : "s");
}

/* What could not be answered, or NULL. */
static char *doubts_phrase(const RsVerdictSummary *summary)
{
    g_autoptr(GPtrArray) parts = g_ptr_array_new_with_free_func(g_free);

    add_part(parts, summary->n_by_verdict[RS_VERDICT_INCONCLUSIVE], " inconclusive");
    add_part(parts, summary->n_by_verdict[RS_VERDICT_INCOMPARABLE], " incomparable");
    add_part(parts, summary->n_by_verdict[RS_VERDICT_MISSING], " missing");
    return parts->len > 0 ? join_parts(parts) : NULL;
}

/* What a verdict without a regression and without a doubt says. */
static char *calm_phrase(const RsVerdict *verdict)
{
    const RsVerdictSummary *summary = &verdict->summary;
    g_autoptr(GPtrArray) benchmarks = rs_view_benchmarks(verdict);
    g_autoptr(GPtrArray) parts = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *joined = NULL;
    guint n_new = MAX(summary->n_by_verdict[RS_VERDICT_NEW], summary->n_no_baseline);

    if (n_new > 0 && n_new >= summary->n_benchmarks)
        return g_strdup("nothing to compare with yet");
    if (rs_view_count(benchmarks, rs_view_row_is_identical) == summary->n_benchmarks)
        return g_strdup("nothing measured, both sides are the same files");
    add_part(parts, summary->n_by_verdict[RS_VERDICT_IMPROVEMENT], " improved");
    add_part(parts, n_new, " without a baseline");
    joined = join_parts(parts);
    return g_strconcat("no regression", parts->len > 0 ? ", " : "", joined, NULL);
}

static char *finding_phrase(const RsVerdict *verdict)
{
    const RsVerdictSummary *summary = &verdict->summary;
    g_autofree char *doubts = doubts_phrase(summary);
    g_autofree char *regressions = NULL;

    if (summary->n_benchmarks == 0 && verdict->functions->len > 0)
        return g_strdup_printf("%u function%s listed, nothing judged", verdict->functions->len,
                               verdict->functions->len == 1 ? "" : "s");
    if (summary->n_by_verdict[RS_VERDICT_REGRESSION] > 0) {
        regressions = regressions_phrase(summary);
        return doubts ? g_strdup_printf("%s, %s", regressions, doubts)
                      : g_steal_pointer(&regressions);
    }
    if (doubts && (summary->n_no_baseline < summary->n_benchmarks))
        return g_strdup_printf("%s of %u benchmark%s", doubts, summary->n_benchmarks,
                               summary->n_benchmarks == 1 ? "" : "s");
    if (verdict->gate.status == RS_GATE_ERROR)
        return g_strdup("could not measure");
    if (summary->n_benchmarks == 0)
        return g_strdup(verdict->failures->len > 0 ? "could not measure" : "nothing was compared");
    return calm_phrase(verdict);
}

/* The answers of rs_gate_exit_status that do not come from the gate itself. */
const char *rs_words_fails_here(const RsGateResult *gate)
{
    return gate->exit_status == 4   ? "a missing baseline"
           : gate->exit_status == 6 ? "undecided"
                                    : NULL;
}

char *rs_words_headline(const RsVerdict *verdict)
{
    static const char *const outcomes[] = {
        [RS_GATE_PASSED] = "gate passed",
        [RS_GATE_FAILED] = "gate failed",
        [RS_GATE_ACCEPTED] = "accepted, gate passed",
        [RS_GATE_UNDECIDED] = "gate undecided",
        [RS_GATE_ERROR] = "gate ended in an error",
    };
    g_autofree char *finding = finding_phrase(verdict);
    g_autofree char *bound = rs_words_bound(verdict);
    const char *fails = rs_words_fails_here(&verdict->gate);

    return g_strdup_printf(
        "rustscope: %s%s – %s%s (%s)", finding,
        rs_verdict_weakens_policy(verdict) ? ", the change loosens the gate" : "",
        fails ? fails : outcomes[verdict->gate.status], fails ? " fails here" : "", bound);
}

/* "time" in the unit of time reads as slower and faster, the rest as worse and better. */
static const char *direction_word(const RsRow *row, gboolean worse)
{
    if (g_strcmp0(row->unit, "ns") == 0)
        return worse ? "slower" : "faster";
    return worse ? "worse" : "better";
}

/* " (95 % CI +21.0 % … +25.9 %)", or nothing. */
static char *confidence(const RsRow *row)
{
    g_autofree char *interval = rs_words_interval(row);
    g_autofree char *level = rs_words_number(row->ci_level_pct);

    if (isnan(row->ci_low_pct) || isnan(row->ci_high_pct))
        return g_strdup("");
    return g_strdup_printf(" (%s %% CI %s)", level, interval);
}

static char *sensitivity(const RsRow *row)
{
    g_autofree char *mde = rs_words_number(ceil(row->mde_pct * 10) / 10);

    if (!isfinite(row->mde_pct))
        return g_strdup("");
    return g_strdup_printf(" This run would have caught a slowdown of %s %% 19 times in 20.", mde);
}

static char *row_bound(const RsRow *row)
{
    g_autofree char *bound = rs_words_number(row->bound_pct);

    return isfinite(row->bound_pct) ? g_strdup_printf("the gate fails from +%s %%", bound)
                                    : g_strdup("the gate never fails");
}

/* Rows with a figure: regression, improvement, below threshold, unchanged. */
static char *measured_row(const RsRow *row, const char *who, const RsWordsMarkup *markup)
{
    g_autofree char *metric = markup->prose(row->metric, 60);
    g_autofree char *change = rs_units_format_change_pct(row->change_pct);
    g_autofree char *interval = confidence(row);
    g_autofree char *bound = row_bound(row);
    g_autofree char *threshold = rs_words_number(row->threshold_pct);
    g_autofree char *caught = sensitivity(row);
    const char *strong = markup->strong;

    switch (row->verdict) {
    case RS_VERDICT_REGRESSION:
        return g_strdup_printf("%s is %s, a %s%s%s regression: %s %s%s%s%s; %s.", who,
                               direction_word(row, TRUE), strong, rs_severity_names[row->severity],
                               strong, metric, strong, change, strong, interval, bound);
    case RS_VERDICT_IMPROVEMENT:
        return g_strdup_printf("%s is %s: %s %s%s%s%s.", who, direction_word(row, FALSE), metric,
                               strong, change, strong, interval);
    case RS_VERDICT_BELOW_THRESHOLD:
        return g_strdup_printf("%s changed by less than the threshold of %s %%: %s %s%s.%s", who,
                               threshold, metric, change, interval, caught);
    default:
        return g_strdup_printf("%s is unchanged: %s %s%s.%s", who, metric, change, interval,
                               caught);
    }
}

static char *doubtful_row(const RsRow *row, const char *who, const RsWordsMarkup *markup)
{
    g_autofree char *metric = markup->prose(row->metric, 60);
    g_autofree char *given = row->reason ? markup->prose(row->reason, REASON_CHARS) : NULL;
    g_autofree char *change = rs_units_format_change_pct(row->change_pct);
    g_autofree char *interval = confidence(row);
    g_autofree char *caught = sensitivity(row);
    const char *colon = given ? ": " : "";
    const char *reason = given ? g_strchomp(given) : "";
    const char *stop = g_str_has_suffix(reason, ".") ? "" : ".";

    switch (row->verdict) {
    case RS_VERDICT_INCONCLUSIVE:
        return g_strdup_printf("%s could not be decided%s%s%s %s %s%s.%s", who, colon, reason, stop,
                               metric, change, interval, caught);
    case RS_VERDICT_INCOMPARABLE:
        return g_strdup_printf("%s (%s) cannot be compared%s%s%s", who, metric, colon, reason,
                               stop);
    case RS_VERDICT_NEW:
        return g_strdup_printf("%s has no baseline yet%s%s%s", who, colon, reason, stop);
    default:
        return g_strdup_printf("%s is missing on the current side%s%s%s", who, colon, reason, stop);
    }
}

char *rs_words_row(const RsRow *row, const RsWordsMarkup *markup)
{
    g_autofree char *name = markup->name(row->name);
    g_autofree char *who = g_strconcat(markup->strong, name, markup->strong, NULL);

    if (rs_view_row_is_identical(row))
        return g_strdup_printf("%s was not measured: both sides are the same files.", who);
    if (row->verdict == RS_VERDICT_REGRESSION || row->verdict == RS_VERDICT_IMPROVEMENT ||
        rs_view_row_is_calm(row))
        return measured_row(row, who, markup);
    return doubtful_row(row, who, markup);
}

char *rs_words_row_and_blame(const RsVerdict *verdict, const RsRow *row,
                             const RsWordsMarkup *markup)
{
    g_autofree char *sentence = rs_words_row(row, markup);
    g_autofree char *blame =
        row->verdict == RS_VERDICT_REGRESSION ? rs_words_blame(verdict, row->name, markup) : NULL;

    return blame ? g_strdup_printf("%s %s", sentence, blame) : g_steal_pointer(&sentence);
}

char *rs_words_failure(const RsVerdictFailure *failure, const RsWordsMarkup *markup)
{
    const RsFailure *what = failure->failure;
    g_autofree char *name = markup->name(failure->benchmark);
    g_autofree char *message = markup->prose(what->message, REASON_CHARS);
    g_autofree char *stage = markup->prose(what->stage, 40);
    g_autofree char *pair = what->pair >= 0
                                ? g_strdup_printf(" of pair %" G_GINT64_FORMAT, what->pair + 1)
                                : g_strdup("");

    return g_strdup_printf("%s%s%s: %s%s of the %s side failed%s%s", markup->strong, name,
                           markup->strong, stage, pair, rs_arm_names[what->arm],
                           *message ? ": " : ".", message);
}

static char *error_why(const RsVerdict *verdict, const RsWordsMarkup *markup)
{
    for (guint i = 0; i < verdict->failures->len; i++) {
        const RsVerdictFailure *failure = g_ptr_array_index(verdict->failures, i);

        if (failure->failure->arm == RS_ARM_CURRENT || i + 1 == verdict->failures->len)
            return rs_words_failure(failure, markup);
    }
    return NULL;
}

/* What keeps the gate from an answer, when a lesser regression is the worst row. */
static const RsRow *first_doubt(GPtrArray *benchmarks, const RsRow *otherwise)
{
    for (guint i = 0; i < benchmarks->len; i++) {
        const RsRow *row = ((RsViewBenchmark *)g_ptr_array_index(benchmarks, i))->worst;

        if (row && (row->verdict == RS_VERDICT_INCONCLUSIVE ||
                    row->verdict == RS_VERDICT_INCOMPARABLE || row->verdict == RS_VERDICT_MISSING))
            return row;
    }
    return otherwise;
}

/* Without the rules and who accepted. */
static char *why_of_rows(const RsVerdict *verdict, const RsWordsMarkup *markup)
{
    g_autoptr(GPtrArray) benchmarks = rs_view_benchmarks(verdict);
    const RsViewBenchmark *first = benchmarks->len > 0 ? g_ptr_array_index(benchmarks, 0) : NULL;
    const RsRow *worst = first ? first->worst : NULL;
    const char *reason = verdict->gate.reason;
    g_autofree char *why = NULL;

    if (verdict->gate.status == RS_GATE_ERROR && (why = error_why(verdict, markup)))
        return g_steal_pointer(&why);
    if (verdict->gate.status == RS_GATE_UNDECIDED)
        worst = first_doubt(benchmarks, worst);
    if (worst && !rs_view_row_is_calm(worst))
        return rs_words_row_and_blame(verdict, worst, markup);
    if (verdict->summary.n_benchmarks == 0 && verdict->functions->len > 0)
        return g_strdup("These files hold functions but no trials, so there is nothing that "
                        "statistics could judge: the changes below are descriptive.");
    if (worst && rs_view_row_is_identical(worst) && verdict->summary.n_benchmarks == 1)
        return rs_words_row(worst, markup);
    if (worst) {
        g_autofree char *threshold = rs_words_number(verdict->gate.gate->threshold_pct);

        return g_strdup_printf("%u benchmark%s, none slower by more than the threshold of %s %%.",
                               verdict->summary.n_benchmarks,
                               verdict->summary.n_benchmarks == 1 ? "" : "s", threshold);
    }
    if (reason && *reason)
        return markup->prose(reason, REASON_CHARS);
    return g_strdup("No benchmark was found in what was compared.");
}

static void add_subject(GString *why, const char *sentence, const RsWordsMarkup *markup)
{
    if (sentence)
        g_string_append_printf(why, "%s%s", why->len ? markup->next : "", sentence);
}

/* A loosened rule comes first where it alone failed the gate. */
char *rs_words_why(const RsVerdict *verdict, const RsWordsMarkup *markup)
{
    g_autofree char *rows = why_of_rows(verdict, markup);
    g_autofree char *policy = rs_words_policy(verdict, markup);
    g_autofree char *accepted = rs_words_acceptance(verdict, markup);
    RsSeverity fail_on = verdict->gate.gate->fail_on;
    gboolean rows_first = rs_view_severity(verdict) >= MAX(fail_on, RS_SEVERITY_MINOR);
    GString *why = g_string_new(NULL);

    if (!accepted && verdict->gate.status == RS_GATE_ACCEPTED && verdict->gate.reason)
        accepted = markup->prose(verdict->gate.reason, REASON_CHARS);
    if (rows_first)
        add_subject(why, rows, markup);
    add_subject(why, policy, markup);
    if (!rows_first)
        add_subject(why, rows, markup);
    add_subject(why, accepted, markup);
    return g_string_free(why, FALSE);
}
