/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether two benchmarks do the same work: program, arguments, input, environment, build and
 * hooks. */
#ifndef RS_TRIAL_POLICY_WORK_H
#define RS_TRIAL_POLICY_WORK_H

#include "trial/plan.h"

/* before, after: in words, NULL where there is none; borrowed. */
typedef void (*RsPolicyWorkDifference)(const char *before, const char *after, gpointer data);

/* Each difference once; one of a single arm says which. */
void rs_policy_work_differences(const RsPlanBenchmark *base, const RsPlanBenchmark *head,
                                RsPolicyWorkDifference found, gpointer data);
/* Of a command of the whole run; nothing where they are equal. */
void rs_policy_work_command(const char *what, const RsCommand *base, const RsCommand *head,
                            RsPolicyWorkDifference found, gpointer data);
/* The same for benchmarks that do the same work, and for no others. Yours. */
char *rs_policy_work_key(const RsPlanBenchmark *benchmark);

#endif
