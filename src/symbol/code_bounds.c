/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All records are walked once, in order, and the functions sorted: for 40,000 of them that is less
 * than the time of naming ten. The table of .eh_frame_hdr names the same records; it is asked when
 * the walk cannot go on, because a record's size is damaged.
 *
 * Functions outside of the executable segments (code that the linker dropped) are passed over. Of
 * several at one address the first counts, .eh_frame's before .debug_frame's; where one begins
 * inside of another, that one ends there. */
#include "symbol/code_bounds.h"

#include "elf/frame_entries.h"
#include "symbol/sections.h"

#define ALIGNMENT_BYTES 16  /* of functions: what lies before is padding */
#define GAP_LIMIT_BYTES 512 /* code of more than that without a word is not one thing */

struct RsCodeBounds {
    GArray *functions; /* RsFrameEntry by start, that do not overlap */
    GArray *sections;  /* Elf64_Shdr, all */
};

/* How many bytes of executable memory there are from vaddr on. */
static guint64 n_code_bytes_at(RsElf *elf, guint64 vaddr)
{
    guint n_segments;
    const RsElfSegment *segments = rs_elf_segments(elf, &n_segments);

    for (guint i = 0; i < n_segments; i++)
        if (segments[i].is_executable && vaddr >= segments[i].vaddr &&
            vaddr - segments[i].vaddr < segments[i].n_memory_bytes)
            return segments[i].n_memory_bytes - (vaddr - segments[i].vaddr);
    return 0;
}

static void take(RsElf *elf, GArray *functions, RsFrameEntry entry)
{
    entry.n_bytes = MIN(entry.n_bytes, n_code_bytes_at(elf, entry.start));
    if (entry.n_bytes)
        g_array_append_val(functions, entry);
}

/* Source: Linux Standard Base 5.0, section 10.6.2 (.eh_frame_hdr). Only the one format of the table
 * that linkers write: pairs of 32 bits, relative to the section. */
static void take_by_table(RsElf *elf, RsFrameEntries *entries, GArray *functions)
{
    RsElfSection section;
    RsByteCursor cursor;
    RsPointerBases bases;
    guint8 frame_encoding, count_encoding;
    guint64 n_left;

    if (!rs_elf_section(elf, ".eh_frame_hdr", &section) || section.n_bytes < 4 ||
        section.bytes[0] != 1 || section.bytes[3] != (DW_EH_PE_datarel | DW_EH_PE_sdata4))
        return;
    frame_encoding = section.bytes[1];
    count_encoding = section.bytes[2];
    cursor = (RsByteCursor){section.bytes + 4, section.bytes + section.n_bytes, FALSE};
    bases = (RsPointerBases){section.bytes, section.vaddr, section.vaddr, 0};
    rs_cursor_pointer(&cursor, frame_encoding, &bases);
    n_left = rs_cursor_pointer(&cursor, count_encoding, &bases);
    for (; n_left && rs_cursor_left(&cursor) >= 8; n_left--) {
        guint64 start = section.vaddr + (guint64)(gint64)(gint32)rs_cursor_u32(&cursor);
        guint64 record = section.vaddr + (guint64)(gint64)(gint32)rs_cursor_u32(&cursor);
        RsFrameEntry entry;

        if (rs_frame_entries_at(entries, record, &entry) && entry.start == start)
            take(elf, functions, entry);
    }
}

static void take_section(RsElf *elf, const char *name, gboolean is_debug_frame, GArray *functions)
{
    RsElfSection section;
    RsFrameEntries entries;
    RsFrameEntry entry;

    if (!rs_elf_section(elf, name, &section))
        return;
    rs_frame_entries_init(&entries, &section, is_debug_frame);
    while (rs_frame_entries_next(&entries, &entry))
        take(elf, functions, entry);
    if (entries.is_cut && !is_debug_frame)
        take_by_table(elf, &entries, functions);
}

static gint by_start(gconstpointer a, gconstpointer b, gpointer data)
{
    const RsFrameEntry *one = a, *other = b;

    return one->start < other->start ? -1 : one->start > other->start;
}

static void make_disjoint(GArray *functions)
{
    RsFrameEntry *entries = (RsFrameEntry *)(void *)functions->data;
    guint n = 0;

    for (guint i = 0; i < functions->len; i++) {
        RsFrameEntry *last = n ? &entries[n - 1] : NULL;

        if (last && last->start == entries[i].start)
            continue;
        if (last)
            last->n_bytes = MIN(last->n_bytes, entries[i].start - last->start);
        entries[n++] = entries[i];
    }
    g_array_set_size(functions, n);
}

RsCodeBounds *rs_code_bounds_new(RsElf *elf)
{
    RsCodeBounds *bounds = g_new0(RsCodeBounds, 1);
    GArray *functions = g_array_new(FALSE, FALSE, sizeof(RsFrameEntry));

    take_section(elf, ".eh_frame", FALSE, functions);
    take_section(elf, ".debug_frame", TRUE, functions);
    g_array_sort_with_data(functions, by_start, NULL); /* stable */
    make_disjoint(functions);
    bounds->functions = functions;
    bounds->sections = rs_sections_read(elf);
    return bounds;
}

void rs_code_bounds_free(RsCodeBounds *bounds)
{
    if (!bounds)
        return;
    g_array_unref(bounds->functions);
    g_array_unref(bounds->sections);
    g_free(bounds);
}

guint rs_code_bounds_n(const RsCodeBounds *bounds)
{
    return bounds->functions->len;
}

void rs_code_bounds_at(const RsCodeBounds *bounds, guint i, guint64 *start, guint64 *n_bytes)
{
    const RsFrameEntry *entry = &g_array_index(bounds->functions, RsFrameEntry, i);

    *start = entry->start;
    *n_bytes = entry->n_bytes;
}

/* How many functions begin at vaddr or before. */
static guint n_up_to(const RsCodeBounds *bounds, guint64 vaddr)
{
    const RsFrameEntry *entries = (const RsFrameEntry *)(void *)bounds->functions->data;
    guint low = 0, high = bounds->functions->len;

    while (low < high) {
        guint middle = low + (high - low) / 2;

        if (entries[middle].start <= vaddr)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

gboolean rs_code_bounds_find(const RsCodeBounds *bounds, guint64 vaddr, guint64 *start,
                             guint64 *n_bytes)
{
    const RsFrameEntry *entries = (const RsFrameEntry *)(void *)bounds->functions->data;
    guint n = n_up_to(bounds, vaddr);

    if (n == 0 || vaddr - entries[n - 1].start >= entries[n - 1].n_bytes)
        return FALSE;
    *start = entries[n - 1].start;
    *n_bytes = entries[n - 1].n_bytes;
    return TRUE;
}

static const Elf64_Shdr *code_section_around(const RsCodeBounds *bounds, guint64 vaddr)
{
    for (guint i = 0; i < bounds->sections->len; i++) {
        const Elf64_Shdr *section = &g_array_index(bounds->sections, Elf64_Shdr, i);

        if ((section->sh_flags & SHF_EXECINSTR) && vaddr >= section->sh_addr &&
            vaddr - section->sh_addr < section->sh_size)
            return section;
    }
    return NULL;
}

gboolean rs_code_bounds_find_gap(const RsCodeBounds *bounds, guint64 vaddr, guint64 *start,
                                 guint64 *n_bytes)
{
    const RsFrameEntry *entries = (const RsFrameEntry *)(void *)bounds->functions->data;
    const Elf64_Shdr *section = code_section_around(bounds, vaddr);
    guint n = n_up_to(bounds, vaddr);
    guint64 from = 0, n_left, n_before;

    if (!section || rs_code_bounds_find(bounds, vaddr, &from, &n_before))
        return FALSE;
    from = section->sh_addr;
    n_left = section->sh_size - (vaddr - from);
    if (n > 0 && entries[n - 1].start + entries[n - 1].n_bytes > from) {
        guint64 padding;

        from = entries[n - 1].start + entries[n - 1].n_bytes;
        padding = -from % ALIGNMENT_BYTES;
        from += vaddr - from >= padding ? padding : 0;
    }
    if (n < bounds->functions->len)
        n_left = MIN(n_left, entries[n].start - vaddr);
    if (vaddr - from > GAP_LIMIT_BYTES || n_left > GAP_LIMIT_BYTES - (vaddr - from))
        return FALSE;
    *start = from;
    *n_bytes = vaddr - from + n_left;
    return TRUE;
}
