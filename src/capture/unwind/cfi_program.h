/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Executes the instructions of one record of call frame information and turns the states that they
 * go through into rules. Must not know how records are found. Untrusted bytes. */
#ifndef RS_CAPTURE_UNWIND_CFI_PROGRAM_H
#define RS_CAPTURE_UNWIND_CFI_PROGRAM_H

#include "capture/unwind/table_build.h"
#include "elf/byte_cursor.h"

/* Registers whose rules are followed; those of the others do not matter to rules. */
typedef enum { RS_CFI_RBP, RS_CFI_RSP, RS_CFI_RIP, RS_CFI_N_REGISTERS } RsCfiRegister;

typedef enum {
    RS_CFI_UNSPECIFIED,
    RS_CFI_SAME,
    RS_CFI_UNDEFINED,
    RS_CFI_OFFSET,     /* saved at CFA + value */
    RS_CFI_VAL_OFFSET, /* is CFA + value */
    RS_CFI_REGISTER,   /* in register value */
    RS_CFI_EXPRESSION, /* saved where the expression says */
    RS_CFI_VAL_EXPRESSION,
} RsCfiKind;

typedef struct {
    guint8 kind; /* RsCfiKind; of the CFA: RS_CFI_REGISTER + offset, or RS_CFI_VAL_EXPRESSION */
    guint32 n_expression_bytes;
    gint64 value;
    const guint8 *expression;
} RsCfiLocation;

typedef struct {
    RsCfiLocation cfa; /* value: the register's number */
    gint64 cfa_offset;
    RsCfiLocation registers[RS_CFI_N_REGISTERS];
} RsCfiState;

/* What a CIE tells about programs. */
typedef struct {
    guint64 code_alignment;
    gint64 data_alignment;
    guint64 return_column;
    guint8 encoding; /* of addresses */
    gboolean is_signal_frame, has_augmentation_data;
    RsCfiState initial; /* after the CIE's own instructions */
} RsCfiCommon;

typedef struct {
    gsize n_damaged, n_slow_rows;
} RsCfiTally;

/* The initial instructions: fills in common->initial. FALSE: damaged. */
gboolean rs_cfi_run_common(RsCfiCommon *common, const guint8 *at, const guint8 *end);
/* The instructions of a function: gives its rows, from start up to end (its end or the next one's
 * start), to builder. What follows something damaged has no rule. */
void rs_cfi_run_function(const RsCfiCommon *common, const RsPointerBases *bases, const guint8 *at,
                         const guint8 *at_end, guint64 start, guint64 end, RsTableBuilder *builder,
                         RsCfiTally *tally);

#endif
