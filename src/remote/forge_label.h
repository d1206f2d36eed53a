/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether a label is set on a change, since when and by whom, from what both forges keep of it: the
 * labels of the change as they are now, and the list of what was done to them. */
#ifndef RS_REMOTE_FORGE_LABEL_H
#define RS_REMOTE_FORGE_LABEL_H

#include <jansson.h>

#include "remote/forge.h"

/* A label was set or taken away. Borrowed from the object that told it. */
typedef struct {
    gint64 id;
    const char *label; /* NULL: the object tells of something else */
    const char *by, *at;
    gboolean is_set;
} RsLabelEvent;

typedef struct {
    gboolean (*is_same)(const char *name, const char *other);
    RsLabelEvent (*event_of)(const json_t *object);
} RsLabelRules;

/* path: of the list of events. Set is what is set now and was set by the last event that speaks of
 * it; where no event does, it is set at 0. Errors RS_HTTP_ERROR. */
gboolean rs_forge_get_label(RsForge *forge, gint64 number, const char *path, const char *name,
                            const RsLabelRules *rules, RsLabelSet *label, GError **error);

#endif
