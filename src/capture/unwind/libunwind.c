/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One address space of libunwind for each process, with its cache, which is emptied when the
 * process's mappings change. libunwind's search for unwind information is short-circuited: our
 * table finds the function, and libunwind is given a search table of that one entry, at an address
 * that no process has, so that it decodes the record by itself. */
#include "capture/unwind/libunwind.h"

#include <libunwind.h>

#include "capture/unwind/code.h"
#include "capture/unwind/walk.h"

#define CACHE_ENTRIES 4096 /* 128 are the default */
/* Outside of what addresses of x86-64 can be. */
#define SEARCH_TABLE ((unw_word_t)0xbad0000000000000)

/* As of dwarf-eh.h, which libunwind does not install, with what its remote search reads. */
typedef struct {
    gint32 start_offset, fde_offset; /* from segbase */
} SearchEntry;

extern int UNW_OBJ(dwarf_search_unwind_table)(unw_addr_space_t space, unw_word_t ip,
                                              unw_dyn_info_t *info, unw_proc_info_t *procedure,
                                              int needs_unwind_info, void *arg);

/* Of a space. */
typedef struct {
    unw_addr_space_t space;
    guint64 generation;
} State;

/* Of a walk or a step: the accessors' argument. */
typedef struct {
    RsUnwinder *unwinder;
    RsSpace *space;
    const RsStackCopy *stack;
    const RsRegisters *registers; /* of the frame that the cursor began at */
    RsSpaceEntry *entry;          /* whose unwind information is being read */
    guint64 search_entry;         /* the bytes of a SearchEntry */
    gboolean is_late;
    gboolean has_failed; /* reading memory did, at: */
    guint64 failed_at;
} Context;

/* --- accessors --- */

static int find_procedure(unw_addr_space_t unw_space, unw_word_t ip, unw_proc_info_t *procedure,
                          int needs_unwind_info, void *arg)
{
    Context *context = arg;
    RsSpaceEntry *entry = rs_space_find(context->space, ip);
    const RsUnwindTable *table = entry ? rs_module_table(entry->module) : NULL;
    guint64 start, n_bytes, fde_vaddr;
    SearchEntry search = {0};
    unw_dyn_info_t info = {0};

    if (!table ||
        !rs_unwind_table_function(table, ip - entry->bias, &start, &n_bytes, &fde_vaddr) ||
        !fde_vaddr)
        return -UNW_ENOINFO;
    search.fde_offset = (gint32)(fde_vaddr - start);
    if (start + (guint64)(gint64)search.fde_offset != fde_vaddr)
        return -UNW_ENOINFO;
    memcpy(&context->search_entry, &search, sizeof search);
    context->entry = entry;
    info.start_ip = entry->bias + start;
    info.end_ip = info.start_ip + n_bytes;
    info.format = UNW_INFO_FORMAT_REMOTE_TABLE;
    info.u.rti.segbase = info.start_ip;
    info.u.rti.table_data = SEARCH_TABLE;
    info.u.rti.table_len = sizeof search / sizeof(unw_word_t);
    return UNW_OBJ(dwarf_search_unwind_table)(unw_space, ip, &info, procedure, needs_unwind_info,
                                              arg);
}

static void put_unwind_info(unw_addr_space_t space, unw_proc_info_t *procedure, void *arg)
{
}

static int no_dynamic_info(unw_addr_space_t space, unw_word_t *address, void *arg)
{
    return -UNW_ENOINFO;
}

/* Bytes of the file; with is_constant only those that the process cannot have changed. */
static gboolean read_file(const RsSpaceEntry *entry, guint64 address, gboolean is_constant,
                          guint64 *value)
{
    RsElf *elf = entry ? rs_module_elf(entry->module) : NULL;
    const RsElfSegment *segments;
    guint n_segments;
    gsize n_bytes;
    const guint8 *bytes;

    if (!elf)
        return FALSE;
    bytes = rs_elf_at_vaddr(elf, address - entry->bias, &n_bytes);
    if (!bytes || n_bytes < sizeof *value)
        return FALSE;
    segments = rs_elf_segments(elf, &n_segments);
    for (guint i = 0; is_constant && i < n_segments; i++)
        if (address - entry->bias - segments[i].vaddr < segments[i].n_file_bytes &&
            segments[i].is_writable)
            return FALSE;
    memcpy(value, bytes, sizeof *value);
    return TRUE;
}

static gboolean read_memory(Context *context, guint64 address, guint64 *value)
{
    const RsStackCopy *stack = context->stack;
    const RsSpaceEntry *entries;
    guint n_entries;

    if (address == SEARCH_TABLE) {
        *value = context->search_entry;
        return TRUE;
    }
    if (address - stack->base < stack->n_bytes) /* and what it lacks late */
        return rs_unwinder_read(context->unwinder, stack, address, value, &context->is_late);
    if (read_file(context->entry, address, TRUE, value))
        return TRUE;
    entries = rs_space_entries(context->space, &n_entries);
    for (guint i = 0; i < n_entries; i++)
        if (read_file(&entries[i], address, TRUE, value))
            return TRUE;
    /* where a language's routine for exceptions is kept lies in data that is relocated at the
     * start; libunwind reads it with the rest of a record, but stepping does not need it */
    if (read_file(context->entry, address, FALSE, value))
        return TRUE;
    return rs_unwinder_read(context->unwinder, stack, address, value, &context->is_late);
}

static int access_memory(unw_addr_space_t space, unw_word_t address, unw_word_t *value,
                         int is_write, void *arg)
{
    Context *context = arg;
    guint64 read;

    if (is_write)
        return -UNW_EINVAL;
    if (!read_memory(context, address, &read)) {
        context->has_failed = TRUE;
        context->failed_at = address;
        return -UNW_EINVAL;
    }
    *value = read;
    return 0;
}

/* libunwind numbers the registers as DWARF does. */
static int access_register(unw_addr_space_t space, unw_regnum_t number, unw_word_t *value,
                           int is_write, void *arg)
{
    const Context *context = arg;

    if (is_write || number < 0 || number >= RS_N_REGS)
        return -UNW_EBADREG;
    *value = context->registers->r[number];
    return 0;
}

static int no_float_register(unw_addr_space_t space, unw_regnum_t number, unw_fpreg_t *value,
                             int is_write, void *arg)
{
    return -UNW_EBADREG;
}

static int no_resume(unw_addr_space_t space, unw_cursor_t *cursor, void *arg)
{
    return -UNW_EINVAL;
}

static int no_name(unw_addr_space_t space, unw_word_t address, char *name, size_t n_name_bytes,
                   unw_word_t *offset, void *arg)
{
    return -UNW_ENOINFO;
}

/* --- a space's state --- */

static void state_free(gpointer data)
{
    State *state = data;

    unw_destroy_addr_space(state->space);
    g_free(state);
}

/* NULL: no memory. */
static unw_addr_space_t unw_space_of(RsSpace *space)
{
    static unw_accessors_t accessors = {
        .find_proc_info = find_procedure,
        .put_unwind_info = put_unwind_info,
        .get_dyn_info_list_addr = no_dynamic_info,
        .access_mem = access_memory,
        .access_reg = access_register,
        .access_fpreg = no_float_register,
        .resume = no_resume,
        .get_proc_name = no_name,
    };
    State *state = rs_space_slow_state(space);

    if (!state) {
        unw_addr_space_t unw_space = unw_create_addr_space(&accessors, 0);

        if (!unw_space)
            return NULL;
        /* the default keeps nothing, and one for each thread is not told apart by spaces */
        unw_set_caching_policy(unw_space, UNW_CACHE_GLOBAL);
        unw_set_cache_size(unw_space, CACHE_ENTRIES, 0);
        state = g_new0(State, 1);
        state->space = unw_space;
        state->generation = rs_space_generation(space);
        rs_space_set_slow_state(space, state, state_free);
    }
    if (state->generation != rs_space_generation(space)) {
        unw_flush_cache(state->space, 0, 0);
        state->generation = rs_space_generation(space);
    }
    return state->space;
}

/* --- stepping --- */

/* Puts the cursor on a frame. libunwind takes its address for exact: a return address is given less
 * one, so that the same rule is found. registers must stay as long as the cursor. */
static gboolean begin(unw_cursor_t *cursor, Context *context, RsRegisters *registers,
                      gboolean is_exact)
{
    unw_addr_space_t unw_space = unw_space_of(context->space);

    registers->r[RS_REG_RIP] -= !is_exact;
    context->registers = registers;
    return unw_space && unw_init_remote(cursor, unw_space, context) == 0;
}

static guint64 register_of(unw_cursor_t *cursor, guint number)
{
    unw_word_t value = 0;

    return unw_get_reg(cursor, (unw_regnum_t)number, &value) == 0 ? value : 0;
}

/* What is at that frame is a signal's return, so that its caller was interrupted. */
static gboolean is_signal_return(RsSpace *space, const RsStackCopy *stack, guint64 rip)
{
    const RsSpaceEntry *entry = rs_space_find(space, rip);

    return entry && rs_code_is_signal_return(entry, stack->live_pid, rip);
}

gboolean rs_libunwind_step(RsUnwinder *unwinder, RsSpace *space, const RsStackCopy *stack,
                           RsFullFrame *frame, guint n_steps, gboolean *is_late)
{
    Context context = {.unwinder = unwinder, .space = space, .stack = stack};
    RsRegisters registers = frame->registers;
    unw_cursor_t cursor;
    gboolean is_exact = frame->is_exact;

    if (!begin(&cursor, &context, &registers, is_exact))
        return FALSE;
    for (guint i = 0; i < n_steps; i++) {
        gboolean is_signal = is_signal_return(space, stack, register_of(&cursor, UNW_REG_IP));
        int result;

        context.is_late = FALSE; /* that of the last step is asked for */
        result = unw_step(&cursor);
        if (result < 0 || (result == 0 && i + 1 < n_steps))
            return FALSE;
        is_exact = is_signal;
    }
    for (guint i = 0; i < RS_N_REGS; i++)
        frame->registers.r[i] = register_of(&cursor, i);
    frame->is_exact = is_exact;
    *is_late |= context.is_late;
    return TRUE;
}

/* --- the row --- */

static RsStep step(RsWalker *walker, unw_cursor_t *cursor, Context *context)
{
    gboolean is_signal =
        rs_code_is_signal_return(walker->entry, walker->stack->live_pid, walker->rip);
    int result;
    guint64 rsp;

    context->is_late = context->has_failed = FALSE;
    result = unw_step(cursor);
    walker->is_late |= context->is_late;
    walker->is_late_return = context->is_late && !is_signal;
    if (result < 0)
        return context->has_failed ? rs_walker_end_unread(walker, context->failed_at)
                                   : rs_walker_end(walker, RS_STACK_NO_RULE);
    if (result == 0 || register_of(cursor, UNW_REG_IP) == 0)
        return rs_walker_end(walker,
                             walker->is_late_return ? RS_STACK_CUT_COPY : RS_STACK_COMPLETE);
    rsp = register_of(cursor, UNW_X86_64_RSP);
    if (!is_signal && !rs_walker_grows(walker, rsp))
        return rs_walker_end(walker, RS_STACK_BAD_ADDRESS);
    if (is_signal && ++walker->n_signal_frames > RS_SIGNAL_FRAMES_LIMIT)
        return rs_walker_end(walker, RS_STACK_TOO_DEEP);
    walker->rip = register_of(cursor, UNW_REG_IP);
    walker->rsp = rsp;
    walker->rbp = register_of(cursor, UNW_X86_64_RBP);
    walker->is_exact = is_signal;
    return RS_STEP_DONE;
}

/* Steps that need no unwind information are ours; the cursor then begins anew behind them. */
static RsStep step_or_begin(RsWalker *walker, unw_cursor_t *cursor, Context *context,
                            RsRegisters *registers)
{
    const RsUnwindTable *table = rs_walker_table(walker);
    guint64 vaddr = (walker->is_exact ? walker->rip : walker->rip - 1) - walker->entry->bias;

    if (table && rs_unwind_table_function(table, vaddr, NULL, NULL, NULL))
        return step(walker, cursor, context);
    if ((table ? rs_walker_step_without_rule(walker) : rs_walker_step_frame_pointer(walker)) ==
        RS_STEP_ENDED)
        return RS_STEP_ENDED;
    if (walker->is_exact)
        *registers = walker->full.registers;
    registers->r[RS_REG_RIP] = walker->rip;
    registers->r[RS_REG_RSP] = walker->rsp;
    registers->r[RS_REG_RBP] = walker->rbp;
    return begin(cursor, context, registers, walker->is_exact)
               ? RS_STEP_DONE
               : rs_walker_end(walker, RS_STACK_NOT_WALKED);
}

void rs_libunwind_walk(RsUnwinder *unwinder, RsSpace *space, const RsRegisters *registers,
                       const RsStackCopy *stack, RsWalk *walk)
{
    Context context = {.unwinder = unwinder, .space = space, .stack = stack};
    RsRegisters first = *registers;
    RsWalker walker;
    unw_cursor_t cursor;

    rs_unwinder_forget(unwinder);
    rs_walker_init(&walker, unwinder, space, registers, stack, walk);
    if (!begin(&cursor, &context, &first, TRUE))
        return;
    while (rs_walker_put_frame(&walker) == RS_STEP_DONE &&
           step_or_begin(&walker, &cursor, &context, &first) == RS_STEP_DONE)
        ;
    walk->is_late = walker.is_late;
    walk->was_slow = TRUE;
}
