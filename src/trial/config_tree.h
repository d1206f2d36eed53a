/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A YAML document as a tree that knows where each value stands, for messages that name file, line
 * and key. Only what a configuration needs: one document of texts, lists and maps. Aliases,
 * anchors, tags and control characters are refused, and size, depth and counts are bounded, so that
 * a hostile file stays cheap. Must not know any key of the configuration. */
#ifndef RS_TRIAL_CONFIG_TREE_H
#define RS_TRIAL_CONFIG_TREE_H

#include <glib.h>

#define RS_CONFIG_MAX_BYTES  (4 * 1024 * 1024)
#define RS_CONFIG_MAX_DEPTH  32
#define RS_CONFIG_MAX_VALUES 500000
#define RS_CONFIG_MAX_KEYS   256 /* of one map */

typedef enum { RS_CONFIG_TEXT, RS_CONFIG_LIST, RS_CONFIG_MAP } RsConfigKind;

typedef struct RsConfigNode RsConfigNode;
struct RsConfigNode {
    RsConfigKind kind;
    char *text;          /* of a text */
    gboolean is_plain;   /* the text was written without quotes: it may be a number */
    GPtrArray *children; /* RsConfigNode, of a list or a map, in the order of the file */
    char *key;           /* in a map; NULL: in a list, or the root */
    guint index;         /* in the parent, from 0 */
    guint line, key_line;
    const RsConfigNode *parent; /* NULL: the root */
    const char *file_name;      /* the caller's */
};

/* The root; file_name must outlive the tree. Errors RS_PLAN_ERROR_INVALID, "FILE:LINE:COLUMN: ..."
 * for bad YAML and "FILE:LINE: KEY: ..." for what is refused. */
RsConfigNode *rs_config_tree_parse(const char *text, gsize n_bytes, const char *file_name,
                                   GError **error);
void rs_config_tree_free(RsConfigNode *root);

/* The value of key; NULL when node is no map or has no such key. */
const RsConfigNode *rs_config_node_get(const RsConfigNode *node, const char *key);
guint rs_config_node_length(const RsConfigNode *node); /* 0 for a text */
const RsConfigNode *rs_config_node_at(const RsConfigNode *node, guint i);
/* Nothing is written there, or YAML's null. */
gboolean rs_config_node_is_null(const RsConfigNode *node);

/* Sets "FILE:LINE: KEY: message" with the value's line and returns FALSE; KEY is a path such as
 * benchmarks[2].matrix.size[0]. */
gboolean rs_config_fail(const RsConfigNode *node, GError **error, const char *format, ...)
    G_GNUC_PRINTF(3, 4);
/* The same with the line of the value's key. */
gboolean rs_config_fail_key(const RsConfigNode *node, GError **error, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsConfigNode, rs_config_tree_free)

#endif
