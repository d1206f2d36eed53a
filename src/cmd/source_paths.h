/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the sources of the functions of a session lie in the repository: debug information names
 * files as the compiler saw them, reports link to them as the repository has them. */
#ifndef RS_CMD_SOURCE_PATHS_H
#define RS_CMD_SOURCE_PATHS_H

#include "model/session.h"

/* Makes the files of the functions relative to the top of the repository that a program was built
 * in or runs in (or else the current folder's), where they are files of it: below that folder by
 * name, or, for own functions that were built elsewhere, by the longest end of their path that the
 * repository has. Others stay as they are. */
void rs_source_paths_settle(RsSession *session);

/* The path from the repository's top; NULL: it is none of files. Exposed for its test.
 * tops: NULL-ended absolute folders; is_own: the end of the path may decide. Yours. */
char *rs_source_path_in(GHashTable *files, char **tops, const char *path, gboolean is_own);

#endif
