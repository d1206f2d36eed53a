/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sources: GitHub REST API, "Best practices" and "Rate limits"; GitLab "Rate limits"; RFC 9110
 * (Retry-After, idempotent methods); RFC 8288 (Link). */
#include "remote/http_policy.h"

#include <math.h>
#include <string.h>

#define MAX_WAIT_S       60.0
#define RATE_WAIT_UNIT_S 60.0 /* where a rate limit does not say how long */

void rs_http_headers_clear(RsHttpHeaders *headers)
{
    g_free(headers->location);
    g_free(headers->link);
    g_free(headers->next_page);
    g_free(headers->retry_after);
    g_free(headers->date);
    *headers = (RsHttpHeaders){.rate_remaining = -1, .rate_reset_s = -1};
}

static gboolean is_header(const char *line, gsize n_name, const char *name)
{
    return n_name == strlen(name) && g_ascii_strncasecmp(line, name, n_name) == 0;
}

static gint64 number_of(const char *text)
{
    char *end;
    gint64 value = g_ascii_strtoll(text, &end, 10);

    return end != text && *end == '\0' && value >= 0 ? value : -1;
}

static void keep(char **place, const char *value)
{
    g_free(*place);
    *place = *value ? g_strdup(value) : NULL;
}

void rs_http_headers_take(RsHttpHeaders *headers, const char *line, gsize n_bytes)
{
    const char *colon = memchr(line, ':', n_bytes);
    gsize n_name = colon ? (gsize)(colon - line) : 0;
    g_autofree char *value = NULL;

    if (!colon)
        return;
    value = g_strstrip(g_strndup(colon + 1, n_bytes - n_name - 1));
    if (is_header(line, n_name, "location"))
        keep(&headers->location, value);
    else if (is_header(line, n_name, "link"))
        keep(&headers->link, value);
    else if (is_header(line, n_name, "x-next-page"))
        keep(&headers->next_page, value);
    else if (is_header(line, n_name, "retry-after"))
        keep(&headers->retry_after, value);
    else if (is_header(line, n_name, "date"))
        keep(&headers->date, value);
    else if (is_header(line, n_name, "x-ratelimit-remaining") ||
             is_header(line, n_name, "ratelimit-remaining"))
        headers->rate_remaining = number_of(value);
    else if (is_header(line, n_name, "x-ratelimit-reset") ||
             is_header(line, n_name, "ratelimit-reset"))
        headers->rate_reset_s = number_of(value);
}

char *rs_http_next_link(const char *link)
{
    for (const char *at = link; at && (at = strchr(at, '<')); at++) {
        const char *end = strchr(at, '>'), *next;
        g_autofree char *parameters = NULL;

        if (!end)
            return NULL;
        next = strstr(end, ",<");
        next = next ? next : strstr(end, ", <");
        parameters = next ? g_strndup(end, (gsize)(next - end)) : g_strdup(end);
        if (strstr(parameters, "rel=\"next\"") || g_str_has_suffix(parameters, "rel=next"))
            return g_strndup(at + 1, (gsize)(end - at - 1));
    }
    return NULL;
}

static double backoff_s(guint try, double unit_s, double random)
{
    return MIN(MAX_WAIT_S, exp2(try) * unit_s) * (0.5 + random);
}

static RsHttpDecision fail(RsHttpError error)
{
    return (RsHttpDecision){.action = RS_HTTP_FAIL, .error = error};
}

static gboolean is_repeatable(const char *method)
{
    return !g_str_equal(method, "POST");
}

static gboolean says(const char *body, const char *word)
{
    g_autofree char *lower = g_ascii_strdown(body, -1);

    return strstr(lower, word) != NULL;
}

static gboolean is_rate_limit(guint status, const RsHttpHeaders *headers, const char *body)
{
    return status == 429 ||
           (status == 403 && (headers->retry_after || headers->rate_remaining == 0 ||
                              says(body, "secondary rate") || says(body, "abuse detection")));
}

/* Seconds of a Retry-After, which may be a date; NaN: it says nothing. */
static double retry_after_s(const RsHttpHeaders *headers, gint64 now_s)
{
    gint64 seconds = headers->retry_after ? number_of(headers->retry_after) : -1;
    time_t at_s;

    if (!headers->retry_after)
        return NAN;
    if (seconds >= 0)
        return (double)seconds;
    at_s = curl_getdate(headers->retry_after, NULL);
    return at_s < 0 ? NAN : MAX(0, (double)(at_s - now_s));
}

static RsHttpDecision wait_for_rate(const RsHttpHeaders *headers, guint try, double wait_unit_s,
                                    gint64 now_s)
{
    double told_s = retry_after_s(headers, now_s);
    RsHttpDecision decision = {.action = RS_HTTP_AGAIN,
                               .why = "the server's rate limit is reached",
                               .error = RS_HTTP_ERROR_BUDGET};

    if (isfinite(told_s))
        decision.wait_s = told_s;
    else if (headers->rate_remaining == 0 && headers->rate_reset_s >= 0)
        decision.wait_s = (double)MAX(headers->rate_reset_s - now_s, 0) + 1;
    else
        decision.wait_s = RATE_WAIT_UNIT_S * wait_unit_s * exp2(try);
    return decision;
}

static gboolean is_transient(guint status)
{
    return status == 408 || status == 500 || (status >= 502 && status <= 504);
}

static RsHttpDecision refuse(guint status, const char *body)
{
    switch (status) {
    case 401:
    case 403:
        return fail(RS_HTTP_ERROR_REFUSED);
    case 404:
    case 410:
        return fail(RS_HTTP_ERROR_NOT_FOUND);
    case 409:
        return fail(RS_HTTP_ERROR_CONFLICT);
    case 413:
    case 414:
        return fail(RS_HTTP_ERROR_TOO_LONG);
    case 400:
    case 422:
        return fail(says(body, "too long") ? RS_HTTP_ERROR_TOO_LONG : RS_HTTP_ERROR_INVALID);
    default:
        return fail(status >= 500 ? RS_HTTP_ERROR_SERVER : RS_HTTP_ERROR_INVALID);
    }
}

RsHttpDecision rs_http_decide_answer(const char *method, guint status, const RsHttpHeaders *headers,
                                     const char *body, guint try, double wait_unit_s, gint64 now_s,
                                     double random)
{
    if (status < 400)
        return (RsHttpDecision){.action = RS_HTTP_DONE};
    if (is_rate_limit(status, headers, body))
        return wait_for_rate(headers, try, wait_unit_s, now_s);
    if (is_transient(status) && !is_repeatable(method))
        return fail(RS_HTTP_ERROR_UNKNOWN);
    if (is_transient(status) || (status == 409 && try == 0 && is_repeatable(method)))
        return (RsHttpDecision){
            .action = RS_HTTP_AGAIN,
            .wait_s = backoff_s(try, wait_unit_s, random),
            .why = "the server is in trouble",
            .error = RS_HTTP_ERROR_SERVER,
        };
    return refuse(status, body);
}

RsHttpDecision rs_http_decide_failure(const char *method, CURLcode code, gboolean was_sent,
                                      guint try, double wait_unit_s, double random)
{
    switch (code) {
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
        break;
    case CURLE_FILESIZE_EXCEEDED:
    case CURLE_WRITE_ERROR:
        return fail(is_repeatable(method) ? RS_HTTP_ERROR_ANSWER : RS_HTTP_ERROR_UNKNOWN);
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
        return fail(RS_HTTP_ERROR_URL);
    default:
        return fail(was_sent && !is_repeatable(method) ? RS_HTTP_ERROR_UNKNOWN
                                                       : RS_HTTP_ERROR_UNREACHABLE);
    }
    if (was_sent && !is_repeatable(method))
        return fail(RS_HTTP_ERROR_UNKNOWN);
    return (RsHttpDecision){
        .action = RS_HTTP_AGAIN,
        .wait_s = backoff_s(try, wait_unit_s, random),
        .why = "the server cannot be reached",
        .error = RS_HTTP_ERROR_UNREACHABLE,
    };
}
