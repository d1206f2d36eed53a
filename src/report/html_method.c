/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/html_method.h"

#include <math.h>

#include "report/html_write.h"

void rs_html_failure(GString *out, const RsVerdictFailure *entry)
{
    const RsFailure *failure = entry->failure;

    g_string_append(out, "<div class=\"failure\"><h3>");
    rs_html_name(out, entry->benchmark);
    g_string_append_printf(out, " <span class=\"metric\">%s, ", rs_arm_names[failure->arm]);
    rs_html_text(out, failure->stage, RS_HTML_NAME_CHARS);
    if (failure->pair >= 0) {
        g_string_append(out, " of pair ");
        rs_html_int(out, failure->pair + 1);
    }
    g_string_append(out, "</span></h3><p>");
    rs_html_text(out, failure->message, RS_HTML_SENTENCE_CHARS);
    if (failure->timed_out)
        g_string_append(out, " <span class=\"badge open\">timed out</span>");
    if (failure->signal_number)
        g_string_append_printf(out, " <span class=\"badge open\">signal %d</span>",
                               failure->signal_number);
    else if (failure->exit_status >= 0)
        g_string_append_printf(out, " <span class=\"badge open\">exit status %d</span>",
                               failure->exit_status);
    g_string_append(out, "</p>");
    if (failure->output_tail && *failure->output_tail) {
        g_string_append(out, "<p class=\"note\">The last lines it printed:</p><pre>");
        rs_html_tail(out, failure->output_tail, RS_HTML_OUTPUT_CHARS);
        g_string_append(out, "</pre>");
    }
    g_string_append(out, "</div>\n");
}

static void function_time(GString *out, gint64 self_ns)
{
    g_string_append(out, "<td class=\"num\">");
    rs_html_value(out, self_ns < 0 ? NAN : (double)self_ns, "ns", (double)self_ns);
    g_string_append(out, "</td>");
}

void rs_html_function_row(GString *out, const RsFunctionChange *change)
{
    g_string_append(out, "<tr><th scope=\"row\"><code>");
    rs_html_name(out, change->name);
    g_string_append(out, "</code> <span class=\"metric\">");
    rs_html_text(out, change->crate_name, RS_HTML_NAME_CHARS);
    g_string_append(out, "</span></th>");
    function_time(out, change->baseline_self_ns);
    function_time(out, change->current_self_ns);
    g_string_append(out, "<td class=\"num\">");
    rs_html_change(out, change->change_pct);
    g_string_append(out, "</td></tr>\n");
}

static void term(GString *out, const char *label)
{
    g_string_append_printf(out, "<div><dt>%s</dt><dd>", label);
}

static void end(GString *out)
{
    g_string_append(out, "</dd></div>\n");
}

static void text_term(GString *out, const char *label, const char *text)
{
    if (!text || !*text)
        return;
    term(out, label);
    rs_html_text(out, text, RS_HTML_SENTENCE_CHARS);
    end(out);
}

static void number_term(GString *out, const char *label, double value, const char *unit)
{
    if (!isfinite(value))
        return;
    term(out, label);
    rs_html_number(out, value, 3);
    g_string_append(out, unit);
    end(out);
}

static void rule_terms(GString *out, const RsVerdict *verdict)
{
    const RsGate *gate = verdict->gate.gate;
    g_autofree char *metrics = gate && gate->metrics ? g_strjoinv(", ", gate->metrics) : NULL;

    g_string_append(out, "<h3>Rule</h3><dl class=\"facts\">\n");
    text_term(out, "Rule version", verdict->rule_version);
    if (gate) {
        number_term(out, "Threshold T", gate->threshold_pct, " %");
        term(out, "Severity");
        g_string_append(out, "minor above T, moderate above ");
        rs_html_number(out, gate->moderate_factor, 2);
        g_string_append(out, " T, critical above ");
        rs_html_number(out, gate->critical_factor, 2);
        g_string_append(out, " T");
        end(out);
        text_term(out, "Fail on", rs_severity_names[gate->fail_on]);
        number_term(out, verdict->side_by_side ? "Alpha (false alarms, per report)" : "Alpha",
                    gate->alpha, "");
        if (verdict->side_by_side)
            number_term(out, "Beta (missed at T)", gate->beta, "");
        text_term(out, "Correction for many rows", rs_correction_names[gate->correction]);
        if (gate->n_family)
            number_term(out, "Rows corrected for", gate->n_family, "");
        text_term(out, "Gated metrics", metrics);
        if (verdict->side_by_side && gate->max_pairs)
            number_term(out, "Pair budget of a benchmark", gate->max_pairs, "");
        if (gate->max_time_s > 0)
            number_term(out, "Time budget", gate->max_time_s, " s");
    }
    term(out, "Exit status");
    rs_html_int(out, verdict->gate.exit_status);
    end(out);
    g_string_append(out, "</dl>\n");
}

static void revision_terms(GString *out, const char *heading, const RsRevision *revision)
{
    if (!revision->revision && !revision->branch && !revision->describe && !revision->repository)
        return;
    g_string_append_printf(out, "<h3>%s</h3><dl class=\"facts\">\n", heading);
    text_term(out, "Revision", revision->revision);
    text_term(out, "Branch", revision->branch);
    text_term(out, "Described as", revision->describe);
    text_term(out, "Repository", revision->repository);
    text_term(out, "Local changes", revision->dirty ? "yes" : "no");
    g_string_append(out, "</dl>\n");
}

static void count_term(GString *out, const char *label, gint64 n)
{
    if (n < 0)
        return;
    term(out, label);
    rs_html_int(out, n);
    end(out);
}

static void bytes_term(GString *out, const char *label, gint64 n_bytes)
{
    if (n_bytes < 0)
        return;
    term(out, label);
    rs_html_value(out, (double)n_bytes, "bytes", (double)n_bytes);
    end(out);
}

static gboolean is_known(const RsMachine *machine)
{
    return machine->hostname || machine->cpu_model || machine->kernel || machine->fingerprint ||
           machine->architecture || machine->n_cpus_online >= 0;
}

static void machine_terms(GString *out, const char *heading, const RsMachine *machine)
{
    if (!is_known(machine))
        return;
    g_string_append_printf(out, "<h3>%s</h3><dl class=\"facts\">\n", heading);
    text_term(out, "Host", machine->hostname);
    text_term(out, "CPU", machine->cpu_model);
    text_term(out, "Architecture", machine->architecture);
    count_term(out, "CPUs online", machine->n_cpus_online);
    count_term(out, "CPUs allowed", machine->n_cpus_allowed);
    count_term(out, "Cores", machine->n_cores);
    bytes_term(out, "Memory", machine->memory_bytes);
    number_term(out, "CPU limit of the cgroup", machine->cgroup_cpu_limit_cpus, " CPUs");
    bytes_term(out, "Memory limit of the cgroup", machine->cgroup_memory_limit_bytes);
    text_term(out, "Kernel", machine->kernel);
    text_term(out, "C library", machine->libc);
    text_term(out, "Hypervisor", machine->hypervisor);
    text_term(out, "Container", machine->container);
    text_term(out, "Frequency governor", machine->governor);
    text_term(out, "Microcode", machine->microcode);
    text_term(out, "Hardware counters", machine->pmu);
    text_term(out, "Fingerprint", machine->fingerprint);
    g_string_append(out, "</dl>\n");
}

/* With a constant schedule the second run of a pair may gain from the first; pairs in random order
 * keep that out of the verdict, and this tells how large it was. */
static void control_term(GString *out, const RsNoise *noise)
{
    if (!isfinite(noise->position_effect_pct))
        return;
    term(out, "Negative control");
    g_string_append(out, "second run of a pair against the first ");
    rs_html_change(out, noise->position_effect_pct);
    g_string_append(out, ", p ");
    rs_html_p_value(out, noise->position_p_value);
    if (isfinite(noise->position_p_value))
        g_string_append(out, noise->position_p_value < 0.05
                                 ? ": the order within a pair mattered; the random order keeps it "
                                   "out of the verdict"
                                 : ": the order within a pair made no difference that shows");
    end(out);
}

static void noise_terms(GString *out, const RsNoise *noise)
{
    g_string_append(out, "<h3>Noise while measuring</h3><dl class=\"facts\">\n");
    control_term(out, noise);
    if (isfinite(noise->calibration_median_ns)) {
        term(out, "Calibration loop");
        g_string_append(out, "median ");
        rs_html_value(out, noise->calibration_median_ns, "ns", noise->calibration_median_ns);
        if (isfinite(noise->calibration_cv_pct)) {
            g_string_append(out, ", spread (CV) ");
            rs_html_number(out, noise->calibration_cv_pct, 2);
            g_string_append(out, " %");
        }
        g_string_append(out, ", ");
        rs_html_count(out, noise->n_calibrations, "run");
        end(out);
    }
    number_term(out, "Load at the start", noise->load_start, "");
    number_term(out, "Load at the end", noise->load_end, "");
    number_term(out, "Steal", noise->steal_pct, " % of CPU time");
    number_term(out, "Throttled", noise->throttled_pct, " % of the trials' wall time");
    count_term(out, "Out-of-memory kills", noise->n_oom_kills);
    if (noise->sampling_rate_hz > 0)
        number_term(out, "Profile running along", noise->sampling_rate_hz, " samples/s");
    g_string_append(out, "</dl>\n");
}

static void design(GString *out, const RsVerdict *verdict)
{
    if (verdict->side_by_side)
        g_string_append(out, "<p>Side by side: every pair runs the baseline and the current "
                             "program one after the other, in random order");
    else
        g_string_append(out, "<p>Apart: the two files come from two runs, each of one program");
    if (verdict->seed >= 0) {
        g_string_append(out, " (seed <code>");
        rs_html_int(out, verdict->seed);
        g_string_append(out, "</code>)");
    }
    g_string_append(out, ". One launch of the program, or the stated number of launches, is one "
                         "trial. Outliers are counted, never removed.</p>\n");
}

void rs_html_method(GString *out, const RsVerdict *verdict)
{
    gboolean one_machine = verdict->side_by_side;

    g_string_append(out, "<section id=\"method\"><h2>How this was measured</h2>\n");
    design(out, verdict);
    if (verdict->command && *verdict->command) {
        g_string_append(out, "<p>The command that repeats this comparison:</p><pre>");
        rs_html_text(out, verdict->command, RS_HTML_COMMAND_CHARS);
        g_string_append(out, "</pre>\n");
    }
    g_string_append(out, "<div class=\"blocks\"><div>");
    rule_terms(out, verdict);
    g_string_append(out, "</div><div>");
    noise_terms(out, &verdict->noise);
    g_string_append(out, "</div><div>");
    machine_terms(out, one_machine ? "Machine" : "Machine of the baseline", &verdict->machines[0]);
    g_string_append(out, "</div><div>");
    if (!one_machine)
        machine_terms(out, "Machine of the current side", &verdict->machines[RS_ARM_CURRENT]);
    revision_terms(out, "Baseline", &verdict->revisions[RS_ARM_BASELINE]);
    revision_terms(out, "Current", &verdict->revisions[RS_ARM_CURRENT]);
    g_string_append(out, "</div></div></section>\n<footer><p>rustscope ");
    rs_html_text(out, verdict->tool_version, RS_HTML_NAME_CHARS);
    if (verdict->created_at) {
        g_string_append(out, ", ");
        rs_html_text(out, verdict->created_at, RS_HTML_NAME_CHARS);
    }
    g_string_append(out, "</p></footer>\n");
}
