/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SipHash-2-4: 64 bits that are spread well over any input, at a byte a cycle or so. With the fixed
 * key that is used here it tells contents apart; it does not withstand someone who wants two of
 * them to have one hash.
 * Source: Aumasson, Bernstein, "SipHash: a fast short-input PRF" (2012). */
#ifndef RS_BASE_SIPHASH_H
#define RS_BASE_SIPHASH_H

#include <glib.h>

typedef struct {
    guint64 v[4];
    guint64 tail; /* bytes that do not fill a word yet */
    guint64 n_bytes;
} RsSipHash;

void rs_siphash_init(RsSipHash *hash, guint64 key_low, guint64 key_high);
void rs_siphash_add(RsSipHash *hash, const void *bytes, gsize n_bytes);
/* hash stays as it is and may go on. */
guint64 rs_siphash_value(const RsSipHash *hash);

#endif
