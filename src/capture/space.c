/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capture/space.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ENTRIES_LIMIT      65536 /* of one process; a JIT can map without end */
#define ENDED_LIMIT        1024  /* processes that ended are remembered up to here */
#define LATE_LOAD_EVERY_US (250 * 1000)

struct RsSpace {
    pid_t pid;
    gboolean has_ended;
    GArray *entries; /* RsSpaceEntry, by start, not overlapping */
    guint last_hit;
    guint64 generation;
    gint64 late_load_us; /* when the maps were last read for an unknown address */
    gpointer slow_state;
    GDestroyNotify slow_state_destroy;
};

struct RsSpaces {
    RsModules *modules;
    RsTasks *tasks;
    GHashTable *by_pid; /* RsSpace */
    GQueue *ended;      /* RsSpace of by_pid, in the order of their ends */
};

/* --- one space --- */

static RsSpace *space_new(pid_t pid)
{
    RsSpace *space = g_new0(RsSpace, 1);

    space->pid = pid;
    space->entries = g_array_new(FALSE, TRUE, sizeof(RsSpaceEntry));
    return space;
}

void rs_space_set_slow_state(RsSpace *space, gpointer state, GDestroyNotify destroy)
{
    if (space->slow_state && space->slow_state_destroy)
        space->slow_state_destroy(space->slow_state);
    space->slow_state = state;
    space->slow_state_destroy = destroy;
}

static void space_free(RsSpace *space)
{
    rs_space_set_slow_state(space, NULL, NULL);
    g_array_unref(space->entries);
    g_free(space);
}

static RsSpaceEntry *nth(const RsSpace *space, guint i)
{
    return &g_array_index(space->entries, RsSpaceEntry, i);
}

/* The first entry that ends behind address. */
static guint first_behind(const RsSpace *space, guint64 address)
{
    guint low = 0, high = space->entries->len;

    while (low < high) {
        guint middle = low + (high - low) / 2;

        if (nth(space, middle)->end <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

RsSpaceEntry *rs_space_find(RsSpace *space, guint64 address)
{
    guint i = space->last_hit;

    if (i < space->entries->len &&
        address - nth(space, i)->start < nth(space, i)->end - nth(space, i)->start)
        return nth(space, i);
    i = first_behind(space, address);
    if (i == space->entries->len || address < nth(space, i)->start)
        return NULL;
    space->last_hit = i;
    return nth(space, i);
}

pid_t rs_space_pid(const RsSpace *space)
{
    return space->pid;
}

gboolean rs_space_has_ended(const RsSpace *space)
{
    return space->has_ended;
}

guint64 rs_space_generation(const RsSpace *space)
{
    return space->generation;
}

const RsSpaceEntry *rs_space_entries(const RsSpace *space, guint *n_entries)
{
    *n_entries = space->entries->len;
    return (const RsSpaceEntry *)space->entries->data;
}

gpointer rs_space_slow_state(RsSpace *space)
{
    return space->slow_state;
}

/* What was mapped from start to end is not any more; what sticks out stays. */
static void unmap(RsSpace *space, guint64 start, guint64 end)
{
    guint i = first_behind(space, start);

    while (i < space->entries->len && nth(space, i)->start < end) {
        RsSpaceEntry *entry = nth(space, i), rest = *entry;

        if (entry->start < start && entry->end > end) {
            entry->end = start;
            rest.file_offset += end - rest.start;
            rest.start = end;
            g_array_insert_val(space->entries, i + 1, rest);
            return;
        }
        if (entry->start < start) {
            entry->end = start;
            i++;
        } else if (entry->end > end) {
            entry->file_offset += end - entry->start;
            entry->start = end;
            return;
        } else {
            g_array_remove_index(space->entries, i);
        }
    }
}

/* What is to be taken from an address to get the file's own. The mapping begins at a page boundary
 * at or below the segment's offset, so it need not lie in the segment itself. */
static guint64 bias_of(const RsMapping *mapping, RsModule *module)
{
    const RsElf *elf = rs_module_elf(module);
    const RsElfSegment *segments;
    guint n_segments;

    if (!elf)
        return 0;
    segments = rs_elf_segments(elf, &n_segments);
    for (guint pass = 0; pass < 2; pass++)
        for (guint i = 0; i < n_segments; i++) {
            const RsElfSegment *segment = &segments[i];

            if ((segment->is_executable || pass == 1) &&
                mapping->file_offset < segment->offset + segment->n_file_bytes &&
                segment->offset < mapping->file_offset + (mapping->end - mapping->start))
                return mapping->start - mapping->file_offset + segment->offset - segment->vaddr;
        }
    return mapping->start - mapping->file_offset;
}

static void map(RsSpaces *spaces, RsSpace *space, const RsMapping *mapping)
{
    RsSpaceEntry entry = {
        .start = mapping->start, .end = mapping->end, .file_offset = mapping->file_offset};

    if (mapping->end <= mapping->start)
        return;
    unmap(space, mapping->start, mapping->end);
    if (space->entries->len >= ENTRIES_LIMIT)
        return;
    entry.module = rs_modules_get(spaces->modules, space->pid, mapping);
    entry.bias = bias_of(mapping, entry.module);
    g_array_insert_val(space->entries, first_behind(space, mapping->start), entry);
    space->generation++;
}

/* --- all of them --- */

RsSpaces *rs_spaces_new(RsModules *modules, RsTasks *tasks)
{
    RsSpaces *spaces = g_new0(RsSpaces, 1);

    spaces->modules = modules;
    spaces->tasks = tasks;
    spaces->by_pid = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)space_free);
    spaces->ended = g_queue_new();
    return spaces;
}

void rs_spaces_free(RsSpaces *spaces)
{
    if (!spaces)
        return;
    g_queue_free(spaces->ended);
    g_hash_table_unref(spaces->by_pid);
    g_free(spaces);
}

RsSpace *rs_spaces_find(RsSpaces *spaces, pid_t pid)
{
    return g_hash_table_lookup(spaces->by_pid, GINT_TO_POINTER(pid));
}

static void drop(RsSpaces *spaces, RsSpace *space)
{
    if (space->has_ended)
        g_queue_remove(spaces->ended, space);
    g_hash_table_remove(spaces->by_pid, GINT_TO_POINTER(space->pid));
}

/* The living space of that id; one that ended had it before. */
static RsSpace *living(RsSpaces *spaces, pid_t pid)
{
    RsSpace *space = rs_spaces_find(spaces, pid);

    if (space && space->has_ended) {
        drop(spaces, space);
        space = NULL;
    }
    if (!space) {
        space = space_new(pid);
        g_hash_table_insert(spaces->by_pid, GINT_TO_POINTER(pid), space);
    }
    return space;
}

/* "start-end rwxp offset major:minor inode   path"; FALSE: not of this form, or not executable. */
static gboolean parse_line(char *line, RsMapping *mapping)
{
    char permissions[5];
    unsigned long start, end, offset, inode;
    unsigned int major, minor;
    int n_chars = 0;

    if (sscanf(line, "%lx-%lx %4s %lx %x:%x %lu %n", &start, &end, permissions, &offset, &major,
               &minor, &inode, &n_chars) < 7 ||
        !n_chars || permissions[2] != 'x')
        return FALSE;
    *mapping = (RsMapping){
        .start = start,
        .end = end,
        .file_offset = offset,
        .device_major = major,
        .device_minor = minor,
        .inode = inode,
        .path = line + n_chars,
    };
    return !g_str_equal(mapping->path, "[vsyscall]");
}

/* The executable mappings of a process, as lines of its maps. NULL: it has none, not even others
 * (it is ending), or it ended or executed another program while they were read: what comes in
 * pieces then stops short and looks whole. Memory that is still there at the end was there all the
 * time. */
static GPtrArray *read_lines(pid_t pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/maps", pid);
    g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *line = NULL;
    size_t n_line_bytes = 0;
    FILE *file = fopen(path, "re");
    gboolean is_whole;

    if (!file)
        return NULL;
    while (getline(&line, &n_line_bytes, file) > 0) {
        g_autofree char *copy = g_strdup(g_strchomp(line));
        RsMapping mapping;

        if (parse_line(line, &mapping))
            g_ptr_array_add(lines, g_steal_pointer(&copy));
    }
    rewind(file);
    is_whole = getc(file) != EOF;
    fclose(file);
    return is_whole ? g_steal_pointer(&lines) : NULL;
}

gboolean rs_spaces_load(RsSpaces *spaces, pid_t pid)
{
    g_autoptr(GPtrArray) lines = read_lines(pid);
    RsSpace *space;

    if (!lines)
        return FALSE;
    space = living(spaces, pid);
    g_array_set_size(space->entries, 0);
    space->generation++;
    for (guint i = 0; i < lines->len; i++) {
        RsMapping mapping;

        if (parse_line(lines->pdata[i], &mapping))
            map(spaces, space, &mapping);
    }
    return TRUE;
}

void rs_spaces_map(RsSpaces *spaces, pid_t pid, const RsMapping *mapping)
{
    map(spaces, living(spaces, pid), mapping);
}

void rs_spaces_exec(RsSpaces *spaces, pid_t pid)
{
    RsSpace *space = living(spaces, pid);

    g_array_set_size(space->entries, 0);
    space->generation++;
}

void rs_spaces_fork(RsSpaces *spaces, pid_t parent, pid_t child)
{
    RsSpace *from = rs_spaces_find(spaces, parent), *space;

    if (parent == child)
        return;
    space = living(spaces, child);
    g_array_set_size(space->entries, 0);
    if (from)
        g_array_append_vals(space->entries, from->entries->data, from->entries->len);
    space->generation++;
}

void rs_spaces_exit(RsSpaces *spaces, pid_t pid)
{
    RsSpace *space = rs_spaces_find(spaces, pid);

    if (!space || space->has_ended)
        return;
    space->has_ended = TRUE;
    g_queue_push_tail(spaces->ended, space);
    if (g_queue_get_length(spaces->ended) > ENDED_LIMIT)
        drop(spaces, g_queue_peek_head(spaces->ended));
}

RsSpaceEntry *rs_spaces_find_late(RsSpaces *spaces, RsSpace *space, guint64 address)
{
    RsSpaceEntry *entry = rs_space_find(space, address);
    gint64 now_us;

    if (entry || space->has_ended)
        return entry;
    now_us = g_get_monotonic_time();
    if (space->late_load_us && now_us - space->late_load_us < LATE_LOAD_EVERY_US)
        return NULL;
    space->late_load_us = now_us;
    return rs_spaces_load(spaces, space->pid) ? rs_space_find(space, address) : NULL;
}
