/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files are opened when they are needed and not before: the file and its symbol table at the first
 * lookup; a debug file where there is no symbol table, or where DWARF is wanted and the file has
 * none; .dynsym and what is made from the code where the first table has no name. */
#include "symbol/symbol_module.h"

#include <elf.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>

#include "symbol/debugdata.h"
#include "symbol/elf_open.h"
#include "symbol/sections.h"

#define DELETED          " (deleted)"
#define VDSO_LIMIT_BYTES ((gsize)1 << 20)
#define KALLSYMS         "/proc/kallsyms"

/* --- life --- */

guint rs_symbol_module_info_hash(gconstpointer data)
{
    const RsSymbolModuleInfo *info = data;
    guint hash = (guint)info->kind * 31 + (guint)info->process_id;

    hash = hash * 31 + (info->path ? g_str_hash(info->path) : 0);
    return hash * 31 + (info->build_id ? g_str_hash(info->build_id) : 0);
}

gboolean rs_symbol_module_info_equal(gconstpointer a, gconstpointer b)
{
    const RsSymbolModuleInfo *one = a, *other = b;

    return one->kind == other->kind && one->n_bytes == other->n_bytes && one->elf == other->elf &&
           one->process_id == other->process_id && g_strcmp0(one->path, other->path) == 0 &&
           g_strcmp0(one->build_id, other->build_id) == 0 && g_strcmp0(one->root, other->root) == 0;
}

static void clear_asked(RsSymbolModuleInfo *asked)
{
    g_free((char *)asked->path);
    g_free((char *)asked->build_id);
    g_free((char *)asked->root);
}

RsSymbolModule *rs_symbol_module_new(RsSymbolizer *symbolizer, const RsSymbolModuleInfo *info)
{
    RsSymbolModule *module = g_new0(RsSymbolModule, 1);

    module->symbolizer = symbolizer;
    module->asked = *info;
    module->asked.path = g_strdup(info->path);
    module->asked.build_id = g_strdup(info->build_id);
    module->asked.root = g_strdup(info->root);
    module->kind = info->kind;
    module->path = g_strdup(info->path);
    if (module->path && g_str_has_suffix(module->path, DELETED))
        module->path[strlen(module->path) - strlen(DELETED)] = '\0';
    module->build_id = g_strdup(info->build_id);
    module->root = g_strdup(info->root);
    module->n_bytes = info->n_bytes;
    module->process_id = info->process_id;
    module->elf = info->elf;
    module->why = RS_UNNAMED_NO_FILE;
    module->records = g_ptr_array_new_with_free_func(rs_symbol_record_free);
    module->by_start = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    module->inlined = g_hash_table_new(rs_symbol_record_hash, rs_symbol_record_equal);
    return module;
}

void rs_symbol_module_free(RsSymbolModule *module)
{
    if (!module)
        return;
    g_hash_table_unref(module->by_start);
    g_hash_table_unref(module->inlined);
    g_ptr_array_unref(module->records);
    for (guint i = 0; i < module->n_tables; i++) {
        rs_symbol_table_free(module->tables[i].table);
        g_free(module->tables[i].records);
    }
    rs_debug_info_free(module->debug_info);
    rs_code_bounds_free(module->bounds);
    rs_plt_free(module->plt);
    rs_address_map_free(module->own_map);
    rs_debug_file_clear(&module->debug_file);
    rs_elf_free(module->debugdata);
    rs_elf_free(module->debuginfod);
    rs_elf_free(module->own_elf);
    clear_asked(&module->asked);
    g_free(module->map_state);
    g_free(module->debuginfod_path);
    g_free(module->opened_path);
    g_free(module->path);
    g_free(module->build_id);
    g_free(module->root);
    g_free(module);
}

/* --- the file itself --- */

/* Whether elf is what the module was when it ran. */
static gboolean is_of_module(const RsSymbolModule *module, const RsElf *elf)
{
    if (module->build_id)
        return g_strcmp0(rs_elf_build_id(elf), module->build_id) == 0;
    return module->n_bytes < 0 || (guint64)module->n_bytes == rs_elf_n_bytes(elf);
}

/* Takes the file under root; FALSE: why says what is wrong, if that is more than was known. */
static gboolean try_file(RsSymbolModule *module, const char *root)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *opened = NULL;
    g_autoptr(RsElf) elf = rs_elf_open_path(root, module->path, &opened, &error);

    if (!elf) {
        if (!g_error_matches(error, RS_ELF_ERROR, RS_ELF_ERROR_UNREADABLE) &&
            module->why == RS_UNNAMED_NO_FILE)
            module->why = RS_UNNAMED_BAD_FILE;
        return FALSE;
    }
    if (!is_of_module(module, elf)) {
        module->why = RS_UNNAMED_OTHER_FILE;
        return FALSE;
    }
    module->elf = module->own_elf = g_steal_pointer(&elf);
    module->opened_path = g_steal_pointer(&opened);
    return TRUE;
}

static void find_file(RsSymbolModule *module)
{
    gboolean has_path = module->path && module->path[0] == '/';

    if (module->elf && has_path && module->root) /* what lies beside a pinned file lies there */
        module->opened_path = g_build_filename(module->root, module->path, NULL);
    if (!module->elf && has_path && !(module->root && try_file(module, module->root)))
        try_file(module, NULL);
    if (module->elf)
        module->why = RS_UNNAMED_NO_SYMBOL;
    if (module->elf && !module->build_id)
        module->build_id = g_strdup(rs_elf_build_id(module->elf));
}

/* The kernel's image is in every process; that of ours is the target's if nothing tells another. */
static RsElf *our_vdso(void)
{
    const guint8 *image = (const guint8 *)(guintptr)getauxval(AT_SYSINFO_EHDR); /* NOLINT */
    Elf64_Ehdr header;
    gsize n_bytes;

    if (!image)
        return NULL;
    memcpy(&header, image, sizeof header);
    n_bytes = header.e_shoff + (gsize)header.e_shnum * header.e_shentsize;
    return n_bytes <= VDSO_LIMIT_BYTES ? rs_elf_from_bytes(image, n_bytes, "[vdso]", NULL) : NULL;
}

static void find_vdso(RsSymbolModule *module)
{
    if (!module->elf) {
        module->own_elf = our_vdso();
        if (module->own_elf && module->build_id &&
            g_strcmp0(rs_elf_build_id(module->own_elf), module->build_id) != 0) {
            g_clear_pointer(&module->own_elf, rs_elf_free);
            module->why = RS_UNNAMED_OTHER_FILE;
        }
        module->elf = module->own_elf;
    }
    if (module->elf)
        module->why = RS_UNNAMED_NO_SYMBOL;
}

/* --- files beside it --- */

static gboolean find_debug_file(RsSymbolModule *module)
{
    if (!module->is_searched) {
        module->is_searched = TRUE;
        rs_debug_file_find(module->symbolizer->places, module->elf, module->path, module->root,
                           module->build_id, &module->debug_file);
    }
    return module->debug_file.elf != NULL;
}

static gboolean find_debuginfod(RsSymbolModule *module)
{
    RsDebuginfod *debuginfod = module->symbolizer->debuginfod;

    if (!module->debuginfod && debuginfod && module->build_id)
        module->debuginfod =
            rs_debuginfod_find(debuginfod, module->build_id, &module->debuginfod_path);
    return module->debuginfod != NULL;
}

static gboolean add_table(RsSymbolModule *module, const RsElf *elf, guint32 type,
                          RsSymbolSource source)
{
    RsSymbolTable *table = elf ? rs_symbol_table_new(elf, type) : NULL;

    if (!table)
        return FALSE;
    module->tables[module->n_tables++] =
        (RsModuleTable){table, source, g_new0(RsSymbolRecord *, rs_symbol_table_n(table))};
    return TRUE;
}

static void open_file_tables(RsSymbolModule *module)
{
    if (add_table(module, module->elf, SHT_SYMTAB, RS_SYMBOL_SYMTAB))
        return;
    if (find_debug_file(module) &&
        add_table(module, module->debug_file.elf, SHT_SYMTAB, RS_SYMBOL_DEBUG_FILE))
        return;
    if (module->elf) {
        module->debugdata = rs_debugdata_read(module->elf, module->path ? module->path : "", NULL);
        if (module->debugdata &&
            add_table(module, module->debugdata, SHT_SYMTAB, RS_SYMBOL_DEBUGDATA))
            return;
    }
    if (find_debuginfod(module))
        add_table(module, module->debuginfod, SHT_SYMTAB, RS_SYMBOL_DEBUGINFOD);
}

static void open_kernel(RsSymbolModule *module)
{
    RsSymbolizer *symbolizer = module->symbolizer;

    if (!symbolizer->is_kernel_read) {
        symbolizer->is_kernel_read = TRUE;
        symbolizer->kernel = rs_address_map_read_kallsyms(KALLSYMS, NULL);
    }
    module->map = symbolizer->kernel;
    module->why = module->map ? RS_UNNAMED_NO_SYMBOL : RS_UNNAMED_KERNEL_HIDDEN;
}

/* The target's maps: under its root, and under ours. */
static void perf_map_paths(const RsSymbolModule *module, char *paths[2])
{
    char *name = g_strdup_printf("/tmp/perf-%d.map", module->process_id);

    paths[0] = module->root ? g_build_filename(module->root, name, NULL) : NULL;
    paths[1] = name;
}

static char *perf_map_state(const RsSymbolModule *module)
{
    GString *state = g_string_new(NULL);
    char *paths[2];

    perf_map_paths(module, paths);
    for (guint i = 0; i < G_N_ELEMENTS(paths); i++) {
        struct stat status;

        if (paths[i] && stat(paths[i], &status) == 0)
            g_string_append_printf(state, "%u:%lx:%lx:%lx:%lx.%lx ", i, (gulong)status.st_dev,
                                   (gulong)status.st_ino, (gulong)status.st_size,
                                   (gulong)status.st_mtim.tv_sec, (gulong)status.st_mtim.tv_nsec);
        g_free(paths[i]);
    }
    return g_string_free(state, FALSE);
}

static void open_perf_map(RsSymbolModule *module)
{
    char *paths[2];

    module->why = RS_UNNAMED_JIT;
    if (module->process_id <= 0)
        return;
    module->map_state = perf_map_state(module);
    perf_map_paths(module, paths);
    for (guint i = 0; i < G_N_ELEMENTS(paths); i++) {
        if (paths[i] && !module->own_map)
            module->own_map = rs_address_map_read_perf(paths[i], NULL);
        g_free(paths[i]);
    }
    module->map = module->own_map;
}

/* Records stay, for those who borrowed their text. */
void rs_symbol_module_renew(RsSymbolModule *module)
{
    g_autofree char *state = NULL;

    if (module->kind != RS_MODULE_JIT || !module->is_opened || module->process_id <= 0)
        return;
    state = perf_map_state(module);
    if (g_strcmp0(state, module->map_state) == 0)
        return;
    g_clear_pointer(&module->map_state, g_free);
    g_clear_pointer(&module->own_map, rs_address_map_free);
    module->map = NULL;
    g_hash_table_remove_all(module->by_start);
    module->is_opened = FALSE;
}

void rs_symbol_module_open(RsSymbolModule *module)
{
    if (module->is_opened)
        return;
    module->is_opened = TRUE;
    switch (module->kind) {
    case RS_MODULE_FILE:
        find_file(module);
        open_file_tables(module);
        break;
    case RS_MODULE_VDSO:
        find_vdso(module);
        if (!add_table(module, module->elf, SHT_SYMTAB, RS_SYMBOL_VDSO))
            add_table(module, module->elf, SHT_DYNSYM, RS_SYMBOL_VDSO);
        break;
    case RS_MODULE_JIT:
        open_perf_map(module);
        break;
    case RS_MODULE_KERNEL:
        open_kernel(module);
        break;
    case RS_MODULE_UNKNOWN:
        module->why = RS_UNNAMED_UNMAPPED;
        break;
    }
}

void rs_symbol_module_open_late(RsSymbolModule *module)
{
    const RsSymbolTable *functions;

    if (module->is_late_opened)
        return;
    module->is_late_opened = TRUE;
    if (!module->elf || (module->kind != RS_MODULE_FILE && module->kind != RS_MODULE_VDSO))
        return;
    if (module->kind == RS_MODULE_FILE) {
        add_table(module, module->elf, SHT_DYNSYM, RS_SYMBOL_DYNSYM);
        functions = module->n_tables ? module->tables[module->n_tables - 1].table : NULL;
        module->plt = rs_plt_new(module->elf, functions);
    }
    module->bounds = rs_code_bounds_new(module->elf);
}

/* --- DWARF --- */

static gboolean take_debug_info(RsSymbolModule *module, RsElf *elf, const char *path)
{
    if (!elf || !rs_sections_have(elf, ".debug_info"))
        return FALSE;
    module->debug_info = rs_debug_info_new(elf, path, NULL);
    module->debug_info_path = path;
    return module->debug_info != NULL;
}

void rs_symbol_module_open_debug(RsSymbolModule *module)
{
    if (module->is_debug_opened)
        return;
    module->is_debug_opened = TRUE;
    if (module->kind != RS_MODULE_FILE || module->symbolizer->no_inlines)
        return;
    if (take_debug_info(module, module->elf,
                        module->opened_path ? module->opened_path : module->path))
        return;
    if (find_debug_file(module) &&
        take_debug_info(module, module->debug_file.elf, module->debug_file.path))
        return;
    if (find_debuginfod(module))
        take_debug_info(module, module->debuginfod, module->debuginfod_path);
}

/* --- for people --- */

char *rs_symbol_module_sources(RsSymbolModule *module)
{
    g_autoptr(GString) text = g_string_new(NULL);
    const char *separator = "";

    rs_symbol_module_open(module);
    rs_symbol_module_open_late(module);
    rs_symbol_module_open_debug(module);
    for (guint i = 0; i < module->n_tables; i++) {
        g_string_append(text, separator);
        switch (module->tables[i].source) {
        case RS_SYMBOL_DEBUG_FILE:
            g_string_append_printf(text, "debug file %s (%s)", module->debug_file.path,
                                   module->debug_file.how);
            break;
        case RS_SYMBOL_DEBUGINFOD:
            g_string_append_printf(text, "debuginfod, %s", module->debuginfod_path);
            break;
        case RS_SYMBOL_DEBUGDATA:
            g_string_append(text, ".gnu_debugdata");
            break;
        default:
            g_string_append(text,
                            module->tables[i].source == RS_SYMBOL_SYMTAB ? ".symtab" : ".dynsym");
        }
        separator = ", ";
    }
    if (module->map)
        g_string_append(text, module->kind == RS_MODULE_KERNEL ? KALLSYMS : "perf map");
    if (module->bounds && rs_code_bounds_n(module->bounds)) {
        g_string_append_printf(text, "%s.eh_frame", separator);
        separator = ", ";
    }
    if (module->debug_info)
        g_string_append_printf(text, "%sDWARF of %s", separator, module->debug_info_path);
    if (!text->len)
        g_string_append(text, rs_unnamed_names[module->why]);
    return g_string_free(g_steal_pointer(&text), FALSE);
}
