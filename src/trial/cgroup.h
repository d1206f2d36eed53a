/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds the files of our cgroup, version 2 or 1, and reads its limits. Inside a container the path
 * in /proc/self/cgroup may not exist under the mount; the root of the mount is our cgroup then. */
#ifndef RS_TRIAL_CGROUP_H
#define RS_TRIAL_CGROUP_H

#include <glib.h>

/* The path of our cgroup's file: name_v2 under the unified hierarchy, or name_v1 under the
 * controller's. NULL: none. */
char *rs_cgroup_file(const char *root, const char *controller, const char *name_v2,
                     const char *name_v1);

/* NaN and -1: no limit, or not told. */
void rs_cgroup_limits(const char *root, double *cpu_limit_cpus, gint64 *memory_limit_bytes);

#endif
