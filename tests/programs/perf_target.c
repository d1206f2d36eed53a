/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the perf sampler's tests look at. usage: perf_target MODE ARGUMENT...
 *   split MS FILE      one thread works MS of CPU time, a quarter of it in light, the rest in
 * heavy; FILE gets their addresses: "light START END\nheavy START END\n" threads N MS       N
 * threads, born one after the other, work MS each forks N MS         N children, one after the
 * other, work MS each chain N MS         executes itself N times, then works MS short US works US
 * microseconds of CPU time wait N             N threads work until the input ends; says "ready"
 * first churn              threads are born and work a little, until the input ends; says "ready"
 * first orphans MS         the first thread ends at once, another works MS fail               ends
 * with status 3 faults MB          touches MB of fresh memory */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define UNIT 20000 /* of turns: a few dozen microseconds */

static atomic_int is_over;
static volatile uint64_t kept;

/* Sections of their own, so that the linker says where they begin and end. */
extern const char __start_light_code[], __stop_light_code[];
extern const char __start_heavy_code[], __stop_heavy_code[];

__attribute__((noinline, section("light_code"))) static uint64_t light(uint64_t x, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        x = x * 6364136223846793005u + 1442695040888963407u;
    return x;
}

__attribute__((noinline, section("heavy_code"))) static uint64_t heavy(uint64_t x, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        x = x * 6364136223846793005u + 1442695040888963407u;
    return x;
}

static long cpu_us(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return now.tv_sec * 1000000L + now.tv_nsec / 1000;
}

static void work_us(long us)
{
    long end = cpu_us(CLOCK_THREAD_CPUTIME_ID) + us;

    while (cpu_us(CLOCK_THREAD_CPUTIME_ID) < end) {
        kept = light(kept, UNIT);
        kept = heavy(kept, 3 * UNIT);
    }
}

static void *work_ms_thread(void *ms)
{
    work_us((intptr_t)ms * 1000);
    return NULL;
}

static void *work_until_over(void *unused)
{
    (void)unused;
    while (!atomic_load(&is_over))
        work_us(200);
    return NULL;
}

static pthread_t start(void *(*function)(void *), intptr_t argument)
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, function, (void *)argument) != 0)
        abort();
    return thread;
}

static void wait_for_end_of_input(void)
{
    char byte;

    while (read(STDIN_FILENO, &byte, 1) > 0)
        ;
}

static void say_ready(void)
{
    if (write(STDOUT_FILENO, "ready\n", 6) != 6)
        abort();
}

static int split(long ms, const char *path)
{
    FILE *file = fopen(path, "w");

    if (!file)
        return 1;
    fprintf(file, "light %p %p\nheavy %p %p\n", (const void *)__start_light_code,
            (const void *)__stop_light_code, (const void *)__start_heavy_code,
            (const void *)__stop_heavy_code);
    fclose(file);
    work_us(ms * 1000);
    return 0;
}

static int threads(int n, long ms)
{
    for (int i = 0; i < n; i++)
        pthread_join(start(work_ms_thread, ms), NULL);
    return 0;
}

static int forks(int n, long ms)
{
    for (int i = 0; i < n; i++) {
        pid_t pid = fork();

        if (pid == 0) {
            work_us(ms * 1000);
            _exit(0);
        }
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    return 0;
}

static int chain(char *name, int n, char *ms)
{
    char left[16];

    if (n == 0) {
        work_us(atol(ms) * 1000);
        return 0;
    }
    snprintf(left, sizeof left, "%d", n - 1);
    execl("/proc/self/exe", name, "chain", left, ms, NULL);
    return 1;
}

static int wait_with(int n)
{
    for (int i = 0; i < n; i++)
        start(work_until_over, 0);
    say_ready();
    wait_for_end_of_input();
    atomic_store(&is_over, 1);
    return 0;
}

static void *churn_thread(void *unused)
{
    (void)unused;
    while (!atomic_load(&is_over)) {
        pthread_t threads_of_it[4];

        for (int i = 0; i < 4; i++)
            threads_of_it[i] = start(work_ms_thread, 1);
        for (int i = 0; i < 4; i++)
            pthread_join(threads_of_it[i], NULL);
    }
    return NULL;
}

static int churn(void)
{
    pthread_t thread = start(churn_thread, 0);

    say_ready();
    wait_for_end_of_input();
    atomic_store(&is_over, 1);
    pthread_join(thread, NULL);
    return 0;
}

static int faults(long n_megabytes)
{
    for (long i = 0; i < n_megabytes; i++) {
        char *memory =
            mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        if (memory == MAP_FAILED)
            return 1;
        madvise(memory, 1 << 20, MADV_NOHUGEPAGE);
        for (int at = 0; at < 1 << 20; at += 4096)
            memory[at] = 1;
        munmap(memory, 1 << 20);
    }
    return 0;
}

int main(int argc, char **argv)
{
    const char *mode = argc > 1 ? argv[1] : "";

    if (!strcmp(mode, "split") && argc == 4)
        return split(atol(argv[2]), argv[3]);
    if (!strcmp(mode, "threads") && argc == 4)
        return threads(atoi(argv[2]), atol(argv[3]));
    if (!strcmp(mode, "forks") && argc == 4)
        return forks(atoi(argv[2]), atol(argv[3]));
    if (!strcmp(mode, "chain") && argc == 4)
        return chain(argv[0], atoi(argv[2]), argv[3]);
    if (!strcmp(mode, "short") && argc == 3)
        work_us(atol(argv[2]));
    else if (!strcmp(mode, "wait") && argc == 3)
        return wait_with(atoi(argv[2]));
    else if (!strcmp(mode, "churn"))
        return churn();
    else if (!strcmp(mode, "faults") && argc == 3)
        return faults(atol(argv[2]));
    else if (!strcmp(mode, "fail"))
        return 3;
    else if (!strcmp(mode, "orphans") && argc == 3) {
        start(work_ms_thread, atol(argv[2]));
        pthread_exit(NULL);
    } else {
        fprintf(stderr, "perf_target: what to do?\n");
        return 2;
    }
    return 0;
}
