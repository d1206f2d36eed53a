/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a chunk numbers goes into tables of its own; modules, frames and stacks enter the profile
 * when the first sample that is kept has need of them. */
#include "capture/history/decode.h"

#include <math.h>
#include <string.h>

#include "capture/capture.h"
#include "capture/history/format.h"
#include "capture/history/varint.h"

#define NOT_YET G_MININT32 /* no index of the profile, and not RS_STACK_NONE */

typedef struct {
    const char *text; /* NULL: none */
    gsize n_bytes;
} Text;

typedef struct {
    RsModuleKind kind;
    gint64 n_bytes;
    Text path, build_id;
    guint64 last_address;
    gint64 index; /* in the profile; -1: not yet */
} Module;

typedef struct {
    guint32 module;
    guint64 address;
    gint64 index;
} Frame;

typedef struct {
    guint32 parent, frame; /* parent: number from 1, 0: none */
    gint32 index;
} Stack;

typedef struct {
    gint32 process_id, thread_id;
    Text name;
    gint64 index;
    guint32 stack, flags; /* of its last sample */
    gint64 weight_ns;
} Thread;

typedef struct {
    gint32 process_id;
    guint64 address;
    Text place;
} Lock;

typedef struct {
    gint64 values[RS_HISTORY_N_LOOK_VALUES];
} Look;

typedef struct {
    RsVarintReader in;       /* all records */
    RsHistoryGather *gather; /* NULL: looking */
    gint64 clock_us, newest_us;
    GArray *modules, *frames, *stacks, *threads, *locks;
    GHashTable *looks; /* process -> Look, the last one */
} Chunk;

/* --- pieces --- */

static gboolean take_text(RsVarintReader *in, Text *text)
{
    guint64 n = rs_varint_take(in);

    *text = (Text){NULL, 0};
    if (n > RS_HISTORY_MAX_TEXT + 1)
        in->failed = TRUE;
    if (n && !in->failed)
        *text = (Text){(const char *)rs_varint_take_bytes(in, n - 1), n - 1};
    return !in->failed;
}

/* Yours; NULL: none. */
static char *text_copy(const Text *text)
{
    return text->text ? g_strndup(text->text, text->n_bytes) : NULL;
}

static double take_real(RsVarintReader *in)
{
    const guint8 *bytes = rs_varint_take_bytes(in, sizeof(double));
    double value = NAN;

    if (bytes)
        memcpy(&value, bytes, sizeof value);
    return isfinite(value) ? value : NAN;
}

static gboolean is_time(gint64 us)
{
    return us >= -RS_HISTORY_MAX_US && us <= RS_HISTORY_MAX_US;
}

/* A time near the clock. FALSE: beyond all bounds. */
static gboolean add_time(gint64 from_us, gint64 difference_us, gint64 *us)
{
    *us = rs_varint_sum(from_us, difference_us);
    return is_time(difference_us / 2) && is_time(*us);
}

static void saw(Chunk *chunk, gint64 us)
{
    chunk->newest_us = MAX(chunk->newest_us, us);
}

/* --- into the profile --- */

static guint32 module_index(Chunk *chunk, guint32 number)
{
    Module *module = &g_array_index(chunk->modules, Module, number);

    if (module->index < 0) {
        g_autofree char *path = text_copy(&module->path);
        g_autofree char *build_id = text_copy(&module->build_id);

        module->index = rs_profile_add_module(chunk->gather->profile, module->kind,
                                              path ? path : "[unknown]", build_id, module->n_bytes);
    }
    return (guint32)module->index;
}

static guint32 frame_index(Chunk *chunk, guint32 number)
{
    Frame *frame = &g_array_index(chunk->frames, Frame, number);

    if (frame->index < 0)
        frame->index = rs_profile_add_frame(chunk->gather->profile,
                                            module_index(chunk, frame->module), frame->address);
    return (guint32)frame->index;
}

/* Down to the first that the profile has, and up again: as deep as stacks are, no recursion. The
 * way back is kept in the index fields. */
static gint32 stack_index(Chunk *chunk, guint32 number)
{
    g_autoptr(GArray) missing = NULL;
    gint32 index = RS_STACK_NONE;

    if (number && g_array_index(chunk->stacks, Stack, number - 1).index != NOT_YET)
        return g_array_index(chunk->stacks, Stack, number - 1).index;
    missing = g_array_new(FALSE, FALSE, sizeof number);
    for (; number; number = g_array_index(chunk->stacks, Stack, number - 1).parent) {
        index = g_array_index(chunk->stacks, Stack, number - 1).index;
        if (index != NOT_YET)
            break;
        g_array_append_val(missing, number);
    }
    if (!number)
        index = RS_STACK_NONE;
    while (missing->len) {
        Stack *stack = &g_array_index(chunk->stacks, Stack,
                                      g_array_index(missing, guint32, missing->len - 1) - 1);

        index = stack->index =
            rs_profile_add_stack(chunk->gather->profile, index, frame_index(chunk, stack->frame));
        g_array_set_size(missing, missing->len - 1);
    }
    return index;
}

static guint32 thread_index(Chunk *chunk, Thread *thread)
{
    if (thread->index < 0) {
        g_autofree char *name = text_copy(&thread->name);

        thread->index = rs_profile_add_thread(chunk->gather->profile, thread->process_id,
                                              thread->thread_id, name);
    }
    return (guint32)thread->index;
}

/* --- samples and waits --- */

static gboolean decode_sample(Chunk *chunk, guint8 tag)
{
    guint64 number = tag >> RS_HISTORY_SHIFT & RS_HISTORY_SAMPLE_FAR, stack = 0, later_us;
    RsProfileSample sample = {0};
    Thread *thread;

    if (number == RS_HISTORY_SAMPLE_FAR)
        number = rs_varint_take(&chunk->in);
    if (number >= chunk->threads->len)
        return FALSE;
    thread = &g_array_index(chunk->threads, Thread, number);
    later_us = rs_varint_take(&chunk->in);
    if (later_us > 2 * RS_HISTORY_MAX_US ||
        !add_time(chunk->clock_us, (gint64)later_us, &chunk->clock_us))
        return FALSE;
    stack = tag & RS_HISTORY_SAMPLE_SAME_STACK ? thread->stack : rs_varint_take(&chunk->in);
    if (tag & RS_HISTORY_SAMPLE_NEW_WEIGHT)
        thread->weight_ns = rs_varint_sum(thread->weight_ns, rs_varint_take_signed(&chunk->in));
    if (tag & RS_HISTORY_SAMPLE_NEW_FLAGS)
        thread->flags = (guint32)rs_varint_take(&chunk->in);
    if (chunk->in.failed || stack > chunk->stacks->len || thread->weight_ns < 0 ||
        thread->weight_ns > RS_HISTORY_MAX_WEIGHT_NS)
        return FALSE;
    thread->stack = (guint32)stack;
    saw(chunk, chunk->clock_us);
    if (!chunk->gather || chunk->clock_us < chunk->gather->from_us)
        return TRUE;
    sample.at_ns = chunk->clock_us * 1000;
    sample.weight_ns = thread->weight_ns;
    sample.stack = stack_index(chunk, thread->stack);
    sample.thread = thread_index(chunk, thread);
    sample.end = thread->flags & RS_ENTRY_END_MASK;
    if (sample.end >= RS_N_STACK_ENDS)
        sample.end = RS_STACK_NOT_WALKED;
    sample.is_late = (thread->flags & RS_ENTRY_LATE) != 0;
    rs_history_gather_sample(chunk->gather, &sample);
    return TRUE;
}

static gboolean decode_wait(Chunk *chunk, guint8 tag)
{
    guint64 number = tag >> RS_HISTORY_SHIFT & RS_HISTORY_WAIT_FAR, stack = 0, wait_us;
    g_autofree char *place = NULL;
    RsHistoryWait wait = {0};
    const Lock *lock;

    if (number == RS_HISTORY_WAIT_FAR)
        number = rs_varint_take(&chunk->in);
    if (number >= chunk->locks->len)
        return FALSE;
    lock = &g_array_index(chunk->locks, Lock, number);
    if (tag & RS_HISTORY_WAIT_LATER &&
        !add_time(chunk->clock_us, rs_varint_take_signed(&chunk->in), &chunk->clock_us))
        return FALSE;
    if (tag & RS_HISTORY_WAIT_HAS_STACK)
        stack = rs_varint_take(&chunk->in);
    wait_us = rs_varint_take(&chunk->in);
    if (chunk->in.failed || stack > chunk->stacks->len || wait_us > RS_HISTORY_MAX_WEIGHT_NS / 1000)
        return FALSE;
    saw(chunk, chunk->clock_us);
    if (!chunk->gather || chunk->clock_us < chunk->gather->from_us)
        return TRUE;
    place = text_copy(&lock->place);
    wait = (RsHistoryWait){.at_us = chunk->clock_us,
                           .process_id = lock->process_id,
                           .address = lock->address,
                           .place = place,
                           .stack = stack_index(chunk, (guint32)stack),
                           .has_begun = (tag & RS_HISTORY_WAIT_HAS_BEGUN) != 0,
                           .wait_ns = (gint64)wait_us * 1000};
    rs_history_gather_wait(chunk->gather, &wait);
    return TRUE;
}

/* --- records with a length; FALSE: contradicts the format --- */

static gboolean decode_module(Chunk *chunk, RsVarintReader *in)
{
    guint64 kind = rs_varint_take(in), n_bytes = rs_varint_take(in);
    Module module = {.kind = kind > RS_MODULE_UNKNOWN ? RS_MODULE_UNKNOWN : (RsModuleKind)kind,
                     .index = -1};

    module.n_bytes = n_bytes > G_MAXINT64 ? -1 : (gint64)n_bytes - 1;
    if (!take_text(in, &module.path) || !take_text(in, &module.build_id))
        return FALSE;
    g_array_append_val(chunk->modules, module);
    return TRUE;
}

static gboolean decode_thread(Chunk *chunk, RsVarintReader *in)
{
    guint64 number = rs_varint_take(in);
    Thread thread = {.index = -1};

    thread.process_id = (gint32)rs_varint_take(in);
    thread.thread_id = (gint32)rs_varint_take(in);
    if (!take_text(in, &thread.name) || number > chunk->threads->len)
        return FALSE;
    if (number == chunk->threads->len) {
        g_array_append_val(chunk->threads, thread);
    } else {
        Thread *known = &g_array_index(chunk->threads, Thread, number);

        if (known->process_id != thread.process_id || known->thread_id != thread.thread_id)
            return FALSE;
        known->name = thread.name;
        known->index = -1; /* the profile is to be told */
    }
    return TRUE;
}

static gboolean decode_stack(Chunk *chunk, RsVarintReader *in)
{
    guint64 parent = rs_varint_take(in);
    Stack stack = {.index = NOT_YET};

    if (in->failed || parent > chunk->stacks->len)
        return FALSE;
    stack.parent = (guint32)parent;
    while (in->at < in->end) {
        guint64 frame = rs_varint_take(in);

        if (!frame) {
            guint64 number = rs_varint_take(in);
            gint64 difference = rs_varint_take_signed(in);
            Frame fresh = {.module = (guint32)number, .index = -1};
            Module *module;

            if (in->failed || number >= chunk->modules->len)
                return FALSE;
            module = &g_array_index(chunk->modules, Module, number);
            fresh.address = module->last_address += (guint64)difference;
            g_array_append_val(chunk->frames, fresh);
            frame = chunk->frames->len;
        }
        if (in->failed || frame > chunk->frames->len)
            return FALSE;
        stack.frame = (guint32)frame - 1;
        g_array_append_val(chunk->stacks, stack);
        stack.parent = chunk->stacks->len;
    }
    return TRUE;
}

static gboolean decode_time(Chunk *chunk, RsVarintReader *in)
{
    gint64 difference_us = rs_varint_take_signed(in);

    return !in->failed && add_time(chunk->clock_us, difference_us, &chunk->clock_us);
}

static gboolean decode_process(Chunk *chunk, RsVarintReader *in)
{
    RsProfileProcess process = {0};
    g_autofree char *name = NULL;
    gint64 start_us, end_us;
    guint64 bits;
    Text text;

    process.process_id = (gint32)rs_varint_take(in);
    process.parent_id = (gint32)rs_varint_take(in);
    take_text(in, &text);
    bits = rs_varint_take(in);
    start_us = rs_varint_take_signed(in);
    end_us = rs_varint_take_signed(in);
    process.exit_status = (int)rs_varint_take_signed(in);
    process.signal_number = (int)rs_varint_take_signed(in);
    if (in->failed || !is_time(start_us) || !is_time(end_us))
        return FALSE;
    if (!chunk->gather)
        return TRUE;
    process.name = name = text_copy(&text);
    process.start_ns = bits & RS_HISTORY_HAS_START ? start_us * 1000 : -1;
    process.end_ns = bits & RS_HISTORY_HAS_END ? end_us * 1000 : -1;
    rs_history_gather_process(chunk->gather, &process);
    return TRUE;
}

static Look *look_of(Chunk *chunk, gint32 process_id)
{
    Look *look = g_hash_table_lookup(chunk->looks, GINT_TO_POINTER(process_id));

    if (!look) {
        look = g_new0(Look, 1);
        g_hash_table_insert(chunk->looks, GINT_TO_POINTER(process_id), look);
    }
    return look;
}

static gboolean decode_look(Chunk *chunk, RsVarintReader *in)
{
    gint64 difference_us = rs_varint_take_signed(in);
    gint32 process_id = (gint32)rs_varint_take(in);
    double cpu_pct = take_real(in);
    RsProcessSample *sample;
    Look *look;

    if (in->failed || !add_time(chunk->clock_us, difference_us, &chunk->clock_us))
        return FALSE;
    look = look_of(chunk, process_id);
    for (guint i = 0; i < RS_HISTORY_N_LOOK_VALUES; i++) {
        look->values[i] = rs_varint_sum(look->values[i], rs_varint_take_signed(in));
        if (look->values[i] < -1)
            return FALSE;
    }
    if (in->failed)
        return FALSE;
    saw(chunk, chunk->clock_us);
    if (!chunk->gather)
        return TRUE;
    sample = rs_process_sample_new();
    sample->at_ns = chunk->clock_us * 1000;
    sample->process_id = process_id;
    sample->cpu_pct = cpu_pct >= 0 ? cpu_pct : NAN;
    sample->rss_bytes = look->values[0];
    sample->n_threads = look->values[1];
    sample->n_open_fds = look->values[2];
    sample->n_syscalls = look->values[3];
    sample->n_voluntary_switches = look->values[4];
    sample->n_involuntary_switches = look->values[5];
    sample->read_bytes = look->values[6];
    sample->written_bytes = look->values[7];
    rs_history_gather_look(chunk->gather, sample);
    return TRUE;
}

static gboolean decode_event(Chunk *chunk, RsVarintReader *in)
{
    guint64 kind = rs_varint_take(in);
    gint32 process_id = (gint32)rs_varint_take(in);
    gint64 since_us = rs_varint_take_signed(in), length_us = rs_varint_take_signed(in);
    double before = take_real(in), peak = take_real(in);
    gint64 start_us, end_us;
    RsTimelineEvent *event;
    Text series, label;

    if (!take_text(in, &series) || !take_text(in, &label) ||
        !add_time(chunk->clock_us, since_us, &start_us) || length_us < 0 ||
        !add_time(start_us, length_us, &end_us))
        return FALSE;
    saw(chunk, end_us);
    if (!chunk->gather || kind > RS_EVENT_RESTART) /* a later version has more kinds */
        return TRUE;
    event = rs_timeline_event_new((RsEventKind)kind);
    event->process_id = process_id;
    event->start_ns = start_us * 1000;
    event->end_ns = end_us * 1000;
    event->before = before;
    event->peak = peak;
    event->series = text_copy(&series);
    event->label = text_copy(&label);
    rs_history_gather_event(chunk->gather, event);
    return TRUE;
}

static gboolean decode_lock(Chunk *chunk, RsVarintReader *in)
{
    Lock lock = {.process_id = (gint32)rs_varint_take(in)};

    lock.address = rs_varint_take(in);
    if (!take_text(in, &lock.place))
        return FALSE;
    g_array_append_val(chunk->locks, lock);
    return TRUE;
}

static gboolean decode_record(Chunk *chunk, guint8 tag)
{
    static gboolean (*const decoders[])(Chunk * chunk, RsVarintReader * in) = {
        [RS_HISTORY_MODULE] = decode_module,   [RS_HISTORY_THREAD] = decode_thread,
        [RS_HISTORY_STACK] = decode_stack,     [RS_HISTORY_TIME] = decode_time,
        [RS_HISTORY_PROCESS] = decode_process, [RS_HISTORY_LOOK] = decode_look,
        [RS_HISTORY_EVENT] = decode_event,     [RS_HISTORY_LOCK] = decode_lock,
    };
    guint64 n_bytes = rs_varint_take(&chunk->in);
    const guint8 *bytes = rs_varint_take_bytes(&chunk->in, n_bytes);
    RsVarintReader in = {.at = bytes};

    if (!bytes)
        return FALSE;
    in.end = bytes + n_bytes;
    return tag >= G_N_ELEMENTS(decoders) || !decoders[tag] || decoders[tag](chunk, &in);
}

static gboolean decode_all(Chunk *chunk)
{
    while (chunk->in.at < chunk->in.end) {
        guint8 tag = *chunk->in.at++;
        gboolean is_sound = tag >= RS_HISTORY_SAMPLE ? decode_sample(chunk, tag)
                            : tag >= RS_HISTORY_WAIT ? decode_wait(chunk, tag)
                                                     : decode_record(chunk, tag);

        if (!is_sound)
            return FALSE;
    }
    return TRUE;
}

gboolean rs_history_decode(const guint8 *records, gsize n_bytes, gint64 base_us,
                           RsHistoryGather *gather, gint64 *newest_us)
{
    Chunk chunk = {
        .in = {.at = records, .end = records + n_bytes},
        .gather = gather,
        .clock_us = base_us,
        .newest_us = G_MININT64,
        .modules = g_array_new(FALSE, FALSE, sizeof(Module)),
        .frames = g_array_new(FALSE, FALSE, sizeof(Frame)),
        .stacks = g_array_new(FALSE, FALSE, sizeof(Stack)),
        .threads = g_array_new(FALSE, FALSE, sizeof(Thread)),
        .locks = g_array_new(FALSE, FALSE, sizeof(Lock)),
        .looks = g_hash_table_new_full(NULL, NULL, NULL, g_free),
    };
    gboolean is_sound = is_time(base_us) && decode_all(&chunk);

    g_array_unref(chunk.modules);
    g_array_unref(chunk.frames);
    g_array_unref(chunk.stacks);
    g_array_unref(chunk.threads);
    g_array_unref(chunk.locks);
    g_hash_table_unref(chunk.looks);
    if (newest_us)
        *newest_us = chunk.newest_us;
    return is_sound;
}
