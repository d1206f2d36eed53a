/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The walk descends into everything that can hold functions. libdw's dwarf_getscopes does not enter
 * what has no address of its own, and Rust keeps every function in a namespace. */
#include "symbol/dwarf/tree.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "symbol/dwarf/function.h"
#include "symbol/dwarf/ranges.h"

#define DEPTH_LIMIT  4096
#define RANGES_SLACK 65536
#define SHARED_BIT   ((guint64)1 << 63)

/* What an entry's children need to know. */
typedef struct {
    guint32 node;       /* innermost around them that has code, or RS_DWARF_NONE */
    guint32 depth;      /* of inlining */
    guint32 scope;      /* innermost around them */
    gboolean has_scope; /* scope ends with them */
} Level;

typedef struct {
    guint64 lo, hi;
    guint32 depth, node;
} Interval;

typedef struct {
    RsDwarfUnit *unit;
    const RsDwarfAbbreviations *abbreviations;
    RsByteCursor cursor;
    GArray *nodes, *functions, *intervals, *scopes, *levels, *ranges;
    GHashTable *by_entry; /* entry -> index of function + 1 */
    guint64 n_ranges_left;
} Walk;

/* --- entries --- */

/* The values of a function's entry that say where it is. */
typedef struct {
    RsDwarfPcs pcs;
    RsDwarfValue origin, call_file, call_line;
} Place;

static void read_place(Walk *walk, const RsDwarfAbbreviation *entry, Place *place)
{
    const RsDwarfAttribute *attributes =
        &g_array_index(walk->abbreviations->attributes, RsDwarfAttribute, entry->first_attribute);

    for (guint i = 0; i < entry->n_attributes; i++) {
        RsDwarfValue unused, *value = &unused;

        switch (attributes[i].name) {
        case DW_AT_low_pc:
            value = &place->pcs.low_pc;
            break;
        case DW_AT_high_pc:
            value = &place->pcs.high_pc;
            break;
        case DW_AT_ranges:
            value = &place->pcs.ranges;
            break;
        case DW_AT_abstract_origin:
            value = &place->origin;
            break;
        case DW_AT_call_file:
            value = &place->call_file;
            break;
        case DW_AT_call_line:
            value = &place->call_line;
            break;
        default:
            if (attributes[i].n_bytes >= 0) {
                rs_cursor_skip(&walk->cursor, (guint64)attributes[i].n_bytes);
                continue;
            }
        }
        rs_dwarf_value_read(walk->unit, &walk->cursor, &attributes[i], value);
    }
}

/* The function that a node at offset is of: that of its abstract entry, so that all the places
 * where it was inlined count as one. */
static guint32 function_of(Walk *walk, guint64 offset, const RsDwarfValue *origin)
{
    gboolean is_shared = FALSE;
    guint64 entry, key;
    RsDwarfFunction function = {.first_node = RS_DWARF_NONE, .last_node = RS_DWARF_NONE};
    gsize index;

    if (!rs_dwarf_value_reference(walk->unit, origin, &entry, &is_shared)) {
        entry = offset;
        is_shared = FALSE;
    }
    key = entry | (is_shared ? SHARED_BIT : 0);
    index = GPOINTER_TO_SIZE(g_hash_table_lookup(walk->by_entry, GSIZE_TO_POINTER(key)));
    if (index)
        return (guint32)index - 1;
    function.entry = entry;
    function.is_shared = is_shared;
    g_array_append_val(walk->functions, function);
    g_hash_table_insert(walk->by_entry, GSIZE_TO_POINTER(key),
                        GSIZE_TO_POINTER((gsize)walk->functions->len));
    return walk->functions->len - 1;
}

static guint32 small(const RsDwarfValue *value)
{
    return value->form == 0 || value->number > G_MAXUINT32 ? 0 : (guint32)value->number;
}

/* A node of what was read at offset, if it has code. */
static void add_node(Walk *walk, guint64 offset, gboolean is_inlined, const Place *place,
                     Level *level)
{
    guint32 index = walk->nodes->len;
    RsDwarfNode node = {.next = RS_DWARF_NONE,
                        .parent = is_inlined ? level->node : RS_DWARF_NONE,
                        .call_file = small(&place->call_file),
                        .call_line = small(&place->call_line)};
    RsDwarfFunction *function;

    /* code inlined into a function that has none is that of a function's abstract entry */
    if (is_inlined && level->node == RS_DWARF_NONE)
        return;
    g_array_set_size(walk->ranges, 0);
    rs_dwarf_ranges_add(walk->unit, &place->pcs, walk->ranges, &walk->n_ranges_left);
    if (walk->ranges->len == 0) {
        if (!is_inlined)
            level->node = RS_DWARF_NONE;
        return;
    }
    node.function = function_of(walk, offset, &place->origin);
    function = &g_array_index(walk->functions, RsDwarfFunction, node.function);
    if (function->last_node == RS_DWARF_NONE)
        function->first_node = index;
    else
        g_array_index(walk->nodes, RsDwarfNode, function->last_node).next = index;
    function->last_node = index;
    g_array_append_val(walk->nodes, node);
    level->node = index;
    level->depth++;
    for (guint i = 0; i < walk->ranges->len; i++) {
        const RsDwarfRange *range = &g_array_index(walk->ranges, RsDwarfRange, i);
        Interval interval = {range->lo, range->hi, level->depth, index};

        g_array_append_val(walk->intervals, interval);
    }
}

static void open_scope(Walk *walk, guint64 offset, Level *level)
{
    RsDwarfScope scope = {.begin = (guint32)(offset - walk->unit->offset),
                          .end = G_MAXUINT32,
                          .parent = level->scope};

    level->scope = walk->scopes->len;
    level->has_scope = TRUE;
    g_array_append_val(walk->scopes, scope);
}

/* Where DW_AT_sibling says that the next entry on the same level is; passes over all values. NULL:
 * it does not say, or nothing that lies behind the entry. */
static const guint8 *read_sibling(Walk *walk, const RsDwarfAbbreviation *entry)
{
    const RsDwarfAttribute *attributes =
        &g_array_index(walk->abbreviations->attributes, RsDwarfAttribute, entry->first_attribute);
    const guint8 *info = walk->unit->sections[RS_DWARF_INFO].bytes, *sibling = NULL;

    for (guint i = 0; i < entry->n_attributes; i++) {
        RsDwarfValue value = {0};
        guint64 offset;
        gboolean is_shared;

        rs_dwarf_value_read(walk->unit, &walk->cursor, &attributes[i], &value);
        if (attributes[i].name == DW_AT_sibling &&
            rs_dwarf_value_reference(walk->unit, &value, &offset, &is_shared) && !is_shared &&
            offset < walk->unit->end)
            sibling = info + offset;
    }
    return sibling && sibling > walk->cursor.at ? sibling : NULL;
}

/* Reads the values of the entry at offset. FALSE: its children are passed over already. */
static gboolean visit(Walk *walk, const RsDwarfAbbreviation *entry, guint64 offset, Level *level)
{
    const RsDwarfAttribute *attributes =
        &g_array_index(walk->abbreviations->attributes, RsDwarfAttribute, entry->first_attribute);
    Place place = {0};
    const guint8 *sibling;

    switch (entry->tag) {
    case DW_TAG_subprogram:
    case DW_TAG_inlined_subroutine:
        read_place(walk, entry, &place);
        if (!walk->cursor.failed)
            add_node(walk, offset, entry->tag == DW_TAG_inlined_subroutine, &place, level);
        return TRUE;
    case DW_TAG_namespace:
    case DW_TAG_module:
    case DW_TAG_class_type:
    case DW_TAG_structure_type:
    case DW_TAG_union_type:
    case DW_TAG_enumeration_type:
    case DW_TAG_interface_type:
        if (entry->has_children)
            open_scope(walk, offset, level);
        break;
    case DW_TAG_compile_unit:
    case DW_TAG_partial_unit:
    case DW_TAG_lexical_block:
    case DW_TAG_try_block:
    case DW_TAG_catch_block:
    case DW_TAG_with_stmt:
        break;
    default: /* has no functions inside */
        if (!entry->has_children)
            break;
        sibling = read_sibling(walk, entry);
        if (sibling)
            walk->cursor.at = sibling;
        return !sibling;
    }
    rs_dwarf_values_skip(walk->unit, &walk->cursor, entry, attributes);
    return TRUE;
}

static void close_level(Walk *walk, guint64 offset)
{
    const Level *level = &g_array_index(walk->levels, Level, walk->levels->len - 1);

    if (level->has_scope)
        g_array_index(walk->scopes, RsDwarfScope, level->scope).end =
            (guint32)(offset - walk->unit->offset);
    g_array_set_size(walk->levels, walk->levels->len - 1);
}

static void walk_entries(Walk *walk)
{
    const guint8 *info = walk->unit->sections[RS_DWARF_INFO].bytes;
    const Level outermost = {.node = RS_DWARF_NONE, .scope = RS_DWARF_NONE};

    while (rs_cursor_left(&walk->cursor) > 0 && walk->levels->len < DEPTH_LIMIT) {
        guint64 offset = (guint64)(walk->cursor.at - info), code = rs_cursor_uleb(&walk->cursor);
        const RsDwarfAbbreviation *entry;
        Level level;

        if (code == 0) {
            if (walk->levels->len <= 1)
                return;
            close_level(walk, offset);
            continue;
        }
        entry = rs_dwarf_abbreviation(walk->abbreviations, code);
        if (!entry)
            return;
        level = walk->levels->len ? g_array_index(walk->levels, Level, walk->levels->len - 1)
                                  : outermost;
        level.has_scope = FALSE;
        if (visit(walk, entry, offset, &level) && entry->has_children)
            g_array_append_val(walk->levels, level);
        if (walk->cursor.failed || walk->levels->len == 0)
            return;
    }
}

/* --- segments --- */

static int by_begin(const void *a, const void *b)
{
    const Interval *left = a, *right = b;

    if (left->lo != right->lo)
        return left->lo < right->lo ? -1 : 1;
    if (left->depth != right->depth)
        return left->depth < right->depth ? -1 : 1;
    return left->node < right->node ? -1 : left->node > right->node;
}

static void cut(RsDwarfTree *tree, guint64 at, guint32 node)
{
    if (tree->n_segments > 0 && tree->begins[tree->n_segments - 1] == at)
        tree->n_segments--;
    else if (tree->n_segments > 0 && tree->segment_nodes[tree->n_segments - 1] == node)
        return;
    tree->begins[tree->n_segments] = at;
    tree->segment_nodes[tree->n_segments++] = node;
}

/* Ends what ends at or before limit; open holds the indices of intervals, the innermost last. */
static void close_until(RsDwarfTree *tree, GArray *open, const Interval *intervals, guint64 limit)
{
    while (open->len > 0) {
        guint64 at = intervals[g_array_index(open, guint32, open->len - 1)].hi;

        if (at > limit)
            return;
        while (open->len > 0 && intervals[g_array_index(open, guint32, open->len - 1)].hi <= at)
            g_array_set_size(open, open->len - 1);
        cut(tree, at,
            open->len ? intervals[g_array_index(open, guint32, open->len - 1)].node
                      : RS_DWARF_NONE);
    }
}

/* Intervals nest where a compiler is right. Where they cross, the one that begins later counts. */
static void flatten(RsDwarfTree *tree, GArray *intervals)
{
    const Interval *interval = (const Interval *)(gpointer)intervals->data;
    g_autoptr(GArray) open = g_array_new(FALSE, FALSE, sizeof(guint32));

    if (intervals->len > 1)
        qsort(intervals->data, intervals->len, sizeof(Interval), by_begin);
    tree->begins = g_new(guint64, 2 * (gsize)intervals->len + 1);
    tree->segment_nodes = g_new(guint32, 2 * (gsize)intervals->len + 1);
    for (guint32 i = 0; i < intervals->len; i++) {
        close_until(tree, open, interval, interval[i].lo);
        cut(tree, interval[i].lo, interval[i].node);
        g_array_append_val(open, i);
    }
    close_until(tree, open, interval, G_MAXUINT64);
}

static void fill_buckets(RsDwarfTree *tree)
{
    guint64 span, first = tree->n_segments ? tree->begins[0] : 0;
    guint32 segment = 0;

    if (tree->n_segments == 0)
        return;
    span = tree->begins[tree->n_segments - 1] - first; /* nothing is in the last segment */
    while (span >> tree->bucket_shift > tree->n_segments)
        tree->bucket_shift++;
    tree->n_buckets = (guint32)(span >> tree->bucket_shift) + 1;
    tree->buckets = g_new(guint32, (gsize)tree->n_buckets + 1);
    for (guint32 i = 0; i < tree->n_buckets; i++) {
        while (segment + 1 < tree->n_segments &&
               tree->begins[segment + 1] <= first + ((guint64)i << tree->bucket_shift))
            segment++;
        tree->buckets[i] = segment;
    }
    tree->buckets[tree->n_buckets] = tree->n_segments - 1;
}

/* Lists the segments of every node: those of node i begin at nodes[i].first_segment. */
static void list_own_segments(RsDwarfTree *tree)
{
    guint32 at = 0;

    for (guint32 i = 0; i < tree->n_segments; i++)
        if (tree->segment_nodes[i] != RS_DWARF_NONE)
            tree->nodes[tree->segment_nodes[i]].first_segment++;
    for (guint32 i = 0; i <= tree->n_nodes; i++) { /* counts become ends */
        at += tree->nodes[i].first_segment;
        tree->nodes[i].first_segment = at;
    }
    tree->own_segments = g_new(guint32, MAX(at, 1));
    for (guint32 i = tree->n_segments; i-- > 0;) /* and, filled from behind, begins */
        if (tree->segment_nodes[i] != RS_DWARF_NONE)
            tree->own_segments[--tree->nodes[tree->segment_nodes[i]].first_segment] = i;
}

/* --- the whole --- */

static RsDwarfTree *build(RsDwarfUnit *unit)
{
    RsDwarfTree *tree = g_new0(RsDwarfTree, 1);
    const RsDwarfNode end_node = {0};
    Walk walk = {
        .unit = unit,
        .abbreviations = rs_dwarf_abbreviations_of(unit),
        .cursor = rs_dwarf_cursor(unit->sections[RS_DWARF_INFO], unit->entries),
        .nodes = g_array_new(FALSE, FALSE, sizeof(RsDwarfNode)),
        .functions = g_array_new(FALSE, FALSE, sizeof(RsDwarfFunction)),
        .intervals = g_array_new(FALSE, FALSE, sizeof(Interval)),
        .scopes = g_array_new(FALSE, FALSE, sizeof(RsDwarfScope)),
        .levels = g_array_new(FALSE, FALSE, sizeof(Level)),
        .ranges = g_array_new(FALSE, FALSE, sizeof(RsDwarfRange)),
        .by_entry = g_hash_table_new(NULL, NULL),
        .n_ranges_left = RANGES_SLACK + (unit->end - unit->offset) / 4,
    };

    walk.cursor.end = unit->sections[RS_DWARF_INFO].bytes + unit->end;
    if (walk.abbreviations &&
        rs_dwarf_file_spend(unit->file, RS_DWARF_INFO, unit->end - unit->offset))
        walk_entries(&walk);
    flatten(tree, walk.intervals);
    tree->n_nodes = walk.nodes->len;
    g_array_append_val(walk.nodes, end_node);
    tree->nodes = (RsDwarfNode *)(gpointer)g_array_free(walk.nodes, FALSE);
    tree->n_functions = walk.functions->len;
    tree->functions = (RsDwarfFunction *)(gpointer)g_array_free(walk.functions, FALSE);
    tree->n_scopes = walk.scopes->len;
    tree->scopes = (RsDwarfScope *)(gpointer)g_array_free(walk.scopes, FALSE);
    list_own_segments(tree);
    fill_buckets(tree);
    tree->chains = g_malloc0(sizeof(*tree->chains) * MAX(tree->n_segments, 1));
    g_array_unref(walk.intervals);
    g_array_unref(walk.levels);
    g_array_unref(walk.ranges);
    g_hash_table_unref(walk.by_entry);
    return tree;
}

RsDwarfTree *rs_dwarf_tree_of(RsDwarfUnit *unit)
{
    RsDwarfTree *tree = atomic_load_explicit(&unit->tree, memory_order_acquire);

    if (!tree) {
        tree = build(unit);
        atomic_store_explicit(&unit->tree, tree, memory_order_release);
    }
    return tree;
}

void rs_dwarf_tree_free(RsDwarfTree *tree)
{
    if (!tree)
        return;
    for (guint32 i = 0; i < tree->n_functions; i++)
        g_free(tree->functions[i].text);
    for (guint32 i = 0; i < tree->n_segments; i++)
        g_free(tree->chains[i]);
    g_free(tree->chains);
    g_free(tree->nodes);
    g_free(tree->functions);
    g_free(tree->begins);
    g_free(tree->segment_nodes);
    g_free(tree->own_segments);
    g_free(tree->scopes);
    g_free(tree->buckets);
    g_free(tree);
}

/* --- questions --- */

guint32 rs_dwarf_tree_find(const RsDwarfTree *tree, guint64 address)
{
    guint32 begin, end;
    guint64 bucket;

    if (tree->n_segments == 0 || address < tree->begins[0])
        return RS_DWARF_NONE;
    bucket = (address - tree->begins[0]) >> tree->bucket_shift;
    if (bucket >= tree->n_buckets)
        return RS_DWARF_NONE;
    begin = tree->buckets[bucket];
    end = tree->buckets[bucket + 1];
    while (begin < end) { /* the last that begins at or before address */
        guint32 middle = end - (end - begin) / 2;

        if (tree->begins[middle] <= address)
            begin = middle;
        else
            end = middle - 1;
    }
    return tree->segment_nodes[begin] == RS_DWARF_NONE ? RS_DWARF_NONE : begin;
}

guint32 rs_dwarf_tree_scope(const RsDwarfTree *tree, guint32 entry)
{
    guint32 begin = 0, end = tree->n_scopes, scope;

    while (begin < end) { /* the first scope that begins at or behind entry */
        guint32 middle = begin + (end - begin) / 2;

        if (tree->scopes[middle].begin < entry)
            begin = middle + 1;
        else
            end = middle;
    }
    scope = begin > 0 ? begin - 1 : RS_DWARF_NONE;
    while (scope != RS_DWARF_NONE && tree->scopes[scope].end <= entry)
        scope = tree->scopes[scope].parent;
    return scope;
}
