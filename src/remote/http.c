/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "remote/http.h"

#include <gio/gio.h>
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "remote/ca_bundle.h"
#include "remote/http_policy.h"

#define DEFAULT_BUDGET_S    300.0
#define DEFAULT_WRITE_GAP_S 1.0
#define CONNECT_LIMIT_S     10L
#define STALL_LIMIT_S       30L
#define REQUEST_LIMIT_S     60.0
#define SAID_LIMIT_CHARS    300        /* of what a server says, in a message */
#define MASK                "[secret]" /* of a token that is as long; a shorter one is there by chance */

struct RsHttp {
    char *base_url, *origin, *token, *token_line, *ca_file;
    char **headers;
    double write_gap_s, wait_unit_s;
    gint64 end_ns, last_write_ns;
    gboolean dry_run, plain_http;
    RsHttpRepeatCheck may_repeat; /* NULL: nobody minds */
    gpointer repeat_data;
    void (*on_dry_run)(const char *method, const char *url, const char *body, gpointer data);
    void (*on_wait)(const char *why, double seconds, gpointer data);
    gpointer data;
    CURL *curl;
};

/* One exchange. */
typedef struct {
    guint status;
    GByteArray *body;
    RsHttpHeaders headers;
    gboolean was_sent; /* a connection was there */
    CURLcode code;
    char said[CURL_ERROR_SIZE];
} Exchange;

GQuark rs_http_error_quark(void)
{
    return g_quark_from_static_string("rs-http-error");
}

/* --- URLs --- */

static char *part_of(CURLU *url, CURLUPart part)
{
    char *text = NULL, *copy;

    if (curl_url_get(url, part, &text, part == CURLUPART_PORT ? CURLU_DEFAULT_PORT : 0) !=
        CURLUE_OK)
        return NULL;
    copy = g_strdup(text);
    curl_free(text);
    return copy;
}

/* By number, or by the one name that stands for it: "127.0.0.1.example.org" is none. */
static gboolean is_loopback(const char *host)
{
    gsize n = strlen(host);
    g_autofree char *number = *host == '[' ? g_strndup(host + 1, n - 2) : g_strdup(host);
    g_autoptr(GInetAddress) address = g_inet_address_new_from_string(number);

    return address ? g_inet_address_get_is_loopback(address) : g_str_equal(host, "localhost");
}

/* "https://host:443"; NULL: not a URL that a token may be sent to. why: a sentence's end. */
static char *origin_of(const char *text, const char **why)
{
    CURLU *url = curl_url();
    g_autofree char *scheme = NULL, *host = NULL, *port = NULL, *user = NULL;
    char *origin = NULL;

    *why = "it is no URL";
    if (url && curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK) {
        scheme = part_of(url, CURLUPART_SCHEME);
        host = part_of(url, CURLUPART_HOST);
        port = part_of(url, CURLUPART_PORT);
        user = part_of(url, CURLUPART_USER);
    }
    curl_url_cleanup(url);
    if (!scheme || !host || !port)
        return NULL;
    if (user)
        *why = "a user name does not belong into it";
    else if (!g_str_equal(scheme, "https") && !(g_str_equal(scheme, "http") && is_loopback(host)))
        *why = "it has to begin with https://";
    else
        origin = g_strdup_printf("%s://%s:%s", scheme, host, port);
    return origin;
}

/* For a message: what stands before the host may be a password. */
static char *without_user(const char *text)
{
    const char *host = strstr(text, "://"), *at;
    gsize n;

    if (!host)
        return g_strdup(text);
    host += strlen("://");
    n = strcspn(host, "/?#");
    at = g_strrstr_len(host, (gssize)n, "@");
    return at ? g_strdup_printf("%.*s...%s", (int)(host - text), text, at) : g_strdup(text);
}

char *rs_http_escape(const char *text)
{
    return g_uri_escape_string(text, NULL, FALSE);
}

/* --- life cycle --- */

static gboolean is_one_line(const char *text)
{
    return !text[strcspn(text, "\r\n")];
}

RsHttp *rs_http_new(const RsHttpOptions *options, GError **error)
{
    static gsize once;
    const char *why;
    g_autofree char *origin = origin_of(options->base_url, &why);
    g_auto(RsCaBundle) bundle = {0};
    g_autoptr(GError) cause = NULL;
    RsHttp *http;

    if (g_once_init_enter(&once)) {
        curl_global_init(CURL_GLOBAL_DEFAULT);
        g_once_init_leave(&once, 1);
    }
    if (origin && options->token && !is_one_line(options->token)) {
        why = "the token has more than one line";
        g_clear_pointer(&origin, g_free);
    }
    if (!origin) {
        g_autofree char *shown = without_user(options->base_url);

        g_set_error(error, RS_HTTP_ERROR, RS_HTTP_ERROR_URL, "'%s' cannot be used: %s", shown, why);
        return NULL;
    }
    if (!options->ca_file && !rs_ca_bundle_find("/", &bundle, &cause) &&
        !g_str_has_prefix(origin, "http:")) {
        g_set_error_literal(error, RS_HTTP_ERROR, RS_HTTP_ERROR_TRUST, cause->message);
        return NULL;
    }
    http = g_new0(RsHttp, 1);
    http->plain_http = g_str_has_prefix(origin, "http:");
    http->origin = g_steal_pointer(&origin);
    http->base_url = g_strdup(options->base_url);
    while (g_str_has_suffix(http->base_url, "/"))
        http->base_url[strlen(http->base_url) - 1] = '\0';
    http->token = g_strdup(options->token);
    if (options->token)
        http->token_line = g_strconcat(options->token_header, options->token, NULL);
    http->ca_file = g_strdup(options->ca_file ? options->ca_file : bundle.path);
    http->headers = g_strdupv(options->headers);
    http->write_gap_s = options->write_gap_s < 0 ? DEFAULT_WRITE_GAP_S : options->write_gap_s;
    http->wait_unit_s = options->wait_unit_s > 0 ? options->wait_unit_s : 1;
    http->end_ns = rs_monotonic_ns() +
                   (gint64)((options->budget_s > 0 ? options->budget_s : DEFAULT_BUDGET_S) * 1e9);
    http->dry_run = options->dry_run;
    http->on_dry_run = options->on_dry_run;
    http->on_wait = options->on_wait;
    http->data = options->data;
    http->curl = curl_easy_init();
    return http;
}

static void wipe(char *secret)
{
    if (secret)
        explicit_bzero(secret, strlen(secret));
    g_free(secret);
}

void rs_http_free(RsHttp *http)
{
    if (!http)
        return;
    curl_easy_cleanup(http->curl);
    g_free(http->base_url);
    g_free(http->origin);
    wipe(http->token);
    wipe(http->token_line);
    g_free(http->ca_file);
    g_strfreev(http->headers);
    g_free(http);
}

void rs_http_answer_clear(RsHttpAnswer *answer)
{
    g_clear_pointer(&answer->body, g_bytes_unref);
    g_free(answer->next_url);
    g_free(answer->next_page);
    *answer = (RsHttpAnswer){0};
}

gboolean rs_http_is_dry_run(const RsHttp *http)
{
    return http->dry_run;
}

void rs_http_set_repeat_check(RsHttp *http, RsHttpRepeatCheck may_repeat, gpointer data)
{
    if (!http)
        return;
    http->may_repeat = may_repeat;
    http->repeat_data = data;
}

/* Of the budget. */
static double left_s(const RsHttp *http)
{
    return (double)(http->end_ns - rs_monotonic_ns()) / 1e9;
}

/* --- one exchange --- */

static void exchange_clear(Exchange *exchange)
{
    g_clear_pointer(&exchange->body, g_byte_array_unref);
    rs_http_headers_clear(&exchange->headers);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Exchange, exchange_clear)

/* A server may say our token again, and what it says goes into messages, outputs and links. n_bytes
 * with the NUL at the end; gives those that are left. */
static gsize mask(const RsHttp *http, char *text, gsize n_bytes)
{
    gsize n_token = http->token ? strlen(http->token) : 0, n_mask = strlen(MASK);
    char *at = text;

    if (!text || n_token < n_mask)
        return n_bytes;
    while ((at = memmem(at, (gsize)(text + n_bytes - at), http->token, n_token)) != NULL) {
        memcpy(at, MASK, n_mask);
        at += n_mask;
        n_bytes -= n_token - n_mask;
        memmove(at, at + n_token - n_mask, (gsize)(text + n_bytes - at));
    }
    return n_bytes;
}

static void mask_exchange(const RsHttp *http, Exchange *exchange)
{
    char *const texts[] = {exchange->headers.location, exchange->headers.link,
                           exchange->headers.next_page, exchange->said};
    GByteArray *body = exchange->body;

    g_byte_array_set_size(body, (guint)mask(http, (char *)body->data, body->len));
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
        mask(http, texts[i], texts[i] ? strlen(texts[i]) + 1 : 0);
}

static size_t take_body(char *bytes, size_t size, size_t n, void *data)
{
    Exchange *exchange = data;

    if (exchange->body->len + size * n > RS_HTTP_MAX_ANSWER_BYTES)
        return 0; /* CURLE_WRITE_ERROR */
    g_byte_array_append(exchange->body, (const guint8 *)bytes, (guint)(size * n));
    return size * n;
}

static size_t take_header(char *line, size_t size, size_t n, void *data)
{
    Exchange *exchange = data;

    if (size * n > 5 && memcmp(line, "HTTP/", 5) == 0)
        rs_http_headers_clear(&exchange->headers); /* of a 1xx before it */
    rs_http_headers_take(&exchange->headers, line, size * n);
    return size * n;
}

static struct curl_slist *header_lines(const RsHttp *http, gboolean with_token, const char *json)
{
    struct curl_slist *lines = NULL;

    for (char **header = http->headers; header && *header; header++)
        lines = curl_slist_append(lines, *header);
    if (json)
        lines = curl_slist_append(lines, "Content-Type: application/json");
    lines = curl_slist_append(lines, "Expect:"); /* 100-continue makes a lost answer likelier */
    if (with_token && http->token_line)
        lines = curl_slist_append(lines, http->token_line);
    return lines;
}

static void set_up(const RsHttp *http, const char *method, const char *url, const char *json,
                   Exchange *exchange)
{
    CURL *curl = http->curl;
    double limit_s = MIN(REQUEST_LIMIT_S, MAX(left_s(http), 0.001)); /* 0: no limit */

    curl_easy_reset(curl);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, http->plain_http ? "http,https" : "https");
    if (g_str_has_prefix(url, "http:")) /* loopback: a proxy would be shown the token */
        curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
    if (json) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, json);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)strlen(json));
    }
    /* On a connection that was used before, curl repeats what was not answered by itself. */
    curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, g_str_equal(method, "POST") ? 1L : 0L);
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (http->ca_file)
        curl_easy_setopt(curl, CURLOPT_CAINFO, http->ca_file);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, CONNECT_LIMIT_S);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, STALL_LIMIT_S);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)(limit_s * 1000));
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "rustscope/" RS_VERSION);
    curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, exchange->said);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, exchange);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, exchange);
}

static void exchange_once(const RsHttp *http, const char *method, const char *url, const char *json,
                          gboolean with_token, Exchange *exchange)
{
    struct curl_slist *lines = header_lines(http, with_token, json);
    long status = 0;
    curl_off_t connected_us = 0;

    exchange_clear(exchange);
    exchange->body = g_byte_array_new();
    exchange->said[0] = '\0';
    set_up(http, method, url, json, exchange);
    curl_easy_setopt(http->curl, CURLOPT_HTTPHEADER, lines);
    exchange->code = curl_easy_perform(http->curl);
    curl_easy_getinfo(http->curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(http->curl, CURLINFO_PRETRANSFER_TIME_T, &connected_us);
    exchange->status = (guint)status;
    exchange->was_sent = connected_us > 0;
    curl_slist_free_all(lines);
    g_byte_array_append(exchange->body, (const guint8 *)"", 1); /* a text ends */
    mask_exchange(http, exchange);
}

/* --- redirects --- */

/* 301 and 302 turn a POST into a GET, and are not followed with it; 307 and 308 keep the method. */
static gboolean may_follow(const char *method, guint status)
{
    return g_str_equal(method, "GET") || status == 307 || status == 308;
}

/* Where a Location leads, absolute; NULL: nowhere acceptable. */
static char *target_of(const char *url, const char *location)
{
    CURLU *parts = curl_url();
    char *target = NULL;

    if (curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK &&
        curl_url_set(parts, CURLUPART_URL, location, 0) == CURLUE_OK)
        target = part_of(parts, CURLUPART_URL);
    curl_url_cleanup(parts);
    return target;
}

static gboolean is_redirect(const Exchange *exchange)
{
    return exchange->code == CURLE_OK && exchange->headers.location &&
           (exchange->status == 301 || exchange->status == 302 || exchange->status == 303 ||
            exchange->status == 307 || exchange->status == 308);
}

static gboolean has_time(const RsHttp *http, const char *method, GError **error)
{
    if (left_s(http) > 0)
        return TRUE;
    g_set_error(error, RS_HTTP_ERROR, RS_HTTP_ERROR_BUDGET, "%s: there is no time left", method);
    return FALSE;
}

/* Follows by hand: the token stays with its origin, and a body too. */
static gboolean exchange_followed(const RsHttp *http, const char *method, const char *url,
                                  const char *json, Exchange *exchange, GError **error)
{
    g_autofree char *at = g_strdup(url);

    for (guint n_hops = 0;; n_hops++) {
        const char *why = NULL;
        g_autofree char *origin = origin_of(at, &why), *next = NULL;
        gboolean is_home = origin && g_str_equal(origin, http->origin);

        if (!origin || (!is_home && json)) {
            g_autofree char *shown = without_user(at);

            g_set_error(error, RS_HTTP_ERROR, RS_HTTP_ERROR_URL,
                        "the server sends us to '%s', which is not followed: %s", shown,
                        origin ? "it is another server" : why);
            return FALSE;
        }
        if (!has_time(http, method, error))
            return FALSE;
        exchange_once(http, method, at, json, is_home, exchange);
        if (!is_redirect(exchange) || n_hops == RS_HTTP_MAX_HOPS ||
            !may_follow(method, exchange->status))
            break;
        next = target_of(at, exchange->headers.location);
        if (!next)
            break;
        g_free(at);
        at = g_steal_pointer(&next);
    }
    if (!is_redirect(exchange))
        return TRUE;
    g_set_error(error, RS_HTTP_ERROR, RS_HTTP_ERROR_URL,
                "the server answers %s with a redirect that cannot be followed (%u); is the URL "
                "up to date?",
                method, exchange->status);
    return FALSE;
}

/* --- the whole --- */

static gboolean wait_for(RsHttp *http, double seconds, const char *why, GError **error)
{
    if (seconds > left_s(http)) {
        g_set_error(error, RS_HTTP_ERROR, RS_HTTP_ERROR_BUDGET,
                    "%s; it would take %.0f s, and %.0f s are left", why, seconds,
                    MAX(left_s(http), 0));
        return FALSE;
    }
    if (http->on_wait && seconds >= 1)
        http->on_wait(why, seconds, http->data);
    if (seconds > 0)
        g_usleep((gulong)(seconds * 1e6));
    return TRUE;
}

/* Servers ask for a pause between requests that change something. */
static gboolean keep_apart(RsHttp *http, const char *method, GError **error)
{
    double passed_s = (double)(rs_monotonic_ns() - http->last_write_ns) / 1e9;

    if (g_str_equal(method, "GET"))
        return TRUE;
    if (http->last_write_ns && passed_s < http->write_gap_s &&
        !wait_for(http, http->write_gap_s - passed_s, "writes are kept apart", error))
        return FALSE;
    http->last_write_ns = rs_monotonic_ns();
    return TRUE;
}

/* What the server says, harmless and without the token, in case it says that again. */
static char *said(const RsHttp *http, const char *text)
{
    g_autofree char *clean = g_strdup(text);

    if (http->token && *http->token) {
        g_auto(GStrv) parts = g_strsplit(text, http->token, -1);

        g_free(clean);
        clean = g_strjoinv(MASK, parts);
    }
    return rs_text_plain(clean, -1, FALSE, SAID_LIMIT_CHARS);
}

static void set_failure(const RsHttp *http, const char *method, const char *url,
                        const Exchange *exchange, RsHttpError code, GError **error)
{
    g_autofree char *words =
        said(http, exchange->code != CURLE_OK
                       ? (*exchange->said ? exchange->said : curl_easy_strerror(exchange->code))
                       : (const char *)exchange->body->data);
    const char *path = g_str_has_prefix(url, http->base_url) ? url + strlen(http->base_url) : url;

    if (exchange->code == CURLE_PEER_FAILED_VERIFICATION && http->ca_file)
        g_set_error(error, RS_HTTP_ERROR, code, "%s %s: %s (certificates of %s)", method, path,
                    words, http->ca_file);
    else if (exchange->code != CURLE_OK)
        g_set_error(error, RS_HTTP_ERROR, code, "%s %s: %s", method, path, words);
    else
        g_set_error(error, RS_HTTP_ERROR, code, "%s %s: the server answers %u%s%s", method, path,
                    exchange->status, *words ? ": " : "", words);
}

static gboolean take_answer(const RsHttp *http, const char *url, Exchange *exchange,
                            RsHttpAnswer *answer)
{
    g_autofree char *link = rs_http_next_link(exchange->headers.link);
    g_autofree char *next = link ? target_of(url, link) : NULL, *origin = NULL;
    const char *why;

    if (!answer)
        return TRUE;
    origin = next ? origin_of(next, &why) : NULL;
    answer->status = exchange->status;
    answer->body = g_bytes_new_take(g_memdup2(exchange->body->data, exchange->body->len),
                                    exchange->body->len - 1);
    if (origin && g_str_equal(origin, http->origin))
        answer->next_url = g_steal_pointer(&next);
    answer->has_next = link != NULL;
    answer->next_page = g_steal_pointer(&exchange->headers.next_page);
    return TRUE;
}

static RsHttpDecision decide(const RsHttp *http, const char *method, const Exchange *exchange,
                             guint try)
{
    if (exchange->code != CURLE_OK)
        return rs_http_decide_failure(method, exchange->code, exchange->was_sent, try,
                                      http->wait_unit_s, g_random_double());
    return rs_http_decide_answer(method, exchange->status, &exchange->headers,
                                 (const char *)exchange->body->data, try, http->wait_unit_s,
                                 g_get_real_time() / G_USEC_PER_SEC, g_random_double());
}

static gboolean may_repeat(const RsHttp *http, const char *method, GError **error)
{
    return !http->may_repeat || g_str_equal(method, "GET") ||
           http->may_repeat(http->repeat_data, error);
}

static gboolean send_until(RsHttp *http, const char *method, const char *url, const char *json,
                           RsHttpAnswer *answer, GError **error)
{
    g_auto(Exchange) exchange = {0};

    for (guint try = 0;; try++) {
        RsHttpDecision decision;

        if (!keep_apart(http, method, error) ||
            !exchange_followed(http, method, url, json, &exchange, error))
            return FALSE;
        decision = decide(http, method, &exchange, try);
        if (decision.action == RS_HTTP_DONE)
            return take_answer(http, url, &exchange, answer);
        if (decision.action == RS_HTTP_FAIL || try + 1 >= RS_HTTP_MAX_TRIES) {
            set_failure(http, method, url, &exchange, decision.error, error);
            return FALSE;
        }
        if (!wait_for(http, decision.wait_s, decision.why, error)) {
            g_prefix_error(error, "%s: ", method);
            return FALSE;
        }
        if (!may_repeat(http, method, error))
            return FALSE;
    }
}

gboolean rs_http_send(RsHttp *http, const char *method, const char *path_or_url, const char *json,
                      RsHttpAnswer *answer, GError **error)
{
    g_autofree char *url = *path_or_url == '/' ? g_strconcat(http->base_url, path_or_url, NULL)
                                               : g_strdup(path_or_url);
    const char *why;
    g_autofree char *origin = origin_of(url, &why);

    if (answer)
        *answer = (RsHttpAnswer){0};
    if (!origin || !g_str_equal(origin, http->origin)) {
        g_set_error(error, RS_HTTP_ERROR, RS_HTTP_ERROR_URL, "'%s' is not on %s", path_or_url,
                    http->origin);
        return FALSE;
    }
    if (http->dry_run && !g_str_equal(method, "GET")) {
        if (http->on_dry_run)
            http->on_dry_run(method, url, json, http->data);
        if (answer)
            answer->body = g_bytes_new_static("", 0);
        return TRUE;
    }
    return send_until(http, method, url, json, answer, error);
}
