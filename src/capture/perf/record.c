/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All records but samples end with the same trailer, which says when and where they were written;
 * samples begin with the same facts in another order. */
#include "capture/perf/record.h"

#include <asm/perf_regs.h>
#include <string.h>

#define TRAILER_BYTES (4 * 8)

/* The kernel writes the registers of the mask in the order of its own numbers. */
static const struct {
    guint8 kernel, dwarf;
} registers_in_order[] = {
    {PERF_REG_X86_AX, RS_REG_RAX},  {PERF_REG_X86_BX, RS_REG_RBX},  {PERF_REG_X86_CX, RS_REG_RCX},
    {PERF_REG_X86_DX, RS_REG_RDX},  {PERF_REG_X86_SI, RS_REG_RSI},  {PERF_REG_X86_DI, RS_REG_RDI},
    {PERF_REG_X86_BP, RS_REG_RBP},  {PERF_REG_X86_SP, RS_REG_RSP},  {PERF_REG_X86_IP, RS_REG_RIP},
    {PERF_REG_X86_R8, RS_REG_R8},   {PERF_REG_X86_R9, RS_REG_R9},   {PERF_REG_X86_R10, RS_REG_R10},
    {PERF_REG_X86_R11, RS_REG_R11}, {PERF_REG_X86_R12, RS_REG_R12}, {PERF_REG_X86_R13, RS_REG_R13},
    {PERF_REG_X86_R14, RS_REG_R14}, {PERF_REG_X86_R15, RS_REG_R15},
};
G_STATIC_ASSERT(G_N_ELEMENTS(registers_in_order) == RS_N_REGS);

/* 0-8: AX to IP; 16-23: R8 to R15. A test holds it against the table. */
const guint64 rs_perf_user_registers = 0xff01ff;

/* Reads on from where it is; a read beyond the end gives 0 and is remembered. */
typedef struct {
    const guint8 *next;
    gsize n_left;
    gboolean failed;
} Reader;

static const guint8 *take(Reader *reader, gsize n_bytes)
{
    const guint8 *taken = reader->next;

    if (n_bytes > reader->n_left) {
        reader->failed = TRUE;
        return NULL;
    }
    reader->next += n_bytes;
    reader->n_left -= n_bytes;
    return taken;
}

static guint64 take_u64(Reader *reader)
{
    const guint8 *bytes = take(reader, 8);
    guint64 value = 0;

    if (bytes)
        memcpy(&value, bytes, sizeof value);
    return value;
}

static guint32 take_u32(Reader *reader)
{
    const guint8 *bytes = take(reader, 4);
    guint32 value = 0;

    if (bytes)
        memcpy(&value, bytes, sizeof value);
    return value;
}

/* A text that ends within the record. */
static const char *take_text(Reader *reader)
{
    const char *text = (const char *)reader->next;

    if (!reader->n_left || !memchr(text, '\0', reader->n_left)) {
        reader->failed = TRUE;
        return "";
    }
    return text;
}

static void take_tid(Reader *reader, RsPerfRecord *record)
{
    record->pid = (pid_t)take_u32(reader);
    record->tid = (pid_t)take_u32(reader);
}

/* --- samples --- */

static void take_registers(Reader *reader, RsPerfRecord *record)
{
    guint64 abi = take_u64(reader);

    if (abi == PERF_SAMPLE_REGS_ABI_NONE) /* a kernel thread, or one that is ending */
        return;
    for (guint i = 0; i < G_N_ELEMENTS(registers_in_order); i++)
        record->sample.registers.r[registers_in_order[i].dwarf] = take_u64(reader);
    /* Those of a 32-bit program say nothing to an unwinder for 64 bits. */
    record->sample.has_registers = abi == PERF_SAMPLE_REGS_ABI_64;
}

static void take_stack(Reader *reader, RsPerfRecord *record)
{
    RsStackCopy *stack = &record->sample.stack;
    guint64 n_bytes = take_u64(reader), n_copied;

    if (!n_bytes)
        return;
    if (n_bytes > reader->n_left) {
        reader->failed = TRUE;
        return;
    }
    stack->bytes = take(reader, n_bytes);
    n_copied = take_u64(reader); /* the rest of it was not written */
    stack->n_bytes = MIN(n_copied, n_bytes) & ~(gsize)7;
    stack->base = record->sample.registers.r[RS_REG_RSP];
}

static void take_sample(Reader *reader, guint16 misc, RsPerfRecord *record)
{
    record->kind = RS_PERF_SAMPLE;
    record->event_id = take_u64(reader);
    record->sample.address = take_u64(reader);
    take_tid(reader, record);
    record->time_ns = (gint64)take_u64(reader);
    record->cpu = take_u32(reader);
    take_u32(reader);
    record->sample.period = take_u64(reader);
    record->sample.in_kernel = (misc & PERF_RECORD_MISC_CPUMODE_MASK) == PERF_RECORD_MISC_KERNEL;
    take_registers(reader, record);
    take_stack(reader, record);
}

/* --- the others --- */

static void take_mapping(Reader *reader, guint32 type, guint16 misc, RsPerfRecord *record)
{
    RsMapping *map = &record->map;
    guint64 n_bytes;

    take_tid(reader, record);
    map->start = take_u64(reader);
    n_bytes = take_u64(reader);
    map->file_offset = take_u64(reader);
    if (n_bytes > G_MAXUINT64 - map->start)
        reader->failed = TRUE;
    map->end = map->start + n_bytes;
    if (type == PERF_RECORD_MMAP2 && (misc & PERF_RECORD_MISC_MMAP_BUILD_ID)) {
        const guint8 *sized = take(reader, 4 + sizeof map->build_id);

        if (sized) {
            map->n_build_id_bytes = MIN(sized[0], sizeof map->build_id);
            memcpy(map->build_id, sized + 4, sizeof map->build_id);
        }
    } else if (type == PERF_RECORD_MMAP2) {
        map->device_major = take_u32(reader);
        map->device_minor = take_u32(reader);
        map->inode = take_u64(reader);
        take_u64(reader); /* the inode's generation */
    }
    if (type == PERF_RECORD_MMAP2)
        take_u64(reader); /* protection and flags: only executable memory is told */
    map->path = take_text(reader);
    record->kind = RS_PERF_MAP;
}

static void take_comm(Reader *reader, guint16 misc, RsPerfRecord *record)
{
    record->kind = misc & PERF_RECORD_MISC_COMM_EXEC ? RS_PERF_EXEC : RS_PERF_NAME;
    take_tid(reader, record);
    record->name = take_text(reader);
}

static void take_life(Reader *reader, guint32 type, RsPerfRecord *record)
{
    record->kind = type == PERF_RECORD_FORK ? RS_PERF_FORK : RS_PERF_EXIT;
    record->pid = (pid_t)take_u32(reader);
    record->parent.pid = (pid_t)take_u32(reader);
    record->tid = (pid_t)take_u32(reader);
    record->parent.tid = (pid_t)take_u32(reader);
    take_u64(reader); /* the time, which the trailer has too */
}

static void take_body(Reader *reader, guint32 type, guint16 misc, RsPerfRecord *record)
{
    switch (type) {
    case PERF_RECORD_MMAP:
        if (misc & PERF_RECORD_MISC_MMAP_DATA)
            break; /* not executable */
        /* fall through */
    case PERF_RECORD_MMAP2:
        take_mapping(reader, type, misc, record);
        break;
    case PERF_RECORD_COMM:
        take_comm(reader, misc, record);
        break;
    case PERF_RECORD_FORK:
    case PERF_RECORD_EXIT:
        take_life(reader, type, record);
        break;
    case PERF_RECORD_LOST:
        record->kind = RS_PERF_LOST;
        take_u64(reader); /* the event's id, which the trailer has too */
        record->n_lost = take_u64(reader);
        break;
    case PERF_RECORD_LOST_SAMPLES:
        record->kind = RS_PERF_LOST_SAMPLES;
        record->n_lost = take_u64(reader);
        break;
    case PERF_RECORD_THROTTLE:
        record->kind = RS_PERF_THROTTLE;
        break;
    default: /* UNTHROTTLE, and what later kernels bring */
        break;
    }
}

static void take_trailer(Reader *reader, RsPerfRecord *record)
{
    RsPerfRecord trailer = {0};

    take_tid(reader, &trailer);
    record->time_ns = (gint64)take_u64(reader);
    record->cpu = take_u32(reader);
    take_u32(reader);
    record->event_id = take_u64(reader);
    if (record->kind == RS_PERF_OTHER || record->kind == RS_PERF_THROTTLE) {
        record->pid = trailer.pid;
        record->tid = trailer.tid;
    }
}

gsize rs_perf_record_size(const guint8 *bytes, gsize n_bytes)
{
    struct perf_event_header header;

    g_assert(n_bytes >= sizeof header);
    memcpy(&header, bytes, sizeof header);
    return header.size < sizeof header || header.size % 8 ? 0 : header.size;
}

gboolean rs_perf_record_parse(const guint8 *bytes, gsize n_bytes, RsPerfRecord *record)
{
    struct perf_event_header header;
    RsPerfRecord read = {0};
    Reader reader;

    if (n_bytes < sizeof header || rs_perf_record_size(bytes, n_bytes) != n_bytes)
        return FALSE;
    memcpy(&header, bytes, sizeof header);
    reader = (Reader){.next = bytes + sizeof header, .n_left = n_bytes - sizeof header};
    if (header.type == PERF_RECORD_SAMPLE) {
        take_sample(&reader, header.misc, &read);
    } else {
        Reader trailer = reader;

        if (reader.n_left < TRAILER_BYTES)
            return FALSE;
        reader.n_left -= TRAILER_BYTES;
        take_body(&reader, header.type, header.misc, &read);
        take(&trailer, trailer.n_left - TRAILER_BYTES);
        take_trailer(&trailer, &read);
    }
    if (reader.failed)
        return FALSE;
    *record = read;
    return TRUE;
}
