/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts, paths and commands of a configuration, with the placeholders of the benchmark that is
 * being filled. Must not know which key a value belongs to. */
#ifndef RS_TRIAL_CONFIG_FILL_H
#define RS_TRIAL_CONFIG_FILL_H

#include "trial/config_tree.h"
#include "trial/plan.h"

/* What is being filled, and what the values need to know. */
typedef struct {
    const char *folder; /* absolute */
    RsPlan *plan;
    RsPlanBenchmark *benchmark; /* NULL: keys of the run */
    RsArm arm;                  /* RS_N_ARMS: not in an arm */
    gboolean shell;             /* as it holds for the commands that are read next */
    gsize n_replaced_bytes;     /* of all texts so far */
} RsConfigFilling;

/* Errors of all: RS_PLAN_ERROR_INVALID in rs_config_fail's form. A target's former value is freed;
 * it stays when there is an error. */

/* text with its placeholders replaced, yours; node is where it stands. */
char *rs_config_fill_text(RsConfigFilling *filling, const RsConfigNode *node, const char *text,
                          GError **error);
/* An absolute path. */
gboolean rs_config_fill_path(RsConfigFilling *filling, const RsConfigNode *node, char **target,
                             GError **error);
/* A text, split into words or kept whole as filling->shell says, or a list of words. */
gboolean rs_config_fill_command(RsConfigFilling *filling, const RsConfigNode *node,
                                RsCommand *target, GError **error);
/* A text for /bin/sh; a list of words is quoted into one. */
gboolean rs_config_fill_build(RsConfigFilling *filling, const RsConfigNode *node, char **target,
                              GError **error);

/* Adds to what all texts cost altogether, because a matrix multiplies them; FALSE above 64 MiB. */
gboolean rs_config_count(RsConfigFilling *filling, const RsConfigNode *node, const char *text,
                         GError **error);
/* Says which placeholders there are, or the nearest one. FALSE. */
gboolean rs_config_fail_unknown(const RsConfigFilling *filling, const RsConfigNode *node,
                                const char *unknown, gboolean with_arm, GError **error);

#endif
