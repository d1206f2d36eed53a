/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trial/config_fill.h"

#include <string.h>

#include "base/suggest.h"
#include "base/text.h"
#include "trial/config_matrix.h"
#include "trial/config_value.h"

#define MAX_REPLACED_BYTES  (64 * 1024 * 1024)
#define TEXT_OVERHEAD_BYTES 32 /* what a text costs beside its bytes */
#define MAX_CHARS_SHOWN     60

static char **known_placeholders(const RsConfigFilling *f, gboolean with_arm)
{
    g_autoptr(GStrvBuilder) known = g_strv_builder_new();

    for (guint i = 0; f->benchmark && f->benchmark->parameters[i]; i++) {
        const char *parameter = f->benchmark->parameters[i];
        g_autofree char *key = g_strndup(parameter, strcspn(parameter, "="));

        g_strv_builder_add(known, key);
    }
    if (with_arm)
        g_strv_builder_add(known, RS_CONFIG_PLACEHOLDER_ARM);
    return g_strv_builder_end(known);
}

gboolean rs_config_fail_unknown(const RsConfigFilling *f, const RsConfigNode *node,
                                const char *unknown, gboolean with_arm, GError **error)
{
    g_autofree char *shown = rs_text_plain(unknown, -1, FALSE, MAX_CHARS_SHOWN);
    g_auto(GStrv) known = known_placeholders(f, with_arm);
    const char *near = rs_suggest((const char *const *)known, unknown);
    g_autofree char *list = g_strjoinv("}, {", known);

    if (near)
        return rs_config_fail(node, error, "unknown placeholder {%s}, did you mean {%s}?", shown,
                              near);
    return rs_config_fail(node, error,
                          "unknown placeholder {%s}; known here: %s%s%s; write {{%s}} for the text "
                          "itself",
                          shown, *known ? "{" : "none", list, *known ? "}" : "", shown);
}

gboolean rs_config_count(RsConfigFilling *f, const RsConfigNode *node, const char *text,
                         GError **error)
{
    f->n_replaced_bytes += strlen(text) + TEXT_OVERHEAD_BYTES;
    return f->n_replaced_bytes <= MAX_REPLACED_BYTES ||
           rs_config_fail(node, error,
                          "the benchmarks of the file take more than 64 MiB when written out");
}

char *rs_config_fill_text(RsConfigFilling *f, const RsConfigNode *node, const char *text,
                          GError **error)
{
    const char *arm = f->arm < RS_N_ARMS ? rs_arm_names[f->arm] : NULL;
    g_autofree char *unknown = NULL;
    g_autofree char *replaced = NULL;
    char *none[] = {NULL};

    replaced =
        rs_config_replace(text, f->benchmark ? f->benchmark->parameters : none, arm, &unknown);
    if (!replaced) {
        rs_config_fail_unknown(f, node, unknown, arm != NULL, error);
        return NULL;
    }
    return rs_config_count(f, node, replaced, error) ? g_steal_pointer(&replaced) : NULL;
}

static gboolean set_text(RsConfigFilling *f, const RsConfigNode *node, char **target,
                         GError **error)
{
    g_autofree char *replaced = NULL;
    const char *text;

    if (!rs_config_text(node, &text, error) ||
        !(replaced = rs_config_fill_text(f, node, text, error)))
        return FALSE;
    if (!*replaced)
        return rs_config_fail(node, error, "is empty with the values of the matrix");
    g_free(*target);
    *target = g_steal_pointer(&replaced);
    return TRUE;
}

gboolean rs_config_fill_path(RsConfigFilling *f, const RsConfigNode *node, char **target,
                             GError **error)
{
    g_autofree char *path = NULL;

    if (!set_text(f, node, &path, error))
        return FALSE;
    g_free(*target);
    *target = g_canonicalize_filename(path, f->folder);
    return TRUE;
}

/* Commands. */

static gboolean replace_words(RsConfigFilling *f, const RsConfigNode *node, char **words,
                              GError **error)
{
    for (guint i = 0; words[i]; i++) {
        char *replaced = rs_config_fill_text(f, node, words[i], error);

        if (!replaced)
            return FALSE;
        g_free(words[i]);
        words[i] = replaced;
    }
    return *words[0] || rs_config_fail(node, error, "the name of the program is empty");
}

static gboolean words_of_list(const RsConfigNode *node, char ***words, GError **error)
{
    g_autoptr(GPtrArray) list = g_ptr_array_new_null_terminated(0, g_free, TRUE);

    if (!rs_config_list(node, error))
        return FALSE;
    for (guint i = 0; i < rs_config_node_length(node); i++) {
        const char *text;

        if (!rs_config_text_or_empty(rs_config_node_at(node, i), &text, error))
            return FALSE;
        g_ptr_array_add(list, g_strdup(text));
    }
    *words = (char **)g_ptr_array_free(g_steal_pointer(&list), FALSE);
    return TRUE;
}

static gboolean words_of_text(const RsConfigNode *node, gboolean shell, char ***words,
                              GError **error)
{
    g_autoptr(GError) reason = NULL;
    const char *text;

    if (!rs_config_text(node, &text, error))
        return FALSE;
    return rs_command_parse(text, shell, words, &reason) ||
           rs_config_fail(node, error, "%s", reason->message);
}

gboolean rs_config_fill_command(RsConfigFilling *f, const RsConfigNode *node, RsCommand *command,
                                GError **error)
{
    gboolean shell = f->shell && node->kind != RS_CONFIG_LIST;
    g_auto(GStrv) words = NULL;

    if (!(node->kind == RS_CONFIG_LIST ? words_of_list(node, &words, error)
                                       : words_of_text(node, shell, &words, error)) ||
        !replace_words(f, node, words, error))
        return FALSE;
    rs_command_clear(command);
    *command = (RsCommand){.argv = g_steal_pointer(&words), .shell = shell};
    return TRUE;
}

static char *quote_words(char **words)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; words[i]; i++) {
        g_autofree char *quoted = g_shell_quote(words[i]);

        g_string_append_printf(text, "%s%s", i ? " " : "", quoted);
    }
    return g_string_free(text, FALSE);
}

gboolean rs_config_fill_build(RsConfigFilling *f, const RsConfigNode *node, char **target,
                              GError **error)
{
    g_auto(GStrv) words = NULL;

    if (!(node->kind == RS_CONFIG_LIST ? words_of_list(node, &words, error)
                                       : words_of_text(node, TRUE, &words, error)) ||
        !replace_words(f, node, words, error))
        return FALSE;
    g_free(*target);
    *target = node->kind == RS_CONFIG_LIST ? quote_words(words) : g_strdup(words[0]);
    return TRUE;
}
