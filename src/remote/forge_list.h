/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lists as both forges answer with them; what an element means is told by the forge. */
#ifndef RS_REMOTE_FORGE_LIST_H
#define RS_REMOTE_FORGE_LIST_H

#include <jansson.h>

#include "remote/forge.h"

/* The comment that an object of an answer is, yours; NULL: it is none that counts. */
typedef RsComment *(*RsCommentOf)(const RsForge *forge, const json_t *object);

/* RsComment of all pages, oldest first. Errors RS_HTTP_ERROR. */
GPtrArray *rs_forge_list_comments(RsForge *forge, const char *path, RsCommentOf comment_of,
                                  GError **error);
/* What a comment that was written was answered with; in a dry run one without an id. Takes answer;
 * NULL gives NULL. Errors RS_HTTP_ERROR_UNKNOWN: the answer does not tell which it is. */
RsComment *rs_forge_written_comment(RsForge *forge, json_t *answer, RsCommentOf comment_of,
                                    GError **error);

#endif
