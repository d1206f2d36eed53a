/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Before the first trial: are the programs there, are they two, and are they still what they were?
 * Every mistake here would be measured faithfully and called unchanged. */
#ifndef RS_TRIAL_READY_H
#define RS_TRIAL_READY_H

#include "trial/open.h"

/* Finds an arm's program; one that is not there becomes a failure of the benchmark.
 * Errors RS_PLAN_ERROR_INVALID: earlier trials were of a program with other contents. */
gboolean rs_ready_resolve(RsOpen *open, RsArm arm, GError **error);

/* identical: both sides would run the same program on the same input.
 * Errors RS_PLAN_ERROR_INVALID: they would, though they are built or set up differently. */
gboolean rs_ready_compare(const RsOpen *open, gboolean *identical, GError **error);

/* After all builds and setups, over RsOpen. Errors RS_PLAN_ERROR_INVALID: a later one has written
 * over a program that is to be measured. */
gboolean rs_ready_check(const GPtrArray *opens, GError **error);

#endif
