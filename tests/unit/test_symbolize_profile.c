/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A profile gets its functions and lines, and its samples are counted by where their names came
 * from. */
#include "symbol/symbolizer.h"

#include <elf.h>

#include "symbol/symbol_table.h"
#include "tests/unit/symbol_fixtures.h"

static RsSymbolizer *symbolizer;
static RsProfile *profile;
static char *program, *stripped;
static guint64 outer_vaddr, other_vaddr, n_outer_bytes;
static guint32 modules[5]; /* program, stripped, gone, unknown, kernel */
static guint n_told, n_told_frames, n_pinned;

static void begin(void)
{
    char *folders[] = {NULL, NULL};
    g_autoptr(RsElf) elf = NULL;
    g_autoptr(RsSymbolTable) table = NULL;
    RsTableSymbol symbol;

    set_up();
    folders[0] = folder;
    symbolizer = rs_symbolizer_new(&(RsSymbolOptions){.debug_folders = folders});
    profile = rs_profile_new();
    program = in_folder("program");
    stripped = in_folder("stripped");
    write_file("program.c",
               "#include <stdio.h>\n"
               "static inline __attribute__((always_inline)) int inner(int a)\n"
               "{ return puts(\"inner\") + a; }\n"
               "__attribute__((noinline)) int outer(int a) { return 2 * inner(a); }\n"
               "__attribute__((noinline)) int other(int a) { return 3 * inner(a) + 1; }\n"
               "int main(int n, char **v) { (void)v; return outer(n) + other(n); }\n");
    run("gcc -g -O1 -o program program.c && strip -o stripped program");
    elf = open_elf("program");
    table = rs_symbol_table_new(elf, SHT_SYMTAB);
    ck_assert(rs_symbol_table_find_name(table, "outer", &outer_vaddr));
    ck_assert(rs_symbol_table_find_name(table, "other", &other_vaddr));
    ck_assert(rs_symbol_table_find(table, outer_vaddr, &symbol));
    n_outer_bytes = symbol.n_bytes;
    modules[0] = rs_profile_add_module(profile, RS_MODULE_FILE, program, NULL, -1);
    modules[1] = rs_profile_add_module(profile, RS_MODULE_FILE, stripped, NULL, -1);
    modules[2] = rs_profile_add_module(profile, RS_MODULE_FILE, "/nonexistent", NULL, -1);
    modules[3] = rs_profile_add_module(profile, RS_MODULE_UNKNOWN, "[unknown]", NULL, -1);
    n_told = n_told_frames = n_pinned = 0;
}

static void end(void)
{
    rs_symbolizer_free(symbolizer);
    rs_profile_free(profile);
    g_free(program);
    g_free(stripped);
    tear_down();
}

static gint32 stack_of(guint32 module, guint64 address)
{
    return rs_profile_add_stack(profile, RS_STACK_NONE,
                                rs_profile_add_frame(profile, module, address));
}

static void add_samples(gint32 stack, guint n)
{
    RsProfileSample sample = {.weight_ns = 1, .stack = stack};

    for (guint i = 0; i < n; i++)
        g_array_append_val(profile->samples, sample);
}

static void on_progress(guint n_done, guint n_frames, gpointer data)
{
    ck_assert_ptr_eq(data, profile);
    ck_assert_uint_ge(n_done, n_told);
    ck_assert_uint_le(n_done, n_frames);
    n_told = n_done;
    n_told_frames = n_frames;
}

static void symbolize(void)
{
    rs_symbolize_profile(symbolizer, profile, modules, 1, NULL, on_progress, profile);
    ck_assert_uint_eq(n_told, n_told_frames);
}

static const RsFunction *function_at(gint32 stack, guint line)
{
    guint32 i = g_array_index(profile->stacks, RsProfileStack, stack).frame;
    const RsProfileFrame *frame = &g_array_index(profile->frames, RsProfileFrame, i);

    ck_assert_uint_lt(line, frame->n_lines);
    return g_ptr_array_index(
        profile->functions,
        g_array_index(profile->lines, RsProfileLine, frame->first_line + line).function);
}

static guint n_lines_of(gint32 stack)
{
    guint32 i = g_array_index(profile->stacks, RsProfileStack, stack).frame;

    return g_array_index(profile->frames, RsProfileFrame, i).n_lines;
}

START_TEST(every_address_of_a_function_has_the_same_functions)
{
    gint32 in_other;
    guint n_inlined = 0;

    for (guint64 i = 0; i < n_outer_bytes; i++)
        stack_of(modules[0], outer_vaddr + i);
    in_other = stack_of(modules[0], other_vaddr);
    symbolize();
    ck_assert_uint_eq(n_told_frames, n_outer_bytes + 1);
    ck_assert_uint_eq(profile->functions->len, 3); /* outer, other, inner */
    for (gint32 stack = 0; stack < in_other; stack++) {
        guint n = n_lines_of(stack);
        const RsFunction *function = function_at(stack, n - 1);

        ck_assert_str_eq(function->name, "outer");
        ck_assert_int_eq(function->source, RS_SYMBOL_SYMTAB);
        ck_assert_int_eq(function->module, (gint32)modules[0]);
        ck_assert_int_eq(function->crate_kind, RS_CRATE_OWN);
        ck_assert_int_eq(function->line, 4);
        ck_assert(!function->is_inline && !function->linkage_name);
        if (n == 2) {
            n_inlined++;
            ck_assert_str_eq(function_at(stack, 0)->name, "inner");
            ck_assert(function_at(stack, 0)->is_inline);
            ck_assert_int_eq(function_at(stack, 0)->line, 2);
        }
    }
    ck_assert_uint_ge(n_inlined, 1);
    ck_assert_str_eq(function_at(in_other, n_lines_of(in_other) - 1)->name, "other");
}
END_TEST

START_TEST(samples_are_counted_by_their_innermost_frame)
{
    RsDiagnostics *diagnostics = &profile->diagnostics;
    gint32 named = stack_of(modules[0], outer_vaddr), of_code, gone, nowhere, unmapped;
    gint64 n_all = 0;

    of_code = rs_profile_add_stack(profile, named,
                                   rs_profile_add_frame(profile, modules[1], outer_vaddr));
    gone = rs_profile_add_stack(profile, named, rs_profile_add_frame(profile, modules[2], 0x10));
    nowhere = stack_of(modules[0], 0x7ffffff0);
    unmapped = stack_of(modules[3], 0x1234);
    add_samples(named, 100);
    add_samples(of_code, 20);
    add_samples(gone, 3);
    add_samples(nowhere, 4);
    add_samples(unmapped, 5);
    add_samples(RS_STACK_NONE, 6);
    symbolize();
    ck_assert_int_eq(diagnostics->n_by_source[RS_SYMBOL_SYMTAB], 100);
    ck_assert_int_eq(diagnostics->n_by_source[RS_SYMBOL_UNWIND], 20);
    ck_assert_int_eq(diagnostics->n_unnamed[RS_UNNAMED_NO_FILE], 3);
    ck_assert_int_eq(diagnostics->n_unnamed[RS_UNNAMED_NO_SYMBOL], 4);
    ck_assert_int_eq(diagnostics->n_unnamed[RS_UNNAMED_UNMAPPED], 5);
    ck_assert_int_eq(diagnostics->n_unnamed[RS_UNNAMED_NO_STACK], 6);
    ck_assert_int_eq(diagnostics->n_symbolized_samples, 100);
    ck_assert_int_eq(diagnostics->n_unknown_symbols, 4); /* without a name that a person gave */
    for (guint i = 0; i < RS_N_SYMBOL_SOURCES; i++)
        n_all += diagnostics->n_by_source[i];
    for (guint i = 0; i < RS_N_UNNAMED; i++)
        n_all += diagnostics->n_unnamed[i];
    ck_assert_int_eq(n_all, (gint64)profile->samples->len);
}
END_TEST

START_TEST(samples_that_the_profile_does_not_have_are_counted_by_stack)
{
    gint32 named = stack_of(modules[0], outer_vaddr), gone = stack_of(modules[2], 0x10);
    gint64 n_by_stack[3] = {0};
    RsDiagnostics diagnostics;

    rs_diagnostics_init(&diagnostics);
    diagnostics.n_raw_samples = 77;
    symbolize();
    n_by_stack[named] = 1000;
    n_by_stack[gone] = 10;
    rs_symbolize_count(symbolizer, profile, n_by_stack, 2, 1, &diagnostics);
    ck_assert_int_eq(diagnostics.n_symbolized_samples, 1000);
    ck_assert_int_eq(diagnostics.n_by_source[RS_SYMBOL_SYMTAB], 1000);
    ck_assert_int_eq(diagnostics.n_unnamed[RS_UNNAMED_NO_FILE], 10);
    ck_assert_int_eq(diagnostics.n_unnamed[RS_UNNAMED_NO_STACK], 1);
    ck_assert_int_eq(diagnostics.n_unknown_symbols, 1);
    ck_assert_int_eq(diagnostics.n_raw_samples, 77);
    ck_assert_int_eq(profile->diagnostics.n_symbolized_samples, 0);
    rs_diagnostics_clear(&diagnostics);
}
END_TEST

START_TEST(frames_that_have_lines_keep_them)
{
    gint32 stack = stack_of(modules[0], outer_vaddr);
    RsProfileLine line = {rs_profile_add_function(profile, rs_function_new("told before")), 7};

    rs_profile_set_lines(profile, 0, &line, 1);
    symbolize();
    ck_assert_uint_eq(n_told_frames, 0);
    ck_assert_uint_eq(n_lines_of(stack), 1);
    ck_assert_str_eq(function_at(stack, 0)->name, "told before");
    rs_profile_clear_symbols(profile);
    symbolize();
    ck_assert_str_eq(function_at(stack, n_lines_of(stack) - 1)->name, "outer");
}
END_TEST

START_TEST(a_function_that_is_inlined_and_has_code_of_its_own_is_not_inline)
{
    gint32 own, inlined = -1;
    g_autoptr(RsElf) elf = NULL;
    g_autoptr(RsSymbolTable) table = NULL;
    guint64 caller, callee;

    write_file("both.c", "volatile int sink;\n"
                         "void callee(void) { sink++; sink++; sink++; }\n"
                         "__attribute__((noinline)) void caller(void) { callee(); sink = 0; }\n"
                         "int main(void) { caller(); return 0; }\n");
    run("gcc -g -O2 -o program both.c");
    elf = open_elf("program");
    table = rs_symbol_table_new(elf, SHT_SYMTAB);
    ck_assert(rs_symbol_table_find_name(table, "caller", &caller));
    ck_assert(rs_symbol_table_find_name(table, "callee", &callee));
    own = stack_of(modules[0], callee);
    for (guint i = 0; i < 16; i++)
        inlined = stack_of(modules[0], caller + i);
    symbolize();
    for (; inlined > own && n_lines_of(inlined) != 2; inlined--)
        ;
    ck_assert_int_gt(inlined, own);
    ck_assert_ptr_eq(function_at(inlined, 0), function_at(own, 0));
    ck_assert_str_eq(function_at(own, 0)->name, "callee");
    ck_assert(!function_at(own, 0)->is_inline);
    ck_assert_int_eq(function_at(own, 0)->source, RS_SYMBOL_SYMTAB);
}
END_TEST

static void pin(const RsProfileModule *module, RsSymbolModuleInfo *info, gpointer data)
{
    n_pinned++;
    if (g_str_equal(module->path, "/nonexistent"))
        info->elf = data;
}

START_TEST(pinned_files_are_asked_for_once_for_each_module)
{
    g_autoptr(RsElf) elf = open_elf("program");
    gint32 stack = stack_of(modules[2], outer_vaddr);

    stack_of(modules[2], other_vaddr);
    stack_of(modules[0], other_vaddr);
    rs_symbolize_profile(symbolizer, profile, NULL, 0, pin, NULL, elf);
    ck_assert_uint_eq(n_pinned, 2);
    ck_assert_str_eq(function_at(stack, n_lines_of(stack) - 1)->name, "outer");
    rs_symbolizer_free(g_steal_pointer(&symbolizer)); /* before the file that it borrows */
}
END_TEST

START_TEST(an_empty_profile_has_counts_of_nothing)
{
    symbolize();
    ck_assert_int_eq(profile->diagnostics.n_symbolized_samples, 0);
    ck_assert_int_eq(profile->diagnostics.n_unknown_symbols, 0);
    ck_assert_uint_eq(profile->functions->len, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("symbolize_profile");
    TCase *tcase = tcase_create("symbolize_profile");

    tcase_add_checked_fixture(tcase, begin, end);
    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, every_address_of_a_function_has_the_same_functions);
    tcase_add_test(tcase, samples_are_counted_by_their_innermost_frame);
    tcase_add_test(tcase, samples_that_the_profile_does_not_have_are_counted_by_stack);
    tcase_add_test(tcase, frames_that_have_lines_keep_them);
    tcase_add_test(tcase, a_function_that_is_inlined_and_has_code_of_its_own_is_not_inline);
    tcase_add_test(tcase, pinned_files_are_asked_for_once_for_each_module);
    tcase_add_test(tcase, an_empty_profile_has_counts_of_nothing);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
