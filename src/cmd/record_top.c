/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/record_top.h"

#include <math.h>
#include <string.h>

#include "base/text.h"

#define HALF_LIFE_S      5.0
#define FORGOTTEN_NS     1e5   /* of faded weight: not worth a row */
#define MAX_FUNCTIONS    20000 /* beyond that further ones are not shown */
#define NAME_LIMIT_CHARS 60

typedef struct {
    guint32 module;
    guint64 address;
    double weight_ns;
} Row;

struct RsTop {
    RsModules *modules;
    RsNames *names;
    GHashTable *rows; /* Row, keyed by itself */
    double total_ns;
    gint64 faded_ns;
};

static guint row_hash(gconstpointer key)
{
    const Row *row = key;
    guint64 mixed = (row->address ^ ((guint64)row->module << 48)) * 0x9E3779B97F4A7C15u;

    return (guint)(mixed >> 32);
}

static gboolean row_equal(gconstpointer a, gconstpointer b)
{
    const Row *one = a, *other = b;

    return one->module == other->module && one->address == other->address;
}

RsTop *rs_top_new(RsModules *modules, RsNames *names)
{
    RsTop *top = g_new0(RsTop, 1);

    top->modules = modules;
    top->names = names;
    top->rows = g_hash_table_new_full(row_hash, row_equal, g_free, NULL);
    return top;
}

void rs_top_free(RsTop *top)
{
    if (!top)
        return;
    g_hash_table_unref(top->rows);
    g_free(top);
}

guint64 rs_top_function_start(RsModule *module, guint64 address)
{
    const RsUnwindTable *table;
    guint64 start, n_bytes;

    if (rs_module_kind(module) == RS_MODULE_KERNEL)
        return 0;
    table = rs_module_table(module);
    return table && rs_unwind_table_function(table, address, &start, &n_bytes, NULL) ? start
                                                                                     : address;
}

void rs_top_add(RsTop *top, guint32 module, guint64 address, guint64 weight_ns)
{
    Row key = {.module = module,
               .address = rs_top_function_start(rs_modules_by_id(top->modules, module), address)};
    Row *row = g_hash_table_lookup(top->rows, &key);

    top->total_ns += (double)weight_ns;
    if (!row) {
        if (g_hash_table_size(top->rows) >= MAX_FUNCTIONS)
            return;
        row = g_memdup2(&key, sizeof key);
        g_hash_table_add(top->rows, row);
    }
    row->weight_ns += (double)weight_ns;
}

static gboolean fade_row(gpointer key, gpointer value, gpointer data)
{
    Row *row = key;

    row->weight_ns *= *(double *)data;
    return row->weight_ns < FORGOTTEN_NS;
}

void rs_top_fade(RsTop *top, gint64 now_ns)
{
    double factor = exp2(-(double)(now_ns - top->faded_ns) / 1e9 / HALF_LIFE_S);

    if (top->faded_ns) {
        g_hash_table_foreach_remove(top->rows, fade_row, &factor);
        top->total_ns *= factor;
    }
    top->faded_ns = now_ns;
}

void rs_top_clear(RsTop *top)
{
    g_hash_table_remove_all(top->rows);
    top->total_ns = 0;
}

static int compare_rows(gconstpointer a, gconstpointer b)
{
    const Row *one = *(Row *const *)a, *other = *(Row *const *)b;

    if (one->weight_ns != other->weight_ns)
        return one->weight_ns < other->weight_ns ? 1 : -1;
    return one->address < other->address ? -1 : one->address > other->address;
}

static void clear_top_row(gpointer data)
{
    g_free(((RsTopRow *)data)->name);
}

char *rs_top_place_name(RsModuleKind kind, const char *path, guint64 address)
{
    g_autofree char *base = kind == RS_MODULE_FILE ? g_path_get_basename(path) : g_strdup(path);
    g_autofree char *plain = rs_text_shown(base, -1, FALSE, NAME_LIMIT_CHARS);

    return kind == RS_MODULE_KERNEL
               ? g_steal_pointer(&plain)
               : g_strdup_printf("%s+0x%" G_GINT64_MODIFIER "x", plain, address);
}

/* A row's own: the name may come with terminal escapes. */
static char *row_name(const RsTop *top, const Row *row)
{
    RsModule *module = rs_modules_by_id(top->modules, row->module);
    const char *name = rs_names_of(top->names, module, row->address, NULL);

    return name ? rs_text_shown(name, -1, FALSE, NAME_LIMIT_CHARS)
                : rs_top_place_name(rs_module_kind(module), rs_module_path(module), row->address);
}

GArray *rs_top_rows(const RsTop *top, guint n_max)
{
    GArray *rows = g_array_new(FALSE, FALSE, sizeof(RsTopRow));
    g_autoptr(GPtrArray) sorted = g_ptr_array_sized_new(g_hash_table_size(top->rows));
    GHashTableIter iter;
    gpointer key;

    g_array_set_clear_func(rows, clear_top_row);
    g_hash_table_iter_init(&iter, top->rows);
    while (g_hash_table_iter_next(&iter, &key, NULL))
        g_ptr_array_add(sorted, key);
    g_ptr_array_sort(sorted, compare_rows);
    for (guint i = 0; i < MIN(sorted->len, n_max); i++) {
        const Row *row = g_ptr_array_index(sorted, i);
        RsTopRow shown = {
            .name = row_name(top, row),
            .share_pct = top->total_ns > 0 ? 100 * row->weight_ns / top->total_ns : 0,
        };

        g_array_append_val(rows, shown);
    }
    return rows;
}
