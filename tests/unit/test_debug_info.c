/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Programs compiled here, in every form that DWARF comes in, with symbols where the truth is known:
 * labels in the code of functions that are inlined. */
#include "symbol/debug_info.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/run.h"

#define FRAMES_LIMIT  64
#define N_CORRUPTIONS 400
#define N_THREADS     4

/* Line by line what the tests say. outer has a part that gcc moves away from the rest. */
static const char SOURCE[] =
    "volatile int sink;\n"                                              /* 1 */
    "__attribute__((cold, noinline)) void rare(int x) { sink += x; }\n" /* 2 */
    "static inline __attribute__((always_inline)) int leaf(int x)\n"    /* 3 */
    "{\n"                                                               /* 4 */
    "    __asm__ volatile(\".globl at_leaf\\nat_leaf: nop\");\n"        /* 5 */
    "    return x + sink;\n"                                            /* 6 */
    "}\n"                                                               /* 7 */
    "static inline __attribute__((always_inline)) int middle(int x)\n"  /* 8 */
    "{\n"                                                               /* 9 */
    "    return leaf(x) * 2;\n"                                         /* 10 */
    "}\n"                                                               /* 11 */
    "__attribute__((noinline)) int outer(int x)\n"                      /* 12 */
    "{\n"                                                               /* 13 */
    "    if (x == 7) {\n"                                               /* 14 */
    "        rare(x);\n"                                                /* 15 */
    "        __asm__ volatile(\".globl at_cold\\nat_cold: nop\");\n"    /* 16 */
    "        rare(x + sink);\n"                                         /* 17 */
    "    }\n"                                                           /* 18 */
    "    return middle(x);\n"                                           /* 19 */
    "}\n"                                                               /* 20 */
    "int main(int n, char **v) { (void)v; return outer(n); }\n";        /* 21 */

static char *folder;

static void set_up(void)
{
    g_autofree char *path = NULL;

    folder = g_dir_make_tmp("dwarf-XXXXXX", NULL);
    path = g_build_filename(folder, "fixture.c", NULL);
    ck_assert(g_file_set_contents(path, SOURCE, -1, NULL));
}

static void tear_down(void)
{
    g_autofree char *command = g_strdup_printf("rm -rf '%s'", folder);

    ck_assert_int_eq(system(command), 0);
    g_free(folder);
}

static void write_file(const char *name, const char *content)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);

    ck_assert(g_file_set_contents(path, content, -1, NULL));
}

/* In the folder. */
static gboolean runs(const char *format, ...) G_GNUC_PRINTF(1, 2);
static gboolean runs(const char *format, ...)
{
    va_list arguments;
    g_autofree char *inner = NULL, *command = NULL;

    va_start(arguments, format);
    inner = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    command = g_strdup_printf("cd '%s' && { %s; } >log 2>&1", folder, inner);
    return system(command) == 0;
}

static void must(const char *command)
{
    g_autofree char *log_path = g_build_filename(folder, "log", NULL), *log = NULL;

    if (runs("%s", command))
        return;
    (void)g_file_get_contents(log_path, &log, NULL, NULL);
    ck_abort_msg("%s: %s", command, log ? log : "");
}

/* Whether the compiler knows an option; says so when it does not. */
static gboolean knows(const char *options)
{
    if (runs("gcc %s -c -o probe.o fixture.c && rm -f probe.o probe.dwo", options))
        return TRUE;
    printf("SKIP: gcc %s cannot\n", options);
    return FALSE;
}

typedef struct {
    RsElf *elf;
    RsDebugInfo *info;
} Opened;

static Opened open_program(const char *name)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autoptr(GError) error = NULL;
    Opened opened = {0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    ck_assert_int_ge(fd, 0);
    opened.elf = rs_elf_open_fd(fd, path, &error);
    close(fd);
    ck_assert_msg(opened.elf != NULL, "%s", error ? error->message : "");
    opened.info = rs_debug_info_new(opened.elf, path, &error);
    ck_assert_msg(opened.info != NULL, "%s", error ? error->message : "no DWARF");
    return opened;
}

static void close_program(Opened *opened)
{
    rs_debug_info_free(opened->info);
    rs_elf_free(opened->elf);
}

/* Address of a symbol, by nm. */
static guint64 address_of(const char *program, const char *symbol)
{
    g_autofree char *path = g_build_filename(folder, program, NULL);
    g_autofree char *command = g_strdup_printf("nm '%s'", path), *output = NULL;
    g_autofree char *suffix = g_strdup_printf(" %s", symbol);
    g_auto(GStrv) lines = NULL;

    ck_assert(g_spawn_command_line_sync(command, &output, NULL, NULL, NULL));
    lines = g_strsplit(output, "\n", -1);
    for (guint i = 0; lines[i]; i++)
        if (g_str_has_suffix(lines[i], suffix))
            return g_ascii_strtoull(lines[i], NULL, 16);
    ck_abort_msg("%s has no symbol %s", program, symbol);
    return 0;
}

static void check_frame(const RsDebugFrame *frame, const char *name, guint32 line,
                        guint32 last_line, guint32 at_line, gboolean is_inline)
{
    ck_assert_str_eq(frame->name, name);
    ck_assert_ptr_nonnull(frame->file);
    ck_assert(g_str_has_suffix(frame->file, "/fixture.c") && g_path_is_absolute(frame->file));
    ck_assert_uint_eq(frame->line, line);
    ck_assert_uint_eq(frame->last_line, last_line);
    ck_assert_str_eq(frame->at_file, frame->file);
    ck_assert_uint_eq(frame->at_line, at_line);
    ck_assert_int_eq(frame->is_inline, is_inline);
}

/* That everything is told of the program that is true of it. */
static void check_program(const char *program)
{
    Opened opened = open_program(program);
    RsDebugFrame frames[FRAMES_LIMIT];
    guint64 at_leaf = address_of(program, "at_leaf");
    const char *file;
    guint32 line;

    ck_assert_uint_eq(rs_debug_info_lookup(opened.info, at_leaf, frames, FRAMES_LIMIT), 3);
    check_frame(&frames[0], "leaf", 3, 6, 5, TRUE);
    check_frame(&frames[1], "middle", 8, 10, 10, TRUE);
    check_frame(&frames[2], "outer", 12, frames[2].last_line, 19, FALSE);
    ck_assert_uint_ge(frames[2].last_line, 17); /* 20, where the end is not in the last call */
    ck_assert_uint_le(frames[2].last_line, 20);
    ck_assert(rs_debug_info_line(opened.info, at_leaf, &file, &line));
    ck_assert_uint_eq(line, 5);
    ck_assert_str_eq(file, frames[0].file);

    ck_assert_uint_eq(rs_debug_info_lookup(opened.info, at_leaf, frames, 2), 2);
    ck_assert_str_eq(frames[0].name, "middle");
    ck_assert_str_eq(frames[1].name, "outer");

    ck_assert_uint_eq(
        rs_debug_info_lookup(opened.info, address_of(program, "at_cold"), frames, FRAMES_LIMIT), 1);
    check_frame(&frames[0], "outer", 12, frames[0].last_line, 16, FALSE);
    ck_assert_uint_eq(rs_debug_info_lookup(opened.info, 0, frames, FRAMES_LIMIT), 0);
    ck_assert_uint_eq(rs_debug_info_lookup(opened.info, G_MAXUINT64, frames, FRAMES_LIMIT), 0);
    ck_assert_uint_eq(
        rs_debug_info_lookup(opened.info, address_of(program, "_start"), frames, FRAMES_LIMIT), 0);
    close_program(&opened);
}

static void check_options(const char *options)
{
    g_autofree char *command = g_strdup_printf(
        "gcc -O2 %s -c -o fixture.o fixture.c && gcc %s -o program fixture.o", options, options);

    if (!knows(options))
        return;
    must(command);
    check_program("program");
}

static const char *const PLAIN[] = {"-gdwarf-4", "-gdwarf-5", "-gdwarf-3 -gstrict-dwarf",
                                    "-gdwarf-5 -gdwarf64", "-gdwarf-4 -gdwarf64"};
static const char *const COMPRESSED[] = {"-gdwarf-4 -gz=zlib", "-gdwarf-5 -gz=zlib",
                                         "-gdwarf-4 -gz=zlib-gnu", "-gdwarf-5 -gz=zlib-gnu"};
static const char *const SPLIT[] = {"-gdwarf-4 -gsplit-dwarf", "-gdwarf-5 -gsplit-dwarf"};

START_TEST(inlined_calls_and_lines_are_told_of_every_version)
{
    check_options(PLAIN[_i]);
}
END_TEST

START_TEST(compressed_sections_say_the_same)
{
    check_options(COMPRESSED[_i]);
}
END_TEST

START_TEST(split_units_are_found_where_they_say_and_beside_the_program)
{
    check_options(SPLIT[_i]);
    must("mkdir moved && mv program *.dwo moved");
    check_program("moved/program");
}
END_TEST

START_TEST(a_split_unit_that_is_gone_leaves_the_lines)
{
    Opened opened;
    RsDebugFrame frame;
    const char *file;
    guint32 line;
    guint64 at_leaf;

    check_options(SPLIT[_i]);
    must("rm *.dwo");
    opened = open_program("program");
    at_leaf = address_of("program", "at_leaf");
    ck_assert_uint_eq(rs_debug_info_lookup(opened.info, at_leaf, &frame, 1), 0);
    ck_assert(rs_debug_info_line(opened.info, at_leaf, &file, &line));
    ck_assert_uint_eq(line, 5);
    close_program(&opened);
}
END_TEST

START_TEST(a_split_unit_of_another_build_is_not_taken)
{
    Opened opened;
    RsDebugFrame frame;

    check_options(SPLIT[_i]);
    must("mv fixture.dwo kept.dwo && sed 's/leaf/fall/g' fixture.c >other.c");
    {
        g_autofree char *command = g_strdup_printf(
            "gcc -O2 %s -c -o fixture.o other.c && mv *er.dwo fixture.dwo || true", SPLIT[_i]);

        must(command);
    }
    if (!runs("test -s fixture.dwo && ! cmp fixture.dwo kept.dwo"))
        must("cp fixture.c fixture.dwo");
    opened = open_program("program");
    ck_assert_uint_eq(
        rs_debug_info_lookup(opened.info, address_of("program", "at_leaf"), &frame, 1), 0);
    close_program(&opened);
}
END_TEST

START_TEST(packages_of_split_units_are_read)
{
    static const char *const tools[] = {"timeout 20 dwp -e program -o program.dwp",
                                        "timeout 20 llvm-dwp -e program -o program.dwp"};
    gboolean is_packed = FALSE;

    check_options(SPLIT[_i]);
    for (guint i = 0; i < G_N_ELEMENTS(tools) && !is_packed; i++)
        is_packed = runs("%s && test -s program.dwp", tools[i]);
    /* dwp of binutils 2.40 knows no DWARF 5, and llvm-dwp 14 not how gcc writes it */
    if (!is_packed)
        is_packed = runs("rm -f *.dwo *.dwp && clang -O2 %s -c -o fixture.o fixture.c && "
                         "clang -o program fixture.o && timeout 20 llvm-dwp -e program -o "
                         "program.dwp && test -s program.dwp",
                         SPLIT[_i]);
    if (!is_packed) {
        printf("SKIP: no dwp that packs %s\n", SPLIT[_i]);
        return;
    }
    must("rm *.dwo");
    check_program("program");
}
END_TEST

START_TEST(what_dwz_made_two_files_share_is_found)
{
    if (!runs("dwz --version")) {
        printf("SKIP: no dwz\n");
        return;
    }
    must("for p in a b; do gcc -O2 -g -o $p fixture.c; done; mkdir sub && dwz -m sub/common -M "
         "sub/common a b && readelf -SW a | grep -q gnu_debugaltlink");
    check_program("a");
    check_program("b");
    must("mkdir beside && cp a sub/common beside && rm -r sub");
    check_program("beside/a");
}
END_TEST

START_TEST(a_debug_file_of_its_own_is_read)
{
    must("gcc -O2 -g -o program fixture.c && objcopy --only-keep-debug program program.debug");
    check_program("program.debug");
}
END_TEST

/* --- names --- */

static const char CPLUSPLUS[] =
    "volatile int sink;\n"
    "namespace outside { namespace {\n"
    "struct Hidden { int value; __attribute__((noinline)) int twice() {\n"
    "    asm volatile(\".globl at_twice\\nat_twice: nop\"); return value * 2 + sink; } };\n"
    "}\n"
    "template <class T> struct Box { T t; __attribute__((noinline)) T get(T by); };\n"
    "template <class T> T Box<T>::get(T by) {\n"
    "    asm volatile(\".globl at_get\\nat_get: nop\"); return t + by + sink; }\n"
    "int both(int x) { Hidden h{x}; Box<char> b{(char)x}; return h.twice() + (int)b.get(3); }\n"
    "}\n"
    "int main(int n, char **) { return outside::both(n); }\n";

static void check_names(const char *program, const char *symbol, const char *name,
                        const char *linkage_name, gboolean linkage_name_is_certain, guint32 line)
{
    Opened opened = open_program(program);
    RsDebugFrame frame;

    ck_assert_uint_ge(rs_debug_info_lookup(opened.info, address_of(program, symbol), &frame, 1), 1);
    ck_assert_str_eq(frame.name, name);
    if (frame.linkage_name || linkage_name_is_certain)
        ck_assert_str_eq(frame.linkage_name, linkage_name);
    ck_assert_uint_eq(frame.line, line);
    close_program(&opened);
}

START_TEST(names_stand_behind_those_of_their_namespaces_and_types)
{
    static const char *const options[] = {"g++ -gdwarf-4", "g++ -gdwarf-5", "clang++ -gdwarf-5",
                                          "clang++ -gdwarf-4"};
    g_autofree char *command = g_strdup_printf("%s -O1 -o program fixture.cc", options[_i]);

    write_file("fixture.cc", CPLUSPLUS);
    if (!runs("%.7s --version", options[_i])) {
        printf("SKIP: no %s\n", options[_i]);
        return;
    }
    must(command);
    check_names("program", "at_twice", "outside::(anonymous namespace)::Hidden::twice",
                "_ZN7outside12_GLOBAL__N_16Hidden5twiceEv", FALSE, 3);
    check_names("program", "at_get", "outside::Box<char>::get", "_ZN7outside3BoxIcE3getEc", TRUE,
                7);
}
END_TEST

static const char RUST[] =
    "#![allow(named_asm_labels)] use std::arch::asm;\n"                            /* 1 */
    "mod tools {\n"                                                                /* 2 */
    "    use super::*;\n"                                                          /* 3 */
    "    pub trait Weigh { fn weigh(&self) -> u64; }\n"                            /* 4 */
    "    pub struct Stone(pub u64);\n"                                             /* 5 */
    "    impl Weigh for Stone {\n"                                                 /* 6 */
    "        #[inline(always)] fn weigh(&self) -> u64 {\n"                         /* 7 */
    "            unsafe { asm!(\".globl at_weigh\", \"at_weigh: nop\") };\n"       /* 8 */
    "            self.0 * 3 } }\n"                                                 /* 9 */
    "    #[inline(always)] pub fn total<T: Weigh>(all: &[T], by: u64) -> u64 {\n"  /* 10 */
    "        all[0].weigh() + by }\n"                                              /* 11 */
    "}\n"                                                                          /* 12 */
    "#[inline(never)] fn apply<F: Fn(u64) -> u64>(f: F, n: u64) -> u64 { f(n) }\n" /* 13 */
    "fn main() {\n"                                                                /* 14 */
    "    let stones = [tools::Stone(std::env::args().count() as u64)];\n"          /* 15 */
    "    let k = apply(|x| {\n"                                                    /* 16 */
    "        unsafe { asm!(\".globl at_closure\", \"at_closure: nop\") };\n"       /* 17 */
    "        tools::total(&stones, x)\n"                                           /* 18 */
    "    }, 4);\n"                                                                 /* 19 */
    "    println!(\"{k}\");\n"                                                     /* 20 */
    "}\n";                                                                         /* 21 */

START_TEST(rust_is_followed_through_its_namespaces)
{
    Opened opened;
    RsDebugFrame frames[FRAMES_LIMIT];
    guint n;

    write_file("fixture.rs", RUST);
    if (!runs("rustc --version")) {
        printf("SKIP: no rustc\n");
        return;
    }
    must("rustc --edition 2021 -O -g -C codegen-units=1 -o program fixture.rs");
    opened = open_program("program");
    n = rs_debug_info_lookup(opened.info, address_of("program", "at_weigh"), frames, FRAMES_LIMIT);
    ck_assert_uint_ge(n, 4);
    ck_assert_ptr_nonnull(strstr(frames[0].name, "fixture::tools::"));
    ck_assert(g_str_has_suffix(frames[0].name, "::weigh"));
    ck_assert_ptr_nonnull(strstr(frames[0].linkage_name, "weigh"));
    ck_assert_uint_eq(frames[0].at_line, 8);
    ck_assert_str_eq(frames[1].name, "fixture::tools::total<fixture::tools::Stone>");
    ck_assert_uint_eq(frames[1].line, 10);
    ck_assert_uint_eq(frames[1].at_line, 11);
    ck_assert_str_eq(frames[2].name, "fixture::main::{closure#0}");
    ck_assert_uint_eq(frames[2].at_line, 18);
    ck_assert(g_str_has_prefix(frames[3].name, "fixture::apply<"));
    ck_assert_uint_eq(frames[3].at_line, 13);
    ck_assert(!frames[3].is_inline || n > 4);
    ck_assert(g_str_has_suffix(frames[2].at_file, "/fixture.rs"));

    n = rs_debug_info_lookup(opened.info, address_of("program", "at_closure"), frames,
                             FRAMES_LIMIT);
    ck_assert_uint_ge(n, 2);
    ck_assert_str_eq(frames[0].name, "fixture::main::{closure#0}");
    ck_assert_uint_eq(frames[0].at_line, 17);
    close_program(&opened);
}
END_TEST

START_TEST(lines_are_told_where_no_function_is)
{
    Opened opened;
    RsDebugFrame frame;
    const char *file;
    guint32 line;

    write_file("bare.s", "\n\n.text\n.globl bare\nbare: nop\n nop\n ret\n.globl main\nmain: ret\n"
                         ".section .note.GNU-stack\n");
    must("gcc -Wa,-gdwarf-4 -o program bare.s");
    opened = open_program("program");
    ck_assert(rs_debug_info_line(opened.info, address_of("program", "bare") + 1, &file, &line));
    ck_assert(g_str_has_suffix(file, "/bare.s"));
    ck_assert_uint_eq(line, 6);
    (void)rs_debug_info_lookup(opened.info, address_of("program", "bare"), &frame, 1);
    ck_assert(!rs_debug_info_line(opened.info, 1, &file, &line));
    close_program(&opened);
}
END_TEST

/* What a linker makes that joins the units of a library: one table of abbreviations, with the entry
 * that units begin with behind all others. The unit with code has a table of its own. */
static const char SHARED_TABLE[] =
    ".text\n.globl main\nmain: nop\n nop\n ret\nmain_end:\n"
    ".section .debug_abbrev,\"\",@progbits\n"
    "shared: .set code, 1\n.rept 100\n.byte code, 0x34, 0, 0x03, 0x08, 0x3a, 0x0b, 0x3b, 0x0b, 0, "
    "0\n"
    ".set code, code + 1\n.endr\n"
    ".byte 120, 0x11, 0, 0x03, 0x08, 0, 0\n.byte 0\n"
    "own: .byte 1, 0x11, 1, 0x11, 1, 0x12, 7, 0, 0\n"
    ".byte 2, 0x2e, 0, 0x03, 0x08, 0x11, 1, 0x12, 7, 0, 0\n.byte 0\n"
    ".section .debug_info,\"\",@progbits\n"
    ".rept 1000\n.long 10\n.short 4\n.long shared\n.byte 8\n.byte 120, 'u', 0\n.endr\n"
    ".long u_end - u_begin\nu_begin: .short 4\n.long own\n.byte 8\n"
    ".byte 1\n.quad main, main_end - main\n"
    ".byte 2\n.asciz \"late\"\n.quad main, main_end - main\n.byte 0\nu_end:\n"
    ".section .note.GNU-stack\n";

START_TEST(units_that_share_a_table_leave_the_others_theirs)
{
    Opened opened;
    RsDebugFrame frames[FRAMES_LIMIT];

    write_file("shared.s", SHARED_TABLE);
    must("gcc -o program shared.s");
    opened = open_program("program");
    ck_assert_uint_eq(
        rs_debug_info_lookup(opened.info, address_of("program", "main"), frames, FRAMES_LIMIT), 1);
    ck_assert_str_eq(frames[0].name, "late");
    close_program(&opened);
}
END_TEST

START_TEST(a_file_without_dwarf_is_no_error)
{
    g_autofree char *path = g_build_filename(folder, "program", NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(RsElf) elf = NULL;
    int fd;

    must("gcc -O2 -o program fixture.c && strip program");
    fd = open(path, O_RDONLY | O_CLOEXEC);
    elf = rs_elf_open_fd(fd, path, NULL);
    close(fd);
    ck_assert_ptr_nonnull(elf);
    ck_assert_ptr_null(rs_debug_info_new(elf, path, &error));
    ck_assert_ptr_null(error);
}
END_TEST

/* --- damage --- */

/* Entries by hand: a function whose abstract origin is itself; units and tables that say they are
 * larger than the file; a unit of no known version. */
static const char CIRCLE[] =
    ".text\n.globl main\nmain: nop\n nop\n ret\nmain_end:\n"
    ".section .debug_abbrev,\"\",@progbits\n"
    ".byte 1, 0x11, 1, 0x11, 1, 0x12, 7, 0x10, 0x17, 0, 0\n"
    ".byte 2, 0x2e, 0, 0x11, 1, 0x12, 7, 0x31, 0x13, 0x47, 0x13, 0, 0\n"
    ".byte 3, 0x39, 1, 0, 0\n.byte 0\n"
    ".section .debug_info,\"\",@progbits\n"
    "u: .long u_end - u_begin\nu_begin: .short 4\n.long 0\n.byte 8\n"
    ".byte 1\n.quad main, main_end - main\n.long 0\n"
    ".fill 2000, 1, 3\n"
    "f: .byte 2\n.quad main, main_end - main\n.long f - u, f - u\n"
    "u_end: .long 0x7fffffff\n.short 9\n"
    ".section .debug_line,\"\",@progbits\n"
    ".long 0x7fffffff\n.short 5\n.byte 8, 0\n.long 0x10\n.byte 1, 1, 1, -5, 14, 1\n"
    ".byte 0\n.byte 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f\n"
    ".section .note.GNU-stack\n";

START_TEST(references_in_a_circle_and_huge_counts_end)
{
    Opened opened;
    RsDebugFrame frames[FRAMES_LIMIT];
    const char *file;
    guint32 line;
    guint64 main_address;

    write_file("circle.s", CIRCLE);
    must("gcc -o program circle.s");
    opened = open_program("program");
    main_address = address_of("program", "main");
    ck_assert_uint_eq(rs_debug_info_lookup(opened.info, main_address, frames, FRAMES_LIMIT), 1);
    ck_assert_ptr_null(frames[0].name);
    ck_assert_ptr_null(frames[0].linkage_name);
    ck_assert(!rs_debug_info_line(opened.info, main_address, &file, &line));
    close_program(&opened);
}
END_TEST

/* Touches everything that is told of a stretch of code; the number of functions told. */
static guint64 ask_all(RsDebugInfo *info, guint64 lo, guint64 hi)
{
    RsDebugFrame frames[FRAMES_LIMIT];
    guint64 n_told = 0;
    const char *file;
    guint32 line;

    for (guint64 at = lo; at < hi; at++) {
        guint n = rs_debug_info_lookup(info, at, frames, FRAMES_LIMIT);

        ck_assert_uint_le(n, FRAMES_LIMIT);
        for (guint i = 0; i < n; i++) {
            n_told += frames[i].name != NULL && strlen(frames[i].name) > 0;
            n_told += frames[i].file != NULL && strlen(frames[i].file) > 0;
            n_told += frames[i].linkage_name != NULL && strlen(frames[i].linkage_name) > 0;
            n_told += frames[i].at_file != NULL && strlen(frames[i].at_file) > 0;
        }
        if (rs_debug_info_line(info, at, &file, &line) && file)
            n_told += strlen(file) > 0;
    }
    return n_told;
}

static void ask_bytes(const char *bytes, gsize n_bytes, guint64 lo, guint64 hi)
{
    g_autoptr(RsElf) elf = rs_elf_from_bytes(bytes, n_bytes, "damaged", NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(RsDebugInfo) info = elf ? rs_debug_info_new(elf, NULL, &error) : NULL;

    if (error)
        ck_assert_int_eq((int)error->code, RS_ELF_ERROR_DAMAGED);
    if (info)
        (void)ask_all(info, lo, hi);
}

static void find_section(RsElf *elf, const char *name, gsize *offset, gsize *n_bytes)
{
    RsElfSection section = {0};

    *offset = *n_bytes = 0;
    if (!rs_elf_section(elf, name, &section))
        return;
    *offset = (gsize)(section.bytes - rs_elf_bytes(elf));
    *n_bytes = section.n_bytes;
}

START_TEST(damaged_sections_are_survived)
{
    static const char *const sections[] = {".debug_info",     ".debug_abbrev", ".debug_line",
                                           ".debug_rnglists", ".debug_ranges", ".debug_str",
                                           ".debug_line_str"};
    g_autofree char *path = g_build_filename(folder, "program", NULL), *bytes = NULL;
    g_autofree char *command =
        g_strdup_printf("gcc -O2 %s -o program fixture.c", _i ? "-gdwarf-5" : "-gdwarf-4");
    g_autoptr(GRand) rand = g_rand_new_with_seed(4);
    gsize n_bytes;
    guint64 lo, hi;
    Opened opened;

    must(command);
    opened = open_program("program");
    lo = MIN(address_of("program", "at_leaf"), address_of("program", "at_cold")) - 16;
    hi = MAX(address_of("program", "at_leaf"), address_of("program", "at_cold")) + 16;
    ck_assert_uint_gt(ask_all(opened.info, lo, hi), 0);
    ck_assert(g_file_get_contents(path, &bytes, &n_bytes, NULL));
    for (guint round = 0; round < N_CORRUPTIONS; round++) {
        const char *name = sections[g_rand_int_range(rand, 0, G_N_ELEMENTS(sections))];
        g_autofree char *copy = g_memdup2(bytes, n_bytes);
        gsize offset, n_section_bytes;

        find_section(opened.elf, name, &offset, &n_section_bytes);
        if (n_section_bytes == 0)
            continue;
        for (gint changes = g_rand_int_range(rand, 1, 9); changes > 0; changes--) {
            gsize at = offset + (gsize)g_rand_int_range(rand, 0, (gint)n_section_bytes);

            copy[at] = (char)(g_rand_boolean(rand) ? g_rand_int_range(rand, 0, 256) : 0xff);
        }
        ask_bytes(copy, n_bytes, lo, hi);
    }
    close_program(&opened);
}
END_TEST

START_TEST(a_file_cut_anywhere_tells_less)
{
    g_autofree char *path = g_build_filename(folder, "program", NULL), *bytes = NULL;
    gsize n_bytes;
    guint64 at_leaf;

    must("gcc -O2 -g -o program fixture.c");
    at_leaf = address_of("program", "at_leaf");
    ck_assert(g_file_get_contents(path, &bytes, &n_bytes, NULL));
    for (gsize n = n_bytes; n > 64; n -= MIN(n, 37))
        ask_bytes(bytes, n, at_leaf, at_leaf + 2);
}
END_TEST

/* --- threads --- */

typedef struct {
    RsDebugInfo *info;
    guint64 lo, hi, n_told;
} Asker;

static gpointer ask_in_thread(gpointer data)
{
    Asker *asker = data;

    asker->n_told = ask_all(asker->info, asker->lo, asker->hi);
    return NULL;
}

START_TEST(several_threads_are_told_the_same)
{
    Opened opened, alone;
    Asker askers[N_THREADS];
    GThread *threads[N_THREADS];
    guint64 lo, n_told;

    must("gcc -O2 -g -o program fixture.c");
    lo = address_of("program", "outer");
    alone = open_program("program");
    n_told = ask_all(alone.info, lo, lo + 64);
    close_program(&alone);
    opened = open_program("program");
    for (guint i = 0; i < N_THREADS; i++) {
        askers[i] = (Asker){opened.info, lo, lo + 64, 0};
        threads[i] = g_thread_new("asker", ask_in_thread, &askers[i]);
    }
    for (guint i = 0; i < N_THREADS; i++) {
        g_thread_join(threads[i]);
        ck_assert_uint_eq(askers[i].n_told, n_told);
    }
    close_program(&opened);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("debug_info");

    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, inlined_calls_and_lines_are_told_of_every_version, 0,
                        G_N_ELEMENTS(PLAIN));
    tcase_add_loop_test(tcase, compressed_sections_say_the_same, 0, G_N_ELEMENTS(COMPRESSED));
    tcase_add_loop_test(tcase, split_units_are_found_where_they_say_and_beside_the_program, 0, 2);
    tcase_add_loop_test(tcase, a_split_unit_that_is_gone_leaves_the_lines, 0, 2);
    tcase_add_loop_test(tcase, a_split_unit_of_another_build_is_not_taken, 0, 2);
    tcase_add_loop_test(tcase, packages_of_split_units_are_read, 0, 2);
    tcase_add_test(tcase, what_dwz_made_two_files_share_is_found);
    tcase_add_test(tcase, a_debug_file_of_its_own_is_read);
    tcase_add_loop_test(tcase, names_stand_behind_those_of_their_namespaces_and_types, 0, 4);
    tcase_add_test(tcase, rust_is_followed_through_its_namespaces);
    tcase_add_test(tcase, lines_are_told_where_no_function_is);
    tcase_add_test(tcase, units_that_share_a_table_leave_the_others_theirs);
    tcase_add_test(tcase, a_file_without_dwarf_is_no_error);
    tcase_add_test(tcase, references_in_a_circle_and_huge_counts_end);
    tcase_add_loop_test(tcase, damaged_sections_are_survived, 0, 2);
    tcase_add_test(tcase, a_file_cut_anywhere_tells_less);
    tcase_add_test(tcase, several_threads_are_told_the_same);
    return run_tests("debug_info", tcase);
}
