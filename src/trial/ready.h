/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Before the first trial: are the programs there, are they two, and are they still what they were?
 * Every mistake here would be measured faithfully and called unchanged. An arm's files are looked
 * at when the runner has made its path show them; its errors are passed on. */
#ifndef RS_TRIAL_READY_H
#define RS_TRIAL_READY_H

#include "trial/open.h"
#include "trial/runner.h"

/* Finds an arm's program; one that is not there becomes a failure of the benchmark.
 * Errors RS_PLAN_ERROR_INVALID: earlier trials were of a program with other contents. */
gboolean rs_ready_resolve(const RsRunner *runner, RsOpen *open, RsArm arm, GError **error);

/* identical: both sides would run the same program on the same input.
 * Errors RS_PLAN_ERROR_INVALID: they would, though they are built or set up differently. */
gboolean rs_ready_compare(const RsRunner *runner, const RsOpen *open, gboolean *identical,
                          GError **error);

/* After all builds and setups, over RsOpen. Errors RS_PLAN_ERROR_INVALID: a later one has written
 * over a program that is to be measured. */
gboolean rs_ready_check(const RsRunner *runner, const GPtrArray *opens, GError **error);

#endif
