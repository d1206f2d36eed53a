/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A verdict to where it is read: a rendering to a file or stdout, or what a CI system expects. */
#ifndef RS_CMD_OUTPUT_H
#define RS_CMD_OUTPUT_H

#include "model/verdict.h"

/* Renders in a format ("text", ..., or "json", the verdict file) to path; NULL or "-" is stdout.
 * Errors G_OPTION_ERROR (unknown format), G_FILE_ERROR. */
gboolean rs_output_render(const RsVerdict *verdict, const char *format, const char *path,
                          const char *run_url, GError **error);

/* github: annotations on stdout, markdown appended to $GITHUB_STEP_SUMMARY, outputs to
 * $GITHUB_OUTPUT. gitlab: the widgets' artifacts in folder, the text on stdout. json: the verdict
 * file on stdout. */
gboolean rs_output_ci(const RsVerdict *verdict, const char *system, const char *folder,
                      GError **error);

/* The same in parts: annotations and summary as wanted, and the outputs, which are for when the
 * exit status is known. */
gboolean rs_output_github(const RsVerdict *verdict, gboolean annotations, gboolean summary,
                          const char *run_url, GError **error);
gboolean rs_output_github_outputs(const RsVerdict *verdict, GError **error);
gboolean rs_output_gitlab_artifacts(const RsVerdict *verdict, const char *folder, GError **error);

typedef struct {
    gboolean color;
    guint width_columns; /* 0: not a terminal */
} RsTerminal;

/* What there is behind path, NULL or "-" being stdout. */
RsTerminal rs_output_terminal(const char *path);

/* Names of all formats, NULL-ended; free with g_free. */
const char **rs_output_formats(void);

#endif
