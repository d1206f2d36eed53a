/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capture/intern.h"

struct RsIntern {
    RsCapture *capture;
    guint epoch;
    GHashTable *stacks; /* stack id of the epoch -> stack of the profile, and 1 more */
    GArray *modules;    /* gint64: RsModule id -> module of the profile; -1: not yet */
};

RsIntern *rs_intern_new(RsCapture *capture)
{
    RsIntern *intern = g_new0(RsIntern, 1);

    intern->capture = capture;
    intern->stacks = g_hash_table_new(NULL, NULL);
    intern->modules = g_array_new(FALSE, FALSE, sizeof(gint64));
    return intern;
}

void rs_intern_free(RsIntern *intern)
{
    if (!intern)
        return;
    g_hash_table_unref(intern->stacks);
    g_array_unref(intern->modules);
    g_free(intern);
}

static guint32 module_of(RsIntern *intern, RsProfile *profile, guint32 id)
{
    const gint64 unknown = -1;
    const RsModule *module;
    gint64 *known;

    while (intern->modules->len <= id)
        g_array_append_val(intern->modules, unknown);
    known = &g_array_index(intern->modules, gint64, id);
    if (*known < 0) {
        module = rs_modules_by_id(rs_capture_modules(intern->capture), id);
        *known = rs_profile_add_module(profile, rs_module_kind(module), rs_module_path(module),
                                       rs_module_build_id(module), rs_module_n_bytes(module));
    }
    return (guint32)*known;
}

/* Its frames, after what was remembered of ids that became invalid is forgotten. */
static guint frames_of(RsIntern *intern, const RsRingEntry *entry, const RsRawFrame **frames)
{
    guint n_frames = rs_capture_frames(intern->capture, entry, frames);

    if (intern->epoch != rs_capture_epoch(intern->capture)) {
        intern->epoch = rs_capture_epoch(intern->capture);
        g_hash_table_remove_all(intern->stacks);
    }
    return n_frames;
}

gint32 rs_intern_frames(RsIntern *intern, RsProfile *profile, const RsRawFrame *frames,
                        guint n_frames)
{
    gint32 stack = RS_STACK_NONE;

    for (guint i = n_frames; i > 0; i--)
        stack = rs_profile_add_stack(
            profile, stack,
            rs_profile_add_frame(profile, module_of(intern, profile, frames[i - 1].module),
                                 frames[i - 1].address));
    return stack;
}

gint32 rs_intern_entry(RsIntern *intern, RsProfile *profile, const RsRingEntry *entry)
{
    gpointer key = GUINT_TO_POINTER(entry->stack_id), known;
    const RsRawFrame *frames;
    guint n_frames;
    gint32 stack;

    if (entry->stack_id == RS_STACKS_EMPTY)
        return RS_STACK_NONE;
    known = g_hash_table_lookup(intern->stacks, key);
    if (known)
        return (gint32)(GPOINTER_TO_SIZE(known) - 1);
    n_frames = frames_of(intern, entry, &frames);
    stack = rs_intern_frames(intern, profile, frames, n_frames);
    g_hash_table_insert(intern->stacks, key, GSIZE_TO_POINTER((gsize)stack + 1));
    return stack;
}

void rs_intern_pass(RsIntern *intern, const RsRingEntry *entry)
{
    const RsRawFrame *frames;

    if (entry->stack_id != RS_STACKS_EMPTY &&
        !g_hash_table_contains(intern->stacks, GUINT_TO_POINTER(entry->stack_id)))
        frames_of(intern, entry, &frames);
}
