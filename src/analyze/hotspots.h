/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The hottest functions of a profile, window by window: where the innermost frames of its samples
 * were. A function is a module and the address where it begins, as far as the caller can tell; must
 * not know names. */
#ifndef RS_ANALYZE_HOTSPOTS_H
#define RS_ANALYZE_HOTSPOTS_H

#include <glib.h>

#include "model/profile.h"

#define RS_HOTSPOTS_MAX_FUNCTIONS 10
#define RS_HOTSPOTS_MAX_WINDOWS   100000

typedef struct {
    guint32 module;  /* of the profile */
    guint64 address; /* where it begins */
    gint64 n_samples, weight_ns;
} RsHotspot;

typedef struct {
    gint64 at_ns, duration_ns; /* padding included, but nothing before the session's begin */
    gint64 n_samples, weight_ns;
    GArray *functions; /* RsHotspot, heaviest first, at most RS_HOTSPOTS_MAX_FUNCTIONS */
} RsHotspotSnapshot;

/* Where the function around an address of a module of the profile begins; the address itself when
 * that is not known. */
typedef guint64 (*RsFunctionStart)(guint32 module, guint64 address, gpointer data);

/* Windows of interval_ns from the first sample's on, each widened by padding_ns to both sides;
 * those without samples are left out. interval_ns > 0. RsHotspotSnapshot, owned by the array; free
 * with g_ptr_array_unref. */
GPtrArray *rs_hotspots(const RsProfile *profile, gint64 interval_ns, gint64 padding_ns,
                       RsFunctionStart start_of, gpointer data);

#endif
