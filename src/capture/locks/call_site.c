/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capture/locks/call_site.h"

#include <stdint.h>
#include <string.h>
#include <sys/uio.h>

#include "capture/unwind/code.h"

#define N_CALL_BYTES 7 /* of the longest call: opcode, ModRM, SIB, disp32 */
#define N_JUMP_BYTES 16

static gboolean read_live(pid_t pid, guint64 address, void *bytes, gsize n_bytes)
{
    struct iovec local = {bytes, n_bytes}, remote = {(void *)(uintptr_t)address, n_bytes};

    return process_vm_readv(pid, &local, 1, &remote, 1, 0) == (gssize)n_bytes;
}

static guint read_code(RsSpace *space, guint64 address, guint8 *code, guint n_bytes)
{
    const RsSpaceEntry *entry = rs_space_find(space, address);

    return entry ? rs_code_read(entry, rs_space_pid(space), address, code, n_bytes) : 0;
}

static gint32 int32_at(const guint8 *bytes)
{
    gint32 value;

    memcpy(&value, bytes, sizeof value);
    return value;
}

/* FF /2 that ends at end and is n_bytes long. */
static gboolean is_indirect_call(const guint8 *end, gsize n_bytes)
{
    guint8 opcode = end[-(gssize)n_bytes], modrm = end[1 - (gssize)n_bytes];
    guint mod = modrm >> 6, rm = modrm & 7;
    gsize n_wanted = 2;

    if (opcode != 0xff || (modrm >> 3 & 7) != 2)
        return FALSE;
    if (mod != 3) {
        gboolean has_sib = rm == 4;
        /* Without a base there is a disp32 at mod 0. */
        gboolean has_no_base =
            mod == 0 && (has_sib ? n_bytes > 2 && (end[2 - (gssize)n_bytes] & 7) == 5 : rm == 5);

        n_wanted += has_sib + (mod == 1 ? 1 : mod == 2 || has_no_base ? 4 : 0);
    }
    return n_bytes == n_wanted;
}

RsCallKind rs_call_decode(const guint8 *code, gsize n_bytes, gint32 *displacement,
                          gboolean *is_in_memory)
{
    const guint8 *end = code + n_bytes;

    if (n_bytes >= 5 && end[-5] == 0xe8) {
        *displacement = int32_at(end - 4);
        *is_in_memory = FALSE;
        return RS_CALL_DIRECT;
    }
    if (n_bytes >= 6 && end[-6] == 0xff && end[-5] == 0x15) { /* call *disp32(%rip) */
        *displacement = int32_at(end - 4);
        *is_in_memory = TRUE;
        return RS_CALL_DIRECT;
    }
    for (gsize n = 2; n <= MIN(n_bytes, N_CALL_BYTES); n++) {
        if (is_indirect_call(end, n))
            return RS_CALL_INDIRECT;
    }
    return RS_CALL_NONE;
}

/* What a PLT entry at target jumps to; target itself when it is none. */
static guint64 through_plt(RsSpace *space, guint64 target)
{
    static const guint8 endbr64[] = {0xf3, 0x0f, 0x1e, 0xfa};
    guint8 code[N_JUMP_BYTES];
    gsize at = 0;
    guint64 final;

    if (read_code(space, target, code, sizeof code) < sizeof code)
        return target;
    if (memcmp(code, endbr64, sizeof endbr64) == 0)
        at += sizeof endbr64;
    if (code[at] == 0xf2) /* bnd */
        at++;
    if (code[at] != 0xff || code[at + 1] != 0x25) /* jmp *disp32(%rip) */
        return target;
    return read_live(rs_space_pid(space),
                     target + at + 6 + (guint64)(gint64)int32_at(code + at + 2), &final,
                     sizeof final)
               ? final
               : target;
}

RsCallKind rs_call_before(RsSpace *space, guint64 return_address, guint64 *target)
{
    guint8 code[N_CALL_BYTES];
    gint32 displacement;
    gboolean is_in_memory;
    RsCallKind kind;

    if (return_address < N_CALL_BYTES ||
        read_code(space, return_address - N_CALL_BYTES, code, sizeof code) < sizeof code)
        return RS_CALL_NONE;
    kind = rs_call_decode(code, sizeof code, &displacement, &is_in_memory);
    if (kind != RS_CALL_DIRECT)
        return kind;
    *target = return_address + (guint64)(gint64)displacement;
    if (is_in_memory)
        return read_live(rs_space_pid(space), *target, target, sizeof *target) ? RS_CALL_DIRECT
                                                                               : RS_CALL_INDIRECT;
    *target = through_plt(space, *target);
    return RS_CALL_DIRECT;
}
