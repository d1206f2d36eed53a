/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Typed values out of configuration nodes. Each function checks form and range, and fails with
 * RS_PLAN_ERROR_INVALID in rs_config_fail's form. A text in quotes is never a number, a boolean or
 * null; yes, no, on and off are texts. */
#ifndef RS_TRIAL_CONFIG_VALUE_H
#define RS_TRIAL_CONFIG_VALUE_H

#include "trial/config_tree.h"

#define RS_CONFIG_MAX_LIST       1000
#define RS_CONFIG_MAX_TEXT_BYTES (64 * 1024)
#define RS_CONFIG_MAX_DURATION_S (30.0 * 24 * 3600)

/* Text that is not empty; the node keeps it. */
gboolean rs_config_text(const RsConfigNode *node, const char **text, GError **error);
/* The same, but quotes with nothing between them are a value too. */
gboolean rs_config_text_or_empty(const RsConfigNode *node, const char **text, GError **error);
gboolean rs_config_boolean(const RsConfigNode *node, gboolean *value, GError **error);
/* A finite number; its range is the caller's. */
gboolean rs_config_number(const RsConfigNode *node, double *value, GError **error);
/* low_word: a word that is given in place of low, such as "auto"; NULL: none. */
gboolean rs_config_integer(const RsConfigNode *node, const char *low_word, gint64 low, gint64 high,
                           gint64 *value, GError **error);
/* As rs_units_parse_duration_s, from 1 ms to RS_CONFIG_MAX_DURATION_S; "none" is 0. */
gboolean rs_config_duration(const RsConfigNode *node, double *seconds, GError **error);
/* The index of the text in words (NULL-ended). */
gboolean rs_config_word(const RsConfigNode *node, const char *const *words, int *index,
                        GError **error);
gboolean rs_config_map(const RsConfigNode *node, GError **error);
/* A list of 1 to RS_CONFIG_MAX_LIST values. */
gboolean rs_config_list(const RsConfigNode *node, GError **error);
/* A list of different texts; NULL-ended, yours. */
gboolean rs_config_texts(const RsConfigNode *node, char ***texts, GError **error);

/* Is text a letter or underline, then letters, digits, underlines and the characters of more? */
gboolean rs_config_is_identifier(const char *text, const char *more);

#endif
