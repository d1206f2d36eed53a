/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables of the verdict file (verdict.schema.json), shared by its two directions. */
#ifndef RS_FORMAT_VERDICT_FIELDS_H
#define RS_FORMAT_VERDICT_FIELDS_H

#include "format/fields.h"

extern const RsField rs_verdict_fields[], rs_verdict_last_fields[];
extern const RsField rs_gate_result_fields[];
extern const RsField rs_row_fields[], rs_row_last_fields[];
extern const RsField rs_row_side_fields[];
extern const RsField rs_function_change_fields[];
extern const RsField rs_summary_fields[];
extern const RsField rs_acceptance_fields[];

#endif
