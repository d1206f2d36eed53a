/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analyze/blame_names.h"

#include <string.h>

#define NO_STACK "[not attributed]"

typedef struct {
    char kind; /* 'f', 'c', 'm', and 'b' for code without a name */
    const char *name, *crate_name;
} Key;

static guint key_hash(gconstpointer data)
{
    const Key *key = data;

    return g_str_hash(key->name) * 31 + (key->crate_name ? g_str_hash(key->crate_name) : 0) +
           (guint)key->kind;
}

static gboolean key_equal(gconstpointer a, gconstpointer b)
{
    const Key *one = a, *other = b;

    return one->kind == other->kind && g_str_equal(one->name, other->name) &&
           g_strcmp0(one->crate_name, other->crate_name) == 0;
}

RsBlameNames *rs_blame_names_new(void)
{
    RsBlameNames *names = g_new0(RsBlameNames, 1);

    names->functions = g_ptr_array_new_with_free_func(g_free);
    names->crates = g_ptr_array_new_with_free_func(g_free);
    names->modules = g_ptr_array_new_with_free_func(g_free);
    names->by_key = g_hash_table_new_full(key_hash, key_equal, g_free, NULL);
    return names;
}

void rs_blame_names_free(RsBlameNames *names)
{
    if (!names)
        return;
    g_ptr_array_unref(names->functions);
    g_ptr_array_unref(names->crates);
    g_ptr_array_unref(names->modules);
    g_hash_table_unref(names->by_key);
    g_free(names);
}

/* The row of list with that key, made on demand; is_new tells. */
static guint32 row_of(RsBlameNames *names, GPtrArray *list, Key key, gboolean *is_new)
{
    gpointer known = g_hash_table_lookup(names->by_key, &key);
    RsBlameName *name;

    *is_new = !known;
    if (known)
        return GPOINTER_TO_UINT(known) - 1;
    name = g_new0(RsBlameName, 1);
    name->name = key.name;
    name->crate_name = key.crate_name;
    g_ptr_array_add(list, name);
    g_hash_table_insert(names->by_key, g_memdup2(&key, sizeof key), GUINT_TO_POINTER(list->len));
    return list->len - 1;
}

/* Functions without a crate, or a module of the source, are summed under their file's name. */
static guint32 crate_row(RsBlameNames *names, const RsBlameName *function, const char *binary)
{
    const char *crate_name = function->crate_name;
    Key key = {crate_name ? 'c' : 'b', crate_name ? crate_name : binary, NULL};
    gboolean is_new;
    guint32 row = row_of(names, names->crates, key, &is_new);
    RsBlameName *crate = g_ptr_array_index(names->crates, row);

    if (is_new)
        crate->crate_kind = function->crate_kind;
    crate->crate_name = crate_name;
    crate->has_name = crate_name != NULL;
    return row;
}

static guint32 module_row(RsBlameNames *names, const RsBlameName *function, const char *binary)
{
    const char *path = function->module_path ? function->module_path : function->crate_name;
    Key key = {path ? 'm' : 'n', path ? path : binary, path ? function->crate_name : NULL};
    gboolean is_new;
    guint32 row = row_of(names, names->modules, key, &is_new);
    RsBlameName *module = g_ptr_array_index(names->modules, row);

    if (is_new)
        module->crate_kind = function->crate_kind;
    module->module_path = function->module_path;
    module->has_name = path != NULL;
    return row;
}

void rs_blame_view_init(RsBlameView *view, RsBlameNames *names, const RsProfile *profile)
{
    *view = (RsBlameView){.names = names, .profile = profile, .no_stack = -1};
    view->of_function = g_new(gint32, profile->functions->len + 1);
    view->of_module = g_new(gint32, profile->modules->len + 1);
    for (guint side = 0; side < RS_N_ARMS; side++)
        view->has_module[side] = g_new0(guint8, profile->modules->len + 1);
    memset(view->of_function, -1, sizeof(gint32) * (profile->functions->len + 1));
    memset(view->of_module, -1, sizeof(gint32) * (profile->modules->len + 1));
}

void rs_blame_view_clear(RsBlameView *view)
{
    g_free(view->of_function);
    g_free(view->of_module);
    view->of_function = view->of_module = NULL;
    for (guint side = 0; side < RS_N_ARMS; side++)
        g_clear_pointer(&view->has_module[side], g_free);
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash && slash[1] ? slash + 1 : path;
}

static const char *binary_of(const RsBlameView *view, gint64 module)
{
    const RsProfileModule *file;

    if (module < 0 || module >= view->profile->modules->len)
        return "[unknown]";
    file = g_ptr_array_index(view->profile->modules, (guint)module);
    return file->path ? base_name(file->path) : "[unknown]";
}

/* C++ has no crates: its library is known by its namespaces. */
static gboolean is_library(RsCrateKind kind, const char *name)
{
    return kind == RS_CRATE_STD || kind == RS_CRATE_RUNTIME || kind == RS_CRATE_KERNEL ||
           g_str_has_prefix(name, "std::") || g_str_has_prefix(name, "__gnu_cxx::");
}

static gint32 add_function(RsBlameView *view, const RsFunction *function)
{
    RsBlameNames *names = view->names;
    Key key = {'f', function->name ? function->name : "", function->crate_name};
    gboolean is_new;
    guint32 row = row_of(names, names->functions, key, &is_new);
    RsBlameName *name = g_ptr_array_index(names->functions, row);

    if (!is_new)
        return (gint32)row;
    name->has_name = TRUE;
    name->crate_kind = function->crate_kind;
    name->is_library = is_library(function->crate_kind, name->name);
    name->module_path = function->module_path;
    name->crate = crate_row(names, name, binary_of(view, function->module));
    name->module = module_row(names, name, binary_of(view, function->module));
    return (gint32)row;
}

static gint32 add_unnamed(RsBlameView *view, const char *binary, RsCrateKind crate_kind)
{
    RsBlameNames *names = view->names;
    gboolean is_new;
    guint32 row = row_of(names, names->functions, (Key){'u', binary, NULL}, &is_new);
    RsBlameName *name = g_ptr_array_index(names->functions, row);

    if (is_new) {
        name->crate_kind = crate_kind;
        name->is_library = is_library(crate_kind, name->name);
        name->crate = crate_row(names, name, binary);
        name->module = module_row(names, name, binary);
    }
    return (gint32)row;
}

/* The side has it, and with it its crate and module. */
static void note_side(RsBlameView *view, RsArm side, RsBlameName *name, const char *binary)
{
    RsBlameName *crate = g_ptr_array_index(view->names->crates, name->crate);
    RsBlameName *module = g_ptr_array_index(view->names->modules, name->module);

    if (!name->binary[side])
        name->binary[side] = binary;
    if (!crate->binary[side])
        crate->binary[side] = binary;
    if (!module->binary[side])
        module->binary[side] = binary;
}

static guint32 function_row(RsBlameView *view, RsArm side, guint32 index)
{
    const RsFunction *function = g_ptr_array_index(view->profile->functions, index);
    RsBlameName *name;

    if (view->of_function[index] < 0)
        view->of_function[index] = add_function(view, function);
    name = g_ptr_array_index(view->names->functions, (guint)view->of_function[index]);
    if (!name->of_side[side]) {
        name->of_side[side] = function;
        note_side(view, side, name, binary_of(view, function->module));
    }
    return (guint32)view->of_function[index];
}

static guint32 unnamed_row(RsBlameView *view, RsArm side, guint32 module)
{
    const RsProfileModule *file = g_ptr_array_index(view->profile->modules, module);
    RsBlameName *name;

    if (view->of_module[module] < 0)
        view->of_module[module] =
            add_unnamed(view, binary_of(view, module),
                        file->kind == RS_MODULE_KERNEL ? RS_CRATE_KERNEL : RS_CRATE_UNKNOWN);
    name = g_ptr_array_index(view->names->functions, (guint)view->of_module[module]);
    note_side(view, side, name, name->name);
    return (guint32)view->of_module[module];
}

guint rs_blame_view_frame(RsBlameView *view, RsArm side, guint32 frame, guint32 *rows)
{
    const RsProfileFrame *at = &g_array_index(view->profile->frames, RsProfileFrame, frame);
    guint n = MIN(at->n_lines, RS_PROFILE_MAX_FRAME_LINES);

    view->has_module[side][at->module] = TRUE;
    for (guint i = 0; i < n; i++)
        rows[i] = function_row(
            view, side,
            g_array_index(view->profile->lines, RsProfileLine, at->first_line + i).function);
    if (!n)
        rows[n++] = unnamed_row(view, side, at->module);
    return n;
}

guint32 rs_blame_view_no_stack(RsBlameView *view)
{
    if (view->no_stack < 0)
        view->no_stack = add_unnamed(view, NO_STACK, RS_CRATE_UNKNOWN);
    return (guint32)view->no_stack;
}

gboolean rs_blame_view_knows(const RsBlameView *view, RsArm side, const RsBlameName *function)
{
    for (guint i = 0; i < view->profile->functions->len; i++) {
        const RsFunction *known = g_ptr_array_index(view->profile->functions, i);

        if (known->module >= 0 && known->module < (gint64)view->profile->modules->len &&
            view->has_module[side][known->module] && g_str_equal(known->name, function->name) &&
            g_strcmp0(known->crate_name, function->crate_name) == 0)
            return TRUE;
    }
    return FALSE;
}
