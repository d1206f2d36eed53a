/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capture/unwind/code.h"

#include <string.h>
#include <sys/uio.h>

#define LONGEST_CALL_BYTES 7
#define START_LIMIT_BYTES  64 /* _start is shorter */
#define EXIT_LIMIT_BYTES   16
#define BEGIN_LIMIT_BYTES  40 /* from a thread's first instruction to its exit */
#define BRANCH_LIMIT_BYTES 10 /* behind the system call, until the new thread went its own way */

guint rs_code_read(const RsSpaceEntry *entry, pid_t live_pid, guint64 address, guint8 *bytes,
                   guint n_bytes)
{
    RsElf *elf = rs_module_elf(entry->module);
    struct iovec local = {bytes, n_bytes}, remote = {(void *)(guintptr)address, n_bytes};
    ssize_t n_read;

    if (elf) {
        gsize n_there = 0;
        const guint8 *code = rs_elf_at_vaddr(elf, address - entry->bias, &n_there);

        n_bytes = (guint)MIN(n_bytes, n_there);
        if (code)
            memcpy(bytes, code, n_bytes);
        return code ? n_bytes : 0;
    }
    if (!live_pid)
        return 0;
    n_read = process_vm_readv(live_pid, &local, 1, &remote, 1, 0);
    return n_read > 0 ? (guint)n_read : 0;
}

/* How long "call *operand" is behind its opcode FF, by its ModRM byte; 0: it is not that call.
 * Source: Intel SDM, volume 2, tables 2-2 and 2-3 (FF /2). */
static guint indirect_call_size(const guint8 *modrm, guint n_bytes)
{
    guint mode = modrm[0] >> 6, operand = modrm[0] & 7, n_needed = 1;

    if ((modrm[0] >> 3 & 7) != 2)
        return 0;
    if (mode == 3)
        return n_needed;
    if (operand == 4) {
        if (n_bytes < 2)
            return 0;
        n_needed++;
        if (mode == 0 && (modrm[1] & 7) == 5)
            n_needed += 4;
    } else if (operand == 5 && mode == 0) {
        n_needed += 4;
    }
    return n_needed + (mode == 1 ? 1 : mode == 2 ? 4 : 0);
}

gboolean rs_code_follows_call(const RsSpaceEntry *entry, pid_t live_pid, guint64 address)
{
    guint8 code[LONGEST_CALL_BYTES];

    if (rs_code_read(entry, live_pid, address - sizeof code, code, sizeof code) != sizeof code) {
        /* at the very beginning of a segment */
        memset(code, 0, sizeof code);
        if (rs_code_read(entry, live_pid, address - 5, code + 2, 5) != 5)
            return FALSE;
    }
    if (code[2] == 0xe8) /* call rel32 */
        return TRUE;
    for (guint n_bytes = 2; n_bytes <= sizeof code; n_bytes++) {
        const guint8 *opcode = code + sizeof code - n_bytes;

        if (opcode[0] == 0xff && indirect_call_size(opcode + 1, n_bytes - 1) == n_bytes - 1)
            return TRUE;
    }
    return FALSE;
}

/* mov $15, %eax or %rax (rt_sigreturn); syscall. An innermost frame may be at the second. */
gboolean rs_code_is_signal_return(const RsSpaceEntry *entry, pid_t live_pid, guint64 address)
{
    static const guint8 as_rax[] = {0x48, 0xc7, 0xc0, 15, 0, 0, 0, 0x0f, 0x05},
                        as_eax[] = {0xb8, 15, 0, 0, 0, 0x0f, 0x05};
    guint8 code[sizeof as_rax];
    guint n_bytes = rs_code_read(entry, live_pid, address, code, sizeof code);

    if (n_bytes >= sizeof as_rax && memcmp(code, as_rax, sizeof as_rax) == 0)
        return TRUE;
    if (n_bytes >= sizeof as_eax && memcmp(code, as_eax, sizeof as_eax) == 0)
        return TRUE;
    if (n_bytes < 2 || code[0] != 0x0f || code[1] != 0x05)
        return FALSE;
    n_bytes = rs_code_read(entry, live_pid, address - 7, code, sizeof code);
    return n_bytes == sizeof code && (memcmp(code, as_rax, sizeof as_rax) == 0 ||
                                      memcmp(code + 2, as_eax, sizeof as_eax) == 0);
}

gboolean rs_code_is_entry(const RsSpaceEntry *entry, guint64 address)
{
    RsElf *elf = rs_module_elf(entry->module);

    return elf && address - entry->bias - rs_elf_entry(elf) < START_LIMIT_BYTES;
}

/* The first system call in the code is exit. */
static gboolean exits(const guint8 *code, guint n_bytes)
{
    for (guint i = 2; i + 1 < n_bytes; i++) {
        if (code[i] != 0x0f || code[i + 1] != 0x05)
            continue;
        /* mov $60, %al; mov $60, %eax; mov $60, %rax (exit) right before the syscall */
        return (code[i - 2] == 0xb0 && code[i - 1] == 60) ||
               (i >= 5 && code[i - 5] == 0xb8 && code[i - 4] == 60) ||
               (i >= 7 && code[i - 7] == 0x48 && code[i - 6] == 0xc7 && code[i - 4] == 60);
    }
    return FALSE;
}

gboolean rs_code_ends_thread(const RsSpaceEntry *entry, pid_t live_pid, guint64 address)
{
    guint8 code[EXIT_LIMIT_BYTES];

    return exits(code, rs_code_read(entry, live_pid, address, code, sizeof code));
}

gboolean rs_code_begins_thread(const RsSpaceEntry *entry, pid_t live_pid, guint64 address)
{
    guint8 code[BRANCH_LIMIT_BYTES + BEGIN_LIMIT_BYTES];
    guint n_bytes = rs_code_read(entry, live_pid, address - BRANCH_LIMIT_BYTES, code, sizeof code);

    for (guint i = 0; i + 2 <= BRANCH_LIMIT_BYTES && i + 2 < n_bytes; i++)
        if (code[i] == 0x0f && code[i + 1] == 0x05)
            return exits(code + i + 2, n_bytes - i - 2);
    return FALSE;
}

gboolean rs_code_is_outermost(const RsSpaceEntry *entry, pid_t live_pid, guint64 address)
{
    return rs_code_is_entry(entry, address) || rs_code_ends_thread(entry, live_pid, address);
}
