/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trial/cgroup.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The group's path out of "ID:CONTROLLERS:PATH" lines; controller "" is the unified hierarchy. */
static char *group_path(const char *root, const char *controller)
{
    g_autofree char *file = g_build_filename(root, "proc/self/cgroup", NULL);
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;

    if (!g_file_get_contents(file, &text, NULL, NULL))
        return NULL;
    lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++) {
        g_auto(GStrv) parts = g_strsplit(*line, ":", 3);
        g_auto(GStrv) controllers = NULL;

        if (g_strv_length(parts) != 3)
            continue;
        controllers = g_strsplit(parts[1], ",", -1);
        if (*controller ? g_strv_contains((const char *const *)controllers, controller)
                        : !*parts[1])
            return g_strdup(parts[2]);
    }
    return NULL;
}

static char *existing(const char *root, const char *mount, const char *group, const char *name)
{
    g_autofree char *inside = g_build_filename(root, mount, group, name, NULL);
    g_autofree char *at_root = g_build_filename(root, mount, name, NULL);

    if (g_file_test(inside, G_FILE_TEST_EXISTS))
        return g_steal_pointer(&inside);
    return g_file_test(at_root, G_FILE_TEST_EXISTS) ? g_steal_pointer(&at_root) : NULL;
}

char *rs_cgroup_file(const char *root, const char *controller, const char *name_v2,
                     const char *name_v1)
{
    g_autofree char *unified = group_path(root, "");
    g_autofree char *legacy = group_path(root, controller);
    g_autofree char *mount = g_build_filename("sys/fs/cgroup", controller, NULL);
    char *path = NULL;

    if (legacy)
        path = existing(root, mount, legacy, name_v1);
    if (!path && unified)
        path = existing(root, "sys/fs/cgroup", unified, name_v2);
    if (!path && unified)
        path = existing(root, "sys/fs/cgroup/unified", unified, name_v2);
    return path;
}

static char *read_file_of(const char *root, const char *controller, const char *name_v2,
                          const char *name_v1)
{
    g_autofree char *path = rs_cgroup_file(root, controller, name_v2, name_v1);
    char *text = NULL;

    if (!path || !g_file_get_contents(path, &text, NULL, NULL))
        return NULL;
    return text;
}

static double cpu_limit(const char *root)
{
    g_autofree char *quota_text = read_file_of(root, "cpu", "cpu.max", "cpu.cfs_quota_us");
    double quota_us = NAN, period_us = NAN;

    if (!quota_text || sscanf(quota_text, "%lf", &quota_us) != 1)
        return NAN; /* "max" */
    if (sscanf(quota_text, "%*s %lf", &period_us) != 1) {
        g_autofree char *period_text = read_file_of(root, "cpu", "cpu.max", "cpu.cfs_period_us");

        if (!period_text || sscanf(period_text, "%lf", &period_us) != 1)
            return NAN;
    }
    return quota_us > 0 && period_us > 0 ? quota_us / period_us : NAN;
}

void rs_cgroup_limits(const char *root, double *cpu_limit_cpus, gint64 *memory_limit_bytes)
{
    g_autofree char *memory = read_file_of(root, "memory", "memory.max", "memory.limit_in_bytes");
    gint64 limit = memory ? g_ascii_strtoll(memory, NULL, 10) : 0;

    *cpu_limit_cpus = cpu_limit(root);
    /* Version 1 writes "no limit" as a number near 2^63. */
    *memory_limit_bytes = limit > 0 && limit < G_GINT64_CONSTANT(1) << 60 ? limit : -1;
}
