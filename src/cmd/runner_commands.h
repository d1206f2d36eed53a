/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What we tell the runner of a GitHub job, or one that speaks like it (Gitea, Forgejo), through our
 * output and the files that it names; and how the output of others is kept from telling it
 * anything. Elsewhere nothing of it is written but warnings, as plain lines.
 * Source: GitHub's documents on workflow commands; actions/runner, ActionCommandManager. */
#ifndef RS_CMD_RUNNER_COMMANDS_H
#define RS_CMD_RUNNER_COMMANDS_H

#include <glib.h>

gboolean rs_runner_is_github(void);

/* Between these two what programs print to our stderr, whatever it is, makes no command; their
 * stdout has to go there, too. May be nested. */
void rs_runner_begin_foreign(void);
void rs_runner_end_foreign(void);

/* An annotation of the job, also between those two; elsewhere a line on stderr. Both texts may be
 * foreign. */
void rs_runner_warning(const char *title, const char *text);
/* Has the runner blot value out of its log. For a value that it does not know for a secret already:
 * to be told it has to see it. Values of less than 4 characters are passed over. */
void rs_runner_mask(const char *value);

/* An output of the step. name is ours, value may be foreign. Errors G_FILE_ERROR. */
gboolean rs_runner_output(const char *name, const char *value, GError **error);
/* Markdown for the page of the job. What would not fit any more is left out with a warning: a
 * summary that is too long is dropped as a whole by the runner. Errors G_FILE_ERROR. */
gboolean rs_runner_summary(const char *markdown, gsize n_bytes, GError **error);
#define RS_RUNNER_SUMMARY_MAX_BYTES (1 << 20) /* of all that a step adds */

/* Adds to the file that an environment variable names; without one it does nothing. Errors
 * G_FILE_ERROR. */
gboolean rs_runner_append(const char *variable, const char *text, gsize n_bytes, GError **error);

#endif
