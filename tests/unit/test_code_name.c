/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of code that is laid out by hand, where each byte is known, and bounds of functions in a
 * real program, whole and damaged. */
#include "symbol/code_name.h"

#include <check.h>
#include <elf.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/run.h"

#define CODE_OFFSET 0x1000 /* in the file */

static char *program;

static void set_up(void)
{
    const char *build = g_getenv("BUILD") ? g_getenv("BUILD") : "build/release";

    program = g_build_filename(build, "tests", "programs", "unwind_target", NULL);
}

static void tear_down(void)
{
    g_free(program);
}

/* A file whose only segment has the code at vaddr, with 64 KB of memory. */
static RsElf *file_of(const guint8 *code, gsize n_bytes, guint64 vaddr, gboolean is_fixed)
{
    g_autofree guint8 *image = g_malloc0(CODE_OFFSET + n_bytes);
    Elf64_Ehdr header = {
        .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
        .e_type = is_fixed ? ET_EXEC : ET_DYN,
        .e_machine = EM_X86_64,
        .e_version = EV_CURRENT,
        .e_phoff = sizeof(Elf64_Ehdr),
        .e_ehsize = sizeof(Elf64_Ehdr),
        .e_phentsize = sizeof(Elf64_Phdr),
        .e_phnum = 1};
    Elf64_Phdr segment = {.p_type = PT_LOAD,
                          .p_flags = PF_R | PF_X,
                          .p_offset = CODE_OFFSET,
                          .p_vaddr = vaddr,
                          .p_filesz = n_bytes,
                          .p_memsz = 0x10000,
                          .p_align = 0x1000};
    RsElf *elf;

    memcpy(image, &header, sizeof header);
    memcpy(image + sizeof header, &segment, sizeof segment);
    memcpy(image + CODE_OFFSET, code, n_bytes);
    elf = rs_elf_from_bytes(image, CODE_OFFSET + n_bytes, "made", NULL);
    ck_assert_ptr_nonnull(elf);
    return elf;
}

static guint64 fingerprint(const guint8 *code, gsize n_bytes, guint64 vaddr, gboolean is_fixed)
{
    g_autoptr(RsElf) elf = file_of(code, n_bytes, vaddr, is_fixed);
    guint64 value;

    ck_assert(rs_code_fingerprint(elf, vaddr, n_bytes, &value));
    return value;
}

/* TRUE: both have one name, as parts of files that are linked for any address, at two of them. */
static gboolean is_same(const guint8 *one, gsize n_one, const guint8 *other, gsize n_other)
{
    return fingerprint(one, n_one, 0x1000, FALSE) == fingerprint(other, n_other, 0x7fff0, FALSE);
}

#define IS_SAME(one, other) is_same(one, sizeof(one), other, sizeof(other))

/* --- what the linker decides --- */

START_TEST(a_function_keeps_its_name_where_its_calls_lead_elsewhere)
{
    const guint8 one[] = {0x53,                   /* push rbx */
                          0xe8, 1,    2, 3, 4,    /* call */
                          0x0f, 0x84, 9, 9, 1, 0, /* je out of it */
                          0x5b,                   /* pop rbx */
                          0xe9, 5,    6, 7, 0};   /* jmp */
    const guint8 other[] = {0x53, 0xe8, 0x10, 0x20, 0x30, 0xff, 0x0f, 0x84, 0x77,
                            7,    7,    0,    0x5b, 0xe9, 0x99, 0x99, 0x99, 0xff};

    ck_assert(IS_SAME(one, other));
}
END_TEST

START_TEST(a_jump_within_the_function_counts)
{
    const guint8 one[] = {0x74, 2, 0x53, 0x5b, 0x90, 0xc3};
    const guint8 other[] = {0x74, 3, 0x53, 0x5b, 0x90, 0xc3};
    const guint8 near[] = {0x0f, 0x84, 1, 0, 0, 0, 0x53, 0xc3};
    const guint8 nearer[] = {0x0f, 0x84, 0, 0, 0, 0, 0x53, 0xc3};

    ck_assert(!IS_SAME(one, other));
    ck_assert(!IS_SAME(near, nearer));
}
END_TEST

START_TEST(data_relative_to_the_instruction_may_move)
{
    const guint8 one[] = {0x48, 0x8d, 0x05, 1, 2,    3,    0,       /* lea rax, [rip + x] */
                          0xf2, 0x0f, 0x59, 5, 0x44, 0x55, 0x66, 0, /* mulsd xmm0, [rip + x] */
                          0xc7, 0x05, 9,    9, 9,    0,    7,    0, 0, 0, /* mov [rip + x], 7 */
                          0xc3};
    guint8 other[sizeof one];

    memcpy(other, one, sizeof one);
    other[3] = 0x55, other[11] = 0x99, other[17] = 0x11;
    ck_assert(IS_SAME(one, other));
    other[21] = 8; /* what is stored there is the function's own */
    ck_assert(!IS_SAME(one, other));
}
END_TEST

START_TEST(places_in_thread_local_storage_may_move)
{
    const guint8 one[] = {0x64, 0x48, 0x8b, 4,    0x25, 0xf0, 0xff, 0xff, 0xff, /* fs:[-16] */
                          0x64, 0x4c, 0x8b, 0x1c, 0x25, 0,    0,    0,    0,    /* mov r11, fs:0 */
                          0x49, 0x8d, 0x83, 0xe0, 0xff, 0xff, 0xff, /* lea rax, [r11 - 32] */
                          0xc3};
    guint8 other[sizeof one];

    memcpy(other, one, sizeof one);
    other[5] = 0x80, other[21] = 0x40;
    ck_assert(IS_SAME(one, other));
    other[20] = 0x80; /* relative to rax, which is no thread pointer */
    other[19] = 0x8d, other[18] = 0x48;
    ck_assert(!IS_SAME(one, other));
}
END_TEST

/* mov rax, -64; mov fs:[rax], edx: what a linker makes of a load of the offset */
START_TEST(an_offset_that_the_linker_made_an_immediate_may_move)
{
    const guint8 one[] = {0x48, 0xc7, 0xc0, 0xc0, 0xff, 0xff, 0xff, 0x64, 0x89, 0x10, 0xc3};
    const guint8 other[] = {0x48, 0xc7, 0xc0, 0x80, 0xff, 0xff, 0xff, 0x64, 0x89, 0x10, 0xc3};
    const guint8 plain[] = {0x48, 0xc7, 0xc0, 0xc0, 0xff, 0xff, 0xff, 0x67, 0x89, 0x10, 0xc3};
    const guint8 plain_other[] = {0x48, 0xc7, 0xc0, 0x80, 0xff, 0xff, 0xff, 0x67, 0x89, 0x10, 0xc3};

    ck_assert(IS_SAME(one, other));
    ck_assert(!IS_SAME(plain, plain_other));
}
END_TEST

START_TEST(the_place_of_the_stack_protector_counts)
{
    const guint8 one[] = {0x64, 0x48, 0x8b, 4, 0x25, 0x28, 0, 0, 0, 0xc3};
    const guint8 other[] = {0x64, 0x48, 0x8b, 4, 0x25, 0x30, 0, 0, 0, 0xc3};

    ck_assert(!IS_SAME(one, other));
}
END_TEST

START_TEST(addresses_count_only_where_they_are_none)
{
    /* mov edi, 0x40x010; movabs rax, 0x40x020; jmp [rax*8 + 0x40x030]; mov eax, 0x1234 */
    const guint8 one[] = {0xbf, 0x10, 0x10, 0x40, 0,    0x48, 0xb8, 0x20, 0x10, 0x40, 0,    0, 0, 0,
                          0,    0xff, 0x24, 0xc5, 0x30, 0x10, 0x40, 0,    0xb8, 0x34, 0x12, 0, 0};
    guint8 other[sizeof one];

    memcpy(other, one, sizeof one);
    other[2] = 0x20, other[8] = 0x20, other[19] = 0x20;
    ck_assert_uint_eq(fingerprint(one, sizeof one, 0x400000, TRUE),
                      fingerprint(other, sizeof one, 0x400800, TRUE));
    /* the same numbers are constants where the file is not linked for an address */
    ck_assert_uint_ne(fingerprint(one, sizeof one, 0x400000, FALSE),
                      fingerprint(other, sizeof one, 0x400800, FALSE));
    other[23] = 0x35; /* and one that is no address counts in both */
    ck_assert_uint_ne(fingerprint(one, sizeof one, 0x400000, TRUE),
                      fingerprint(other, sizeof one, 0x400800, TRUE));
}
END_TEST

/* --- what the function is --- */

START_TEST(each_byte_of_an_operand_counts)
{
    const guint8 code[] = {0x48, 0x81, 0xec, 0x10, 1,    0, 0, /* sub rsp, 272 */
                           0x48, 0x89, 0x44, 0x24, 8,          /* mov [rsp + 8], rax */
                           0x48, 0x8b, 0x83, 0,    2,    0, 0, /* mov rax, [rbx + 512] */
                           0xb9, 0x78, 0x56, 0x34, 0x12,       /* mov ecx, 0x12345678 */
                           0xc3};
    static const guint operands[] = {3, 4, 11, 15, 16, 20, 21, 22, 23};

    for (guint i = 0; i < G_N_ELEMENTS(operands); i++) {
        guint8 changed[sizeof code];

        memcpy(changed, code, sizeof code);
        changed[operands[i]] ^= 1;
        ck_assert_msg(!IS_SAME(code, changed), "byte %u", operands[i]);
    }
}
END_TEST

START_TEST(padding_behind_a_function_does_not_count)
{
    const guint8 bare[] = {0x31, 0xc0, 0xc3};
    const guint8 nops[] = {0x31, 0xc0, 0xc3, 0x66, 0x2e, 0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0, 0x90};
    const guint8 traps[] = {0x31, 0xc0, 0xc3, 0xcc, 0xcc};
    const guint8 inside[] = {0x31, 0xc0, 0x90, 0xc3};

    ck_assert(IS_SAME(bare, nops));
    ck_assert(IS_SAME(bare, traps));
    ck_assert(!IS_SAME(bare, inside));
}
END_TEST

START_TEST(names_are_of_twelve_digits_and_of_the_address_where_nothing_decodes)
{
    const guint8 code[] = {0x31, 0xc0, 0xc3}, no_code[] = {0x31, 0xc0, 0x06, 0xc3},
                 cut[] = {0xe8, 1, 2}, padding[] = {0x90, 0xcc};
    g_autoptr(RsElf) elf = file_of(code, sizeof code, 0x2000, FALSE),
                     bad = file_of(no_code, sizeof no_code, 0x2000, FALSE),
                     short_one = file_of(cut, sizeof cut, 0x2000, FALSE),
                     empty = file_of(padding, sizeof padding, 0x2000, FALSE);
    g_autofree char *name = rs_code_name(elf, 0x2000, 3), *bad_name = rs_code_name(bad, 0x2000, 4),
                    *cut_name = rs_code_name(short_one, 0x2000, 3),
                    *empty_name = rs_code_name(empty, 0x2000, 2);

    ck_assert_uint_eq(strlen(name), 15);
    ck_assert(g_str_has_prefix(name, "fn_"));
    ck_assert_uint_eq(strspn(name + 3, "0123456789abcdef"), 12);
    ck_assert_str_eq(bad_name, "fn_at_2000");
    ck_assert_str_eq(cut_name, "fn_at_2000");
    ck_assert_str_eq(empty_name, "fn_at_2000");
}
END_TEST

START_TEST(code_beyond_the_file_has_no_fingerprint)
{
    const guint8 code[] = {0x31, 0xc0, 0xc3};
    g_autoptr(RsElf) elf = file_of(code, sizeof code, 0x2000, FALSE);
    guint64 value;

    ck_assert(rs_code_fingerprint(elf, 0x2000, 3, &value));
    ck_assert(!rs_code_fingerprint(elf, 0x2000, 4, &value));
    ck_assert(!rs_code_fingerprint(elf, 0x2000, 0, &value));
    ck_assert(!rs_code_fingerprint(elf, 0x2000, G_MAXUINT64, &value));
    ck_assert(!rs_code_fingerprint(elf, 0x1fff, 3, &value));
    ck_assert(
        !rs_code_fingerprint(elf, 0x3000, 3, &value)); /* memory that the file does not fill */
    ck_assert(!rs_code_fingerprint(elf, G_MAXUINT64, 3, &value));
}
END_TEST

/* --- bounds --- */

static char *contents_of(const char *path, gsize *n_bytes)
{
    char *contents;

    ck_assert(g_file_get_contents(path, &contents, n_bytes, NULL));
    return contents;
}

static RsElf *elf_of(const char *contents, gsize n_bytes)
{
    RsElf *elf = rs_elf_from_bytes(contents, n_bytes, "copy", NULL);

    ck_assert_ptr_nonnull(elf);
    return elf;
}

static Elf64_Shdr *section_header(char *contents, const char *name)
{
    Elf64_Ehdr *header = (Elf64_Ehdr *)(void *)contents;
    Elf64_Shdr *sections = (Elf64_Shdr *)(void *)(contents + header->e_shoff);
    const char *names = contents + sections[header->e_shstrndx].sh_offset;

    for (guint i = 0; i < header->e_shnum; i++)
        if (g_str_equal(names + sections[i].sh_name, name))
            return &sections[i];
    return NULL;
}

/* How many functions of .symtab have bounds of just their size; n: of how many. */
static guint n_bounded(char *contents, const RsCodeBounds *bounds, guint *n)
{
    Elf64_Shdr *table = section_header(contents, ".symtab");
    const Elf64_Sym *symbols;
    guint n_found = 0;

    ck_assert_ptr_nonnull(table);
    symbols = (const Elf64_Sym *)(void *)(contents + table->sh_offset);
    *n = 0;
    for (guint i = 0; i < table->sh_size / sizeof *symbols; i++) {
        guint64 start, n_bytes;

        if (ELF64_ST_TYPE(symbols[i].st_info) != STT_FUNC || symbols[i].st_size < 2)
            continue;
        ++*n;
        n_found += rs_code_bounds_find(bounds, symbols[i].st_value, &start, &n_bytes) &&
                   start == symbols[i].st_value && n_bytes == symbols[i].st_size &&
                   rs_code_bounds_find(bounds, start + n_bytes - 1, &start, &n_bytes) &&
                   start == symbols[i].st_value;
    }
    return n_found;
}

START_TEST(bounds_are_those_of_the_symbol_table)
{
    gsize n_bytes;
    g_autofree char *contents = contents_of(program, &n_bytes);
    g_autoptr(RsElf) elf = elf_of(contents, n_bytes);
    g_autoptr(RsCodeBounds) bounds = rs_code_bounds_new(elf);
    guint n, n_found = n_bounded(contents, bounds, &n);
    guint64 start = 0, n_function_bytes = 0, last_end = 0;

    ck_assert_uint_gt(n, 10);
    ck_assert_uint_ge(n_found * 100, n * 95); /* some assembler tells nothing of its frames */
    for (guint i = 0; i < rs_code_bounds_n(bounds); i++) {
        rs_code_bounds_at(bounds, i, &start, &n_function_bytes);
        ck_assert_uint_ge(start, last_end);
        ck_assert_uint_gt(n_function_bytes, 0);
        last_end = start + n_function_bytes;
    }
    ck_assert(!rs_code_bounds_find(bounds, 0, &start, &n_function_bytes));
    ck_assert(!rs_code_bounds_find(bounds, last_end, &start, &n_function_bytes));
    ck_assert(!rs_code_bounds_find(bounds, G_MAXUINT64, &start, &n_function_bytes));
}
END_TEST

/* _init and _fini are all of their sections, and nothing tells of their frames. */
START_TEST(what_the_start_files_bring_along_lies_between_functions)
{
    static const char *const names[] = {".init", ".fini"};
    gsize n_bytes;
    g_autofree char *contents = contents_of(program, &n_bytes);
    g_autoptr(RsElf) elf = elf_of(contents, n_bytes);
    g_autoptr(RsCodeBounds) bounds = rs_code_bounds_new(elf);
    guint64 start, n_found_bytes, next = 0, n_next_bytes = 0, n_gaps = 0;

    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        const Elf64_Shdr *section = section_header(contents, names[i]);
        guint64 last = section->sh_addr + section->sh_size - 1;

        ck_assert(!rs_code_bounds_find(bounds, last, &start, &n_found_bytes));
        ck_assert(rs_code_bounds_find_gap(bounds, last, &start, &n_found_bytes));
        ck_assert_uint_eq(start, section->sh_addr);
        ck_assert_uint_eq(n_found_bytes, section->sh_size);
        ck_assert(!rs_code_bounds_find_gap(bounds, last + 1, &start, &n_found_bytes) ||
                  start > last);
    }
    for (guint i = 0; i < rs_code_bounds_n(bounds); i++) {
        rs_code_bounds_at(bounds, i, &next, &n_next_bytes);
        ck_assert(!rs_code_bounds_find_gap(bounds, next, &start, &n_found_bytes));
        if (!rs_code_bounds_find_gap(bounds, next - 1, &start, &n_found_bytes))
            continue;
        ck_assert_uint_eq(start + n_found_bytes, next);
        ck_assert_uint_le(n_found_bytes, 512);
        n_gaps++;
    }
    ck_assert_uint_gt(n_gaps, 0);
    ck_assert(!rs_code_bounds_find_gap(bounds, 0, &start, &n_found_bytes));
    ck_assert(!rs_code_bounds_find_gap(bounds, G_MAXUINT64, &start, &n_found_bytes));
}
END_TEST

START_TEST(a_damaged_search_table_costs_no_bounds)
{
    gsize n_bytes;
    g_autofree char *contents = contents_of(program, &n_bytes);
    g_autoptr(RsElf) whole = elf_of(contents, n_bytes), damaged = NULL;
    g_autoptr(RsCodeBounds) bounds = rs_code_bounds_new(whole), found = NULL;
    Elf64_Shdr *table = section_header(contents, ".eh_frame_hdr");

    memset(contents + table->sh_offset, 0xff, table->sh_size);
    damaged = elf_of(contents, n_bytes);
    found = rs_code_bounds_new(damaged);
    ck_assert_uint_gt(rs_code_bounds_n(found), 10);
    ck_assert_uint_eq(rs_code_bounds_n(found), rs_code_bounds_n(bounds));
}
END_TEST

/* The third function's record gets a size that leads out of the section: what follows is reached by
 * the search table alone. */
START_TEST(a_damaged_record_costs_itself_alone)
{
    gsize n_bytes;
    g_autofree char *contents = contents_of(program, &n_bytes);
    g_autoptr(RsElf) whole = elf_of(contents, n_bytes), damaged = NULL;
    g_autoptr(RsCodeBounds) bounds = rs_code_bounds_new(whole), found = NULL;
    Elf64_Shdr *frames = section_header(contents, ".eh_frame");
    char *at = contents + frames->sh_offset;
    guint32 size, cie;

    for (guint n_fdes = 0;; at += 4 + size) {
        memcpy(&size, at, sizeof size);
        memcpy(&cie, at + 4, sizeof cie);
        n_fdes += cie != 0;
        if (n_fdes == 3)
            break;
    }
    size = 0x7fffffff;
    memcpy(at, &size, sizeof size);
    damaged = elf_of(contents, n_bytes);
    found = rs_code_bounds_new(damaged);
    ck_assert_uint_eq(rs_code_bounds_n(found) + 1, rs_code_bounds_n(bounds));
    /* without the table, only what comes before is left */
    frames = section_header(contents, ".eh_frame_hdr");
    memset(contents + frames->sh_offset, 0, frames->sh_size);
    g_clear_pointer(&damaged, rs_elf_free);
    g_clear_pointer(&found, rs_code_bounds_free);
    damaged = elf_of(contents, n_bytes);
    found = rs_code_bounds_new(damaged);
    ck_assert_uint_eq(rs_code_bounds_n(found), 2);
}
END_TEST

START_TEST(bounds_need_no_section_headers)
{
    gsize n_bytes;
    g_autofree char *contents = contents_of(program, &n_bytes);
    g_autoptr(RsElf) whole = elf_of(contents, n_bytes), bare = NULL;
    g_autoptr(RsCodeBounds) bounds = rs_code_bounds_new(whole), found = NULL;
    Elf64_Ehdr *header = (Elf64_Ehdr *)(void *)contents;

    header->e_shoff = header->e_shnum = header->e_shstrndx = 0;
    bare = elf_of(contents, n_bytes);
    found = rs_code_bounds_new(bare);
    ck_assert_uint_gt(rs_code_bounds_n(found), 10);
    ck_assert_uint_le(rs_code_bounds_n(found), rs_code_bounds_n(bounds));
}
END_TEST

/* As gcc -fno-asynchronous-unwind-tables -g makes it, and as it is left in debug files. */
START_TEST(debug_frame_gives_bounds_where_there_is_no_eh_frame)
{
    g_autofree char *folder = g_dir_make_tmp("code-XXXXXX", NULL),
                    *path = g_build_filename(folder, "program", NULL), *command = NULL,
                    *contents = NULL;
    gsize n_bytes;
    g_autoptr(RsElf) elf = NULL;
    g_autoptr(RsCodeBounds) bounds = NULL;
    guint64 start, n_function_bytes;
    RsElfSection section;
    const Elf64_Sym *symbols;
    Elf64_Shdr *table;
    guint n_found = 0;

    command = g_strdup_printf(
        "printf 'int f(int a) { return a * 3; } int main(int n, char **v) { return f(n); }' | "
        "gcc -x c -O0 -g -fno-asynchronous-unwind-tables -nostartfiles -Wl,-e,main "
        "-o '%s' - 2>/dev/null",
        path);
    ck_assert_int_eq(system(command), 0);
    contents = contents_of(path, &n_bytes);
    elf = elf_of(contents, n_bytes);
    ck_assert(rs_elf_section(elf, ".debug_frame", &section));
    bounds = rs_code_bounds_new(elf);
    table = section_header(contents, ".symtab");
    symbols = (const Elf64_Sym *)(void *)(contents + table->sh_offset);
    for (guint i = 0; i < table->sh_size / sizeof *symbols; i++)
        if (ELF64_ST_TYPE(symbols[i].st_info) == STT_FUNC &&
            rs_code_bounds_find(bounds, symbols[i].st_value, &start, &n_function_bytes)) {
            ck_assert_uint_eq(start, symbols[i].st_value);
            ck_assert_uint_eq(n_function_bytes, symbols[i].st_size);
            n_found++;
        }
    ck_assert_uint_eq(n_found, 2);
    unlink(path);
    rmdir(folder);
}
END_TEST

/* --- content --- */

START_TEST(a_stripped_copy_has_the_hash_of_its_original)
{
    g_autofree char *folder = g_dir_make_tmp("code-XXXXXX", NULL),
                    *path = g_build_filename(folder, "stripped", NULL),
                    *command = g_strdup_printf("strip -o '%s' '%s'", path, program),
                    *contents = NULL, *stripped_contents = NULL;
    gsize n_bytes, n_stripped_bytes;
    g_autoptr(RsElf) elf = NULL, stripped = NULL, changed = NULL;
    guint64 hash, stripped_hash, changed_hash;

    if (system(command) != 0) {
        printf("SKIP: strip is not here\n");
        rmdir(folder);
        return;
    }
    contents = contents_of(program, &n_bytes);
    stripped_contents = contents_of(path, &n_stripped_bytes);
    ck_assert_uint_lt(n_stripped_bytes, n_bytes);
    elf = elf_of(contents, n_bytes);
    stripped = elf_of(stripped_contents, n_stripped_bytes);
    ck_assert(rs_code_content_hash(elf, &hash));
    ck_assert(rs_code_content_hash(stripped, &stripped_hash));
    ck_assert_uint_eq(hash, stripped_hash);
    contents[section_header(contents, ".text")->sh_offset + 100] ^= 1;
    changed = elf_of(contents, n_bytes);
    ck_assert(rs_code_content_hash(changed, &changed_hash));
    ck_assert_uint_ne(hash, changed_hash);
    unlink(path);
    rmdir(folder);
}
END_TEST

START_TEST(a_file_without_text_has_no_content_hash)
{
    const guint8 code[] = {0xc3};
    g_autoptr(RsElf) elf = file_of(code, sizeof code, 0x2000, FALSE);
    guint64 hash;

    ck_assert(!rs_code_content_hash(elf, &hash));
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("code_name");

    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, a_function_keeps_its_name_where_its_calls_lead_elsewhere);
    tcase_add_test(tcase, a_jump_within_the_function_counts);
    tcase_add_test(tcase, data_relative_to_the_instruction_may_move);
    tcase_add_test(tcase, places_in_thread_local_storage_may_move);
    tcase_add_test(tcase, an_offset_that_the_linker_made_an_immediate_may_move);
    tcase_add_test(tcase, the_place_of_the_stack_protector_counts);
    tcase_add_test(tcase, addresses_count_only_where_they_are_none);
    tcase_add_test(tcase, each_byte_of_an_operand_counts);
    tcase_add_test(tcase, padding_behind_a_function_does_not_count);
    tcase_add_test(tcase, names_are_of_twelve_digits_and_of_the_address_where_nothing_decodes);
    tcase_add_test(tcase, code_beyond_the_file_has_no_fingerprint);
    tcase_add_test(tcase, bounds_are_those_of_the_symbol_table);
    tcase_add_test(tcase, what_the_start_files_bring_along_lies_between_functions);
    tcase_add_test(tcase, a_damaged_search_table_costs_no_bounds);
    tcase_add_test(tcase, a_damaged_record_costs_itself_alone);
    tcase_add_test(tcase, bounds_need_no_section_headers);
    tcase_add_test(tcase, debug_frame_gives_bounds_where_there_is_no_eh_frame);
    tcase_add_test(tcase, a_stripped_copy_has_the_hash_of_its_original);
    tcase_add_test(tcase, a_file_without_text_has_no_content_hash);
    return run_tests("code_name", tcase);
}
