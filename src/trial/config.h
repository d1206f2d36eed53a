/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rustscope.yml -> plan. Every error names file, line and key; unknown keys are errors with the
 * nearest known one. The keys are a table in config.c; their forms, for editors and other programs,
 * are config.schema.json.
 *
 * What is written at the top of the file holds for every benchmark; a benchmark overrides it, and
 * within it an arm overrides both. So, from general to particular: the file, the file's arm, the
 * benchmark, the benchmark's arm. Environments are merged in that order. "shell" holds for commands
 * written beside it or in more particular places.
 *
 * Commands: a text is split into words as a shell splits them, then its placeholders are replaced
 * (config_matrix.h), so a value never becomes two words; with "shell: true" it is one text for
 * /bin/sh. A list is the exact argv and never goes through a shell. "build" is always text for
 * /bin/sh. Working directories and stdin files are relative to the file's folder, which is also the
 * default working directory; commands are not rewritten. */
#ifndef RS_TRIAL_CONFIG_H
#define RS_TRIAL_CONFIG_H

#include "trial/plan.h"

#define RS_CONFIG_FILE "rustscope.yml" /* what it is called where nobody says otherwise */

/* Relative paths in the file are relative to its folder; "-" is stdin and the current folder.
 * Errors G_FILE_ERROR, RS_PLAN_ERROR_INVALID with a message that begins "FILE:LINE: KEY: ", where
 * KEY counts from 0 (benchmarks[0].name) and is left out when the file as a whole is meant, and
 * "FILE:LINE:COLUMN: " for bad YAML. The plan is not sealed. */
RsPlan *rs_config_read(const char *path, GError **error);
/* The same from memory; folder: what relative paths are relative to. */
RsPlan *rs_config_parse(const char *text, gsize n_bytes, const char *file_name, const char *folder,
                        GError **error);

#endif
