/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What has to be finished is finished before a signal ends the process. */
#include <check.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd/post_watch.h"

#include "tests/unit/run.h"

static int told[2]; /* a byte from each finish */

static void finish(gpointer data)
{
    if (write(told[1], data, 1) != 1)
        _exit(99);
}

static volatile sig_atomic_t n_handled;

static void on_own(int number)
{
    n_handled++;
}

/* How body ends in a process of its own, and what it finished. */
static int status_of(void (*body)(void), char *finished)
{
    int status;
    pid_t pid;

    ck_assert_int_eq(pipe(told), 0);
    pid = fork();
    if (pid == 0) {
        alarm(20);
        signal(SIGTERM, SIG_DFL); /* Check handles them */
        signal(SIGINT, SIG_DFL);
        body();
        _exit(0);
    }
    ck_assert_int_gt(pid, 0);
    close(told[1]);
    *finished = 0;
    ck_assert_int_ge(read(told[0], finished, 1), 0);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    close(told[0]);
    return status;
}

static void is_terminated(void)
{
    rs_post_watch_new(finish, (gpointer) "f");
    kill(getpid(), SIGTERM);
    sleep(10);
}

START_TEST(a_signal_finishes_and_then_ends_the_process)
{
    char finished;
    int status = status_of(is_terminated, &finished);

    ck_assert(WIFSIGNALED(status));
    ck_assert_int_eq(WTERMSIG(status), SIGTERM);
    ck_assert_int_eq(finished, 'f');
}
END_TEST

static void ends_by_itself(void)
{
    RsPostWatch *watch = rs_post_watch_new(finish, (gpointer) "f");

    rs_post_watch_free(watch);
    if (signal(SIGTERM, SIG_DFL) != SIG_DFL)
        _exit(98);
}

START_TEST(without_a_signal_nothing_is_finished_and_nothing_is_left)
{
    char finished;

    ck_assert_int_eq(status_of(ends_by_itself, &finished), 0);
    ck_assert_int_eq(finished, 0);
}
END_TEST

static void handles_itself(void)
{
    RsPostWatch *watch;

    signal(SIGTERM, on_own);
    signal(SIGINT, SIG_IGN);
    watch = rs_post_watch_new(finish, (gpointer) "f");
    kill(getpid(), SIGTERM);
    kill(getpid(), SIGINT);
    if (n_handled != 1)
        _exit(97);
    rs_post_watch_free(watch);
    if (signal(SIGTERM, SIG_DFL) != on_own || signal(SIGINT, SIG_DFL) != SIG_IGN)
        _exit(96);
}

START_TEST(who_handles_or_ignores_a_signal_keeps_it)
{
    char finished;

    ck_assert_int_eq(status_of(handles_itself, &finished), 0);
    ck_assert_int_eq(finished, 0);
}
END_TEST

static void leaves_a_handler(void)
{
    RsPostWatch *watch = rs_post_watch_new(finish, (gpointer) "f");

    signal(SIGTERM, on_own); /* a part of the program that does not tidy up */
    rs_post_watch_renew(watch);
    kill(getpid(), SIGTERM);
    sleep(10);
}

START_TEST(a_handler_that_was_left_behind_is_replaced)
{
    char finished;
    int status = status_of(leaves_a_handler, &finished);

    ck_assert(WIFSIGNALED(status));
    ck_assert_int_eq(finished, 'f');
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("post_watch");

    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, a_signal_finishes_and_then_ends_the_process);
    tcase_add_test(tcase, without_a_signal_nothing_is_finished_and_nothing_is_left);
    tcase_add_test(tcase, who_handles_or_ignores_a_signal_keeps_it);
    tcase_add_test(tcase, a_handler_that_was_left_behind_is_replaced);
    return run_tests("post_watch", tcase);
}
