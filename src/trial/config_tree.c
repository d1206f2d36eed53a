/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trial/config_tree.h"

#include <string.h>
#include <yaml.h>

#include "base/text.h"
#include "trial/plan.h"

#define MAX_KEY_CHARS_SHOWN 60

typedef struct {
    yaml_parser_t parser;
    const char *text, *file_name;
    guint n_values;
} Composer;

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(yaml_event_t, yaml_event_delete)

static void composer_clear(Composer *composer)
{
    yaml_parser_delete(&composer->parser);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Composer, composer_clear)

void rs_config_tree_free(RsConfigNode *root)
{
    if (!root)
        return;
    g_free(root->text);
    g_free(root->key);
    g_clear_pointer(&root->children, g_ptr_array_unref);
    g_free(root);
}

const RsConfigNode *rs_config_node_get(const RsConfigNode *node, const char *key)
{
    for (guint i = 0; node->kind == RS_CONFIG_MAP && i < node->children->len; i++)
        if (g_str_equal(rs_config_node_at(node, i)->key, key))
            return rs_config_node_at(node, i);
    return NULL;
}

guint rs_config_node_length(const RsConfigNode *node)
{
    return node->children ? node->children->len : 0;
}

const RsConfigNode *rs_config_node_at(const RsConfigNode *node, guint i)
{
    return g_ptr_array_index(node->children, i);
}

gboolean rs_config_node_is_null(const RsConfigNode *node)
{
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL", NULL};

    return node->kind == RS_CONFIG_TEXT && node->is_plain && g_strv_contains(nulls, node->text);
}

static void append_path(GString *path, const RsConfigNode *node)
{
    if (!node->parent)
        return;
    append_path(path, node->parent);
    if (node->key) {
        g_autofree char *key = rs_text_plain(node->key, -1, FALSE, MAX_KEY_CHARS_SHOWN);

        g_string_append_printf(path, "%s%s", path->len ? "." : "", key);
    } else {
        g_string_append_printf(path, "[%u]", node->index);
    }
}

G_GNUC_PRINTF(4, 0)
static void set_error(const RsConfigNode *node, guint line, GError **error, const char *format,
                      va_list arguments)
{
    g_autofree char *message = g_strdup_vprintf(format, arguments);
    g_autoptr(GString) path = g_string_new(NULL);

    append_path(path, node);
    g_set_error(error, RS_PLAN_ERROR, RS_PLAN_ERROR_INVALID, "%s:%u: %s%s%s", node->file_name, line,
                path->str, path->len ? ": " : "", message);
}

gboolean rs_config_fail(const RsConfigNode *node, GError **error, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    set_error(node, node->line, error, format, arguments);
    va_end(arguments);
    return FALSE;
}

gboolean rs_config_fail_key(const RsConfigNode *node, GError **error, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    set_error(node, node->key ? node->key_line : node->line, error, format, arguments);
    va_end(arguments);
    return FALSE;
}

static guint line_at(const char *text, gsize offset)
{
    guint line = 1;

    for (gsize i = 0; i < offset; i++)
        line += text[i] == '\n';
    return line;
}

static gboolean fail_at_offset(const char *file_name, const char *text, gsize offset,
                               const char *message, GError **error)
{
    g_set_error(error, RS_PLAN_ERROR, RS_PLAN_ERROR_INVALID, "%s:%u: %s", file_name,
                line_at(text, offset), message);
    return FALSE;
}

static gboolean fail_syntax(const Composer *composer, GError **error)
{
    const yaml_parser_t *parser = &composer->parser;
    g_autofree char *context = NULL;

    if (parser->error == YAML_READER_ERROR)
        return fail_at_offset(composer->file_name, composer->text, parser->problem_offset,
                              "control characters are not allowed", error);
    if (parser->context)
        context =
            g_strdup_printf(" (%s, line %zu)", parser->context, parser->context_mark.line + 1);
    g_set_error(error, RS_PLAN_ERROR, RS_PLAN_ERROR_INVALID, "%s:%zu:%zu: %s%s",
                composer->file_name, parser->problem_mark.line + 1, parser->problem_mark.column + 1,
                parser->problem ? parser->problem : "cannot be read as YAML",
                context ? context : "");
    return FALSE;
}

static gboolean next_event(Composer *composer, yaml_event_t *event, GError **error)
{
    return yaml_parser_parse(&composer->parser, event) || fail_syntax(composer, error);
}

static const char *anchor_of(const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_ALIAS_EVENT:
        return (const char *)event->data.alias.anchor;
    case YAML_SCALAR_EVENT:
        return (const char *)event->data.scalar.anchor;
    case YAML_SEQUENCE_START_EVENT:
        return (const char *)event->data.sequence_start.anchor;
    case YAML_MAPPING_START_EVENT:
        return (const char *)event->data.mapping_start.anchor;
    default:
        return NULL;
    }
}

static const char *tag_of(const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return (const char *)event->data.scalar.tag;
    case YAML_SEQUENCE_START_EVENT:
        return (const char *)event->data.sequence_start.tag;
    case YAML_MAPPING_START_EVENT:
        return (const char *)event->data.mapping_start.tag;
    default:
        return NULL;
    }
}

/* Line ends and tabs are the only control characters a value may hold. */
static gboolean has_control_characters(const char *text, gsize n_bytes)
{
    for (const char *at = text; at < text + n_bytes; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);

        if (c != '\n' && c != '\t' && (c < 0x20 || (c >= 0x7F && c < 0xA0)))
            return TRUE;
    }
    return FALSE;
}

static gboolean check_event(const RsConfigNode *node, const yaml_event_t *event, GError **error)
{
    if (anchor_of(event))
        return rs_config_fail(node, error,
                              "anchors and aliases are not supported; what all benchmarks share is "
                              "written once at the top of the file");
    if (tag_of(event))
        return rs_config_fail(node, error, "tags are not supported");
    if (event->type == YAML_SCALAR_EVENT &&
        has_control_characters((const char *)event->data.scalar.value, event->data.scalar.length))
        return rs_config_fail(node, error, "control characters are not allowed");
    return TRUE;
}

static gboolean check_limits(Composer *composer, const RsConfigNode *node, GError **error)
{
    guint depth = 0;

    for (const RsConfigNode *above = node; above; above = above->parent)
        depth++;
    if (depth > RS_CONFIG_MAX_DEPTH)
        return rs_config_fail(node->parent, error, "nested deeper than %d levels",
                              RS_CONFIG_MAX_DEPTH);
    if (++composer->n_values > RS_CONFIG_MAX_VALUES)
        return rs_config_fail(node, error, "more than %d values in the file", RS_CONFIG_MAX_VALUES);
    return TRUE;
}

static RsConfigNode *node_new(const Composer *composer, RsConfigNode *parent,
                              const yaml_event_t *event)
{
    RsConfigNode *node = g_new0(RsConfigNode, 1);

    node->parent = parent;
    node->file_name = composer->file_name;
    node->line = (guint)event->start_mark.line + 1;
    if (parent) {
        node->index = parent->children->len;
        g_ptr_array_add(parent->children, node);
    }
    return node;
}

static gboolean compose_value(Composer *composer, RsConfigNode *node, const yaml_event_t *event,
                              GError **error);

static gboolean compose_list(Composer *composer, RsConfigNode *list, GError **error)
{
    while (TRUE) {
        g_auto(yaml_event_t) event = {0};

        if (!next_event(composer, &event, error))
            return FALSE;
        if (event.type == YAML_SEQUENCE_END_EVENT)
            return TRUE;
        if (!compose_value(composer, node_new(composer, list, &event), &event, error))
            return FALSE;
    }
}

static gboolean compose_key(RsConfigNode *map, RsConfigNode *node, const yaml_event_t *event,
                            GError **error)
{
    const char *key =
        event->type == YAML_SCALAR_EVENT ? (const char *)event->data.scalar.value : NULL;

    node->key_line = node->line;
    node->key = g_strdup("?");
    if (!check_event(node, event, error))
        return FALSE;
    if (event->type != YAML_SCALAR_EVENT)
        return rs_config_fail(node, error,
                              "a key must be text; a text that begins with { or [ needs quotes");
    if (!*key)
        return rs_config_fail(node, error, "a key is empty");
    g_free(node->key);
    node->key = g_strdup(key);
    if (rs_config_node_get(map, key) != node)
        return rs_config_fail(node, error, "given twice, first on line %u",
                              rs_config_node_get(map, key)->key_line);
    if (map->children->len > RS_CONFIG_MAX_KEYS)
        return rs_config_fail(map, error, "more than %d keys", RS_CONFIG_MAX_KEYS);
    return TRUE;
}

static gboolean compose_map(Composer *composer, RsConfigNode *map, GError **error)
{
    while (TRUE) {
        g_auto(yaml_event_t) key = {0}, value = {0};
        RsConfigNode *node;

        if (!next_event(composer, &key, error))
            return FALSE;
        if (key.type == YAML_MAPPING_END_EVENT)
            return TRUE;
        node = node_new(composer, map, &key);
        if (!compose_key(map, node, &key, error) || !next_event(composer, &value, error))
            return FALSE;
        node->line = (guint)value.start_mark.line + 1;
        if (!compose_value(composer, node, &value, error))
            return FALSE;
    }
}

/* What begins with event into node, which already stands in its parent. */
static gboolean compose_value(Composer *composer, RsConfigNode *node, const yaml_event_t *event,
                              GError **error)
{
    if (!check_event(node, event, error) || !check_limits(composer, node, error))
        return FALSE;
    if (event->type == YAML_SCALAR_EVENT) {
        node->kind = RS_CONFIG_TEXT;
        node->text = g_strdup((const char *)event->data.scalar.value);
        node->is_plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
        if (node->key && !*node->text)
            node->line = node->key_line;
        return TRUE;
    }
    node->children = g_ptr_array_new_with_free_func((GDestroyNotify)rs_config_tree_free);
    if (event->type == YAML_SEQUENCE_START_EVENT) {
        node->kind = RS_CONFIG_LIST;
        return compose_list(composer, node, error);
    }
    node->kind = RS_CONFIG_MAP;
    return compose_map(composer, node, error);
}

/* The next event, where it is of the wanted type or there is none such. */
static gboolean skip_event(Composer *composer, yaml_event_type_t wanted, GError **error)
{
    g_auto(yaml_event_t) event = {0};

    if (!next_event(composer, &event, error))
        return FALSE;
    if (event.type == wanted)
        return TRUE;
    g_set_error(error, RS_PLAN_ERROR, RS_PLAN_ERROR_INVALID, "%s:%zu: %s", composer->file_name,
                event.start_mark.line + 1,
                wanted == YAML_STREAM_END_EVENT ? "a second document; a configuration is one"
                                                : "the file is empty");
    return FALSE;
}

static RsConfigNode *compose_document(Composer *composer, GError **error)
{
    g_auto(yaml_event_t) event = {0};
    g_autoptr(RsConfigNode) root = NULL;

    if (!skip_event(composer, YAML_STREAM_START_EVENT, error) ||
        !skip_event(composer, YAML_DOCUMENT_START_EVENT, error) ||
        !next_event(composer, &event, error))
        return NULL;
    root = node_new(composer, NULL, &event);
    if (!compose_value(composer, root, &event, error) ||
        !skip_event(composer, YAML_DOCUMENT_END_EVENT, error) ||
        !skip_event(composer, YAML_STREAM_END_EVENT, error))
        return NULL;
    return g_steal_pointer(&root);
}

/* YAML may be UTF-16 as well; a configuration is UTF-8. */
static gboolean check_encoding(const char *text, gsize n_bytes, const char *file_name,
                               GError **error)
{
    const char *end;

    if (n_bytes > RS_CONFIG_MAX_BYTES)
        return fail_at_offset(file_name, text, 0, "longer than 4 MiB", error);
    if (g_utf8_validate_len(text, n_bytes, &end))
        return TRUE;
    return fail_at_offset(file_name, text, (gsize)(end - text),
                          *end ? "not UTF-8 text" : "control characters are not allowed", error);
}

RsConfigNode *rs_config_tree_parse(const char *text, gsize n_bytes, const char *file_name,
                                   GError **error)
{
    g_auto(Composer) composer = {.file_name = file_name};

    if (!check_encoding(text, n_bytes, file_name, error))
        return NULL;
    if (n_bytes >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
        text += 3;
        n_bytes -= 3;
    }
    composer.text = text;
    if (!yaml_parser_initialize(&composer.parser))
        g_error("out of memory"); /* as GLib does */
    yaml_parser_set_encoding(&composer.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&composer.parser, (const guint8 *)text, n_bytes);
    return compose_document(&composer, error);
}
