/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Builds an unwind table out of rules that come in order of their addresses. For the compiler of
 * call frame information; must not know what it is. */
#ifndef RS_CAPTURE_UNWIND_TABLE_BUILD_H
#define RS_CAPTURE_UNWIND_TABLE_BUILD_H

#include "capture/unwind/table.h"

/* Between the first and the last address of a table. What code of x86-64 can reach, with the
 * exception of the large model, which nobody uses for whole programs. */
#define RS_TABLE_SPAN_LIMIT_BYTES ((guint64)1 << 31)

typedef struct RsTableBuilder RsTableBuilder;

/* Addresses from base on, up to n_span_bytes (at most RS_TABLE_SPAN_LIMIT_BYTES) behind it. */
RsTableBuilder *rs_table_builder_new(guint64 base, guint64 n_span_bytes);
/* From vaddr on this rule holds; NULL: none. vaddr must not be less than that of the row before;
 * the later of two rows at one address counts. When there are more different rules than a row can
 * number, further ones are RS_CFA_SLOW. */
void rs_table_builder_row(RsTableBuilder *builder, guint64 vaddr, const RsUnwindRule *rule);
/* In order of start. */
void rs_table_builder_function(RsTableBuilder *builder, guint64 start, guint32 n_bytes,
                               guint64 fde_vaddr);
/* Ends the builder. NULL: it has no function. */
RsUnwindTable *rs_table_builder_finish(RsTableBuilder *builder);

#endif
