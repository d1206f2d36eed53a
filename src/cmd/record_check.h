/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether the options of a recording make sense together. */
#ifndef RS_CMD_RECORD_CHECK_H
#define RS_CMD_RECORD_CHECK_H

#include "cmd/record_opts.h"

/* Errors G_OPTION_ERROR, in words that say what to do. */
gboolean rs_record_check(const RsRecordOpts *opts, const RsOpt *rows, const RsOptBase *base,
                         GError **error);

#endif
