/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two passes. The first goes through the records of the section: CIEs are kept with the state that
 * their instructions lead to, FDEs with what function they are of. Then the FDEs are sorted by
 * address, and the second pass runs their instructions in that order, so that rows come out sorted
 * and go straight into the table.
 *
 * Time is linear in the bytes: a record is looked at once, and an FDE's CIE must be a record that
 * the first pass came by, however often it is named.
 *
 * Where functions overlap, the later one's rows count from its start on, and what the earlier one
 * has behind it is left out; of several at one address the first in the file counts, and of those
 * in .debug_frame only what .eh_frame does not have. A function outside of the executable segments
 * (code that the linker dropped) is passed over. */
#include "capture/unwind/cfi.h"

#include <stdlib.h>
#include <string.h>

#include "capture/unwind/cfi_program.h"
#include "capture/unwind/cfi_raw.h"

#define SECTION_LIMIT_BYTES G_MAXUINT32
#define MIN_CIE_BYTES       8
#define RADIX_BITS          11
#define RADIX               (1u << RADIX_BITS)

typedef struct {
    guint32 offset; /* of its record */
    RsCfiCommon common;
} Cie;

typedef struct {
    guint64 start;
    guint32 n_bytes;
    guint32 cie;                  /* index */
    guint32 record;               /* offset */
    guint32 program, program_end; /* offsets of the instructions */
    guint8 is_debug_frame;
} Fde;

typedef struct {
    RsElfSection section;
    gboolean is_debug_frame;
    GArray *cies; /* Cie, by offset */
    guint last_cie;
} Source;

typedef struct {
    RsElf *elf; /* NULL: text alone */
    RsElfSegment text;
    Source sources[2];
    GArray *fdes; /* Fde */
    RsCfiCounts counts;
} Compiler;

/* A record's frame. */
typedef struct {
    guint32 offset;
    gboolean is_cie;
    gboolean is_wide;
    guint64 cie_offset;  /* of an FDE's CIE */
    RsByteCursor cursor; /* what follows, up to the record's end */
} Record;

/* --- records --- */

/* The next record; FALSE: there is none, or the rest cannot be read (counted). */
static gboolean next_record(Compiler *compiler, const Source *source, RsByteCursor *cursor,
                            Record *record)
{
    const guint8 *bytes = source->section.bytes, *id_at;
    guint64 n_bytes, id, wanted;

    do {
        if (rs_cursor_left(cursor) < 4)
            return FALSE;
        record->offset = (guint32)(cursor->at - bytes);
        n_bytes = rs_cursor_u32(cursor);
        record->is_wide = n_bytes == 0xffffffff;
        if (record->is_wide)
            n_bytes = rs_cursor_u64(cursor);
    } while (n_bytes == 0 && !cursor->failed); /* an end mark; a linker may put more behind it */
    if (cursor->failed || n_bytes > rs_cursor_left(cursor)) {
        compiler->counts.n_damaged++;
        return FALSE;
    }
    record->cursor = (RsByteCursor){cursor->at, cursor->at + n_bytes, FALSE};
    rs_cursor_skip(cursor, n_bytes);
    id_at = record->cursor.at;
    if (source->is_debug_frame && record->is_wide) {
        id = rs_cursor_u64(&record->cursor);
        wanted = G_MAXUINT64;
    } else {
        id = rs_cursor_u32(&record->cursor);
        wanted = source->is_debug_frame ? G_MAXUINT32 : 0;
    }
    record->is_cie = id == wanted && !record->cursor.failed;
    record->cie_offset = source->is_debug_frame ? id : (guint64)(id_at - bytes) - id;
    return TRUE;
}

/* The augmentation string and its data. FALSE: there is something that cannot be passed over. */
static gboolean read_augmentation(const char *augmentation, RsByteCursor *cursor,
                                  RsCfiCommon *common)
{
    guint64 n_bytes;
    RsByteCursor data;

    if (*augmentation != 'z')
        return *augmentation == '\0';
    common->has_augmentation_data = TRUE;
    n_bytes = rs_cursor_uleb(cursor);
    data = *cursor;
    rs_cursor_skip(cursor, n_bytes);
    data.end = cursor->at;
    for (const char *letter = augmentation + 1; *letter && !cursor->failed; letter++) {
        guint8 encoding;

        switch (*letter) {
        case 'R':
            common->encoding = rs_cursor_u8(&data);
            break;
        case 'L':
            rs_cursor_u8(&data);
            break;
        case 'P':
            encoding = rs_cursor_u8(&data);
            if ((encoding & 0x70) == DW_EH_PE_aligned)
                return FALSE; /* nothing writes it */
            rs_cursor_encoded_number(&data, encoding);
            break;
        case 'S':
            common->is_signal_frame = TRUE;
            break;
        case 'B': /* of another machine; no data */
        case 'G':
            break;
        default: /* the length tells where its data ends */
            return TRUE;
        }
    }
    return !cursor->failed && !data.failed;
}

static gboolean read_cie(const Source *source, Record *record, Cie *cie)
{
    RsByteCursor *cursor = &record->cursor;
    const char *augmentation;
    const guint8 *end;
    guint8 version = rs_cursor_u8(cursor);

    memset(cie, 0, sizeof *cie);
    cie->offset = record->offset;
    augmentation = (const char *)cursor->at;
    end = memchr(cursor->at, 0, rs_cursor_left(cursor));
    if (!end || (version != 1 && version != 3 && version != 4))
        return FALSE;
    cursor->at = end + 1;
    if (g_str_equal(augmentation, "eh")) { /* of gcc 2: a pointer */
        rs_cursor_skip(cursor, 8);
        augmentation += 2;
    }
    if (version == 4 && (rs_cursor_u8(cursor) != 8 || rs_cursor_u8(cursor) != 0))
        return FALSE; /* addresses of another size, or segments */
    cie->common.code_alignment = rs_cursor_uleb(cursor);
    cie->common.data_alignment = rs_cursor_sleb(cursor);
    cie->common.return_column = version == 1 ? rs_cursor_u8(cursor) : rs_cursor_uleb(cursor);
    cie->common.encoding = DW_EH_PE_absptr;
    return read_augmentation(augmentation, cursor, &cie->common) && !cursor->failed &&
           rs_cfi_run_common(&cie->common, cursor->at, cursor->end);
}

static const Cie *cie_at(Source *source, guint64 offset)
{
    const Cie *cies = (const Cie *)(void *)source->cies->data;
    guint low = 0, high = source->cies->len;

    if (source->last_cie < high && cies[source->last_cie].offset == offset)
        return &cies[source->last_cie];
    while (low < high) {
        guint middle = low + (high - low) / 2;

        if (cies[middle].offset < offset)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == source->cies->len || cies[low].offset != offset)
        return NULL;
    source->last_cie = low;
    return &cies[low];
}

/* --- first pass --- */

/* How many bytes of code there are from vaddr on; 0: it is not in an executable segment. */
static guint64 n_text_bytes_at(const Compiler *compiler, guint64 vaddr)
{
    const RsElfSegment *segments = &compiler->text;
    guint n_segments = 1;

    if (compiler->elf)
        segments = rs_elf_segments(compiler->elf, &n_segments);
    for (guint i = 0; i < n_segments; i++)
        if (segments[i].is_executable && vaddr >= segments[i].vaddr &&
            vaddr - segments[i].vaddr < segments[i].n_file_bytes)
            return segments[i].n_file_bytes - (vaddr - segments[i].vaddr);
    return 0;
}

/* FALSE: damaged. */
static gboolean read_fde(Compiler *compiler, Source *source, Record *record)
{
    RsByteCursor *cursor = &record->cursor;
    const RsElfSection *section = &source->section;
    const RsPointerBases bases = {section->bytes, section->vaddr, 0, 0};
    const Cie *cie = cie_at(source, record->cie_offset);
    guint64 start, n_bytes, n_text_bytes;
    Fde fde;

    if (!cie || cie->common.encoding & DW_EH_PE_indirect)
        return FALSE;
    start = rs_cursor_pointer(cursor, cie->common.encoding, &bases);
    n_bytes = rs_cursor_encoded_number(cursor, cie->common.encoding & 0x07);
    if (cie->common.has_augmentation_data)
        rs_cursor_skip(cursor, rs_cursor_uleb(cursor));
    if (cursor->failed)
        return FALSE;
    n_text_bytes = n_text_bytes_at(compiler, start);
    n_bytes = MIN(n_bytes, MIN(n_text_bytes, RS_TABLE_SPAN_LIMIT_BYTES - 1));
    if (n_bytes == 0)
        return TRUE;
    fde = (Fde){.start = start,
                .n_bytes = (guint32)n_bytes,
                .cie = (guint32)(cie - (const Cie *)(void *)source->cies->data),
                .record = record->offset,
                .program = (guint32)(cursor->at - section->bytes),
                .program_end = (guint32)(cursor->end - section->bytes),
                .is_debug_frame = source->is_debug_frame};
    g_array_append_val(compiler->fdes, fde);
    return TRUE;
}

static void read_records(Compiler *compiler, Source *source)
{
    const guint8 *bytes = source->section.bytes;
    RsByteCursor cursor = {bytes, bytes + source->section.n_bytes, FALSE};
    RsByteCursor again = cursor;
    RsCfiCounts counts;
    Record record;

    while (next_record(compiler, source, &cursor, &record)) {
        Cie cie;

        if (!record.is_cie)
            continue;
        if (read_cie(source, &record, &cie))
            g_array_append_val(source->cies, cie);
        else
            compiler->counts.n_damaged++;
    }
    counts = compiler->counts; /* what is damaged between records counts once */
    while (next_record(compiler, source, &again, &record)) {
        if (record.is_cie)
            continue;
        counts.n_fdes++;
        counts.n_damaged += !read_fde(compiler, source, &record);
    }
    compiler->counts = counts;
}

/* --- in order of address --- */

/* By start, keeping the order of equal ones. Linkers write most files nearly sorted, but not quite.
 * Three rounds of 11 bits sort the distances from base, which are less than 2^33 at most. */
static void sort(GArray *fdes, guint64 base)
{
    gsize n = fdes->len;
    Fde *from = (Fde *)(void *)fdes->data, *to;
    g_autofree Fde *other = NULL;
    gboolean is_sorted = TRUE;

    for (gsize i = 1; i < n && is_sorted; i++)
        is_sorted = from[i - 1].start <= from[i].start;
    if (is_sorted)
        return;
    other = g_new(Fde, n);
    to = other;
    for (guint shift = 0; shift < 3 * RADIX_BITS; shift += RADIX_BITS) {
        gsize begins[RADIX + 1] = {0};
        Fde *swapped = from;

        for (gsize i = 0; i < n; i++)
            begins[((from[i].start - base) >> shift) % RADIX + 1]++;
        for (guint i = 0; i < RADIX; i++)
            begins[i + 1] += begins[i];
        for (gsize i = 0; i < n; i++)
            to[begins[((from[i].start - base) >> shift) % RADIX]++] = from[i];
        from = to;
        to = swapped;
    }
    memcpy(fdes->data, from, n * sizeof *from); /* an odd number of rounds: it is in other */
}

/* Takes out what lies too far from the lowest function; returns the lowest start. */
static guint64 drop_far_ones(Compiler *compiler, guint64 *n_span_bytes)
{
    Fde *fdes = (Fde *)(void *)compiler->fdes->data;
    guint64 base = G_MAXUINT64, end = 0;
    guint n_kept = 0;

    for (guint i = 0; i < compiler->fdes->len; i++)
        base = MIN(base, fdes[i].start);
    for (guint i = 0; i < compiler->fdes->len; i++) {
        /* less a page, as the table begins at the boundary below base */
        if (fdes[i].start - base + fdes[i].n_bytes > RS_TABLE_SPAN_LIMIT_BYTES - 4096) {
            compiler->counts.n_damaged++;
            continue;
        }
        end = MAX(end, fdes[i].start + fdes[i].n_bytes);
        fdes[n_kept++] = fdes[i];
    }
    g_array_set_size(compiler->fdes, n_kept);
    *n_span_bytes = n_kept ? end - base : 0;
    return base;
}

/* --- second pass --- */

static void compile_function(Compiler *compiler, const Fde *fde, guint64 end,
                             RsTableBuilder *builder, RsCfiTally *tally)
{
    Source *source = &compiler->sources[fde->is_debug_frame];
    const RsElfSection *section = &source->section;
    const RsPointerBases bases = {section->bytes, section->vaddr, 0, fde->start};
    const Cie *cie = &g_array_index(source->cies, Cie, fde->cie);

    rs_table_builder_function(builder, fde->start, (guint32)(end - fde->start),
                              fde->is_debug_frame ? 0 : section->vaddr + fde->record);
    rs_cfi_run_function(&cie->common, &bases, section->bytes + fde->program,
                        section->bytes + fde->program_end, fde->start, end, builder, tally);
}

static RsUnwindTable *compile(Compiler *compiler)
{
    guint64 n_span_bytes, base = drop_far_ones(compiler, &n_span_bytes), end = 0;
    RsTableBuilder *builder;
    RsCfiTally tally = {0};
    const Fde *fdes;
    RsUnwindTable *table;

    if (compiler->fdes->len == 0)
        return NULL;
    sort(compiler->fdes, base);
    fdes = (const Fde *)(void *)compiler->fdes->data;
    builder = rs_table_builder_new(base, n_span_bytes);
    for (guint i = 0; i < compiler->fdes->len;) {
        const Fde *fde = &fdes[i];

        do /* the next one that counts */
            i++;
        while (i < compiler->fdes->len &&
               (fdes[i].start == fde->start ||
                (fdes[i].is_debug_frame && fdes[i].start < fde->start + fde->n_bytes)));
        if (fde->is_debug_frame && fde->start < end)
            continue;
        end = fde->start + fde->n_bytes;
        if (i < compiler->fdes->len)
            end = MIN(end, fdes[i].start);
        compile_function(compiler, fde, end, builder, &tally);
    }
    table = rs_table_builder_finish(builder);
    compiler->counts.n_damaged += tally.n_damaged;
    compiler->counts.n_slow_rows = tally.n_slow_rows;
    compiler->counts.n_rows = table ? rs_unwind_table_n_rows(table) : 0;
    return table;
}

static void add_source(Compiler *compiler, const RsElfSection *section, gboolean is_debug_frame)
{
    Source *source = &compiler->sources[is_debug_frame];

    if (section->n_bytes > SECTION_LIMIT_BYTES) {
        compiler->counts.n_damaged++;
        return;
    }
    source->section = *section;
    source->is_debug_frame = is_debug_frame;
    read_records(compiler, source);
}

static Compiler *compiler_new(RsElf *elf)
{
    Compiler *compiler = g_new0(Compiler, 1);

    compiler->elf = elf;
    compiler->fdes = g_array_new(FALSE, FALSE, sizeof(Fde));
    for (guint i = 0; i < G_N_ELEMENTS(compiler->sources); i++)
        compiler->sources[i].cies = g_array_new(FALSE, FALSE, sizeof(Cie));
    return compiler;
}

static RsUnwindTable *finish(Compiler *compiler, RsCfiCounts *counts)
{
    RsUnwindTable *table = compile(compiler);

    if (counts)
        *counts = compiler->counts;
    for (guint i = 0; i < G_N_ELEMENTS(compiler->sources); i++)
        g_array_unref(compiler->sources[i].cies);
    g_array_unref(compiler->fdes);
    g_free(compiler);
    return table;
}

RsUnwindTable *rs_cfi_compile(RsElf *elf, RsCfiCounts *counts)
{
    Compiler *compiler = compiler_new(elf);
    RsElfSection section;

    if (rs_elf_section(elf, ".eh_frame", &section))
        add_source(compiler, &section, FALSE);
    if (rs_elf_section(elf, ".debug_frame", &section))
        add_source(compiler, &section, TRUE);
    return finish(compiler, counts);
}

RsUnwindTable *rs_cfi_compile_raw(const guint8 *bytes, gsize n_bytes, guint64 vaddr,
                                  guint64 text_vaddr, guint64 n_text_bytes, gboolean is_debug_frame,
                                  RsCfiCounts *counts)
{
    Compiler *compiler = compiler_new(NULL);
    const RsElfSection section = {vaddr, bytes, n_bytes};

    compiler->text =
        (RsElfSegment){.vaddr = text_vaddr, .n_file_bytes = n_text_bytes, .is_executable = TRUE};
    add_source(compiler, &section, is_debug_frame);
    return finish(compiler, counts);
}
