/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the last samples were, function by function, for the live status: counts that fade, so that
 * the list shows what is hot now. Functions without a name are shown by module and address. */
#ifndef RS_CMD_RECORD_TOP_H
#define RS_CMD_RECORD_TOP_H

#include <glib.h>

#include "capture/module.h"
#include "cmd/names.h"

typedef struct RsTop RsTop;

typedef struct {
    char *name; /* "json::lexer::skip_ws", "libc.so.6+0x9f120", "[kernel]" */
    double share_pct;
} RsTopRow;

RsTop *rs_top_new(RsModules *modules, RsNames *names); /* borrowed */
void rs_top_free(RsTop *top);
void rs_top_add(RsTop *top, guint32 module, guint64 address, guint64 weight_ns);
/* Halves every count each half_life_s that passed since the last call. */
void rs_top_fade(RsTop *top, gint64 now_ns);
void rs_top_clear(RsTop *top);
/* RsTopRow, hottest first, at most n_max; free with g_array_unref. */
GArray *rs_top_rows(const RsTop *top, guint n_max);

/* Where the function around an address of a module begins; the address itself when that is not
 * known; 0 in the kernel, whose functions are not told apart here. */
guint64 rs_top_function_start(RsModule *module, guint64 address);
/* "libc.so.6+0x9f120". Yours. */
char *rs_top_place_name(RsModuleKind kind, const char *path, guint64 address);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsTop, rs_top_free)

#endif
