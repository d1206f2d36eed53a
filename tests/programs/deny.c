// SPDX-License-Identifier: GPL-3.0-or-later
/* Runs a command as a sandbox would: with system calls that fail, without capabilities, as another
 * user. usage: deny [-c] [-u UID] [-e ERRNO] [CALL...] -- COMMAND [ARGUMENT...]
 *
 *   CALL  perf_event_open, ptrace, process_vm_readv, ...: answers ERRNO (EPERM)
 *   -c    drops all capabilities, for good      -u  as this user and group, who need not exist
 *
 * Exit status 125 when that cannot be had here, 127 when the command cannot be executed. */
#include <errno.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define N_CALLS_MAX 32
#define REFUSED     125
#define N_PROLOGUE  4 /* instructions before the calls */
#define N_PER_CALL  2

static const struct {
    const char *name;
    int number;
} calls[] = {
    {"perf_event_open", SYS_perf_event_open},
    {"ptrace", SYS_ptrace},
    {"process_vm_readv", SYS_process_vm_readv},
    {"bpf", SYS_bpf},
    {"timer_create", SYS_timer_create},
    {"io_uring_setup", SYS_io_uring_setup},
    {"pidfd_open", SYS_pidfd_open},
};

static void refuse(const char *what)
{
    fprintf(stderr, "deny: %s: %s\n", what, strerror(errno));
    exit(REFUSED);
}

static int number_of(const char *name)
{
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        if (!strcmp(calls[i].name, name))
            return calls[i].number;
    fprintf(stderr, "deny: no such system call is known here: '%s'\n", name);
    exit(REFUSED);
}

/* Calls of other architectures (i386, x32) pass: nothing here makes any. */
static void deny(const int *numbers, size_t n_numbers, int code)
{
    struct sock_filter filter[N_PROLOGUE + N_CALLS_MAX * N_PER_CALL + 1] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
    };
    struct sock_fprog program = {.filter = filter};
    size_t n = N_PROLOGUE;

    for (size_t i = 0; i < n_numbers; i++) {
        filter[n++] =
            (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned int)numbers[i], 0, 1);
        filter[n++] =
            (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned int)code);
    }
    filter[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    program.len = (unsigned short)n;
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
        refuse("PR_SET_SECCOMP");
}

static void become(unsigned int user)
{
    if (setgroups(0, NULL) != 0 || setgid(user) != 0 || setuid(user) != 0)
        refuse("setuid");
}

/* Those that a program could get back by executing another; an ordinary user has no right to do
 * that, and does not need it. */
static void drop_bounding_set(void)
{
    for (int capability = 0; prctl(PR_CAPBSET_READ, capability) >= 0; capability++)
        prctl(PR_CAPBSET_DROP, capability);
}

static void drop_capabilities(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[2] = {{0}};

    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    if (syscall(SYS_capset, &header, none) != 0)
        refuse("capset");
}

int main(int argc, char **argv)
{
    int numbers[N_CALLS_MAX], option, code = EPERM, drops = 0, user = -1;
    size_t n_numbers = 0;

    while ((option = getopt(argc, argv, "+cu:e:")) != -1) {
        if (option == 'c')
            drops = 1;
        else if (option == 'u')
            user = atoi(optarg);
        else if (option == 'e')
            code = atoi(optarg);
        else
            return REFUSED;
    }
    if (strcmp(argv[optind - 1], "--") != 0) { /* else getopt has passed it */
        for (; optind < argc && strcmp(argv[optind], "--") != 0; optind++) {
            if (n_numbers == N_CALLS_MAX)
                return REFUSED;
            numbers[n_numbers++] = number_of(argv[optind]);
        }
        optind++;
    }
    if (optind >= argc)
        return REFUSED;
    if (drops)
        drop_bounding_set();
    if (user >= 0)
        become((unsigned int)user);
    if (drops)
        drop_capabilities();
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        refuse("PR_SET_NO_NEW_PRIVS");
    if (n_numbers)
        deny(numbers, n_numbers, code);
    execvp(argv[optind], argv + optind);
    fprintf(stderr, "deny: %s: %s\n", argv[optind], strerror(errno));
    return 127;
}
