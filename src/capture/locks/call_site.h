/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stands before a return address: which function the call there calls. Must not know stacks.
 */
#ifndef RS_CAPTURE_LOCKS_CALL_SITE_H
#define RS_CAPTURE_LOCKS_CALL_SITE_H

#include <glib.h>

#include "capture/space.h"

typedef enum {
    RS_CALL_NONE,     /* no call, or no code at all */
    RS_CALL_INDIRECT, /* through a register or memory that may have changed since */
    RS_CALL_DIRECT,   /* of target; through the PLT or the GOT, what stands there now */
} RsCallKind;

/* Instructions are read from the module's file, or from the process where there is none; the
 * GOT from the process. Source: Intel SDM, volume 2, CALL and JMP. */
RsCallKind rs_call_before(RsSpace *space, guint64 return_address, guint64 *target);

/* The instruction that ends at code + n_bytes, up to 7 bytes of it; displacement: of RS_CALL_DIRECT
 * (is_in_memory: of where the target's address stands), from the return address. */
RsCallKind rs_call_decode(const guint8 *code, gsize n_bytes, gint32 *displacement,
                          gboolean *is_in_memory);

#endif
