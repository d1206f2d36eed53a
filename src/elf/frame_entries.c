/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Source: DWARF 5, section 6.4.1; Linux Standard Base 5.0, section 10.6.1 (.eh_frame). The two
 * differ in how an FDE names its CIE (by offset in the section, or by distance back from the field
 * itself) and in how addresses are encoded.
 *
 * A CIE is read when an FDE names it, and kept for the next one: almost always it is the same. Time
 * stays linear, however often a record is named, because little of it is read. */
#include "elf/frame_entries.h"

#define AUGMENTATION_LIMIT_BYTES 16
#define HEAD_LIMIT_BYTES         128 /* of the fields of a record that are read */

/* A record's frame. */
typedef struct {
    RsByteCursor cursor; /* what follows the CIE's name, up to the record's end or the limit */
    guint64 cie_offset;  /* of an FDE's CIE */
    gboolean is_cie, is_end;
} Record;

/* FALSE: the rest cannot be read. */
static gboolean read_record(const RsFrameEntries *entries, RsByteCursor *cursor, Record *record)
{
    guint64 n_bytes = rs_cursor_u32(cursor), id, cie_id = entries->is_debug_frame ? G_MAXUINT32 : 0;
    gboolean is_wide = n_bytes == G_MAXUINT32;
    const guint8 *id_at;

    memset(record, 0, sizeof *record);
    if (is_wide)
        n_bytes = rs_cursor_u64(cursor);
    if (cursor->failed || n_bytes > rs_cursor_left(cursor))
        return FALSE;
    record->is_end = n_bytes == 0;
    record->cursor = (RsByteCursor){cursor->at, cursor->at + MIN(n_bytes, HEAD_LIMIT_BYTES), FALSE};
    rs_cursor_skip(cursor, n_bytes);
    id_at = record->cursor.at;
    if (entries->is_debug_frame && is_wide) {
        id = rs_cursor_u64(&record->cursor);
        cie_id = G_MAXUINT64;
    } else {
        id = rs_cursor_u32(&record->cursor);
    }
    record->is_cie = id == cie_id;
    record->cie_offset =
        entries->is_debug_frame ? id : (guint64)(id_at - entries->section.bytes) - id;
    return TRUE;
}

/* --- CIEs --- */

/* The encoding of addresses in an augmentation that begins with 'z'. Letters whose data has a size
 * that we do not know end the search; 'R' comes before any such in what compilers write. */
static guint8 augmented_encoding(const char *letters, RsByteCursor *cursor)
{
    rs_cursor_uleb(cursor); /* size of the data */
    for (; *letters; letters++) {
        guint8 encoding;

        switch (*letters) {
        case 'R':
            return rs_cursor_u8(cursor);
        case 'L':
            rs_cursor_u8(cursor);
            break;
        case 'P':
            encoding = rs_cursor_u8(cursor);
            rs_cursor_encoded_number(cursor, encoding);
            break;
        case 'S':
        case 'B':
        case 'G':
            break;
        default:
            return DW_EH_PE_omit;
        }
    }
    return DW_EH_PE_absptr;
}

/* DW_EH_PE_omit: it cannot be read. */
static guint8 read_cie(RsByteCursor *cursor)
{
    guint8 version = rs_cursor_u8(cursor), encoding = DW_EH_PE_absptr;
    const char *augmentation = (const char *)cursor->at;
    const guint8 *end =
        memchr(cursor->at, 0, MIN(rs_cursor_left(cursor), AUGMENTATION_LIMIT_BYTES));

    if (!end || (version != 1 && version != 3 && version != 4))
        return DW_EH_PE_omit;
    cursor->at = end + 1;
    if (version == 4 && (rs_cursor_u8(cursor) != 8 || rs_cursor_u8(cursor) != 0))
        return DW_EH_PE_omit; /* addresses of another size, or segments */
    rs_cursor_uleb(cursor);
    rs_cursor_sleb(cursor);
    if (version == 1)
        rs_cursor_u8(cursor);
    else
        rs_cursor_uleb(cursor);
    if (*augmentation == 'z')
        encoding = augmented_encoding(augmentation + 1, cursor);
    else if (*augmentation)
        return DW_EH_PE_omit;
    if (cursor->failed || encoding & DW_EH_PE_indirect)
        return DW_EH_PE_omit;
    return encoding;
}

static void look_at_cie(RsFrameEntries *entries, guint64 offset)
{
    RsByteCursor cursor = {entries->section.bytes,
                           entries->section.bytes + entries->section.n_bytes, FALSE};
    Record record;

    if (offset == entries->cie_offset)
        return;
    entries->cie_offset = offset;
    entries->encoding = DW_EH_PE_omit;
    rs_cursor_skip(&cursor, offset);
    if (!cursor.failed && read_record(entries, &cursor, &record) && record.is_cie)
        entries->encoding = read_cie(&record.cursor);
}

/* --- FDEs --- */

static gboolean read_fde(RsFrameEntries *entries, Record *record, RsFrameEntry *entry)
{
    const RsPointerBases bases = {entries->section.bytes, entries->section.vaddr, 0, 0};

    if (record->is_end || record->is_cie || record->cursor.failed)
        return FALSE;
    look_at_cie(entries, record->cie_offset);
    if (entries->encoding == DW_EH_PE_omit)
        return FALSE;
    entry->start = rs_cursor_pointer(&record->cursor, entries->encoding, &bases);
    entry->n_bytes = rs_cursor_encoded_number(&record->cursor, entries->encoding & 0x07);
    return !record->cursor.failed && entry->n_bytes > 0;
}

void rs_frame_entries_init(RsFrameEntries *entries, const RsElfSection *section,
                           gboolean is_debug_frame)
{
    *entries =
        (RsFrameEntries){.section = *section,
                         .is_debug_frame = is_debug_frame,
                         .cursor = {section->bytes, section->bytes + section->n_bytes, FALSE},
                         .cie_offset = G_MAXUINT64};
}

gboolean rs_frame_entries_next(RsFrameEntries *entries, RsFrameEntry *entry)
{
    Record record;

    while (!entries->is_cut && rs_cursor_left(&entries->cursor) >= 4) {
        if (!read_record(entries, &entries->cursor, &record))
            entries->is_cut = TRUE;
        else if (read_fde(entries, &record, entry))
            return TRUE;
    }
    return FALSE;
}

gboolean rs_frame_entries_at(RsFrameEntries *entries, guint64 vaddr, RsFrameEntry *entry)
{
    RsByteCursor cursor = {entries->section.bytes,
                           entries->section.bytes + entries->section.n_bytes, FALSE};
    Record record;

    rs_cursor_skip(&cursor, vaddr - entries->section.vaddr);
    return !cursor.failed && read_record(entries, &cursor, &record) &&
           read_fde(entries, &record, entry);
}
