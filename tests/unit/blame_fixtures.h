/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Programs made up for the tests and benches of blame: functions with a known cost on each side,
 * run in pairs on a host with noise, and sampled. */
#ifndef RS_TESTS_BLAME_FIXTURES_H
#define RS_TESTS_BLAME_FIXTURES_H

#include <math.h>
#include <string.h>

#include "analyze/blame.h"
#include "model/session.h"

#define MADE_MAX_FUNCTIONS 400
#define MADE_N_CRATES      5
#define MADE_CALLEES       3 /* of a function, but for the last ones */

typedef struct {
    guint n;
    double ns[RS_N_ARMS][MADE_MAX_FUNCTIONS];  /* own time of a launch; 0: it is not there */
    int caller[RS_N_ARMS][MADE_MAX_FUNCTIONS]; /* -1: the outermost */
    RsCrateKind kind[MADE_MAX_FUNCTIONS];
    const char *name[MADE_MAX_FUNCTIONS]; /* of no crate; NULL: as made_name has it */
    double hz;
    gboolean is_poisson; /* samples come as they like, else as a clock of random phase ticks */
    double host_sd;      /* of the log of a trial's speed */
    double crate_sd;     /* of what functions of one crate have in common in a trial */
    double own_sd;       /* of a function in a trial */
    gboolean sees_kernel;
    const GArray *hosts; /* double: the speed of a host at one trial after the other; NULL: drawn */
    guint at_host;
} MadeProgram;

static inline double made_gaussian(GRand *rand)
{
    double radius = sqrt(-2 * log(1 - g_rand_double(rand)));

    return radius * cos(2 * G_PI * g_rand_double(rand));
}

static inline double made_noise(GRand *rand, double sd)
{
    return sd > 0 ? exp(sd * made_gaussian(rand) - sd * sd / 2) : 1;
}

static inline guint made_poisson(GRand *rand, double mean)
{
    double limit = exp(-MIN(mean, 500)), product = g_rand_double(rand);
    guint n = 0;

    for (; product > limit; n++)
        product *= g_rand_double(rand);
    return n;
}

/* n functions that share a launch of launch_ns by Zipf's law, in an order that has nothing to do
 * with who calls whom; a quiet sampled host. */
static inline void made_zipf(MadeProgram *program, guint n, double launch_ns, GRand *rand)
{
    double sum = 0;

    memset(program, 0, sizeof *program);
    program->n = n;
    program->hz = 199;
    program->host_sd = 0.03;
    program->crate_sd = 0.02;
    program->own_sd = 0.05;
    program->sees_kernel = TRUE;
    for (guint i = 0; i < n; i++) {
        guint j = (guint)g_rand_int_range(rand, 0, (gint32)i + 1);

        program->ns[0][i] = program->ns[0][j];
        program->ns[0][j] = 1 / (double)(i + 1);
        sum += 1 / (double)(i + 1);
        program->caller[0][i] = program->caller[1][i] = i ? (int)((i - 1) / MADE_CALLEES) : -1;
        program->kind[i] = RS_CRATE_OWN;
    }
    for (guint i = 0; i < n; i++)
        program->ns[1][i] = program->ns[0][i] *= launch_ns / sum;
}

static inline double made_total(const MadeProgram *program, RsArm side)
{
    double sum = 0;

    for (guint i = 0; i < program->n; i++)
        sum += program->ns[side][i];
    return sum;
}

/* --- its profile: a binary for each side, whose functions have the same names --- */

typedef struct {
    gint32 stack[RS_N_ARMS][MADE_MAX_FUNCTIONS];
} MadeStacks;

static inline void made_name(char *name, gsize n, guint i)
{
    g_snprintf(name, n, i ? "crate%u::f%u" : "main", i % MADE_N_CRATES, i);
}

static inline guint32 made_frame(RsProfile *profile, const MadeProgram *program, guint32 module,
                                 guint i)
{
    char name[64];
    RsProfileLine line = {.line = i + 1};
    RsFunction *function;
    guint32 frame = rs_profile_add_frame(profile, module, 0x1000 * (i + 1));

    if (g_array_index(profile->frames, RsProfileFrame, frame).n_lines)
        return frame;
    made_name(name, sizeof name, i);
    function = rs_function_new(program->name[i] ? program->name[i] : name);
    if (!program->name[i]) {
        function->crate_name = g_strdup_printf("crate%u", i % MADE_N_CRATES);
        function->module_path = g_strdup_printf("crate%u::m%u", i % MADE_N_CRATES, i % 10);
    }
    function->crate_kind = program->kind[i];
    function->module = (gint32)module;
    function->file = g_strdup_printf("src/f%u.rs", i);
    function->line = (gint64)(10 * i + 1 + module);
    line.function = rs_profile_add_function(profile, function);
    rs_profile_set_lines(profile, frame, &line, 1);
    return frame;
}

static inline gint32 made_stack(RsProfile *profile, const MadeProgram *program, RsArm side,
                                guint32 module, guint i)
{
    int caller = program->caller[side][i];
    gint32 parent =
        caller < 0 ? RS_STACK_NONE : made_stack(profile, program, side, module, (guint)caller);

    return rs_profile_add_stack(profile, parent, made_frame(profile, program, module, i));
}

static inline void made_profile(RsProfile *profile, const MadeProgram *program, MadeStacks *stacks)
{
    profile->diagnostics.sees_kernel = program->sees_kernel;
    for (RsArm side = 0; side < RS_N_ARMS; side++) {
        guint32 module = rs_profile_add_module(
            profile, RS_MODULE_FILE, side ? "/new/app" : "/old/app", side ? "bb" : "aa", 1000);

        for (guint i = 0; i < program->n; i++)
            stacks->stack[side][i] = program->ns[side][i] > 0
                                         ? made_stack(profile, program, side, module, i)
                                         : RS_STACK_NONE;
    }
}

/* --- its trials --- */

typedef struct {
    double ns[MADE_MAX_FUNCTIONS];
    double total_ns;
} MadeTrial;

static inline double made_host(MadeProgram *program, GRand *rand)
{
    if (!program->hosts)
        return made_noise(rand, program->host_sd);
    return g_array_index(program->hosts, double, program->at_host++ % program->hosts->len);
}

static inline void made_trial(MadeProgram *program, RsArm side, GRand *rand, MadeTrial *trial)
{
    double host = made_host(program, rand), crates[MADE_N_CRATES];

    for (guint i = 0; i < MADE_N_CRATES; i++)
        crates[i] = made_noise(rand, program->crate_sd);
    trial->total_ns = 0;
    for (guint i = 0; i < program->n; i++) {
        trial->ns[i] = program->ns[side][i] * host * crates[i % MADE_N_CRATES] *
                       made_noise(rand, program->own_sd);
        trial->total_ns += trial->ns[i];
    }
}

static inline void made_counts(const MadeProgram *program, const MadeTrial *trial, GRand *rand,
                               guint *counts)
{
    double ticks = trial->total_ns * program->hz / 1e9, sums[MADE_MAX_FUNCTIONS], sum = 0;
    guint n_ticks = (guint)floor(ticks + g_rand_double(rand));

    for (guint i = 0; i < program->n; i++) {
        sums[i] = sum += trial->ns[i];
        counts[i] = program->is_poisson ? made_poisson(rand, trial->ns[i] * program->hz / 1e9) : 0;
    }
    for (guint tick = 0; !program->is_poisson && tick < n_ticks; tick++) {
        double at = g_rand_double(rand) * sum;
        guint low = 0, high = program->n - 1;

        while (low < high) {
            guint middle = (low + high) / 2;

            if (sums[middle] > at)
                high = middle;
            else
                low = middle + 1;
        }
        counts[low]++;
    }
}

static inline void made_add_trial(const MadeProgram *program, const MadeStacks *stacks,
                                  RsBenchmark *benchmark, RsArm side, guint pair,
                                  const MadeTrial *trial, GRand *rand)
{
    guint index = rs_benchmark_add_trial(benchmark, side, (gint32)pair, 0);
    RsTrialSample samples[MADE_MAX_FUNCTIONS];
    guint counts[MADE_MAX_FUNCTIONS], n = 0;

    made_counts(program, trial, rand, counts);
    for (guint i = 0; i < program->n; i++)
        if (counts[i])
            samples[n++] = (RsTrialSample){.stack = stacks->stack[side][i],
                                           .n = counts[i],
                                           .weight_ns = (gint64)(counts[i] * 1e9 / program->hz)};
    rs_benchmark_set_value(benchmark, index, rs_benchmark_metric(benchmark, "cpu"),
                           (RsValue){.real = trial->total_ns});
    rs_benchmark_set_value(benchmark, index, rs_benchmark_metric(benchmark, "wall"),
                           (RsValue){.real = trial->total_ns});
    rs_benchmark_set_samples(benchmark, index, samples, n);
}

typedef gboolean (*MadeStop)(double log_ratio, gpointer data);

/* A session of one benchmark "made" of at most n_pairs; stop (NULL: never) is asked after each. */
static inline RsSession *made_session(MadeProgram *program, guint n_pairs, GRand *rand,
                                      MadeStop stop, gpointer data)
{
    RsSession *session = rs_session_new();
    RsBenchmark *benchmark = rs_benchmark_new("made", RS_DESIGN_PAIRED);
    MadeStacks *stacks = g_new(MadeStacks, 1);
    MadeTrial *trials = g_new(MadeTrial, RS_N_ARMS);

    session->profile = rs_profile_new();
    made_profile(session->profile, program, stacks);
    rs_benchmark_add_metric(benchmark, "wall", "ns", RS_LOWER_IS_BETTER, RS_REAL);
    rs_benchmark_add_metric(benchmark, "cpu", "ns", RS_LOWER_IS_BETTER, RS_REAL);
    for (guint pair = 0; pair < n_pairs; pair++) {
        RsArm first = g_rand_boolean(rand) ? RS_ARM_CURRENT : RS_ARM_BASELINE;

        for (guint i = 0; i < RS_N_ARMS; i++) {
            RsArm side = i ? !first : first;

            made_trial(program, side, rand, &trials[side]);
            made_add_trial(program, stacks, benchmark, side, pair, &trials[side], rand);
        }
        if (stop && stop(log(trials[1].total_ns / trials[0].total_ns), data))
            break;
    }
    g_ptr_array_add(session->benchmarks, benchmark);
    g_free(trials);
    g_free(stacks);
    return session;
}

static inline RsBlame *made_blame(MadeProgram *program, guint n_pairs, guint n_permutations,
                                  GRand *rand)
{
    g_autoptr(RsSession) session = made_session(program, n_pairs, rand, NULL, NULL);
    RsBlameOptions options;

    rs_blame_options_init(&options);
    options.n_permutations = n_permutations;
    options.seed = g_rand_int(rand);
    return rs_blame_benchmark(session, g_ptr_array_index(session->benchmarks, 0), FALSE, &options);
}

#endif
