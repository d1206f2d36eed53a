/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trial/plan.h"

#include <math.h>
#include <string.h>

#define MAX_NAMES_SHOWN 20

G_DEFINE_QUARK(rs - plan - error - quark, rs_plan_error)

RsPlan *rs_plan_new(void)
{
    RsPlan *plan = g_new0(RsPlan, 1);

    plan->gate = rs_gate_new();
    plan->benchmarks = g_ptr_array_new_with_free_func((GDestroyNotify)rs_plan_benchmark_free);
    plan->seed = -1;
    plan->sample_rate_hz = RS_SAMPLING_DEFAULT_HZ;
    plan->n_blame_samples = RS_PLAN_DEFAULT_BLAME_SAMPLES;
    plan->sampler = RS_SAMPLER_AUTO;
    plan->accept_label = g_strdup(RS_PLAN_DEFAULT_ACCEPT_LABEL);
    return plan;
}

void rs_plan_free(RsPlan *plan)
{
    if (!plan)
        return;
    rs_gate_free(plan->gate);
    g_ptr_array_unref(plan->benchmarks);
    rs_command_clear(&plan->setup);
    rs_command_clear(&plan->cleanup);
    g_strfreev(plan->expected_benchmarks);
    g_free(plan->configuration_sha256);
    g_free(plan->accept_label);
    g_free(plan->accept_file);
    g_free(plan);
}

RsPlanBenchmark *rs_plan_benchmark_new(const char *name, RsDesign design)
{
    RsPlanBenchmark *benchmark = g_new0(RsPlanBenchmark, 1);
    const int success = 0;

    benchmark->name = g_strdup(name);
    benchmark->design = design;
    benchmark->threshold_pct = NAN;
    benchmark->exit_codes = g_array_new(FALSE, FALSE, sizeof(int));
    g_array_append_val(benchmark->exit_codes, success);
    for (RsArm arm = 0; arm < RS_N_ARMS; arm++)
        benchmark->programs[arm].executable_bytes = -1;
    return benchmark;
}

void rs_plan_benchmark_free(RsPlanBenchmark *benchmark)
{
    if (!benchmark)
        return;
    g_free(benchmark->name);
    g_strfreev(benchmark->tags);
    g_strfreev(benchmark->parameters);
    for (RsArm arm = 0; arm < RS_N_ARMS; arm++) {
        rs_program_clear(&benchmark->programs[arm]);
        rs_command_clear(&benchmark->setup[arm]);
        rs_command_clear(&benchmark->prepare[arm]);
        rs_command_clear(&benchmark->cleanup[arm]);
    }
    g_array_unref(benchmark->exit_codes);
    g_strfreev(benchmark->gated_metrics);
    g_free(benchmark);
}

void rs_command_clear(RsCommand *command)
{
    g_strfreev(command->argv);
    *command = (RsCommand){0};
}

static void copy_command(const RsCommand *from, RsCommand *to)
{
    rs_command_clear(to);
    to->argv = g_strdupv(from->argv);
    to->shell = from->shell;
}

static void copy_side(RsPlanBenchmark *benchmark, RsArm from, RsArm to)
{
    const RsProgram *source = &benchmark->programs[from];
    RsProgram *copy = &benchmark->programs[to];

    rs_program_clear(copy);
    copy->argv = g_strdupv(source->argv);
    copy->shell = source->shell;
    copy->working_directory = g_strdup(source->working_directory);
    copy->stdin_path = g_strdup(source->stdin_path);
    copy->environment = g_strdupv(source->environment);
    copy_command(&benchmark->prepare[from], &benchmark->prepare[to]);
    rs_command_clear(&benchmark->setup[to]);
    rs_command_clear(&benchmark->cleanup[to]);
}

void rs_plan_use_baseline_twice(RsPlan *plan)
{
    for (guint i = 0; i < plan->benchmarks->len; i++) {
        RsPlanBenchmark *benchmark = g_ptr_array_index(plan->benchmarks, i);

        benchmark->design = RS_DESIGN_PAIRED;
        copy_side(benchmark, RS_ARM_BASELINE, RS_ARM_CURRENT);
    }
}

static gboolean is_blank(const char *text)
{
    return text[strspn(text, " \t\r\n")] == '\0';
}

static char **whole_text(const char *text)
{
    char **argv = g_new0(char *, 2);

    argv[0] = g_strdup(text);
    return argv;
}

gboolean rs_command_parse(const char *text, gboolean shell, char ***argv, GError **error)
{
    g_autoptr(GError) reason = NULL;

    if (is_blank(text)) {
        g_set_error_literal(error, RS_PLAN_ERROR, RS_PLAN_ERROR_INVALID, "the command is empty");
        return FALSE;
    }
    if (shell) {
        *argv = whole_text(text);
        return TRUE;
    }
    if (g_shell_parse_argv(text, NULL, argv, &reason))
        return TRUE;
    g_set_error_literal(error, RS_PLAN_ERROR, RS_PLAN_ERROR_INVALID,
                        g_error_matches(reason, G_SHELL_ERROR, G_SHELL_ERROR_BAD_QUOTING)
                            ? "unbalanced quotes in the command"
                            : "the command is only a comment");
    return FALSE;
}

guint rs_plan_count_family(const RsPlan *plan)
{
    guint n_rows = 0;

    for (guint i = 0; i < plan->benchmarks->len; i++) {
        const RsPlanBenchmark *benchmark = g_ptr_array_index(plan->benchmarks, i);

        n_rows += g_strv_length(benchmark->gated_metrics ? benchmark->gated_metrics
                                                         : plan->gate->metrics);
    }
    return n_rows;
}

void rs_plan_seal(RsPlan *plan)
{
    g_autoptr(GStrvBuilder) names = g_strv_builder_new();

    for (guint i = 0; i < plan->benchmarks->len; i++)
        g_strv_builder_add(names,
                           ((RsPlanBenchmark *)g_ptr_array_index(plan->benchmarks, i))->name);
    g_strfreev(plan->expected_benchmarks);
    plan->expected_benchmarks = g_strv_builder_end(names);
    plan->gate->n_family = rs_plan_count_family(plan);
}

static gboolean matches_a_glob(const char *name, char **globs)
{
    if (!globs)
        return TRUE;
    for (guint i = 0; globs[i]; i++) {
        g_autoptr(GPatternSpec) glob = g_pattern_spec_new(globs[i]);

        if (g_pattern_spec_match_string(glob, name))
            return TRUE;
    }
    return FALSE;
}

static gboolean carries_a_tag(char **carried, char **tags)
{
    if (!tags)
        return TRUE;
    for (guint i = 0; carried && tags[i]; i++)
        if (g_strv_contains((const char *const *)carried, tags[i]))
            return TRUE;
    return FALSE;
}

static GPtrArray *selected(const RsPlan *plan, char **name_globs, char **tags)
{
    GPtrArray *indices = g_ptr_array_new();

    for (guint i = 0; i < plan->benchmarks->len; i++) {
        const RsPlanBenchmark *benchmark = g_ptr_array_index(plan->benchmarks, i);

        if (matches_a_glob(benchmark->name, name_globs) && carries_a_tag(benchmark->tags, tags))
            g_ptr_array_add(indices, GUINT_TO_POINTER(i));
    }
    return indices;
}

/* The words in order of appearance, each once, the rest counted. */
static char *list_words(GPtrArray *words)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < words->len && i < MAX_NAMES_SHOWN; i++)
        g_string_append_printf(text, "%s\"%s\"", i ? ", " : "",
                               (const char *)g_ptr_array_index(words, i));
    if (words->len > MAX_NAMES_SHOWN)
        g_string_append_printf(text, " and %u more", words->len - MAX_NAMES_SHOWN);
    return g_string_free(text, FALSE);
}

static char *list_names(const RsPlan *plan)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();

    for (guint i = 0; i < plan->benchmarks->len; i++)
        g_ptr_array_add(names, ((RsPlanBenchmark *)g_ptr_array_index(plan->benchmarks, i))->name);
    return list_words(names);
}

static char *list_tags(const RsPlan *plan)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new();
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; i < plan->benchmarks->len; i++) {
        char **tags = ((RsPlanBenchmark *)g_ptr_array_index(plan->benchmarks, i))->tags;

        for (guint k = 0; tags && tags[k]; k++)
            if (g_hash_table_add(seen, tags[k]))
                g_ptr_array_add(words, tags[k]);
    }
    return words->len ? list_words(words) : g_strdup("none");
}

static gboolean fail_unmatched(const RsPlan *plan, char **globs, char **tags, GError **error)
{
    g_autofree char *names = list_names(plan);
    g_autofree char *all_globs = globs ? g_strjoinv(" or ", globs) : NULL;
    g_autofree char *all_tags = tags ? g_strjoinv(" or ", tags) : NULL;
    g_autofree char *known_tags = tags ? list_tags(plan) : NULL;

    g_set_error(error, RS_PLAN_ERROR, RS_PLAN_ERROR_INVALID,
                "no benchmark%s%s%s%s; benchmarks: %s%s%s", globs ? " is named " : "",
                globs ? all_globs : "", tags ? (globs ? " and tagged " : " is tagged ") : "",
                tags ? all_tags : "", plan->benchmarks->len ? names : "none",
                tags ? "; tags: " : "", tags ? known_tags : "");
    return FALSE;
}

static gboolean check_shard(guint shard_index, guint shard_count, GError **error)
{
    if (shard_count == 0 ? shard_index == 0 : shard_index >= 1 && shard_index <= shard_count)
        return TRUE;
    g_set_error(error, RS_PLAN_ERROR, RS_PLAN_ERROR_INVALID,
                "shard %u/%u: the first number must be from 1 to the second", shard_index,
                shard_count);
    return FALSE;
}

static void keep_shard(RsPlan *plan, GPtrArray *indices, guint first, guint step)
{
    GPtrArray *kept = g_ptr_array_new_with_free_func((GDestroyNotify)rs_plan_benchmark_free);

    for (guint i = first; i < indices->len; i += step) {
        gpointer *slot =
            &g_ptr_array_index(plan->benchmarks, GPOINTER_TO_UINT(g_ptr_array_index(indices, i)));

        g_ptr_array_add(kept, g_steal_pointer(slot));
        if (step > indices->len)
            break; /* i + step might wrap */
    }
    g_ptr_array_unref(plan->benchmarks);
    plan->benchmarks = kept;
}

gboolean rs_plan_select(RsPlan *plan, char **name_globs, char **tags, guint shard_index,
                        guint shard_count, GError **error)
{
    g_autoptr(GPtrArray) indices = selected(plan, name_globs, tags);

    if (!check_shard(shard_index, shard_count, error))
        return FALSE;
    if (indices->len == 0)
        return fail_unmatched(plan, name_globs, tags, error);
    if (shard_count > 0 && shard_index > indices->len) {
        g_set_error(error, RS_PLAN_ERROR, RS_PLAN_ERROR_INVALID,
                    "shard %u/%u is empty: only %u benchmark%s selected", shard_index, shard_count,
                    indices->len, indices->len == 1 ? " is" : "s are");
        return FALSE;
    }
    keep_shard(plan, indices, shard_count ? shard_index - 1 : 0, MAX(shard_count, 1));
    plan->shard_index = shard_index;
    plan->shard_count = shard_count;
    return TRUE;
}
