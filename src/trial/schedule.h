/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tossed coins of a run: which side of a pair runs first, and how much padding its environment
 * gets. A function of seed, benchmark and pair number alone, so a resumed or sharded run tosses the
 * same coins. */
#ifndef RS_TRIAL_SCHEDULE_H
#define RS_TRIAL_SCHEDULE_H

#include <glib.h>

#include "model/names.h"

#define RS_PADDING_LIMIT_BYTES 4096

typedef struct {
    RsArm first;
    guint padding_bytes; /* below the limit; the same for both sides of the pair */
} RsPairToss;

RsPairToss rs_schedule_toss(gint64 seed, const char *benchmark_name, gint32 pair);

/* A seed that no one could foresee, 0 <= seed < 2^53 so that every JSON reader keeps it. */
gint64 rs_schedule_draw_seed(void);

#endif
