/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One benchmark of the file, many benchmarks of the plan: the combinations of a matrix, and the
 * placeholders that stand for their values.
 *
 * A placeholder is {key}, where key is a key of the matrix or "arm". A key that does not exist is
 * an error; {{key}} is the text {key}. Braces around anything that could be no key, and ${NAME},
 * are left alone: {}, {print $1}, {"n": 1}, ${HOME:-/tmp}. A value goes in as it is written. */
#ifndef RS_TRIAL_CONFIG_MATRIX_H
#define RS_TRIAL_CONFIG_MATRIX_H

#include "trial/config_tree.h"

/* Of the whole file. */
#define RS_CONFIG_MAX_BENCHMARKS 10000

#define RS_CONFIG_PLACEHOLDER_ARM "arm"

/* Every combination of the matrix but the excluded ones, each a NULL-ended NAME=VALUE list, the
 * first key varying slowest; one empty list where matrix is NULL. Errors RS_PLAN_ERROR_INVALID: bad
 * keys or values, more than max_combinations, none left. */
GPtrArray *rs_config_matrix_expand(const RsConfigNode *matrix, const RsConfigNode *exclude,
                                   guint max_combinations, GError **error);

/* text with its placeholders replaced, yours; NULL with the unknown one in *unknown (yours).
 * arm: NULL where {arm} means nothing. */
char *rs_config_replace(const char *text, char **parameters, const char *arm, char **unknown);

/* The name with " [NAME=VALUE ...]" for the parameters it has no placeholder for; NULL with the
 * unknown placeholder in *unknown. */
char *rs_config_replace_name(const char *name, char **parameters, char **unknown);

#endif
