/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trial/config_keys.h"

#include <math.h>
#include <string.h>

#include "base/suggest.h"
#include "base/text.h"
#include "trial/config_fill.h"
#include "trial/config_matrix.h"
#include "trial/config_value.h"

#define MAX_THRESHOLD_PCT   100000
#define MAX_SEVERITY_FACTOR 1000
#define MAX_PAIRS           100000
#define MAX_LAUNCHES        1000000
#define MAX_WARMUPS         1000
#define MAX_NAME_BYTES      200
#define OWN_METRIC_MARKS    "-.:/"
#define TAG_MARKS           "-._:/+=@"

#define AUTO "auto" /* 0 in the plan */

#define SET(name) static gboolean name(RsConfigFilling *f, const RsConfigNode *node, GError **error)

/* names: of the keys that there are, NULL-ended. */
static gboolean fail_unknown_key(const RsConfigNode *value, const char *const *names,
                                 GError **error)
{
    const char *near = rs_suggest(names, value->key);

    return rs_config_fail_key(value, error, "unknown key%s%s%s", near ? ", did you mean \"" : "",
                              near ? near : "", near ? "\"?" : "");
}

gboolean rs_config_apply_command(RsConfigFilling *f, const RsConfigNode *node, GError **error)
{
    RsProgram *program = &f->benchmark->programs[f->arm];
    RsCommand command = {0};

    if (!rs_config_fill_command(f, node, &command, error))
        return FALSE;
    g_strfreev(program->argv);
    program->argv = command.argv;
    program->shell = command.shell;
    return TRUE;
}

SET(set_build)
{
    return rs_config_fill_build(f, node, &f->benchmark->programs[f->arm].build_command, error);
}

SET(set_run_setup)
{
    return rs_config_fill_command(f, node, &f->plan->setup, error);
}

SET(set_run_cleanup)
{
    return rs_config_fill_command(f, node, &f->plan->cleanup, error);
}

SET(set_setup)
{
    return rs_config_fill_command(f, node, &f->benchmark->setup[f->arm], error);
}

SET(set_prepare)
{
    return rs_config_fill_command(f, node, &f->benchmark->prepare[f->arm], error);
}

SET(set_cleanup)
{
    return rs_config_fill_command(f, node, &f->benchmark->cleanup[f->arm], error);
}

/* What else belongs to an arm. */

SET(set_working_directory)
{
    return rs_config_fill_path(f, node, &f->benchmark->programs[f->arm].working_directory, error);
}

SET(set_stdin)
{
    return rs_config_fill_path(f, node, &f->benchmark->programs[f->arm].stdin_path, error);
}

SET(set_environment)
{
    RsProgram *program = &f->benchmark->programs[f->arm];

    if (!rs_config_map(node, error))
        return FALSE;
    for (guint i = 0; i < rs_config_node_length(node); i++) {
        const RsConfigNode *variable = rs_config_node_at(node, i);
        g_autofree char *value = NULL;
        const char *text;

        if (!rs_config_is_identifier(variable->key, ""))
            return rs_config_fail_key(
                variable, error, "a variable's name is a letter or _, then letters, digits and _");
        if (!rs_config_text_or_empty(variable, &text, error) ||
            !(value = rs_config_fill_text(f, variable, text, error)) ||
            !rs_config_count(f, variable, variable->key, error))
            return FALSE;
        program->environment = g_environ_setenv(program->environment, variable->key, value, TRUE);
    }
    return TRUE;
}

/* What is asked of the gate, by the file or by a benchmark. */

static gboolean parse_threshold(const RsConfigNode *node, double *threshold_pct, GError **error)
{
    return rs_config_number(node, threshold_pct, error) &&
           ((*threshold_pct > 0 && *threshold_pct <= MAX_THRESHOLD_PCT) ||
            rs_config_fail(node, error, "must be above 0 and at most %d per cent",
                           MAX_THRESHOLD_PCT));
}

SET(set_run_threshold)
{
    return parse_threshold(node, &f->plan->gate->threshold_pct, error);
}

SET(set_threshold)
{
    return parse_threshold(node, &f->benchmark->threshold_pct, error);
}

/* A name one edit away from a built-in metric is a slip; farther away, a metric of the benchmark's
 * own. Short names are near one another without being slips. */
static const char *intended_metric(const char *name)
{
    const char *names[RS_N_METRICS + 1] = {NULL};
    const char *near;

    for (guint i = 0; i < RS_N_METRICS; i++)
        names[i] = rs_metric_rows[i].name;
    near = rs_suggest(names, name);
    return near && rs_suggest_distance(near, name) <= (strlen(name) > 3 ? 1 : 0) ? near : NULL;
}

static gboolean check_metric(const RsConfigNode *node, const char *name, GError **error)
{
    const RsMetricRow *row = rs_metric_row(name);
    const char *intended = row ? NULL : intended_metric(name);

    if (row)
        return row->may_gate ||
               rs_config_fail(node, error,
                              "the metric \"%s\" says too little about the program to gate on",
                              name);
    if (!rs_config_is_identifier(name, OWN_METRIC_MARKS) || strlen(name) > MAX_NAME_BYTES)
        return rs_config_fail(node, error,
                              "a metric's name is a letter, then letters, digits and _ - . : /");
    return !intended || rs_config_fail(node, error, "unknown metric \"%s\", did you mean \"%s\"?",
                                       name, intended);
}

static gboolean split_metrics(const RsConfigNode *node, char ***names, GError **error)
{
    const char *text;

    if (!rs_config_text(node, &text, error))
        return FALSE;
    *names = g_strsplit(text, ",", RS_CONFIG_MAX_LIST);
    for (guint i = 0; (*names)[i]; i++) {
        g_strstrip((*names)[i]);
        if (!check_metric(node, (*names)[i], error))
            return FALSE;
        for (guint k = 0; k < i; k++)
            if (g_str_equal((*names)[i], (*names)[k]))
                return rs_config_fail(node, error, "\"%s\" is given twice", (*names)[i]);
    }
    return TRUE;
}

static gboolean parse_metrics(const RsConfigNode *node, char ***metrics, GError **error)
{
    g_auto(GStrv) names = NULL;

    if (node->kind != RS_CONFIG_LIST && !split_metrics(node, &names, error))
        return FALSE;
    if (node->kind == RS_CONFIG_LIST && !rs_config_texts(node, &names, error))
        return FALSE;
    for (guint i = 0; node->kind == RS_CONFIG_LIST && names[i]; i++)
        if (!check_metric(rs_config_node_at(node, i), names[i], error))
            return FALSE;
    g_strfreev(*metrics);
    *metrics = g_steal_pointer(&names);
    return TRUE;
}

SET(set_run_metrics)
{
    return parse_metrics(node, &f->plan->gate->metrics, error);
}

SET(set_metrics)
{
    return parse_metrics(node, &f->benchmark->gated_metrics, error);
}

SET(set_severity_bounds)
{
    double bounds[2];

    if (!rs_config_list(node, error))
        return FALSE;
    if (rs_config_node_length(node) != 2)
        return rs_config_fail(node, error, "must be two numbers, of moderate and of critical");
    for (guint i = 0; i < 2; i++)
        if (!rs_config_number(rs_config_node_at(node, i), &bounds[i], error))
            return FALSE;
    if (!(bounds[0] >= 1 && bounds[1] >= bounds[0] && bounds[1] <= MAX_SEVERITY_FACTOR))
        return rs_config_fail(node, error,
                              "must be two factors of the threshold from 1 to %d, the second not "
                              "below the first",
                              MAX_SEVERITY_FACTOR);
    f->plan->gate->moderate_factor = bounds[0];
    f->plan->gate->critical_factor = bounds[1];
    return TRUE;
}

SET(set_fail_on)
{
    const char *words[RS_N_SEVERITIES + 2] = {"any"};
    int index;

    for (guint i = 0; i < RS_N_SEVERITIES; i++)
        words[i + 1] = rs_severity_names[i];
    return rs_config_word(node, words, &index, error) &&
           rs_fail_on_parse(words[index], &f->plan->gate->fail_on);
}

SET(set_alpha)
{
    double *alpha = &f->plan->gate->alpha;

    return rs_config_number(node, alpha, error) &&
           ((*alpha > 0 && *alpha < 0.5) ||
            rs_config_fail(node, error, "must be above 0 and below 0.5"));
}

SET(set_correction)
{
    int index;

    if (!rs_config_word(node, rs_correction_names, &index, error))
        return FALSE;
    f->plan->gate->correction = (RsCorrection)index;
    return TRUE;
}

/* What accepts a failed gate. */

static gboolean check_visible(const RsConfigNode *node, const char *text, GError **error)
{
    g_autofree char *plain = rs_text_plain(text, -1, FALSE, G_MAXUINT16);

    if (strlen(text) > MAX_NAME_BYTES)
        return rs_config_fail(node, error, "longer than %d bytes", MAX_NAME_BYTES);
    return g_str_equal(text, plain) ||
           rs_config_fail(node, error, "must be one line of visible characters");
}

static gboolean set_accept_label(RsPlan *plan, const RsConfigNode *node, GError **error)
{
    const char *label;

    if (!rs_config_text(node, &label, error) || !check_visible(node, label, error))
        return FALSE;
    if (strchr(label, ',')) /* GitLab lists the labels of a change with commas */
        return rs_config_fail(node, error, "must be a label without a comma");
    g_free(plan->accept_label);
    plan->accept_label = g_strdup(label);
    return TRUE;
}

/* Inside the repository, because it is read at the revision that it accepts. */
static gboolean set_accept_file(RsPlan *plan, const RsConfigNode *node, GError **error)
{
    const char *path;

    if (!rs_config_text(node, &path, error) || !check_visible(node, path, error))
        return FALSE;
    if (*path && !rs_text_is_path_down(path))
        return rs_config_fail(node, error,
                              "must be relative to the top of the repository, "
                              "without empty parts, . and ..");
    g_free(plan->accept_file);
    plan->accept_file = g_strdup(path);
    return TRUE;
}

SET(set_acceptance)
{
    static const char *const names[] = {"label", "file", NULL};

    if (!rs_config_map(node, error))
        return FALSE;
    for (guint i = 0; i < rs_config_node_length(node); i++) {
        const RsConfigNode *value = rs_config_node_at(node, i);

        if (g_str_equal(value->key, "label")) {
            if (!set_accept_label(f->plan, value, error))
                return FALSE;
        } else if (g_str_equal(value->key, "file")) {
            if (!set_accept_file(f->plan, value, error))
                return FALSE;
        } else {
            return fail_unknown_key(value, names, error);
        }
    }
    return TRUE;
}

/* Budgets and numbers. */

static gboolean set_count(const RsConfigNode *node, const char *low_word, gint64 low, gint64 high,
                          guint *target, GError **error)
{
    gint64 value;

    if (!rs_config_integer(node, low_word, low, high, &value, error))
        return FALSE;
    *target = (guint)value;
    return TRUE;
}

SET(set_max_pairs)
{
    return set_count(node, NULL, 1, MAX_PAIRS, &f->plan->gate->max_pairs, error);
}

SET(set_max_time)
{
    return rs_config_duration(node, &f->plan->gate->max_time_s, error);
}

SET(set_sample_rate)
{
    double *rate_hz = &f->plan->sample_rate_hz;

    return rs_config_number(node, rate_hz, error) &&
           ((*rate_hz >= 0 && *rate_hz <= RS_SAMPLING_MAX_HZ) ||
            rs_config_fail(node, error, "must be from 0 (none) to %d samples per second",
                           RS_SAMPLING_MAX_HZ));
}

SET(set_blame_samples)
{
    return set_count(node, NULL, 0, RS_PLAN_MAX_BLAME_SAMPLES, &f->plan->n_blame_samples, error);
}

SET(set_seed)
{
    return rs_config_integer(node, NULL, 0, G_MAXINT64, &f->plan->seed, error);
}

SET(set_timeout)
{
    return rs_config_duration(node, &f->benchmark->timeout_s, error);
}

SET(set_warmup)
{
    return set_count(node, NULL, 0, MAX_WARMUPS, &f->benchmark->n_warmups, error);
}

SET(set_launches)
{
    return set_count(node, AUTO, 0, MAX_LAUNCHES, &f->benchmark->launches_per_trial, error);
}

SET(set_trials)
{
    return set_count(node, AUTO, 0, MAX_PAIRS, &f->benchmark->n_trials, error);
}

SET(set_exit_codes)
{
    if (!rs_config_list(node, error))
        return FALSE;
    g_array_set_size(f->benchmark->exit_codes, 0);
    for (guint i = 0; i < rs_config_node_length(node); i++) {
        gint64 status;
        int code;

        if (!rs_config_integer(rs_config_node_at(node, i), NULL, 0, 255, &status, error))
            return FALSE;
        code = (int)status;
        for (guint k = 0; k < i; k++)
            if (g_array_index(f->benchmark->exit_codes, int, k) == code)
                return rs_config_fail(rs_config_node_at(node, i), error, "given twice");
        g_array_append_val(f->benchmark->exit_codes, code);
    }
    return TRUE;
}

/* What a benchmark is called. */

SET(set_name)
{
    g_autofree char *unknown = NULL;
    g_autofree char *replaced = NULL;
    const char *text;

    if (!rs_config_text(node, &text, error) || !check_visible(node, text, error))
        return FALSE;
    replaced = rs_config_replace_name(text, f->benchmark->parameters, &unknown);
    if (!replaced && g_str_equal(unknown, RS_CONFIG_PLACEHOLDER_ARM))
        return rs_config_fail(node, error, "{arm} means nothing here: both arms share the name");
    if (!replaced)
        return rs_config_fail_unknown(f, node, unknown, FALSE, error);
    if (!*replaced)
        return rs_config_fail(node, error, "is empty with the values of the matrix");
    if (!check_visible(node, replaced, error) || !rs_config_count(f, node, replaced, error))
        return FALSE;
    g_free(f->benchmark->name);
    f->benchmark->name = g_steal_pointer(&replaced);
    return TRUE;
}

SET(set_tags)
{
    g_auto(GStrv) tags = NULL;

    if (!rs_config_texts(node, &tags, error))
        return FALSE;
    for (guint i = 0; tags[i]; i++) {
        if (!rs_config_is_identifier(tags[i], TAG_MARKS))
            return rs_config_fail(rs_config_node_at(node, i), error,
                                  "a tag is a letter, then letters, digits and %s",
                                  "_ - . : / + = @");
        if (!rs_config_count(f, node, tags[i], error))
            return FALSE;
    }
    g_strfreev(f->benchmark->tags);
    f->benchmark->tags = g_steal_pointer(&tags);
    return TRUE;
}

typedef struct {
    const char *name;
    RsConfigSubject subject;
    guint places;
    gboolean (*set)(RsConfigFilling *filling, const RsConfigNode *node, GError **error);
} Key;

#define FILE_ONLY     RS_CONFIG_IN_FILE
#define OF_BENCHMARKS RS_CONFIG_IN_BENCHMARK
#define BOTH          (RS_CONFIG_IN_FILE | RS_CONFIG_IN_BENCHMARK)
#define IN_ARMS       (RS_CONFIG_IN_BENCHMARK | RS_CONFIG_IN_ARM)
#define EVERYWHERE    (RS_CONFIG_IN_FILE | RS_CONFIG_IN_BENCHMARK | RS_CONFIG_IN_ARM)

static const Key keys[] = {
    {RS_CONFIG_KEY_VERSION, RS_CONFIG_OF_STRUCTURE, FILE_ONLY, NULL},
    {RS_CONFIG_KEY_BENCHMARKS, RS_CONFIG_OF_STRUCTURE, FILE_ONLY, NULL},
    {RS_CONFIG_KEY_MATRIX, RS_CONFIG_OF_STRUCTURE, OF_BENCHMARKS, NULL},
    {RS_CONFIG_KEY_EXCLUDE, RS_CONFIG_OF_STRUCTURE, OF_BENCHMARKS, NULL},
    {"baseline", RS_CONFIG_OF_STRUCTURE, BOTH, NULL},
    {"current", RS_CONFIG_OF_STRUCTURE, BOTH, NULL},
    {RS_CONFIG_KEY_SHELL, RS_CONFIG_OF_STRUCTURE, EVERYWHERE, NULL},
    {"threshold", RS_CONFIG_OF_RUN, FILE_ONLY, set_run_threshold},
    {"metric", RS_CONFIG_OF_RUN, FILE_ONLY, set_run_metrics},
    {"severity-bounds", RS_CONFIG_OF_RUN, FILE_ONLY, set_severity_bounds},
    {"fail-on", RS_CONFIG_OF_RUN, FILE_ONLY, set_fail_on},
    {"alpha", RS_CONFIG_OF_RUN, FILE_ONLY, set_alpha},
    {"correction", RS_CONFIG_OF_RUN, FILE_ONLY, set_correction},
    {"acceptance", RS_CONFIG_OF_RUN, FILE_ONLY, set_acceptance},
    {"max-pairs", RS_CONFIG_OF_RUN, FILE_ONLY, set_max_pairs},
    {"max-time", RS_CONFIG_OF_RUN, FILE_ONLY, set_max_time},
    {"seed", RS_CONFIG_OF_RUN, FILE_ONLY, set_seed},
    {"sample-rate", RS_CONFIG_OF_RUN, FILE_ONLY, set_sample_rate},
    {"blame-samples", RS_CONFIG_OF_RUN, FILE_ONLY, set_blame_samples},
    {"setup", RS_CONFIG_OF_RUN, FILE_ONLY, set_run_setup},
    {"cleanup", RS_CONFIG_OF_RUN, FILE_ONLY, set_run_cleanup},
    {RS_CONFIG_KEY_NAME, RS_CONFIG_OF_BENCHMARK, OF_BENCHMARKS, set_name},
    {"tags", RS_CONFIG_OF_BENCHMARK, OF_BENCHMARKS, set_tags},
    {"threshold", RS_CONFIG_OF_BENCHMARK, OF_BENCHMARKS, set_threshold},
    {"metric", RS_CONFIG_OF_BENCHMARK, OF_BENCHMARKS, set_metrics},
    {"timeout", RS_CONFIG_OF_BENCHMARK, BOTH, set_timeout},
    {"warmup", RS_CONFIG_OF_BENCHMARK, BOTH, set_warmup},
    {"launches", RS_CONFIG_OF_BENCHMARK, BOTH, set_launches},
    {"trials", RS_CONFIG_OF_BENCHMARK, BOTH, set_trials},
    {"exit-codes", RS_CONFIG_OF_BENCHMARK, BOTH, set_exit_codes},
    {"command", RS_CONFIG_OF_ARM, IN_ARMS, rs_config_apply_command},
    {"setup", RS_CONFIG_OF_ARM, IN_ARMS, set_setup},
    {"cleanup", RS_CONFIG_OF_ARM, IN_ARMS, set_cleanup},
    {"prepare", RS_CONFIG_OF_ARM, EVERYWHERE, set_prepare},
    {"build", RS_CONFIG_OF_ARM, EVERYWHERE, set_build},
    {"working-directory", RS_CONFIG_OF_ARM, EVERYWHERE, set_working_directory},
    {"env", RS_CONFIG_OF_ARM, EVERYWHERE, set_environment},
    {"stdin", RS_CONFIG_OF_ARM, EVERYWHERE, set_stdin},
};

static const Key *find_key(const char *name, RsConfigPlace place)
{
    for (guint i = 0; i < G_N_ELEMENTS(keys); i++)
        if ((keys[i].places & place) && g_str_equal(keys[i].name, name))
            return &keys[i];
    return NULL;
}

static const char *place_name(guint places)
{
    return places & RS_CONFIG_IN_FILE        ? "at the top of the file"
           : places & RS_CONFIG_IN_BENCHMARK ? "in a benchmark"
                                             : "in an arm";
}

static gboolean fail_key(const RsConfigNode *value, RsConfigPlace place, GError **error)
{
    const char *names[G_N_ELEMENTS(keys) + 1] = {NULL};
    guint n = 0;

    for (guint i = 0; i < G_N_ELEMENTS(keys); i++) {
        if (g_str_equal(keys[i].name, value->key))
            return rs_config_fail_key(value, error, "belongs %s, not here",
                                      place_name(keys[i].places));
        if (keys[i].places & place)
            names[n++] = keys[i].name;
    }
    return fail_unknown_key(value, names, error);
}

gboolean rs_config_check_keys(const RsConfigNode *map, RsConfigPlace place, GError **error)
{
    if (!rs_config_map(map, error))
        return FALSE;
    for (guint i = 0; i < rs_config_node_length(map); i++)
        if (!find_key(rs_config_node_at(map, i)->key, place))
            return fail_key(rs_config_node_at(map, i), place, error);
    return TRUE;
}

gboolean rs_config_apply(RsConfigFilling *filling, const RsConfigNode *map, RsConfigPlace place,
                         RsConfigSubject subject, GError **error)
{
    for (guint i = 0; i < rs_config_node_length(map); i++) {
        const RsConfigNode *value = rs_config_node_at(map, i);
        const Key *key = find_key(value->key, place);

        if (key->subject == subject && !key->set(filling, value, error))
            return FALSE;
    }
    return TRUE;
}
