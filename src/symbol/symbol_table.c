/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Symbols are collected, sorted by address, reduced to one for each address, and cut into pieces
 * that do not overlap. An index by equal parts of the address range leads to the few pieces that a
 * lookup has to look at.
 *
 * Source: System V gABI, "Symbol Table". */
#include "symbol/symbol_table.h"

#include <string.h>

#include "symbol/sections.h"

#define SYMBOLS_LIMIT 50000000u

typedef struct {
    guint64 start, end; /* end 0: it has no size */
    guint32 name;
    guint32 rank; /* lower is better; what the symbol itself says */
} Symbol;

/* A part of a symbol's range that is its own. */
typedef struct {
    guint64 start, end;
    guint32 symbol;
} Piece;

struct RsSymbolTable {
    const char *names;
    gsize n_names_bytes;
    GArray *symbols; /* Symbol, by start */
    GArray *pieces;  /* Piece, by start */
    guint32 *firsts; /* of each part: the first piece that starts in it or later; one more */
    guint32 n_parts;
    guint shift; /* a part has 1 << shift addresses */
};

typedef struct {
    guint64 start, end;
} Range;

/* --- names --- */

static const char *name_at(const RsSymbolTable *table, guint32 offset, gsize *n_bytes)
{
    const char *name = table->names + offset, *end;

    if (offset >= table->n_names_bytes)
        return NULL;
    end = memchr(name, '\0', table->n_names_bytes - offset);
    if (!end || end == name)
        return NULL;
    *n_bytes = (gsize)(end - name);
    return name;
}

static guint underscores(const char *name)
{
    guint n = 0;

    while (name[n] == '_')
        n++;
    return n;
}

static gboolean is_mangled(const char *name)
{
    return (name[0] == '_' && (name[1] == 'R' || name[1] == 'Z')) || g_str_has_prefix(name, "__ZN");
}

/* Whether a is to be had rather than b, which starts at the same address. Names are compared where
 * all else is equal, which is seldom: reading them costs more than the table. */
static gboolean is_better(const RsSymbolTable *table, const Symbol *a, const Symbol *b)
{
    gsize n_a = 0, n_b = 0;
    const char *name_a, *name_b;

    if (a->rank != b->rank)
        return a->rank < b->rank;
    name_a = name_at(table, a->name, &n_a);
    name_b = name_at(table, b->name, &n_b);
    if (!name_a || !name_b)
        return name_a != NULL;
    if (is_mangled(name_a) != is_mangled(name_b))
        return is_mangled(name_a);
    if (!is_mangled(name_a) && underscores(name_a) != underscores(name_b))
        return underscores(name_a) < underscores(name_b);
    if (n_a != n_b)
        return n_a < n_b;
    return strcmp(name_a, name_b) < 0;
}

/* --- collecting --- */

static int compare_ranges(gconstpointer a, gconstpointer b)
{
    const Range *left = a, *right = b;

    return left->start < right->start ? -1 : left->start > right->start;
}

static GArray *code_ranges(const GArray *sections)
{
    GArray *ranges = g_array_new(FALSE, FALSE, sizeof(Range));

    for (guint i = 0; i < sections->len; i++) {
        const Elf64_Shdr *header = &g_array_index(sections, Elf64_Shdr, i);
        Range range = {header->sh_addr, header->sh_addr + header->sh_size};

        if (header->sh_flags & SHF_ALLOC && header->sh_flags & SHF_EXECINSTR &&
            range.end > range.start)
            g_array_append_val(ranges, range);
    }
    g_array_sort(ranges, compare_ranges);
    return ranges;
}

/* The range that has vaddr; hint is tried first. */
static const Range *range_of(const GArray *ranges, guint64 vaddr, guint *hint)
{
    guint low = 0, high = ranges->len;

    if (*hint < ranges->len) {
        const Range *range = &g_array_index(ranges, Range, *hint);

        if (vaddr >= range->start && vaddr < range->end)
            return range;
    }
    while (low < high) {
        guint middle = low + (high - low) / 2;
        const Range *range = &g_array_index(ranges, Range, middle);

        if (vaddr < range->start) {
            high = middle;
        } else if (vaddr >= range->end) {
            low = middle + 1;
        } else {
            *hint = middle;
            return range;
        }
    }
    return NULL;
}

static guint32 binding_rank(guint8 binding)
{
    return binding == STB_GLOBAL || binding == STB_GNU_UNIQUE ? 0 : binding == STB_WEAK ? 1 : 2;
}

static void collect(RsSymbolTable *table, const guint8 *bytes, gsize n_symbols,
                    const GArray *ranges)
{
    guint hint = 0;

    for (gsize i = 0; i < n_symbols; i++) {
        Elf64_Sym entry;
        guint8 type;
        const Range *range;
        Symbol symbol;

        memcpy(&entry, bytes + i * sizeof entry, sizeof entry);
        type = ELF64_ST_TYPE(entry.st_info);
        if ((type != STT_FUNC && type != STT_GNU_IFUNC && type != STT_NOTYPE) ||
            entry.st_shndx == SHN_UNDEF || entry.st_shndx == SHN_ABS ||
            entry.st_shndx == SHN_COMMON || entry.st_name >= table->n_names_bytes ||
            !table->names[entry.st_name] ||
            (type == STT_NOTYPE && table->names[entry.st_name] == '.')) /* an assembler's label */
            continue;
        range = range_of(ranges, entry.st_value, &hint);
        if (!range)
            continue;
        symbol = (Symbol){.start = entry.st_value, .name = entry.st_name};
        if (entry.st_size && entry.st_size <= range->end - entry.st_value)
            symbol.end = entry.st_value + entry.st_size;
        symbol.rank = (symbol.end ? 0 : 16) + (type == STT_NOTYPE ? 8 : 0) +
                      binding_rank(ELF64_ST_BIND(entry.st_info));
        g_array_append_val(table->symbols, symbol);
    }
}

/* By start, in as many rounds as the widest distance has bytes. Stable. */
static void sort_symbols(GArray *symbols)
{
    g_autofree Symbol *other = g_new(Symbol, MAX(symbols->len, 1));
    Symbol *from = (Symbol *)(void *)symbols->data, *to = other;
    guint64 lowest = G_MAXUINT64, widest = 0;

    for (guint i = 0; i < symbols->len; i++)
        lowest = MIN(lowest, from[i].start);
    for (guint i = 0; i < symbols->len; i++)
        widest = MAX(widest, from[i].start - lowest);
    for (guint shift = 0; shift < 64 && widest >> shift; shift += 8) {
        guint32 places[257] = {0};
        Symbol *swap = from;

        for (guint i = 0; i < symbols->len; i++)
            places[((from[i].start - lowest) >> shift & 0xff) + 1]++;
        for (guint i = 0; i < 256; i++)
            places[i + 1] += places[i];
        for (guint i = 0; i < symbols->len; i++)
            to[places[(from[i].start - lowest) >> shift & 0xff]++] = from[i];
        from = to;
        to = swap;
    }
    if (from == other)
        memcpy(symbols->data, other, symbols->len * sizeof *other);
}

/* One for each address. */
static void choose_names(RsSymbolTable *table)
{
    Symbol *symbols = (Symbol *)(void *)table->symbols->data;
    guint n = 0;

    for (guint i = 0; i < table->symbols->len; i++) {
        if (n && symbols[n - 1].start == symbols[i].start) {
            guint64 end = MAX(symbols[n - 1].end, symbols[i].end);

            if (is_better(table, &symbols[i], &symbols[n - 1]))
                symbols[n - 1] = symbols[i];
            if (symbols[n - 1].end)
                symbols[n - 1].end = end;
        } else {
            symbols[n++] = symbols[i];
        }
    }
    g_array_set_size(table->symbols, n);
}

/* --- pieces --- */

static void add_piece(RsSymbolTable *table, guint64 start, guint64 end, guint32 symbol)
{
    Piece piece = {start, end, symbol};

    if (start < end)
        g_array_append_val(table->pieces, piece);
}

/* Ends the open symbols that end at or before until; at is where the last piece ended. */
static guint64 close_symbols(RsSymbolTable *table, GArray *open, guint64 at, guint64 until)
{
    while (open->len) {
        guint32 i = g_array_index(open, guint32, open->len - 1);
        guint64 end = g_array_index(table->symbols, Symbol, i).end;

        if (end > until) {
            add_piece(table, at, until, i);
            return MAX(at, until);
        }
        add_piece(table, at, end, i);
        at = MAX(at, end);
        g_array_set_size(open, open->len - 1);
    }
    return at;
}

static void cut_pieces(RsSymbolTable *table, const GArray *ranges)
{
    g_autoptr(GArray) open = g_array_new(FALSE, FALSE, sizeof(guint32));
    guint64 at = 0;
    guint hint = 0;

    for (guint32 i = 0; i < table->symbols->len; i++) {
        Symbol *symbol = &g_array_index(table->symbols, Symbol, i);

        at = close_symbols(table, open, at, symbol->start);
        at = MAX(at, symbol->start);
        if (!symbol->end) {
            const Range *range = range_of(ranges, symbol->start, &hint);

            if (open->len || !range)
                continue; /* a label inside of a function; sections on top of each other */
            symbol->end = range->end;
            if (i + 1 < table->symbols->len)
                symbol->end = MIN(symbol->end, g_array_index(table->symbols, Symbol, i + 1).start);
        }
        g_array_append_val(open, i);
    }
    close_symbols(table, open, at, G_MAXUINT64);
}

static void index_pieces(RsSymbolTable *table)
{
    const Piece *pieces = (const Piece *)(const void *)table->pieces->data;
    guint n = table->pieces->len;
    guint64 span = pieces[n - 1].start - pieces[0].start;
    guint32 part = 0;

    while (span >> table->shift >= 2 * (guint64)n)
        table->shift++;
    table->n_parts = (guint32)(span >> table->shift) + 1;
    table->firsts = g_new(guint32, (gsize)table->n_parts + 1);
    for (guint i = 0; i < n; i++) {
        guint32 of_piece = (guint32)((pieces[i].start - pieces[0].start) >> table->shift);

        while (part <= of_piece)
            table->firsts[part++] = i;
    }
    table->firsts[part] = n;
}

/* --- life --- */

static const Elf64_Shdr *names_of(const GArray *sections, const Elf64_Shdr *header)
{
    const Elf64_Shdr *names;

    if (header->sh_link >= sections->len)
        return NULL;
    names = &g_array_index(sections, Elf64_Shdr, header->sh_link);
    return names->sh_type == SHT_STRTAB ? names : NULL;
}

RsSymbolTable *rs_symbol_table_new(const RsElf *elf, guint32 type)
{
    g_autoptr(GArray) sections = rs_sections_read(elf);
    g_autoptr(GArray) ranges = code_ranges(sections);
    g_autoptr(RsSymbolTable) table = g_new0(RsSymbolTable, 1);
    const Elf64_Shdr *header = rs_section_of_type(sections, type);
    const Elf64_Shdr *names = header ? names_of(sections, header) : NULL;
    const guint8 *bytes = header ? rs_section_bytes(elf, header, &(gsize){0}) : NULL;
    gsize n_symbols;

    /* in objects that are not linked addresses are those of each section alone */
    if (!names || !bytes || rs_elf_type(elf) == ET_REL || !ranges->len)
        return NULL;
    table->names = (const char *)rs_section_bytes(elf, names, &table->n_names_bytes);
    if (!table->names)
        return NULL;
    n_symbols = MIN(header->sh_size / sizeof(Elf64_Sym), SYMBOLS_LIMIT);
    table->symbols = g_array_sized_new(FALSE, FALSE, sizeof(Symbol), (guint)n_symbols);
    collect(table, bytes, n_symbols, ranges);
    if (!table->symbols->len)
        return NULL;
    sort_symbols(table->symbols);
    choose_names(table);
    table->pieces = g_array_sized_new(FALSE, FALSE, sizeof(Piece), table->symbols->len);
    cut_pieces(table, ranges);
    if (!table->pieces->len)
        return NULL;
    index_pieces(table);
    return g_steal_pointer(&table);
}

void rs_symbol_table_free(RsSymbolTable *table)
{
    if (!table)
        return;
    if (table->symbols)
        g_array_unref(table->symbols);
    if (table->pieces)
        g_array_unref(table->pieces);
    g_free(table->firsts);
    g_free(table);
}

/* --- questions --- */

guint rs_symbol_table_n(const RsSymbolTable *table)
{
    return table->symbols->len;
}

gboolean rs_symbol_table_index(const RsSymbolTable *table, guint64 vaddr, guint *index)
{
    const Piece *pieces = (const Piece *)(const void *)table->pieces->data;
    guint64 distance = vaddr - pieces[0].start;
    guint32 low, high;
    guint64 part = distance >> table->shift;

    if (vaddr < pieces[0].start)
        return FALSE;
    if (part >= table->n_parts) {
        low = high = table->pieces->len;
    } else {
        low = table->firsts[part];
        high = table->firsts[part + 1];
    }
    while (low < high) { /* the first that starts behind vaddr */
        guint32 middle = low + (high - low) / 2;

        if (pieces[middle].start <= vaddr)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0 || vaddr >= pieces[low - 1].end)
        return FALSE;
    *index = pieces[low - 1].symbol;
    return TRUE;
}

gboolean rs_symbol_table_get(const RsSymbolTable *table, guint index, RsTableSymbol *symbol)
{
    const Symbol *found = &g_array_index(table->symbols, Symbol, index);

    symbol->index = index;
    symbol->start = found->start;
    symbol->n_bytes = found->end - found->start;
    symbol->name = name_at(table, found->name, &symbol->n_name_bytes);
    return symbol->name != NULL;
}

gboolean rs_symbol_table_find(const RsSymbolTable *table, guint64 vaddr, RsTableSymbol *symbol)
{
    guint index;

    return rs_symbol_table_index(table, vaddr, &index) && rs_symbol_table_get(table, index, symbol);
}

const char *rs_symbol_table_strings(const RsSymbolTable *table, gsize *n_bytes)
{
    *n_bytes = table->n_names_bytes;
    return table->names;
}

gboolean rs_symbol_table_find_name(const RsSymbolTable *table, const char *name, guint64 *start)
{
    gsize n_bytes = strlen(name) + 1;

    for (guint i = 0; i < table->symbols->len; i++) {
        const Symbol *symbol = &g_array_index(table->symbols, Symbol, i);

        if (table->n_names_bytes - symbol->name >= n_bytes &&
            memcmp(table->names + symbol->name, name, n_bytes) == 0) {
            *start = symbol->start;
            return TRUE;
        }
    }
    return FALSE;
}
