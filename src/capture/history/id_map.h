/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Small numbers by key, forgotten all at once in no time: what a chunk of the history has numbered
 * so far. Grows, never shrinks, and allocates nothing once it has grown. One thread. Must not know
 * what the keys mean. */
#ifndef RS_CAPTURE_HISTORY_ID_MAP_H
#define RS_CAPTURE_HISTORY_ID_MAP_H

#include <glib.h>

#define RS_ID_NONE G_MAXUINT32

typedef struct RsIdMap RsIdMap;

RsIdMap *rs_id_map_new(void);
void rs_id_map_free(RsIdMap *map);
/* RS_ID_NONE: the key is not there. */
guint32 rs_id_map_find(const RsIdMap *map, guint64 key_a, guint64 key_b);
/* The key must not be there yet. */
void rs_id_map_add(RsIdMap *map, guint64 key_a, guint64 key_b, guint32 id);
void rs_id_map_clear(RsIdMap *map);
guint rs_id_map_n(const RsIdMap *map);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsIdMap, rs_id_map_free)

#endif
