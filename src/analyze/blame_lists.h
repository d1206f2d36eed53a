/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was found out, as the lists of a blame. */
#ifndef RS_ANALYZE_BLAME_LISTS_H
#define RS_ANALYZE_BLAME_LISTS_H

#include <glib.h>

#include "analyze/blame_family.h"
#include "analyze/blame_shift.h"

/* Own time: functions, others, and how much of the slowdown is explained. */
void rs_blame_list_functions(RsBlame *blame, const RsBlameFamily *self,
                             const RsBlameShifts *shifts);
/* Time with callees: who leads to those that are to blame; where nobody is, who is slower as a
 * whole. The more specific first; what all of the program runs below comes last. */
void rs_blame_list_callers(RsBlame *blame, const RsBlameFamily *inclusive,
                           const RsBlameFamily *self);
/* Crates, modules or leaves, into list; own time that only moved is nobody's fault. */
void rs_blame_list_groups(GPtrArray *list, const RsBlameFamily *groups, const RsBlameFamily *self,
                          const RsBlameShifts *shifts);

#endif
