/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON in and out of requests, for the forges: answers are untrusted, and what is not of the shape
 * that an API promises is an error that says what was missing. */
#ifndef RS_REMOTE_REST_H
#define RS_REMOTE_REST_H

#include <jansson.h>

#include "remote/http.h"

#define RS_REST_MAX_ITEMS 20000 /* of all pages together */
#define RS_REST_MAX_PAGES 1000

/* GET, or a write with a body (borrowed; NULL: none). What came, yours, or NULL: in a dry run an
 * empty object. Errors RS_HTTP_ERROR; ANSWER: it is no JSON; UNKNOWN: that after a POST, which may
 * have done its work. */
json_t *rs_rest_send(RsHttp *http, const char *method, const char *path, json_t *body,
                     GError **error);
/* The elements of all pages of a list, a JSON array, yours. */
json_t *rs_rest_list(RsHttp *http, const char *path, GError **error);

/* Members of an object; NULL and -1: it does not have it, or it is of another kind. Borrowed. */
const char *rs_rest_text(const json_t *object, const char *key);
gint64 rs_rest_int(const json_t *object, const char *key);
/* "the server's answer lacks <what>". */
void rs_rest_lacks(const char *what, GError **error);
/* The same of a POST that was to create something: RS_HTTP_ERROR_UNKNOWN. */
void rs_rest_lacks_id(GError **error);

#endif
