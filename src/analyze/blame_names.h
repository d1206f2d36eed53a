/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What time is summed by: functions as both builds have them, their crates and their modules. Two
 * builds, or two files, have the same function when name and crate agree. Code without a name
 * stands as the file it lies in.
 *
 * Own time of a function is what is spent in it and in what it calls of its language's library, of
 * the C library and of the kernel: that is where a change of the function shows, and a memcpy is
 * nobody's fault. Compilers make most of such calls inline, so time by innermost function would
 * scatter over a hundred of them. */
#ifndef RS_ANALYZE_BLAME_NAMES_H
#define RS_ANALYZE_BLAME_NAMES_H

#include <glib.h>

#include "model/session.h"

/* A function, a crate or a module; text is borrowed from the profiles. */
typedef struct {
    const char *name, *crate_name, *module_path; /* name alone is never NULL */
    RsCrateKind crate_kind;
    gboolean has_name;                    /* FALSE: code without a name, or no stack */
    gboolean is_library;                  /* of the language, the C library or the kernel */
    const RsFunction *of_side[RS_N_ARMS]; /* a function where each side has it; NULL */
    const char *binary[RS_N_ARMS];        /* base name; NULL: that side's stacks do not have it */
    guint32 crate, module;                /* of a function: its rows in crates and modules */
} RsBlameName;

typedef struct {
    GPtrArray *functions, *crates, *modules; /* RsBlameName */
    GHashTable *by_key;
} RsBlameNames;

RsBlameNames *rs_blame_names_new(void);
void rs_blame_names_free(RsBlameNames *names);

/* A profile's frames as rows of names->functions. Both are borrowed. */
typedef struct {
    RsBlameNames *names;
    const RsProfile *profile;
    gint32 *of_function, *of_module; /* -1: not asked yet */
    guint8 *has_module[RS_N_ARMS];   /* of the profile's modules: seen on that side's stacks */
    gint32 no_stack;
} RsBlameView;

void rs_blame_view_init(RsBlameView *view, RsBlameNames *names, const RsProfile *profile);
void rs_blame_view_clear(RsBlameView *view);

/* The frame's functions, innermost first, at least one; which side had it is remembered. At most
 * RS_PROFILE_MAX_FRAME_LINES. */
guint rs_blame_view_frame(RsBlameView *view, RsArm side, guint32 frame, guint32 *rows);
/* What a sample without a stack counts for. */
guint32 rs_blame_view_no_stack(RsBlameView *view);

/* Whether code of that function is known to be in one of the files that the side ran, as far as
 * samples of this profile tell, be they of other benchmarks. */
gboolean rs_blame_view_knows(const RsBlameView *view, RsArm side, const RsBlameName *function);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsBlameNames, rs_blame_names_free)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(RsBlameView, rs_blame_view_clear)

#endif
