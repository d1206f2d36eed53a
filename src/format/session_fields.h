/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables behind session_json.h, shared by its two directions. */
#ifndef RS_FORMAT_SESSION_FIELDS_H
#define RS_FORMAT_SESSION_FIELDS_H

#include "format/fields.h"

extern const char *const rs_metric_kind_names[];
extern const RsField rs_program_fields[];
extern const RsField rs_benchmark_fields[], rs_benchmark_last_fields[];
extern const RsField rs_function_fields[];
extern const RsField rs_session_fields[], rs_session_last_fields[];

#endif
