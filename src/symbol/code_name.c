/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A function's code is hashed instruction by instruction. Of an instruction all bytes count but
 * those that the linker fills in when it has decided where things are; they count as zeros:
 *
 *   displacement relative to the next instruction    unless it leads into the function itself:
 * calls (branches; data as [rip + x])                    and jumps out of it, constants, jump
 * tables address as immediate or displacement             of files that are linked for one address,
 * when it lies in one of the file's segments offset from the thread pointer negative ones: fs:[-x],
 * and -x from a register that was loaded with fs:[0]
 *
 * What the linker relaxes (a call through the GOT made direct, and the like) it relaxes in both
 * builds, or the code is not the same. Padding behind the last instruction does not count: it
 * depends on where the next function begins.
 *
 * 48 of the 64 bits are shown. Among n different functions some pair then shares a name by chance
 * with a probability of about n^2 / 2^49: 3 in a million for n = 40,000. That functions share a
 * name because their code is equal but for what it calls is far more frequent. */
#include "symbol/code_name.h"

#include <Zydis/Zydis.h>
#include <elf.h>
#include <string.h>

#include "base/siphash.h"

#define FUNCTION_LIMIT_BYTES ((guint64)16 << 20)
#define SHOWN_BITS           48

#define KEY_CODE    G_GUINT64_CONSTANT(0x7275737473636f70)
#define KEY_CONTENT G_GUINT64_CONSTANT(0x636f6e74656e7473)

#define PREFIX_FS    0x64
#define NO_REGISTER  0xff
#define REGISTER_RSP 4 /* as base: there is a SIB byte; as index: none */
#define REGISTER_RBP 5 /* as base, with mod 0: there is none */

typedef struct {
    const RsElf *elf;
    guint64 start, n_bytes;
    gboolean is_fixed;            /* linked for one address */
    gboolean is_thread_base_used; /* fs:[0] or fs:[reg] */
    guint8 thread_pointer;        /* register that was loaded with it last */
} Function;

static gboolean is_linked_for_one_address(const RsElf *elf)
{
    Elf64_Ehdr header;

    memcpy(&header, rs_elf_bytes(elf), sizeof header); /* RsElf is never shorter */
    return header.e_type == ET_EXEC;
}

static gboolean is_inside(const Function *function, guint64 vaddr)
{
    return vaddr - function->start < function->n_bytes;
}

/* One past the end is where a loop over a table ends. */
static gboolean is_address(const Function *function, guint64 value)
{
    guint n_segments;
    const RsElfSegment *segments = rs_elf_segments(function->elf, &n_segments);

    if (!function->is_fixed)
        return FALSE;
    for (guint i = 0; i < n_segments; i++)
        if (value >= segments[i].vaddr && value - segments[i].vaddr <= segments[i].n_memory_bytes)
            return TRUE;
    return FALSE;
}

/* --- instructions --- */

static gboolean has_prefix(const ZydisDecodedInstruction *instruction, guint8 prefix)
{
    for (guint i = 0; i < instruction->raw.prefix_count; i++)
        if (instruction->raw.prefixes[i].value == prefix)
            return TRUE;
    return FALSE;
}

/* Bits of REX that extend a register's number. */
static guint8 extended(const ZydisDecodedInstruction *instruction, guint8 low, gboolean is_base)
{
    if (!(instruction->attributes & ZYDIS_ATTRIB_HAS_REX))
        return low;
    return low | (is_base ? instruction->raw.rex.B : instruction->raw.rex.R) << 3;
}

/* Register that a memory operand is relative to; NO_REGISTER: none, or no memory operand. */
static guint8 base_register(const ZydisDecodedInstruction *instruction)
{
    guint8 base = instruction->raw.modrm.rm;

    if (!(instruction->attributes & ZYDIS_ATTRIB_HAS_MODRM) || instruction->raw.modrm.mod == 3)
        return NO_REGISTER;
    if (base == REGISTER_RSP)
        base = instruction->raw.sib.base;
    if (base == REGISTER_RBP && instruction->raw.modrm.mod == 0)
        return NO_REGISTER;
    return extended(instruction, base, TRUE);
}

static gboolean is_relative_to_instruction(const ZydisDecodedInstruction *instruction)
{
    return instruction->attributes & ZYDIS_ATTRIB_HAS_MODRM && instruction->raw.modrm.mod == 0 &&
           instruction->raw.modrm.rm == REGISTER_RBP;
}

static gboolean is_displacement_the_linkers(const Function *function, guint64 next,
                                            const ZydisDecodedInstruction *instruction)
{
    gint64 value = instruction->raw.disp.value;
    guint8 base = base_register(instruction);

    if (instruction->raw.disp.size < 32) /* bits */
        return FALSE;
    if (is_relative_to_instruction(instruction))
        return !is_inside(function, next + (guint64)value);
    if (value < 0 && has_prefix(instruction, PREFIX_FS))
        return base == NO_REGISTER;
    if (value < 0 && base != NO_REGISTER && base == function->thread_pointer)
        return TRUE;
    return is_address(function, (guint64)value) || is_address(function, (guint32)value);
}

/* mov reg, offset and add reg, offset of 64 bits. Linkers make them of loads of the offset. */
static gboolean is_immediate_the_linkers(const Function *function, guint64 next,
                                         const ZydisDecodedInstruction *instruction, guint i)
{
    guint64 value = instruction->raw.imm[i].value.u;

    if (instruction->raw.imm[i].is_relative)
        return !is_inside(function, next + value);
    if (instruction->raw.imm[i].size < 32) /* bits */
        return FALSE;
    if (function->is_thread_base_used && instruction->raw.imm[i].value.s < 0 &&
        instruction->operand_width == 64 && instruction->raw.modrm.reg == 0 &&
        (instruction->opcode == 0xc7 || instruction->opcode == 0x81))
        return TRUE;
    return is_address(function, value) || is_address(function, (guint32)value);
}

/* Source: Drepper, "ELF handling for thread-local storage", section 4.4.6. */
static void look_for_thread_pointer(Function *function, const ZydisDecodedInstruction *instruction)
{
    gboolean is_based = base_register(instruction) != NO_REGISTER;

    if (!(instruction->attributes & ZYDIS_ATTRIB_HAS_MODRM) ||
        is_relative_to_instruction(instruction) || instruction->raw.disp.value != 0 ||
        !has_prefix(instruction, PREFIX_FS))
        return;
    function->is_thread_base_used = TRUE;
    if (instruction->opcode_map == ZYDIS_OPCODE_MAP_DEFAULT && instruction->opcode == 0x8b &&
        !is_based)
        function->thread_pointer = extended(instruction, instruction->raw.modrm.reg, FALSE);
}

/* Zeros for what the linker decides. bytes is the instruction at vaddr. */
static void mask(Function *function, guint64 vaddr, const ZydisDecodedInstruction *instruction,
                 guint8 *bytes)
{
    guint64 next = vaddr + instruction->length;

    if (is_displacement_the_linkers(function, next, instruction))
        memset(bytes + instruction->raw.disp.offset, 0, instruction->raw.disp.size / 8);
    for (guint i = 0; i < 2; i++)
        if (instruction->raw.imm[i].size &&
            is_immediate_the_linkers(function, next, instruction, i))
            memset(bytes + instruction->raw.imm[i].offset, 0, instruction->raw.imm[i].size / 8);
    look_for_thread_pointer(function, instruction);
}

static gboolean is_padding(const ZydisDecodedInstruction *instruction)
{
    return instruction->mnemonic == ZYDIS_MNEMONIC_NOP ||
           instruction->mnemonic == ZYDIS_MNEMONIC_INT3;
}

/* --- names --- */

/* Masks the code in place; how many bytes of it are not padding, or 0: it cannot be decoded. */
static gsize mask_all(const ZydisDecoder *decoder, Function *function, guint8 *code)
{
    ZydisDecodedInstruction instruction;
    gsize n_used = 0;

    for (gsize at = 0; at < function->n_bytes; at += instruction.length) {
        if (ZYAN_FAILED(ZydisDecoderDecodeInstruction(decoder, NULL, code + at,
                                                      function->n_bytes - at, &instruction)))
            return 0;
        mask(function, function->start + at, &instruction, code + at);
        if (!is_padding(&instruction))
            n_used = at + instruction.length;
    }
    return n_used;
}

gboolean rs_code_fingerprint(const RsElf *elf, guint64 start, guint64 n_bytes, guint64 *fingerprint)
{
    Function function = {.elf = elf,
                         .start = start,
                         .n_bytes = n_bytes,
                         .is_fixed = is_linked_for_one_address(elf),
                         .thread_pointer = NO_REGISTER};
    ZydisDecoder decoder;
    RsSipHash hash;
    gsize n_left, n_used;
    const guint8 *code = rs_elf_at_vaddr(elf, start, &n_left);
    g_autofree guint8 *masked = NULL;

    if (!code || n_bytes == 0 || n_bytes > MIN(n_left, FUNCTION_LIMIT_BYTES) ||
        ZYAN_FAILED(ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64)) ||
        ZYAN_FAILED(ZydisDecoderEnableMode(&decoder, ZYDIS_DECODER_MODE_MINIMAL, ZYAN_TRUE)))
        return FALSE;
    masked = g_memdup2(code, n_bytes);
    n_used = mask_all(&decoder, &function, masked);
    if (n_used && function.is_thread_base_used) /* offsets may stand before it is seen */
        mask_all(&decoder, &function, masked);
    rs_siphash_init(&hash, KEY_CODE, 0);
    rs_siphash_add(&hash, masked, n_used);
    *fingerprint = rs_siphash_value(&hash);
    return n_used > 0;
}

char *rs_code_name(const RsElf *elf, guint64 start, guint64 n_bytes)
{
    guint64 fingerprint;

    if (!rs_code_fingerprint(elf, start, n_bytes, &fingerprint))
        return g_strdup_printf("fn_at_%" G_GINT64_MODIFIER "x", start);
    return g_strdup_printf("fn_%0*" G_GINT64_MODIFIER "x", SHOWN_BITS / 4,
                           fingerprint >> (64 - SHOWN_BITS));
}

gboolean rs_code_content_hash(RsElf *elf, guint64 *hash)
{
    RsElfSection text, frames = {0};
    RsSipHash state;
    guint64 sizes[2];

    if (!rs_elf_section(elf, ".text", &text) || text.n_bytes == 0)
        return FALSE;
    rs_elf_section(elf, ".eh_frame", &frames);
    sizes[0] = GUINT64_TO_LE((guint64)text.n_bytes);
    sizes[1] = GUINT64_TO_LE((guint64)frames.n_bytes);
    rs_siphash_init(&state, KEY_CONTENT, 0);
    rs_siphash_add(&state, sizes, sizeof sizes);
    rs_siphash_add(&state, text.bytes, text.n_bytes);
    if (frames.n_bytes)
        rs_siphash_add(&state, frames.bytes, frames.n_bytes);
    *hash = rs_siphash_value(&state);
    return TRUE;
}
