/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables behind profile_json.h, shared by its two directions. */
#ifndef RS_FORMAT_PROFILE_FIELDS_H
#define RS_FORMAT_PROFILE_FIELDS_H

#include "format/columns.h"
#include "format/fields.h"

extern const RsField rs_module_fields[], rs_thread_fields[], rs_process_fields[];
extern const RsField rs_process_sample_fields[], rs_event_fields[], rs_lock_fields[];
extern const RsField rs_process_summary_fields[], rs_diagnostics_fields[];
extern const RsColumn rs_frame_columns[], rs_symbolized_frame_columns[], rs_line_columns[];
extern const RsColumn rs_stack_columns[], rs_sample_columns[];
extern const RsColumn rs_site_columns[];

#endif
