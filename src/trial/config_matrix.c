/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trial/config_matrix.h"

#include <string.h>

#include "base/suggest.h"
#include "base/text.h"
#include "trial/config_value.h"

#define KEY_MARKS "-" /* besides letters, digits and underlines */
#define KEY_BYTES G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_" KEY_MARKS

/* Of one matrix: what keeps the combinations small. */
#define MAX_KEYS        16
#define MAX_VALUE_BYTES 200

static gboolean check_key(const RsConfigNode *values, GError **error)
{
    if (!rs_config_is_identifier(values->key, KEY_MARKS))
        return rs_config_fail_key(values, error,
                                  "a matrix key is a letter, then letters, digits, - and _");
    if (g_str_equal(values->key, RS_CONFIG_PLACEHOLDER_ARM))
        return rs_config_fail_key(values, error, "{arm} is baseline or current; name it otherwise");
    return TRUE;
}

static gboolean check_values(const RsConfigNode *values, GError **error)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

    if (!check_key(values, error) || !rs_config_list(values, error))
        return FALSE;
    for (guint i = 0; i < rs_config_node_length(values); i++) {
        const char *text;

        if (!rs_config_text_or_empty(rs_config_node_at(values, i), &text, error))
            return FALSE;
        if (strlen(text) > MAX_VALUE_BYTES)
            return rs_config_fail(rs_config_node_at(values, i), error, "longer than %d bytes",
                                  MAX_VALUE_BYTES);
        if (!g_hash_table_add(seen, (gpointer)text))
            return rs_config_fail(rs_config_node_at(values, i), error, "given twice");
    }
    return TRUE;
}

static gboolean check_matrix(const RsConfigNode *matrix, guint max_combinations, GError **error)
{
    guint64 n_combinations = 1;

    if (!rs_config_map(matrix, error))
        return FALSE;
    if (rs_config_node_length(matrix) == 0)
        return rs_config_fail(matrix, error, "has no keys");
    if (rs_config_node_length(matrix) > MAX_KEYS)
        return rs_config_fail(matrix, error, "more than %d keys", MAX_KEYS);
    for (guint i = 0; i < rs_config_node_length(matrix); i++) {
        const RsConfigNode *values = rs_config_node_at(matrix, i);

        if (!check_values(values, error))
            return FALSE;
        n_combinations *= rs_config_node_length(values);
        if (n_combinations > max_combinations)
            return rs_config_fail_key(matrix, error, "more than %d benchmarks in the file",
                                      RS_CONFIG_MAX_BENCHMARKS);
    }
    return TRUE;
}

static const char **keys_of(const RsConfigNode *map)
{
    const char **keys = g_new0(const char *, rs_config_node_length(map) + 1);

    for (guint i = 0; i < rs_config_node_length(map); i++)
        keys[i] = rs_config_node_at(map, i)->key;
    return keys;
}

static gboolean fail_exclude_key(const RsConfigNode *node, const RsConfigNode *matrix,
                                 GError **error)
{
    g_autofree const char **keys = keys_of(matrix);
    const char *near = rs_suggest(keys, node->key);

    return rs_config_fail_key(node, error, "not a key of the matrix%s%s%s",
                              near ? ", did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

static gboolean check_excluded_value(const RsConfigNode *node, const RsConfigNode *matrix,
                                     GError **error)
{
    const RsConfigNode *values = rs_config_node_get(matrix, node->key);
    g_autofree char *shown = NULL;
    const char *text;

    if (!values)
        return fail_exclude_key(node, matrix, error);
    if (!rs_config_text_or_empty(node, &text, error))
        return FALSE;
    for (guint i = 0; i < rs_config_node_length(values); i++)
        if (g_str_equal(rs_config_node_at(values, i)->text, text))
            return TRUE;
    shown = rs_text_plain(text, -1, FALSE, 60);
    return rs_config_fail(node, error, "\"%s\" is not a value of the matrix key \"%s\"", shown,
                          values->key);
}

static gboolean check_exclude(const RsConfigNode *exclude, const RsConfigNode *matrix,
                              GError **error)
{
    if (!matrix)
        return rs_config_fail_key(exclude, error, "there is no matrix to exclude from");
    if (!rs_config_list(exclude, error))
        return FALSE;
    for (guint i = 0; i < rs_config_node_length(exclude); i++) {
        const RsConfigNode *row = rs_config_node_at(exclude, i);

        if (!rs_config_map(row, error))
            return FALSE;
        if (rs_config_node_length(row) == 0)
            return rs_config_fail(row, error, "has no keys");
        for (guint k = 0; k < rs_config_node_length(row); k++)
            if (!check_excluded_value(rs_config_node_at(row, k), matrix, error))
                return FALSE;
    }
    return TRUE;
}

static gboolean row_excludes(const RsConfigNode *row, char **parameters)
{
    for (guint i = 0; i < rs_config_node_length(row); i++) {
        const RsConfigNode *value = rs_config_node_at(row, i);

        if (g_strcmp0(g_environ_getenv(parameters, value->key), value->text) != 0)
            return FALSE;
    }
    return TRUE;
}

static gboolean is_excluded(const RsConfigNode *exclude, char **parameters)
{
    for (guint i = 0; exclude && i < rs_config_node_length(exclude); i++)
        if (row_excludes(rs_config_node_at(exclude, i), parameters))
            return TRUE;
    return FALSE;
}

/* The combination with that number: its digits, each key a place with as many values as the key. */
static char **combination(const RsConfigNode *matrix, guint number)
{
    guint n_keys = rs_config_node_length(matrix);
    char **parameters = g_new0(char *, n_keys + 1);

    for (guint i = n_keys; i-- > 0;) {
        const RsConfigNode *values = rs_config_node_at(matrix, i);
        guint n_values = rs_config_node_length(values);

        parameters[i] = g_strdup_printf("%s=%s", values->key,
                                        rs_config_node_at(values, number % n_values)->text);
        number /= n_values;
    }
    return parameters;
}

static guint count_combinations(const RsConfigNode *matrix)
{
    guint n = 1;

    for (guint i = 0; i < rs_config_node_length(matrix); i++)
        n *= rs_config_node_length(rs_config_node_at(matrix, i));
    return n;
}

GPtrArray *rs_config_matrix_expand(const RsConfigNode *matrix, const RsConfigNode *exclude,
                                   guint max_combinations, GError **error)
{
    g_autoptr(GPtrArray) combinations = g_ptr_array_new_with_free_func((GDestroyNotify)g_strfreev);

    if ((matrix && !check_matrix(matrix, max_combinations, error)) ||
        (exclude && !check_exclude(exclude, matrix, error)))
        return NULL;
    if (!matrix) {
        g_ptr_array_add(combinations, g_new0(char *, 1));
        return g_steal_pointer(&combinations);
    }
    for (guint number = 0; number < count_combinations(matrix); number++) {
        char **parameters = combination(matrix, number);

        if (is_excluded(exclude, parameters))
            g_strfreev(parameters);
        else
            g_ptr_array_add(combinations, parameters);
    }
    if (combinations->len == 0) {
        rs_config_fail_key(exclude, error, "leaves nothing of the matrix");
        return NULL;
    }
    return g_steal_pointer(&combinations);
}

/* The key of "{key}" at text; NULL when there is none. */
static char *key_at(const char *text)
{
    gsize n_bytes = *text == '{' ? strspn(text + 1, KEY_BYTES) : 0;
    g_autofree char *key = g_strndup(text + 1, n_bytes);

    if (n_bytes == 0 || text[n_bytes + 1] != '}' || !rs_config_is_identifier(key, KEY_MARKS))
        return NULL;
    return g_steal_pointer(&key);
}

static const char *value_of(const char *key, char **parameters, const char *arm)
{
    return g_str_equal(key, RS_CONFIG_PLACEHOLDER_ARM) ? arm : g_environ_getenv(parameters, key);
}

/* Appends what stands at text and returns what follows it; NULL at an unknown placeholder. */
static const char *replace_at(const char *text, GString *replaced, char **parameters,
                              const char *arm, char **unknown)
{
    g_autofree char *literal = *text == '{' ? key_at(text + 1) : NULL;
    g_autofree char *key = literal ? NULL : key_at(text);
    const char *value = key ? value_of(key, parameters, arm) : NULL;

    if (literal && text[strlen(literal) + 3] == '}') {
        g_string_append_printf(replaced, "{%s}", literal);
        return text + strlen(literal) + 4;
    }
    if (key && !value) {
        *unknown = g_steal_pointer(&key);
        return NULL;
    }
    if (value)
        g_string_append(replaced, value);
    else
        g_string_append_c(replaced, *text);
    return text + (value ? strlen(key) + 2 : 1);
}

char *rs_config_replace(const char *text, char **parameters, const char *arm, char **unknown)
{
    g_autoptr(GString) replaced = g_string_new(NULL);

    while (*text) {
        gsize n_verbatim = text[0] == '$' && text[1] == '{' ? 2 : strcspn(text, "${");

        if (n_verbatim == 0 && *text == '$')
            n_verbatim = 1;
        g_string_append_len(replaced, text, (gssize)n_verbatim);
        text += n_verbatim;
        if (n_verbatim == 0 && !(text = replace_at(text, replaced, parameters, arm, unknown)))
            return NULL;
    }
    return g_string_free(g_steal_pointer(&replaced), FALSE);
}

/* Does the text still make sense when there is no such parameter? */
static gboolean needs(const char *text, char **parameters, const char *key)
{
    g_auto(GStrv) others = g_environ_unsetenv(g_strdupv(parameters), key);
    g_autofree char *unknown = NULL;
    g_autofree char *replaced = rs_config_replace(text, others, NULL, &unknown);

    return !replaced;
}

char *rs_config_replace_name(const char *name, char **parameters, char **unknown)
{
    g_autofree char *replaced = rs_config_replace(name, parameters, NULL, unknown);
    g_autoptr(GString) full = g_string_new(replaced);
    const char *opening = " [";

    if (!replaced)
        return NULL;
    for (guint i = 0; parameters[i]; i++) {
        g_autofree char *key = g_strndup(parameters[i], strcspn(parameters[i], "="));

        if (needs(name, parameters, key))
            continue;
        g_string_append_printf(full, "%s%s", opening, parameters[i]);
        opening = " ";
    }
    if (full->len > strlen(replaced))
        g_string_append_c(full, ']');
    return g_string_free(g_steal_pointer(&full), FALSE);
}
