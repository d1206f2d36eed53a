/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A window slides over the samples: each enters once and leaves once, whatever the padding is. */
#include "analyze/hotspots.h"

typedef struct {
    const RsProfile *profile;
    GArray *functions;    /* RsHotspot: counts of the window that is open */
    gint32 *of_frame;     /* profile frame -> function; -1: not asked yet */
    GHashTable *by_place; /* RsHotspot by module and address -> index + 1 */
    RsFunctionStart start_of;
    gpointer data;
    gint64 n_samples, weight_ns;
} Window;

typedef struct {
    guint32 module;
    guint64 address;
} Place;

static guint place_hash(gconstpointer key)
{
    const Place *place = key;
    guint64 mixed = (place->address ^ ((guint64)place->module << 48)) * 0x9E3779B97F4A7C15u;

    return (guint)(mixed >> 32);
}

static gboolean place_equal(gconstpointer a, gconstpointer b)
{
    const Place *one = a, *other = b;

    return one->module == other->module && one->address == other->address;
}

static gint32 function_of(Window *window, guint32 frame)
{
    const RsProfileFrame *at = &g_array_index(window->profile->frames, RsProfileFrame, frame);
    Place place = {at->module, window->start_of(at->module, at->address, window->data)};
    gpointer known = g_hash_table_lookup(window->by_place, &place);
    RsHotspot fresh = {.module = place.module, .address = place.address};

    if (known)
        return GPOINTER_TO_INT(known) - 1;
    g_array_append_val(window->functions, fresh);
    g_hash_table_insert(window->by_place, g_memdup2(&place, sizeof place),
                        GINT_TO_POINTER(window->functions->len));
    return (gint32)window->functions->len - 1;
}

/* sign: 1 enters, -1 leaves. */
static void count(Window *window, const RsProfileSample *sample, int sign)
{
    RsHotspot *function;
    guint32 frame;

    window->n_samples += sign;
    window->weight_ns += sign * sample->weight_ns;
    if (sample->stack < 0)
        return;
    frame = g_array_index(window->profile->stacks, RsProfileStack, sample->stack).frame;
    if (window->of_frame[frame] < 0)
        window->of_frame[frame] = function_of(window, frame);
    function = &g_array_index(window->functions, RsHotspot, window->of_frame[frame]);
    function->n_samples += sign;
    function->weight_ns += sign * sample->weight_ns;
}

static gboolean is_hotter(const RsHotspot *a, const RsHotspot *b)
{
    if (a->weight_ns != b->weight_ns)
        return a->weight_ns > b->weight_ns;
    return a->module != b->module ? a->module < b->module : a->address < b->address;
}

static void insert(GArray *hottest, const RsHotspot *function)
{
    guint at = hottest->len;

    while (at > 0 && is_hotter(function, &g_array_index(hottest, RsHotspot, at - 1)))
        at--;
    if (at >= RS_HOTSPOTS_MAX_FUNCTIONS)
        return;
    g_array_insert_val(hottest, at, *function);
    if (hottest->len > RS_HOTSPOTS_MAX_FUNCTIONS)
        g_array_set_size(hottest, RS_HOTSPOTS_MAX_FUNCTIONS);
}

static void snapshot_free(gpointer data)
{
    RsHotspotSnapshot *snapshot = data;

    g_array_unref(snapshot->functions);
    g_free(snapshot);
}

static RsHotspotSnapshot *take(const Window *window, gint64 from_ns, gint64 until_ns)
{
    RsHotspotSnapshot *snapshot = g_new0(RsHotspotSnapshot, 1);

    snapshot->at_ns = from_ns;
    snapshot->duration_ns = until_ns - from_ns;
    snapshot->n_samples = window->n_samples;
    snapshot->weight_ns = window->weight_ns;
    snapshot->functions = g_array_new(FALSE, FALSE, sizeof(RsHotspot));
    for (guint i = 0; i < window->functions->len; i++) {
        const RsHotspot *function = &g_array_index(window->functions, RsHotspot, i);

        if (function->n_samples > 0)
            insert(snapshot->functions, function);
    }
    return snapshot;
}

static void slide(Window *window, gint64 interval_ns, gint64 padding_ns, GPtrArray *snapshots)
{
    const GArray *samples = window->profile->samples;
    const RsProfileSample *first = &g_array_index(samples, RsProfileSample, 0);
    const RsProfileSample *last = &g_array_index(samples, RsProfileSample, samples->len - 1);
    gint64 at_ns = MAX(first->at_ns, 0) / interval_ns * interval_ns;
    guint n_in = 0, n_out = 0;

    while (at_ns <= last->at_ns && snapshots->len < RS_HOTSPOTS_MAX_WINDOWS) {
        gint64 from_ns = MAX(at_ns - padding_ns, 0), until_ns = at_ns + interval_ns + padding_ns;

        for (; n_in < samples->len; n_in++) {
            const RsProfileSample *sample = &g_array_index(samples, RsProfileSample, n_in);

            if (sample->at_ns >= until_ns)
                break;
            count(window, sample, 1);
        }
        for (; n_out < n_in; n_out++) {
            const RsProfileSample *sample = &g_array_index(samples, RsProfileSample, n_out);

            if (sample->at_ns >= from_ns)
                break;
            count(window, sample, -1);
        }
        if (window->n_samples > 0)
            g_ptr_array_add(snapshots, take(window, from_ns, until_ns));
        at_ns += interval_ns;
        /* A long idle time is stepped over at once. */
        if (window->n_samples == 0 && n_in < samples->len) {
            gint64 next_ns = g_array_index(samples, RsProfileSample, n_in).at_ns - padding_ns;

            at_ns = MAX(at_ns, next_ns / interval_ns * interval_ns);
        }
    }
}

GPtrArray *rs_hotspots(const RsProfile *profile, gint64 interval_ns, gint64 padding_ns,
                       RsFunctionStart start_of, gpointer data)
{
    GPtrArray *snapshots = g_ptr_array_new_with_free_func(snapshot_free);
    Window window = {.profile = profile, .start_of = start_of, .data = data};

    g_assert_cmpint(interval_ns, >, 0);
    if (!profile->samples->len)
        return snapshots;
    window.functions = g_array_new(FALSE, TRUE, sizeof(RsHotspot));
    window.of_frame = g_new(gint32, profile->frames->len);
    for (guint i = 0; i < profile->frames->len; i++)
        window.of_frame[i] = -1;
    window.by_place = g_hash_table_new_full(place_hash, place_equal, g_free, NULL);
    slide(&window, interval_ns, padding_ns, snapshots);
    g_hash_table_unref(window.by_place);
    g_free(window.of_frame);
    g_array_unref(window.functions);
    return snapshots;
}
