/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stacks of blocked threads, without stopping them, beside those that gdb sees of the stopped
 * threads. */
#include "capture/locks/blocked.h"

#include "capture/locks/call_site.h"
#include "capture/process/proc_file.h"
#include "tests/unit/run.h"
#include "tests/unit/waiters_fixtures.h"

#define N_FRAMES 128

static RsModules *modules;
static RsTasks *tasks;
static RsSpaces *spaces;
static RsSpace *space;
static RsUnwinder *unwinder;
static RsRawFrame frames[N_FRAMES];

static gboolean set_up_program(const char *program, const char *argument)
{
    if (!start_waiters(program, argument))
        return FALSE;
    modules = rs_modules_new();
    tasks = rs_tasks_new();
    spaces = rs_spaces_new(modules, tasks);
    unwinder = rs_unwinder_new(spaces);
    ck_assert(rs_spaces_load(spaces, target_pid));
    space = rs_spaces_find(spaces, target_pid);
    return TRUE;
}

static void tear_down(void)
{
    end_waiters();
    g_clear_pointer(&unwinder, rs_unwinder_free);
    g_clear_pointer(&spaces, rs_spaces_free);
    g_clear_pointer(&tasks, rs_tasks_free);
    g_clear_pointer(&modules, rs_modules_free);
}

static gboolean walk(pid_t tid, RsWalk *walked)
{
    *walked = (RsWalk){.frames = frames, .n_max_frames = N_FRAMES};
    return rs_blocked_walk(unwinder, space, tid, walked);
}

/* FALSE: /proc/PID/syscall may not be read here. */
static gboolean may_look(void)
{
    RsBlocked blocked;
    int dir_fd = rs_proc_open_dir(target_pid), fd = rs_proc_open(dir_fd, "syscall");
    gboolean may = fd >= 0 && (rs_blocked_read(fd, &blocked) || errno == 0);

    close(dir_fd);
    if (fd >= 0)
        close(fd);
    if (!may)
        printf("SKIP: the system calls of another process may not be looked at here\n");
    return may;
}

/* The frame's address in the process. */
static guint64 address_of(const RsRawFrame *frame)
{
    guint n_entries;
    const RsSpaceEntry *entries = rs_space_entries(space, &n_entries);

    for (guint i = 0; i < n_entries; i++) {
        guint64 address = frame->address + entries[i].bias;

        if (rs_module_id(entries[i].module) == frame->module && address >= entries[i].start &&
            address < entries[i].end)
            return address;
    }
    return 0;
}

/* --- every thread of the program is walked to its end --- */

START_TEST(blocked_threads_are_walked_to_where_they_began)
{
    ck_assert(set_up_program("waiters", NULL));
    if (!may_look())
        return;
    for (guint i = 0; i < n_told; i++) {
        RsWalk walked;

        if (!g_str_equal(told[i].what, "thread"))
            continue;
        ck_assert_msg(walk((pid_t)told[i].value, &walked), "%s was not walked", told[i].name);
        ck_assert_msg(walked.end == RS_STACK_COMPLETE, "%s: ended as %s after %u frames",
                      told[i].name, rs_stack_end_names[walked.end], walked.n_frames);
        ck_assert(!walked.is_late);
    }
}
END_TEST

START_TEST(a_thread_that_runs_is_not_walked)
{
    RsWalk walked;

    ck_assert(set_up_program("waiters", "spin"));
    if (!may_look())
        return;
    ck_assert(!walk((pid_t)told_of("thread", "spin", 0)->value, &walked));
    ck_assert(!walk(0x7ffffff0, &walked)); /* nor one that is not there */
}
END_TEST

START_TEST(a_walk_stops_where_there_is_no_more_room)
{
    RsWalk walked = {.frames = frames, .n_max_frames = 3};

    ck_assert(set_up_program("waiters", NULL));
    if (!may_look())
        return;
    ck_assert(
        rs_blocked_walk(unwinder, space, (pid_t)told_of("thread", "static", 0)->value, &walked));
    ck_assert_uint_eq(walked.n_frames, 3);
    ck_assert_int_eq(walked.end, RS_STACK_TOO_DEEP);
}
END_TEST

/* --- gdb as judge --- */

static const char oracle[] =
    "python\n"
    "for thread in gdb.selected_inferior().threads():\n"
    "    thread.switch()\n"
    "    frame, pcs = gdb.newest_frame(), []\n"
    "    while frame is not None:\n"
    "        if frame.type() not in (gdb.INLINE_FRAME, gdb.TAILCALL_FRAME):\n"
    "            pcs.append('%x' % frame.pc())\n"
    "        frame = frame.older()\n"
    "    print('stack', thread.ptid[1], *pcs)\n";

/* gdb's stacks, a line each; NULL: there is no gdb, or it may not attach. */
static char *ask_gdb(void)
{
    g_autofree char *script = NULL, *pid = g_strdup_printf("%d", (int)target_pid), *out = NULL;
    char *argv[] = {(char *)"gdb",
                    (char *)"-nx",
                    (char *)"-batch",
                    (char *)"-ex",
                    (char *)"set debuginfod enabled off",
                    (char *)"-ex",
                    (char *)"set backtrace past-main on",
                    (char *)"-p",
                    pid,
                    (char *)"-x",
                    NULL,
                    NULL};
    int fd = g_file_open_tmp("rs-test-XXXXXX.gdb", &script, NULL);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, oracle, sizeof oracle - 1), sizeof oracle - 1);
    close(fd);
    argv[10] = script;
    if (!g_spawn_sync(NULL, argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL, NULL,
                      NULL, &out, NULL, NULL, NULL))
        out = NULL;
    unlink(script);
    if (!out || !strstr(out, "\nstack ")) {
        printf("SKIP: no gdb with Python that may attach\n");
        return NULL;
    }
    return g_steal_pointer(&out);
}

typedef struct {
    pid_t tid;
    char name[16];
    guint n;
    guint64 pcs[N_FRAMES];
} Ours;

static guint walk_all(Ours *ours, guint n_max)
{
    guint n = 0;

    for (guint i = 0; i < n_told && n < n_max; i++) {
        RsWalk walked;

        if (!g_str_equal(told[i].what, "thread"))
            continue;
        ours[n].tid = (pid_t)told[i].value;
        g_strlcpy(ours[n].name, told[i].name, sizeof ours[n].name);
        ck_assert_msg(walk(ours[n].tid, &walked), "%s was not walked", told[i].name);
        ours[n].n = walked.n_frames;
        for (guint k = 0; k < walked.n_frames; k++) /* callers are looked up one byte before */
            ours[n].pcs[k] = address_of(&frames[k]) + (k > 0);
        n++;
    }
    return n;
}

static char *text_of(const Ours *ours)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < ours->n; i++)
        g_string_append_printf(text, "%s%" G_GINT64_MODIFIER "x", i ? " " : "", ours->pcs[i]);
    return g_string_free(text, FALSE);
}

static void compare_with_gdb(const char *program)
{
    g_autofree char *stacks = NULL;
    Ours ours[N_MAX_TOLD];
    guint n_ours, n_compared = 0;

    if (!may_look())
        return;
    n_ours = walk_all(ours, G_N_ELEMENTS(ours));
    stacks = ask_gdb();
    if (!stacks)
        return;
    for (guint i = 0; i < n_ours; i++) {
        g_autofree char *start = g_strdup_printf("\nstack %d ", (int)ours[i].tid);
        g_autofree char *own = text_of(&ours[i]), *gdbs = NULL;
        const char *line = strstr(stacks, start);

        ck_assert_msg(line != NULL, "gdb has no thread %s", ours[i].name);
        line += strlen(start);
        gdbs = g_strndup(line, strcspn(line, "\n"));
        ck_assert_msg(g_str_equal(own, gdbs), "%s, thread %s:\nours %s\ngdb  %s", program,
                      ours[i].name, own, gdbs);
        n_compared++;
    }
    ck_assert_uint_ge(n_compared, 9);
}

START_TEST(the_frames_are_those_that_gdb_sees)
{
    ck_assert(set_up_program("waiters", NULL));
    compare_with_gdb("waiters");
}
END_TEST

START_TEST(the_frames_of_a_rust_program_are_those_that_gdb_sees)
{
    if (set_up_program("rust_waiters", NULL))
        compare_with_gdb("rust_waiters");
    else
        printf("SKIP: no rustc\n");
}
END_TEST

/* --- lines and instructions --- */

START_TEST(lines_of_system_calls_are_read)
{
    RsBlocked blocked = {.number = 77};

    ck_assert(!rs_blocked_parse("running\n", &blocked));
    ck_assert(!rs_blocked_parse("", &blocked));
    ck_assert(!rs_blocked_parse("202 0x1 0x2 0x3 0x4 0x5 0x6 0x7\n", &blocked));
    ck_assert(!rs_blocked_parse("5 0x1 0x2\n", &blocked));
    ck_assert_int_eq(blocked.number, 77); /* untouched */
    ck_assert(rs_blocked_parse("202 0x1 0x2 0x3 0x4 0x5 0xffffffffffffffff 0x7 0x8\n", &blocked));
    ck_assert_int_eq(blocked.number, 202);
    ck_assert_uint_eq(blocked.arguments[0], 1);
    ck_assert_uint_eq(blocked.arguments[5], G_MAXUINT64);
    ck_assert_uint_eq(blocked.sp, 7);
    ck_assert_uint_eq(blocked.pc, 8);
    ck_assert(rs_blocked_parse("-1 0x7ffc 0x5566\n", &blocked));
    ck_assert_int_eq(blocked.number, -1);
    ck_assert_uint_eq(blocked.sp, 0x7ffc);
    ck_assert_uint_eq(blocked.pc, 0x5566);
}
END_TEST

typedef struct {
    const char *assembly;
    guint8 bytes[7]; /* what stands before the return address, at the end */
    RsCallKind kind;
    gint32 displacement;
    gboolean is_in_memory;
} Instruction;

/* Source: as(1) and objdump -d. */
static const Instruction instructions[] = {
    {"call 0x...", {0x90, 0x90, 0xe8, 0x10, 0x00, 0x00, 0x80}, RS_CALL_DIRECT, -0x7ffffff0, FALSE},
    {"addr32 call", {0x90, 0x67, 0xe8, 0xf0, 0xff, 0xff, 0xff}, RS_CALL_DIRECT, -16, FALSE},
    {"call *16(%rip)", {0x90, 0xff, 0x15, 0x10, 0, 0, 0}, RS_CALL_DIRECT, 16, TRUE},
    {"call *%rax", {0x90, 0x90, 0x90, 0x90, 0x90, 0xff, 0xd0}, RS_CALL_INDIRECT, 0, FALSE},
    {"call *%r11", {0x90, 0x90, 0x90, 0x90, 0x41, 0xff, 0xd3}, RS_CALL_INDIRECT, 0, FALSE},
    {"call *(%rax)", {0x90, 0x90, 0x90, 0x90, 0x90, 0xff, 0x10}, RS_CALL_INDIRECT, 0, FALSE},
    {"call *24(%rax)", {0x90, 0x90, 0x90, 0x90, 0xff, 0x50, 0x18}, RS_CALL_INDIRECT, 0, FALSE},
    {"call *(%rax,%rbx,8)", {0x90, 0x90, 0x90, 0x90, 0xff, 0x14, 0xd8}, RS_CALL_INDIRECT, 0, 0},
    {"call *8(%rsp)", {0x90, 0x90, 0x90, 0xff, 0x54, 0x24, 0x08}, RS_CALL_INDIRECT, 0, FALSE},
    {"call *512(%rax)", {0x90, 0xff, 0x90, 0, 2, 0, 0}, RS_CALL_INDIRECT, 0, FALSE},
    {"call *512(%r12)", {0xff, 0x94, 0x24, 0, 2, 0, 0}, RS_CALL_INDIRECT, 0, FALSE},
    {"call *0(,%rax,8)", {0xff, 0x14, 0xc5, 0, 0, 0, 0}, RS_CALL_INDIRECT, 0, FALSE},
    {"jmp *%rax", {0x90, 0x90, 0x90, 0x90, 0x90, 0xff, 0xe0}, RS_CALL_NONE, 0, FALSE},
    {"push (%rax)", {0x90, 0x90, 0x90, 0x90, 0x90, 0xff, 0x30}, RS_CALL_NONE, 0, FALSE},
    {"nop", {0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90}, RS_CALL_NONE, 0, FALSE},
};

START_TEST(calls_are_told_from_other_instructions)
{
    for (guint i = 0; i < G_N_ELEMENTS(instructions); i++) {
        const Instruction *wanted = &instructions[i];
        gint32 displacement = 0;
        gboolean is_in_memory = FALSE;
        RsCallKind kind = rs_call_decode(wanted->bytes, 7, &displacement, &is_in_memory);

        ck_assert_msg(kind == wanted->kind && displacement == wanted->displacement &&
                          is_in_memory == wanted->is_in_memory,
                      "%s: %d %d", wanted->assembly, kind, displacement);
    }
    ck_assert_int_eq(rs_call_decode(instructions[0].bytes, 0, NULL, NULL), RS_CALL_NONE);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("blocked");

    tcase_add_checked_fixture(tests, NULL, tear_down);
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, blocked_threads_are_walked_to_where_they_began);
    tcase_add_test(tests, a_thread_that_runs_is_not_walked);
    tcase_add_test(tests, a_walk_stops_where_there_is_no_more_room);
    tcase_add_test(tests, the_frames_are_those_that_gdb_sees);
    tcase_add_test(tests, the_frames_of_a_rust_program_are_those_that_gdb_sees);
    tcase_add_test(tests, lines_of_system_calls_are_read);
    tcase_add_test(tests, calls_are_told_from_other_instructions);
    return run_tests("blocked", tests);
}
