/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capture/locks/place.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture/process/proc_file.h"

#define N_MAX_RANGES 65536
#define N_MAX_KNOWN  4096

typedef struct {
    guint64 start, end;
    const char *path; /* "" for none */
    gboolean is_writable;
} Range;

struct RsLockPlaces {
    int dir_fd;
    gboolean is_read; /* in this look */
    GArray *ranges;   /* Range, by address */
    GStringChunk *paths;
    GHashTable *known; /* address -> place, of paths */
};

RsLockPlaces *rs_lock_places_new(int dir_fd)
{
    RsLockPlaces *places = g_new0(RsLockPlaces, 1);

    places->dir_fd = dir_fd;
    places->ranges = g_array_new(FALSE, FALSE, sizeof(Range));
    places->paths = g_string_chunk_new(4096);
    places->known = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    return places;
}

void rs_lock_places_free(RsLockPlaces *places)
{
    if (!places)
        return;
    g_hash_table_unref(places->known);
    g_array_unref(places->ranges);
    g_string_chunk_free(places->paths);
    g_free(places);
}

static void forget(RsLockPlaces *places)
{
    g_hash_table_remove_all(places->known);
    g_array_set_size(places->ranges, 0);
    g_string_chunk_clear(places->paths);
}

void rs_lock_places_begin(RsLockPlaces *places)
{
    places->is_read = FALSE;
    if (g_hash_table_size(places->known) >= N_MAX_KNOWN)
        forget(places);
}

/* "start-end rwxp offset major:minor inode   path". Source: proc(5). */
static void add_line(RsLockPlaces *places, const char *line, gsize n_bytes)
{
    g_autofree char *text = g_strndup(line, n_bytes);
    unsigned long start, end;
    char permissions[5];
    int path_at = 0;

    if (sscanf(text, "%lx-%lx %4s %*s %*s %*s %n", &start, &end, permissions, &path_at) < 3 ||
        path_at == 0 || places->ranges->len >= N_MAX_RANGES)
        return;
    g_array_append_val(
        places->ranges,
        ((Range){start, end, g_string_chunk_insert_const(places->paths, text + path_at),
                 permissions[1] == 'w'}));
}

void rs_lock_places_parse(RsLockPlaces *places, const char *maps)
{
    places->is_read = TRUE;
    g_array_set_size(places->ranges, 0);
    while (*maps) {
        gsize n_bytes = strcspn(maps, "\n");

        add_line(places, maps, n_bytes);
        maps += n_bytes + (maps[n_bytes] == '\n');
    }
}

static void read_maps(RsLockPlaces *places)
{
    g_autofree char *line = NULL;
    size_t n_line_bytes = 0;
    int fd = rs_proc_open(places->dir_fd, "maps");
    FILE *file = fd >= 0 ? fdopen(fd, "r") : NULL;

    places->is_read = TRUE;
    if (!file) {
        if (fd >= 0)
            close(fd);
        return;
    }
    g_array_set_size(places->ranges, 0);
    for (gssize n_bytes; (n_bytes = getline(&line, &n_line_bytes, file)) > 0;)
        add_line(places, line, (gsize)n_bytes - (line[n_bytes - 1] == '\n'));
    fclose(file);
}

static gboolean holds_any(const Range *range, const guint64 *addresses, guint n)
{
    for (guint i = 0; i < n; i++) {
        if (addresses[i] >= range->start && addresses[i] < range->end)
            return TRUE;
    }
    return FALSE;
}

static const char *place_of(const RsLockPlaces *places, guint i, const guint64 *sps, guint n_sps)
{
    const Range *range = &g_array_index(places->ranges, Range, i);
    const Range *before = i > 0 ? range - 1 : NULL;

    if (g_str_equal(range->path, "[heap]"))
        return "heap";
    if (g_str_has_prefix(range->path, "[stack") || holds_any(range, sps, n_sps))
        return "stack";
    if (range->path[0] && range->path[0] != '[')
        return range->path;
    if (!range->path[0] && before && before->end == range->start && before->is_writable &&
        before->path[0] == '/')
        return before->path;
    return "anonymous";
}

const char *rs_lock_places_find(RsLockPlaces *places, guint64 address, const guint64 *sps,
                                guint n_sps)
{
    const char *place = g_hash_table_lookup(places->known, &address);

    if (place)
        return place;
    if (!places->is_read)
        read_maps(places);
    for (guint i = 0; i < places->ranges->len; i++) {
        const Range *range = &g_array_index(places->ranges, Range, i);

        if (address >= range->start && address < range->end) {
            place = place_of(places, i, sps, n_sps);
            g_hash_table_insert(places->known, g_memdup2(&address, sizeof address),
                                (gpointer)place);
            return place;
        }
    }
    return NULL;
}
