/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capture/ptrace/stop.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <unistd.h>

#define PAGE_BYTES        4096u
#define UNKNOWN_MAX_BYTES (64u * 1024)
#define N_PIECES          (UNKNOWN_MAX_BYTES / PAGE_BYTES + 1)
/* include/linux/errno.h of the kernel: restart unless a handler runs, which then sees EINTR. */
#define KERNEL_ERESTARTNOHAND 514
#define CODE_64_BIT           0x33 /* i386 has other numbers of calls */

static void fill_registers(const struct user_regs_struct *from, RsRegisters *to)
{
    *to = (RsRegisters){.r = {
                            [RS_REG_RAX] = from->rax,
                            [RS_REG_RDX] = from->rdx,
                            [RS_REG_RCX] = from->rcx,
                            [RS_REG_RBX] = from->rbx,
                            [RS_REG_RSI] = from->rsi,
                            [RS_REG_RDI] = from->rdi,
                            [RS_REG_RBP] = from->rbp,
                            [RS_REG_RSP] = from->rsp,
                            [RS_REG_R8] = from->r8,
                            [RS_REG_R9] = from->r9,
                            [RS_REG_R10] = from->r10,
                            [RS_REG_R11] = from->r11,
                            [RS_REG_R12] = from->r12,
                            [RS_REG_R13] = from->r13,
                            [RS_REG_R14] = from->r14,
                            [RS_REG_R15] = from->r15,
                            [RS_REG_RIP] = from->rip,
                        }};
}

/* Where process_vm_readv is denied, or there is none. */
static gssize read_memory_file(pid_t tid, guint64 address, guint8 *bytes, gsize n_bytes)
{
    char path[32];
    gssize n;
    int fd;

    g_snprintf(path, sizeof path, "/proc/%d/mem", tid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    n = pread(fd, bytes, n_bytes, (off_t)address);
    close(fd);
    return n;
}

/* What there is from address on; the far side page by page, because the kernel promises that what
 * can be read of a piece is read only for whole pieces (process_vm_readv(2)). */
static gsize read_stack(pid_t tid, guint64 address, guint8 *bytes, gsize n_bytes, gboolean is_known)
{
    struct iovec here = {bytes, n_bytes}, there[N_PIECES];
    guint n_pieces = 0;
    gssize n;

    if (is_known) {
        there[n_pieces++] = (struct iovec){(void *)address, n_bytes};
    } else {
        for (gsize done = 0; done < n_bytes && n_pieces < N_PIECES;) {
            gsize n_piece = PAGE_BYTES - (address + done) % PAGE_BYTES;

            n_piece = MIN(n_piece, n_bytes - done);
            there[n_pieces++] = (struct iovec){(void *)(address + done), n_piece};
            done += n_piece;
        }
    }
    n = process_vm_readv(tid, &here, 1, there, n_pieces, 0);
    if (n < 0 && (errno == EPERM || errno == ENOSYS))
        n = read_memory_file(tid, address, bytes, n_bytes);
    return (gsize)MAX(n, 0);
}

gboolean rs_stop_copy(pid_t tid, guint64 low, guint64 end, RsStopCopy *copy)
{
    struct user_regs_struct user;
    struct iovec room = {&user, sizeof user};
    guint64 stack;
    gboolean is_known;

    copy->n_stack_bytes = 0;
    copy->has_registers = FALSE;
    if (ptrace(PTRACE_GETREGSET, tid, NT_PRSTATUS, &room) != 0)
        return FALSE;
    if (room.iov_len != sizeof user)
        return TRUE; /* the registers of i386 */
    copy->has_registers = TRUE;
    fill_registers(&user, &copy->registers);
    stack = copy->stack_base = user.rsp;
    is_known = stack >= low && stack < end;
    copy->n_stack_bytes = read_stack(
        tid, stack, copy->stack,
        MIN(copy->n_max_bytes, is_known ? (gsize)(end - stack) : (gsize)UNKNOWN_MAX_BYTES),
        is_known);
    return TRUE;
}

typedef enum { RESTART_NEVER, RESTART_ENDLESS, RESTART_WITH_TIMEOUT } Restart;

/* Of calls that gave EINTR: where it means that nothing was done, and whether they had a timeout.
 */
static Restart restart_of(const struct user_regs_struct *user)
{
    switch (user->orig_rax) {
    case SYS_epoll_wait:
    case SYS_epoll_pwait:
        return (int)user->r10 < 0 ? RESTART_ENDLESS : RESTART_WITH_TIMEOUT;
    case SYS_epoll_pwait2:
    case SYS_semtimedop:
    case SYS_futex:
        return user->r10 == 0 ? RESTART_ENDLESS : RESTART_WITH_TIMEOUT;
    case SYS_rt_sigtimedwait:
        return user->rdx == 0 ? RESTART_ENDLESS : RESTART_WITH_TIMEOUT;
    case SYS_semop:
    case SYS_msgrcv:
    case SYS_msgsnd:
        return RESTART_ENDLESS;
    case SYS_io_getevents:
    case SYS_io_pgetevents:
    case SYS_io_uring_enter:
    case SYS_read: /* of inotify, or of a socket with a timeout; others restart by themselves */
    case SYS_accept:
    case SYS_accept4:
    case SYS_recvfrom:
    case SYS_recvmsg:
    case SYS_recvmmsg:
    case SYS_sendto:
    case SYS_sendmsg:
    case SYS_sendmmsg:
        return RESTART_WITH_TIMEOUT;
    default:
        return RESTART_NEVER;
    }
}

gboolean rs_stop_restart_call(pid_t tid, gboolean with_timeout)
{
    struct user_regs_struct user;
    Restart restart;
    long call;

    errno = 0;
    call = ptrace(PTRACE_PEEKUSER, tid, offsetof(struct user_regs_struct, orig_rax), NULL);
    if (errno != 0 || call < 0) /* the cheap question first: most are not in a call */
        return FALSE;
    if (ptrace(PTRACE_GETREGS, tid, NULL, &user) != 0 || user.rax != (guint64)-EINTR ||
        user.cs != CODE_64_BIT)
        return FALSE;
    restart = restart_of(&user);
    if (restart == RESTART_NEVER || (restart == RESTART_WITH_TIMEOUT && !with_timeout))
        return FALSE;
    return ptrace(PTRACE_POKEUSER, tid, offsetof(struct user_regs_struct, rax),
                  (long)-KERNEL_ERESTARTNOHAND) == 0 &&
           restart == RESTART_WITH_TIMEOUT;
}

gboolean rs_stop_find_mapping(pid_t tid, guint64 address, guint64 *low, guint64 *end)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/maps", tid);
    g_autofree char *text = NULL;

    if (!g_file_get_contents(path, &text, NULL, NULL))
        return FALSE;
    for (char *line = text; line && *line; line = strchr(line, '\n')) {
        guint64 start, stop;

        line += *line == '\n';
        start = g_ascii_strtoull(line, &line, 16);
        stop = *line == '-' ? g_ascii_strtoull(line + 1, &line, 16) : 0;
        if (address >= start && address < stop) {
            *low = start;
            *end = stop;
            return TRUE;
        }
    }
    return FALSE;
}
