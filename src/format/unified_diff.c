/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Outside of a hunk a line is a header or is passed over (a commit message, a mode, base85 of a
 * binary file); inside, the counts of the hunk's header say how many lines belong to it. */
#include "format/unified_diff.h"

#include <string.h>

#include "format/codec.h"

#define MAX_PATH_BYTES 4096
#define MAX_LINE       1000000000 /* the last line a file may have */
#define MAX_PARENTS    16         /* of a merge */

/* Lines first..last; a gap, where lines were taken away before first, has last = first - 1. */
typedef struct {
    gint32 first, last;
} Range;

struct RsDiff {
    GHashTable *files; /* path -> GArray of Range, sorted and apart */
};

typedef struct {
    const char *at, *end;
    gsize number; /* of the line at hand, from 1 */
    RsDiff *diff;
    guint n_ranges;
    char *old_path, *renamed_to; /* of the file at hand; NULL */
    gboolean has_header;         /* git's */
    gboolean has_prefix;         /* which says "a/... b/..." */
    gboolean seen_any;           /* a file's header was seen */
    GArray *ranges;              /* of the file at hand; NULL: it has none, or is gone */
} Reader;

void rs_diff_free(RsDiff *diff)
{
    if (!diff)
        return;
    g_hash_table_unref(diff->files);
    g_free(diff);
}

static gboolean fail(const Reader *reader, RsFormatError code, GError **error, const char *what)
{
    g_set_error(error, RS_FORMAT_ERROR, code, "line %" G_GSIZE_FORMAT ": %s", reader->number, what);
    return FALSE;
}

/* The next line without its end, which may be CR LF; FALSE at the end of the text. */
static gboolean next_line(Reader *reader, const char **line, gsize *n_bytes)
{
    const char *newline;

    if (reader->at >= reader->end)
        return FALSE;
    newline = memchr(reader->at, '\n', (gsize)(reader->end - reader->at));
    *line = reader->at;
    *n_bytes = (gsize)((newline ? newline : reader->end) - reader->at);
    reader->at = newline ? newline + 1 : reader->end;
    reader->number++;
    if (*n_bytes > 0 && (*line)[*n_bytes - 1] == '\r')
        (*n_bytes)--;
    return TRUE;
}

static gboolean begins(const char *line, gsize n_bytes, const char *word)
{
    return n_bytes >= strlen(word) && memcmp(line, word, strlen(word)) == 0;
}

/* ---- paths ---- */

static int octal(const char *at, const char *end)
{
    int value = 0;

    if (end - at < 3)
        return -1;
    for (guint i = 0; i < 3; i++) {
        if (at[i] < '0' || at[i] > '7')
            return -1;
        value = value * 8 + at[i] - '0';
    }
    return value;
}

/* git quotes names that hold controls, quotes or bytes beyond ASCII as C does. NULL: not so. */
static char *unquote(const char *at, const char *end)
{
    static const char letters[] = "abtnvfr\"\\", bytes[] = "\a\b\t\n\v\f\r\"\\";
    g_autoptr(GString) path = g_string_new(NULL);

    for (at++; at < end && *at != '"'; at++) {
        const char *found;
        int byte = -1;

        if (*at != '\\') {
            g_string_append_c(path, *at);
            continue;
        }
        if (++at == end)
            return NULL;
        found = memchr(letters, *at, sizeof letters - 1);
        byte = found ? bytes[found - letters] : octal(at, end);
        if (byte <= 0 || byte > 0xFF)
            return NULL;
        g_string_append_c(path, (char)byte);
        at += found ? 0 : 2;
    }
    return at < end ? g_strdup(path->str) : NULL;
}

/* What follows "+++ " and the like: quoted, or up to a tab, behind which diff writes a time. */
static char *take_path(const char *text, gsize n_bytes)
{
    const char *tab;

    if (n_bytes == 0 || n_bytes > MAX_PATH_BYTES || memchr(text, '\0', n_bytes))
        return NULL;
    if (*text == '"')
        return unquote(text, text + n_bytes);
    tab = memchr(text, '\t', n_bytes);
    return g_strndup(text, tab ? (gsize)(tab - text) : n_bytes);
}

/* "diff --git a/x b/x": one letter each, and not the same; git calls them a and b, or after what
 * they are (i, w, c, o). Without prefixes both names are the same but for renames. */
static gboolean names_have_prefixes(const char *names, gsize n_bytes)
{
    static const char letters[] = "abcdiow12";
    const char *end = names + n_bytes, *at = names + (n_bytes > 0 && *names == '"');

    if (end - at < 2 || !strchr(letters, *at) || at[1] != '/')
        return FALSE;
    for (const char *next = at; next + 3 < end; next++) {
        const char *second = next + 1 + (next[1] == '"');

        if (*next == ' ' && second + 1 < end && *second && *second != *at &&
            strchr(letters, *second) && second[1] == '/')
            return TRUE;
    }
    return FALSE;
}

static const char *behind_folder(const char *path)
{
    const char *slash = strchr(path, '/');

    return slash && slash > path && slash[1] ? slash + 1 : NULL;
}

/* The path below the repository's top. What both names have in common behind their first folder,
 * different in each, is it; for a file that is new there is no other name to look at. */
static char *below_top(const Reader *reader, const char *path)
{
    const char *old_rest = reader->old_path ? behind_folder(reader->old_path) : NULL;
    const char *rest = behind_folder(path);
    gboolean is_new = !reader->has_header && g_strcmp0(reader->old_path, "/dev/null") == 0;

    if (reader->renamed_to)
        path = reader->renamed_to;
    else if (rest && (reader->has_prefix || (is_new && g_str_has_prefix(path, "b/"))))
        path = rest;
    else if (rest && old_rest && g_str_equal(rest, old_rest) &&
             !g_str_equal(path, reader->old_path))
        path = rest;
    while (g_str_has_prefix(path, "./"))
        path += 2;
    return g_strdup(path);
}

static gboolean open_file(Reader *reader, const char *line, gsize n_bytes, GError **error)
{
    g_autofree char *named = take_path(line, n_bytes);
    g_autofree char *path = NULL;

    reader->ranges = NULL;
    reader->seen_any = TRUE;
    if (!named)
        return fail(reader, RS_FORMAT_ERROR_SYNTAX, error, "no file name that can be read");
    if (g_str_equal(named, "/dev/null"))
        return TRUE;
    path = below_top(reader, named);
    reader->ranges = g_hash_table_lookup(reader->diff->files, path);
    if (reader->ranges)
        return TRUE;
    if (g_hash_table_size(reader->diff->files) >= RS_DIFF_MAX_FILES)
        return fail(reader, RS_FORMAT_ERROR_INVALID, error, "more files than a diff may have");
    reader->ranges = g_array_new(FALSE, FALSE, sizeof(Range));
    g_hash_table_insert(reader->diff->files, g_steal_pointer(&path), reader->ranges);
    return TRUE;
}

/* ---- hunks ---- */

typedef struct {
    guint n_parents;
    gint64 n_old[MAX_PARENTS], n_new; /* lines still to come */
    gint64 line;                      /* of the new file, the next one */
} Hunk;

static gboolean take_number(const char **at, const char *end, gint64 *number)
{
    const char *start = *at;

    for (*number = 0; *at < end && g_ascii_isdigit(**at); (*at)++) {
        *number = *number * 10 + (**at - '0');
        if (*number > MAX_LINE)
            return FALSE;
    }
    return *at > start;
}

/* "-12,3" or "+12". */
static gboolean take_span(const char **at, const char *end, char sign, gint64 *first, gint64 *n)
{
    if (*at >= end || **at != sign)
        return FALSE;
    (*at)++;
    *n = 1;
    if (!take_number(at, end, first))
        return FALSE;
    if (*at < end && **at == ',') {
        (*at)++;
        return take_number(at, end, n);
    }
    return TRUE;
}

/* "@@ -1,2 +3,4 @@ ...", or of a merge "@@@ -1,2 -1,2 +3,4 @@@". FALSE: it is none. */
static gboolean take_hunk(const char *line, gsize n_bytes, Hunk *hunk)
{
    const char *at = line, *end = line + n_bytes;
    gint64 ignored;

    while (at < end && *at == '@')
        at++;
    if (at - line < 2 || at - line > MAX_PARENTS + 1)
        return FALSE;
    hunk->n_parents = (guint)(at - line) - 1;
    for (guint i = 0; i < hunk->n_parents; i++)
        if (at >= end || *at++ != ' ' || !take_span(&at, end, '-', &ignored, &hunk->n_old[i]))
            return FALSE;
    if (at >= end || *at++ != ' ' || !take_span(&at, end, '+', &hunk->line, &hunk->n_new) ||
        at >= end || *at != ' ' || hunk->line + hunk->n_new > MAX_LINE)
        return FALSE;
    /* Of no lines the header names the one before. */
    hunk->line += hunk->n_new == 0;
    return TRUE;
}

static gboolean is_open(const Hunk *hunk)
{
    for (guint i = 0; i < hunk->n_parents; i++)
        if (hunk->n_old[i] > 0)
            return TRUE;
    return hunk->n_new > 0;
}

static gboolean add_range(Reader *reader, gint64 first, gint64 last, GError **error)
{
    Range *before, range = {(gint32)first, (gint32)last};

    if (!reader->ranges)
        return TRUE;
    before = reader->ranges->len > 0
                 ? &g_array_index(reader->ranges, Range, reader->ranges->len - 1)
                 : NULL;
    if (before && before->last >= before->first && last >= first && before->last + 1 == first) {
        before->last = range.last;
        return TRUE;
    }
    if (before && memcmp(before, &range, sizeof range) == 0)
        return TRUE;
    if (reader->n_ranges++ >= RS_DIFF_MAX_RANGES)
        return fail(reader, RS_FORMAT_ERROR_INVALID, error, "more changes than a diff may have");
    g_array_append_val(reader->ranges, range);
    return TRUE;
}

/* A line of a hunk: a sign for each parent, blank where that one has it too. A line with a minus
 * is not in the new file, and in no parent whose sign is blank. */
static gboolean take_hunk_line(Reader *reader, Hunk *hunk, const char *line, gsize n_bytes,
                               GError **error)
{
    gboolean added = FALSE, removed = FALSE;

    if (n_bytes > 0 && *line == '\\')
        return TRUE; /* "\ No newline at end of file" */
    for (guint i = 0; i < MIN(hunk->n_parents, n_bytes); i++) {
        if (!strchr("+- ", line[i]) || line[i] == '\0')
            return fail(reader, RS_FORMAT_ERROR_SYNTAX, error, "no line of a hunk");
        added |= line[i] == '+';
        removed |= line[i] == '-';
    }
    for (guint i = 0; i < hunk->n_parents; i++) {
        char sign = i < n_bytes ? line[i] : ' '; /* an editor may have cut blanks at the end */

        if (sign != '+' && (sign == '-' || !removed) && hunk->n_old[i]-- <= 0)
            return fail(reader, RS_FORMAT_ERROR_SYNTAX, error, "more lines than the hunk has");
    }
    if (removed)
        return add_range(reader, hunk->line, hunk->line - 1, error);
    if (hunk->n_new-- <= 0)
        return fail(reader, RS_FORMAT_ERROR_SYNTAX, error, "more lines than the hunk has");
    hunk->line++;
    return !added || add_range(reader, hunk->line - 1, hunk->line - 1, error);
}

static gboolean read_hunk(Reader *reader, Hunk *hunk, GError **error)
{
    const char *line;
    gsize n_bytes;

    while (is_open(hunk)) {
        if (!next_line(reader, &line, &n_bytes))
            return fail(reader, RS_FORMAT_ERROR_SYNTAX, error, "the text ends within a hunk");
        if (!take_hunk_line(reader, hunk, line, n_bytes, error))
            return FALSE;
    }
    return TRUE;
}

/* ---- the whole ---- */

static void open_header(Reader *reader, const char *line, gsize n_bytes)
{
    g_clear_pointer(&reader->old_path, g_free);
    g_clear_pointer(&reader->renamed_to, g_free);
    reader->ranges = NULL;
    reader->seen_any = TRUE;
    reader->has_prefix =
        begins(line, n_bytes, "diff --git ") &&
        names_have_prefixes(line + strlen("diff --git "), n_bytes - strlen("diff --git "));
}

static gboolean read_line(Reader *reader, const char *line, gsize n_bytes, GError **error)
{
    Hunk hunk;

    if (begins(line, n_bytes, "diff --")) {
        open_header(reader, line, n_bytes);
    } else if (begins(line, n_bytes, "rename to ") || begins(line, n_bytes, "copy to ")) {
        gsize skipped = strlen(*line == 'r' ? "rename to " : "copy to ");

        g_free(reader->renamed_to);
        reader->renamed_to = take_path(line + skipped, n_bytes - skipped);
    } else if (begins(line, n_bytes, "--- ")) {
        g_free(reader->old_path);
        reader->old_path = take_path(line + 4, n_bytes - 4);
    } else if (begins(line, n_bytes, "+++ ") && reader->old_path) {
        gboolean opened = open_file(reader, line + 4, n_bytes - 4, error);

        /* The next pair of names stands for itself where no header comes between. */
        g_clear_pointer(&reader->old_path, g_free);
        g_clear_pointer(&reader->renamed_to, g_free);
        return opened;
    } else if (reader->seen_any && take_hunk(line, n_bytes, &hunk)) {
        return read_hunk(reader, &hunk, error);
    } else if (reader->seen_any &&
               (begins(line, n_bytes, "@@ -") || begins(line, n_bytes, "@@@ -"))) {
        /* Passed over, its lines would count as unchanged. */
        return fail(reader, RS_FORMAT_ERROR_SYNTAX, error, "no header of a hunk that can be read");
    }
    return TRUE;
}

static gint by_first(gconstpointer a, gconstpointer b)
{
    const Range *x = a, *y = b;

    return x->first != y->first ? (x->first > y->first) - (x->first < y->first)
                                : (x->last > y->last) - (x->last < y->last);
}

/* Hunks may come in any order, and a file twice: joins what overlaps, so that ends ascend too. */
static void settle(GArray *ranges)
{
    guint n = 0;

    g_array_sort(ranges, by_first);
    for (guint i = 0; i < ranges->len; i++) {
        Range range = g_array_index(ranges, Range, i);
        Range *before = n > 0 ? &g_array_index(ranges, Range, n - 1) : NULL;

        if (before && range.first <= before->last)
            before->last = MAX(before->last, range.last);
        else
            g_array_index(ranges, Range, n++) = range;
    }
    g_array_set_size(ranges, n);
}

static gboolean read_all(Reader *reader, GError **error)
{
    const char *line;
    gsize n_bytes;
    gboolean only_blanks = TRUE;
    GHashTableIter iter;
    gpointer ranges;

    while (next_line(reader, &line, &n_bytes)) {
        only_blanks &= n_bytes == 0;
        if (!read_line(reader, line, n_bytes, error))
            return FALSE;
    }
    if (!reader->seen_any && !only_blanks) {
        reader->number = 1;
        return fail(reader, RS_FORMAT_ERROR_SYNTAX, error, "this is no unified diff");
    }
    g_hash_table_iter_init(&iter, reader->diff->files);
    while (g_hash_table_iter_next(&iter, NULL, &ranges)) {
        settle(ranges);
        if (((GArray *)ranges)->len == 0)
            g_hash_table_iter_remove(&iter);
    }
    return TRUE;
}

RsDiff *rs_diff_parse(const char *text, gsize n_bytes, GError **error)
{
    g_autoptr(RsDiff) diff = g_new0(RsDiff, 1);
    Reader reader = {.at = text, .end = text + n_bytes, .diff = diff};
    gboolean done;

    diff->files =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_array_unref);
    if (n_bytes > RS_DIFF_MAX_BYTES) {
        fail(&reader, RS_FORMAT_ERROR_INVALID, error, "larger than a diff may be");
        return NULL;
    }
    done = read_all(&reader, error);
    g_free(reader.old_path);
    g_free(reader.renamed_to);
    return done ? g_steal_pointer(&diff) : NULL;
}

guint rs_diff_n_files(const RsDiff *diff)
{
    return g_hash_table_size(diff->files);
}

gboolean rs_diff_touches(const RsDiff *diff, const char *file, gint64 first_line, gint64 last_line)
{
    const GArray *ranges;
    guint low = 0, high;

    while (file && g_str_has_prefix(file, "./"))
        file += 2;
    ranges = file ? g_hash_table_lookup(diff->files, file) : NULL;
    if (!ranges || first_line < 1)
        return FALSE;
    last_line = MAX(first_line, last_line);
    for (high = ranges->len; low < high;) {
        guint middle = low + (high - low) / 2;

        if (g_array_index(ranges, Range, middle).last < first_line)
            low = middle + 1;
        else
            high = middle;
    }
    /* It ends at or behind the first line, or is a gap behind it, which is within when the line
     * that follows it is. */
    return low < ranges->len && g_array_index(ranges, Range, low).first <= last_line;
}

static void mark_list(const RsDiff *diff, const GPtrArray *list)
{
    for (guint i = 0; i < list->len; i++) {
        RsBlamed *blamed = g_ptr_array_index(list, i);

        /* Lines of what is gone are those of the baseline, of which the diff's new side knows
         * nothing. */
        blamed->is_changed = blamed->kind != RS_BLAME_VANISHED &&
                             rs_diff_touches(diff, blamed->file, blamed->line, blamed->last_line);
    }
}

void rs_diff_mark(const RsDiff *diff, RsVerdict *verdict)
{
    for (guint i = 0; i < verdict->blames->len; i++) {
        RsBlame *blame = g_ptr_array_index(verdict->blames, i);

        mark_list(diff, blame->functions);
        mark_list(diff, blame->callers);
        mark_list(diff, blame->others);
    }
}
