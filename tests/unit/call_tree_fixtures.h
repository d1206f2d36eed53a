/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Symbolized profiles made in memory from text, for the tests of what is added up from them. */
#ifndef RS_TESTS_CALL_TREE_FIXTURES_H
#define RS_TESTS_CALL_TREE_FIXTURES_H

#include <string.h>

#include "model/profile.h"

/* The function of that name; of crate "std" what begins with it, of no crate what has no "::", of
 * the crate before the first "::" what has. */
static inline guint32 made_function(RsProfile *profile, guint32 module, const char *name)
{
    RsFunction *function = rs_function_new(name);
    const char *colons = strstr(name, "::"), *last = g_strrstr(name, "::");

    function->module = (gint32)module;
    function->crate_kind = RS_CRATE_RUNTIME;
    if (colons) {
        function->crate_name = g_strndup(name, (gsize)(colons - name));
        function->module_path = g_strndup(name, (gsize)(last - name));
        function->crate_kind =
            g_str_equal(function->crate_name, "std") ? RS_CRATE_STD : RS_CRATE_OWN;
    }
    return rs_profile_add_function(profile, function);
}

/* A frame of a module as text: functions inlined into each other, outermost first, between '>';
 * "?" is a place without a name, and more of them are other places. */
static inline guint32 made_frame(RsProfile *profile, guint32 module, const char *text)
{
    guint32 frame = rs_profile_add_frame(profile, module, g_str_hash(text));
    g_auto(GStrv) names = g_strsplit(text, ">", -1);
    guint n = g_strv_length(names);
    RsProfileLine lines[16];

    if (text[0] == '?' || g_array_index(profile->frames, RsProfileFrame, frame).n_lines)
        return frame;
    for (guint i = 0; i < n; i++)
        lines[n - 1 - i] = (RsProfileLine){made_function(profile, module, names[i]), i + 1};
    rs_profile_set_lines(profile, frame, lines, n);
    return frame;
}

/* Frames between blanks, outermost first; "libc.so/memcpy" is in another module than /srv/app. */
static inline gint32 made_stack(RsProfile *profile, const char *text)
{
    g_auto(GStrv) frames = g_strsplit(text, " ", -1);
    gint32 stack = RS_STACK_NONE;

    for (char **frame = frames; *frame; frame++) {
        const char *slash = strchr(*frame, '/');
        g_autofree char *path =
            slash ? g_strdup_printf("/usr/lib/%.*s", (int)(slash - *frame), *frame)
                  : g_strdup("/srv/app");
        guint32 module = rs_profile_add_module(profile, RS_MODULE_FILE, path, NULL, -1);

        stack = rs_profile_add_stack(profile, stack,
                                     made_frame(profile, module, slash ? slash + 1 : *frame));
    }
    return stack;
}

/* A sample of a recording; text NULL: without a stack. */
static inline void record_sample(RsProfile *profile, const char *text, gint64 weight_ns)
{
    RsProfileSample sample = {.at_ns = (gint64)profile->samples->len * 1000,
                              .weight_ns = weight_ns,
                              .stack = text ? made_stack(profile, text) : RS_STACK_NONE};

    sample.thread = rs_profile_add_thread(profile, 1, 1, "app");
    g_array_append_val(profile->samples, sample);
}

#endif
