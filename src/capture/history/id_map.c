/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Open addressing, linear probing, at most half full. A slot counts only if it carries the map's
 * generation, so clearing is counting up. */
#include "capture/history/id_map.h"

#include <string.h>

#define FIRST_BITS 8

typedef struct {
    guint64 key_a, key_b;
    guint32 id, generation;
} Slot;

struct RsIdMap {
    Slot *slots;
    guint n_bits, n;
    guint32 generation; /* never 0: that of an empty slot */
};

RsIdMap *rs_id_map_new(void)
{
    RsIdMap *map = g_new0(RsIdMap, 1);

    map->n_bits = FIRST_BITS;
    map->slots = g_new0(Slot, (gsize)1 << FIRST_BITS);
    map->generation = 1;
    return map;
}

void rs_id_map_free(RsIdMap *map)
{
    if (!map)
        return;
    g_free(map->slots);
    g_free(map);
}

/* The slot of a key, or the free one where it belongs. */
static Slot *slot_of(const RsIdMap *map, guint64 key_a, guint64 key_b)
{
    /* Fibonacci hashing: Knuth, The Art of Computer Programming 3, section 6.4. */
    const guint64 factor = G_GUINT64_CONSTANT(0x9e3779b97f4a7c15);
    gsize mask = ((gsize)1 << map->n_bits) - 1;
    guint64 mixed = (key_a * factor) ^ key_b;
    gsize i = (gsize)(((mixed ^ (mixed >> 29)) * factor) >> (64 - map->n_bits));

    for (;; i = (i + 1) & mask) {
        Slot *slot = &map->slots[i];

        if (slot->generation != map->generation || (slot->key_a == key_a && slot->key_b == key_b))
            return slot;
    }
}

guint32 rs_id_map_find(const RsIdMap *map, guint64 key_a, guint64 key_b)
{
    const Slot *slot = slot_of(map, key_a, key_b);

    return slot->generation == map->generation ? slot->id : RS_ID_NONE;
}

static void grow(RsIdMap *map)
{
    g_autofree Slot *old = map->slots;
    gsize n_old = (gsize)1 << map->n_bits;

    map->slots = g_new0(Slot, n_old * 2);
    map->n_bits++;
    for (gsize i = 0; i < n_old; i++)
        if (old[i].generation == map->generation)
            *slot_of(map, old[i].key_a, old[i].key_b) = old[i];
}

void rs_id_map_add(RsIdMap *map, guint64 key_a, guint64 key_b, guint32 id)
{
    if (map->n >= ((guint)1 << map->n_bits) / 2)
        grow(map);
    *slot_of(map, key_a, key_b) = (Slot){key_a, key_b, id, map->generation};
    map->n++;
}

void rs_id_map_clear(RsIdMap *map)
{
    map->n = 0;
    if (++map->generation)
        return;
    memset(map->slots, 0, sizeof *map->slots << map->n_bits);
    map->generation = 1;
}

guint rs_id_map_n(const RsIdMap *map)
{
    return map->n;
}
