/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An input that begins as ELF files do is one; everything else is the bytes of a section of call
 * frame information behind one byte, whose lowest bit says which kind. Whatever is compiled has to
 * hold together: rows lie in functions, and functions do not overlap. */
#include <stddef.h>
#include <stdint.h>

#include "capture/unwind/cfi_raw.h"

#define TEXT    0x401000u
#define N_TEXT  0x200000u
#define SECTION 0x500000u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_table(const RsUnwindTable *table, const RsCfiCounts *counts)
{
    guint64 end_before = 0;
    gsize n_functions = rs_unwind_table_n_functions(table);

    g_assert(n_functions > 0 && n_functions <= counts->n_fdes);
    g_assert(counts->n_rows == rs_unwind_table_n_rows(table));
    for (gsize i = 0; i < n_functions; i++) {
        guint64 start, n_bytes, fde_vaddr, again, n_again;
        const RsUnwindRule *rule;

        rs_unwind_table_nth_function(table, i, &start, &n_bytes, &fde_vaddr);
        g_assert(n_bytes > 0 && start >= end_before);
        if (start > end_before)
            g_assert(!rs_unwind_table_find(table, start - 1));
        g_assert(rs_unwind_table_function(table, start + n_bytes - 1, &again, &n_again, NULL));
        g_assert(again == start && n_again == n_bytes);
        rule = rs_unwind_table_find(table, start + n_bytes / 2);
        g_assert(!rule || (rule->cfa_kind > RS_CFA_NONE && rule->cfa_kind <= RS_CFA_SLOW &&
                           rule->cfa_register < 16 && rule->rbp_kind <= RS_RBP_UNKNOWN));
        end_before = start + n_bytes;
    }
    g_assert(!rs_unwind_table_find(table, end_before));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(RsUnwindTable) table = NULL;
    RsCfiCounts counts;

    if (size > 4 && data[0] == 0x7f) {
        g_autoptr(RsElf) elf = rs_elf_from_bytes(data, size, "input", NULL);

        if (!elf)
            return 0;
        table = rs_cfi_compile(elf, &counts);
    } else if (size > 1) {
        g_autofree guint8 *section = g_memdup2(data + 1, size - 1); /* exact, for the sanitizer */

        table = rs_cfi_compile_raw(section, size - 1, SECTION, TEXT, N_TEXT, data[0] & 1, &counts);
    }
    if (table)
        check_table(table, &counts);
    return 0;
}
