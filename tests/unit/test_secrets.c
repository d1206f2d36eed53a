/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A process with a token in its environment (the victim) does what a command with a token does, and
 * a program that it starts as the same user (the spy) looks for the token in its ancestors. This
 * program is all three. As root it goes on as an ordinary user: root may look everywhere. */
#include "base/secrets.h"

#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "tests/unit/run.h"
#include "trial/counters.h"
#include "trial/launcher.h"
#include "trial/sampling.h"

#define NOBODY       65534
#define MAX_MAP_SIZE (64UL << 20) /* of the shadow of a sanitizer nothing is looked at */

/* What a spy ends with. */
enum { IN_ENVIRON = 1, IN_MEMORY = 2, TRACED = 4, LOOKED = 32 };
/* What a victim that tries our own tools ends with. */
enum { HAS_FDS = 1, HAS_COUNTERS = 2, HAS_SAMPLES = 4, HAS_TRACES = 8, TRIED = 64 };

/* --- the spy --- */

static gboolean has_token(const char *bytes, gsize n_bytes, const char *reversed)
{
    gsize n_token = strlen(reversed);

    for (gsize i = 0; i + n_token <= n_bytes; i++) {
        gsize n = 0;

        while (n < n_token && bytes[i + n] == reversed[n_token - 1 - n])
            n++;
        if (n == n_token)
            return TRUE;
    }
    return FALSE;
}

static gboolean in_environ(pid_t pid, const char *reversed)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/environ", pid), *text = NULL;
    gsize n_bytes;

    return g_file_get_contents(path, &text, &n_bytes, NULL) && has_token(text, n_bytes, reversed);
}

static gboolean in_memory(pid_t pid, const char *reversed)
{
    g_autofree char *maps_path = g_strdup_printf("/proc/%d/maps", pid), *maps = NULL;
    g_autofree char *memory_path = g_strdup_printf("/proc/%d/mem", pid);
    g_auto(GStrv) lines = NULL;
    gboolean found = FALSE;
    int fd;

    if (!g_file_get_contents(maps_path, &maps, NULL, NULL))
        return FALSE;
    fd = open(memory_path, O_RDONLY | O_CLOEXEC);
    lines = g_strsplit(maps, "\n", -1);
    for (char **line = lines; fd >= 0 && *line && !found; line++) {
        unsigned long start, end;
        char mode[5];

        if (sscanf(*line, "%lx-%lx %4s", &start, &end, mode) == 3 && mode[1] == 'w' &&
            end - start <= MAX_MAP_SIZE) {
            g_autofree char *bytes = g_malloc(end - start);
            gssize n = pread(fd, bytes, end - start, (off_t)start);

            found = n > 0 && has_token(bytes, (gsize)n, reversed);
        }
    }
    if (fd >= 0)
        close(fd);
    return found;
}

static gboolean traced(pid_t pid)
{
    if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) != 0)
        return FALSE;
    ptrace(PTRACE_DETACH, pid, NULL, NULL);
    return TRUE;
}

static pid_t parent_of(pid_t pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/stat", pid), *text = NULL;
    int parent = 0;

    if (g_file_get_contents(path, &text, NULL, NULL))
        sscanf(strrchr(text, ')'), ") %*c %d", &parent);
    return parent;
}

/* argv: --spy REVERSED LAST, where LAST is the victim. */
static int spy(char **argv)
{
    pid_t last = atoi(argv[3]);
    int status = LOOKED;

    for (pid_t pid = getppid(); pid > 1; pid = parent_of(pid)) {
        status |=
            (in_environ(pid, argv[2]) ? IN_ENVIRON : 0) | (in_memory(pid, argv[2]) ? IN_MEMORY : 0);
        if (pid == last)
            return status | (traced(pid) ? TRACED : 0);
    }
    return 0; /* that was not its family */
}

/* --- the victim --- */

static int self_fd = -1;
static char self_path[64];

static int start_spy(char **argv)
{
    pid_t pid = fork();
    int status;

    if (pid == 0) {
        fexecve(self_fd, argv, (char *[]){NULL});
        _exit(127);
    }
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 0;
}

static int launch_spy(RsLauncher *launcher, char **argv)
{
    static RsLaunchResult result;
    RsLaunch launch = {.path = self_path, .argv = argv, .environment = (char *[]){NULL}};

    return launcher && rs_launcher_run(launcher, &launch, NULL, &result, NULL) ? result.exit_status
                                                                               : 0;
}

/* What works here for an ordinary user must work for one with a token, too. */
static int try_own_tools(void)
{
    g_autoptr(RsLauncher) launcher = rs_launcher_new(NULL);
    int pid = rs_launcher_pid(launcher), status = TRIED;
    DIR *dir = opendir("/proc/self/fd");
    g_autoptr(RsSession) session = rs_session_new();
    g_autofree char *why = NULL;
    RsCounters *counters = rs_counters_open(rs_counter_rows, pid, &why);
    RsSampling *perf = rs_sampling_new(RS_SAMPLER_PERF, 99, pid, session, NULL);
    RsSampling *tracer;

    if (dir && readdir(dir) && rs_file_write("/dev/fd/2", "", 0, NULL))
        status |= HAS_FDS;
    status |= counters ? HAS_COUNTERS : 0;
    status |= perf && rs_sampling_is_on(perf) ? HAS_SAMPLES : 0;
    rs_sampling_free(perf);
    tracer = rs_sampling_new(RS_SAMPLER_PTRACE, 99, pid, session, NULL);
    status |= tracer && rs_sampling_is_on(tracer) ? HAS_TRACES : 0;
    rs_sampling_free(tracer);
    rs_counters_free(counters);
    closedir(dir);
    return status;
}

/* argv: --victim MODE REVERSED SELF_FD */
static int victim(char **argv)
{
    const char *mode = argv[2];
    g_autofree char *own_pid = g_strdup_printf("%d", getpid());
    char *spy_argv[] = {argv[0], (char *)"--spy", argv[3], own_pid, NULL};
    struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};
    RsLauncher *early = NULL;
    char *token = NULL;

    self_fd = atoi(argv[4]);
    g_snprintf(self_path, sizeof self_path, "/proc/self/fd/%d", self_fd);
    setrlimit(RLIMIT_CORE, &unlimited);
    if (!strstr(mode, "open")) {
        rs_secrets_harden();
        token = rs_secret_new(g_getenv("RS_TEST_TOKEN"));
    }
    if (strstr(mode, "early"))
        early = rs_launcher_new(NULL);
    if (token)
        rs_secrets_forget("RS_TEST_TOKEN");
    if (strstr(mode, "crash"))
        abort();
    if (strstr(mode, "tools"))
        return try_own_tools();
    if (strstr(mode, "launch"))
        return launch_spy(early ? early : rs_launcher_new(NULL), spy_argv);
    return token && strlen(token) != strlen(argv[3]) ? 0 : start_spy(spy_argv);
}

/* --- the tests --- */

static void become_nobody(void)
{
    if (geteuid() != 0)
        return;
    if (setgroups(0, NULL) != 0 || setgid(NOBODY) != 0 || setuid(NOBODY) != 0)
        _exit(126);
}

/* Its wait status. folder: where it runs, and could leave a core. */
static int run_victim(const char *mode, const char *folder)
{
    g_autofree char *uuid = g_uuid_string_random();
    g_autofree char *token = g_strdup_printf("%s-%s", "secret", uuid);
    g_autofree char *entry = g_strdup_printf("RS_TEST_TOKEN=%s", token);
    g_autofree char *reversed = g_strreverse(g_strdup(token));
    int fd = open("/proc/self/exe", O_RDONLY), status;
    g_autofree char *fd_text = g_strdup_printf("%d", fd);
    char *argv[] = {
        (char *)"test_secrets", (char *)"--victim", (char *)mode, reversed, fd_text, NULL};
    pid_t pid = fork();

    if (pid == 0) {
        if (folder && chdir(folder) != 0)
            _exit(125);
        become_nobody();
        fexecve(fd, argv, (char *[]){entry, NULL});
        _exit(127);
    }
    close(fd);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return status;
}

static int exit_of(const char *mode)
{
    int status = run_victim(mode, NULL);

    ck_assert_msg(WIFEXITED(status), "%s: wait status %d", mode, status);
    return WEXITSTATUS(status);
}

START_TEST(without_care_a_program_reads_the_token_of_who_started_it)
{
    int status = exit_of("open");

    ck_assert_msg(status & LOOKED, "%d", status);
    ck_assert_msg(status & IN_ENVIRON, "%d", status);
}
END_TEST

static const char *const careful[] = {"hardened", "hardened launch", "hardened early launch"};

/* The runtime of a sanitizer keeps a copy of the environment that only it knows. */
#ifdef __SANITIZE_ADDRESS__
#define OF_RUNTIME IN_MEMORY
#else
#define OF_RUNTIME 0
#endif

static int found_in(const char *mode)
{
    return exit_of(mode) & ~OF_RUNTIME;
}

START_TEST(a_program_cannot_find_the_token_in_its_ancestors)
{
    ck_assert_msg(found_in(careful[_i]) == LOOKED, "%s: %d", careful[_i], found_in(careful[_i]));
}
END_TEST

START_TEST(a_launcher_has_no_secrets_of_the_environment)
{
    ck_assert_int_eq(exit_of("open launch") & IN_ENVIRON, IN_ENVIRON); /* from the victim itself */
    ck_assert_int_eq(found_in("hardened launch"), LOOKED);
}
END_TEST

START_TEST(samplers_and_counters_work_as_before)
{
    int before = exit_of("open tools"), after = exit_of("hardened tools");

    ck_assert_msg(before & TRIED && before & HAS_FDS, "%d", before);
    ck_assert_int_eq(after, before);
    for (int bit = HAS_COUNTERS; bit <= HAS_TRACES; bit *= 2)
        if (!(before & bit))
            printf("SKIP: %s not here for an ordinary user\n", bit == HAS_COUNTERS ? "counters are"
                                                               : bit == HAS_SAMPLES
                                                                   ? "perf_event_open is"
                                                                   : "ptrace is");
}
END_TEST

static void remove_folder(const char *folder)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;

    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(folder, name, NULL);

        g_unlink(path);
    }
    g_rmdir(folder);
}

START_TEST(a_crash_leaves_no_core_with_the_token)
{
    g_autofree char *folder = g_dir_make_tmp("rustscope-core-XXXXXX", NULL);
    int before, after;

    ck_assert_int_eq(g_chmod(folder, 0777), 0);
    before = run_victim("open crash", folder);
    after = run_victim("hardened crash", folder);
    remove_folder(folder);
    ck_assert_msg(WIFSIGNALED(before) && WTERMSIG(before) == SIGABRT, "%d", before);
    ck_assert_msg(WIFSIGNALED(after) && WTERMSIG(after) == SIGABRT, "%d", after);
    ck_assert(!WCOREDUMP(after));
    if (!WCOREDUMP(before))
        printf("SKIP: this machine writes no cores\n");
}
END_TEST

/* --- in this process --- */

START_TEST(a_secret_is_an_empty_text_in_a_fork)
{
    char *secret = rs_secret_new("hunter2");
    int status;
    pid_t pid = fork();

    if (pid == 0)
        _exit(*secret == '\0' ? 7 : 8);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_str_eq(secret, "hunter2");
    ck_assert_int_eq(WEXITSTATUS(status), 7);
    rs_secret_free(secret);
    ck_assert_ptr_null(rs_secret_new(NULL));
    rs_secret_free(NULL);
}
END_TEST

START_TEST(a_long_secret_is_kept_whole)
{
    g_autofree char *text = g_strnfill(10000, 'x');
    char *secret = rs_secret_new(text), *empty = rs_secret_new("");

    ck_assert_str_eq(secret, text);
    ck_assert_str_eq(empty, "");
    rs_secret_free(secret);
    rs_secret_free(empty);
}
END_TEST

START_TEST(a_forgotten_variable_is_gone_and_its_bytes_too)
{
    const char *value;

    g_setenv("RS_TEST_TOKEN", "hunter2", TRUE);
    g_setenv("RS_TEST_TOKENS", "other", TRUE);
    value = g_getenv("RS_TEST_TOKEN");
    rs_secrets_forget("RS_TEST_TOKEN");
    rs_secrets_forget("RS_TEST_NONE");
    ck_assert_ptr_null(g_getenv("RS_TEST_TOKEN"));
    ck_assert_str_eq(value, "");
    ck_assert_str_eq(g_getenv("RS_TEST_TOKENS"), "other");
}
END_TEST

static int check(void)
{
    TCase *tcase = tcase_create("secrets");

    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, without_care_a_program_reads_the_token_of_who_started_it);
    tcase_add_loop_test(tcase, a_program_cannot_find_the_token_in_its_ancestors, 0,
                        G_N_ELEMENTS(careful));
    tcase_add_test(tcase, a_launcher_has_no_secrets_of_the_environment);
    tcase_add_test(tcase, samplers_and_counters_work_as_before);
    tcase_add_test(tcase, a_crash_leaves_no_core_with_the_token);
    tcase_add_test(tcase, a_secret_is_an_empty_text_in_a_fork);
    tcase_add_test(tcase, a_long_secret_is_kept_whole);
    tcase_add_test(tcase, a_forgotten_variable_is_gone_and_its_bytes_too);
    return run_tests("secrets", tcase);
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "--spy") == 0)
        _exit(spy(argv));
    if (argc == 5 && strcmp(argv[1], "--victim") == 0)
        _exit(victim(argv)); /* a leak checker would want to trace */
    return check();
}
