/* SPDX-License-Identifier: GPL-3.0-or-later */
/* System calls as /proc/PID/syscall showed them of programs whose locks were known: glibc 2.36 and
 * Rust 1.95 by tests/programs/waiters.c and rust_waiters.rs; musl's, glibc 2.41's and Go's after
 * their sources. */
#include "capture/locks/futex_wait.h"

#include <check.h>
#include <stdlib.h>

#include "tests/unit/run.h"

static RsWaitKind kind_of(const char *text, gboolean is_value_a_thread, guint32 word_before)
{
    RsBlocked blocked;
    RsFutexWait wait;

    ck_assert(rs_blocked_parse(text, &blocked));
    ck_assert(rs_futex_wait_of(&blocked, &wait));
    wait.is_value_a_thread = is_value_a_thread;
    wait.word_before = word_before;
    return rs_futex_wait_kind(&wait);
}

#define ck_assert_kind(text, is_thread, before, kind)                                              \
    ck_assert_str_eq(rs_wait_kind_names[kind_of(text, is_thread, before)], kind)

#define SP "0x7f35ed1cfea8 0x7f35ed25a12b\n"

START_TEST(the_locks_of_glibc_are_told_apart)
{
    /* pthread_mutex_lock, pthread_cond_wait, sem_wait, pthread_join */
    ck_assert_kind("202 0x55ce7f7441a0 0x80 0x2 0x0 0x0 0x0 " SP, FALSE, 0, "mutex");
    ck_assert_kind("202 0x55ce7f744188 0x189 0x0 0x0 0x0 0xffffffff " SP, FALSE, 0, "condition");
    ck_assert_kind("202 0x55ce7f7440c0 0x189 0x0 0x0 0x0 0xffffffff " SP, FALSE, 0, "condition");
    ck_assert_kind("202 0x7f35ed1d0990 0x109 0x18df 0x0 0x0 0xffffffff " SP, TRUE, 0, "join");
    /* the same for a value that is no thread is none; a timed mutex looks like a read-write lock */
    ck_assert_kind("202 0x7f35ed1d0990 0x109 0x18df 0x0 0x0 0xffffffff " SP, FALSE, 0, "unknown");
    ck_assert_kind("202 0x55ce7f7441a0 0x189 0x2 0x7f35ea9caec0 0x0 0xffffffff " SP, FALSE, 0,
                   "unknown");
    ck_assert_kind("202 0x55ce7f7440e8 0x189 0x3 0x0 0x0 0xffffffff " SP, FALSE, 0, "unknown");
    /* a robust mutex; priority inheritance */
    ck_assert_kind("202 0x55ce7f7441a0 0x80 0x800018df 0x0 0x0 0x0 " SP, TRUE, 0, "mutex");
    ck_assert_kind("202 0x55ce7f7441a0 0x86 0x0 0x0 0x0 0x0 " SP, FALSE, 0, "mutex");
    ck_assert_kind("202 0x55ce7f7441a0 0x8d 0x0 0x0 0x0 0x0 " SP, FALSE, 0, "mutex");
    ck_assert_kind("202 0x55ce7f7441a0 0x8b 0x0 0x0 0x0 0x0 " SP, FALSE, 0, "condition");
}
END_TEST

START_TEST(the_locks_of_rust_are_told_apart)
{
    /* Mutex, RwLock's readers and writers, thread::park, wait_timeout, Condvar::wait */
    ck_assert_kind("202 0x562ea589aaf0 0x89 0x2 0x0 0x0 0xffffffff " SP, FALSE, 0, "mutex");
    ck_assert_kind("202 0x562ea589aaf0 0x89 0x7fffffff 0x0 0x0 0xffffffff " SP, FALSE, 0, "rwlock");
    ck_assert_kind("202 0x562ea589aaf4 0x89 0x0 0x0 0x0 0xffffffff " SP, FALSE, 0xbfffffff,
                   "rwlock");
    ck_assert_kind("202 0x562ea589aaf4 0x89 0x0 0x0 0x0 0xffffffff " SP, FALSE, 0x80000003,
                   "rwlock");
    ck_assert_kind("202 0x562ea589aaf0 0x89 0xffffffff 0x0 0x0 0xffffffff " SP, FALSE, 0,
                   "condition");
    ck_assert_kind("202 0x562ea589aaf0 0x89 0x5 0x7ffc00001000 0x0 0xffffffff " SP, FALSE, 0,
                   "condition");
    ck_assert_kind("202 0x562ea589aaf0 0x89 0x5 0x0 0x0 0xffffffff " SP, FALSE, 0x12345678,
                   "unknown");
}
END_TEST

START_TEST(the_locks_of_musl_and_go_are_told_apart)
{
    /* pthread_mutex_lock; pthread_cond_wait, whose word lies in its own frame; Go's lock */
    ck_assert_kind("202 0x7f0012345678 0x80 0x800018df 0x0 0x0 0x0 " SP, TRUE, 0, "mutex");
    ck_assert_kind("202 0x7f35ed1cff00 0x80 0x2 0x0 0x0 0x0 " SP, FALSE, 0, "condition");
    ck_assert_kind("202 0x7f35ed1d0ff0 0x80 0x2 0x0 0x0 0x0 " SP, FALSE, 0, "mutex");
    ck_assert_kind("202 0xc000080548 0x80 0x0 0x0 0x0 0x0 " SP, FALSE, 0, "unknown");
    /* parking_lot's parked thread */
    ck_assert_kind("202 0x7f0012345678 0x80 0x1 0x0 0x0 0x0 " SP, FALSE, 0, "unknown");
}
END_TEST

START_TEST(newer_system_calls_are_waits_and_others_are_none)
{
    RsBlocked blocked;
    RsFutexWait wait;

    ck_assert(rs_blocked_parse("449 0x7f00 0x1 0x0 0x0 0x1 0x0 " SP, &blocked));
    ck_assert(rs_futex_wait_of(&blocked, &wait));
    ck_assert(rs_futex_is_vector(&blocked));
    ck_assert(rs_blocked_parse("455 0x7f00 0x7 0xffffffff 0x82 0x0 0x1 " SP, &blocked));
    ck_assert(rs_futex_wait_of(&blocked, &wait));
    ck_assert(!rs_futex_is_vector(&blocked));
    ck_assert_uint_eq(wait.value, 7);
    /* a wake, a requeue, a read, a page fault */
    ck_assert(rs_blocked_parse("202 0x55ce7f7441a0 0x81 0x1 0x0 0x0 0x0 " SP, &blocked));
    ck_assert(!rs_futex_wait_of(&blocked, &wait));
    ck_assert(rs_blocked_parse("202 0x55ce7f7441a0 0x84 0x1 0x0 0x0 0x0 " SP, &blocked));
    ck_assert(!rs_futex_wait_of(&blocked, &wait));
    ck_assert(rs_blocked_parse("0 0x3 0x80 0x2 0x0 0x0 0x0 " SP, &blocked));
    ck_assert(!rs_futex_wait_of(&blocked, &wait));
    ck_assert(rs_blocked_parse("-1 0x7f35ed1cfea8 0x7f35ed25a12b\n", &blocked));
    ck_assert(!rs_futex_wait_of(&blocked, &wait));
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("futex_wait");

    tcase_add_test(tests, the_locks_of_glibc_are_told_apart);
    tcase_add_test(tests, the_locks_of_rust_are_told_apart);
    tcase_add_test(tests, the_locks_of_musl_and_go_are_told_apart);
    tcase_add_test(tests, newer_system_calls_are_waits_and_others_are_none);
    return run_tests("futex_wait", tests);
}
