/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A verdict's rows by benchmark, worst first: the order in which the HTML report tells them and in
 * which they give up their place when the page would grow too long. Borrows from the verdict. */
#ifndef RS_REPORT_HTML_GROUP_H
#define RS_REPORT_HTML_GROUP_H

#include <glib.h>

#include "model/verdict.h"

typedef struct {
    const char *name;
    guint number;       /* 1, 2, ... worst first; makes the anchor "b1" */
    guint first_row;    /* where it began in the verdict */
    const RsRow *worst; /* of the gated rows; of all when none is gated */
    GPtrArray *gated;   /* const RsRow */
    GPtrArray *others;  /* const RsRow */
} RsHtmlGroup;

/* RsHtmlGroup, worst first; yours. */
GPtrArray *rs_html_groups_new(const RsVerdict *verdict);

#endif
