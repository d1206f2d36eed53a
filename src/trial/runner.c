/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trial/runner.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/child_env.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "base/units.h"
#include "trial/counters.h"
#include "trial/machine.h"
#include "trial/metrics_file.h"
#include "trial/program.h"

/* Steal is counted in ticks of 10 ms: over less than one it is not told. */
#define PRESSURE_MIN_NS    (10 * 1000 * 1000)
#define OUTPUT_LIMIT_LINES 20
#define APART_PART         4 /* of the launches of a trial are repeated for samples alone */

/* A launcher, and the counters that follow its children. */
typedef struct {
    RsLauncher *launcher;
    RsCounters *counters; /* NULL: none here */
} Lane;

struct RsRunner {
    Lane usual, plain;    /* plain: not sampled; without a launcher when there is no sampling */
    Lane *lane;           /* of the launches at hand */
    RsSampling *sampling; /* NULL: none */
    gboolean saw_others;  /* samples of what is no trial may have come since the last one */
    RsRunnerOptions options;
    RsPressureReader *pressure_reader;
    RsPressure pressure; /* at the end of the last trial */
    char *folder, *metrics_path;
    RsLaunchResult *result;   /* large, reused */
    GHashTable *environments; /* char **, by RsProgram; see environment_for */
};

RsRunner *rs_runner_new(RsLauncher *launcher, const RsRunnerOptions *options, char **pmu,
                        GError **error)
{
    g_autoptr(RsRunner) runner = g_new0(RsRunner, 1);
    char *why = NULL;

    runner->usual.launcher = launcher;
    runner->lane = &runner->usual;
    runner->options = *options;
    runner->folder = g_dir_make_tmp("rustscope-XXXXXX", error);
    if (!runner->folder)
        return NULL;
    runner->metrics_path = g_build_filename(runner->folder, "metrics", NULL);
    runner->pressure_reader = rs_pressure_reader_new("/");
    rs_pressure_read(runner->pressure_reader, &runner->pressure);
    runner->usual.counters = rs_counters_open(rs_counter_rows, rs_launcher_pid(launcher), &why);
    runner->result = g_new0(RsLaunchResult, 1);
    runner->environments = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_strfreev);
    *pmu = runner->usual.counters ? g_strdup("available") : why;
    return g_steal_pointer(&runner);
}

void rs_runner_free(RsRunner *runner)
{
    if (!runner)
        return;
    if (runner->metrics_path)
        g_unlink(runner->metrics_path);
    if (runner->folder)
        g_rmdir(runner->folder);
    g_free(runner->metrics_path);
    g_free(runner->folder);
    rs_counters_free(runner->usual.counters);
    rs_counters_free(runner->plain.counters);
    if (runner->pressure_reader)
        rs_pressure_reader_free(runner->pressure_reader);
    g_free(runner->result);
    g_clear_pointer(&runner->environments, g_hash_table_unref);
    g_free(runner);
}

void rs_runner_set_sampling(RsRunner *runner, RsSampling *sampling, RsLauncher *plain)
{
    g_autofree char *why = NULL;

    runner->sampling = sampling;
    runner->plain.launcher = plain;
    if (runner->usual.counters)
        runner->plain.counters = rs_counters_open(rs_counter_rows, rs_launcher_pid(plain), &why);
    runner->saw_others = TRUE;
}

static void add_metric(RsBenchmark *benchmark, RsMetricId id)
{
    const RsMetricRow *row = &rs_metric_rows[id];

    if (!rs_benchmark_metric(benchmark, row->name))
        rs_benchmark_add_metric(benchmark, row->name, row->unit, row->direction, RS_COUNT);
}

void rs_runner_add_metrics(const RsRunner *runner, RsBenchmark *benchmark)
{
    for (RsMetricId id = RS_METRIC_WALL; id <= RS_METRIC_INVOLUNTARY_SWITCHES; id++)
        add_metric(benchmark, id);
    if (runner->pressure.steal_ns >= 0)
        add_metric(benchmark, RS_METRIC_STEAL);
    if (runner->pressure.throttled_ns >= 0)
        add_metric(benchmark, RS_METRIC_THROTTLED);
    for (RsMetricId id = RS_METRIC_INSTRUCTIONS; runner->usual.counters && id < RS_N_METRICS; id++)
        add_metric(benchmark, id);
}

/* --- launching --- */

/* Built once for each program (NULL: for commands of none): looking for secrets in every variable
 * before every trial would cost more than the rest of a short one. */
static char **environment_for(RsRunner *runner, const RsProgram *program)
{
    const RsArms *arms = &runner->options.arms;
    char **environment = g_hash_table_lookup(runner->environments, program);

    if (environment)
        return environment;
    /* Not a copy: its secrets would stay in memory that a launcher inherits. */
    environment = rs_child_env(environ, runner->options.pass_environment, NULL);
    if (arms->environment)
        environment = arms->environment(environment, arms->data);
    environment = rs_child_env_set(environment, program ? program->environment : NULL);
    environment = g_environ_setenv(environment, "RUSTSCOPE_METRICS", runner->metrics_path, TRUE);
    g_hash_table_insert(runner->environments, (gpointer)program, environment);
    return environment;
}

static gboolean launch(RsRunner *runner, const RsProgram *program, const char *path, char **argv,
                       const RsLaunch *like, gboolean may_stop, GError **error)
{
    RsLaunch request = *like;

    request.path = path;
    request.argv = argv;
    request.environment = environment_for(runner, program);
    request.working_directory = program ? program->working_directory : NULL;
    request.show_output = runner->options.show_output;
    runner->saw_others = TRUE;
    return rs_launcher_run(runner->lane->launcher, &request, may_stop ? runner->options.stop : NULL,
                           runner->result, error);
}

gboolean rs_runner_show_arm(const RsRunner *runner, RsArm arm, GError **error)
{
    const RsArms *arms = &runner->options.arms;

    return !arms->before || arms->before(arm, arms->data, error);
}

gboolean rs_runner_check_program(const RsRunner *runner, const RsProgram *program,
                                 GPtrArray *warnings, GError **error)
{
    const RsArms *arms = &runner->options.arms;

    return !arms->check || arms->check(program, warnings, arms->data, error);
}

gboolean rs_runner_arms_share_a_path(const RsRunner *runner)
{
    return runner->options.arms.before != NULL;
}

gboolean rs_runner_is_same_around(const RsRunner *runner, const RsProgram *program)
{
    const RsArms *arms = &runner->options.arms;

    return !arms->before || (arms->is_same_around && arms->is_same_around(program, arms->data));
}

static gboolean launch_program(RsRunner *runner, const RsTrialRequest *request, guint n_launches,
                               GError **error)
{
    const RsPlanBenchmark *plan = request->plan;
    const RsProgram *program = &request->benchmark->programs[request->arm];
    char *shell_argv[] = {(char *)"/bin/sh", (char *)"-c", program->argv[0], NULL};
    RsLaunch like = {
        .n_launches = n_launches,
        .padding_bytes = request->padding_bytes,
        .timeout_s = plan->timeout_s,
        .stdin_path = program->stdin_path,
        .exit_codes = plan->exit_codes ? (const int *)plan->exit_codes->data : NULL,
        .n_exit_codes = plan->exit_codes ? plan->exit_codes->len : 0,
    };

    g_unlink(runner->metrics_path); /* of a hook, or of a trial that failed */
    if (!rs_runner_show_arm(runner, request->arm, error))
        return FALSE;
    return launch(runner, &plan->programs[request->arm],
                  program->shell ? "/bin/sh" : program->executable_path,
                  program->shell ? shell_argv : program->argv, &like, TRUE, error);
}

/* --- what went wrong --- */

static char *describe(const RsLaunchResult *result, double timeout_s)
{
    if (result->start_errno)
        return g_strdup_printf("could not be started: %s", g_strerror(result->start_errno));
    if (result->timed_out) {
        g_autofree char *limit = rs_units_format_duration(timeout_s);

        return g_strdup_printf("did not end within %s and was killed", limit);
    }
    if (result->signal_number)
        return g_strdup_printf("was killed by signal %d (%s)", result->signal_number,
                               strsignal(result->signal_number));
    return g_strdup_printf("exited with status %d", result->exit_status);
}

/* The last lines, harmless to print. */
static char *tail_of(const RsLaunchResult *result)
{
    g_autofree char *plain = rs_text_plain(result->output_tail, result->n_output_tail_bytes, TRUE,
                                           RS_LAUNCHER_TAIL_BYTES);
    const char *start = g_strchomp(plain) + strlen(plain);
    guint n_lines = 0;

    while (start > plain && n_lines < OUTPUT_LIMIT_LINES)
        n_lines += *--start == '\n';
    return g_strdup(*start == '\n' ? start + 1 : start);
}

static RsFailure *failure_of(const RsLaunchResult *result, RsArm arm, const char *stage,
                             double timeout_s)
{
    RsFailure *failure = rs_failure_new(arm, stage);

    failure->exit_status = result->exit_status;
    failure->signal_number = result->signal_number;
    failure->timed_out = result->timed_out;
    failure->message = describe(result, timeout_s);
    failure->output_tail = tail_of(result);
    return failure;
}

static void record_failure(RsRunner *runner, const RsTrialRequest *request, const char *stage)
{
    RsFailure *failure = failure_of(runner->result, request->arm, stage, request->plan->timeout_s);

    failure->pair = request->pair;
    g_ptr_array_add(request->benchmark->failures, failure);
}

/* --- recording --- */

static void set_count(const RsTrialRequest *request, guint trial, RsMetricId id, gint64 count)
{
    RsMetric *metric = rs_benchmark_metric(request->benchmark, rs_metric_rows[id].name);

    if (metric)
        rs_benchmark_set_value(request->benchmark, trial, metric, (RsValue){.count = count});
}

static gint64 each(gint64 sum, guint n)
{
    return sum == RS_COUNT_ABSENT ? sum : (sum + n / 2) / n;
}

static void record_usage(const RsTrialRequest *request, guint trial, const RsLaunchResult *result)
{
    guint n = MAX(result->n_launches, 1);

    set_count(request, trial, RS_METRIC_WALL, each(result->wall_ns, n));
    set_count(request, trial, RS_METRIC_CPU, each(result->user_ns + result->system_ns, n));
    set_count(request, trial, RS_METRIC_USER, each(result->user_ns, n));
    set_count(request, trial, RS_METRIC_SYSTEM, each(result->system_ns, n));
    set_count(request, trial, RS_METRIC_MAX_RSS, result->max_rss_bytes);
    set_count(request, trial, RS_METRIC_MINOR_FAULTS, each(result->minor_faults, n));
    set_count(request, trial, RS_METRIC_MAJOR_FAULTS, each(result->major_faults, n));
    set_count(request, trial, RS_METRIC_VOLUNTARY_SWITCHES, each(result->voluntary_switches, n));
    set_count(request, trial, RS_METRIC_INVOLUNTARY_SWITCHES,
              each(result->involuntary_switches, n));
}

static void record_pressure(RsRunner *runner, const RsTrialRequest *request, guint trial)
{
    RsPressure before = runner->pressure;
    guint n = MAX(runner->result->n_launches, 1);

    if (runner->result->wall_ns < PRESSURE_MIN_NS)
        return;
    rs_pressure_read(runner->pressure_reader, &runner->pressure);
    if (before.steal_ns >= 0)
        set_count(request, trial, RS_METRIC_STEAL,
                  each(runner->pressure.steal_ns - before.steal_ns, n));
    if (before.throttled_ns >= 0)
        set_count(request, trial, RS_METRIC_THROTTLED,
                  each(runner->pressure.throttled_ns - before.throttled_ns, n));
    if (before.n_oom_kills >= 0 && runner->pressure.n_oom_kills > before.n_oom_kills)
        g_ptr_array_add(request->benchmark->warnings,
                        g_strdup_printf("the kernel killed a process for lack of memory during "
                                        "pair %d",
                                        request->pair));
}

static void record_counters(RsRunner *runner, const RsTrialRequest *request, guint trial)
{
    gint64 counts[RS_N_METRICS];

    if (!runner->lane->counters)
        return;
    rs_counters_take(runner->lane->counters, counts);
    for (RsMetricId id = RS_METRIC_INSTRUCTIONS; id < RS_N_METRICS; id++)
        set_count(request, trial, id, each(counts[id], MAX(runner->result->n_launches, 1)));
}

static void warn_once(RsBenchmark *benchmark, const char *sentence)
{
    for (guint i = 0; i < benchmark->warnings->len; i++)
        if (g_str_equal(g_ptr_array_index(benchmark->warnings, i), sentence))
            return;
    g_ptr_array_add(benchmark->warnings, g_strdup(sentence));
}

static void record_own_metrics(RsRunner *runner, const RsTrialRequest *request, guint trial)
{
    RsBenchmark *benchmark = request->benchmark;
    g_autofree guint8 *text = NULL;
    g_autofree char *problem = NULL;
    g_autoptr(GPtrArray) own = NULL;
    GStatBuf status;
    gsize n_bytes;

    if (g_stat(runner->metrics_path, &status) != 0)
        return;
    if (S_ISREG(status.st_mode)) /* to open a pipe could take for ever */
        text = rs_file_read(runner->metrics_path, RS_METRICS_FILE_LIMIT_BYTES, &n_bytes, NULL);
    g_unlink(runner->metrics_path);
    own = text ? rs_metrics_file_parse((const char *)text, n_bytes, &problem) : NULL;
    if (!own) {
        warn_once(benchmark, problem ? problem : "RUSTSCOPE_METRICS: the file cannot be read");
        return;
    }
    for (guint i = 0; i < own->len; i++) {
        const RsOwnMetric *found = g_ptr_array_index(own, i);
        RsMetric *metric = rs_benchmark_metric(benchmark, found->name);

        if (!metric)
            metric = rs_benchmark_add_metric(benchmark, found->name, found->unit, found->direction,
                                             RS_REAL);
        if (g_str_equal(metric->unit, found->unit) && metric->direction == found->direction &&
            metric->kind == RS_REAL)
            rs_benchmark_set_value(benchmark, trial, metric, (RsValue){.real = found->value});
        else
            warn_once(benchmark, "RUSTSCOPE_METRICS: a metric changed its unit or direction");
    }
}

static void note_left_behind(const RsTrialRequest *request, const RsLaunchResult *result)
{
    g_autofree char *sentence = NULL;

    if (!result->n_left_behind || result->timed_out)
        return;
    sentence = g_strdup_printf("the %s program left processes running behind it; they were killed",
                               rs_arm_names[request->arm]);
    warn_once(request->benchmark, sentence);
}

/* --- the operations --- */

static gboolean prepare(RsRunner *runner, const RsTrialRequest *request, gboolean *succeeded,
                        GError **error)
{
    RsFailure *failure = NULL;

    if (!rs_runner_command(runner, &request->plan->prepare[request->arm],
                           &request->plan->programs[request->arm], request->arm, "prepare", TRUE,
                           &failure, error))
        return FALSE;
    *succeeded = failure == NULL;
    if (failure) {
        failure->pair = request->pair;
        g_ptr_array_add(request->benchmark->failures, failure);
    }
    return TRUE;
}

/* Only what is launched from now on counts as this trial's. */
static void begin_counting(RsRunner *runner)
{
    gint64 counts[RS_N_METRICS];

    if (runner->lane->counters)
        rs_counters_take(runner->lane->counters, counts);
    if (runner->sampling && runner->saw_others && runner->lane == &runner->usual)
        rs_sampling_pass(runner->sampling);
}

static void record_trial(RsRunner *runner, const RsTrialRequest *request, gint64 start_ns)
{
    guint trial = rs_benchmark_add_trial(request->benchmark, request->arm, request->pair,
                                         start_ns - request->session_start_ns);

    record_usage(request, trial, runner->result);
    record_pressure(runner, request, trial);
    record_counters(runner, request, trial);
    record_own_metrics(runner, request, trial);
    note_left_behind(request, runner->result);
    if (!runner->sampling || runner->lane != &runner->usual)
        return;
    rs_sampling_take(runner->sampling, request->benchmark, trial, 1);
    runner->saw_others = FALSE;
}

/* Launches after those that were measured, for samples alone; their weight is scaled to the CPU
 * time of those. One that fails leaves the trial without samples, and is no failure. */
static gboolean sample_apart(RsRunner *runner, const RsTrialRequest *request, GError **error)
{
    gint64 measured_ns = runner->result->user_ns + runner->result->system_ns, sampled_ns;
    RsBenchmark *benchmark = request->benchmark;
    guint n_launches = MAX(benchmark->launches_per_trial / APART_PART, 1);

    begin_counting(runner);
    if (!launch_program(runner, request, n_launches, error))
        return FALSE;
    g_unlink(runner->metrics_path);
    if (!runner->result->succeeded)
        return TRUE;
    sampled_ns = runner->result->user_ns + runner->result->system_ns;
    rs_sampling_take(runner->sampling, benchmark, rs_benchmark_n_trials(benchmark) - 1,
                     sampled_ns > 0 ? (double)measured_ns / (double)sampled_ns : 1);
    runner->saw_others = FALSE;
    return TRUE;
}

gboolean rs_runner_trial(RsRunner *runner, const RsTrialRequest *request, gboolean *succeeded,
                         GError **error)
{
    gboolean apart = request->sample_apart && runner->sampling &&
                     rs_sampling_is_on(runner->sampling) &&
                     !request->plan->prepare[request->arm].argv;
    gint64 start_ns;
    gboolean ok;

    if (!prepare(runner, request, succeeded, error))
        return FALSE;
    if (!*succeeded)
        return TRUE;
    runner->lane = apart ? &runner->plain : &runner->usual;
    begin_counting(runner);
    start_ns = rs_monotonic_ns();
    ok = launch_program(runner, request, request->benchmark->launches_per_trial, error);
    *succeeded = ok && runner->result->succeeded;
    if (*succeeded)
        record_trial(runner, request, start_ns);
    else if (ok)
        record_failure(runner, request, "trial");
    runner->lane = &runner->usual;
    return ok && (!apart || !*succeeded || sample_apart(runner, request, error));
}

gboolean rs_runner_try(RsRunner *runner, const RsTrialRequest *request, gboolean sampled,
                       guint n_launches, gboolean *succeeded, RsTrialTime *time, GError **error)
{
    RsFailure *failure = NULL;
    gboolean ok;

    if (!rs_runner_command(runner, &request->plan->prepare[request->arm],
                           &request->plan->programs[request->arm], request->arm, "prepare", TRUE,
                           &failure, error))
        return FALSE;
    *succeeded = failure == NULL;
    g_clear_pointer(&failure, rs_failure_free);
    if (!*succeeded)
        return TRUE;
    runner->lane = sampled ? &runner->usual : &runner->plain;
    ok = launch_program(runner, request, n_launches, error);
    runner->lane = &runner->usual;
    g_unlink(runner->metrics_path);
    *succeeded = ok && runner->result->succeeded;
    time->wall_ns = runner->result->wall_ns;
    time->cpu_ns = runner->result->user_ns + runner->result->system_ns;
    return ok;
}

gboolean rs_runner_warm_up(RsRunner *runner, const RsTrialRequest *request, gboolean *succeeded,
                           gint64 *wall_ns, GError **error)
{
    if (!prepare(runner, request, succeeded, error))
        return FALSE;
    if (!*succeeded)
        return TRUE;
    if (!launch_program(runner, request, 1, error))
        return FALSE;
    *succeeded = runner->result->succeeded;
    *wall_ns = runner->result->wall_ns;
    if (!*succeeded)
        record_failure(runner, request, "trial");
    g_unlink(runner->metrics_path);
    return TRUE;
}

static gboolean run_command(RsRunner *runner, const RsCommand *command, const RsProgram *program,
                            gboolean may_stop, GError **error)
{
    char *shell_argv[] = {(char *)"/bin/sh", (char *)"-c", command->argv[0], NULL};
    RsProgram found = {
        .argv = command->argv,
        .shell = command->shell,
        .working_directory = program ? program->working_directory : NULL,
    };
    g_autoptr(GError) missing = NULL;
    RsLaunch like = {.n_launches = 1};
    gboolean ok;

    if (!rs_program_resolve(&found, &missing)) {
        memset(runner->result, 0, sizeof *runner->result);
        runner->result->exit_status = -1;
        runner->result->start_errno = ENOENT;
        return TRUE;
    }
    ok = launch(runner, program, found.executable_path, command->shell ? shell_argv : command->argv,
                &like, may_stop, error);
    g_free(found.executable_path);
    g_free(found.executable_sha256);
    return ok;
}

gboolean rs_runner_command(RsRunner *runner, const RsCommand *command, const RsProgram *program,
                           RsArm arm, const char *stage, gboolean may_stop, RsFailure **failure,
                           GError **error)
{
    *failure = NULL;
    if (!command->argv)
        return TRUE;
    if (!rs_runner_show_arm(runner, arm, error) ||
        !run_command(runner, command, program, may_stop, error))
        return FALSE;
    if (!runner->result->succeeded)
        *failure = failure_of(runner->result, arm, stage, 0);
    return TRUE;
}
