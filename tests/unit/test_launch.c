/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "capture/launch.h"

#include "tests/unit/run.h"

static char *environment[] = {(char *)"PATH=/usr/bin:/bin", (char *)"RS_TEST=17", NULL};

static RsHeld *hold(const char *command)
{
    char *argv[] = {(char *)"sh", (char *)"-c", (char *)command, NULL};
    g_autoptr(GError) error = NULL;
    RsHeld *held = rs_launch_hold(argv, environment, &error);

    ck_assert_msg(held != NULL, "%s", error ? error->message : "");
    return held;
}

static int wait_for(pid_t pid)
{
    int status;

    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    return status;
}

START_TEST(a_held_program_runs_only_when_released)
{
    g_autoptr(RsHeld) held = hold("exit $RS_TEST");
    int status;

    g_usleep(50000);
    ck_assert_int_eq(waitpid(rs_held_pid(held), &status, WNOHANG), 0);
    ck_assert(rs_held_release(held, NULL));
    status = wait_for(rs_held_pid(held));
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), 17);
}
END_TEST

START_TEST(a_program_that_is_not_there_is_an_error)
{
    char *argv[] = {(char *)"/no/such/program", NULL};
    g_autoptr(GError) error = NULL;
    g_autoptr(RsHeld) held = rs_launch_hold(argv, environment, NULL);

    ck_assert(!rs_held_release(held, &error));
    ck_assert(g_error_matches(error, G_SPAWN_ERROR, G_SPAWN_ERROR_NOENT));
    ck_assert_str_eq(error->message,
                     "'/no/such/program' cannot be started: No such file or directory");
    wait_for(rs_held_pid(held));
}
END_TEST

START_TEST(a_held_program_that_is_not_released_is_gone)
{
    RsHeld *held = hold("sleep 1000");
    pid_t pid = rs_held_pid(held);

    rs_held_free(held);
    ck_assert_int_eq(kill(pid, 0), -1);
}
END_TEST

/* We may have blocked or ignored signals; the program begins with none of that. */
START_TEST(the_program_has_signals_as_usual)
{
    sigset_t set, before;
    g_autoptr(RsHeld) held = NULL;
    int status;

    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, &before);
    signal(SIGUSR1, SIG_IGN);
    held = hold("kill -USR1 $$; exit 5");
    sigprocmask(SIG_SETMASK, &before, NULL);
    ck_assert(rs_held_release(held, NULL));
    status = wait_for(rs_held_pid(held));
    ck_assert(WIFSIGNALED(status));
    ck_assert_int_eq(WTERMSIG(status), SIGUSR1);
}
END_TEST

START_TEST(a_held_program_does_not_outlive_us)
{
    int fds[2];
    pid_t middle, held_pid = 0;

    ck_assert_int_eq(pipe(fds), 0);
    middle = fork();
    if (middle == 0) {
        RsHeld *held = hold("sleep 1000");
        pid_t pid = rs_held_pid(held);

        if (write(fds[1], &pid, sizeof pid) != sizeof pid)
            _exit(1);
        kill(getpid(), SIGKILL);
    }
    close(fds[1]);
    ck_assert_int_eq(read(fds[0], &held_pid, sizeof held_pid), sizeof held_pid);
    wait_for(middle);
    for (guint i = 0; i < 500 && kill(held_pid, 0) == 0; i++) {
        g_autofree char *path = g_strdup_printf("/proc/%d/cmdline", held_pid);
        g_autofree char *command = NULL;

        if (!g_file_get_contents(path, &command, NULL, NULL) || !*command)
            return; /* a zombie: whoever adopted it reaps it when it likes */
        g_usleep(10000);
    }
    ck_assert_int_eq(kill(held_pid, 0), -1);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("launch");

    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, a_held_program_runs_only_when_released);
    tcase_add_test(tcase, a_program_that_is_not_there_is_an_error);
    tcase_add_test(tcase, a_held_program_that_is_not_released_is_gone);
    tcase_add_test(tcase, the_program_has_signals_as_usual);
    tcase_add_test(tcase, a_held_program_does_not_outlive_us);
    return run_tests("launch", tcase);
}
