/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Threads that wait, each in its own way, for a test to look at. Says who they are, a line each:
 *   thread NAME TID       function NAME ADDRESS       lock NAME ADDRESS
 * and "ready" when all of them are about to block. Then bytes on stdin, answered by a line:
 *   u  the mutex "static" is unlocked, and its waiters end
 *   b  two threads begin to take turns with the mutex "turns", holding it for 2 ms each
 *   w  how long those two have waited so far, ns
 *   m  400 more threads wait for the condition
 *   x  executes itself again
 * The end of stdin ends it. */
#include <alloca.h>
#include <dirent.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define NOINLINE __attribute__((noinline))

static pthread_mutex_t static_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t turns = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t *heap_mutex, *stack_mutex;
static pthread_mutex_t of_condition = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static pthread_t sleeper;
static int silent_pipe[2];
static atomic_int n_about_to_block;
static atomic_long waited_ns;
static volatile int sink;

static void about_to_block(const char *name)
{
    if (name)
        printf("thread %s %ld\n", name, syscall(SYS_gettid));
    atomic_fetch_add(&n_about_to_block, 1);
}

/* --- ways to wait --- */

NOINLINE void want_mutex(pthread_mutex_t *mutex, const char *name)
{
    about_to_block(name);
    pthread_mutex_lock(mutex);
    sink++;
    pthread_mutex_unlock(mutex);
}

NOINLINE void *want_static(void *name)
{
    want_mutex(&static_mutex, name);
    return NULL;
}

static void *want_heap(void *name)
{
    want_mutex(heap_mutex, name);
    return NULL;
}

static void *want_stack(void *name)
{
    want_mutex(stack_mutex, name);
    return NULL;
}

static void *want_condition(void *name)
{
    pthread_mutex_lock(&of_condition);
    about_to_block(name);
    for (;;)
        pthread_cond_wait(&condition, &of_condition);
    return NULL;
}

static void *sleep_on(void *name)
{
    struct timespec hour = {.tv_sec = 3600};

    about_to_block(name);
    for (;;)
        clock_nanosleep(CLOCK_MONOTONIC, 0, &hour, NULL);
    return NULL;
}

static void *join_sleeper(void *name)
{
    about_to_block(name);
    pthread_join(sleeper, NULL);
    return NULL;
}

/* The system call itself: its frame keeps no rbp, and its callers need one. */
NOINLINE long raw_read(char *bytes, size_t n_bytes)
{
    return syscall(SYS_read, silent_pipe[0], bytes, n_bytes);
}

NOINLINE long read_on_variable_stack(size_t n_bytes)
{
    char *bytes = alloca(n_bytes);

    bytes[0] = 1;
    sink += (int)raw_read(bytes, n_bytes);
    return bytes[0];
}

NOINLINE long read_on_aligned_stack(size_t n_bytes)
{
    _Alignas(128) char bytes[256];

    memset(bytes, 1, sizeof bytes);
    sink += (int)raw_read(bytes, n_bytes < sizeof bytes ? n_bytes : sizeof bytes);
    return bytes[0];
}

static void *read_variable(void *name)
{
    about_to_block(name);
    sink += (int)read_on_variable_stack(300);
    return NULL;
}

static void *read_aligned(void *name)
{
    about_to_block(name);
    sink += (int)read_on_aligned_stack(200);
    return NULL;
}

static long (*volatile reader)(size_t) = read_on_variable_stack;

static void *read_indirectly(void *name)
{
    about_to_block(name);
    sink += (int)reader(300);
    return NULL;
}

/* Several such frames, one in the other. */
NOINLINE long read_deep(size_t depth)
{
    char *bytes = alloca(depth * 16 + 16);

    bytes[0] = (char)depth;
    if (depth == 0)
        sink += (int)raw_read(bytes, 16);
    else
        sink += (int)read_deep(depth - 1);
    return bytes[0];
}

static void *read_recursively(void *name)
{
    about_to_block(name);
    sink += (int)read_deep(20);
    return NULL;
}

static void *poll_on(void *name)
{
    struct pollfd fd = {.fd = silent_pipe[0], .events = POLLIN};

    about_to_block(name);
    for (;;)
        poll(&fd, 1, -1);
    return NULL;
}

static void *spin(void *name)
{
    about_to_block(name);
    for (;;)
        sink++;
    return NULL;
}

/* --- taking turns --- */

static int64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void *take_turns(void *data)
{
    struct timespec hold = {.tv_nsec = 2000000};

    (void)data;
    for (;;) {
        int64_t start_ns = now_ns();

        pthread_mutex_lock(&turns);
        atomic_fetch_add(&waited_ns, now_ns() - start_ns);
        nanosleep(&hold, NULL);
        pthread_mutex_unlock(&turns);
    }
    return NULL;
}

/* Until all but n_running other threads sleep: about to block is not blocked yet. */
static void wait_until_asleep(int n_running)
{
    for (int n_awake = n_running + 1; n_awake > n_running; usleep(1000)) {
        DIR *tasks = opendir("/proc/self/task");

        n_awake = 0;
        for (struct dirent *entry; tasks && (entry = readdir(tasks));) {
            char path[300], text[512] = "", *state;
            FILE *file;

            if (entry->d_name[0] == '.' || atoi(entry->d_name) == getpid())
                continue;
            snprintf(path, sizeof path, "/proc/self/task/%s/stat", entry->d_name);
            file = fopen(path, "re");
            state = file && fgets(text, sizeof text, file) ? strrchr(text, ')') : NULL;
            n_awake += state && state[2] != 'S';
            if (file)
                fclose(file);
        }
        closedir(tasks);
    }
}

static pthread_t start(void *(*body)(void *), const char *name)
{
    pthread_attr_t attributes;
    pthread_t thread;

    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 256 * 1024);
    if (pthread_create(&thread, &attributes, body, (void *)name) != 0)
        _exit(3);
    return thread;
}

static void answer(const char *program)
{
    char command;

    while (read(0, &command, 1) == 1) {
        switch (command) {
        case 'u':
            pthread_mutex_unlock(&static_mutex);
            break;
        case 'b':
            start(take_turns, NULL);
            start(take_turns, NULL);
            break;
        case 'w':
            printf("%ld ", atomic_load(&waited_ns));
            break;
        case 'm':
            n_about_to_block = 0;
            for (int i = 0; i < 400; i++)
                start(want_condition, NULL);
            while (n_about_to_block < 400)
                usleep(1000);
            wait_until_asleep(0);
            break;
        case 'x':
            execl(program, "waiters", NULL);
            _exit(3);
        }
        printf("done\n");
        fflush(stdout);
    }
}

int main(int argc, char **argv)
{
    pthread_mutex_t on_stack = PTHREAD_MUTEX_INITIALIZER;
    static void *(*const bodies[])(void *) = {
        want_static, want_static,   want_static,     want_heap,        want_stack, want_condition,
        sleep_on,    read_variable, read_indirectly, read_recursively, poll_on,    read_aligned,
    };
    static const char *const names[] = {
        "static", "static",   "static",   "heap",      "stack", "condition",
        "sleep",  "variable", "indirect", "recursive", "poll",  "aligned",
    };
    int n_threads = sizeof bodies / sizeof *bodies;
    int is_spinning = argc > 1 && strcmp(argv[1], "spin") == 0;

    setvbuf(stdout, NULL, _IOFBF, 65536);
    heap_mutex = malloc(sizeof *heap_mutex);
    pthread_mutex_init(heap_mutex, NULL);
    stack_mutex = &on_stack;
    if (pipe(silent_pipe) != 0)
        return 3;
    pthread_mutex_lock(&static_mutex);
    pthread_mutex_lock(heap_mutex);
    pthread_mutex_lock(stack_mutex);
    for (int i = 0; i < n_threads; i++) {
        pthread_t thread = start(bodies[i], names[i]);

        if (bodies[i] == sleep_on)
            sleeper = thread;
    }
    start(join_sleeper, "join");
    if (is_spinning) {
        start(spin, "spin");
        n_threads++;
    }
    while (n_about_to_block < n_threads + 1)
        usleep(1000);
    wait_until_asleep(is_spinning);
    printf("function want_static %p\nfunction want_mutex %p\n", (void *)want_static,
           (void *)want_mutex);
    printf("lock static %p\nlock heap %p\nlock stack %p\nlock condition %p\nlock turns %p\n",
           (void *)&static_mutex, (void *)heap_mutex, (void *)stack_mutex, (void *)&condition,
           (void *)&turns);
    printf("ready\n");
    fflush(stdout);
    answer("/proc/self/exe");
    return 0;
}
