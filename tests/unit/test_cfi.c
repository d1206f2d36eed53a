/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Call frame information made by hand, instruction by instruction, also damaged; and that of real
 * files, row by row as readelf prints it. */
#include "capture/unwind/cfi.h"

#include <check.h>
#include <dwarf.h>
#include <fcntl.h>
#include <gnu/lib-names.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture/unwind/cfi_raw.h"
#include "tests/unit/run.h"

#define SECTION 0x100000u /* addresses of the section and of the code */
#define TEXT    0x400000u
#define N_TEXT  0x100000u

static GByteArray *section;
static RsUnwindTable *table;
static RsCfiCounts counts;

static void set_up(void)
{
    section = g_byte_array_new();
}

static void tear_down(void)
{
    g_byte_array_unref(section);
    g_clear_pointer(&table, rs_unwind_table_free);
}

/* --- writing records --- */

static void put(const void *bytes, guint n_bytes)
{
    g_byte_array_append(section, bytes, n_bytes);
}

static void put_number(guint64 value, guint n_bytes)
{
    put(&value, n_bytes);
}

static guint begin_record(void)
{
    put_number(0, 4);
    return section->len;
}

static void end_record(guint begin)
{
    guint32 n_bytes;

    while ((section->len - begin) % 8 != 4)
        put_number(DW_CFA_nop, 1);
    n_bytes = section->len - begin;
    memcpy(section->data + begin - 4, &n_bytes, 4);
}

#define BYTES(...)    ((const guint8[]){__VA_ARGS__}), sizeof((const guint8[]){__VA_ARGS__})
#define RSP_PLUS_8    DW_CFA_def_cfa, 7, 8
#define RA_AT_MINUS_8 DW_CFA_offset | 16, 1

/* A CIE; returns its offset. augmentation and its data as in the file. */
static guint put_cie_with(const char *augmentation, const guint8 *data, guint n_data,
                          const guint8 *instructions, guint n_instructions)
{
    guint offset = section->len, begin = begin_record();

    put_number(0, 4);
    put_number(1, 1);
    put(augmentation, (guint)strlen(augmentation) + 1);
    put(BYTES(1, 0x78, 16)); /* code alignment 1, data alignment -8, return address in 16 */
    if (*augmentation == 'z')
        put_number(n_data, 1);
    put(data, n_data);
    put(instructions, n_instructions);
    end_record(begin);
    return offset;
}

/* As compilers write it: addresses are 4 bytes from here. */
static guint put_cie(void)
{
    return put_cie_with("zR", BYTES(DW_EH_PE_pcrel | DW_EH_PE_sdata4),
                        BYTES(RSP_PLUS_8, RA_AT_MINUS_8));
}

static void put_fde(guint cie, guint32 start, guint32 n_bytes, const guint8 *instructions,
                    guint n_instructions)
{
    guint begin = begin_record();

    put_number(begin - cie, 4);
    put_number(start - (SECTION + section->len), 4);
    put_number(n_bytes, 4);
    put_number(0, 1);
    put(instructions, n_instructions);
    end_record(begin);
}

static void compile(void)
{
    g_clear_pointer(&table, rs_unwind_table_free);
    table = rs_cfi_compile_raw(section->data, section->len, SECTION, TEXT, N_TEXT, FALSE, &counts);
}

/* --- what is expected --- */

static void expect_cfa(guint32 vaddr, RsCfaKind kind, gint32 offset)
{
    const RsUnwindRule *rule = rs_unwind_table_find(table, vaddr);

    ck_assert_msg(rule != NULL, "no rule at %x", vaddr);
    ck_assert_int_eq(rule->cfa_kind, kind);
    ck_assert_int_eq(rule->cfa_offset, offset);
}

static void expect_rbp(guint32 vaddr, RsRbpKind kind, gint32 offset)
{
    const RsUnwindRule *rule = rs_unwind_table_find(table, vaddr);

    ck_assert_msg(rule != NULL, "no rule at %x", vaddr);
    ck_assert_int_eq(rule->rbp_kind, kind);
    ck_assert_int_eq(rule->rbp_offset, offset);
}

static void expect_none(guint32 vaddr)
{
    ck_assert_ptr_null(rs_unwind_table_find(table, vaddr));
}

/* One function of 64 bytes with these instructions. */
static void compile_function(const guint8 *instructions, guint n_instructions)
{
    g_byte_array_set_size(section, 0);
    put_fde(put_cie(), TEXT, 64, instructions, n_instructions);
    compile();
    ck_assert_ptr_nonnull(table);
}

/* --- instructions --- */

START_TEST(a_function_with_a_frame_pointer)
{
    compile_function(BYTES(DW_CFA_advance_loc | 1, DW_CFA_def_cfa_offset, 16, DW_CFA_offset | 6, 2,
                           DW_CFA_advance_loc | 3, DW_CFA_def_cfa_register, 6,
                           DW_CFA_advance_loc | 40, DW_CFA_remember_state, DW_CFA_restore | 6,
                           DW_CFA_def_cfa, 7, 8, DW_CFA_advance_loc | 1, DW_CFA_restore_state));
    ck_assert_uint_eq(counts.n_damaged, 0);
    ck_assert_uint_eq(counts.n_fdes, 1);
    expect_none(TEXT - 1);
    expect_cfa(TEXT, RS_CFA_RSP, 8);
    expect_rbp(TEXT, RS_RBP_SAME, 0);
    expect_cfa(TEXT + 1, RS_CFA_RSP, 16);
    expect_rbp(TEXT + 1, RS_RBP_CFA, -16);
    expect_cfa(TEXT + 3, RS_CFA_RSP, 16);
    expect_cfa(TEXT + 4, RS_CFA_RBP, 16);
    expect_cfa(TEXT + 43, RS_CFA_RBP, 16);
    expect_cfa(TEXT + 44, RS_CFA_RSP, 8);
    expect_rbp(TEXT + 44, RS_RBP_SAME, 0);
    expect_cfa(TEXT + 45, RS_CFA_RBP, 16);
    expect_rbp(TEXT + 45, RS_RBP_CFA, -16);
    expect_cfa(TEXT + 63, RS_CFA_RBP, 16);
    expect_none(TEXT + 64);
}
END_TEST

START_TEST(rarer_instructions)
{
    compile_function(BYTES(
        DW_CFA_advance_loc1, 2, DW_CFA_def_cfa_sf, 7, 0x7d /* -3 * -8 */, DW_CFA_offset_extended, 6,
        3, DW_CFA_advance_loc2, 2, 0, DW_CFA_def_cfa_offset_sf, 0x7c, DW_CFA_offset_extended_sf, 6,
        4, DW_CFA_GNU_args_size, 0x80, 1, DW_CFA_advance_loc4, 2, 0, 0, 0,
        DW_CFA_GNU_negative_offset_extended, 6, 2, DW_CFA_val_offset, 7, 0, DW_CFA_advance_loc | 2,
        DW_CFA_restore_extended, 6, DW_CFA_advance_loc | 2, DW_CFA_undefined, 6,
        DW_CFA_advance_loc | 2, DW_CFA_same_value, 6, DW_CFA_register, 3, 4, DW_CFA_val_offset_sf,
        3, 1, DW_CFA_val_expression, 3, 1, DW_OP_lit0));
    ck_assert_uint_eq(counts.n_damaged, 0);
    expect_cfa(TEXT + 2, RS_CFA_RSP, 24);
    expect_rbp(TEXT + 2, RS_RBP_CFA, -24);
    expect_cfa(TEXT + 4, RS_CFA_RSP, 32);
    expect_rbp(TEXT + 4, RS_RBP_CFA, -32);
    expect_cfa(TEXT + 6, RS_CFA_RSP, 32);
    expect_rbp(TEXT + 6, RS_RBP_CFA, 16);
    expect_rbp(TEXT + 8, RS_RBP_SAME, 0);
    expect_rbp(TEXT + 10, RS_RBP_UNKNOWN, 0);
    expect_rbp(TEXT + 12, RS_RBP_SAME, 0);
    expect_cfa(TEXT + 12, RS_CFA_RSP, 32);
}
END_TEST

START_TEST(a_location_can_be_set)
{
    guint cie = put_cie(), begin = begin_record();

    put_number(begin - cie, 4);
    put_number(TEXT - (SECTION + section->len), 4);
    put_number(64, 4);
    put_number(0, 1);
    put_number(DW_CFA_set_loc, 1);
    put_number(TEXT + 10 - (SECTION + section->len), 4);
    put(BYTES(DW_CFA_def_cfa_offset, 16));
    end_record(begin);
    compile();
    ck_assert_uint_eq(counts.n_damaged, 0);
    expect_cfa(TEXT + 9, RS_CFA_RSP, 8);
    expect_cfa(TEXT + 10, RS_CFA_RSP, 16);
}
END_TEST

START_TEST(a_realigned_stack)
{
    compile_function(BYTES(DW_CFA_advance_loc | 5, DW_CFA_def_cfa, 10, 0, DW_CFA_advance_loc | 8,
                           DW_CFA_expression, 6, 2, DW_OP_breg6, 0, DW_CFA_advance_loc | 8,
                           DW_CFA_def_cfa_expression, 3, DW_OP_breg6, 0x78, DW_OP_deref,
                           DW_CFA_advance_loc | 8, DW_CFA_def_cfa_expression, 3, DW_OP_breg7, 16,
                           DW_OP_deref));
    expect_cfa(TEXT + 5, RS_CFA_REGISTER, 0);
    ck_assert_uint_eq(rs_unwind_table_find(table, TEXT + 5)->cfa_register, 10);
    expect_rbp(TEXT + 13, RS_RBP_AT_RBP, 0);
    expect_cfa(TEXT + 21, RS_CFA_DEREF_RBP, -8);
    expect_cfa(TEXT + 29, RS_CFA_DEREF_RSP, 16);
    ck_assert_uint_eq(counts.n_slow_rows, 0);
}
END_TEST

START_TEST(linkage_tables_of_each_kind)
{
    for (guint8 threshold = 9; threshold <= 11; threshold++) {
        compile_function(BYTES(DW_CFA_def_cfa_expression, 11, DW_OP_breg7, 8, DW_OP_breg16, 0,
                               DW_OP_lit15, DW_OP_and, DW_OP_lit0 + threshold, DW_OP_ge, DW_OP_lit3,
                               DW_OP_shl, DW_OP_plus));
        expect_cfa(TEXT, RS_CFA_PLT, threshold);
    }
}
END_TEST

START_TEST(what_a_rule_cannot_hold_is_slow)
{
    compile_function(BYTES(DW_CFA_def_cfa_expression, 1, DW_OP_reg0));
    expect_cfa(TEXT, RS_CFA_SLOW, 0);
    compile_function(BYTES(DW_CFA_expression, 6, 1, DW_OP_reg0));
    expect_cfa(TEXT, RS_CFA_SLOW, 0);
    compile_function(BYTES(DW_CFA_register, 6, 3));
    expect_cfa(TEXT, RS_CFA_SLOW, 0);
    compile_function(BYTES(DW_CFA_register, 16, 5)); /* as in vfork */
    expect_cfa(TEXT, RS_CFA_SLOW, 0);
    compile_function(BYTES(DW_CFA_offset | 16, 2));
    expect_cfa(TEXT, RS_CFA_SLOW, 0);
    compile_function(BYTES(DW_CFA_offset | 7, 2));
    expect_cfa(TEXT, RS_CFA_SLOW, 0);
    compile_function(BYTES(DW_CFA_def_cfa_offset, 0x80, 0x80, 0x80, 0x80, 0x10)); /* 4 GB */
    expect_cfa(TEXT, RS_CFA_SLOW, 0);
    ck_assert_uint_eq(counts.n_slow_rows, 1);
    ck_assert_uint_eq(counts.n_damaged, 0);
}
END_TEST

START_TEST(an_undefined_return_address_is_the_outermost_frame)
{
    compile_function(BYTES(DW_CFA_undefined, 16));
    expect_cfa(TEXT, RS_CFA_END, 0);
}
END_TEST

START_TEST(a_signal_frame)
{
    guint cie = put_cie_with("zRS", BYTES(DW_EH_PE_pcrel | DW_EH_PE_sdata4), NULL, 0);
    guint other = put_cie();
    const guint8 rules[] = {
        DW_CFA_def_cfa_expression, 4,  DW_OP_breg7, 0xa0,        1,    DW_OP_deref,
        DW_CFA_expression,         16, 3,           DW_OP_breg7, 0xa8, 1};

    put_fde(cie, TEXT, 16, rules, sizeof rules);
    put_fde(other, TEXT + 16, 16, rules, sizeof rules); /* not called one */
    compile();
    expect_cfa(TEXT, RS_CFA_SIGNAL, 0);
    expect_cfa(TEXT + 16, RS_CFA_SLOW, 0);
}
END_TEST

/* --- records --- */

static void expect_encoding(guint8 encoding, guint64 start, guint n_bytes)
{
    guint cie, begin;

    g_byte_array_set_size(section, 0);
    cie = put_cie_with("zR", &encoding, 1, BYTES(RSP_PLUS_8, RA_AT_MINUS_8));
    begin = begin_record();
    put_number(begin - cie, 4);
    if ((encoding & 0x70) == DW_EH_PE_aligned)
        while ((SECTION + section->len) % 8)
            put_number(0, 1);
    if ((encoding & 0x70) == DW_EH_PE_pcrel)
        start -= SECTION + section->len;
    put_number(start, n_bytes);
    put_number(16, n_bytes);
    put_number(0, 1);
    end_record(begin);
    compile();
    ck_assert_uint_eq(counts.n_damaged, 0);
    ck_assert_msg(table != NULL, "encoding %x", encoding);
    expect_none(TEXT - 1);
    expect_cfa(TEXT, RS_CFA_RSP, 8);
    expect_cfa(TEXT + 15, RS_CFA_RSP, 8);
    expect_none(TEXT + 16);
}

START_TEST(addresses_in_every_encoding)
{
    static const guint8 relative[] = {DW_EH_PE_absptr, DW_EH_PE_pcrel, DW_EH_PE_datarel};

    for (guint i = 0; i < G_N_ELEMENTS(relative); i++) {
        expect_encoding(relative[i] | DW_EH_PE_udata4, TEXT, 4);
        expect_encoding(relative[i] | DW_EH_PE_sdata4, TEXT, 4);
        expect_encoding(relative[i] | DW_EH_PE_udata8, TEXT, 8);
        expect_encoding(relative[i] | DW_EH_PE_sdata8, TEXT, 8);
        expect_encoding(relative[i], TEXT, 8);
    }
    expect_encoding(DW_EH_PE_aligned, TEXT, 8);
}
END_TEST

START_TEST(addresses_in_variable_length)
{
    guint8 encoding = DW_EH_PE_uleb128;
    guint cie = put_cie_with("zR", &encoding, 1, BYTES(RSP_PLUS_8, RA_AT_MINUS_8));
    guint begin = begin_record();

    put_number(begin - cie, 4);
    put(BYTES(0x80, 0x80, 0x80, 0x02)); /* TEXT */
    put(BYTES(16, 0));
    end_record(begin);
    compile();
    expect_cfa(TEXT, RS_CFA_RSP, 8);
    expect_none(TEXT + 16);
}
END_TEST

START_TEST(augmentations_are_read_or_passed_over)
{
    /* personality and LSDA, an unknown letter with data, and none at all */
    guint both =
        put_cie_with("zPLR",
                     BYTES(DW_EH_PE_indirect | DW_EH_PE_pcrel | DW_EH_PE_sdata4, 1, 2, 3, 4,
                           DW_EH_PE_pcrel | DW_EH_PE_sdata4, DW_EH_PE_pcrel | DW_EH_PE_sdata4),
                     BYTES(RSP_PLUS_8, RA_AT_MINUS_8));
    guint unknown = put_cie_with("zRx", BYTES(DW_EH_PE_pcrel | DW_EH_PE_sdata4, 1, 2, 3),
                                 BYTES(RSP_PLUS_8, RA_AT_MINUS_8));
    guint begin, plain = put_cie_with("", NULL, 0, BYTES(RSP_PLUS_8, RA_AT_MINUS_8));

    put_fde(both, TEXT, 16, NULL, 0);
    put_fde(unknown, TEXT + 16, 16, NULL, 0);
    begin = begin_record();
    put_number(begin - plain, 4);
    put_number(TEXT + 32, 8);
    put_number(16, 8);
    end_record(begin);
    put_cie_with("x", NULL, 0, BYTES(RSP_PLUS_8, RA_AT_MINUS_8)); /* who knows what follows */
    compile();
    ck_assert_uint_eq(counts.n_damaged, 1);
    for (guint i = 0; i < 48; i++)
        expect_cfa(TEXT + i, RS_CFA_RSP, 8);
    expect_none(TEXT + 48);
}
END_TEST

START_TEST(records_of_the_wide_format)
{
    guint cie = section->len, begin;

    put_number(0xffffffff, 4);
    put_number(4 + 17, 8);
    put_number(0, 4);
    put(BYTES(1, 'z', 'R', 0, 1, 0x78, 16, 1, DW_EH_PE_udata4, RSP_PLUS_8, RA_AT_MINUS_8, 0, 0, 0));
    put_number(0xffffffff, 4);
    put_number(16, 8);
    begin = section->len;
    put_number(begin - cie, 4);
    put_number(TEXT, 4);
    put_number(16, 4);
    put_number(0, 4);
    compile();
    ck_assert_uint_eq(counts.n_damaged, 0);
    expect_cfa(TEXT, RS_CFA_RSP, 8);
    expect_none(TEXT + 16);
}
END_TEST

/* Source: DWARF 5, section 6.4.1: CIE of version 4, whose id is all ones; FDEs name it by offset.
 */
START_TEST(the_format_of_debug_frame)
{
    guint cie, begin = begin_record();

    cie = begin - 4;
    put_number(0xffffffff, 4);
    put(BYTES(4, 0, 8, 0, 1, 0x78, 16, RSP_PLUS_8, RA_AT_MINUS_8));
    end_record(begin);
    begin = begin_record();
    put_number(cie, 4);
    put_number(TEXT, 8);
    put_number(16, 8);
    put(BYTES(DW_CFA_advance_loc | 4, DW_CFA_def_cfa_offset, 32));
    end_record(begin);
    table = rs_cfi_compile_raw(section->data, section->len, 0, TEXT, N_TEXT, TRUE, &counts);
    ck_assert_uint_eq(counts.n_damaged, 0);
    expect_cfa(TEXT, RS_CFA_RSP, 8);
    expect_cfa(TEXT + 4, RS_CFA_RSP, 32);
    expect_none(TEXT + 16);
}
END_TEST

START_TEST(an_end_mark_in_the_middle_does_not_end_it)
{
    guint cie = put_cie();

    put_number(0, 4);
    put_fde(cie, TEXT, 16, NULL, 0);
    put_number(0, 4);
    compile();
    ck_assert_uint_eq(counts.n_fdes, 1);
    expect_cfa(TEXT, RS_CFA_RSP, 8);
}
END_TEST

/* --- functions --- */

START_TEST(functions_come_in_any_order_with_nothing_between_them)
{
    guint cie = put_cie();
    guint64 start, n_bytes, fde;

    for (guint i = 0; i < 100; i++) {
        guint32 n = i * 37 % 100; /* each of 0 to 99, once */

        put_fde(cie, TEXT + 0x1000 * n, 16 + n,
                BYTES(DW_CFA_def_cfa_offset, (guint8)(n % 100 + 8)));
    }
    compile();
    ck_assert_uint_eq(rs_unwind_table_n_functions(table), 100);
    for (guint32 n = 0; n < 100; n++) {
        guint32 at = TEXT + 0x1000 * n;

        expect_none(at - 1);
        expect_cfa(at, RS_CFA_RSP, (gint32)n + 8);
        expect_cfa(at + 15 + n, RS_CFA_RSP, (gint32)n + 8);
        expect_none(at + 16 + n);
        rs_unwind_table_nth_function(table, n, &start, &n_bytes, &fde);
        ck_assert_uint_eq(start, at);
        ck_assert_uint_eq(n_bytes, 16 + n);
        ck_assert_uint_eq(fde % 4, 0);
        ck_assert(rs_unwind_table_function(table, at + 15 + n, &start, &n_bytes, NULL));
        ck_assert_uint_eq(start, at);
        ck_assert(!rs_unwind_table_function(table, at + 16 + n, &start, &n_bytes, NULL));
        ck_assert(!rs_unwind_table_function(table, at - 1, &start, &n_bytes, NULL));
    }
}
END_TEST

START_TEST(the_later_of_overlapping_functions_counts_and_the_first_of_equal_ones)
{
    guint cie = put_cie();

    put_fde(cie, TEXT, 64, BYTES(DW_CFA_def_cfa_offset, 10));
    put_fde(cie, TEXT + 32, 16, BYTES(DW_CFA_def_cfa_offset, 20));
    put_fde(cie, TEXT + 32, 32, BYTES(DW_CFA_def_cfa_offset, 30));
    compile();
    ck_assert_uint_eq(rs_unwind_table_n_functions(table), 2);
    expect_cfa(TEXT + 31, RS_CFA_RSP, 10);
    expect_cfa(TEXT + 32, RS_CFA_RSP, 20);
    expect_cfa(TEXT + 47, RS_CFA_RSP, 20);
    expect_none(TEXT + 48);
}
END_TEST

START_TEST(functions_outside_of_the_code_are_passed_over)
{
    guint cie = put_cie();

    put_fde(cie, 0, 64, NULL, 0); /* dropped by the linker */
    put_fde(cie, TEXT, 16, NULL, 0);
    put_fde(cie, TEXT + N_TEXT - 8, 16, NULL, 0); /* sticks out */
    put_fde(cie, TEXT + N_TEXT, 16, NULL, 0);
    compile();
    ck_assert_uint_eq(rs_unwind_table_n_functions(table), 2);
    expect_none(0);
    expect_cfa(TEXT, RS_CFA_RSP, 8);
    expect_cfa(TEXT + N_TEXT - 1, RS_CFA_RSP, 8);
    expect_none(TEXT + N_TEXT);
}
END_TEST

START_TEST(functions_too_far_apart_for_one_table_are_left_out)
{
    const guint8 encoding = DW_EH_PE_udata8;
    guint cie = put_cie_with("zR", &encoding, 1, BYTES(RSP_PLUS_8, RA_AT_MINUS_8));
    guint64 starts[] = {TEXT, TEXT + ((guint64)1 << 30), TEXT + ((guint64)1 << 33)};

    for (guint i = 0; i < G_N_ELEMENTS(starts); i++) {
        guint begin = begin_record();

        put_number(begin - cie, 4);
        put_number(starts[i], 8);
        put_number(16, 8);
        put_number(0, 1);
        end_record(begin);
    }
    table =
        rs_cfi_compile_raw(section->data, section->len, SECTION, 0, G_MAXUINT64, FALSE, &counts);
    ck_assert_uint_eq(rs_unwind_table_n_functions(table), 2);
    ck_assert_uint_eq(counts.n_damaged, 1);
    ck_assert_ptr_nonnull(rs_unwind_table_find(table, starts[1]));
    ck_assert_ptr_null(rs_unwind_table_find(table, starts[2]));
}
END_TEST

START_TEST(a_row_for_every_byte_is_found)
{
    enum { N = 1000 };
    g_autoptr(GByteArray) instructions = g_byte_array_new();

    for (guint i = 1; i < N; i++) {
        const guint8 row[] = {DW_CFA_advance_loc | 1, DW_CFA_def_cfa_offset,
                              (guint8)(i % 128 | 0x80), (guint8)(i / 128)};

        g_byte_array_append(instructions, row, sizeof row);
    }
    put_fde(put_cie(), TEXT + 3, N, instructions->data, instructions->len);
    compile();
    expect_none(TEXT + 2);
    for (guint i = 1; i < N; i++)
        expect_cfa(TEXT + 3 + i, RS_CFA_RSP, (gint32)i);
    expect_none(TEXT + 3 + N);
}
END_TEST

START_TEST(more_rules_than_can_be_numbered_are_slow)
{
    enum { N = 70000 };
    g_autoptr(GByteArray) instructions = g_byte_array_new();

    for (guint i = 1; i < N; i++) {
        const guint8 row[] = {DW_CFA_advance_loc | 1, DW_CFA_def_cfa_offset,
                              (guint8)(i % 128 | 0x80), (guint8)(i / 128 % 128 | 0x80),
                              (guint8)(i / 16384)};

        g_byte_array_append(instructions, row, sizeof row);
    }
    put_fde(put_cie(), TEXT, N, instructions->data, instructions->len);
    compile();
    ck_assert_uint_eq(rs_unwind_table_n_rules(table), 65536);
    expect_cfa(TEXT + 65000, RS_CFA_RSP, 65000);
    expect_cfa(TEXT + 69999, RS_CFA_SLOW, 0);
}
END_TEST

/* --- damage --- */

START_TEST(what_follows_a_damaged_instruction_has_no_rule)
{
    static const guint8 damaged[][4] = {
        {0x3f, 0, 0, 0},                           /* unknown */
        {DW_CFA_restore_state, 0, 0, 0},           /* nothing was remembered */
        {DW_CFA_def_cfa_expression, 100, 0, 0},    /* longer than the record */
        {DW_CFA_def_cfa_offset, 0x80, 0x80, 0x80}, /* goes on beyond it */
        {DW_CFA_advance_loc4, 1, 0, 0},
        {DW_CFA_set_loc, 1, 0, 0}, /* relative to here: a number in any case */
    };

    for (guint i = 0; i < G_N_ELEMENTS(damaged); i++) {
        guint cie, begin;
        guint32 n_bytes;

        g_byte_array_set_size(section, 0);
        cie = put_cie();
        begin = begin_record();
        put_number(begin - cie, 4);
        put_number(TEXT - (SECTION + section->len), 4);
        put_number(64, 4);
        put_number(0, 1);
        put(BYTES(DW_CFA_advance_loc | 4, DW_CFA_def_cfa_offset, 16, DW_CFA_advance_loc | 4));
        put(damaged[i], 4);
        n_bytes = section->len - begin; /* nothing behind it */
        memcpy(section->data + begin - 4, &n_bytes, 4);
        put_fde(cie, TEXT + 64, 16, NULL, 0);
        compile();
        ck_assert_uint_eq(counts.n_damaged, 1);
        expect_cfa(TEXT + 3, RS_CFA_RSP, 8);
        expect_cfa(TEXT + 7, RS_CFA_RSP, 16);
        expect_none(TEXT + 8);
        expect_none(TEXT + 63);
        expect_cfa(TEXT + 64, RS_CFA_RSP, 8);
    }
}
END_TEST

START_TEST(states_are_remembered_up_to_a_limit)
{
    guint8 instructions[200];

    memset(instructions, DW_CFA_remember_state, sizeof instructions);
    compile_function(instructions, sizeof instructions);
    ck_assert_uint_eq(counts.n_damaged, 1);
    expect_none(TEXT);
}
END_TEST

START_TEST(a_location_does_not_go_back)
{
    guint cie = put_cie(), begin = begin_record();

    put_number(begin - cie, 4);
    put_number(TEXT - (SECTION + section->len), 4);
    put_number(64, 4);
    put_number(0, 1);
    put(BYTES(DW_CFA_advance_loc | 8, DW_CFA_set_loc));
    put_number(TEXT - (SECTION + section->len), 4);
    end_record(begin);
    compile();
    ck_assert_uint_eq(counts.n_damaged, 1);
    expect_cfa(TEXT + 7, RS_CFA_RSP, 8);
    expect_none(TEXT + 8);
}
END_TEST

START_TEST(a_section_cut_anywhere_is_read_as_far_as_it_goes)
{
    guint cie = put_cie();

    put_fde(cie, TEXT, 16, BYTES(DW_CFA_advance_loc | 1, DW_CFA_def_cfa_offset, 16));
    put_fde(cie, TEXT + 16, 16, NULL, 0);
    for (guint n = 0; n <= section->len; n++) {
        g_autofree guint8 *cut = g_memdup2(section->data, n); /* exact, for the sanitizer */

        g_clear_pointer(&table, rs_unwind_table_free);
        table = rs_cfi_compile_raw(cut, n, SECTION, TEXT, N_TEXT, FALSE, &counts);
        if (n < section->len)
            ck_assert(!table || !rs_unwind_table_find(table, TEXT + 16));
    }
    expect_cfa(TEXT + 16, RS_CFA_RSP, 8);
}
END_TEST

START_TEST(a_cie_that_is_none_is_not_believed)
{
    guint cie = put_cie();

    put_fde(cie + 4, TEXT, 16, NULL, 0);         /* in the middle of one */
    put_fde(0xfffffff0, TEXT + 16, 16, NULL, 0); /* outside */
    put_fde(cie, TEXT + 32, 16, NULL, 0);
    compile();
    ck_assert_uint_eq(counts.n_damaged, 2);
    expect_none(TEXT);
    expect_none(TEXT + 16);
    expect_cfa(TEXT + 32, RS_CFA_RSP, 8);
}
END_TEST

/* --- real files --- */

typedef struct {
    char *columns[20]; /* of a line of readelf */
    guint n_columns;
} Line;

static guint column_of(const Line *heading, const char *name)
{
    for (guint i = 0; i < heading->n_columns; i++)
        if (g_str_equal(heading->columns[i], name))
            return i;
    return G_MAXUINT;
}

static void expect_cfa_text(const RsUnwindRule *rule, const char *text)
{
    if (g_str_has_prefix(text, "rsp+")) {
        ck_assert_int_eq(rule->cfa_kind, RS_CFA_RSP);
        ck_assert_int_eq(rule->cfa_offset, atoi(text + 4));
    } else if (g_str_has_prefix(text, "rbp+")) {
        ck_assert_int_eq(rule->cfa_kind, RS_CFA_RBP);
        ck_assert_int_eq(rule->cfa_offset, atoi(text + 4));
    } else if (g_str_equal(text, "exp")) {
        ck_assert(rule->cfa_kind == RS_CFA_DEREF_RBP || rule->cfa_kind == RS_CFA_DEREF_RSP ||
                  rule->cfa_kind == RS_CFA_PLT || rule->cfa_kind == RS_CFA_SLOW);
    } else {
        ck_assert_int_eq(rule->cfa_kind, RS_CFA_REGISTER);
        ck_assert_int_eq(rule->cfa_offset, atoi(strchr(text, '+') + 1));
    }
}

static void expect_rbp_text(const RsUnwindRule *rule, const char *text)
{
    if (g_str_has_prefix(text, "c-") || g_str_has_prefix(text, "c+")) {
        ck_assert_int_eq(rule->rbp_kind, RS_RBP_CFA);
        ck_assert_int_eq(rule->rbp_offset, atoi(text + 1));
    } else if (g_str_equal(text, "exp")) {
        ck_assert_int_eq(rule->rbp_kind, RS_RBP_AT_RBP);
    } else {
        ck_assert(g_str_equal(text, "u") || g_str_equal(text, "s"));
        ck_assert(rule->rbp_kind == RS_RBP_SAME || rule->rbp_kind == RS_RBP_UNKNOWN);
    }
}

/* A row that readelf printed, up to the next one. */
static void expect_row(const Line *heading, const Line *row, guint64 end)
{
    guint64 start = g_ascii_strtoull(row->columns[0], NULL, 16);
    guint rbp = column_of(heading, "rbp"), ra = column_of(heading, "ra");
    const RsUnwindRule *rule = rs_unwind_table_find(table, start);

    if (end <= start)
        return;
    ck_assert_uint_lt(ra, row->n_columns);
    ck_assert_msg(rule != NULL, "no rule at %lx", (gulong)start);
    ck_assert_ptr_eq(rule, rs_unwind_table_find(table, end - 1));
    if (g_str_equal(row->columns[ra], "u")) {
        ck_assert_msg(rule->cfa_kind == RS_CFA_END, "at %lx", (gulong)start);
        return;
    }
    if (rule->cfa_kind == RS_CFA_SIGNAL) {
        ck_assert_str_eq(row->columns[ra], "exp");
        ck_assert_str_eq(row->columns[1], "exp");
        return;
    }
    if (rule->cfa_kind == RS_CFA_SLOW)
        return;
    ck_assert_str_eq(row->columns[ra], "c-8");
    expect_cfa_text(rule, row->columns[1]);
    if (rbp == G_MAXUINT)
        ck_assert_int_eq(rule->rbp_kind, RS_RBP_SAME);
    else
        expect_rbp_text(rule, row->columns[rbp]);
}

/* "r10 (r10)" is one column. */
static Line split(char *text)
{
    Line line = {0};
    char *rest = NULL;

    for (char *word = strtok_r(text, " \n", &rest); word && line.n_columns < 20;
         word = strtok_r(NULL, " \n", &rest))
        if (word[0] != '(')
            line.columns[line.n_columns++] = word;
    return line;
}

/* Takes the rows of one FDE from file; returns how many it prints. */
static guint expect_fde(FILE *file, guint64 end)
{
    char texts[2][512], heading_text[512];
    Line heading, rows[2];
    guint n_rows = 0;

    if (!fgets(heading_text, sizeof heading_text, file))
        return 0;
    heading = split(heading_text);
    if (heading.n_columns == 0) /* the state of its CIE throughout */
        return 0;
    while (fgets(texts[n_rows % 2], sizeof *texts, file)) {
        rows[n_rows % 2] = split(texts[n_rows % 2]);
        if (rows[n_rows % 2].n_columns < 2)
            break;
        if (n_rows)
            expect_row(&heading, &rows[(n_rows - 1) % 2],
                       g_ascii_strtoull(rows[n_rows % 2].columns[0], NULL, 16));
        n_rows++;
    }
    if (n_rows)
        expect_row(&heading, &rows[(n_rows - 1) % 2], end);
    return n_rows;
}

static int find_libc(struct dl_phdr_info *info, size_t n_bytes, void *path)
{
    if (strstr(info->dlpi_name, LIBC_SO))
        *(char **)path = g_strdup(info->dlpi_name);
    return 0;
}

static void compare_with_readelf(const char *path)
{
    g_autofree char *command =
        g_strdup_printf("readelf --debug-dump=frames-interp '%s' 2>/dev/null", path);
    g_autoptr(GError) error = NULL;
    g_autoptr(RsElf) elf = NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    guint n_rows = 0, n_fdes = 0;
    char line[512];
    FILE *file;

    ck_assert_int_ge(fd, 0);
    elf = rs_elf_open_fd(fd, path, &error);
    ck_assert_msg(elf != NULL, "%s", error ? error->message : "");
    close(fd);
    table = rs_cfi_compile(elf, &counts);
    ck_assert_ptr_nonnull(table);
    ck_assert_uint_eq(counts.n_damaged, 0);
    file = popen(command, "r");
    while (fgets(line, sizeof line, file)) {
        const char *range = strstr(line, " pc=");

        if (!range || !strstr(line, " FDE "))
            continue;
        n_rows += expect_fde(file, g_ascii_strtoull(strstr(range, "..") + 2, NULL, 16));
        n_fdes++;
    }
    pclose(file);
    if (!n_fdes) {
        printf("SKIP: no readelf\n");
        return;
    }
    ck_assert_uint_eq(n_fdes, counts.n_fdes);
    ck_assert_uint_gt(n_rows, n_fdes / 2);
    /* rows are rare that say the same as the one before; gaps are rows of ours */
    ck_assert_uint_gt(counts.n_rows, n_rows / 2);
}

START_TEST(the_c_library_reads_as_readelf_reads_it)
{
    g_autofree char *path = NULL;

    dl_iterate_phdr(find_libc, &path);
    ck_assert_ptr_nonnull(path);
    compare_with_readelf(path);
}
END_TEST

START_TEST(a_program_reads_as_readelf_reads_it)
{
    const char *build = g_getenv("BUILD") ? g_getenv("BUILD") : "build/release";
    g_autofree char *path = g_build_filename(build, "tests", "programs", "unwind_target", NULL);

    compare_with_readelf(path);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("cfi");

    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, a_function_with_a_frame_pointer);
    tcase_add_test(tcase, rarer_instructions);
    tcase_add_test(tcase, a_location_can_be_set);
    tcase_add_test(tcase, a_realigned_stack);
    tcase_add_test(tcase, linkage_tables_of_each_kind);
    tcase_add_test(tcase, what_a_rule_cannot_hold_is_slow);
    tcase_add_test(tcase, an_undefined_return_address_is_the_outermost_frame);
    tcase_add_test(tcase, a_signal_frame);
    tcase_add_test(tcase, addresses_in_every_encoding);
    tcase_add_test(tcase, addresses_in_variable_length);
    tcase_add_test(tcase, augmentations_are_read_or_passed_over);
    tcase_add_test(tcase, records_of_the_wide_format);
    tcase_add_test(tcase, the_format_of_debug_frame);
    tcase_add_test(tcase, an_end_mark_in_the_middle_does_not_end_it);
    tcase_add_test(tcase, functions_come_in_any_order_with_nothing_between_them);
    tcase_add_test(tcase, the_later_of_overlapping_functions_counts_and_the_first_of_equal_ones);
    tcase_add_test(tcase, functions_outside_of_the_code_are_passed_over);
    tcase_add_test(tcase, functions_too_far_apart_for_one_table_are_left_out);
    tcase_add_test(tcase, a_row_for_every_byte_is_found);
    tcase_add_test(tcase, more_rules_than_can_be_numbered_are_slow);
    tcase_add_test(tcase, what_follows_a_damaged_instruction_has_no_rule);
    tcase_add_test(tcase, states_are_remembered_up_to_a_limit);
    tcase_add_test(tcase, a_location_does_not_go_back);
    tcase_add_test(tcase, a_section_cut_anywhere_is_read_as_far_as_it_goes);
    tcase_add_test(tcase, a_cie_that_is_none_is_not_believed);
    tcase_add_test(tcase, the_c_library_reads_as_readelf_reads_it);
    tcase_add_test(tcase, a_program_reads_as_readelf_reads_it);
    return run_tests("cfi", tcase);
}
