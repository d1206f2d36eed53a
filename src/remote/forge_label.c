/* SPDX-License-Identifier: GPL-3.0-or-later */
/* First what is set now, then the events: a label that is taken away in between is seen as gone by
 * them, and one that is set again has the later time. */
#include "remote/forge_label.h"

#include "remote/rest.h"

/* ISO 8601, as both write it; 0: it is none. */
static gint64 seconds_of(const char *text)
{
    g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
    g_autoptr(GDateTime) time = text ? g_date_time_new_from_iso8601(text, utc) : NULL;

    return time ? MAX(g_date_time_to_unix(time), 0) : 0;
}

static gboolean is_there(const GPtrArray *labels, const char *name, const RsLabelRules *rules)
{
    for (guint i = 0; i < labels->len; i++)
        if (rules->is_same(g_ptr_array_index(labels, i), name))
            return TRUE;
    return FALSE;
}

/* Lists come in either order. */
static void take_last(const json_t *events, const char *name, const RsLabelRules *rules,
                      RsLabelSet *label)
{
    RsLabelEvent last = {.is_set = TRUE};
    gint64 last_s = 0;
    const json_t *object;
    size_t i;

    json_array_foreach(events, i, object)
    {
        RsLabelEvent event = rules->event_of(object);
        gint64 at_s = seconds_of(event.at);

        if (!event.label || !rules->is_same(event.label, name))
            continue;
        if (!last.label || at_s > last_s || (at_s == last_s && event.id > last.id)) {
            last = event;
            last_s = at_s;
        }
    }
    label->is_set = last.is_set;
    if (!last.is_set)
        return;
    label->by = g_strdup(last.by);
    label->at_s = last_s;
}

gboolean rs_forge_get_label(RsForge *forge, gint64 number, const char *path, const char *name,
                            const RsLabelRules *rules, RsLabelSet *label, GError **error)
{
    g_auto(RsChange) change = {0};
    json_t *events;

    *label = (RsLabelSet){0};
    if (!forge->row->get_change(forge, number, &change, error))
        return FALSE;
    if (!is_there(change.labels, name, rules))
        return TRUE;
    events = rs_rest_list(forge->http, path, error);
    if (!events)
        return FALSE;
    take_last(events, name, rules, label);
    json_decref(events);
    return TRUE;
}
