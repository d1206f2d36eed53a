/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cost that only moved. When the compiler inlines a callee, or splits a function, the own time of
 * one rises by what another loses, and the caller around both costs what it did. Such gains are
 * looked for from the gainer outwards: at the nearest function around both in which gain and loss
 * cancel, nobody is to blame; where less is lost than gained, the rest keeps the guilt.
 *
 * A caller that most of the program runs below would pair up what has nothing to do with each
 * other: beyond the immediate caller such ones are not asked.
 * Source FBDetect (SOSP 2024): cost shifts within the caller of a subroutine. */
#ifndef RS_ANALYZE_BLAME_SHIFT_H
#define RS_ANALYZE_BLAME_SHIFT_H

#include <glib.h>

#include "analyze/blame_family.h"

/* Of a line of own time. */
typedef struct {
    const RsBlameName *within; /* the caller; NULL: nothing moved */
    gboolean is_whole; /* nothing, or nothing that can be told from chance, is left of the gain */
    double *left;      /* what is left in each pair, else NULL */
    double p_left;
} RsBlameShift;

typedef struct {
    guint n;
    RsBlameShift *lines; /* of each line of the family */
} RsBlameShifts;

/* self, inclusive: the families of own time and of time with callees. */
void rs_blame_shifts_init(RsBlameShifts *shifts, const RsBlameFamily *self,
                          const RsBlameFamily *inclusive);
void rs_blame_shifts_clear(RsBlameShifts *shifts);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(RsBlameShifts, rs_blame_shifts_clear)

#endif
