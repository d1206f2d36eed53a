/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines are read through a buffer of fixed size, names go into one block of text. Then what the
 * lines say is flattened into pieces of the address space that do not overlap, so that looking up
 * is a search by halves.
 *
 * A JIT compiler writes a line when it has made code, and none when it frees it: of two lines for
 * one address the later one is right. Flattening sweeps over the starts and keeps those entries
 * that are open in a heap with the latest line on top; each step begins or ends an entry, so that
 * there are at most twice as many pieces as entries.
 *
 * Sources: Linux, tools/perf/Documentation/jit-interface.txt; kallsyms: proc(5), with nm(1) for the
 * letters of types. */
#include "symbol/address_map.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_LIMIT_BYTES     ((guint64)1 << 30)
#define TEXT_LIMIT_BYTES     ((gsize)512 << 20) /* of all names */
#define ENTRIES_LIMIT        (8u << 20)
#define LINE_LIMIT_BYTES     4096 /* what is longer is cut */
#define FUNCTION_LIMIT_BYTES ((guint64)256 << 20)
#define UNSIZED_LIMIT_BYTES  4096 /* of a line that tells no size */
#define KERNEL_LIMIT_BYTES   ((guint64)1 << 20)

typedef struct {
    guint64 start, end;
    guint32 name; /* offset in the text */
    guint32 line; /* the later one counts */
} Entry;

typedef struct {
    guint64 start, end;
    guint32 entry;
} Piece;

struct RsAddressMap {
    GArray *entries; /* Entry */
    GArray *pieces;  /* Piece, by start */
    GString *text;   /* names, each with its NUL */
};

/* --- lines --- */

typedef void (*TakeLine)(RsAddressMap *map, char *line, gsize n_bytes, gpointer data);

/* FALSE: enough was read. */
static gboolean take_lines(RsAddressMap *map, char *buffer, gsize *n_held, gboolean is_last,
                           TakeLine take, gpointer data)
{
    char *at = buffer, *end = buffer + *n_held, *newline;

    while ((newline = memchr(at, '\n', (gsize)(end - at))) || (is_last && at < end)) {
        char *line_end = newline ? newline : end;
        gsize n_bytes = MIN((gsize)(line_end - at), LINE_LIMIT_BYTES);

        if (n_bytes && at[n_bytes - 1] == '\r')
            n_bytes--;
        if (map->entries->len >= ENTRIES_LIMIT || map->text->len >= TEXT_LIMIT_BYTES)
            return FALSE;
        at[n_bytes] = '\0'; /* the buffer has one more */
        take(map, at, n_bytes, data);
        at = newline ? newline + 1 : end;
    }
    *n_held = (gsize)(end - at);
    memmove(buffer, at, *n_held);
    return TRUE;
}

/* What is held of a line that is too long: its first bytes; the rest is passed over. */
static gsize cut(gsize n_held)
{
    return MIN(n_held, LINE_LIMIT_BYTES + 1); /* so that it is still seen to be too long */
}

static gboolean read_lines(RsAddressMap *map, const char *path, int fd, TakeLine take,
                           gpointer data, GError **error)
{
    gsize n_buffer_bytes = 16 * LINE_LIMIT_BYTES, n_held = 0;
    g_autofree char *buffer = g_malloc(n_buffer_bytes + 1);
    guint64 n_read = 0;
    ssize_t n;

    do {
        n = TEMP_FAILURE_RETRY(read(fd, buffer + n_held, n_buffer_bytes - n_held));
        if (n < 0) {
            int saved = errno;

            g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(saved), "%s: %s", path,
                        g_strerror(saved));
            return FALSE;
        }
        n_read += (guint64)n;
        n_held += (gsize)n;
        if (!take_lines(map, buffer, &n_held, n == 0, take, data))
            break;
        if (n_held > LINE_LIMIT_BYTES)
            n_held = cut(n_held);
    } while (n > 0 && n_read < FILE_LIMIT_BYTES);
    return TRUE;
}

/* Not a pipe, at which we would wait, and nothing that someone else put a link to. */
static int open_regular(const char *path, int flags, GError **error)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | flags), saved = errno;

    if (fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
        return fd;
    if (fd >= 0) {
        close(fd);
        saved = EINVAL;
    }
    g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(saved), "%s: %s", path,
                saved == EINVAL ? "not a regular file" : g_strerror(saved));
    return -1;
}

/* A hexadecimal number and the blanks behind it. FALSE: there is none, or it has over 64 bits. */
static gboolean take_hex(char **at, guint64 *value)
{
    const char *begin;
    gint digit;

    if ((*at)[0] == '0' && ((*at)[1] == 'x' || (*at)[1] == 'X'))
        *at += 2;
    begin = *at;
    for (*value = 0; (digit = g_ascii_xdigit_value(**at)) >= 0; ++*at) {
        if (*value >> 60)
            return FALSE;
        *value = *value << 4 | (guint64)digit;
    }
    if (*at == begin || (**at != ' ' && **at != '\t'))
        return FALSE;
    while (**at == ' ' || **at == '\t')
        ++*at;
    return TRUE;
}

static void add_entry(RsAddressMap *map, guint64 start, guint64 n_bytes, const char *name)
{
    Entry entry = {start, start + n_bytes, (guint32)map->text->len, map->entries->len};
    g_autofree char *valid = NULL;

    if (!g_utf8_validate(name, -1, NULL))
        name = valid = g_utf8_make_valid(name, -1);
    g_string_append_len(map->text, name, (gssize)strlen(name) + 1);
    g_array_append_val(map->entries, entry);
}

/* --- order --- */

static gint by_start(gconstpointer a, gconstpointer b)
{
    const Entry *one = a, *other = b;

    if (one->start != other->start)
        return one->start < other->start ? -1 : 1;
    return one->line < other->line ? -1 : one->line > other->line;
}

/* Gives entries that tell no size theirs: up to the next start, but not more than limit. */
static void end_at_next(GArray *entries, guint64 limit_bytes)
{
    guint64 next = G_MAXUINT64, current = G_MAXUINT64;

    for (guint i = entries->len; i > 0; i--) {
        Entry *entry = &g_array_index(entries, Entry, i - 1);

        if (entry->start != current) {
            next = current;
            current = entry->start;
        }
        if (entry->end == entry->start)
            entry->end = entry->start + MIN(limit_bytes, next - entry->start);
    }
}

/* Heap of indices of entries, latest line on top. */
typedef struct {
    const Entry *entries;
    GArray *heap; /* guint32 */
} Open;

static gboolean is_later(const Open *open, guint a, guint b)
{
    return open->entries[g_array_index(open->heap, guint32, a)].line >
           open->entries[g_array_index(open->heap, guint32, b)].line;
}

static void swap(Open *open, guint a, guint b)
{
    guint32 *items = (guint32 *)(void *)open->heap->data, item = items[a];

    items[a] = items[b];
    items[b] = item;
}

static void open_push(Open *open, guint32 entry)
{
    g_array_append_val(open->heap, entry);
    for (guint i = open->heap->len - 1; i > 0 && is_later(open, i, (i - 1) / 2); i = (i - 1) / 2)
        swap(open, i, (i - 1) / 2);
}

static void open_pop(Open *open)
{
    guint n = open->heap->len - 1;

    swap(open, 0, n);
    g_array_set_size(open->heap, n);
    for (guint i = 0, child; (child = 2 * i + 1) < n; i = child) {
        if (child + 1 < n && is_later(open, child + 1, child))
            child++;
        if (!is_later(open, child, i))
            break;
        swap(open, child, i);
    }
}

static void add_piece(GArray *pieces, guint64 start, guint64 end, guint32 entry)
{
    Piece piece = {start, end, entry}, *last;

    last = pieces->len ? &g_array_index(pieces, Piece, pieces->len - 1) : NULL;
    if (last && last->entry == entry && last->end == start)
        last->end = end;
    else
        g_array_append_val(pieces, piece);
}

/* Entries sorted by start become pieces. */
static void flatten(RsAddressMap *map)
{
    const Entry *entries = (const Entry *)(void *)map->entries->data;
    g_autoptr(GArray) heap = g_array_new(FALSE, FALSE, sizeof(guint32));
    Open open = {entries, heap};
    guint64 at = 0;
    guint n = map->entries->len, i = 0;

    while (i < n || heap->len) {
        guint32 top;
        guint64 end;

        if (!heap->len)
            at = entries[i].start;
        while (i < n && entries[i].start <= at)
            open_push(&open, i++);
        while (heap->len && entries[g_array_index(heap, guint32, 0)].end <= at)
            open_pop(&open);
        if (!heap->len)
            continue;
        top = g_array_index(heap, guint32, 0);
        end = i < n ? MIN(entries[top].end, entries[i].start) : entries[top].end;
        add_piece(map->pieces, at, end, top);
        at = end;
    }
}

static RsAddressMap *map_new(void)
{
    RsAddressMap *map = g_new0(RsAddressMap, 1);

    map->entries = g_array_new(FALSE, FALSE, sizeof(Entry));
    map->pieces = g_array_new(FALSE, FALSE, sizeof(Piece));
    map->text = g_string_new(NULL);
    return map;
}

void rs_address_map_free(RsAddressMap *map)
{
    if (!map)
        return;
    g_array_unref(map->entries);
    g_array_unref(map->pieces);
    g_string_free(map->text, TRUE);
    g_free(map);
}

/* --- perf-PID.map --- */

/* "START SIZE NAME", or "START NAME". */
static void take_perf_line(RsAddressMap *map, char *line, gsize n_bytes, gpointer data)
{
    guint64 start, size = 0;
    char *at = g_strstrip(line), *name;

    if (!take_hex(&at, &start))
        return;
    name = at;
    if (!take_hex(&at, &size) || !*at) {
        size = 0;
        at = name;
        if (strspn(name, "0123456789abcdefABCDEFxX") == strlen(name))
            return; /* a size that has no name */
    }
    if (!*at || size > FUNCTION_LIMIT_BYTES || start > G_MAXUINT64 - FUNCTION_LIMIT_BYTES)
        return;
    add_entry(map, start, size, at);
}

RsAddressMap *rs_address_map_read_perf(const char *path, GError **error)
{
    g_autoptr(RsAddressMap) map = map_new();
    int fd = open_regular(path, O_NOFOLLOW, error);
    gboolean is_read;

    if (fd < 0)
        return NULL;
    is_read = read_lines(map, path, fd, take_perf_line, NULL, error);
    close(fd);
    if (!is_read)
        return NULL;
    if (!map->entries->len) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                    "%s: no line has an address, a size and a name", path);
        return NULL;
    }
    g_array_sort(map->entries, by_start);
    end_at_next(map->entries, UNSIZED_LIMIT_BYTES);
    flatten(map);
    return g_steal_pointer(&map);
}

/* --- kallsyms --- */

typedef struct {
    gboolean has_address; /* that is not 0 */
    gboolean has_line;
} Kernel;

/* Names of places where code ends. */
static gboolean is_end_mark(const char *name)
{
    static const char *const marks[] = {"_etext", "_einittext",       "__init_end",
                                        "_end",   "__entry_text_end", "__irqentry_text_end",
                                        "__etext"};

    for (guint i = 0; i < G_N_ELEMENTS(marks); i++)
        if (g_str_equal(name, marks[i]))
            return TRUE;
    return FALSE;
}

/* Of names for one address: functions before marks, which begin with _, and global ones first. The
 * later line counts, so that the rank goes in front of its number. */
static guint32 rank_of(char type, const char *name)
{
    return (*name != '_' ? 2 : 0) + (g_ascii_isupper(type) ? 1 : 0);
}

/* "ADDRESS TYPE NAME", and "\t[MODULE]" behind it. Data are kept, without a name, for where they
 * begin; per-CPU data begin at 0 and are passed over. */
static void take_kernel_line(RsAddressMap *map, char *line, gsize n_bytes, gpointer data)
{
    Kernel *kernel = data;
    guint64 address;
    char *at = line, *name, *tab, type;

    if (!take_hex(&at, &address) || !*at || at[1] != ' ' || !at[2])
        return;
    kernel->has_line = TRUE;
    kernel->has_address |= address != 0;
    if (address >> 63 == 0)
        return;
    type = *at;
    name = at + 2;
    tab = strchr(name, '\t');
    if (tab)
        *tab = ' ';
    if (!strchr("tTwW", type) || is_end_mark(name))
        name = (char *)(guintptr) "";
    add_entry(map, address, 0, name);
    g_array_index(map->entries, Entry, map->entries->len - 1).line |=
        (*name ? 1 + rank_of(type, name) : 0) << 28;
}

RsAddressMap *rs_address_map_read_kallsyms(const char *path, GError **error)
{
    g_autoptr(RsAddressMap) map = map_new();
    Kernel kernel = {FALSE, FALSE};
    int fd = open_regular(path, 0, error);
    gboolean is_read;

    if (fd < 0)
        return NULL;
    is_read = read_lines(map, path, fd, take_kernel_line, &kernel, error);
    close(fd);
    if (!is_read || !kernel.has_address)
        return NULL;
    g_array_sort(map->entries, by_start);
    end_at_next(map->entries, KERNEL_LIMIT_BYTES);
    flatten(map);
    return g_steal_pointer(&map);
}

/* --- questions --- */

const char *rs_address_map_find(const RsAddressMap *map, guint64 address, guint64 *start)
{
    const Piece *pieces = (const Piece *)(void *)map->pieces->data;
    const Entry *entry;
    const char *name;
    guint low = 0, high = map->pieces->len;

    while (low < high) {
        guint middle = low + (high - low) / 2;

        if (pieces[middle].start <= address)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0 || address >= pieces[low - 1].end)
        return NULL;
    entry = &g_array_index(map->entries, Entry, pieces[low - 1].entry);
    name = map->text->str + entry->name;
    if (!*name)
        return NULL;
    *start = entry->start;
    return name;
}
