/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/bench_opts.h"

#include <stdio.h>
#include <string.h>

#include "base/child_env.h"
#include "trial/config.h"
#include "trial/machine.h"
#include "trial/vcs.h"

static gboolean usage(GError **error, const char *message)
{
    g_set_error_literal(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, message);
    return FALSE;
}

static gboolean parse_exit_codes(const char *text, GArray *codes, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(text, ",", -1);

    g_array_set_size(codes, 0);
    for (char **part = parts; *part; part++) {
        char *end;
        gint64 code = g_ascii_strtoll(*part, &end, 10);
        int small = (int)code;

        if (end == *part || *end || code < 0 || code > 255)
            return usage(error, "--exit-codes: expected numbers from 0 to 255, such as 0,1");
        g_array_append_val(codes, small);
    }
    return TRUE;
}

static void set_command(RsCommand *command, const char *text)
{
    if (!text)
        return;
    rs_command_clear(command);
    command->argv = g_new0(char *, 2);
    command->argv[0] = g_strdup(text);
    command->shell = TRUE;
}

/* An absolute path, so that nothing depends on where this process was started. */
static char *absolute(const char *path)
{
    return path ? g_canonicalize_filename(path, NULL) : NULL;
}

static void set_text(char **target, char *text)
{
    if (!text)
        return;
    g_free(*target);
    *target = text;
}

/* Options that hold for any benchmark, from a file or not; only_given: leave the file's word
 * otherwise. */
static gboolean apply(const RsBenchOpts *bench, const RsOpt *rows, const RsOptBase *base,
                      gboolean only_given, RsPlanBenchmark *benchmark, GError **error)
{
#define WANTED(name) (!only_given || rs_opt_given(rows, base, name))
    if (WANTED("timeout"))
        benchmark->timeout_s = bench->timeout_s;
    if (WANTED("warmup"))
        benchmark->n_warmups = bench->n_warmups;
    if (WANTED("launches"))
        benchmark->launches_per_trial = bench->launches;
    if (bench->n_trials)
        benchmark->n_trials = bench->n_trials;
    if (WANTED("exit-codes") && !parse_exit_codes(bench->exit_codes, benchmark->exit_codes, error))
        return FALSE;
#undef WANTED
    for (RsArm arm = 0; arm < RS_N_ARMS; arm++) {
        RsProgram *program = &benchmark->programs[arm];

        set_command(&benchmark->setup[arm], bench->setup);
        set_command(&benchmark->prepare[arm], bench->prepare);
        set_command(&benchmark->cleanup[arm], bench->cleanup);
        set_text(&program->working_directory, absolute(bench->working_directory));
        set_text(&program->stdin_path, absolute(bench->stdin_path));
        for (char **entry = bench->environment; entry && *entry; entry++) {
            g_autofree char *name = g_strndup(*entry, strcspn(*entry, "="));

            if (!strchr(*entry, '=') || !*name)
                return usage(error, "--env: expected NAME=VALUE");
            program->environment =
                g_environ_setenv(program->environment, name, strchr(*entry, '=') + 1, TRUE);
        }
    }
    return TRUE;
}

static gboolean parse_program(const char *text, gboolean shell, RsProgram *program, GError **error)
{
    program->shell = shell;
    return rs_command_parse(text, shell, &program->argv, error);
}

/* The benchmark of the command line: its name is the current program's unless one is given. */
static char *name_of(const RsBenchOpts *bench, const RsProgram *program)
{
    g_autofree char *word = NULL;

    if (bench->name)
        return g_strdup(bench->name);
    word = g_strndup(program->argv[0], strcspn(program->argv[0], " "));
    return g_path_get_basename(word);
}

static gboolean fill_programs(const RsBenchOpts *bench, char **command, RsProgram *programs,
                              GError **error)
{
    if (command && (bench->baseline || bench->current))
        return usage(error, "give either --baseline and --current, or one command behind --");
    if (!command && (!bench->baseline || !bench->current))
        return usage(error, "nothing to run: give --baseline CMD and --current CMD, or -- CMD "
                            "ARGS..., or a configuration file with -c");
    if (command && (!*command || !**command))
        return usage(error, "the command behind -- is empty");
    if (command) {
        programs[RS_ARM_BASELINE].shell = bench->shell;
        programs[RS_ARM_BASELINE].argv = bench->shell ? g_new0(char *, 2) : g_strdupv(command);
        if (bench->shell)
            programs[RS_ARM_BASELINE].argv[0] = g_strjoinv(" ", command);
        return TRUE;
    }
    if (!parse_program(bench->baseline, bench->shell, &programs[RS_ARM_BASELINE], error)) {
        g_prefix_error(error, "--baseline: ");
        return FALSE;
    }
    if (!parse_program(bench->current, bench->shell, &programs[RS_ARM_CURRENT], error)) {
        g_prefix_error(error, "--current: ");
        return FALSE;
    }
    programs[RS_ARM_BASELINE].working_directory = absolute(bench->baseline_directory);
    programs[RS_ARM_CURRENT].working_directory = absolute(bench->current_directory);
    programs[RS_ARM_BASELINE].build_command = g_strdup(bench->baseline_build);
    programs[RS_ARM_CURRENT].build_command = g_strdup(bench->current_build);
    return TRUE;
}

static RsPlan *plan_of_command_line(const RsBenchOpts *bench, const RsOptBase *base, GError **error)
{
    g_autoptr(RsPlan) plan = rs_plan_new();
    RsDesign design = base->command ? RS_DESIGN_SINGLE : RS_DESIGN_PAIRED;
    RsPlanBenchmark *benchmark = rs_plan_benchmark_new("", design);

    g_ptr_array_add(plan->benchmarks, benchmark);
    if (!fill_programs(bench, base->command, benchmark->programs, error))
        return NULL;
    g_free(benchmark->name);
    benchmark->name =
        name_of(bench, &benchmark->programs[base->command ? RS_ARM_BASELINE : RS_ARM_CURRENT]);
    return g_steal_pointer(&plan);
}

static gboolean parse_shard(const char *text, guint *index, guint *count, GError **error)
{
    char rest;

    *index = *count = 0;
    if (!text)
        return TRUE;
    if (sscanf(text, "%u/%u%c", index, count, &rest) == 2 && *count > 0)
        return TRUE;
    return usage(error, "--shard: expected I/N, such as 2/8");
}

static RsPlan *plan_of_file(const RsBenchOpts *bench, const RsOptBase *base, GError **error)
{
    if (bench->baseline || bench->current || base->command || bench->name) {
        usage(error, "with a configuration file the commands come from it");
        return NULL;
    }
    return rs_config_read(bench->config_path, error);
}

gboolean rs_bench_settle_plan(RsPlan *plan, const RsBenchOpts *bench, const RsGateOpts *gate,
                              const RsOpt *rows, const RsOptBase *base, gboolean only_given,
                              GError **error)
{
    guint shard_index, shard_count;

    if (!rs_gate_opts_apply(gate, rows, base, only_given, plan->gate, error))
        return FALSE;
    if (!only_given || rs_opt_given(rows, base, "max-pairs"))
        plan->gate->max_pairs = bench->max_pairs;
    if (!only_given || rs_opt_given(rows, base, "max-time"))
        plan->gate->max_time_s = bench->max_time_s;
    if (bench->seed >= 0)
        plan->seed = bench->seed;
    if (!only_given || rs_opt_given(rows, base, "sample-rate"))
        plan->sample_rate_hz = bench->sample_rate_hz;
    if (!only_given || rs_opt_given(rows, base, "blame-samples"))
        plan->n_blame_samples = bench->n_blame_samples;
    plan->sampler = (RsSamplerChoice)bench->sampler;
    if (plan->sample_rate_hz < 0 || plan->sample_rate_hz > RS_SAMPLING_MAX_HZ)
        return usage(error, "--sample-rate: expected samples per second, from 0 (none) to 10000");
    if (plan->gate->max_pairs < 1)
        return usage(error, "--max-pairs: expected 1 or more");
    for (guint i = 0; i < plan->benchmarks->len; i++)
        if (!apply(bench, rows, base, only_given, g_ptr_array_index(plan->benchmarks, i), error))
            return FALSE;
    rs_plan_seal(plan);
    return parse_shard(bench->shard, &shard_index, &shard_count, error) &&
           rs_plan_select(plan, bench->filters, bench->tags, shard_index, shard_count, error);
}

RsPlan *rs_bench_plan(const RsBenchOpts *bench, const RsGateOpts *gate, const RsOpt *rows,
                      const RsOptBase *base, GError **error)
{
    g_autoptr(RsPlan) plan = bench->config_path ? plan_of_file(bench, base, error)
                                                : plan_of_command_line(bench, base, error);

    if (!plan ||
        !rs_bench_settle_plan(plan, bench, gate, rows, base, bench->config_path != NULL, error))
        return NULL;
    return g_steal_pointer(&plan);
}

RsSession *rs_bench_session(const RsPlan *plan)
{
    RsSession *session = rs_collect_session(plan);
    const RsPlanBenchmark *first = g_ptr_array_index(plan->benchmarks, 0);
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();

    session->created_at = g_date_time_format_iso8601(now);
    rs_machine_read("/", &session->machine);
    for (RsArm arm = 0; arm < RS_N_ARMS; arm++) {
        const RsProgram *program = &first->programs[arm];

        /* Without a folder of its own the baseline's revision is not known. */
        if (arm == RS_ARM_CURRENT || program->working_directory)
            rs_vcs_read(program->working_directory, &session->revisions[arm]);
    }
    return session;
}

static void append_quoted(GString *text, const char *option, const char *value)
{
    g_autofree char *quoted = g_shell_quote(value);

    g_string_append_printf(text, " %s%s%s", option, *option ? " " : "", quoted);
}

static void append_program(GString *text, const char *option, const RsProgram *program)
{
    g_autoptr(GString) line = g_string_new(program->shell ? program->argv[0] : NULL);

    for (char **argument = program->argv; !program->shell && *argument; argument++) {
        g_autofree char *quoted = g_shell_quote(*argument);
        gboolean plain = strcspn(*argument, " \t\n'\"\\$`*?[]{}()<>|&;#~!") == strlen(*argument);

        g_string_append_printf(line, "%s%s", line->len ? " " : "", plain ? *argument : quoted);
    }
    append_quoted(text, option, line->str);
}

void rs_bench_append_gate(GString *text, const RsGate *gate)
{
    g_autoptr(RsGate) usual = rs_gate_new();
    g_autofree char *metrics = g_strjoinv(",", gate->metrics);

    g_string_append_printf(text, " --threshold %g", gate->threshold_pct);
    if (gate->fail_on != usual->fail_on)
        g_string_append_printf(text, " --fail-on %s", rs_severity_names[gate->fail_on]);
    if (gate->alpha != usual->alpha)
        g_string_append_printf(text, " --alpha %g", gate->alpha);
    if (gate->moderate_factor != usual->moderate_factor ||
        gate->critical_factor != usual->critical_factor)
        g_string_append_printf(text, " --severity-bounds %g,%g", gate->moderate_factor,
                               gate->critical_factor);
    if (!g_strv_equal((const char *const *)gate->metrics, (const char *const *)usual->metrics))
        append_quoted(text, "--metric", metrics);
}

/* One benchmark of the command line: its programs and where they ran. */
static void append_benchmark(GString *text, const RsBenchmark *benchmark)
{
    const RsProgram *baseline = &benchmark->programs[RS_ARM_BASELINE];
    const RsProgram *current = &benchmark->programs[RS_ARM_CURRENT];

    if (baseline->shell)
        g_string_append(text, " --shell");
    append_program(text, "--baseline", baseline);
    append_program(text, "--current", current);
    append_quoted(text, "--name", benchmark->name);
    if (baseline->working_directory)
        append_quoted(text, "--baseline-directory", baseline->working_directory);
    if (current->working_directory)
        append_quoted(text, "--current-directory", current->working_directory);
    if (current->stdin_path)
        append_quoted(text, "--stdin", current->stdin_path);
}

char *rs_bench_repeat_command(const RsSession *session)
{
    const RsBenchmark *only =
        session->benchmarks->len == 1 ? g_ptr_array_index(session->benchmarks, 0) : NULL;
    g_autoptr(GString) text = g_string_new("rustscope bench-run");

    if (session->configuration_sha256 || !only || !only->programs[RS_ARM_CURRENT].argv ||
        !only->programs[RS_ARM_BASELINE].argv)
        g_string_append(text, " -c " RS_CONFIG_FILE);
    else
        append_benchmark(text, only);
    if (session->gate)
        rs_bench_append_gate(text, session->gate);
    g_string_append_printf(text,
                           " --seed %" G_GINT64_FORMAT " -o run.json && rustscope compare run.json",
                           session->seed);
    return rs_child_env_without_url_secrets(text->str);
}
