/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rustscope.yml -> plan. Every error names file, line and key; unknown keys are errors with the
 * nearest known one. */
#ifndef RS_TRIAL_CONFIG_H
#define RS_TRIAL_CONFIG_H

#include "trial/plan.h"

/* Relative paths in the file are relative to its folder. Errors G_FILE_ERROR, RS_PLAN_ERROR_INVALID
 * with a message that begins "FILE:LINE: KEY: ". */
RsPlan *rs_config_read(const char *path, GError **error);
/* The same from memory; folder: what relative paths are relative to. */
RsPlan *rs_config_parse(const char *text, gsize n_bytes, const char *file_name, const char *folder,
                        GError **error);

#endif
