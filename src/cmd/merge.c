/* SPDX-License-Identifier: GPL-3.0-or-later */
/* merge: the shards of one run into one file. */
#include "analyze/merge.h"

#include <stdio.h>

#include "cmd/command.h"
#include "format/codec.h"

typedef struct {
    RsOptBase base;
    char *output_path;
} Values;

static const RsOpt opts[] = {
    {"output", 'o', RS_OPT_FILE, offsetof(Values, output_path), "run.json", "FILE",
     "the joined session file", NULL},
    {0},
};

static void free_parts(GPtrArray *parts)
{
    for (guint i = 0; i < parts->len; i++)
        rs_session_free(g_ptr_array_index(parts, i));
    g_ptr_array_unref(parts);
}

static int merge(const Values *values, GPtrArray *parts)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(RsSession) merged = NULL;
    guint n_parts = parts->len;

    merged = rs_merge(parts, &error);
    if (!merged)
        return rs_complain(RS_EXIT_CANNOT, "merge: %s", error->message);
    if (!rs_session_write(merged, values->output_path, &error))
        return rs_complain(RS_EXIT_CANNOT, "%s", error->message);
    fprintf(stderr, "rustscope: %u benchmarks of %u files in %s\n", merged->benchmarks->len,
            n_parts, values->output_path);
    return RS_EXIT_PASSED;
}

static int run_merge(gpointer data)
{
    const Values *values = data;
    GPtrArray *parts = g_ptr_array_new();
    int status = RS_EXIT_PASSED;

    if (!values->base.operands[0])
        status = rs_complain(RS_EXIT_USAGE, "merge: expected the files of all shards");
    for (char **path = values->base.operands; *path && status == RS_EXIT_PASSED; path++) {
        g_autoptr(GError) error = NULL;
        RsSession *part = rs_session_read(*path, &error);

        if (part)
            g_ptr_array_add(parts, part);
        else
            status = rs_complain(RS_EXIT_CANNOT, "%s", error->message);
    }
    if (status == RS_EXIT_PASSED)
        status = merge(values, parts);
    free_parts(parts);
    return status;
}

const RsCommandRow rs_command_merge = {
    .name = "merge",
    .operands = "SHARD...",
    .summary = "Join the shards of one run.",
    .description = "Fails when a shard or a benchmark of the configuration is missing.\n\n"
                   "Example:\n"
                   "  rustscope merge -o run.json shard-*.json && rustscope compare run.json",
    .opts = opts,
    .n_values_bytes = sizeof(Values),
    .run = run_merge,
};
