/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whose code a function is: by crate, by the place of its source, by the file that it lies in. */
#include "symbol/crate_kind.h"

#include "symbol/symbolizer.h"
#include "tests/unit/symbol_fixtures.h"

static RsOwnCode *own;

static void begin(void)
{
    set_up();
    own = rs_own_code_new();
}

static void end(void)
{
    rs_own_code_free(own);
    tear_down();
}

static void expect(RsCrateKind kind, RsCodeOrigin origin)
{
    RsCrateKind found;

    if (!origin.name)
        origin.name = "f";
    found = rs_own_code_judge(own, &origin);
    ck_assert_msg(found == kind, "%s of %s in %s: %s, not %s", origin.name,
                  origin.crate_name ? origin.crate_name : "-", origin.file ? origin.file : "-",
                  rs_crate_kind_names[found], rs_crate_kind_names[kind]);
}

#define ORIGIN(...) ((RsCodeOrigin){.source = RS_SYMBOL_SYMTAB, __VA_ARGS__})
#define IN_MAIN     .module_path = "/x/app", .is_main = TRUE, .is_rust_main = TRUE
#define IN_C_MAIN   .module_path = "/x/app", .is_main = TRUE

START_TEST(crates_are_told_apart_by_name_and_by_the_place_of_their_source)
{
    rs_own_code_add_crate(own, "app");
    rs_own_code_add_main_file(own, "/ws/crates/app/src/main.rs");
    expect(RS_CRATE_OWN, ORIGIN(IN_MAIN, .crate_name = "app"));
    expect(RS_CRATE_STD, ORIGIN(IN_MAIN, .crate_name = "core"));
    expect(RS_CRATE_DEPENDENCY, ORIGIN(IN_MAIN, .crate_name = "serde"));
    expect(RS_CRATE_DEPENDENCY,
           ORIGIN(IN_MAIN, .crate_name = "serde",
                  .file = "/ws/crates/.cargo/registry/src/index-1/serde-1.0/src/lib.rs"));
    expect(RS_CRATE_DEPENDENCY, ORIGIN(IN_MAIN, .crate_name = "vendored",
                                       .file = "/ws/crates/vendor/vendored/src/lib.rs"));
    expect(RS_CRATE_DEPENDENCY, ORIGIN(IN_MAIN, .crate_name = "of_git",
                                       .file = "/ws/crates/h/git/checkouts/a/b/src/lib.rs"));
    expect(RS_CRATE_DEPENDENCY,
           ORIGIN(IN_MAIN, .crate_name = "far", .file = "/ws/crates2/far/src/lib.rs"));
    expect(RS_CRATE_OWN,
           ORIGIN(IN_MAIN, .crate_name = "beside", .file = "/ws/crates/beside/src/deep/mod.rs"));
    /* what was proven once holds for functions whose source says nothing */
    expect(RS_CRATE_OWN, ORIGIN(IN_MAIN, .crate_name = "beside"));
    ck_assert(rs_own_code_has_crate(own, "beside"));
    ck_assert(!rs_own_code_has_crate(own, "far"));
}
END_TEST

START_TEST(crates_that_std_is_built_from_count_as_std_where_they_are_its)
{
    expect(RS_CRATE_STD, ORIGIN(IN_MAIN, .crate_name = "gimli",
                                .file = "/rust/deps/gimli-0.32.3/src/read/line.rs"));
    expect(RS_CRATE_STD, ORIGIN(IN_MAIN, .crate_name = "gimli", .instantiating_crate = "std"));
    expect(RS_CRATE_DEPENDENCY, ORIGIN(IN_MAIN, .crate_name = "gimli"));
    expect(RS_CRATE_STD, ORIGIN(IN_MAIN, .name = "__rust_alloc"));
}
END_TEST

START_TEST(the_crate_that_is_called_like_the_executable_is_own)
{
    rs_own_code_add_executable(own, "/t/release/deps/log-stat-0123456789abcdef");
    rs_own_code_add_executable(own, "/usr/bin/plain-0123");
    ck_assert(rs_own_code_has_crate(own, "log_stat"));
    ck_assert(rs_own_code_has_crate(own, "plain_0123"));
    rs_own_code_add_executable(own, "/usr/bin/core"); /* never taken from Rust itself */
    ck_assert(!rs_own_code_has_crate(own, "core"));
}
END_TEST

START_TEST(the_folder_above_a_package_is_own_unless_it_is_one_of_the_machine)
{
    rs_own_code_add_main_file(own, "/app/src/main.rs");
    expect(RS_CRATE_DEPENDENCY, ORIGIN(IN_MAIN, .crate_name = "a", .file = "/opt/a/src/lib.rs"));
    expect(RS_CRATE_OWN, ORIGIN(IN_MAIN, .crate_name = "b", .file = "/app/b/src/lib.rs"));
    rs_own_code_add_main_file(own, "relative/src/main.rs");
    rs_own_code_add_main_file(own, "/usr/include/main.rs");
    rs_own_code_add_main_file(own, "/main.rs");
    expect(RS_CRATE_DEPENDENCY, ORIGIN(IN_MAIN, .crate_name = "c", .file = "relative/c.rs"));
    expect(RS_CRATE_DEPENDENCY, ORIGIN(IN_MAIN, .crate_name = "d", .file = "/d/src/lib.rs"));
}
END_TEST

START_TEST(start_up_code_and_the_c_library_are_the_runtime)
{
    static const char *const libraries[] = {"/lib/x86_64-linux-gnu/libc.so.6",
                                            "/lib64/ld-linux-x86-64.so.2",
                                            "/lib/libm-2.31.so",
                                            "/lib/ld-musl-x86_64.so.1",
                                            "/usr/lib/libgcc_s.so.1",
                                            "/usr/lib/libstdc++.so.6"};
    static const char *const others[] = {"/usr/lib/libcurl.so.4", "/usr/lib/libmount.so.1",
                                         "/usr/lib/libcrypto.so.3", "/usr/lib/libglib-2.0.so.0"};

    for (guint i = 0; i < G_N_ELEMENTS(libraries); i++)
        expect(RS_CRATE_RUNTIME, ORIGIN(.module_path = libraries[i]));
    for (guint i = 0; i < G_N_ELEMENTS(others); i++)
        expect(RS_CRATE_DEPENDENCY, ORIGIN(.module_path = others[i]));
    expect(RS_CRATE_RUNTIME, ORIGIN(IN_MAIN, .name = "_start"));
    expect(RS_CRATE_RUNTIME, ORIGIN(IN_MAIN, .name = "main")); /* the real one is app::main */
    expect(RS_CRATE_RUNTIME, ORIGIN(IN_MAIN, .name = "memcpy"));
    expect(RS_CRATE_RUNTIME, ORIGIN(IN_MAIN, .name = "write@plt"));
    expect(RS_CRATE_RUNTIME, ORIGIN(.module_kind = RS_MODULE_VDSO));
    expect(RS_CRATE_KERNEL, ORIGIN(.module_kind = RS_MODULE_KERNEL));
    expect(RS_CRATE_UNKNOWN, ORIGIN(.module_kind = RS_MODULE_JIT));
    expect(RS_CRATE_DEPENDENCY, ORIGIN(IN_MAIN, .name = "ZSTD_compress"));
}
END_TEST

START_TEST(functions_of_a_c_program_are_its_own)
{
    expect(RS_CRATE_OWN, ORIGIN(IN_C_MAIN, .name = "main"));
    expect(RS_CRATE_OWN, ORIGIN(IN_C_MAIN, .name = "work", .file = "/src/work.c"));
    expect(RS_CRATE_DEPENDENCY, ORIGIN(IN_C_MAIN, .file = "/usr/include/c++/12/vector"));
    expect(RS_CRATE_RUNTIME, ORIGIN(IN_C_MAIN, .name = "_start"));
    expect(RS_CRATE_UNKNOWN, ((RsCodeOrigin){IN_C_MAIN, .source = RS_SYMBOL_UNWIND}));
    expect(RS_CRATE_DEPENDENCY, ORIGIN(.module_path = "/x/libwork.so"));
    rs_own_code_add_main_file(own, "/source/p/app/src/main.c");
    expect(RS_CRATE_OWN, ORIGIN(.module_path = "/x/libwork.so", .file = "/source/p/work/work.c"));
}
END_TEST

/* --- a program of several crates --- */

static gboolean build_workspace(const char *flags)
{
    g_autofree char *rustc = g_find_program_in_path("rustc");

    if (!rustc) {
        printf("SKIP: there is no rustc\n");
        return FALSE;
    }
    run("mkdir -p ws/app/src ws/engine/src cargo/registry/src/i/dep-1.0/src out");
    write_file("cargo/registry/src/i/dep-1.0/src/lib.rs",
               "#[inline(never)] pub fn far(x: u64) -> u64 { let mut y = x; for i in 0..x { y ^= "
               "y.rotate_left(i as u32 % 64) + i; } y }\n");
    write_file("ws/engine/src/lib.rs",
               "pub struct Big(pub Vec<u64>);\n"
               "impl Drop for Big { #[inline(never)] fn drop(&mut self) { self.0.clear(); } }\n"
               "#[inline(never)] pub fn near(x: u64) -> u64 { dep::far(x) + 3 }\n");
    write_file("ws/app/src/main.rs",
               "#[inline(never)] fn work(x: u64) -> u64 { let b = engine::Big(vec![x]); "
               "engine::near(x) + b.0[0] }\n"
               "fn main() { let n = std::env::args().count() as u64; "
               "println!(\"{}\", work(n)); }\n");
    run("cd ws && F='--edition 2021 -C opt-level=1 --out-dir ../out -L ../out %s' && "
        "rustc $F --crate-type rlib --crate-name dep \"$OLDPWD/cargo/registry/src/i/dep-1.0/src/"
        "lib.rs\" && rustc $F --crate-type rlib --crate-name engine --extern dep engine/src/lib.rs "
        "&& rustc $F --crate-name app --extern engine app/src/main.rs",
        flags);
    return TRUE;
}

/* The kind of each function that has the crate, of all addresses; -1: there is none. */
static int kind_of(RsSymbolModule *module, const char *name)
{
    for (guint64 address = 0x1000; address < 0x200000; address += 16) {
        RsSymbol symbols[64];
        RsUnnamed why;
        guint n = rs_symbol_module_lookup(module, address, symbols, G_N_ELEMENTS(symbols), &why);

        if (n && g_str_equal(symbols[n - 1].name, name))
            return (int)symbols[n - 1].crate_kind;
    }
    return -1;
}

static void expect_kinds(RsCrateKind engine)
{
    g_autofree char *path = in_folder("out/app");
    g_autoptr(RsSymbolizer) symbolizer = rs_symbolizer_new(NULL);
    RsSymbolModule *module = rs_symbolizer_add(
        symbolizer, &(RsSymbolModuleInfo){.kind = RS_MODULE_FILE, .path = path, .n_bytes = -1});

    rs_symbol_module_set_main(module);
    ck_assert_int_eq(kind_of(module, "app::work"), RS_CRATE_OWN);
    ck_assert_int_eq(kind_of(module, "app::main"), RS_CRATE_OWN);
    ck_assert_int_eq(kind_of(module, "engine::near"), (int)engine);
    ck_assert_int_eq(kind_of(module, "<engine::Big as core::ops::drop::Drop>::drop"), (int)engine);
    ck_assert_int_eq(kind_of(module, "dep::far"), RS_CRATE_DEPENDENCY);
    ck_assert_int_eq(kind_of(module, "main"), RS_CRATE_RUNTIME);
    ck_assert_int_eq(kind_of(module, "_start"), RS_CRATE_RUNTIME);
}

START_TEST(crates_of_a_workspace_are_own_and_those_of_a_registry_are_not)
{
    if (build_workspace("-g"))
        expect_kinds(RS_CRATE_OWN);
}
END_TEST

START_TEST(without_debug_information_the_crate_of_main_is_own)
{
    if (build_workspace(""))
        expect_kinds(RS_CRATE_DEPENDENCY);
}
END_TEST

START_TEST(names_of_the_v0_scheme_tell_the_same)
{
    if (build_workspace("-g -C symbol-mangling-version=v0"))
        expect_kinds(RS_CRATE_OWN);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("crate_kind");
    TCase *tcase = tcase_create("crate_kind");

    tcase_add_checked_fixture(tcase, begin, end);
    tcase_set_timeout(tcase, 240);
    tcase_add_test(tcase, crates_are_told_apart_by_name_and_by_the_place_of_their_source);
    tcase_add_test(tcase, crates_that_std_is_built_from_count_as_std_where_they_are_its);
    tcase_add_test(tcase, the_crate_that_is_called_like_the_executable_is_own);
    tcase_add_test(tcase, the_folder_above_a_package_is_own_unless_it_is_one_of_the_machine);
    tcase_add_test(tcase, start_up_code_and_the_c_library_are_the_runtime);
    tcase_add_test(tcase, functions_of_a_c_program_are_its_own);
    tcase_add_test(tcase, crates_of_a_workspace_are_own_and_those_of_a_registry_are_not);
    tcase_add_test(tcase, without_debug_information_the_crate_of_main_is_own);
    tcase_add_test(tcase, names_of_the_v0_scheme_tell_the_same);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
