/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trial/collect.h"

#include <math.h>

#include "base/clock.h"
#include "trial/budget.h"
#include "trial/noise.h"
#include "trial/open.h"
#include "trial/ready.h"
#include "trial/sampling_run.h"
#include "trial/schedule.h"

#define SHORT_TRIAL_NS        (20 * 1000 * 1000) /* shorter launches are looped ... */
#define LOOPED_TRIAL_NS       (50 * 1000 * 1000) /* ... until a trial lasts about this long */
#define LAUNCHES_LIMIT        1000
#define APART_LAUNCH_NS       (10 * 1000 * 1000) /* shorter launches are sampled apart */
#define PILOT_LAUNCHES        3
#define FIRST_BLOCK_PAIRS     6 /* of a benchmark before the next one gets its turn */
#define LATER_BLOCK_PAIRS     3
#define DEFAULT_SINGLE_TRIALS 30
#define BLAME_LIMIT_S         30.0 /* that a red benchmark is measured on for at most */
#define WORTH_FRAC            0.2  /* of the samples that are wanted: less is not worth it */

typedef struct {
    const RsPlan *plan;
    RsSession *session;
    const RsCollectOptions *options;
    RsRunner *runner;
    RsSamplingRun *sampling; /* NULL: not asked for */
    GPtrArray *opens;        /* RsOpen, one for each benchmark */
    RsNoiseMeter *noise;
    gint64 start_ns;
    gint64 earlier_ns; /* how long the runs lasted that this one resumes */
} Collector;

/* --- telling --- */

static double elapsed_s(const Collector *collector)
{
    return (double)(rs_monotonic_ns() - collector->start_ns) / RS_NS_PER_S;
}

static void tell(Collector *collector, const char *phase, const RsOpen *open)
{
    RsProgress progress = {
        .phase = phase,
        .benchmark = open ? open->benchmark : NULL,
        .n_benchmarks = collector->opens->len,
        .n_pairs = open ? open->n_pairs : 0,
        .change_pct = open ? rs_open_change_pct(open) : NAN,
        .elapsed_s = elapsed_s(collector),
        .eta_s = rs_budget_left_s(collector->plan, collector->opens, elapsed_s(collector)),
    };

    for (guint i = 0; i < collector->opens->len; i++)
        progress.n_ended += !((const RsOpen *)g_ptr_array_index(collector->opens, i))->is_open;
    if (collector->options->on_progress)
        collector->options->on_progress(&progress, collector->options->user_data);
}

static gboolean end(Collector *collector, RsOpen *open, RsStopReason reason, GError **error)
{
    const RsCollectOptions *options = collector->options;

    open->is_open = FALSE;
    open->benchmark->stop_reason = reason;
    rs_sampling_run_tell(collector->sampling);
    tell(collector, "measuring", open);
    return !options->on_benchmark ||
           options->on_benchmark(collector->session, open->index, options->user_data, error);
}

/* --- before the pairs --- */

static RsTrialRequest request_for(const Collector *collector, const RsOpen *open, RsArm arm)
{
    return (RsTrialRequest){
        .plan = open->plan,
        .benchmark = open->benchmark,
        .arm = arm,
        .pair = -1,
        .session_start_ns = collector->start_ns - collector->earlier_ns,
        .sample_apart = open->sample_apart,
    };
}

static guint n_arms(const RsOpen *open)
{
    return open->benchmark->design == RS_DESIGN_PAIRED ? RS_N_ARMS : 1;
}

/* Builds are shared: a command that was run for one benchmark is not run again for the next one of
 * the same arm. */
static gboolean build(Collector *collector, RsOpen *open, RsArm arm, GHashTable *done,
                      GError **error)
{
    const RsProgram *program = &open->plan->programs[arm];
    char *argv[] = {program->build_command, NULL};
    RsCommand command = {.argv = program->build_command ? argv : NULL, .shell = TRUE};
    g_autofree char *key = NULL;
    RsFailure *failure = NULL;

    if (!command.argv)
        return TRUE;
    key = g_strdup_printf("%d\n%s\n%s", arm,
                          program->working_directory ? program->working_directory : "",
                          program->build_command);
    if (!g_hash_table_contains(done, key)) {
        RsFailure *fresh;

        tell(collector, "building", open);
        if (!rs_runner_command(collector->runner, &command, program, arm, "build", TRUE, &fresh,
                               error))
            return FALSE;
        g_hash_table_insert(done, g_steal_pointer(&key), fresh);
        failure = fresh;
    } else {
        failure = g_hash_table_lookup(done, key);
    }
    if (failure) {
        RsFailure *copy = rs_failure_new(arm, "build");

        copy->exit_status = failure->exit_status;
        copy->signal_number = failure->signal_number;
        copy->message = g_strdup(failure->message);
        copy->output_tail = g_strdup(failure->output_tail);
        g_ptr_array_add(open->benchmark->failures, copy);
    }
    return TRUE;
}

/* A change may add a benchmark that its base does not have. */
static gboolean has_all_arms(const RsOpen *open)
{
    for (RsArm arm = 0; arm < n_arms(open); arm++)
        if (!open->plan->programs[arm].argv)
            return FALSE;
    return TRUE;
}

static gboolean set_up(Collector *collector, RsOpen *open, GHashTable *builds, GError **error)
{
    const RsCollectOptions *options = collector->options;
    gboolean identical = FALSE;

    for (RsArm arm = 0; arm < n_arms(open); arm++) {
        RsFailure *failure = NULL;
        guint n_failures = open->benchmark->failures->len;

        if (!build(collector, open, arm, builds, error))
            return FALSE;
        if (open->benchmark->failures->len > n_failures)
            continue;
        if (!rs_runner_command(collector->runner, &open->plan->setup[arm],
                               &open->plan->programs[arm], arm, "setup", TRUE, &failure, error))
            return FALSE;
        if (failure)
            g_ptr_array_add(open->benchmark->failures, failure);
        else if (!rs_ready_resolve(collector->runner, open, arm, error))
            return FALSE;
    }
    if (open->benchmark->failures->len || !has_all_arms(open))
        return end(collector, open, RS_STOP_FAILED, error);
    if (n_arms(open) == RS_N_ARMS && !options->measure_identical &&
        !rs_ready_compare(collector->runner, open, &identical, error))
        return FALSE;
    if (identical)
        return end(collector, open, RS_STOP_IDENTICAL, error);
    return !options->on_ready ||
           options->on_ready(collector->session, open->index, options->user_data, error);
}

/* Launches of one arm that are not recorded; the shortest tells how long one takes. */
static gboolean warm_up_arm(Collector *collector, RsOpen *open, RsArm arm, gint64 *shortest_ns,
                            GError **error)
{
    guint n = MAX(open->plan->n_warmups, 1);

    for (guint i = 0; i < n; i++) {
        RsTrialRequest request = request_for(collector, open, arm);
        gboolean succeeded;
        gint64 wall_ns = 0;

        if (!rs_runner_warm_up(collector->runner, &request, &succeeded, &wall_ns, error))
            return FALSE;
        if (!succeeded)
            return TRUE;
        *shortest_ns = MIN(*shortest_ns, wall_ns);
        if (i + 1 == n && n < PILOT_LAUNCHES && wall_ns < SHORT_TRIAL_NS)
            n++; /* short: a few more cost nothing and tell its length better */
    }
    return TRUE;
}

static gboolean warm_up(Collector *collector, RsOpen *open, GError **error)
{
    gint64 shortest_ns[RS_N_ARMS] = {G_MAXINT64, G_MAXINT64};
    RsTrialRequest request = request_for(collector, open, RS_ARM_BASELINE);
    gint64 launch_ns;

    tell(collector, "warming up", open);
    open->is_warm = TRUE;
    for (RsArm arm = 0; arm < n_arms(open); arm++)
        if (!warm_up_arm(collector, open, arm, &shortest_ns[arm], error))
            return FALSE;
    if (open->benchmark->failures->len)
        return end(collector, open, RS_STOP_FAILED, error);
    launch_ns = MAX(MIN(shortest_ns[0], shortest_ns[1]), 1);
    if (open->plan->launches_per_trial)
        open->benchmark->launches_per_trial = open->plan->launches_per_trial;
    else if (!rs_benchmark_n_trials(open->benchmark) && launch_ns < SHORT_TRIAL_NS)
        open->benchmark->launches_per_trial =
            (guint)CLAMP((LOOPED_TRIAL_NS + launch_ns - 1) / launch_ns, 1, LAUNCHES_LIMIT);
    open->pair_s =
        n_arms(open) * (double)launch_ns / RS_NS_PER_S * open->benchmark->launches_per_trial;
    rs_runner_add_metrics(collector->runner, open->benchmark);
    open->sample_apart = launch_ns < APART_LAUNCH_NS && open->benchmark->launches_per_trial > 1;
    if (open->sample_apart)
        return TRUE;
    return rs_sampling_run_try(collector->sampling, collector->runner, &request, launch_ns,
                               open->pair_s * rs_budget_pairs(collector->plan, open), error);
}

/* --- the pairs --- */

static gboolean run_trial(Collector *collector, RsOpen *open, RsArm arm, gint32 pair,
                          guint padding_bytes, gboolean *succeeded, GError **error)
{
    const RsCollectOptions *options = collector->options;
    RsTrialRequest request = request_for(collector, open, arm);

    request.pair = pair;
    request.padding_bytes = padding_bytes;
    if (!rs_runner_trial(collector->runner, &request, succeeded, error))
        return FALSE;
    return !*succeeded || !options->on_trial ||
           options->on_trial(collector->session, open->index,
                             rs_benchmark_n_trials(open->benchmark) - 1, options->user_data, error);
}

/* One pair, or one trial of a single arm. */
static gboolean run_pair(Collector *collector, RsOpen *open, GError **error)
{
    gint32 pair = open->next_pair++;
    RsPairToss toss = rs_schedule_toss(collector->session->seed, open->benchmark->name, pair);
    gint64 start_ns;
    gboolean succeeded, all_succeeded = TRUE;
    guint n_before = rs_benchmark_n_trials(open->benchmark);
    RsArm first = n_arms(open) == RS_N_ARMS ? toss.first : RS_ARM_BASELINE;
    double took_s;

    rs_noise_meter_calibrate(collector->noise);
    start_ns = rs_monotonic_ns();
    /* A baseline that fails does not excuse the current program: it runs as well. */
    for (guint i = 0; i < n_arms(open) && (all_succeeded || first == RS_ARM_BASELINE); i++) {
        if (!run_trial(collector, open, i ? !first : first, pair, toss.padding_bytes, &succeeded,
                       error))
            return FALSE;
        all_succeeded &= succeeded;
    }
    if (!all_succeeded)
        return end(collector, open, RS_STOP_FAILED, error);
    took_s = (double)(rs_monotonic_ns() - start_ns) / RS_NS_PER_S;
    open->pair_s += (took_s - open->pair_s) / MIN(open->n_pairs + 1, 10);
    if (n_arms(open) == 1) {
        open->n_pairs++;
        return TRUE;
    }
    rs_open_add_pair(open, n_before + (first != RS_ARM_BASELINE),
                     n_before + (first == RS_ARM_BASELINE));
    rs_open_correct(collector->opens, collector->plan->gate->n_family);
    return TRUE;
}

/* Whether going on for as long as is allowed would bring a good part of the samples: a program that
 * sleeps has none to give. */
static gboolean is_worth_it(const RsOpen *open, gint64 n_samples, guint n_wanted)
{
    double per_pair = (double)n_samples / MAX(open->n_pairs, 1);
    double n_pairs = MIN(BLAME_LIMIT_S / MAX(open->pair_s, 1e-6),
                         (double)open->pair_plan.max_pairs - open->n_pairs);

    return (double)n_samples + per_pair * n_pairs >= n_wanted * WORTH_FRAC;
}

/* A benchmark that is red is measured on for a while: a dozen pairs prove that a program became
 * slower and do not have the samples to tell which of its functions did. What is added counts for
 * the verdict like all before it, which the rule permits after every pair. */
static gboolean wants_samples(const Collector *collector, RsOpen *open)
{
    const RsGate *gate = collector->plan->gate;
    guint n_wanted = collector->plan->n_blame_samples;
    gint64 n_samples = n_wanted ? rs_open_n_samples(open) : -1;

    if (n_samples < 0 || n_samples >= n_wanted || !rs_open_is_red(open) ||
        open->n_pairs >= gate->max_pairs ||
        (gate->max_time_s > 0 && elapsed_s(collector) + open->pair_s > gate->max_time_s))
        return FALSE;
    if (!open->red_ns)
        open->red_ns = rs_monotonic_ns();
    return (double)(rs_monotonic_ns() - open->red_ns) / RS_NS_PER_S < BLAME_LIMIT_S &&
           is_worth_it(open, n_samples, n_wanted);
}

static gboolean close_if_done(Collector *collector, RsOpen *open, GError **error)
{
    const RsGate *gate = collector->plan->gate;
    guint n_fixed = open->plan->n_trials;

    if (!n_fixed && n_arms(open) == 1)
        n_fixed = DEFAULT_SINGLE_TRIALS;
    if (!open->is_open)
        return TRUE;
    if (n_fixed && open->n_pairs >= n_fixed)
        return end(collector, open, RS_STOP_FIXED, error);
    if (!n_fixed && rs_open_is_settled(open) && !wants_samples(collector, open))
        return end(collector, open, RS_STOP_SETTLED, error);
    if (!n_fixed && open->n_pairs >= gate->max_pairs)
        return end(collector, open, RS_STOP_MAX_PAIRS, error);
    if (gate->max_time_s > 0 && elapsed_s(collector) + open->pair_s > gate->max_time_s)
        return end(collector, open, RS_STOP_MAX_TIME, error);
    return TRUE;
}

static gboolean run_block(Collector *collector, RsOpen *open, GError **error)
{
    guint n_block = open->n_pairs ? LATER_BLOCK_PAIRS : FIRST_BLOCK_PAIRS;

    if (!close_if_done(collector, open, error))
        return FALSE;
    for (guint i = 0; i < n_block && open->is_open; i++) {
        if (!run_pair(collector, open, error))
            return FALSE;
        tell(collector, "measuring", open);
        if (!close_if_done(collector, open, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean measure(Collector *collector, GError **error)
{
    gboolean any_open = TRUE;

    while (any_open) {
        any_open = FALSE;
        for (guint i = 0; i < collector->opens->len; i++) {
            RsOpen *open = g_ptr_array_index(collector->opens, i);

            if (open->is_open && !run_block(collector, open, error))
                return FALSE;
            any_open |= open->is_open;
        }
    }
    return TRUE;
}

/* --- the whole --- */

static gboolean set_up_all(Collector *collector, GError **error)
{
    g_autoptr(GHashTable) builds =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)rs_failure_free);
    RsFailure *failure = NULL;

    if (!rs_runner_command(collector->runner, &collector->plan->setup, NULL, RS_ARM_CURRENT,
                           "setup", TRUE, &failure, error))
        return FALSE;
    if (failure) {
        g_set_error(error, RS_LAUNCHER_ERROR, RS_LAUNCHER_ERROR_FAILED, "setup %s%s%s",
                    failure->message, *failure->output_tail ? ":\n" : "", failure->output_tail);
        rs_failure_free(failure);
        return FALSE;
    }
    /* Everything is built before anything is measured. */
    for (guint i = 0; i < collector->opens->len; i++) {
        RsOpen *open = g_ptr_array_index(collector->opens, i);

        if (open->is_open && !set_up(collector, open, builds, error))
            return FALSE;
    }
    if (!rs_ready_check(collector->runner, collector->opens, error))
        return FALSE;
    for (guint i = 0; i < collector->opens->len; i++) {
        RsOpen *open = g_ptr_array_index(collector->opens, i);

        if (open->is_open && !warm_up(collector, open, error))
            return FALSE;
    }
    rs_sampling_run_settle(collector->sampling);
    return TRUE;
}

static void clean_up(Collector *collector)
{
    RsFailure *failure = NULL;

    for (guint i = 0; i < collector->opens->len; i++) {
        RsOpen *open = g_ptr_array_index(collector->opens, i);

        for (RsArm arm = 0; arm < n_arms(open); arm++) {
            if (rs_runner_command(collector->runner, &open->plan->cleanup[arm],
                                  &open->plan->programs[arm], arm, "cleanup", FALSE, &failure,
                                  NULL) &&
                failure)
                g_ptr_array_add(
                    open->benchmark->warnings,
                    g_strdup_printf("cleanup of %s %s", rs_arm_names[arm], failure->message));
            g_clear_pointer(&failure, rs_failure_free);
        }
    }
    if (rs_runner_command(collector->runner, &collector->plan->cleanup, NULL, RS_ARM_CURRENT,
                          "cleanup", FALSE, &failure, NULL) &&
        failure)
        g_ptr_array_add(collector->session->warnings,
                        g_strdup_printf("cleanup %s", failure->message));
    g_clear_pointer(&failure, rs_failure_free);
}

static void interrupt_open_ones(Collector *collector)
{
    for (guint i = 0; i < collector->opens->len; i++) {
        RsOpen *open = g_ptr_array_index(collector->opens, i);

        if (open->is_open)
            open->benchmark->stop_reason = RS_STOP_INTERRUPTED;
    }
}

static gboolean collect(Collector *collector, GError **error)
{
    gboolean any = collector->options->allow_undecided;

    return (any || rs_budget_check_pairs(collector->opens, error)) &&
           set_up_all(collector, error) &&
           (any || rs_budget_check_time(collector->plan, collector->opens, error)) &&
           measure(collector, error);
}

static gint64 last_start_ns(const RsSession *session)
{
    gint64 last_ns = 0;

    for (guint i = 0; i < session->benchmarks->len; i++) {
        const RsBenchmark *benchmark = g_ptr_array_index(session->benchmarks, i);

        for (guint j = 0; j < rs_benchmark_n_trials(benchmark); j++)
            last_ns = MAX(last_ns, g_array_index(benchmark->trial_start_ns, gint64, j));
    }
    return last_ns;
}

static void collector_init(Collector *collector, const RsPlan *plan, RsSession *session,
                           const RsCollectOptions *options)
{
    *collector = (Collector){
        .plan = plan,
        .session = session,
        .options = options,
        .opens = g_ptr_array_new_with_free_func((GDestroyNotify)rs_open_free),
        .start_ns = rs_monotonic_ns(),
        .noise = rs_noise_meter_new(&session->noise),
    };
    for (guint i = 0; i < plan->benchmarks->len; i++)
        g_ptr_array_add(collector->opens,
                        rs_open_new(plan->gate, g_ptr_array_index(plan->benchmarks, i),
                                    g_ptr_array_index(session->benchmarks, i), i));
    rs_open_correct(collector->opens, plan->gate->n_family);
    collector->earlier_ns = last_start_ns(session);
}

gboolean rs_collect(const RsPlan *plan, RsSession *session, RsLauncher *launcher,
                    const RsCollectOptions *options, GError **error)
{
    Collector collector;
    char *pmu = NULL;
    gboolean ok;

    collector_init(&collector, plan, session, options);
    collector.runner = rs_runner_new(launcher, &options->runner, &pmu, error);
    g_free(session->machine.pmu);
    session->machine.pmu = pmu;
    ok = collector.runner &&
         rs_sampling_run_begin(plan, session, launcher, collector.runner, &collector.sampling,
                               error) &&
         collect(&collector, error);
    if (collector.runner)
        clean_up(&collector);
    if (collector.sampling && options->on_sampled)
        options->on_sampled(session, rs_sampling_run_finish(collector.sampling),
                            options->user_data);
    rs_sampling_run_end(collector.sampling);
    if (!ok)
        interrupt_open_ones(&collector);
    session->complete = ok;
    rs_noise_meter_end(collector.noise);
    g_ptr_array_unref(collector.opens);
    rs_runner_free(collector.runner);
    return ok;
}
