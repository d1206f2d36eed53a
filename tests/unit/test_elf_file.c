/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Real files, what other tools say of them, and files cut or changed in every place. */
#include "elf/elf_file.h"

#include <check.h>
#include <elf.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "elf/file_map.h"
#include "tests/unit/run.h"

static char *program; /* a file to look at, with everything in it */
static char *folder;
static gchar *content;
static gsize n_content;

static void set_up(void)
{
    const char *build = g_getenv("BUILD") ? g_getenv("BUILD") : "build/release";

    program = g_build_filename(build, "tests", "programs", "unwind_target", NULL);
    folder = g_dir_make_tmp("elf-XXXXXX", NULL);
    ck_assert(g_file_get_contents(program, &content, &n_content, NULL));
}

static void tear_down(void)
{
    g_autofree char *command = g_strdup_printf("rm -rf '%s'", folder);

    ck_assert_int_eq(system(command), 0);
    g_free(program);
    g_free(folder);
    g_free(content);
}

static RsElf *open_path(const char *path, GError **error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    RsElf *elf;

    ck_assert_int_ge(fd, 0);
    elf = rs_elf_open_fd(fd, path, error);
    close(fd);
    return elf;
}

static RsElf *open_program(void)
{
    g_autoptr(GError) error = NULL;
    RsElf *elf = open_path(program, &error);

    ck_assert_msg(elf != NULL, "%s", error ? error->message : "");
    return elf;
}

static Elf64_Ehdr *header(void)
{
    return (Elf64_Ehdr *)(void *)content;
}

static Elf64_Phdr *segment(guint i)
{
    return (Elf64_Phdr *)(void *)(content + header()->e_phoff) + i;
}

/* TRUE when the tool is there and did it. */
static gboolean tool(const char *format, ...) G_GNUC_PRINTF(1, 2);
static gboolean tool(const char *format, ...)
{
    g_autofree char *command = NULL;
    va_list arguments;

    va_start(arguments, format);
    command = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    if (system(command) == 0)
        return TRUE;
    printf("SKIP: cannot run %s\n", command);
    return FALSE;
}

/* --- what there is --- */

START_TEST(segments_and_entry_are_those_of_the_headers)
{
    g_autoptr(RsElf) elf = open_program();
    guint n_segments, n_found = 0, n_executable = 0;
    const RsElfSegment *segments = rs_elf_segments(elf, &n_segments);

    for (guint i = 0; i < header()->e_phnum; i++) {
        if (segment(i)->p_type != PT_LOAD)
            continue;
        ck_assert_uint_lt(n_found, n_segments);
        ck_assert_uint_eq(segments[n_found].offset, segment(i)->p_offset);
        ck_assert_uint_eq(segments[n_found].vaddr, segment(i)->p_vaddr);
        ck_assert_uint_eq(segments[n_found].n_file_bytes, segment(i)->p_filesz);
        ck_assert_uint_eq(segments[n_found].n_memory_bytes, segment(i)->p_memsz);
        ck_assert_int_eq(segments[n_found].is_executable, (segment(i)->p_flags & PF_X) != 0);
        ck_assert_int_eq(segments[n_found].is_writable, (segment(i)->p_flags & PF_W) != 0);
        n_executable += segments[n_found].is_executable;
        n_found++;
    }
    ck_assert_uint_eq(n_found, n_segments);
    ck_assert_uint_eq(n_executable, 1);
    ck_assert_uint_eq(rs_elf_entry(elf), header()->e_entry);
    ck_assert_uint_eq(rs_elf_n_bytes(elf), n_content);
    ck_assert_int_eq(memcmp(rs_elf_bytes(elf), content, n_content), 0);
}
END_TEST

START_TEST(the_build_id_is_the_one_that_readelf_prints)
{
    g_autoptr(RsElf) elf = open_program();
    g_autofree char *command = g_strdup_printf("readelf -n '%s' 2>/dev/null", program);
    FILE *file = popen(command, "r");
    char line[512];
    const char *found = NULL;

    while (file && !found && fgets(line, sizeof line, file))
        found = strstr(line, "Build ID: ");
    pclose(file);
    if (!found) {
        printf("SKIP: readelf prints no build-id\n");
        return;
    }
    ck_assert_str_eq(rs_elf_build_id(elf), g_strstrip((char *)(guintptr)found + 10));
}
END_TEST

START_TEST(offsets_and_addresses_go_through_the_segments)
{
    g_autoptr(RsElf) elf = NULL;
    guint64 vaddr;
    gsize n_bytes;
    Elf64_Phdr *text = NULL;

    /* as lld lays out: the code's address is not its offset */
    for (guint i = 0; i < header()->e_phnum; i++)
        if (segment(i)->p_type == PT_LOAD && segment(i)->p_flags & PF_X)
            text = segment(i);
    ck_assert_ptr_nonnull(text);
    text->p_vaddr += 0x5000000;
    elf = rs_elf_from_bytes(content, n_content, "shifted", NULL);
    ck_assert_ptr_nonnull(elf);
    ck_assert(rs_elf_vaddr_of_offset(elf, text->p_offset + 16, &vaddr));
    ck_assert_uint_eq(vaddr, text->p_vaddr + 16);
    ck_assert(!rs_elf_vaddr_of_offset(elf, G_MAXUINT64, &vaddr));
    ck_assert_ptr_eq(rs_elf_at_vaddr(elf, text->p_vaddr + 16, &n_bytes),
                     rs_elf_bytes(elf) + text->p_offset + 16);
    ck_assert_uint_eq(n_bytes, text->p_filesz - 16);
    ck_assert_ptr_null(rs_elf_at_vaddr(elf, text->p_vaddr + text->p_filesz, &n_bytes));
    ck_assert_ptr_null(rs_elf_at_vaddr(elf, text->p_vaddr - 1, &n_bytes));
}
END_TEST

/* --- sections --- */

START_TEST(sections_are_found_by_name_and_without_content_not_at_all)
{
    g_autoptr(RsElf) elf = open_program();
    RsElfSection text, again;

    ck_assert(rs_elf_section(elf, ".text", &text));
    ck_assert(rs_elf_section(elf, ".text", &again));
    ck_assert_ptr_eq(text.bytes, again.bytes);
    ck_assert_uint_gt(text.n_bytes, 0);
    ck_assert_uint_gt(text.vaddr, 0);
    ck_assert(rs_elf_section(elf, ".debug_info", &again));
    ck_assert_uint_eq(again.vaddr, 0); /* it is not loaded */
    ck_assert(!rs_elf_section(elf, ".bss", &again));
    ck_assert(!rs_elf_section(elf, ".none", &again));
}
END_TEST

START_TEST(unwind_information_is_found_without_section_headers)
{
    g_autoptr(RsElf) whole = open_program(), stripped = NULL;
    RsElfSection wanted, found;

    header()->e_shoff = 0;
    header()->e_shnum = 0;
    header()->e_shstrndx = SHN_UNDEF;
    stripped = rs_elf_from_bytes(content, n_content, "stripped", NULL);
    ck_assert_ptr_nonnull(stripped);
    ck_assert(!rs_elf_section(stripped, ".text", &found));
    ck_assert(rs_elf_section(whole, ".eh_frame", &wanted));
    ck_assert(rs_elf_section(stripped, ".eh_frame", &found));
    ck_assert_uint_eq(found.vaddr, wanted.vaddr);
    ck_assert_uint_eq(found.n_bytes, wanted.n_bytes);
    ck_assert_int_eq(memcmp(found.bytes, wanted.bytes, wanted.n_bytes), 0);
    ck_assert(rs_elf_section(whole, ".eh_frame_hdr", &wanted));
    ck_assert(rs_elf_section(stripped, ".eh_frame_hdr", &found));
    ck_assert_uint_eq(found.vaddr, wanted.vaddr);
    ck_assert_uint_eq(found.n_bytes, wanted.n_bytes);
    ck_assert_str_eq(rs_elf_build_id(stripped), rs_elf_build_id(whole));
}
END_TEST

START_TEST(compressed_sections_are_decompressed)
{
    g_autofree char *path = g_build_filename(folder, "compressed", NULL);
    g_autoptr(RsElf) whole = open_program(), compressed = NULL;
    RsElfSection wanted, found;

    if (!tool("objcopy --compress-debug-sections=zlib-gabi '%s' '%s'", program, path))
        return;
    compressed = open_path(path, NULL);
    ck_assert_ptr_nonnull(compressed);
    ck_assert_uint_lt(rs_elf_n_bytes(compressed), rs_elf_n_bytes(whole));
    ck_assert(rs_elf_section(whole, ".debug_info", &wanted));
    ck_assert(rs_elf_section(compressed, ".debug_info", &found));
    ck_assert_uint_eq(found.n_bytes, wanted.n_bytes);
    ck_assert_int_eq(memcmp(found.bytes, wanted.bytes, wanted.n_bytes), 0);
    wanted = found;
    ck_assert(rs_elf_section(compressed, ".debug_info", &found));
    ck_assert_ptr_eq(found.bytes, wanted.bytes); /* once */
}
END_TEST

/* The section header of that name in content. */
static Elf64_Shdr *section_header(const char *name)
{
    Elf64_Shdr *headers = (Elf64_Shdr *)(void *)(content + header()->e_shoff);
    const char *names = content + headers[header()->e_shstrndx].sh_offset;

    for (guint i = 0; i < header()->e_shnum; i++)
        if (strcmp(names + headers[i].sh_name, name) == 0)
            return &headers[i];
    ck_abort_msg("no section %s", name);
}

START_TEST(a_compressed_section_that_lies_about_its_size_is_none)
{
    static const guint64 sizes[] = {0, G_MAXUINT64, (guint64)1 << 33, 100000000};
    Elf64_Shdr *section = section_header(".debug_info");
    Elf64_Chdr compression = {.ch_type = ELFCOMPRESS_ZLIB, .ch_addralign = 1};

    section->sh_flags |= SHF_COMPRESSED;
    for (guint i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_autoptr(RsElf) elf = NULL;
        RsElfSection found;

        compression.ch_size = sizes[i];
        memcpy(content + section->sh_offset, &compression, sizeof compression);
        elf = rs_elf_from_bytes(content, n_content, "lying", NULL);
        ck_assert_ptr_nonnull(elf);
        ck_assert(!rs_elf_section(elf, ".debug_info", &found));
    }
}
END_TEST

START_TEST(a_section_outside_of_the_file_does_not_exist)
{
    static const struct {
        guint64 offset, n_bytes;
    } wrong[] = {{G_MAXUINT64, 16}, {16, G_MAXUINT64}, {G_MAXUINT64 - 8, 16}, {1u << 30, 16}};
    Elf64_Shdr *section = section_header(".text");

    for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autoptr(RsElf) elf = NULL;
        RsElfSection found;

        section->sh_offset = wrong[i].offset;
        section->sh_size = wrong[i].n_bytes;
        elf = rs_elf_from_bytes(content, n_content, "wrong", NULL);
        ck_assert_ptr_nonnull(elf);
        ck_assert(!rs_elf_section(elf, ".text", &found));
        ck_assert(rs_elf_section(elf, ".eh_frame", &found));
    }
}
END_TEST

/* --- damage --- */

static void expect_error(const void *bytes, gsize n_bytes, RsElfError code)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(RsElf) elf = rs_elf_from_bytes(bytes, n_bytes, "file", &error);

    ck_assert_ptr_null(elf);
    ck_assert(g_error_matches(error, RS_ELF_ERROR, (gint)code));
    ck_assert(g_str_has_prefix(error->message, "file: "));
}

START_TEST(what_is_no_elf_file_of_this_machine_is_refused)
{
    expect_error("", 0, RS_ELF_ERROR_NOT_ELF);
    expect_error("#!/bin/sh\n", 10, RS_ELF_ERROR_NOT_ELF);
    expect_error(content, sizeof(Elf64_Ehdr) - 1, RS_ELF_ERROR_NOT_ELF);
    header()->e_machine = EM_AARCH64;
    expect_error(content, n_content, RS_ELF_ERROR_NOT_ELF);
    header()->e_machine = EM_X86_64;
    header()->e_ident[EI_CLASS] = ELFCLASS32;
    expect_error(content, n_content, RS_ELF_ERROR_NOT_ELF);
}
END_TEST

START_TEST(folders_and_short_files_are_refused)
{
    g_autofree char *path = g_build_filename(folder, "short", NULL);
    g_autoptr(GError) of_folder = NULL, of_short = NULL;

    ck_assert(g_file_set_contents(path, "x", 1, NULL));
    ck_assert_ptr_null(open_path(folder, &of_folder));
    ck_assert(g_error_matches(of_folder, RS_ELF_ERROR, RS_ELF_ERROR_NOT_ELF));
    ck_assert_ptr_null(open_path(path, &of_short));
    ck_assert(g_error_matches(of_short, RS_ELF_ERROR, RS_ELF_ERROR_NOT_ELF));
}
END_TEST

/* Asks everything of an ELF file that may be damaged. */
static void ask_everything(RsElf *elf)
{
    static const char *const names[] = {".text",   ".eh_frame",   ".eh_frame_hdr",
                                        ".symtab", ".debug_info", ".note.gnu.build-id"};
    guint n_segments;
    const RsElfSegment *segments = rs_elf_segments(elf, &n_segments);
    guint64 vaddr, sum = 0;

    for (guint i = 0; i < n_segments; i++) {
        gsize n_bytes;
        const guint8 *bytes = rs_elf_at_vaddr(elf, segments[i].vaddr, &n_bytes);

        if (bytes && n_bytes)
            sum += bytes[0] + bytes[n_bytes - 1];
        rs_elf_vaddr_of_offset(elf, segments[i].offset, &vaddr);
    }
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        RsElfSection section;

        if (rs_elf_section(elf, names[i], &section) && section.n_bytes)
            sum += section.bytes[0] + section.bytes[section.n_bytes - 1];
    }
    ck_assert_uint_lt(sum, G_MAXUINT64);
}

START_TEST(a_file_cut_anywhere_is_read_as_far_as_it_goes)
{
    for (gsize n = 0; n < n_content; n += 97) {
        g_autoptr(RsElf) elf = rs_elf_from_bytes(content, n, "cut", NULL);

        if (elf)
            ask_everything(elf);
    }
}
END_TEST

START_TEST(headers_with_wrong_numbers_in_any_place_are_survived)
{
    static const guint64 wrong[] = {0, 1, 0x7fffffff, 0xffffffff, G_MAXINT64, G_MAXUINT64};
    gsize n_segments_bytes = header()->e_phnum * sizeof(Elf64_Phdr);

    for (gsize at = EI_NIDENT; at < header()->e_phoff + n_segments_bytes; at += 4)
        for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
            g_autofree gchar *changed = g_memdup2(content, n_content);
            g_autoptr(RsElf) elf = NULL;

            memcpy(changed + at, &wrong[i], at % 8 ? 4 : 8);
            elf = rs_elf_from_bytes(changed, n_content, "wrong", NULL);
            if (elf)
                ask_everything(elf);
        }
}
END_TEST

/* --- files that change --- */

START_TEST(a_file_that_is_deleted_stays_readable)
{
    g_autofree char *path = g_build_filename(folder, "copy", NULL);
    g_autoptr(RsElf) elf = NULL;

    ck_assert(g_file_set_contents(path, content, (gssize)n_content, NULL));
    elf = open_path(path, NULL);
    ck_assert_ptr_nonnull(elf);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(memcmp(rs_elf_bytes(elf), content, n_content), 0);
}
END_TEST

START_TEST(a_file_cut_short_while_it_is_mapped_reads_as_zeros)
{
    g_autofree char *path = g_build_filename(folder, "copy", NULL);
    g_autoptr(RsElf) elf = NULL;
    const guint8 *bytes;

    ck_assert(g_file_set_contents(path, content, (gssize)n_content, NULL));
    elf = open_path(path, NULL);
    ck_assert_ptr_nonnull(elf);
    bytes = rs_elf_bytes(elf);
    ck_assert_int_eq(bytes[0], 0x7f);
    ck_assert_int_eq(truncate(path, 0), 0);
    for (gsize i = 0; i < n_content; i++)
        ck_assert_int_eq(bytes[i], 0);
    ask_everything(elf);
}
END_TEST

START_TEST(other_bus_errors_are_still_fatal)
{
    g_autofree char *path = g_build_filename(folder, "copy", NULL);
    int status;
    pid_t child;

    ck_assert(g_file_set_contents(path, content, (gssize)n_content, NULL));
    child = fork();
    if (child == 0) {
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        const guint8 *bytes;

        signal(SIGBUS, SIG_DFL); /* a sanitizer may have put its own there */
        bytes = rs_file_map(fd, n_content);
        rs_file_unmap(bytes, n_content);
        raise(SIGBUS);
        _exit(0);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFSIGNALED(status));
    ck_assert_int_eq(WTERMSIG(status), SIGBUS);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("elf_file");

    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, segments_and_entry_are_those_of_the_headers);
    tcase_add_test(tcase, the_build_id_is_the_one_that_readelf_prints);
    tcase_add_test(tcase, offsets_and_addresses_go_through_the_segments);
    tcase_add_test(tcase, sections_are_found_by_name_and_without_content_not_at_all);
    tcase_add_test(tcase, unwind_information_is_found_without_section_headers);
    tcase_add_test(tcase, compressed_sections_are_decompressed);
    tcase_add_test(tcase, a_compressed_section_that_lies_about_its_size_is_none);
    tcase_add_test(tcase, a_section_outside_of_the_file_does_not_exist);
    tcase_add_test(tcase, what_is_no_elf_file_of_this_machine_is_refused);
    tcase_add_test(tcase, folders_and_short_files_are_refused);
    tcase_add_test(tcase, a_file_cut_anywhere_is_read_as_far_as_it_goes);
    tcase_add_test(tcase, headers_with_wrong_numbers_in_any_place_are_survived);
    tcase_add_test(tcase, a_file_that_is_deleted_stays_readable);
    tcase_add_test(tcase, a_file_cut_short_while_it_is_mapped_reads_as_zeros);
    tcase_add_test(tcase, other_bus_errors_are_still_fatal);
    return run_tests("elf_file", tcase);
}
