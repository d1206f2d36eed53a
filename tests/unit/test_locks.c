/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who waits for what in programs that say it themselves. */
#include "capture/locks.h"

#include "capture/locks/place.h"
#include "capture/process/proc_file.h"
#include "tests/unit/run.h"
#include "tests/unit/waiters_fixtures.h"

#define MS G_GINT64_CONSTANT(1000000)

static RsModules *modules;
static RsLocks *locks;

static void set_up(void)
{
    modules = rs_modules_new();
    locks = rs_locks_new(modules);
}

static void tear_down(void)
{
    end_waiters();
    g_clear_pointer(&locks, rs_locks_free);
    g_clear_pointer(&modules, rs_modules_free);
}

static const GArray *look(void)
{
    const char *why = NULL;
    const GArray *waits = rs_locks_look(locks, target_pid, now_ns(), &why);

    if (!waits && strstr(why, "permission")) {
        printf("SKIP: %s\n", why);
        return NULL;
    }
    ck_assert_msg(waits != NULL, "%s", why);
    return waits;
}

static const RsWait *of_thread(const GArray *waits, const char *name, guint i)
{
    pid_t tid = (pid_t)told_of("thread", name, i)->value;

    for (guint k = 0; k < waits->len; k++) {
        if (g_array_index(waits, RsWait, k).thread_id == tid)
            return &g_array_index(waits, RsWait, k);
    }
    return NULL;
}

static guint n_at(const GArray *waits, guint64 address, guint64 size)
{
    guint n = 0;

    for (guint k = 0; k < waits->len; k++)
        n += g_array_index(waits, RsWait, k).address - address < size;
    return n;
}

/* Where the program's own file begins in its memory. */
static guint64 load_address(void)
{
    g_autofree char *maps_path = g_strdup_printf("/proc/%d/maps", (int)target_pid), *maps = NULL;

    ck_assert(g_file_get_contents(maps_path, &maps, NULL, NULL));
    return g_ascii_strtoull(maps, NULL, 16);
}

/* Whether one of the frames is in the function of that name. */
static gboolean has_function(const RsWait *wait, const char *name)
{
    guint64 vaddr = told_of("function", name, 0)->value - load_address();

    for (guint i = 0; i < wait->n_frames; i++) {
        RsModule *module = rs_modules_by_id(modules, wait->frames[i].module);
        const RsUnwindTable *table = rs_module_table(module);
        guint64 start;

        if (table && rs_unwind_table_function(table, wait->frames[i].address, &start, NULL, NULL) &&
            start == vaddr)
            return TRUE;
    }
    return FALSE;
}

static void expect(const GArray *waits, const char *thread, guint i, const char *lock,
                   RsWaitKind kind)
{
    const RsWait *wait = of_thread(waits, thread, i);
    const Told *of = told_of("lock", lock, 0);

    ck_assert_msg(wait != NULL, "thread %s does not wait", thread);
    ck_assert_int_eq(wait->process_id, target_pid);
    ck_assert_msg(wait->address - of->value < MAX(of->size, 48),
                  "thread %s: %" G_GINT64_MODIFIER "x", thread, wait->address);
    ck_assert_str_eq(rs_wait_kind_names[wait->kind], rs_wait_kind_names[kind]);
    ck_assert_uint_gt(wait->n_frames, 2);
}

/* --- what a look sees --- */

START_TEST(a_look_sees_who_waits_for_what_and_where)
{
    const GArray *waits;
    guint64 address;

    ck_assert(start_waiters("waiters", NULL));
    waits = look();
    if (!waits)
        return;
    for (guint i = 0; i < 3; i++) {
        expect(waits, "static", i, "static", RS_WAIT_MUTEX);
        ck_assert(has_function(of_thread(waits, "static", i), "want_mutex"));
        ck_assert(has_function(of_thread(waits, "static", i), "want_static"));
        ck_assert(g_str_has_suffix(of_thread(waits, "static", i)->place, "/waiters"));
    }
    address = told_of("lock", "static", 0)->value;
    ck_assert_uint_eq(of_thread(waits, "static", 0)->address, address);
    ck_assert_uint_eq(n_at(waits, address, 4), 3);
    expect(waits, "heap", 0, "heap", RS_WAIT_MUTEX);
    ck_assert_str_eq(of_thread(waits, "heap", 0)->place, "heap");
    ck_assert(!has_function(of_thread(waits, "heap", 0), "want_static"));
    expect(waits, "stack", 0, "stack", RS_WAIT_MUTEX);
    ck_assert_str_eq(of_thread(waits, "stack", 0)->place, "stack");
    expect(waits, "condition", 0, "condition", RS_WAIT_CONDITION);
    ck_assert_int_eq(of_thread(waits, "join", 0)->kind, RS_WAIT_JOIN);
    /* These are blocked otherwise. */
    ck_assert(of_thread(waits, "sleep", 0) == NULL);
    ck_assert(of_thread(waits, "poll", 0) == NULL);
    ck_assert(of_thread(waits, "variable", 0) == NULL);
    ck_assert_uint_eq(waits->len, 7);
}
END_TEST

START_TEST(the_locks_of_a_rust_program_are_seen)
{
    const GArray *waits;

    if (!start_waiters("rust_waiters", NULL)) {
        printf("SKIP: no rustc\n");
        return;
    }
    waits = look();
    if (!waits)
        return;
    for (guint i = 0; i < 3; i++) {
        expect(waits, "static", i, "static", RS_WAIT_MUTEX);
        ck_assert(has_function(of_thread(waits, "static", i), "contend"));
        ck_assert(g_str_has_suffix(of_thread(waits, "static", i)->place, "/rust_waiters"));
    }
    expect(waits, "boxed", 0, "boxed", RS_WAIT_MUTEX);
    ck_assert(has_function(of_thread(waits, "boxed", 0), "contend"));
    ck_assert_str_eq(of_thread(waits, "boxed", 0)->place, "heap");
    expect(waits, "reader", 0, "read", RS_WAIT_RWLOCK);
    expect(waits, "writer", 0, "written", RS_WAIT_RWLOCK);
    ck_assert(!has_function(of_thread(waits, "writer", 0), "contend"));
    ck_assert_int_eq(of_thread(waits, "condvar", 0)->kind, RS_WAIT_CONDITION);
    ck_assert_int_eq(of_thread(waits, "park", 0)->kind, RS_WAIT_CONDITION);
    ck_assert_int_eq(of_thread(waits, "join", 0)->kind, RS_WAIT_JOIN);
}
END_TEST

/* --- from look to look --- */

START_TEST(a_wait_that_goes_on_is_one_wait_and_ends_with_the_lock)
{
    gint64 first_ns = 0, last_ns = 0, waited_ns = 0;
    guint n_begun = 0;

    ck_assert(start_waiters("waiters", NULL));
    for (guint i = 0; i < 10; i++) {
        const char *why;
        const GArray *waits;
        const RsWait *wait;

        last_ns = now_ns();
        first_ns = first_ns ? first_ns : last_ns;
        waits = rs_locks_look(locks, target_pid, last_ns, &why);
        if (!waits) {
            printf("SKIP: %s\n", why);
            return;
        }
        wait = of_thread(waits, "static", 1);
        ck_assert(wait != NULL);
        ck_assert_uint_gt(wait->n_frames, 2);
        n_begun += wait->has_begun;
        waited_ns += wait->wait_ns;
        nap_ms(10);
    }
    ck_assert_uint_eq(n_begun, 1);
    ck_assert_int_eq(waited_ns, last_ns - first_ns);
    command('u');
    for (guint i = 0; n_at(look(), told_of("lock", "static", 0)->value, 4) > 0; i++) {
        ck_assert_uint_lt(i, 2000);
        nap_ms(5);
    }
    ck_assert(of_thread(look(), "heap", 0) != NULL); /* the others still wait */
}
END_TEST

START_TEST(short_waits_add_up_to_what_was_waited)
{
    const Told *turns;
    gint64 start_ns, before_ns, truth_ns, waited_ns = 0;
    guint n_begun = 0;
    guint32 state = 1;

    ck_assert(start_waiters("waiters", NULL));
    if (!look())
        return;
    turns = told_of("lock", "turns", 0);
    command('b');
    nap_ms(50);
    before_ns = command('w');
    look();
    start_ns = now_ns();
    while (now_ns() - start_ns < 2000 * MS) {
        const GArray *waits;

        state = state * 1664525 + 1013904223;
        nap_ms(3 + (state >> 24) % 16); /* not in step with the two */
        waits = look();
        for (guint i = 0; i < waits->len; i++) {
            const RsWait *wait = &g_array_index(waits, RsWait, i);

            if (wait->address - turns->value >= 4)
                continue;
            waited_ns += wait->wait_ns;
            n_begun += wait->has_begun;
        }
    }
    truth_ns = command('w') - before_ns;
    ck_assert_int_gt(truth_ns, 200 * MS);
    ck_assert_msg(waited_ns > truth_ns * 6 / 10 && waited_ns < truth_ns * 14 / 10,
                  "%" G_GINT64_FORMAT " ms seen, %" G_GINT64_FORMAT " ms waited", waited_ns / MS,
                  truth_ns / MS);
    ck_assert_uint_gt(n_begun, 10);
}
END_TEST

START_TEST(many_threads_have_their_turns)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
    g_autoptr(GHashTable) walked = g_hash_table_new(NULL, NULL);

    ck_assert(start_waiters("waiters", NULL));
    if (!look())
        return;
    command('m');
    for (guint i = 0; i < 32; i++) {
        const GArray *waits = look();
        guint n_new = 0;

        ck_assert_uint_le(waits->len, RS_LOCKS_MAX_THREADS);
        for (guint k = 0; k < waits->len; k++) {
            const RsWait *wait = &g_array_index(waits, RsWait, k);

            g_hash_table_add(seen, GINT_TO_POINTER(wait->thread_id));
            if (wait->n_frames > 0)
                n_new += g_hash_table_add(walked, GINT_TO_POINTER(wait->thread_id));
        }
        if (i > 0) /* the first look has some that were walked before */
            ck_assert_uint_le(n_new, RS_LOCKS_MAX_WALKS);
        if (i == 3) /* 414 threads, in four looks */
            ck_assert_uint_ge(g_hash_table_size(seen), 400);
    }
    ck_assert_uint_ge(g_hash_table_size(walked), 400);
}
END_TEST

/* --- lives --- */

START_TEST(an_exec_makes_everything_new)
{
    const GArray *waits;

    ck_assert(start_waiters("waiters", NULL));
    if (!look())
        return;
    ck_assert_int_eq(write(to_target, "x", 1), 1);
    listen_to_target();
    waits = look();
    for (guint i = 0; i < 3; i++) {
        const RsWait *wait = of_thread(waits, "static", i);

        ck_assert(wait != NULL);
        ck_assert(wait->has_begun);
        ck_assert_uint_eq(wait->address, told_of("lock", "static", 0)->value);
        ck_assert(g_str_has_suffix(wait->place, "/waiters"));
        ck_assert(has_function(wait, "want_static"));
    }
}
END_TEST

START_TEST(a_process_that_is_gone_is_told_as_such)
{
    const char *why = NULL;

    ck_assert(start_waiters("waiters", NULL));
    if (!look())
        return;
    kill(target_pid, SIGKILL);
    waitpid(target_pid, NULL, 0);
    ck_assert(rs_locks_look(locks, target_pid, now_ns(), &why) == NULL);
    ck_assert_str_eq(why, "the process has ended");
    ck_assert(rs_locks_look(locks, target_pid, now_ns(), &why) == NULL);
    ck_assert_str_eq(why, "the process has ended");
}
END_TEST

START_TEST(a_process_that_may_not_be_traced_is_told_as_such)
{
    const char *why = NULL;
    int status, n_bad;
    pid_t looker;

    if (getuid() != 0) {
        printf("SKIP: only root can become somebody else\n");
        return;
    }
    ck_assert(start_waiters("waiters", NULL));
    looker = fork();
    if (looker == 0) {
        if (setgid(65534) != 0 || setuid(65534) != 0)
            _exit(2);
        n_bad = rs_locks_look(locks, target_pid, now_ns(), &why) != NULL || !why ||
                !strstr(why, "permission");
        _exit(n_bad);
    }
    ck_assert_int_eq(waitpid(looker, &status, 0), looker);
    ck_assert_int_eq(WEXITSTATUS(status), 0);
}
END_TEST

START_TEST(processes_are_looked_at_side_by_side)
{
    pid_t first = 0;
    int first_to;
    FILE *first_from;
    const GArray *waits;
    const char *why;

    ck_assert(start_waiters("waiters", NULL));
    if (!look())
        return;
    first = target_pid;
    first_to = to_target;
    first_from = from_target;
    ck_assert(start_waiters("waiters", NULL));
    waits = look();
    ck_assert_uint_eq(waits->len, 7);
    ck_assert_int_eq(g_array_index(waits, RsWait, 0).process_id, target_pid);
    waits = rs_locks_look(locks, first, now_ns(), &why);
    ck_assert(waits != NULL);
    ck_assert_int_eq(g_array_index(waits, RsWait, 0).process_id, first);
    ck_assert(!g_array_index(waits, RsWait, 0).has_begun);
    kill(first, SIGKILL);
    waitpid(first, NULL, 0);
    close(first_to);
    fclose(first_from);
}
END_TEST

/* --- places --- */

static const char maps[] =
    "55ce7f740000-55ce7f741000 r--p 00000000 08:01 123   /usr/bin/my program\n"
    "55ce7f741000-55ce7f742000 r-xp 00001000 08:01 123   /usr/bin/my program\n"
    "55ce7f744000-55ce7f745000 rw-p 00003000 08:01 123   /usr/bin/my program\n"
    "55ce7f745000-55ce7f748000 rw-p 00000000 00:00 0 \n"
    "55ce80000000-55ce80021000 rw-p 00000000 00:00 0     [heap]\n"
    "7f0000000000-7f0000021000 rw-p 00000000 00:00 0 \n"
    "7f0000100000-7f0000900000 rw-p 00000000 00:00 0 \n"
    "7f0001000000-7f0001001000 rw-p 00000000 00:00 0     [anon: arena]\n"
    "7f0002000000-7f0002001000 rw-s 00000000 00:01 9     /dev/shm/sem (deleted)\n"
    "not a line\n"
    "7ffef55dc000-7ffef55fd000 rw-p 00000000 00:00 0     [stack]";

START_TEST(places_are_words_or_files)
{
    g_autoptr(RsLockPlaces) places = rs_lock_places_new(-1);
    guint64 sps[] = {0x1, 0x7f0000800000};

    rs_lock_places_parse(places, maps);
#define ck_assert_place(address, place)                                                            \
    ck_assert_str_eq(rs_lock_places_find(places, address, sps, 2), place)
    ck_assert_place(0x55ce7f744010, "/usr/bin/my program");
    ck_assert_place(0x55ce7f745010, "/usr/bin/my program"); /* zero at its start */
    ck_assert_place(0x55ce80000010, "heap");
    ck_assert_place(0x7f0000000010, "anonymous");
    ck_assert_place(0x7f0000100010, "stack"); /* a thread's */
    ck_assert_place(0x7f0001000010, "anonymous");
    ck_assert_place(0x7f0002000000, "/dev/shm/sem (deleted)");
    ck_assert_place(0x7ffef55fcfff, "stack");
    ck_assert(rs_lock_places_find(places, 0x7ffef55fd000, sps, 2) == NULL);
    ck_assert(rs_lock_places_find(places, 0, sps, 2) == NULL);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("locks");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, a_look_sees_who_waits_for_what_and_where);
    tcase_add_test(tests, the_locks_of_a_rust_program_are_seen);
    tcase_add_test(tests, a_wait_that_goes_on_is_one_wait_and_ends_with_the_lock);
    tcase_add_test(tests, short_waits_add_up_to_what_was_waited);
    tcase_add_test(tests, many_threads_have_their_turns);
    tcase_add_test(tests, an_exec_makes_everything_new);
    tcase_add_test(tests, a_process_that_is_gone_is_told_as_such);
    tcase_add_test(tests, a_process_that_may_not_be_traced_is_told_as_such);
    tcase_add_test(tests, processes_are_looked_at_side_by_side);
    tcase_add_test(tests, places_are_words_or_files);
    return run_tests("locks", tests);
}
