/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stacks of all kinds. usage: unwind_target KIND; writes a byte when it is there, and goes on until
 * it is killed. */
#include <alloca.h>
#include <ctype.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define NOINLINE __attribute__((noinline, noclone))

static volatile uint64_t sink;
static volatile int is_running = 1; /* for ever, but the compiler does not know */

static void ready(void)
{
    if (write(1, "r", 1) != 1)
        exit(1);
}

NOINLINE static void spin(void)
{
    ready();
    while (is_running)
        sink++;
}

/* --- deep: 10,000 frames --- */

NOINLINE static uint64_t recurse(unsigned n)
{
    uint64_t value;

    if (n == 0) {
        spin();
        return sink;
    }
    value = recurse(n - 1);
    sink += value;
    return value + n;
}

static void deep(void)
{
    recurse(10000);
}

/* --- large: 128 KB of locals in each of three frames --- */

NOINLINE static uint64_t large_frame(unsigned n)
{
    volatile char locals[128 * 1024];

    locals[n] = 1;
    if (n == 0)
        spin();
    else
        large_frame(n - 1);
    return (uint64_t)locals[n];
}

static void large(void)
{
    large_frame(3);
}

/* --- aligned: a stack that is realigned, and moves --- */

NOINLINE static uint64_t aligned_frame(unsigned n, void (*then)(void))
{
    volatile char aligned[64] __attribute__((aligned(64)));
    volatile char *moving = alloca(16 * n + 16);

    moving[0] = aligned[n] = 1;
    if (n == 0)
        then();
    else
        aligned_frame(n - 1, then);
    return (uint64_t)moving[0] + (uint64_t)aligned[n];
}

static void aligned(void)
{
    aligned_frame(5, spin);
}

/* --- signal: in a handler, on the same stack and on one of its own --- */

static void on_signal(int number)
{
    sink += (uint64_t)number;
    spin();
}

NOINLINE static void interrupted(void)
{
    volatile char locals[4096];

    locals[0] = 1;
    raise(SIGUSR1);
    sink += (uint64_t)locals[0];
}

static void with_handler(int flags)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = flags};

    sigaction(SIGUSR1, &action, NULL);
    interrupted();
}

static void signal_handler(void)
{
    with_handler(0);
}

static void signal_stack(void)
{
    static char other[64 * 1024];
    stack_t stack = {.ss_sp = other, .ss_size = sizeof other};

    sigaltstack(&stack, NULL);
    with_handler(SA_ONSTACK);
}

/* --- calls: all kinds of short calls, to be stepped through --- */

NOINLINE static int by_value(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

NOINLINE static void nothing(void)
{
    sink++;
}

NOINLINE static uint64_t many_registers(uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    uint64_t e = a * b, f = b * c, g = c * d, h = d * a;

    nothing();
    return e ^ f ^ g ^ h ^ a ^ b ^ c ^ d;
}

NOINLINE static void small_deep(unsigned n)
{
    if (n)
        small_deep(n - 1);
    sink += n;
}

static void calls(void)
{
    ready();
    while (is_running) {
        int values[] = {5, 3, 9, 1};
        char text[64];

        sink += many_registers(sink, 2, 3, 4);
        sink += (uint64_t)toupper('a');
        qsort(values, 4, sizeof *values, by_value);
        snprintf(text, sizeof text, "%d %s", values[0], "text");
        sink += strlen(text);
        small_deep(5);
        aligned_frame(2, nothing);
        free(malloc(sink % 64 + 1));
        sink += (uint64_t)labs((long)sink);
    }
}

/* --- vdso --- */

static void vdso(void)
{
    struct timespec now;

    ready();
    while (is_running) {
        clock_gettime(CLOCK_MONOTONIC, &now);
        sink += (uint64_t)now.tv_nsec;
    }
}

/* --- threads --- */

static pthread_barrier_t barrier;

NOINLINE static void thread_recurse(unsigned n)
{
    if (n) {
        thread_recurse(n - 1);
        sink++;
    } else {
        pthread_barrier_wait(&barrier);
        while (is_running)
            sink++;
    }
}

static void *thread_body(void *argument)
{
    thread_recurse((unsigned)(uintptr_t)argument);
    return NULL;
}

static void threads(void)
{
    pthread_t thread;

    pthread_barrier_init(&barrier, NULL, 5);
    for (uintptr_t i = 0; i < 4; i++)
        pthread_create(&thread, NULL, thread_body, (void *)(10 * (i + 1)));
    pthread_barrier_wait(&barrier);
    ready();
    while (is_running)
        pause();
}

/* --- jit: code in anonymous memory, with frame pointers --- */

static void jit(void)
{
    /* push %rbp; mov %rsp, %rbp; call *%rdi; pop %rbp; ret */
    static const unsigned char code[] = {0x55, 0x48, 0x89, 0xe5, 0xff, 0xd7, 0x5d, 0xc3};
    void (*function)(void (*)(void));
    void *memory =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    memcpy(memory, code, sizeof code);
    memcpy(&function, &memory, sizeof memory);
    function(spin);
    sink++;
}

/* --- bare: assembly without unwind information --- */

void bare_loop(void);
void bare_pushed(void);
void bare_restorer(void) __asm__("__restore_rt"); /* gdb knows it by that name alone */

/* The first has nothing but its return address on the stack, the second pushed something. The
 * third is what C libraries without unwind information have signal handlers return to. */
__asm__(".text\n"
        ".p2align 4\n"
        "bare_loop: 1: pause; jmp 1b\n"
        ".p2align 4\n"
        "bare_pushed: push $0; 1: pause; jmp 1b\n"
        ".p2align 4\n"
        "nop\n"
        "__restore_rt: mov $15, %rax; syscall\n");

static void bare(void)
{
    ready();
    bare_loop();
    sink++;
}

static void bare_with_push(void)
{
    ready();
    bare_pushed();
    sink++;
}

static void bare_signal(void)
{
    /* as the kernel has it (linux/signal.h) */
    struct {
        void (*handler)(int);
        unsigned long flags;
        void (*restorer)(void);
        unsigned long mask;
    } action = {on_signal, 0x04000000 /* SA_RESTORER */, bare_restorer, 0};

    syscall(SYS_rt_sigaction, SIGUSR1, &action, NULL, 8);
    interrupted();
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*body)(void);
    } kinds[] = {{"deep", deep},
                 {"large", large},
                 {"aligned", aligned},
                 {"signal", signal_handler},
                 {"calls", calls},
                 {"signal-stack", signal_stack},
                 {"vdso", vdso},
                 {"threads", threads},
                 {"jit", jit},
                 {"bare", bare},
                 {"bare-pushed", bare_with_push},
                 {"bare-signal", bare_signal}};

    for (unsigned i = 0; argc == 2 && i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(argv[1], kinds[i].name) == 0)
            kinds[i].body();
    fprintf(stderr, "usage: unwind_target KIND\n");
    return 2;
}
