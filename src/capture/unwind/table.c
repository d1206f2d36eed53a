/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Layout. The code is cut into pages of 256 bytes, so that one byte tells where in its page a row
 * begins. Each page has a block of all its rows' places (1 byte each), then their rules (2 bytes
 * each, numbers of different rules), and the blocks lie one behind the other: 3 bytes a row, and
 * both halves of a row mostly in one cache line. The index has the block's place for each page, 4
 * bytes; the next one's tells how many rows it has. An address before the first row of its page is
 * under the last row of an earlier page: the 2 bytes before the block, wherever that is, as pages
 * without rows have no bytes. So a search is: one index entry, one block (16 places are compared at
 * once), one rule. */
#include "capture/unwind/table.h"

#include <emmintrin.h>
#include <string.h>

#include "capture/unwind/table_build.h"

#define PAGE_SHIFT  8
#define PAGE_BYTES  (1u << PAGE_SHIFT)
#define ROW_BYTES   3
#define RULES_LIMIT 65536
#define RULE_NONE   0 /* no rule: between functions */
#define RULE_SLOW   1
#define BLOCKS_LIMIT_BYTES                                                                         \
    (G_MAXUINT32 - 4096) /* their places are 32 bits; rows beyond are lost                         \
                          */
#define FIRST_BLOCK   2  /* the rule before the first row: none */
#define PADDING_BYTES 16 /* so that 16 places can be loaded at the last one */

typedef struct {
    guint32 start, n_bytes; /* from base */
    guint32 fde;            /* from fde_base; 0: not of .eh_frame */
} Function;

struct RsUnwindTable {
    guint64 base, n_span_bytes;
    guint32 *pages; /* n_pages + 1 */
    guint8 *blocks;
    RsUnwindRule *rules;
    Function *functions;
    guint64 fde_base;
    gsize n_pages, n_rows, n_rules, n_functions, n_block_bytes;
};

/* --- asking --- */

/* How many of the n places are at most place. They are sorted. */
static inline guint count_upto(const guint8 *places, guint n, guint8 place)
{
    const __m128i wanted = _mm_set1_epi8((char)place);

    for (guint i = 0; i < n; i += 16) {
        __m128i some = _mm_loadu_si128((const __m128i *)(const void *)(places + i));
        guint greater = ~(guint)_mm_movemask_epi8(
            _mm_cmpeq_epi8(_mm_min_epu8(some, wanted), some)); /* bits 16 and up are set */
        guint n_upto = (guint)__builtin_ctz(greater);

        if (n_upto < 16 || i + 16 >= n)
            return MIN(i + n_upto, n);
    }
    return n;
}

const RsUnwindRule *rs_unwind_table_find(const RsUnwindTable *table, guint64 vaddr)
{
    guint64 distance = vaddr - table->base;
    gsize page = distance >> PAGE_SHIFT;
    guint32 block, n_rows, n_upto;
    const guint8 *rule_at;
    guint16 rule;

    if (distance >= table->n_span_bytes)
        return NULL;
    block = table->pages[page];
    n_rows = (table->pages[page + 1] - block) / ROW_BYTES;
    n_upto = count_upto(table->blocks + block, n_rows, (guint8)distance);
    rule_at = table->blocks + block - 2;
    if (n_upto)
        rule_at += n_rows + 2 * n_upto;
    memcpy(&rule, rule_at, sizeof rule);
    return rule == RULE_NONE ? NULL : &table->rules[rule];
}

gsize rs_unwind_table_n_rows(const RsUnwindTable *table)
{
    return table->n_rows;
}

gsize rs_unwind_table_n_rules(const RsUnwindTable *table)
{
    return table->n_rules;
}

gsize rs_unwind_table_n_bytes(const RsUnwindTable *table)
{
    return sizeof *table + (table->n_pages + 1) * sizeof *table->pages + table->n_block_bytes +
           table->n_rules * sizeof *table->rules + table->n_functions * sizeof *table->functions;
}

gboolean rs_unwind_table_function(const RsUnwindTable *table, guint64 vaddr, guint64 *start,
                                  guint64 *n_bytes, guint64 *fde_vaddr)
{
    guint64 distance = vaddr - table->base;
    gsize low = 0, high = table->n_functions; /* the first function that begins behind it */

    if (distance >= table->n_span_bytes)
        return FALSE;
    while (low < high) {
        gsize middle = low + (high - low) / 2;

        if (table->functions[middle].start <= distance)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0 || distance - table->functions[low - 1].start >= table->functions[low - 1].n_bytes)
        return FALSE;
    rs_unwind_table_nth_function(table, low - 1, start, n_bytes, fde_vaddr);
    return TRUE;
}

gsize rs_unwind_table_n_functions(const RsUnwindTable *table)
{
    return table->n_functions;
}

void rs_unwind_table_nth_function(const RsUnwindTable *table, gsize i, guint64 *start,
                                  guint64 *n_bytes, guint64 *fde_vaddr)
{
    const Function *function = &table->functions[i];

    if (start)
        *start = table->base + function->start;
    if (n_bytes)
        *n_bytes = function->n_bytes;
    if (fde_vaddr)
        *fde_vaddr = function->fde ? table->fde_base + function->fde : 0;
}

void rs_unwind_table_free(RsUnwindTable *table)
{
    if (!table)
        return;
    g_free(table->pages);
    g_free(table->blocks);
    g_free(table->rules);
    g_free(table->functions);
    g_free(table);
}

/* --- building --- */

/* Numbers of rules by their content: open addressing, never more than half full. It begins small,
 * to stay in the nearest cache: few files have a thousand rules. */
#define FIRST_SLOTS 4096

struct RsTableBuilder {
    RsUnwindTable *table;
    gsize page; /* of the rows that wait for their block */
    guint n_waiting;
    guint8 places[PAGE_BYTES];
    guint16 numbers[PAGE_BYTES];
    gboolean has_pending;     /* a row that a row at the same address may still replace */
    guint64 pending_distance; /* of it */
    guint16 pending_number, last_number;
    gsize n_block_room, n_rule_room, n_function_room;
    gsize n_slots;  /* a power of two */
    guint32 *slots; /* number + 1; 0: free */
};

RsTableBuilder *rs_table_builder_new(guint64 base, guint64 n_span_bytes)
{
    RsTableBuilder *builder = g_new0(RsTableBuilder, 1);
    RsUnwindTable *table = builder->table = g_new0(RsUnwindTable, 1);

    g_assert(n_span_bytes <= RS_TABLE_SPAN_LIMIT_BYTES);
    table->base = base & ~(guint64)(PAGE_BYTES - 1);
    table->n_span_bytes = n_span_bytes + (base - table->base);
    table->n_pages = (table->n_span_bytes + PAGE_BYTES - 1) >> PAGE_SHIFT;
    table->pages = g_new0(guint32, table->n_pages + 1);
    builder->n_block_room = 4096;
    table->blocks = g_malloc0(builder->n_block_room);
    table->n_block_bytes = FIRST_BLOCK;
    builder->n_rule_room = 64;
    table->rules = g_new0(RsUnwindRule, builder->n_rule_room);
    table->rules[RULE_NONE] = (RsUnwindRule){.cfa_kind = RS_CFA_NONE};
    table->rules[RULE_SLOW] = (RsUnwindRule){.cfa_kind = RS_CFA_SLOW};
    table->n_rules = 2;
    builder->n_slots = FIRST_SLOTS;
    builder->slots = g_new0(guint32, builder->n_slots);
    return builder;
}

static gboolean equal(const RsUnwindRule *a, const RsUnwindRule *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

static gsize hash(const RsUnwindRule *rule)
{
    guint64 first;
    guint32 last;

    G_STATIC_ASSERT(sizeof *rule == sizeof first + sizeof last);
    memcpy(&first, rule, sizeof first);
    memcpy(&last, (const guint8 *)rule + sizeof first, sizeof last);
    return (gsize)(((first ^ (guint64)last << 29) * 0x9e3779b97f4a7c15u) >> 40);
}

/* Its slot, or the free one that it would have. */
static gsize slot_of(const RsTableBuilder *builder, const RsUnwindRule *rule)
{
    gsize slot = hash(rule) & (builder->n_slots - 1);

    while (builder->slots[slot] && !equal(&builder->table->rules[builder->slots[slot] - 1], rule))
        slot = (slot + 1) & (builder->n_slots - 1);
    return slot;
}

static void double_slots(RsTableBuilder *builder)
{
    g_free(builder->slots);
    builder->n_slots *= 2;
    builder->slots = g_new0(guint32, builder->n_slots);
    for (gsize i = RULE_SLOW + 1; i < builder->table->n_rules; i++)
        builder->slots[slot_of(builder, &builder->table->rules[i])] = (guint32)i + 1;
}

static guint16 number_of(RsTableBuilder *builder, const RsUnwindRule *rule)
{
    RsUnwindTable *table = builder->table;
    gsize slot;

    if (rule->cfa_kind == RS_CFA_NONE)
        return RULE_NONE;
    if (rule->cfa_kind == RS_CFA_SLOW)
        return RULE_SLOW;
    slot = slot_of(builder, rule);
    if (builder->slots[slot])
        return (guint16)(builder->slots[slot] - 1);
    if (table->n_rules == RULES_LIMIT)
        return RULE_SLOW;
    if (table->n_rules == builder->n_rule_room) {
        builder->n_rule_room *= 2;
        table->rules = g_renew(RsUnwindRule, table->rules, builder->n_rule_room);
    }
    table->rules[table->n_rules] = *rule;
    builder->slots[slot] = (guint32)++table->n_rules;
    if (2 * table->n_rules > builder->n_slots)
        double_slots(builder);
    return (guint16)(table->n_rules - 1);
}

/* Writes the block of the page at hand and goes on to that page. */
static void turn_page(RsTableBuilder *builder, gsize page)
{
    RsUnwindTable *table = builder->table;

    if (builder->n_block_room < table->n_block_bytes + ROW_BYTES * PAGE_BYTES + PADDING_BYTES) {
        builder->n_block_room *= 2;
        table->blocks = g_realloc(table->blocks, builder->n_block_room);
    }
    memcpy(table->blocks + table->n_block_bytes, builder->places, builder->n_waiting);
    memcpy(table->blocks + table->n_block_bytes + builder->n_waiting, builder->numbers,
           builder->n_waiting * sizeof *builder->numbers);
    table->pages[builder->page] = (guint32)table->n_block_bytes;
    table->n_block_bytes += (gsize)ROW_BYTES * builder->n_waiting;
    table->n_rows += builder->n_waiting;
    builder->n_waiting = 0;
    for (gsize i = builder->page + 1; i < page; i++)
        table->pages[i] = (guint32)table->n_block_bytes;
    builder->page = page;
}

static void put_pending(RsTableBuilder *builder)
{
    gsize page = builder->pending_distance >> PAGE_SHIFT;

    if (!builder->has_pending || builder->pending_number == builder->last_number ||
        builder->table->n_block_bytes > BLOCKS_LIMIT_BYTES)
        return;
    if (page != builder->page)
        turn_page(builder, page);
    builder->places[builder->n_waiting] = (guint8)builder->pending_distance;
    builder->numbers[builder->n_waiting++] = builder->pending_number;
    builder->last_number = builder->pending_number;
}

void rs_table_builder_row(RsTableBuilder *builder, guint64 vaddr, const RsUnwindRule *rule)
{
    guint64 distance = vaddr - builder->table->base;

    if (distance >= builder->table->n_span_bytes) /* the end of the last function */
        return;
    if (!builder->has_pending || distance != builder->pending_distance)
        put_pending(builder);
    builder->has_pending = TRUE;
    builder->pending_distance = distance;
    builder->pending_number = rule ? number_of(builder, rule) : RULE_NONE;
}

void rs_table_builder_function(RsTableBuilder *builder, guint64 start, guint32 n_bytes,
                               guint64 fde_vaddr)
{
    RsUnwindTable *table = builder->table;
    guint64 fde;

    if (table->n_functions == builder->n_function_room) {
        builder->n_function_room = MAX(64, 2 * builder->n_function_room);
        table->functions = g_renew(Function, table->functions, builder->n_function_room);
    }
    /* records lie within 4 GB, and the first one not at its base, so that 0 can mean none */
    if (fde_vaddr && !table->fde_base)
        table->fde_base = fde_vaddr - RS_TABLE_SPAN_LIMIT_BYTES;
    fde = fde_vaddr ? fde_vaddr - table->fde_base : 0;
    table->functions[table->n_functions++] =
        (Function){(guint32)(start - table->base), n_bytes, fde <= G_MAXUINT32 ? (guint32)fde : 0};
}

RsUnwindTable *rs_table_builder_finish(RsTableBuilder *builder)
{
    RsUnwindTable *table = builder->table;

    put_pending(builder);
    turn_page(builder, table->n_pages);
    table->pages[table->n_pages] = (guint32)table->n_block_bytes;
    memset(table->blocks + table->n_block_bytes, 0, PADDING_BYTES);
    table->n_block_bytes += PADDING_BYTES;
    table->blocks = g_realloc(table->blocks, table->n_block_bytes);
    table->rules = g_renew(RsUnwindRule, table->rules, table->n_rules);
    table->functions = g_renew(Function, table->functions, table->n_functions);
    g_free(builder->slots);
    g_free(builder);
    if (table->n_functions)
        return table;
    rs_unwind_table_free(table);
    return NULL;
}
