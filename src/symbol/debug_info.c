/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Units are found by their ranges, and one by one their entries become segments of code (tree.h),
 * their line programs rows (lines.h), and functions names (function.h), each when it is asked for.
 *
 * Entries are read from their bytes instead of with libdw 0.188, which is not made for several
 * threads and finds nothing in Rust's namespaces by address. Measured on the program of
 * tests/bench/symbols.sh: a walk over all entries with libdw takes 1.4 s of CPU and its line tables
 * 0.6 s, where all that is here takes 0.9 s for 10,000 answers. */
#include "symbol/debug_info.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/mutex.h"
#include "symbol/dwarf/function.h"
#include "symbol/dwarf/lines.h"
#include "symbol/dwarf/ranges.h"
#include "symbol/dwarf/split.h"
#include "symbol/dwarf/unit.h"

#define DEPTH_LIMIT  1024 /* of inlining, at one address */
#define RANGES_SLACK 65536

/* Code of a unit. */
typedef struct {
    guint64 lo, hi;
    RsDwarfUnit *unit;
} UnitRange;

/* All code cut where the unit changes: part i is [begins[i], begins[i + 1]); unit NULL: none's. */
typedef struct {
    guint n;
    guint64 *begins;
    RsDwarfUnit **units;
} UnitIndex;

/* What is said of a segment of a unit's tree. */
typedef struct {
    guint32 n;
    RsDebugFrame frames[];
} Chain;

struct RsDebugInfo {
    RsDwarfFile *file;
    RsDwarfSplit split;
    GArray *ranges;       /* UnitRange */
    GPtrArray *rangeless; /* units that do not tell where their code is; until it was looked up */
    atomic_bool has_rangeless;
    _Atomic(UnitIndex *) index;
    GPtrArray *old_indices; /* that someone may still read */
    GStringChunk *text;
    pthread_mutex_t lock; /* of everything that is built, and of text */
};

/* --- units by address --- */

static int by_begin(const void *a, const void *b)
{
    const UnitRange *left = a, *right = b;

    if (left->lo != right->lo)
        return left->lo < right->lo ? -1 : 1;
    if (left->hi != right->hi) /* the wider one first: the narrower one counts inside it */
        return left->hi > right->hi ? -1 : 1;
    return 0;
}

static void cut(UnitIndex *index, guint64 at, RsDwarfUnit *unit)
{
    if (index->n > 0 && index->begins[index->n - 1] == at)
        index->n--;
    index->begins[index->n] = at;
    index->units[index->n++] = unit;
}

static void close_until(UnitIndex *index, GPtrArray *open, guint64 limit)
{
    while (open->len > 0) {
        const UnitRange *last = g_ptr_array_index(open, open->len - 1);
        guint64 at = last->hi;

        if (at > limit)
            return;
        while (open->len > 0 && (last = g_ptr_array_index(open, open->len - 1))->hi <= at)
            g_ptr_array_set_size(open, (gint)open->len - 1);
        cut(index, at, open->len ? last->unit : NULL);
    }
}

static void index_free(gpointer data)
{
    UnitIndex *index = data;

    if (!index)
        return;
    g_free(index->begins);
    g_free(index->units);
    g_free(index);
}

static UnitIndex *index_units(GArray *ranges)
{
    UnitIndex *index = g_new0(UnitIndex, 1);
    g_autoptr(GPtrArray) open = g_ptr_array_new();

    if (ranges->len > 1)
        qsort(ranges->data, ranges->len, sizeof(UnitRange), by_begin);
    index->begins = g_new(guint64, 2 * (gsize)ranges->len + 1);
    index->units = g_new(RsDwarfUnit *, 2 * (gsize)ranges->len + 1);
    for (guint i = 0; i < ranges->len; i++) {
        UnitRange *range = &g_array_index(ranges, UnitRange, i);

        close_until(index, open, range->lo);
        cut(index, range->lo, range->unit);
        g_ptr_array_add(open, range);
    }
    close_until(index, open, G_MAXUINT64);
    return index;
}

static RsDwarfUnit *find_in(const UnitIndex *index, guint64 vaddr)
{
    guint begin = 0, n = index->n;

    if (n == 0 || vaddr < index->begins[0])
        return NULL;
    while (n > 1) {
        guint half = n / 2;

        begin = index->begins[begin + half] <= vaddr ? begin + half : begin;
        n -= half;
    }
    return index->units[begin];
}

/* Units that do not say where their code is are walked, all at once, when an address is in no
 * other: what no compiler in use writes costs nothing where it is not met. */
static void index_rangeless(RsDebugInfo *info)
{
    for (guint i = 0; i < info->rangeless->len; i++) {
        RsDwarfUnit *unit = g_ptr_array_index(info->rangeless, i);
        const RsDwarfTree *tree = rs_dwarf_tree_of(rs_dwarf_split_unit(&info->split, unit));

        for (guint32 s = 0; s + 1 < tree->n_segments; s++) {
            UnitRange range = {tree->begins[s], tree->begins[s + 1], unit};

            if (tree->segment_nodes[s] != RS_DWARF_NONE)
                g_array_append_val(info->ranges, range);
        }
    }
    g_ptr_array_set_size(info->rangeless, 0);
    g_ptr_array_add(info->old_indices, atomic_load(&info->index));
    atomic_store_explicit(&info->index, index_units(info->ranges), memory_order_release);
    atomic_store_explicit(&info->has_rangeless, FALSE, memory_order_release);
}

static RsDwarfUnit *find_unit(RsDebugInfo *info, guint64 vaddr)
{
    RsDwarfUnit *unit = find_in(atomic_load_explicit(&info->index, memory_order_acquire), vaddr);

    if (unit || !atomic_load_explicit(&info->has_rangeless, memory_order_acquire))
        return unit;
    {
        g_autoptr(RsHeldMutex) held = rs_mutex_hold(&info->lock);

        if (info->rangeless->len > 0)
            index_rangeless(info);
    }
    return find_in(atomic_load_explicit(&info->index, memory_order_acquire), vaddr);
}

/* --- life --- */

static void read_units(RsDebugInfo *info)
{
    g_autoptr(GArray) ranges = g_array_new(FALSE, FALSE, sizeof(RsDwarfRange));
    guint64 n_left = RANGES_SLACK + info->file->sections[RS_DWARF_INFO].n_bytes / 4;

    rs_dwarf_units_read(info->file);
    for (guint i = 0; i < info->file->units->len; i++) {
        RsDwarfUnit *unit = g_ptr_array_index(info->file->units, i);

        if (unit->type == DW_UT_type || unit->type == DW_UT_partial ||
            !rs_dwarf_unit_read_root(unit) || unit->tag == DW_TAG_partial_unit ||
            unit->tag == DW_TAG_type_unit)
            continue;
        g_array_set_size(ranges, 0);
        rs_dwarf_ranges_add(unit, &unit->pcs, ranges, &n_left);
        for (guint r = 0; r < ranges->len; r++) {
            const RsDwarfRange *range = &g_array_index(ranges, RsDwarfRange, r);
            UnitRange entry = {range->lo, range->hi, unit};

            g_array_append_val(info->ranges, entry);
        }
        if (unit->pcs.ranges.form == 0 && unit->pcs.high_pc.form == 0)
            g_ptr_array_add(info->rangeless, unit);
    }
    atomic_store(&info->has_rangeless, info->rangeless->len > 0);
    atomic_store(&info->index, index_units(info->ranges));
}

RsDebugInfo *rs_debug_info_new(RsElf *elf, const char *path, GError **error)
{
    g_autoptr(RsDebugInfo) info = NULL;
    RsDwarfFile *file = rs_dwarf_file_new(elf, FALSE, path, FALSE);

    if (file->sections[RS_DWARF_INFO].n_bytes == 0) {
        rs_dwarf_file_free(file);
        return NULL;
    }
    info = g_new0(RsDebugInfo, 1);
    info->file = file;
    info->ranges = g_array_new(FALSE, FALSE, sizeof(UnitRange));
    info->rangeless = g_ptr_array_new();
    info->old_indices = g_ptr_array_new_with_free_func(index_free);
    info->text = g_string_chunk_new(65536);
    pthread_mutex_init(&info->lock, NULL);
    rs_dwarf_split_init(&info->split, file);
    rs_dwarf_file_open_shared(file);
    read_units(info);
    if (file->units->len == 0) {
        g_set_error(error, RS_ELF_ERROR, RS_ELF_ERROR_DAMAGED,
                    "%s: .debug_info has no unit that can be read", path ? path : "debug info");
        return NULL;
    }
    return g_steal_pointer(&info);
}

void rs_debug_info_free(RsDebugInfo *info)
{
    if (!info)
        return;
    rs_dwarf_split_clear(&info->split);
    rs_dwarf_file_free(info->file);
    g_array_unref(info->ranges);
    g_ptr_array_unref(info->rangeless);
    index_free(atomic_load(&info->index));
    g_ptr_array_unref(info->old_indices);
    g_string_chunk_free(info->text);
    pthread_mutex_destroy(&info->lock);
    g_free(info);
}

/* --- built when first asked for --- */

/* The unit that has the entries, with its tree. */
static RsDwarfUnit *with_tree(RsDebugInfo *info, RsDwarfUnit *home, const RsDwarfTree **tree)
{
    RsDwarfUnit *unit =
        home->dwo_name.form ? atomic_load_explicit(&home->split, memory_order_acquire) : home;

    *tree = unit ? atomic_load_explicit(&unit->tree, memory_order_acquire) : NULL;
    if (!*tree) {
        g_autoptr(RsHeldMutex) held = rs_mutex_hold(&info->lock);

        unit = rs_dwarf_split_unit(&info->split, home);
        *tree = rs_dwarf_tree_of(unit);
    }
    return unit;
}

static const RsDwarfFunctionText *text_of(RsDebugInfo *info, RsDwarfUnit *unit,
                                          RsDwarfFunction *function)
{
    const RsDwarfFunctionText *text = atomic_load_explicit(&function->text, memory_order_acquire);

    if (!text) {
        g_autoptr(RsHeldMutex) held = rs_mutex_hold(&info->lock);

        text = rs_dwarf_function_read(unit, function, info->text);
    }
    return text;
}

static const char *call_path_of(RsDebugInfo *info, RsDwarfUnit *unit, RsDwarfNode *node)
{
    const char *path = atomic_load_explicit(&node->call_path, memory_order_acquire);

    if (!path) {
        g_autoptr(RsHeldMutex) held = rs_mutex_hold(&info->lock);
        RsDwarfLines *lines = rs_dwarf_function_lines(unit);

        if (lines)
            path = rs_dwarf_lines_path(lines, node->call_file, info->text);
        atomic_store_explicit(&node->call_path, path ? path : "", memory_order_release);
    }
    return path && *path ? path : NULL;
}

/* The row of the program's own line table at vaddr. */
static gboolean row_at(RsDebugInfo *info, RsDwarfUnit *unit, guint64 vaddr, const char **file,
                       guint32 *line)
{
    RsDwarfLines *lines = atomic_load_explicit(&unit->lines, memory_order_acquire);
    const RsDwarfRows *rows =
        lines ? atomic_load_explicit(&lines->rows, memory_order_acquire) : NULL;
    const RsDwarfRow *row;

    *file = NULL;
    *line = 0;
    if (!rows && !lines && atomic_load(&unit->lines_are_sought))
        return FALSE;
    if (!rows) {
        g_autoptr(RsHeldMutex) held = rs_mutex_hold(&info->lock);

        lines = rs_dwarf_lines_of(unit);
        if (!lines)
            return FALSE;
        rows = rs_dwarf_lines_rows(lines);
    }
    row = rs_dwarf_rows_find(rows, vaddr);
    if (!row)
        return FALSE;
    *line = row->line;
    if (row->file < lines->files->len)
        *file = atomic_load_explicit(&lines->paths[row->file], memory_order_acquire);
    if (!*file) {
        g_autoptr(RsHeldMutex) held = rs_mutex_hold(&info->lock);

        *file = rs_dwarf_lines_path(lines, row->file, info->text);
    }
    return row->line != 0;
}

/* --- questions --- */

/* Everything of a segment but the place in the innermost function, which differs inside it. */
static Chain *build_chain(RsDebugInfo *info, RsDwarfUnit *unit, const RsDwarfTree *tree,
                          guint32 segment)
{
    guint32 node = tree->segment_nodes[segment], n = 0;
    const char *at_file = NULL;
    guint32 at_line = 0;
    Chain *chain;

    for (guint32 at = node; at != RS_DWARF_NONE && n < DEPTH_LIMIT; at = tree->nodes[at].parent)
        n++;
    chain = g_malloc0(sizeof *chain + n * sizeof chain->frames[0]);
    chain->n = n;
    for (guint32 i = 0; i < n; i++, node = tree->nodes[node].parent) {
        RsDwarfNode *at = &tree->nodes[node];
        const RsDwarfFunctionText *text = text_of(info, unit, &tree->functions[at->function]);

        chain->frames[i] = (RsDebugFrame){.linkage_name = text->linkage_name,
                                          .name = text->name,
                                          .file = text->file,
                                          .line = text->line,
                                          .last_line = text->last_line,
                                          .at_file = at_file,
                                          .at_line = at_line,
                                          .is_inline = at->parent != RS_DWARF_NONE};
        at_line = at->call_line;
        at_file = at->parent != RS_DWARF_NONE ? call_path_of(info, unit, at) : NULL;
    }
    return chain;
}

/* Built when the segment is asked for first; of two threads at once the first one's stays. */
static const Chain *chain_of(RsDebugInfo *info, RsDwarfUnit *unit, const RsDwarfTree *tree,
                             guint32 segment)
{
    gpointer chain = atomic_load_explicit(&tree->chains[segment], memory_order_acquire), built;

    if (chain)
        return chain;
    built = build_chain(info, unit, tree, segment);
    if (atomic_compare_exchange_strong(&tree->chains[segment], &chain, built))
        return built;
    g_free(built);
    return chain;
}

guint rs_debug_info_lookup(RsDebugInfo *info, guint64 vaddr, RsDebugFrame *frames, guint n_max)
{
    RsDwarfUnit *home = find_unit(info, vaddr), *unit;
    const RsDwarfTree *tree;
    const Chain *chain;
    guint32 segment;
    guint n;

    if (!home)
        return 0;
    unit = with_tree(info, home, &tree);
    segment = rs_dwarf_tree_find(tree, vaddr);
    if (segment == RS_DWARF_NONE)
        return 0;
    chain = chain_of(info, unit, tree, segment);
    n = MIN(chain->n, n_max);
    memcpy(frames, chain->frames + (chain->n - n), n * sizeof frames[0]);
    if (n == chain->n)
        row_at(info, home, vaddr, &frames[0].at_file, &frames[0].at_line);
    return n;
}

gboolean rs_debug_info_line(RsDebugInfo *info, guint64 vaddr, const char **file, guint32 *line)
{
    RsDwarfUnit *unit = find_unit(info, vaddr);
    const char *found_file;
    guint32 found_line;

    if (!unit || !row_at(info, unit, vaddr, &found_file, &found_line))
        return FALSE;
    *file = found_file;
    *line = found_line;
    return TRUE;
}
