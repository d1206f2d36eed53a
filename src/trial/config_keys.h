/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The keys of the configuration: for each one where it may be written and what it sets. Must not
 * know how benchmarks are listed, expanded or named; that is config.c. */
#ifndef RS_TRIAL_CONFIG_KEYS_H
#define RS_TRIAL_CONFIG_KEYS_H

#include "trial/config_fill.h"

#define RS_CONFIG_KEY_VERSION    "version"
#define RS_CONFIG_KEY_BENCHMARKS "benchmarks"
#define RS_CONFIG_KEY_NAME       "name"
#define RS_CONFIG_KEY_MATRIX     "matrix"
#define RS_CONFIG_KEY_EXCLUDE    "exclude"
#define RS_CONFIG_KEY_SHELL      "shell"

/* Where a key may be written. */
typedef enum {
    RS_CONFIG_IN_FILE = 1 << 0,
    RS_CONFIG_IN_BENCHMARK = 1 << 1,
    RS_CONFIG_IN_ARM = 1 << 2, /* "baseline" and "current", of the file or of a benchmark */
} RsConfigPlace;

/* What a key sets something of. */
typedef enum {
    RS_CONFIG_OF_STRUCTURE, /* nothing: read by config.c */
    RS_CONFIG_OF_RUN,
    RS_CONFIG_OF_BENCHMARK,
    RS_CONFIG_OF_ARM,
} RsConfigSubject;

/* Every key of map may be written in place. */
gboolean rs_config_check_keys(const RsConfigNode *map, RsConfigPlace place, GError **error);
/* Sets what the keys of map say about subject. */
gboolean rs_config_apply(RsConfigFilling *filling, const RsConfigNode *map, RsConfigPlace place,
                         RsConfigSubject subject, GError **error);
/* The program of filling's arm: a text or a list of words. */
gboolean rs_config_apply_command(RsConfigFilling *filling, const RsConfigNode *node,
                                 GError **error);

#endif
