/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A request that was not sent, for people: its method and URL, and its body as indented JSON. */
#ifndef RS_REMOTE_DRY_RUN_H
#define RS_REMOTE_DRY_RUN_H

/* body NULL: none; one that is no JSON stays as it is. Ends with an empty line. Yours. */
char *rs_dry_run_text(const char *method, const char *url, const char *body);

#endif
