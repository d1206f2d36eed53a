/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The functions that .eh_frame or .debug_frame has entries (FDEs) for, one after the other: where
 * they begin and how long they are. Does not look at how frames are unwound. Untrusted: takes time
 * linear in the bytes, whatever they are. */
#ifndef RS_ELF_FRAME_ENTRIES_H
#define RS_ELF_FRAME_ENTRIES_H

#include <glib.h>

#include "elf/byte_cursor.h"
#include "elf/elf_file.h"

typedef struct {
    guint64 start, n_bytes; /* start is an address of the file */
} RsFrameEntry;

typedef struct {
    RsElfSection section;
    gboolean is_debug_frame;
    RsByteCursor cursor;
    guint64 cie_offset; /* of the entry before; G_MAXUINT64: none */
    guint8 encoding;    /* that its CIE tells */
    gboolean is_cut;    /* the rest cannot be read: a record is longer than what is left */
} RsFrameEntries;

/* section is borrowed. */
void rs_frame_entries_init(RsFrameEntries *entries, const RsElfSection *section,
                           gboolean is_debug_frame);
/* FALSE: there are no more. Entries that cannot be read are passed over. */
gboolean rs_frame_entries_next(RsFrameEntries *entries, RsFrameEntry *entry);
/* Of the entry whose record begins at vaddr, as .eh_frame_hdr names it. FALSE: there is none. */
gboolean rs_frame_entries_at(RsFrameEntries *entries, guint64 vaddr, RsFrameEntry *entry);

#endif
