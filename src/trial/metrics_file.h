/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Metrics of a benchmark's own, which it writes to the file named by RUSTSCOPE_METRICS: one a line,
 *     NAME VALUE UNIT [lower|higher]
 * separated by blanks; direction is what is better, lower when left out. Untrusted: everything is
 * bounded. */
#ifndef RS_TRIAL_METRICS_FILE_H
#define RS_TRIAL_METRICS_FILE_H

#include <glib.h>

#include "model/names.h"

#define RS_METRICS_FILE_LIMIT_BYTES (256 * 1024)
#define RS_METRICS_FILE_LIMIT_NAMES 64

typedef struct {
    char *name, *unit;
    RsDirection direction;
    double value; /* mean, when the name was given several times */
    guint n_given;
} RsOwnMetric;

/* RsOwnMetric*, yours; NULL on a line that cannot be read, and problem then says which and why
 * (yours). */
GPtrArray *rs_metrics_file_parse(const char *text, gsize n_bytes, char **problem);

#endif
