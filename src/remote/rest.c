/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "remote/rest.h"

#include <string.h>

static json_t *parse(const RsHttpAnswer *answer, const char *path, GError **error)
{
    gsize n_bytes;
    const char *text = g_bytes_get_data(answer->body, &n_bytes);
    json_error_t problem;
    json_t *root;

    if (answer->status == 0 || answer->status == 204 || n_bytes == 0)
        return json_object();
    root = json_loadb(text, n_bytes, JSON_REJECT_DUPLICATES, &problem);
    if (!root)
        g_set_error(error, RS_HTTP_ERROR, RS_HTTP_ERROR_ANSWER,
                    "%s: the server's answer is no JSON (%s); is the API's URL right?", path,
                    problem.text);
    return root;
}

json_t *rs_rest_send(RsHttp *http, const char *method, const char *path, json_t *body,
                     GError **error)
{
    char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
    g_auto(RsHttpAnswer) answer = {0};
    gboolean ok = rs_http_send(http, method, path, text, &answer, error);
    g_autoptr(GError) problem = NULL;
    json_t *root;

    free(text);
    if (!ok)
        return NULL;
    root = parse(&answer, path, &problem);
    if (problem && g_str_equal(method, "POST"))
        problem->code = RS_HTTP_ERROR_UNKNOWN;
    if (problem)
        g_propagate_error(error, g_steal_pointer(&problem));
    return root;
}

/* Where a list has no Link header (GitLab's, at times): the page's number is told instead. */
static char *page_url(const char *path, const char *page)
{
    return g_strdup_printf("%s%cpage=%s", path, strchr(path, '?') ? '&' : '?', page);
}

/* Behind a proxy a Link may name a server that is not ours to ask. The numbers of pages are the
 * same in all forges; a list that is cut off would have us write a second comment. */
static char *next_of(RsHttpAnswer *answer, const char *path, gboolean is_empty, guint n_pages)
{
    g_autofree char *number = g_strdup_printf("%u", n_pages + 1);

    if (answer->next_url)
        return g_steal_pointer(&answer->next_url);
    if (is_empty)
        return NULL;
    if (answer->next_page)
        return page_url(path, answer->next_page);
    return answer->has_next ? page_url(path, number) : NULL;
}

static gboolean add_page(json_t *all, json_t *page, guint n_pages, const char *path, GError **error)
{
    if (!json_is_array(page) || n_pages > RS_REST_MAX_PAGES ||
        json_array_size(all) + json_array_size(page) > RS_REST_MAX_ITEMS) {
        g_set_error(error, RS_HTTP_ERROR, RS_HTTP_ERROR_ANSWER, "%s: the server's answer is %s",
                    path, json_is_array(page) ? "endless" : "no list");
        return FALSE;
    }
    return json_array_extend(all, page) == 0;
}

json_t *rs_rest_list(RsHttp *http, const char *path, GError **error)
{
    json_t *all = json_array(), *before = NULL;
    g_autofree char *at = g_strdup(path);
    gboolean ok = TRUE, is_by_number = FALSE;

    for (guint n_pages = 1; at && ok; n_pages++) {
        g_auto(RsHttpAnswer) answer = {0};
        json_t *page = rs_http_send(http, "GET", at, NULL, &answer, error)
                           ? parse(&answer, path, error)
                           : NULL;
        /* A server that does not know numbers of pages gives the same one again. */
        gboolean is_again = is_by_number && page && json_equal(page, before);

        ok = page && (is_again || add_page(all, page, n_pages, path, error));
        g_free(at);
        is_by_number = !answer.next_url;
        at = ok && !is_again ? next_of(&answer, path, json_array_size(page) == 0, n_pages) : NULL;
        json_decref(before);
        before = page;
    }
    json_decref(before);
    if (!ok)
        g_clear_pointer(&all, json_decref);
    return all;
}

const char *rs_rest_text(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

gint64 rs_rest_int(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);

    return json_is_integer(value) ? json_integer_value(value) : -1;
}

void rs_rest_lacks(const char *what, GError **error)
{
    g_set_error(error, RS_HTTP_ERROR, RS_HTTP_ERROR_ANSWER, "the server's answer lacks %s", what);
}

void rs_rest_lacks_id(GError **error)
{
    g_set_error_literal(error, RS_HTTP_ERROR, RS_HTTP_ERROR_UNKNOWN,
                        "the server's answer does not tell what was created");
}
