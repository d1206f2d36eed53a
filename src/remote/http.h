/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON over HTTP to one server with one token, as a CI job needs it: patient within a budget, and
 * never careless with the token. Must not know which API it talks to.
 *
 * The token goes to the origin (scheme, host, port) of the base URL alone; redirects are followed
 * by hand, and to another origin without it. https only, but for loopback. Certificates are
 * verified. One request at a time.
 *
 * What may be tried again: anything that cannot have reached the server; GET, PUT, PATCH and DELETE
 * after 408, 500, 502, 503, 504 and broken connections. A POST whose answer was lost may have done
 * its work: RS_HTTP_ERROR_UNKNOWN, and the caller has to look. 429, and 403 that speaks of a rate
 * limit, wait as long as the server says, within the budget. */
#ifndef RS_REMOTE_HTTP_H
#define RS_REMOTE_HTTP_H

#include <glib.h>

#define RS_HTTP_MAX_ANSWER_BYTES (16 << 20)
#define RS_HTTP_MAX_TRIES        5
#define RS_HTTP_MAX_HOPS         5

#define RS_HTTP_ERROR (rs_http_error_quark())
GQuark rs_http_error_quark(void);
typedef enum {
    RS_HTTP_ERROR_URL,         /* the base URL, or one that the server named, is not acceptable */
    RS_HTTP_ERROR_UNREACHABLE, /* no answer, after all tries */
    RS_HTTP_ERROR_UNKNOWN,     /* the request may have been carried out; the answer was lost */
    RS_HTTP_ERROR_BUDGET,      /* it would take longer than there is time for */
    RS_HTTP_ERROR_REFUSED,     /* 401, 403: the token may not do this */
    RS_HTTP_ERROR_NOT_FOUND,   /* 404, 410 */
    RS_HTTP_ERROR_CONFLICT,    /* 409 */
    RS_HTTP_ERROR_TOO_LONG,    /* 413, 414; 400 and 422 that say the body is too long */
    RS_HTTP_ERROR_INVALID,     /* another 4xx */
    RS_HTTP_ERROR_SERVER,      /* 5xx, after all tries */
    RS_HTTP_ERROR_ANSWER,      /* longer than RS_HTTP_MAX_ANSWER_BYTES */
    RS_HTTP_ERROR_TRUST,       /* https, and no certificates to know the server by */
} RsHttpError;

typedef struct {
    const char *base_url;     /* "https://api.github.com"; with a path where there is one */
    const char *token_header; /* "Authorization: Bearer ", "PRIVATE-TOKEN: " */
    const char *token;        /* NULL: none; no line may end in it */
    char **headers;           /* "Accept: application/json", on every request; NULL-ended; NULL */
    const char *ca_file;      /* NULL: what rs_ca_bundle_find finds */
    double budget_s;          /* for everything, from rs_http_new on; 0: 300 */
    double write_gap_s;       /* between two requests that change something; < 0: 1 */
    double wait_unit_s;       /* of the waits between tries, 2^k of it; 0: 1 */
    gboolean dry_run; /* nothing is sent that changes something: it is told instead, see below */
    void (*on_dry_run)(const char *method, const char *url, const char *body, gpointer data);
    void (*on_wait)(const char *why, double seconds, gpointer data); /* NULL: silence */
    gpointer data;
} RsHttpOptions;

typedef struct RsHttp RsHttp;

/* options are copied, but for data. Errors RS_HTTP_ERROR_URL, RS_HTTP_ERROR_TRUST. */
RsHttp *rs_http_new(const RsHttpOptions *options, GError **error);
void rs_http_free(RsHttp *http);

typedef struct {
    guint status;      /* 0: a dry run, nothing was sent */
    GBytes *body;      /* never NULL; followed by a NUL that is not counted */
    char *next_url;    /* of the Link header, on the same origin; NULL */
    char *next_page;   /* the X-Next-Page header; NULL */
    gboolean has_next; /* there is another page, though its next_url may be of another origin */
} RsHttpAnswer;

/* method "GET", "POST", ...; path_or_url: "/repos/o/r/issues" behind the base URL, or a whole URL
 * on its origin (a next_url). json: the body; NULL: none. answer may be NULL. A status below 400 is
 * success. Errors RS_HTTP_ERROR, with what the server said, without the token. */
gboolean rs_http_send(RsHttp *http, const char *method, const char *path_or_url, const char *json,
                      RsHttpAnswer *answer, GError **error);
void rs_http_answer_clear(RsHttpAnswer *answer);

/* Asked before a request that changes something is sent again, for then time has passed; it may
 * send GETs itself. FALSE and an error: it is not to be sent, and fails with that. may_repeat NULL:
 * nobody minds. http NULL (a forge of a test): nothing. */
typedef gboolean (*RsHttpRepeatCheck)(gpointer data, GError **error);
void rs_http_set_repeat_check(RsHttp *http, RsHttpRepeatCheck may_repeat, gpointer data);

gboolean rs_http_is_dry_run(const RsHttp *http);
/* A part of a path: every byte that is not plain is %XX. Yours. */
char *rs_http_escape(const char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsHttp, rs_http_free)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(RsHttpAnswer, rs_http_answer_clear)

#endif
