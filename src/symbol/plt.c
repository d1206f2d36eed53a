/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A stub jumps through a slot that a relocation fills in, and the relocation names the function; or
 * it pushes the number of its relocation and jumps to the first stub, which has the loader look.
 *
 * Source: System V ABI for x86-64, "Procedure Linkage Table" and "Relocation Types"; encodings in
 * the Intel 64 manual, volume 2: JMP r/m64 (FF /4), PUSH imm32 (68), ENDBR64 (F3 0F 1E FA). */
#include "symbol/plt.h"

#include <string.h>

#include "symbol/sections.h"

#define RELOCATIONS_LIMIT 1000000
#define STUB_BYTES        16
#define STEP_BYTES        8
#define NAME_LIMIT_BYTES  65536

typedef struct {
    guint64 slot;
    guint32 symbol;   /* of .dynsym; 0: none */
    guint64 resolver; /* where there is no symbol */
} Relocation;

typedef struct {
    guint64 start;
    guint n_bytes;
    const char *name;
} Stub;

struct RsPlt {
    GArray *stubs; /* Stub, by start */
    GStringChunk *names;
};

typedef struct {
    GArray *numbered; /* Relocation of .rela.plt, in the file's order */
    GArray *by_slot;  /* those of .rela.dyn as well */
    const guint8 *symbols;
    gsize n_symbols;
    const char *strings;
    gsize n_strings_bytes;
    const RsSymbolTable *functions;
} Tables;

static void tables_clear(Tables *tables)
{
    g_array_unref(tables->numbered);
    g_array_unref(tables->by_slot);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Tables, tables_clear)

static void read_relocations(RsElf *elf, const char *section_name, GArray *relocations)
{
    RsElfSection section;

    if (!rs_elf_section(elf, section_name, &section))
        return;
    for (gsize i = 0; i < section.n_bytes / sizeof(Elf64_Rela) && i < RELOCATIONS_LIMIT; i++) {
        Elf64_Rela entry;
        Relocation relocation = {0};

        memcpy(&entry, section.bytes + i * sizeof entry, sizeof entry);
        switch (ELF64_R_TYPE(entry.r_info)) {
        case R_X86_64_JUMP_SLOT:
        case R_X86_64_GLOB_DAT:
            relocation.symbol = (guint32)ELF64_R_SYM(entry.r_info);
            break;
        case R_X86_64_IRELATIVE:
            relocation.resolver = (guint64)entry.r_addend;
            break;
        default:
            break;
        }
        relocation.slot = entry.r_offset;
        g_array_append_val(relocations, relocation);
    }
}

static int compare_slots(gconstpointer a, gconstpointer b)
{
    const Relocation *left = a, *right = b;

    return left->slot < right->slot ? -1 : left->slot > right->slot;
}

static const Relocation *of_slot(const Tables *tables, guint64 slot)
{
    guint low = 0, high = tables->by_slot->len;

    while (low < high) {
        guint middle = low + (high - low) / 2;
        const Relocation *relocation = &g_array_index(tables->by_slot, Relocation, middle);

        if (relocation->slot == slot)
            return relocation;
        if (relocation->slot < slot)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* The name that a relocation tells; NULL: none. Not more than *n_bytes of it may be read. */
static const char *name_of(const Tables *tables, const Relocation *relocation, gsize *n_bytes)
{
    Elf64_Sym symbol;
    const char *end;

    if (relocation->resolver) {
        RsTableSymbol function;

        if (!tables->functions ||
            !rs_symbol_table_find(tables->functions, relocation->resolver, &function))
            return NULL;
        *n_bytes = function.n_name_bytes;
        return function.name;
    }
    if (!relocation->symbol || relocation->symbol >= tables->n_symbols)
        return NULL;
    memcpy(&symbol, tables->symbols + relocation->symbol * sizeof symbol, sizeof symbol);
    if (symbol.st_name >= tables->n_strings_bytes)
        return NULL;
    end = memchr(tables->strings + symbol.st_name, '\0', tables->n_strings_bytes - symbol.st_name);
    if (!end || end == tables->strings + symbol.st_name)
        return NULL;
    *n_bytes = (gsize)(end - (tables->strings + symbol.st_name));
    return tables->strings + symbol.st_name;
}

/* The relocation that a stub goes by; NULL: the bytes at vaddr are no stub. */
static const Relocation *stub_at(const Tables *tables, const guint8 *bytes, gsize n_left,
                                 guint64 vaddr)
{
    static const guint8 endbr64[] = {0xf3, 0x0f, 0x1e, 0xfa};
    gsize at = 0;
    guint32 value;

    if (n_left >= sizeof endbr64 && memcmp(bytes, endbr64, sizeof endbr64) == 0)
        at = sizeof endbr64;
    if (at && n_left >= at + 5 && bytes[at] == 0x68) {
        memcpy(&value, bytes + at + 1, sizeof value);
        value = GUINT32_FROM_LE(value);
        return value < tables->numbered->len ? &g_array_index(tables->numbered, Relocation, value)
                                             : NULL;
    }
    if (at < n_left && bytes[at] == 0xf2) /* BND */
        at++;
    if (n_left < at + 6 || bytes[at] != 0xff || bytes[at + 1] != 0x25)
        return NULL;
    memcpy(&value, bytes + at + 2, sizeof value);
    return of_slot(tables, vaddr + at + 6 + (guint64)(gint64)(gint32)GUINT32_FROM_LE(value));
}

static void read_stubs(RsPlt *plt, RsElf *elf, const Tables *tables, const char *section_name)
{
    RsElfSection section;

    if (!rs_elf_section(elf, section_name, &section) || !section.vaddr)
        return;
    for (gsize at = 0; at < section.n_bytes; at += STEP_BYTES) {
        const Relocation *relocation =
            stub_at(tables, section.bytes + at, section.n_bytes - at, section.vaddr + at);
        gsize n_bytes;
        const char *name = relocation ? name_of(tables, relocation, &n_bytes) : NULL;

        if (name) {
            g_autoptr(GString) full =
                g_string_new_len(name, (gssize)MIN(n_bytes, NAME_LIMIT_BYTES));
            Stub stub = {section.vaddr + at, (guint)MIN(STUB_BYTES, section.n_bytes - at), NULL};

            g_string_append(full, "@plt");
            stub.name = g_string_chunk_insert_const(plt->names, full->str);
            g_array_append_val(plt->stubs, stub);
        }
    }
}

static int compare_stubs(gconstpointer a, gconstpointer b)
{
    const Stub *left = a, *right = b;

    return left->start < right->start ? -1 : left->start > right->start;
}

static void read_symbols(RsElf *elf, Tables *tables)
{
    g_autoptr(GArray) sections = rs_sections_read(elf);
    const Elf64_Shdr *header = rs_section_of_type(sections, SHT_DYNSYM);
    gsize n_bytes = 0;

    tables->symbols = header ? rs_section_bytes(elf, header, &n_bytes) : NULL;
    tables->n_symbols = tables->symbols ? n_bytes / sizeof(Elf64_Sym) : 0;
    if (header && header->sh_link < sections->len)
        tables->strings = (const char *)rs_section_bytes(
            elf, &g_array_index(sections, Elf64_Shdr, header->sh_link), &tables->n_strings_bytes);
    if (!tables->strings)
        tables->n_strings_bytes = tables->n_symbols = 0;
}

RsPlt *rs_plt_new(RsElf *elf, const RsSymbolTable *functions)
{
    static const char *const section_names[] = {".plt", ".plt.sec", ".plt.got"};
    g_autoptr(RsPlt) plt = g_new0(RsPlt, 1);
    g_auto(Tables) tables = {.numbered = g_array_new(FALSE, FALSE, sizeof(Relocation)),
                             .by_slot = g_array_new(FALSE, FALSE, sizeof(Relocation)),
                             .functions = functions};

    plt->stubs = g_array_new(FALSE, FALSE, sizeof(Stub));
    plt->names = g_string_chunk_new(4096);
    read_symbols(elf, &tables);
    read_relocations(elf, ".rela.plt", tables.numbered);
    read_relocations(elf, ".rela.dyn", tables.by_slot);
    g_array_append_vals(tables.by_slot, tables.numbered->data, tables.numbered->len);
    g_array_sort(tables.by_slot, compare_slots);
    for (guint i = 0; i < G_N_ELEMENTS(section_names); i++)
        read_stubs(plt, elf, &tables, section_names[i]);
    g_array_sort(plt->stubs, compare_stubs);
    for (guint i = 0; i + 1 < plt->stubs->len; i++) { /* the short kind */
        Stub *stub = &g_array_index(plt->stubs, Stub, i);

        stub->n_bytes = (guint)MIN(stub->n_bytes, (stub + 1)->start - stub->start);
    }
    return plt->stubs->len ? g_steal_pointer(&plt) : NULL;
}

void rs_plt_free(RsPlt *plt)
{
    if (!plt)
        return;
    g_array_unref(plt->stubs);
    g_string_chunk_free(plt->names);
    g_free(plt);
}

const char *rs_plt_find(const RsPlt *plt, guint64 vaddr, guint64 *start)
{
    guint low = 0, high = plt->stubs->len;
    const Stub *stub;

    while (low < high) { /* the first that starts behind vaddr */
        guint middle = low + (high - low) / 2;

        if (g_array_index(plt->stubs, Stub, middle).start <= vaddr)
            low = middle + 1;
        else
            high = middle;
    }
    if (!low)
        return NULL;
    stub = &g_array_index(plt->stubs, Stub, low - 1);
    if (vaddr - stub->start >= stub->n_bytes)
        return NULL;
    *start = stub->start;
    return stub->name;
}
