/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capture/stacks.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

#define ARENA_BIT 0x80000000u
#define NO_PARENT G_MAXUINT32
#define MIN_NODES 1024u
#define MAX_NODES (1u << 28)

typedef struct {
    guint64 address;
    guint32 module;
    guint32 parent; /* index in the same arena, below this one's; NO_PARENT */
} Node;

typedef struct {
    Node *nodes;
    guint32 *slots; /* node index + 1; 0: free. Open addressing, at most half full */
    guint32 n_nodes;
} Arena;

struct RsStacks {
    guint32 n_nodes_limit, slot_mask;
    gsize n_mapped_bytes;
    gpointer mapped;
    Arena arenas[2];
    guint64 producer_generation; /* its arena: the lowest bit */
    guint64 consumer_generation;
    /* All arenas of generations below may be used again. Stored with release by the consumer after
     * its last read of them, loaded with acquire by the producer before its first write. Nodes
     * themselves are seen through the ring: they are written before the push of an id that needs
     * them. */
    _Atomic guint64 n_released;
};

RsStacks *rs_stacks_new(guint n_nodes, GError **error)
{
    g_autofree RsStacks *stacks = g_new0(RsStacks, 1);
    gsize n_slots = 1, n_arena_bytes;

    n_nodes = CLAMP(n_nodes, MIN_NODES, MAX_NODES);
    while (n_slots < (gsize)n_nodes * 2)
        n_slots *= 2;
    n_arena_bytes = n_nodes * sizeof(Node) + n_slots * sizeof(guint32);
    stacks->n_nodes_limit = n_nodes;
    stacks->slot_mask = (guint32)(n_slots - 1);
    stacks->n_mapped_bytes = 2 * n_arena_bytes;
    /* Pages come into being when they are used: most programs need few of them. */
    stacks->mapped = mmap(NULL, stacks->n_mapped_bytes, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (stacks->mapped == MAP_FAILED) {
        g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno),
                    "no memory for %u frames of stacks: %s", n_nodes, g_strerror(errno));
        return NULL;
    }
    for (guint i = 0; i < 2; i++) {
        char *at = (char *)stacks->mapped + i * n_arena_bytes;

        stacks->arenas[i].nodes = (Node *)at;
        stacks->arenas[i].slots = (guint32 *)(at + n_nodes * sizeof(Node));
    }
    return g_steal_pointer(&stacks);
}

void rs_stacks_free(RsStacks *stacks)
{
    if (!stacks)
        return;
    munmap(stacks->mapped, stacks->n_mapped_bytes);
    g_free(stacks);
}

/* --- the producer --- */

/* Source: the finaliser of splitmix64 (Steele, Lea, Flood, OOPSLA 2014). */
static guint32 hash_of(const RsRawFrame *frame, guint32 parent)
{
    guint64 mixed = frame->address + ((guint64)parent << 32 | frame->module);

    mixed = (mixed ^ mixed >> 30) * G_GUINT64_CONSTANT(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ mixed >> 27) * G_GUINT64_CONSTANT(0x94d049bb133111eb);
    return (guint32)(mixed ^ mixed >> 31);
}

/* The node of a frame below parent; NO_PARENT when there is no room for a new one. */
static guint32 intern_frame(const RsStacks *stacks, Arena *arena, const RsRawFrame *frame,
                            guint32 parent)
{
    guint32 slot = hash_of(frame, parent) & stacks->slot_mask;

    for (; arena->slots[slot]; slot = (slot + 1) & stacks->slot_mask) {
        const Node *node = &arena->nodes[arena->slots[slot] - 1];

        if (node->address == frame->address && node->module == frame->module &&
            node->parent == parent)
            return arena->slots[slot] - 1;
    }
    if (arena->n_nodes == stacks->n_nodes_limit)
        return NO_PARENT;
    arena->nodes[arena->n_nodes] =
        (Node){.address = frame->address, .module = frame->module, .parent = parent};
    arena->slots[slot] = ++arena->n_nodes;
    return arena->n_nodes - 1;
}

static guint32 intern_in(const RsStacks *stacks, Arena *arena, const RsRawFrame *frames,
                         guint n_frames)
{
    guint32 node = NO_PARENT;

    for (guint i = n_frames; i > 0; i--) {
        node = intern_frame(stacks, arena, &frames[i - 1], node);
        if (node == NO_PARENT)
            return NO_PARENT;
    }
    return node;
}

/* Takes the other arena into use. FALSE: ids of it may still be on their way. */
static gboolean turn(RsStacks *stacks)
{
    guint64 next = stacks->producer_generation + 1;
    Arena *arena = &stacks->arenas[next & 1];

    if (next >= 2 && atomic_load_explicit(&stacks->n_released, memory_order_acquire) + 2 <= next)
        return FALSE;
    if (arena->n_nodes) {
        memset(arena->slots, 0, ((gsize)stacks->slot_mask + 1) * sizeof(guint32));
        arena->n_nodes = 0;
    }
    stacks->producer_generation = next;
    return TRUE;
}

guint32 rs_stacks_intern(RsStacks *stacks, const RsRawFrame *frames, guint n_frames)
{
    guint32 node;

    if (!n_frames)
        return RS_STACKS_EMPTY;
    node = intern_in(stacks, &stacks->arenas[stacks->producer_generation & 1], frames, n_frames);
    if (node == NO_PARENT && n_frames <= stacks->n_nodes_limit && turn(stacks))
        node =
            intern_in(stacks, &stacks->arenas[stacks->producer_generation & 1], frames, n_frames);
    if (node == NO_PARENT)
        return RS_STACKS_FULL;
    return stacks->producer_generation & 1 ? node | ARENA_BIT : node;
}

/* --- the consumer --- */

guint rs_stacks_frames(RsStacks *stacks, guint32 id, RsRawFrame *frames, guint n_max)
{
    guint32 node = id & ~ARENA_BIT;
    const Arena *arena = &stacks->arenas[id & ARENA_BIT ? 1 : 0];
    guint n_frames = 0;

    if (id == RS_STACKS_EMPTY || id == RS_STACKS_FULL)
        return 0;
    if ((id & ARENA_BIT) != (stacks->consumer_generation & 1 ? ARENA_BIT : 0)) {
        stacks->consumer_generation++;
        atomic_store_explicit(&stacks->n_released, stacks->consumer_generation,
                              memory_order_release);
    }
    for (; node != NO_PARENT && n_frames < n_max; node = arena->nodes[node].parent)
        frames[n_frames++] = (RsRawFrame){.module = arena->nodes[node].module,
                                          .address = arena->nodes[node].address};
    return n_frames;
}

guint rs_stacks_epoch(const RsStacks *stacks)
{
    return (guint)stacks->consumer_generation;
}
