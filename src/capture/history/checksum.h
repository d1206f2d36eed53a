/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CRC-32C, so that damage is seen before it is believed. Can be carried on from where it stood.
 * Source: RFC 3720, appendix B.4 (test vectors), section 12.1 (polynomial). */
#ifndef RS_CAPTURE_HISTORY_CHECKSUM_H
#define RS_CAPTURE_HISTORY_CHECKSUM_H

#include <glib.h>

/* so_far: 0, or the checksum of the bytes before these. */
guint32 rs_checksum(guint32 so_far, const void *bytes, gsize n_bytes);

#endif
