/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a blamed function is written: as a reader recognises it, and as a link to the revision that
 * was measured. Links are made of the verdict's own repository and revision and of relative paths,
 * never taken from a file. All results are yours. */
#ifndef RS_REPORT_SOURCE_H
#define RS_REPORT_SOURCE_H

#include <glib.h>

#include "model/verdict.h"

/* "src/lexer.rs:118", "serde-1.0.1/src/de.rs:40", "core", "libc.so.6"; NULL: nothing is known.
 * Plain text, not yet escaped. */
char *rs_source_place(const RsBlamed *blamed);
/* The file as the repository has it; NULL: it is not of the repository, or not known to be. */
char *rs_source_path(const RsBlamed *blamed);
/* https://HOST/OWNER/REPO/blob/REVISION/PATH#L118 of the side that has the function,
 * percent-encoded so that it may stand in any markup; NULL: repository, revision or path is not
 * known, or no web address. */
char *rs_source_url(const RsVerdict *verdict, const RsBlamed *blamed);

#endif
