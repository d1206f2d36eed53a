/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trial/metrics_file.h"

#include <math.h>
#include <string.h>

#include "model/metric.h"

#define NAME_LIMIT_BYTES 128

static void own_metric_free(gpointer data)
{
    RsOwnMetric *metric = data;

    g_free(metric->name);
    g_free(metric->unit);
    g_free(metric);
}

static const char *check_words(char **words, guint n_words, double *value, int *direction)
{
    static const char *const directions[] = {"lower", "higher", NULL};
    char *end;

    if (n_words < 3 || n_words > 4)
        return "expected NAME VALUE UNIT [lower|higher]";
    if (strlen(words[0]) > NAME_LIMIT_BYTES || strlen(words[2]) > NAME_LIMIT_BYTES)
        return "a name is too long";
    if (rs_metric_row(words[0]))
        return "this name is one of the built-in metrics";
    *value = g_ascii_strtod(words[1], &end);
    if (*end || end == words[1] || !isfinite(*value))
        return "the value is no finite number";
    *direction = n_words == 4 ? rs_name_index(directions, words[3]) : RS_LOWER_IS_BETTER;
    return *direction < 0 ? "the direction is neither lower nor higher" : NULL;
}

static RsOwnMetric *find_or_add(GPtrArray *metrics, char **words, int direction)
{
    RsOwnMetric *metric;

    for (guint i = 0; i < metrics->len; i++) {
        metric = g_ptr_array_index(metrics, i);
        if (g_str_equal(metric->name, words[0]))
            return g_str_equal(metric->unit, words[2]) && (int)metric->direction == direction
                       ? metric
                       : NULL;
    }
    if (metrics->len == RS_METRICS_FILE_LIMIT_NAMES)
        return NULL;
    metric = g_new0(RsOwnMetric, 1);
    metric->name = g_strdup(words[0]);
    metric->unit = g_strdup(words[2]);
    metric->direction = (RsDirection)direction;
    g_ptr_array_add(metrics, metric);
    return metric;
}

static const char *take_line(GPtrArray *metrics, const char *line)
{
    g_auto(GStrv) raw = g_strsplit_set(line, " \t\r", -1);
    g_autoptr(GPtrArray) words = g_ptr_array_new();
    RsOwnMetric *metric;
    const char *why;
    double value = 0;
    int direction = 0;

    for (char **word = raw; *word; word++)
        if (**word)
            g_ptr_array_add(words, *word);
    if (!words->len)
        return NULL;
    why = check_words((char **)words->pdata, words->len, &value, &direction);
    if (why)
        return why;
    metric = find_or_add(metrics, (char **)words->pdata, direction);
    if (!metric)
        return "too many names, or one name with two units or directions";
    metric->n_given++;
    metric->value += (value - metric->value) / metric->n_given;
    return isfinite(metric->value) ? NULL : "the mean of this name is no finite number";
}

GPtrArray *rs_metrics_file_parse(const char *text, gsize n_bytes, char **problem)
{
    g_autoptr(GPtrArray) metrics = g_ptr_array_new_with_free_func(own_metric_free);
    g_autofree char *copy = g_strndup(text, n_bytes);
    g_auto(GStrv) lines = g_strsplit_set(copy, "\n", -1);

    if (n_bytes > RS_METRICS_FILE_LIMIT_BYTES || !g_utf8_validate(text, (gssize)n_bytes, NULL)) {
        *problem = g_strdup("RUSTSCOPE_METRICS: the file is too long, or not UTF-8 text");
        return NULL;
    }
    for (guint i = 0; lines[i]; i++) {
        const char *why = take_line(metrics, lines[i]);

        if (why) {
            *problem = g_strdup_printf("RUSTSCOPE_METRICS, line %u: %s", i + 1, why);
            return NULL;
        }
    }
    return g_steal_pointer(&metrics);
}
