/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which of the functions that a verdict blames are in the change itself. */
#ifndef RS_CMD_CHANGED_LINES_H
#define RS_CMD_CHANGED_LINES_H

#include "model/verdict.h"

/* Marks them. diff_path NULL: git is asked, when it knows both revisions of the verdict and they
 * differ; "-" is stdin. Errors G_FILE_ERROR and what the diff's parser says: of a file that was
 * given alone. */
gboolean rs_changed_lines_mark(RsVerdict *verdict, const char *diff_path, GError **error);

#endif
