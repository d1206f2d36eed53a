// SPDX-License-Identifier: GPL-3.0-or-later
/* What the ptrace sampler is tried on. usage: ptrace_target MODE [ARGUMENT...]; what a mode found
 * out is written to the file that RESULT names. Times are of CPU, in ms, unless they are called
 * otherwise. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char *self;
static volatile uint64_t sum;

static void result(const char *format, ...)
{
    const char *path = getenv("RESULT");
    FILE *file = path ? fopen(path, "w") : stdout;
    va_list arguments;

    va_start(arguments, format);
    vfprintf(file, format, arguments);
    va_end(arguments);
    fflush(file);
    if (file != stdout)
        fclose(file);
}

static int64_t clock_ns(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static int64_t cpu_us(int who)
{
    struct rusage usage;

    getrusage(who, &usage);
    return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * INT64_C(1000000) +
           usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

/* Two of a kind, each in a section of its own, so that their addresses have bounds. */
#define WORK(name)                                                                                 \
    __attribute__((noinline, section(#name "_code"))) static void name(uint64_t n)                 \
    {                                                                                              \
        for (uint64_t i = 0; i < n; i++)                                                           \
            sum = sum * UINT64_C(6364136223846793005) + i;                                         \
    }                                                                                              \
    extern const char __start_##name##_code[], __stop_##name##_code[];
WORK(light_work)
WORK(heavy_work)

/* Of the calling thread's time a quarter in light_work and three in heavy_work. The clock is asked
 * seldom: reading it is where the kernel notices that a thread's turn is over, so that on a busy
 * machine threads would be found waiting there. */
static void burn(int ms)
{
    int64_t start_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID), total_ns = ms * INT64_C(1000000);
    int64_t n_done = 0, n_next = 1, done_ns = 0;

    while (done_ns < total_ns) {
        for (int64_t i = 0; i < n_next; i++) {
            light_work(5000);
            heavy_work(15000);
        }
        n_done += n_next;
        done_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID) - start_ns;
        n_next = 1 + (total_ns - done_ns) * n_done / (done_ns + 1) * 9 / 10;
    }
}

static int split(int ms)
{
    burn(ms);
    result("%lx %lx %lx %lx %ld\n", (long)__start_light_work_code, (long)__stop_light_work_code,
           (long)__start_heavy_work_code, (long)__stop_heavy_work_code, (long)cpu_us(RUSAGE_SELF));
    return 0;
}

/* Uses the stack that deep: 16 KB for each level. */
__attribute__((noinline)) static int descend(int n_levels, int ms)
{
    volatile char room[16 * 1024];

    room[0] = (char)n_levels;
    if (n_levels > 0)
        return descend(n_levels - 1, ms) + room[0];
    burn(ms);
    return room[0];
}

static void *thread_burn(void *ms)
{
    burn((int)(intptr_t)ms);
    return NULL;
}

/* n threads of ms each, at_once of them at the same time, born after a while. */
static int threads(int n, int ms, int n_at_once)
{
    pthread_t ids[64];

    usleep(20000);
    for (int done = 0; done < n; done += n_at_once) {
        for (int i = 0; i < n_at_once; i++)
            pthread_create(&ids[i], NULL, thread_burn, (void *)(intptr_t)ms);
        for (int i = 0; i < n_at_once; i++)
            pthread_join(ids[i], NULL);
    }
    result("%ld\n", (long)cpu_us(RUSAGE_SELF));
    return 0;
}

/* n children one after the other: how many gave the status and the CPU time that they should; and
 * the time that it took, us. */
static int forks(int n, int ms)
{
    int64_t start_ns = clock_ns(CLOCK_MONOTONIC);
    int n_right = 0;

    for (int i = 0; i < n; i++) {
        pid_t child = fork();
        struct rusage usage;
        int status;

        if (child == 0) {
            burn(ms);
            if (i % 4 == 3)
                raise(SIGKILL);
            _exit(i % 64);
        }
        if (wait4(child, &status, 0, &usage) == child &&
            usage.ru_utime.tv_sec * 1000000 + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec >=
                ms * 900)
            n_right += i % 4 == 3 ? WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL
                                  : WIFEXITED(status) && WEXITSTATUS(status) == i % 64;
    }
    result("%d %ld\n", n_right, (long)((clock_ns(CLOCK_MONOTONIC) - start_ns) / 1000));
    return 0;
}

static int vforks(int n)
{
    int64_t start_ns = clock_ns(CLOCK_MONOTONIC);
    int n_right = 0, status;

    for (int i = 0; i < n; i++) {
        pid_t child = vfork();

        if (child == 0) {
            execl(self, self, "status", "9", NULL);
            _exit(1);
        }
        n_right += waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 9;
    }
    result("%d %ld\n", n_right, (long)((clock_ns(CLOCK_MONOTONIC) - start_ns) / 1000));
    return 0;
}

/* --- signals --- */

static atomic_int n_handled, n_with_value, n_waited;

static void on_signal(int number, siginfo_t *info, void *context)
{
    (void)context;
    n_handled++;
    if (number == SIGRTMIN && info->si_code == SI_QUEUE && info->si_pid == getpid())
        n_with_value += info->si_value.sival_int;
}

static void *wait_for_signals(void *n)
{
    struct timespec patience = {20, 0};
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGRTMIN + 1);
    while (n_waited < (int)(intptr_t)n) {
        siginfo_t info;

        if (sigtimedwait(&set, &info, &patience) == SIGRTMIN + 1)
            n_waited++;
        else
            break; /* EINTR as well: nothing here interrupts it */
    }
    return NULL;
}

/* n of each kind, to a handler with a value and to a thread that waits for them, under a timer. */
static int signals(int n)
{
    struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_RESTART};
    struct itimerval timer = {{0, 1000}, {0, 1000}};
    pthread_t waiter;
    sigset_t set;
    int n_before;

    sigaction(SIGRTMIN, &action, NULL);
    sigemptyset(&set);
    sigaddset(&set, SIGRTMIN + 1);
    sigaddset(&set, SIGRTMIN);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    pthread_create(&waiter, NULL, wait_for_signals, (void *)(intptr_t)n);
    sigdelset(&set, SIGRTMIN + 1);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    for (int i = 0; i < n; i++) {
        sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 3});
        sigqueue(getpid(), SIGRTMIN + 1, (union sigval){.sival_int = 1});
        heavy_work(2000);
    }
    pthread_join(waiter, NULL);
    n_before = n_handled;
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &timer, NULL);
    burn(100);
    setitimer(ITIMER_REAL, &(struct itimerval){0}, NULL);
    result("%d %d %d %d\n", n_before, n_with_value, n_waited, n_handled - n_before);
    return 0;
}

static atomic_int n_interrupted, is_over;

static void *wait_for_events(void *timeout_ms)
{
    struct epoll_event event;
    int fd = epoll_create1(0);

    while (!is_over)
        if (epoll_wait(fd, &event, 1, (int)(intptr_t)timeout_ms) < 0 && errno == EINTR)
            n_interrupted++;
    close(fd);
    return NULL;
}

/* A thread sleeps in epoll_wait for moments while ignored signals come to it: how often that broke
 * its calls off. Without a tracer: never. */
static int ignored_signals(int n)
{
    pthread_t waiter;

    pthread_create(&waiter, NULL, wait_for_events, (void *)(intptr_t)20);
    for (int i = 0; i < n; i++) {
        usleep(150000);
        pthread_kill(waiter, SIGWINCH);
    }
    is_over = 1;
    pthread_join(waiter, NULL);
    result("%d\n", n_interrupted);
    return 0;
}

/* Runs and sleeps by turns in a call that any stop would break off. */
static int naps(int n)
{
    struct epoll_event event;
    int fd = epoll_create1(0);

    for (int i = 0; i < n; i++) {
        light_work(10000);
        if (epoll_wait(fd, &event, 1, 1) < 0)
            n_interrupted++;
    }
    result("%d %ld\n", n_interrupted, (long)cpu_us(RUSAGE_SELF));
    return 0;
}

/* --- job control --- */

/* A child stops itself, is continued and ends: what its parent is told of it. */
static int job(void)
{
    pid_t child = fork();
    int status, is_stopped, is_continued;

    if (child == 0) {
        raise(SIGSTOP);
        burn(20);
        raise(SIGTSTP);
        _exit(6);
    }
    is_stopped = waitpid(child, &status, WUNTRACED) == child && WIFSTOPPED(status) &&
                 WSTOPSIG(status) == SIGSTOP;
    kill(child, SIGCONT);
    is_continued = waitpid(child, &status, WCONTINUED) == child && WIFCONTINUED(status);
    is_stopped += waitpid(child, &status, WUNTRACED) == child && WIFSTOPPED(status) &&
                  WSTOPSIG(status) == SIGTSTP;
    kill(child, SIGCONT);
    waitpid(child, &status, 0);
    result("%d %d %d\n", is_stopped, is_continued, WIFEXITED(status) ? WEXITSTATUS(status) : -1);
    return 0;
}

/* Counts up in RESULT's place: for being stopped and continued from outside. */
static int heartbeat(int wall_ms)
{
    int64_t end_ns = clock_ns(CLOCK_MONOTONIC) + wall_ms * INT64_C(1000000);

    for (int i = 0; clock_ns(CLOCK_MONOTONIC) < end_ns; i++) {
        burn(1);
        result("%d\n", i);
    }
    return 0;
}

/* --- programs that replace and end themselves --- */

static void *exec_split(void *ms)
{
    execl(self, self, "split", (char *)ms, NULL);
    return NULL;
}

static int exec_from_thread(char *ms, int n_bystanders)
{
    pthread_t id;

    for (int i = 0; i < n_bystanders; i++)
        pthread_create(&id, NULL, thread_burn, (void *)(intptr_t)60000);
    usleep(20000);
    pthread_create(&id, NULL, exec_split, ms);
    pause();
    return 1;
}

static int exec_chain(int n)
{
    char number[16];

    snprintf(number, sizeof number, "%d", n - 1);
    if (n > 0)
        execl(self, self, "exec_chain", number, NULL);
    return n == 0 ? 7 : 1;
}

static void *burn_and_exit(void *ms)
{
    usleep(20000);
    burn((int)(intptr_t)ms);
    exit(5);
}

static int leave_first(int ms)
{
    pthread_t id;

    pthread_create(&id, NULL, burn_and_exit, (void *)(intptr_t)ms);
    pthread_exit(NULL);
}

static int clone_main(void *argument)
{
    (void)argument;
    burn(20);
    return 11;
}

/* Children that are no usual ones: without a signal at their end; with their parent's memory. */
static int odd_clones(void)
{
    static const int flags[] = {0, CLONE_VM | CLONE_FILES, CLONE_VM | CLONE_SIGHAND | SIGCHLD};
    int n_right = 0, status;

    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        char *stack = malloc(256 * 1024);
        pid_t child = clone(clone_main, stack + 256 * 1024, flags[i], NULL);

        n_right += waitpid(child, &status, __WALL) == child && WIFEXITED(status) &&
                   WEXITSTATUS(status) == 11;
        free(stack);
    }
    result("%d\n", n_right);
    return 0;
}

/* Starts the command given and says what wait4 told of it: status, CPU us. Stays for a moment. */
static int launcher(char **argv)
{
    struct rusage usage;
    int status;
    pid_t child;

    usleep(50000); /* to be found alone first */
    child = fork();
    if (child == 0) {
        execv(argv[0], argv);
        _exit(127);
    }
    wait4(child, &status, 0, &usage);
    result(
        "%d %ld\n", status,
        (long)(usage.ru_utime.tv_sec * 1000000 + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec));
    return 0;
}

int main(int argc, char **argv)
{
    const char *mode = argc > 1 ? argv[1] : "";
    int a = argc > 2 ? atoi(argv[2]) : 0, b = argc > 3 ? atoi(argv[3]) : 0;

    self = argv[0];
    if (!strcmp(mode, "split"))
        return split(a);
    if (!strcmp(mode, "deep"))
        return descend(a, b) * 0;
    if (!strcmp(mode, "threads"))
        return threads(a, b, argc > 4 ? atoi(argv[4]) : 1);
    if (!strcmp(mode, "forks"))
        return forks(a, b);
    if (!strcmp(mode, "vforks"))
        return vforks(a);
    if (!strcmp(mode, "signals"))
        return signals(a);
    if (!strcmp(mode, "ignored_signals"))
        return ignored_signals(a);
    if (!strcmp(mode, "naps"))
        return naps(a);
    if (!strcmp(mode, "job"))
        return job();
    if (!strcmp(mode, "heartbeat"))
        return heartbeat(a);
    if (!strcmp(mode, "exec_from_thread"))
        return exec_from_thread(argv[2], b);
    if (!strcmp(mode, "exec_chain"))
        return exec_chain(a);
    if (!strcmp(mode, "leave_first"))
        return leave_first(a);
    if (!strcmp(mode, "odd_clones"))
        return odd_clones();
    if (!strcmp(mode, "launcher") && argc > 2)
        return launcher(argv + 2);
    if (!strcmp(mode, "status"))
        return a;
    if (!strcmp(mode, "die"))
        return raise(a);
    fprintf(stderr, "no such mode: '%s'\n", mode);
    return 2;
}
