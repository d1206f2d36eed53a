/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The errors of the statistics library, and the checks that every module makes before it computes.
 * Knows numbers only: the caller prefixes which benchmark and which metric they were. */
#ifndef RS_STATS_ERROR_H
#define RS_STATS_ERROR_H

#include <glib.h>

#define RS_STATS_ERROR (rs_stats_error_quark())

typedef enum {
    RS_STATS_ERROR_TOO_FEW,    /* the sample is smaller than the method needs */
    RS_STATS_ERROR_NOT_FINITE, /* a value is NaN or infinite */
    RS_STATS_ERROR_DOMAIN, /* a value or a parameter is outside what the method is defined for */
} RsStatsError;

GQuark rs_stats_error_quark(void);

/* Checks that x holds at least n_min values and that all n of them are finite.
 * Errors RS_STATS_ERROR_TOO_FEW, RS_STATS_ERROR_NOT_FINITE. */
gboolean rs_stats_check_sample(const double *x, gsize n, gsize n_min, GError **error);

/* Checks that low < value < high; `what` names the parameter in the message.
 * Errors RS_STATS_ERROR_DOMAIN (also for NaN). */
gboolean rs_stats_check_between(const char *what, double value, double low, double high,
                                GError **error);

/* Keeps GSL from aborting the process; to be called wherever GSL is entered. Cheap, thread-safe. */
void rs_stats_enter_gsl(void);

/* A sorted copy of x; free with g_free. */
double *rs_stats_sorted(const double *x, gsize n);

#endif
