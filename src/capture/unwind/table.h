/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Compact unwind table of one module: sorted addresses, each with the rule that holds from there,
 * found by a page index and a look at one short block; no allocation, nothing to decode. Compiled
 * from .eh_frame or .debug_frame by unwind/cfi.h. Must not know processes or ELF.
 *
 * Only what walking needs is kept: how the frame's address (CFA) is found and where the caller's
 * rbp was saved; the return address lies at CFA - 8. What does not fit says RS_CFA_SLOW. */
#ifndef RS_CAPTURE_UNWIND_TABLE_H
#define RS_CAPTURE_UNWIND_TABLE_H

#include <glib.h>

typedef enum {
    RS_CFA_NONE,      /* no unwind information from here */
    RS_CFA_RSP,       /* rsp + cfa_offset */
    RS_CFA_RBP,       /* rbp + cfa_offset */
    RS_CFA_DEREF_RBP, /* *(rbp + cfa_offset): a realigned stack */
    RS_CFA_DEREF_RSP, /* *(rsp + cfa_offset) */
    RS_CFA_PLT,       /* rsp + 8, and 8 more from byte cfa_offset of each 16 on */
    RS_CFA_SIGNAL,    /* a signal frame: all registers are in the ucontext that rsp points to */
    RS_CFA_END,       /* the outermost frame: its return address is undefined */
    RS_CFA_REGISTER,  /* register cfa_register + cfa_offset; innermost frame only */
    RS_CFA_SLOW,      /* an expression: ask the slow unwinder */
} RsCfaKind;

typedef enum {
    RS_RBP_SAME,    /* not changed by this function */
    RS_RBP_CFA,     /* saved at CFA + rbp_offset */
    RS_RBP_AT_RBP,  /* saved at rbp + rbp_offset */
    RS_RBP_UNKNOWN, /* lost */
} RsRbpKind;

typedef struct {
    guint8 cfa_kind, rbp_kind;
    guint8 cfa_register; /* of RS_CFA_REGISTER: DWARF number */
    guint8 reserved;
    gint32 cfa_offset, rbp_offset;
} RsUnwindRule;

typedef struct RsUnwindTable RsUnwindTable;

/* The rule at a vaddr of the module; NULL: no code of a known function. */
const RsUnwindRule *rs_unwind_table_find(const RsUnwindTable *table, guint64 vaddr);
gsize rs_unwind_table_n_rows(const RsUnwindTable *table);
gsize rs_unwind_table_n_rules(const RsUnwindTable *table);
gsize rs_unwind_table_n_bytes(const RsUnwindTable *table); /* of memory */

/* The function around a vaddr, by its FDE: start and length, and fde_vaddr, where the FDE's record
 * lies (in .eh_frame; 0 when it is of .debug_frame). Each may be NULL. FALSE: none. */
gboolean rs_unwind_table_function(const RsUnwindTable *table, guint64 vaddr, guint64 *start,
                                  guint64 *n_bytes, guint64 *fde_vaddr);
/* Function number i of n, sorted by start. */
gsize rs_unwind_table_n_functions(const RsUnwindTable *table);
void rs_unwind_table_nth_function(const RsUnwindTable *table, gsize i, guint64 *start,
                                  guint64 *n_bytes, guint64 *fde_vaddr);
void rs_unwind_table_free(RsUnwindTable *table);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsUnwindTable, rs_unwind_table_free)

#endif
