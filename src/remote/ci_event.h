/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The payload of an event, as GitHub (and Gitea and Forgejo, in its shapes) hands it to a job.
 * Untrusted: it says which change of this repository, and never where to send anything. */
#ifndef RS_REMOTE_CI_EVENT_H
#define RS_REMOTE_CI_EVENT_H

#include "remote/ci_context.h"

#define RS_CI_EVENT_MAX_BYTES (32 << 20) /* GitHub sends at most 25 MB */

/* TRUE: nothing is known of this event without its payload. */
gboolean rs_ci_event_needs_payload(const char *event);
/* TRUE: it has the rights of the base whoever sent it. */
gboolean rs_ci_event_is_privileged(const char *event);

/* Fills in change, shas, refs, fork of context, whose event, repository and checked_out_sha are
 * there. Errors RS_CI_CONTEXT_ERROR_EVENT. */
gboolean rs_ci_event_read(const char *payload, gsize n_bytes, RsCiContext *context, GError **error);

#endif
