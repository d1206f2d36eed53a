/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "remote/ci_value.h"

#include <string.h>

#include "remote/ci_context.h"

#define MAX_NAME_BYTES 255
#define MAX_URL_BYTES  2048

static gboolean is_commit(const char *text)
{
    gsize n = strlen(text);

    return (n == 40 || n == 64) && text[strspn(text, "0123456789abcdefABCDEF")] == '\0';
}

static char *in_small_letters(const char *text)
{
    return g_ascii_strdown(text, -1);
}

gboolean rs_ci_is_no_commit(const char *text)
{
    return *text && text[strspn(text, "0")] == '\0';
}

/* Parts of plain characters between slashes, none of them a step of a path. */
static guint count_parts(const char *text)
{
    guint n_parts = 0;

    if (strlen(text) > MAX_NAME_BYTES)
        return 0;
    for (;; text++) {
        gsize n = 0;

        while (g_ascii_isalnum(text[n]) || (text[n] && strchr("._-", text[n])))
            n++;
        if (n == 0 || (*text == '.' && (n == 1 || (n == 2 && text[1] == '.'))))
            return 0;
        n_parts++;
        text += n;
        if (*text != '/')
            return *text ? 0 : n_parts;
    }
}

static gboolean is_repository(const char *text)
{
    return count_parts(text) == 2;
}

static gboolean is_project(const char *text)
{
    return rs_ci_number(text, G_MAXINT64) > 0 || count_parts(text) >= 2;
}

static const char *branch_name(const char *text)
{
    return g_str_has_prefix(text, "refs/heads/") ? text + strlen("refs/heads/") : text;
}

static gboolean is_branch(const char *text)
{
    const char *name = branch_name(text);
    gsize n = strlen(name);

    if (n == 0 || n > MAX_NAME_BYTES || !g_utf8_validate(name, (gssize)n, NULL))
        return FALSE;
    for (const char *at = name; *at; at++)
        if ((guchar)*at <= ' ' || *at == 0x7F || strchr("~^:?*[\\", *at))
            return FALSE;
    return *name != '-' && *name != '/' && *name != '.' && name[n - 1] != '/' &&
           name[n - 1] != '.' && !strstr(name, "..") && !strstr(name, "//") &&
           !strstr(name, "/.") && !strstr(name, "@{") && !g_str_has_suffix(name, ".lock");
}

static char *without_heads(const char *text)
{
    return g_strdup(branch_name(text));
}

static gboolean is_url(const char *text)
{
    const char *host = strstr(text, "://");

    if (strlen(text) > MAX_URL_BYTES ||
        (!g_str_has_prefix(text, "https://") && !g_str_has_prefix(text, "http://")))
        return FALSE;
    host += 3;
    if (!g_ascii_isalnum(*host) && *host != '[')
        return FALSE;
    for (const char *at = host; *at; at++)
        if (!g_ascii_isalnum(*at) && !strchr("-._~:/[]%+", *at))
            return FALSE;
    return TRUE;
}

static char *without_end_slashes(const char *text)
{
    gsize n = strlen(text);

    while (n > 0 && text[n - 1] == '/')
        n--;
    return g_strndup(text, n);
}

static gboolean is_token(const char *text)
{
    g_autofree char *word = g_strstrip(g_strdup(text));
    gboolean is_one = *word != '\0';

    for (const char *at = word; *at; at++)
        is_one = is_one && *at > ' ' && *at < 0x7F;
    explicit_bzero(word, strlen(word));
    return is_one;
}

const RsCiKind rs_ci_commit = {"the id of a commit", is_commit, in_small_letters};
const RsCiKind rs_ci_repository = {"a repository's owner/name", is_repository, NULL};
const RsCiKind rs_ci_project = {"a project's id or path", is_project, NULL};
const RsCiKind rs_ci_branch = {"the name of a branch", is_branch, without_heads};
const RsCiKind rs_ci_url = {"an http URL without a user, query or fragment", is_url,
                            without_end_slashes};
const RsCiKind rs_ci_token = {"a token: one word of visible characters", is_token, NULL};

gint64 rs_ci_number(const char *text, gint64 max)
{
    guint64 number;

    if (!g_ascii_isdigit(*text) ||
        !g_ascii_string_to_unsigned(text, 10, 1, (guint64)max, &number, NULL))
        return 0;
    return (gint64)number;
}

const char *rs_ci_variable(char **environment, const char *name)
{
    const char *value = g_environ_getenv(environment, name);

    return value && *value ? value : NULL;
}

gboolean rs_ci_take(char **environment, const char *name, const RsCiKind *kind, char **value,
                    GError **error)
{
    const char *text = rs_ci_variable(environment, name);

    if (!text)
        return TRUE;
    if (!kind->is_one(text)) {
        g_set_error(error, RS_CI_CONTEXT_ERROR, RS_CI_CONTEXT_ERROR_ENVIRONMENT, "%s is not %s",
                    name, kind->what);
        return FALSE;
    }
    g_free(*value);
    *value = kind->clean ? kind->clean(text) : g_strdup(text);
    return TRUE;
}

gboolean rs_ci_take_number(char **environment, const char *name, gint64 *value, GError **error)
{
    const char *text = rs_ci_variable(environment, name);

    if (!text)
        return TRUE;
    *value = rs_ci_number(text, G_MAXINT64);
    if (*value == 0)
        g_set_error(error, RS_CI_CONTEXT_ERROR, RS_CI_CONTEXT_ERROR_ENVIRONMENT,
                    "%s is not a number above 0", name);
    return *value != 0;
}
