/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "capture/space.h"

#include "tests/unit/run.h"

static RsModules *modules;
static RsTasks *tasks;
static RsSpaces *spaces;

static void set_up(void)
{
    modules = rs_modules_new();
    tasks = rs_tasks_new();
    spaces = rs_spaces_new(modules, tasks);
}

static void tear_down(void)
{
    rs_spaces_free(spaces);
    rs_tasks_free(tasks);
    rs_modules_free(modules);
}

static void map(guint64 start, guint64 end, guint64 file_offset)
{
    RsMapping mapping = {.start = start, .end = end, .file_offset = file_offset, .path = ""};

    rs_spaces_map(spaces, 1, &mapping);
}

/* "start-end@offset" of every entry. */
static void assert_entries(pid_t pid, const char *wanted)
{
    g_autoptr(GString) got = g_string_new(NULL);
    RsSpace *space = rs_spaces_find(spaces, pid);
    const RsSpaceEntry *entries;
    guint n_entries;

    ck_assert_ptr_nonnull(space);
    entries = rs_space_entries(space, &n_entries);
    for (guint i = 0; i < n_entries; i++)
        g_string_append_printf(got, "%s%lx-%lx@%lx", i ? " " : "", entries[i].start, entries[i].end,
                               entries[i].file_offset);
    ck_assert_str_eq(got->str, wanted);
}

START_TEST(mappings_are_found_and_holes_are_not)
{
    RsSpace *space;

    map(0x3000, 0x5000, 0);
    map(0x1000, 0x2000, 0);
    space = rs_spaces_find(spaces, 1);
    assert_entries(1, "1000-2000@0 3000-5000@0");
    ck_assert_ptr_null(rs_space_find(space, 0xfff));
    ck_assert_ptr_nonnull(rs_space_find(space, 0x1000));
    ck_assert_ptr_nonnull(rs_space_find(space, 0x1fff));
    ck_assert_ptr_null(rs_space_find(space, 0x2000));
    ck_assert_ptr_nonnull(rs_space_find(space, 0x4fff));
    ck_assert_ptr_null(rs_space_find(space, 0x5000));
    ck_assert_ptr_null(rs_space_find(space, G_MAXUINT64));
}
END_TEST

START_TEST(a_new_mapping_takes_the_place_of_what_it_covers)
{
    map(0x1000, 0x9000, 0x100000);
    map(0x3000, 0x4000, 0);
    assert_entries(1, "1000-3000@100000 3000-4000@0 4000-9000@103000");
    map(0x2000, 0x5000, 0x7000);
    assert_entries(1, "1000-2000@100000 2000-5000@7000 5000-9000@104000");
    map(0x8000, 0xa000, 0x9000);
    assert_entries(1, "1000-2000@100000 2000-5000@7000 5000-8000@104000 8000-a000@9000");
    map(0x0, 0xffff000, 1);
    assert_entries(1, "0-ffff000@1");
}
END_TEST

START_TEST(mappings_that_end_before_they_begin_are_passed_over)
{
    map(0x1000, 0x2000, 0);
    map(0x1800, 0x1800, 0);
    map(0x1800, 0x1000, 0);
    assert_entries(1, "1000-2000@0");
}
END_TEST

START_TEST(a_child_begins_with_its_parents_mappings_and_exec_ends_them)
{
    map(0x1000, 0x2000, 0);
    rs_spaces_fork(spaces, 1, 2);
    assert_entries(2, "1000-2000@0");
    rs_spaces_exec(spaces, 2);
    assert_entries(2, "");
    assert_entries(1, "1000-2000@0");
}
END_TEST

START_TEST(a_process_that_ended_is_known_until_its_id_is_used_again)
{
    RsSpace *space;

    map(0x1000, 0x2000, 0);
    rs_spaces_exit(spaces, 1);
    space = rs_spaces_find(spaces, 1);
    ck_assert(rs_space_has_ended(space));
    ck_assert_ptr_nonnull(rs_space_find(space, 0x1000));
    map(0x5000, 0x6000, 0);
    assert_entries(1, "5000-6000@0");
    ck_assert(!rs_space_has_ended(rs_spaces_find(spaces, 1)));
}
END_TEST

/* Samples of it may still come. */
START_TEST(a_process_that_has_given_up_its_memory_stays_as_it_was_known)
{
    RsMapping mapping = {.start = 0x1000, .end = 0x2000, .path = ""};
    pid_t pid = fork();
    siginfo_t info;

    if (pid == 0)
        _exit(0);
    ck_assert_int_eq(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
    rs_spaces_map(spaces, pid, &mapping);
    ck_assert(!rs_spaces_load(spaces, pid));
    assert_entries(pid, "1000-2000@0");
    rs_spaces_exit(spaces, pid);
    ck_assert(!rs_spaces_load(spaces, pid));
    assert_entries(pid, "1000-2000@0");
    ck_assert(rs_space_has_ended(rs_spaces_find(spaces, pid)));
    waitpid(pid, NULL, 0);
}
END_TEST

#define N_SCATTERED 4000

/* A child with that many mappings of code, which says through the pipe when it has them. */
static pid_t start_scattered(void)
{
    int ends[2];
    char byte = 0;
    pid_t pid;

    ck_assert_int_eq(pipe(ends), 0);
    pid = fork();
    if (pid == 0) {
        char *pages =
            mmap(NULL, 2 * N_SCATTERED * 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        for (gsize i = 0; pages != MAP_FAILED && i < N_SCATTERED; i++)
            mprotect(pages + 2 * i * 4096, 4096, PROT_READ | PROT_EXEC);
        if (write(ends[1], &byte, 1) == 1)
            pause();
        _exit(1);
    }
    ck_assert_int_eq(read(ends[0], &byte, 1), 1);
    close(ends[0]);
    close(ends[1]);
    return pid;
}

static volatile pid_t to_end;

/* Between two reads of maps, since it is this thread that reads them. */
static void end_child(int number)
{
    siginfo_t info;

    if (to_end) {
        kill(to_end, SIGKILL);
        waitid(P_PID, (id_t)to_end, &info, WEXITED | WNOWAIT);
        to_end = 0;
    }
}

START_TEST(maps_of_a_process_that_ends_meanwhile_are_not_taken_by_half)
{
    struct sigaction action = {.sa_handler = end_child, .sa_flags = SA_RESTART};
    pid_t pid = start_scattered();
    struct itimerval timer = {.it_value = {.tv_usec = 20000 + 1700 * _i}};
    guint n_whole, n_entries;

    ck_assert(rs_spaces_load(spaces, pid));
    rs_space_entries(rs_spaces_find(spaces, pid), &n_whole);
    ck_assert_uint_ge(n_whole, N_SCATTERED);
    to_end = pid;
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &timer, NULL);
    while (rs_spaces_load(spaces, pid)) {
        rs_space_entries(rs_spaces_find(spaces, pid), &n_entries);
        ck_assert_uint_eq(n_entries, n_whole);
    }
    rs_space_entries(rs_spaces_find(spaces, pid), &n_entries);
    ck_assert_uint_eq(n_entries, n_whole);
    ck_assert_int_eq(to_end, 0);
    waitpid(pid, NULL, 0);
}
END_TEST

START_TEST(of_many_that_ended_the_oldest_are_forgotten)
{
    for (pid_t pid = 10; pid < 5000; pid++) {
        rs_spaces_exec(spaces, pid);
        rs_spaces_exit(spaces, pid);
    }
    ck_assert_ptr_null(rs_spaces_find(spaces, 10));
    ck_assert_ptr_nonnull(rs_spaces_find(spaces, 4999));
}
END_TEST

/* Our own code: the bias leads from an address to the file's own, through the segments. */
START_TEST(addresses_of_this_process_lead_to_the_bytes_of_its_files)
{
    guint64 address = (guint64)(guintptr)&rs_spaces_load;
    const RsSpaceEntry *entry;
    const guint8 *bytes;
    gsize n_bytes;

    ck_assert(rs_spaces_load(spaces, getpid()));
    entry = rs_space_find(rs_spaces_find(spaces, getpid()), address);
    ck_assert_ptr_nonnull(entry);
    ck_assert_ptr_nonnull(rs_module_elf(entry->module));
    bytes = rs_elf_at_vaddr(rs_module_elf(entry->module), address - entry->bias, &n_bytes);
    ck_assert_ptr_nonnull(bytes);
    ck_assert_uint_ge(n_bytes, 32);
    ck_assert_mem_eq(bytes, (gconstpointer)(guintptr)address, 32);
}
END_TEST

START_TEST(a_process_that_is_not_there_cannot_be_loaded)
{
    ck_assert(!rs_spaces_load(spaces, 0x7ffffff0));
    ck_assert_ptr_null(rs_spaces_find(spaces, 0x7ffffff0));
}
END_TEST

/* Code that appears later, as of dlopen or a JIT. */
START_TEST(an_unknown_address_is_looked_for_once_more)
{
    RsSpace *space;
    guint64 address;
    char *code;

    ck_assert(rs_spaces_load(spaces, getpid()));
    code = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ck_assert(code != MAP_FAILED);
    address = (guint64)(guintptr)code;
    space = rs_spaces_find(spaces, getpid());
    ck_assert_ptr_null(rs_space_find(space, address));
    ck_assert_ptr_nonnull(rs_spaces_find_late(spaces, space, address));
    munmap(code, 4096);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("space");

    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, mappings_are_found_and_holes_are_not);
    tcase_add_test(tcase, a_new_mapping_takes_the_place_of_what_it_covers);
    tcase_add_test(tcase, mappings_that_end_before_they_begin_are_passed_over);
    tcase_add_test(tcase, a_child_begins_with_its_parents_mappings_and_exec_ends_them);
    tcase_add_test(tcase, a_process_that_ended_is_known_until_its_id_is_used_again);
    tcase_add_test(tcase, a_process_that_has_given_up_its_memory_stays_as_it_was_known);
    tcase_add_loop_test(tcase, maps_of_a_process_that_ends_meanwhile_are_not_taken_by_half, 0, 5);
    tcase_add_test(tcase, of_many_that_ended_the_oldest_are_forgotten);
    tcase_add_test(tcase, addresses_of_this_process_lead_to_the_bytes_of_its_files);
    tcase_add_test(tcase, a_process_that_is_not_there_cannot_be_loaded);
    tcase_add_test(tcase, an_unknown_address_is_looked_for_once_more);
    return run_tests("space", tcase);
}
