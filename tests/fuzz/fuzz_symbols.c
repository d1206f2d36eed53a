/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An input that begins as ELF files do is one, and goes through everything that names its
 * addresses: bounds, fingerprints, symbol tables, .gnu_debugdata, DWARF and the symbolizer on top.
 * Of others the first byte tells what the rest is: a JIT compiler's map, kallsyms, call frame
 * records, code, or a function's name. What comes out has to hold together: functions do not
 * overlap, text is valid UTF-8, and an address lies in the function that it is said to lie in. */
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "elf/frame_entries.h"
#include "symbol/address_map.h"
#include "symbol/code_name.h"
#include "symbol/debug_info.h"
#include "symbol/function_name.h"
#include "symbol/symbolizer.h"

#define N_CODE_NAMES 64
#define N_ADDRESSES  48 /* of each segment with code */
#define N_WORDS      16 /* of the input that are taken for addresses */
#define N_FRAMES     8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *text)
{
    g_assert(!text || g_utf8_validate(text, -1, NULL));
}

/* --- code --- */

static void check_code(RsElf *elf)
{
    g_autoptr(RsCodeBounds) bounds = rs_code_bounds_new(elf);
    guint64 end_before = 0, hash, again;

    for (guint i = 0; i < rs_code_bounds_n(bounds); i++) {
        guint64 start, n_bytes, found, n_found_bytes;

        rs_code_bounds_at(bounds, i, &start, &n_bytes);
        g_assert(n_bytes > 0 && start >= end_before);
        if (start > end_before &&
            rs_code_bounds_find_gap(bounds, start - 1, &found, &n_found_bytes))
            g_assert(found < start && found >= end_before && n_found_bytes <= start - found);
        g_assert(!rs_code_bounds_find_gap(bounds, start, &found, &n_found_bytes));
        end_before = start + n_bytes;
        g_assert(rs_code_bounds_find(bounds, end_before - 1, &found, &n_found_bytes));
        g_assert(found == start && n_found_bytes == n_bytes);
        if (i < N_CODE_NAMES) {
            g_autofree char *name = rs_code_name(elf, start, n_bytes);

            g_assert(g_str_has_prefix(name, "fn_"));
            if (rs_code_fingerprint(elf, start, n_bytes, &hash))
                g_assert(rs_code_fingerprint(elf, start, n_bytes, &again) && hash == again);
        }
    }
    if (rs_code_content_hash(elf, &hash))
        g_assert(rs_code_content_hash(elf, &again) && hash == again);
}

/* --- symbolizer --- */

static void look_up(RsSymbolModule *module, guint64 address)
{
    RsSymbol symbols[N_FRAMES];
    RsUnnamed why;
    guint64 start = address;
    guint n = rs_symbol_module_lookup(module, address, symbols, N_FRAMES, &why);
    const char *name = rs_symbol_module_name(module, address, &start);

    g_assert(n <= N_FRAMES);
    for (guint i = 0; i < n; i++) {
        g_assert(symbols[i].name && *symbols[i].name);
        g_assert(symbols[i].is_inline == (i + 1 < n));
        check_text(symbols[i].name);
        check_text(symbols[i].linkage_name);
        check_text(symbols[i].crate_name);
        check_text(symbols[i].module_path);
        check_text(symbols[i].file);
    }
    check_text(name);
    g_assert(!name || start <= address);
}

static void look_up_debug(RsDebugInfo *info, guint64 address)
{
    RsDebugFrame frames[N_FRAMES];
    guint n = rs_debug_info_lookup(info, address, frames, N_FRAMES);
    const char *file;
    guint32 line;

    g_assert(n <= N_FRAMES);
    for (guint i = 0; i < n; i++)
        g_assert(frames[i].is_inline == (i + 1 < n));
    rs_debug_info_line(info, address, &file, &line);
}

/* Calls with addresses in the code, at its ends, and as the input has them. */
static void each_address(const RsElf *elf, const uint8_t *data, size_t size,
                         void (*use)(gpointer subject, guint64 address), gpointer subject)
{
    guint n_segments;
    const RsElfSegment *segments = rs_elf_segments(elf, &n_segments);

    use(subject, rs_elf_entry(elf));
    use(subject, 0);
    use(subject, G_MAXUINT64);
    for (guint i = 0; i < n_segments && i < N_FRAMES; i++) {
        guint64 n_step_bytes = segments[i].n_memory_bytes / N_ADDRESSES + 1;

        use(subject, segments[i].vaddr);
        use(subject, segments[i].vaddr + segments[i].n_memory_bytes - 1);
        for (guint k = 0; segments[i].is_executable && k < N_ADDRESSES; k++)
            use(subject, segments[i].vaddr + k * n_step_bytes);
    }
    for (guint i = 0; i < N_WORDS && size >= 8; i++) {
        guint64 word;

        memcpy(&word, data + (size - 8) * i / N_WORDS, sizeof word);
        use(subject, word);
        use(subject, word & 0xffff);
    }
}

static void use_module(gpointer subject, guint64 address)
{
    look_up(subject, address);
}

static void use_debug_info(gpointer subject, guint64 address)
{
    look_up_debug(subject, address);
}

static void check_elf(const uint8_t *data, size_t size)
{
    static char *no_folders[] = {NULL};
    const RsSymbolOptions options = {.symbol_folders = no_folders, .debug_folders = no_folders};
    g_autoptr(RsElf) elf = rs_elf_from_bytes(data, size, "input", NULL);
    g_autoptr(RsSymbolizer) symbolizer = NULL;
    g_autoptr(RsDebugInfo) info = NULL;
    g_autofree char *sources = NULL;
    RsSymbolModule *module;

    if (!elf)
        return;
    check_code(elf);
    info = rs_debug_info_new(elf, NULL, NULL);
    if (info)
        each_address(elf, data, size, use_debug_info, info);
    symbolizer = rs_symbolizer_new(&options);
    module = rs_symbolizer_add(symbolizer, &(RsSymbolModuleInfo){.kind = RS_MODULE_FILE,
                                                                 .path = "/nowhere/input",
                                                                 .n_bytes = (gint64)size,
                                                                 .elf = elf});
    each_address(elf, data, size, use_module, module);
    sources = rs_symbol_module_sources(module);
    check_text(sources);
}

/* --- text and parts --- */

static char map_path[] = "/tmp/fuzz-symbols-XXXXXX";

static void remove_map(void)
{
    unlink(map_path);
}

static void check_map(const uint8_t *data, size_t size, gboolean is_kernel)
{
    static int fd = -1;
    g_autoptr(RsAddressMap) map = NULL;

    if (fd < 0) {
        fd = mkstemp(map_path);
        g_assert(fd >= 0);
        atexit(remove_map);
    }
    if (ftruncate(fd, 0) != 0 || pwrite(fd, data, size, 0) != (ssize_t)size)
        return;
    map = is_kernel ? rs_address_map_read_kallsyms(map_path, NULL)
                    : rs_address_map_read_perf(map_path, NULL);
    for (guint i = 0; map && i < 512; i++) {
        guint64 high = is_kernel ? G_GUINT64_CONSTANT(0xffffffff81000000) : 0, start;
        guint64 address = high + i * 37;
        const char *name = rs_address_map_find(map, address, &start);

        check_text(name);
        g_assert(!name || start <= address);
    }
}

static void check_entries(const uint8_t *data, size_t size)
{
    g_autofree guint8 *bytes = g_memdup2(data, size); /* exact, for the sanitizer */
    const RsElfSection section = {0x1000, bytes, size};
    RsFrameEntries entries;
    RsFrameEntry entry;

    for (guint is_debug_frame = 0; is_debug_frame < 2; is_debug_frame++) {
        rs_frame_entries_init(&entries, &section, is_debug_frame != 0);
        while (rs_frame_entries_next(&entries, &entry))
            g_assert(entry.n_bytes > 0);
        for (guint i = 0; i < size && i < 256; i++)
            rs_frame_entries_at(&entries, section.vaddr + i, &entry);
    }
}

static void check_name(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    RsFunctionName name;

    for (guint is_path = 0; is_path < 2; is_path++) {
        if (is_path)
            rs_function_name_parse_path(text, &name);
        else
            rs_function_name_parse(text, &name);
        g_assert(name.name || is_path);
        check_text(name.name);
        check_text(name.crate_name);
        check_text(name.crate_disambiguator);
        check_text(name.module_path);
        check_text(name.instantiating_crate);
        rs_function_name_clear(&name);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 4 && data[0] == 0x7f) {
        check_elf(data, size);
        return 0;
    }
    if (size < 2)
        return 0;
    switch (data[0]) {
    case 'p':
    case 'k':
        check_map(data + 1, size - 1, data[0] == 'k');
        break;
    case 'e':
        check_entries(data + 1, size - 1);
        break;
    default:
        check_name(data, size);
    }
    return 0;
}
