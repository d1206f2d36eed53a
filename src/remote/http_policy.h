/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is to be done about an answer, or about none: decided here, without a socket or a clock. */
#ifndef RS_REMOTE_HTTP_POLICY_H
#define RS_REMOTE_HTTP_POLICY_H

#include <curl/curl.h>

#include "remote/http.h"

/* What an answer's header lines told that matters. Text is owned. */
typedef struct {
    char *location, *link, *next_page, *retry_after, *date;
    gint64 rate_remaining, rate_reset_s; /* -1: not told; reset is Unix time */
} RsHttpHeaders;

void rs_http_headers_clear(RsHttpHeaders *headers);
/* One line as it came. Of a repeated header the last counts. */
void rs_http_headers_take(RsHttpHeaders *headers, const char *line, gsize n_bytes);

typedef enum { RS_HTTP_DONE, RS_HTTP_AGAIN, RS_HTTP_FAIL } RsHttpAction;

typedef struct {
    RsHttpAction action;
    double wait_s;     /* before it is tried again */
    const char *why;   /* for people: "the server asks to wait" */
    RsHttpError error; /* of a failure */
} RsHttpDecision;

/* try: 0 for the first one. random: uniform in [0, 1). now_s: Unix time. body: NUL-ended. Of the
 * decision the caller checks n_tries and the budget itself. */
RsHttpDecision rs_http_decide_answer(const char *method, guint status, const RsHttpHeaders *headers,
                                     const char *body, guint try, double wait_unit_s, gint64 now_s,
                                     double random);
/* The same when the transfer failed. was_sent: some of the request may have reached the server. */
RsHttpDecision rs_http_decide_failure(const char *method, CURLcode code, gboolean was_sent,
                                      guint try, double wait_unit_s, double random);

/* The target of rel="next" of a Link header (RFC 8288); NULL: it has none. Yours. */
char *rs_http_next_link(const char *link);

#endif
