/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capture/history/gather.h"

static void process_clear(gpointer process)
{
    g_free(((RsProfileProcess *)process)->name);
}

void rs_history_gather_init(RsHistoryGather *gather, gint64 from_us)
{
    *gather = (RsHistoryGather){
        .profile = rs_profile_new(),
        .from_us = from_us,
        .waits = g_array_new(FALSE, FALSE, sizeof(RsHistoryWait)),
        .events = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
        .processes = g_array_new(FALSE, TRUE, sizeof(RsProfileProcess)),
        .process_index = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
        .places = g_string_chunk_new(4096),
    };
    g_array_set_clear_func(gather->processes, process_clear);
}

static gboolean is_young(const RsHistoryGather *gather, gint64 ns)
{
    return ns >= gather->from_us * 1000;
}

void rs_history_gather_sample(RsHistoryGather *gather, const RsProfileSample *sample)
{
    GArray *samples = gather->profile->samples;

    if (samples->len)
        gather->is_unsorted |=
            sample->at_ns < g_array_index(samples, RsProfileSample, samples->len - 1).at_ns;
    g_array_append_vals(samples, sample, 1);
}

void rs_history_gather_look(RsHistoryGather *gather, RsProcessSample *sample)
{
    if (is_young(gather, sample->at_ns))
        g_ptr_array_add(gather->profile->process_samples, sample);
    else
        rs_process_sample_free(sample);
}

/* Marks may differ by their labels alone. */
static char *event_key(const RsTimelineEvent *event)
{
    return g_strdup_printf("%d %d %" G_GINT64_FORMAT " %s\n%s", event->kind, event->process_id,
                           event->start_ns, event->series ? event->series : "",
                           event->kind == RS_EVENT_MARK && event->label ? event->label : "");
}

void rs_history_gather_event(RsHistoryGather *gather, RsTimelineEvent *event)
{
    g_autofree char *key = event_key(event);
    RsTimelineEvent *earlier = g_hash_table_lookup(gather->events, key), told = *event;

    if (earlier) { /* the newer one, in the place of the earlier */
        *event = *earlier;
        *earlier = told;
        rs_timeline_event_free(event);
    } else if (is_young(gather, event->end_ns)) {
        g_ptr_array_add(gather->profile->events, event);
        g_hash_table_insert(gather->events, g_steal_pointer(&key), event);
    } else {
        rs_timeline_event_free(event);
    }
}

void rs_history_gather_process(RsHistoryGather *gather, const RsProfileProcess *process)
{
    g_autofree char *key =
        g_strdup_printf("%d %" G_GINT64_FORMAT, process->process_id, process->start_ns);
    RsProfileProcess told = *process, *known;
    gpointer i;

    told.name = g_strdup(process->name);
    if (!g_hash_table_lookup_extended(gather->process_index, key, NULL, &i)) {
        g_hash_table_insert(gather->process_index, g_steal_pointer(&key),
                            GUINT_TO_POINTER(gather->processes->len));
        g_array_append_val(gather->processes, told);
        return;
    }
    known = &g_array_index(gather->processes, RsProfileProcess, GPOINTER_TO_UINT(i));
    g_free(known->name);
    *known = told;
}

void rs_history_gather_wait(RsHistoryGather *gather, const RsHistoryWait *wait)
{
    RsHistoryWait kept = *wait;

    kept.place = wait->place ? g_string_chunk_insert_const(gather->places, wait->place) : NULL;
    g_array_append_val(gather->waits, kept);
}

/* --- the end --- */

static void add_process(RsProfile *profile, const RsProfileProcess *told)
{
    RsProfileProcess *process = rs_profile_add_process(profile, told->process_id);

    /* One of that id whose end nobody told, as the file had lost it by then. */
    if (process->start_ns != told->start_ns && process->start_ns != -1 && told->start_ns != -1) {
        process->end_ns = told->start_ns;
        process = rs_profile_add_process(profile, told->process_id);
    }
    process->parent_id = told->parent_id;
    process->start_ns = told->start_ns;
    process->end_ns = told->end_ns;
    process->exit_status = told->exit_status;
    process->signal_number = told->signal_number;
    g_free(process->name);
    process->name = g_strdup(told->name);
}

static int by_process_start(gconstpointer a, gconstpointer b)
{
    const RsProfileProcess *x = a, *y = b;

    return (x->start_ns > y->start_ns) - (x->start_ns < y->start_ns);
}

static void finish_processes(RsHistoryGather *gather)
{
    g_autoptr(GHashTable) told = g_hash_table_new(NULL, NULL);
    const RsProfile *profile = gather->profile;

    g_array_sort(gather->processes, by_process_start);
    for (guint i = 0; i < gather->processes->len; i++) {
        const RsProfileProcess *process = &g_array_index(gather->processes, RsProfileProcess, i);

        if (process->end_ns != -1 && !is_young(gather, process->end_ns))
            continue;
        add_process(gather->profile, process);
        g_hash_table_add(told, GINT_TO_POINTER(process->process_id));
    }
    for (guint i = 0; i < profile->threads->len; i++) {
        gint32 id = g_array_index(profile->threads, RsProfileThread, i).process_id;

        if (g_hash_table_add(told, GINT_TO_POINTER(id)))
            rs_profile_add_process(gather->profile, id);
    }
}

static int by_sample_time(gconstpointer a, gconstpointer b)
{
    const RsProfileSample *x = a, *y = b;

    return (x->at_ns > y->at_ns) - (x->at_ns < y->at_ns);
}

static int by_look_time(gconstpointer a, gconstpointer b)
{
    const RsProcessSample *x = *(RsProcessSample *const *)a, *y = *(RsProcessSample *const *)b;

    return (x->at_ns > y->at_ns) - (x->at_ns < y->at_ns);
}

static int by_event_start(gconstpointer a, gconstpointer b)
{
    const RsTimelineEvent *x = *(RsTimelineEvent *const *)a, *y = *(RsTimelineEvent *const *)b;

    return (x->start_ns > y->start_ns) - (x->start_ns < y->start_ns);
}

/* Waits of one look at one lock next to each other. */
static int by_look_and_lock(gconstpointer a, gconstpointer b)
{
    const RsHistoryWait *x = a, *y = b;

    if (x->at_us != y->at_us)
        return x->at_us > y->at_us ? 1 : -1;
    if (x->process_id != y->process_id)
        return x->process_id > y->process_id ? 1 : -1;
    return (x->address > y->address) - (x->address < y->address);
}

static void finish_waits(RsHistoryGather *gather)
{
    GArray *waits = gather->waits;

    g_array_sort(waits, by_look_and_lock);
    for (guint i = 0, end; i < waits->len; i = end) {
        for (end = i + 1; end < waits->len; end++)
            if (by_look_and_lock(&g_array_index(waits, RsHistoryWait, i),
                                 &g_array_index(waits, RsHistoryWait, end)) != 0)
                break;
        for (guint k = i; k < end; k++) {
            const RsHistoryWait *wait = &g_array_index(waits, RsHistoryWait, k);

            rs_profile_add_wait(gather->profile, wait->process_id, wait->address, wait->place,
                                wait->stack, wait->has_begun, wait->wait_ns, end - i);
        }
    }
}

RsProfile *rs_history_gather_finish(RsHistoryGather *gather)
{
    RsProfile *profile = gather->profile;

    if (gather->is_unsorted)
        g_array_sort(profile->samples, by_sample_time);
    g_ptr_array_sort(profile->process_samples, by_look_time);
    g_ptr_array_sort(profile->events, by_event_start);
    finish_waits(gather);
    finish_processes(gather);
    g_array_unref(gather->waits);
    g_hash_table_unref(gather->events);
    g_array_unref(gather->processes);
    g_hash_table_unref(gather->process_index);
    g_string_chunk_free(gather->places);
    return profile;
}
