/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trial/config_value.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/suggest.h"
#include "base/text.h"
#include "base/units.h"

#define MAX_CHARS_SHOWN 60

static char *describe(const RsConfigNode *node)
{
    g_autofree char *shown = NULL;

    if (node->kind == RS_CONFIG_LIST)
        return g_strdup("a list");
    if (node->kind == RS_CONFIG_MAP)
        return g_strdup("keys and values");
    if (rs_config_node_is_null(node))
        return g_strdup("nothing");
    shown = rs_text_plain(node->text, -1, FALSE, MAX_CHARS_SHOWN);
    return g_strdup_printf("%s\"%s\"", node->is_plain ? "" : "the text ", shown);
}

static gboolean fail_type(const RsConfigNode *node, const char *wanted, GError **error)
{
    g_autofree char *given = describe(node);

    return rs_config_fail(node, error, "must be %s, not %s", wanted, given);
}

static gboolean is_plain_text(const RsConfigNode *node)
{
    return node->kind == RS_CONFIG_TEXT && node->is_plain;
}

gboolean rs_config_text_or_empty(const RsConfigNode *node, const char **text, GError **error)
{
    if (node->kind == RS_CONFIG_MAP)
        return rs_config_fail(
            node, error,
            "must be text, not keys and values; a text that begins with { or holds ': ' needs "
            "quotes");
    if (node->kind != RS_CONFIG_TEXT || rs_config_node_is_null(node))
        return fail_type(node, "text", error);
    if (strlen(node->text) > RS_CONFIG_MAX_TEXT_BYTES)
        return rs_config_fail(node, error, "longer than 64 KiB");
    *text = node->text;
    return TRUE;
}

gboolean rs_config_text(const RsConfigNode *node, const char **text, GError **error)
{
    if (!rs_config_text_or_empty(node, text, error))
        return FALSE;
    return **text || rs_config_fail(node, error, "is empty");
}

gboolean rs_config_boolean(const RsConfigNode *node, gboolean *value, GError **error)
{
    gboolean is_true = is_plain_text(node) && g_str_equal(node->text, "true");

    if (!is_true && !(is_plain_text(node) && g_str_equal(node->text, "false")))
        return fail_type(node, "true or false", error);
    *value = is_true;
    return TRUE;
}

/* Decimal only: 010 and 1_000 mean different things to different readers of YAML. */
static gboolean is_decimal(const char *text)
{
    const char *digits = text + (*text == '-' || *text == '+');

    return *digits && !(digits[0] == '0' && g_ascii_isdigit(digits[1])) &&
           text[strspn(text, "0123456789+-.eE")] == '\0';
}

gboolean rs_config_number(const RsConfigNode *node, double *value, GError **error)
{
    char *end;

    if (!is_plain_text(node) || !is_decimal(node->text))
        return fail_type(node, "a number", error);
    *value = g_ascii_strtod(node->text, &end);
    return (*end == '\0' && isfinite(*value)) || fail_type(node, "a number", error);
}

gboolean rs_config_integer(const RsConfigNode *node, const char *low_word, gint64 low, gint64 high,
                           gint64 *value, GError **error)
{
    g_autofree char *wanted = g_strdup_printf(
        "%s%sa whole number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT,
        low_word ? low_word : "", low_word ? " or " : "", low + (low_word != NULL), high);

    if (low_word && node->kind == RS_CONFIG_TEXT && g_str_equal(node->text, low_word)) {
        *value = low;
        return TRUE;
    }
    return (is_plain_text(node) && is_decimal(node->text) &&
            g_ascii_string_to_signed(node->text, 10, low + (low_word != NULL), high, value,
                                     NULL)) ||
           fail_type(node, wanted, error);
}

gboolean rs_config_duration(const RsConfigNode *node, double *seconds, GError **error)
{
    if (node->kind == RS_CONFIG_TEXT && g_str_equal(node->text, "none")) {
        *seconds = 0;
        return TRUE;
    }
    if (node->kind != RS_CONFIG_TEXT || !g_ascii_isdigit(*node->text) ||
        (g_ascii_isdigit(node->text[1]) && *node->text == '0') ||
        !rs_units_parse_duration_s(node->text, seconds))
        return fail_type(node, "a duration such as 90s, 5m or 1.5h, or none", error);
    return (*seconds >= 1e-3 && *seconds <= RS_CONFIG_MAX_DURATION_S) ||
           fail_type(node, "from 1ms to 30 days (720h), or none", error);
}

gboolean rs_config_word(const RsConfigNode *node, const char *const *words, int *index,
                        GError **error)
{
    g_autofree char *list = g_strjoinv(", ", (char **)words);
    g_autofree char *wanted = g_strconcat("one of ", list, NULL);
    g_autofree char *given = NULL;
    const char *near;

    if (node->kind != RS_CONFIG_TEXT)
        return fail_type(node, wanted, error);
    for (*index = 0; words[*index]; (*index)++)
        if (g_str_equal(words[*index], node->text))
            return TRUE;
    near = rs_suggest(words, node->text);
    given = describe(node);
    return rs_config_fail(node, error, "must be %s, not %s%s%s%s", wanted, given,
                          near ? ", did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

gboolean rs_config_map(const RsConfigNode *node, GError **error)
{
    return node->kind == RS_CONFIG_MAP || fail_type(node, "keys and values", error);
}

gboolean rs_config_list(const RsConfigNode *node, GError **error)
{
    if (node->kind != RS_CONFIG_LIST)
        return fail_type(node, "a list", error);
    if (rs_config_node_length(node) == 0)
        return rs_config_fail(node, error, "is an empty list");
    return rs_config_node_length(node) <= RS_CONFIG_MAX_LIST ||
           rs_config_fail(node, error, "more than %d values", RS_CONFIG_MAX_LIST);
}

gboolean rs_config_texts(const RsConfigNode *node, char ***texts, GError **error)
{
    g_autoptr(GPtrArray) list = g_ptr_array_new_null_terminated(0, g_free, TRUE);
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

    if (!rs_config_list(node, error))
        return FALSE;
    for (guint i = 0; i < rs_config_node_length(node); i++) {
        const RsConfigNode *item = rs_config_node_at(node, i);
        const char *text;

        if (!rs_config_text(item, &text, error))
            return FALSE;
        if (!g_hash_table_add(seen, (gpointer)text))
            return rs_config_fail(item, error, "given twice");
        g_ptr_array_add(list, g_strdup(text));
    }
    *texts = (char **)g_ptr_array_free(g_steal_pointer(&list), FALSE);
    return TRUE;
}

gboolean rs_config_is_identifier(const char *text, const char *more)
{
    if (!g_ascii_isalpha(*text) && *text != '_')
        return FALSE;
    for (; *text; text++)
        if (!g_ascii_isalnum(*text) && *text != '_' && !strchr(more, *text))
            return FALSE;
    return TRUE;
}
