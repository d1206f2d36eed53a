/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "remote/marker.h"

#include <string.h>

#define BEGIN    "<!-- rustscope:report "
#define END      " -->"
#define MAX_LINE 400
#define WORD     "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"

static gboolean is_word(const char *text, gsize max)
{
    gsize n = strlen(text);

    return n >= 1 && n <= max && strspn(text, WORD) == n;
}

gboolean rs_marker_key_is_valid(const char *key)
{
    /* "--" would end an HTML comment. */
    return is_word(key, RS_MARKER_MAX_KEY) && !strstr(key, "--");
}

char *rs_marker_format(const RsMarker *marker)
{
    return g_strdup_printf(BEGIN "v=1 key=%s head=%s seq=%" G_GINT64_FORMAT ".%" G_GINT64_FORMAT
                                 " state=%s" END,
                           marker->key, marker->head, marker->run, marker->attempt, marker->state);
}

static gboolean take_seq(const char *text, RsMarker *marker)
{
    char *end;

    marker->run = g_ascii_strtoll(text, &end, 10);
    if (end == text || *end != '.' || marker->run < 0)
        return FALSE;
    text = end + 1;
    marker->attempt = g_ascii_strtoll(text, &end, 10);
    return end != text && *end == '\0' && marker->attempt >= 0;
}

static gboolean take_word(const char *word, RsMarker *marker)
{
    const char *value = strchr(word, '=');
    char **place;

    if (!value++)
        return FALSE;
    if (g_str_has_prefix(word, "v="))
        return g_str_equal(value, "1");
    if (g_str_has_prefix(word, "seq="))
        return take_seq(value, marker);
    place = g_str_has_prefix(word, "key=")     ? &marker->key
            : g_str_has_prefix(word, "head=")  ? &marker->head
            : g_str_has_prefix(word, "state=") ? &marker->state
                                               : NULL;
    if (!place)
        return TRUE; /* of a later minor version */
    if (*place || !is_word(value, RS_MARKER_MAX_KEY))
        return FALSE;
    *place = g_strdup(value);
    return TRUE;
}

gboolean rs_marker_parse(const char *body, RsMarker *marker)
{
    gsize n = strcspn(body, "\r\n");
    g_autofree char *line = NULL;
    g_auto(GStrv) words = NULL;

    *marker = (RsMarker){.run = -1};
    if (n > MAX_LINE)
        return FALSE;
    line = g_strchomp(g_strndup(body, n)); /* GitLab may add a blank */
    if (!g_str_has_prefix(line, BEGIN "v=1 ") || !g_str_has_suffix(line, END))
        return FALSE;
    line[strlen(line) - strlen(END)] = '\0';
    words = g_strsplit(line + strlen(BEGIN), " ", -1);
    for (char **word = words; *word; word++)
        if (!take_word(*word, marker)) {
            rs_marker_clear(marker);
            return FALSE;
        }
    if (marker->key && marker->head && marker->state && marker->run >= 0)
        return TRUE;
    rs_marker_clear(marker);
    return FALSE;
}

void rs_marker_clear(RsMarker *marker)
{
    g_free(marker->key);
    g_free(marker->head);
    g_free(marker->state);
    *marker = (RsMarker){.run = -1};
}

int rs_marker_compare(const RsMarker *a, const RsMarker *b)
{
    if (a->run != b->run)
        return a->run < b->run ? -1 : 1;
    return (a->attempt > b->attempt) - (a->attempt < b->attempt);
}
