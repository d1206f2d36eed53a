/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trial/program.h"

#include <string.h>
#include <sys/stat.h>

#include "tests/unit/run.h"
#include "tests/unit/trial_fixtures.h"

#define STRV(...) ((char *[]){__VA_ARGS__, NULL})

/* A file in the test's folder with these bytes and mode 0755. */
static char *executable(const char *name, const char *bytes, gsize n_bytes)
{
    g_autofree char *parent = NULL;
    char *path = in_folder(name);

    parent = g_path_get_dirname(path);
    g_mkdir_with_parents(parent, 0700);
    ck_assert(g_file_set_contents(path, bytes, (gssize)n_bytes, NULL));
    ck_assert_int_eq(chmod(path, 0755), 0);
    return path;
}

static RsProgram resolved(char **argv)
{
    g_autoptr(GError) error = NULL;
    RsProgram program = {.argv = argv, .executable_bytes = -1};

    ck_assert(rs_program_resolve(&program, &error));
    ck_assert_no_error(error);
    return program;
}

static void forget(RsProgram *program)
{
    g_free(program->executable_path);
    g_free(program->executable_sha256);
}

static void assert_unresolved(RsProgram *program, GFileError code, const char *message_end)
{
    g_autoptr(GError) error = NULL;

    ck_assert(!rs_program_resolve(program, &error));
    ck_assert(g_error_matches(error, G_FILE_ERROR, code));
    ck_assert_msg(g_str_has_suffix(error->message, message_end), "%s", error->message);
    ck_assert_ptr_null(program->executable_path);
    ck_assert_ptr_null(program->executable_sha256);
}

/* SHA-256 of "abc": FIPS 180-2, appendix B.1. */
START_TEST(a_path_is_resolved_and_its_content_hashed)
{
    g_autofree char *path = executable("abc", "abc", 3);
    RsProgram program = resolved(STRV(path));

    ck_assert_str_eq(program.executable_path, path);
    ck_assert_int_eq(program.executable_bytes, 3);
    ck_assert_str_eq(program.executable_sha256,
                     "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    forget(&program);
}
END_TEST

START_TEST(a_relative_path_means_the_programs_working_directory)
{
    g_autofree char *path = executable("bin/tool", "abc", 3);
    RsProgram program = {.argv = STRV((char *)"./bin/tool"), .working_directory = folder};

    ck_assert(rs_program_resolve(&program, NULL));
    ck_assert_str_eq(program.executable_path, path);
    forget(&program);
}
END_TEST

START_TEST(a_bare_name_is_searched_along_path)
{
    g_autofree char *first = in_folder("first"), *second = in_folder("second"), *found = NULL;
    g_autofree char *search = g_strjoin(":", first, second, NULL), *plain = NULL;
    RsProgram program;

    found = executable("second/tool", "abc", 3);
    plain = executable("first/tool", "not executable", 14);
    chmod(plain, 0644);
    g_setenv("PATH", search, TRUE);
    program = resolved(STRV((char *)"tool"));
    ck_assert_str_eq(program.executable_path, found);
    forget(&program);
}
END_TEST

START_TEST(an_empty_entry_of_path_is_the_working_directory)
{
    g_autofree char *path = executable("tool", "abc", 3);
    RsProgram program = {.argv = STRV((char *)"tool"), .working_directory = folder};

    g_setenv("PATH", "/nowhere:", TRUE);
    ck_assert(rs_program_resolve(&program, NULL));
    ck_assert_str_eq(program.executable_path, path);
    forget(&program);
}
END_TEST

START_TEST(a_shell_command_resolves_to_the_shell)
{
    RsProgram program = {.argv = STRV((char *)"no-such-thing | wc"), .shell = TRUE};

    ck_assert(rs_program_resolve(&program, NULL));
    ck_assert_str_eq(program.executable_path, "/bin/sh");
    forget(&program);
}
END_TEST

START_TEST(what_cannot_be_executed_is_refused_with_the_reason)
{
    g_autofree char *plain = executable("plain", "abc", 3), *missing = in_folder("missing");
    RsProgram program = {.argv = STRV(missing)};

    chmod(plain, 0644);
    assert_unresolved(&program, G_FILE_ERROR_NOENT, "missing: no such file");
    program.argv = STRV(plain);
    assert_unresolved(&program, G_FILE_ERROR_ACCES, "plain: not an executable file");
    program.argv = STRV(folder);
    assert_unresolved(&program, G_FILE_ERROR_ACCES, ": not an executable file");
    program.argv = STRV((char *)"no-such-program-anywhere");
    assert_unresolved(&program, G_FILE_ERROR_NOENT, "no-such-program-anywhere: not found in PATH");
}
END_TEST

START_TEST(resolving_again_forgets_what_was_there_before)
{
    g_autofree char *path = executable("tool", "abc", 3);
    RsProgram program = {.argv = STRV(path)};

    ck_assert(rs_program_resolve(&program, NULL));
    g_unlink(path);
    assert_unresolved(&program, G_FILE_ERROR_NOENT, "tool: no such file");
}
END_TEST

/* --- identical programs --- */

#define ELF "\177ELF and some code"

static void assert_identical(const char *bytes_a, const char *name_a, const char *bytes_b,
                             const char *name_b, gboolean expected)
{
    g_autofree char *path_a = executable(name_a, bytes_a, strlen(bytes_a));
    g_autofree char *path_b = executable(name_b, bytes_b, strlen(bytes_b));
    RsProgram a = resolved(STRV(path_a, (char *)"x")), b = resolved(STRV(path_b, (char *)"x"));

    ck_assert(rs_programs_are_identical(&a, &b) == expected);
    ck_assert(rs_programs_are_identical(&b, &a) == expected);
    forget(&a);
    forget(&b);
}

START_TEST(the_same_file_is_identical_to_itself)
{
    assert_identical(ELF, "a", ELF, "a", TRUE);
    assert_identical("#!/bin/sh\n", "script", "#!/bin/sh\n", "script", TRUE);
}
END_TEST

START_TEST(copies_of_a_binary_are_identical)
{
    assert_identical(ELF, "a", ELF, "elsewhere/a", TRUE);
}
END_TEST

START_TEST(binaries_with_other_content_are_not_identical)
{
    assert_identical(ELF, "a", ELF "!", "b", FALSE);
}
END_TEST

START_TEST(copies_that_load_libraries_from_beside_them_are_not_identical)
{
    assert_identical(ELF " $ORIGIN/../lib", "a", ELF " $ORIGIN/../lib", "elsewhere/a", FALSE);
    assert_identical(ELF " ${ORIGIN}", "c", ELF " ${ORIGIN}", "elsewhere/c", FALSE);
}
END_TEST

START_TEST(copies_of_a_script_are_not_identical)
{
    assert_identical("#!/bin/sh\n. ./lib\n", "a", "#!/bin/sh\n. ./lib\n", "elsewhere/a", FALSE);
    assert_identical("", "empty", "", "elsewhere/empty", FALSE);
}
END_TEST

static void assert_differs(const RsProgram *a, const RsProgram *b, const char *what)
{
    ck_assert_msg(!rs_programs_are_identical(a, b), "%s", what);
    ck_assert_msg(!rs_programs_are_identical(b, a), "%s", what);
}

START_TEST(another_input_makes_another_program)
{
    g_autofree char *path = executable("a", ELF, strlen(ELF));
    RsProgram a = resolved(STRV(path, (char *)"-6")), b = a;

    ck_assert(rs_programs_are_identical(&a, &b));
    b.argv = STRV(path, (char *)"-9");
    assert_differs(&a, &b, "arguments");
    b.argv = STRV(path);
    assert_differs(&a, &b, "fewer arguments");
    b = a;
    b.environment = STRV((char *)"LC_ALL=C");
    assert_differs(&a, &b, "environment");
    b = a;
    b.working_directory = (char *)"/tmp";
    assert_differs(&a, &b, "working directory");
    b = a;
    b.stdin_path = (char *)"/etc/passwd";
    assert_differs(&a, &b, "stdin");
    b = a;
    b.shell = TRUE;
    assert_differs(&a, &b, "shell");
    forget(&a);
}
END_TEST

START_TEST(shell_commands_are_identical_when_their_text_is)
{
    RsProgram a = {.argv = STRV((char *)"echo a"), .shell = TRUE}, b;

    ck_assert(rs_program_resolve(&a, NULL));
    b = a;
    ck_assert(rs_programs_are_identical(&a, &b));
    b.argv = STRV((char *)"echo b");
    assert_differs(&a, &b, "text");
    forget(&a);
}
END_TEST

START_TEST(programs_that_were_not_resolved_are_never_identical)
{
    RsProgram a = {.argv = STRV((char *)"true")};

    ck_assert(!rs_programs_are_identical(&a, &a));
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("program");

    tcase_add_checked_fixture(tcase, enter_folder, leave_folder);
    tcase_add_test(tcase, a_path_is_resolved_and_its_content_hashed);
    tcase_add_test(tcase, a_relative_path_means_the_programs_working_directory);
    tcase_add_test(tcase, a_bare_name_is_searched_along_path);
    tcase_add_test(tcase, an_empty_entry_of_path_is_the_working_directory);
    tcase_add_test(tcase, a_shell_command_resolves_to_the_shell);
    tcase_add_test(tcase, what_cannot_be_executed_is_refused_with_the_reason);
    tcase_add_test(tcase, resolving_again_forgets_what_was_there_before);
    tcase_add_test(tcase, the_same_file_is_identical_to_itself);
    tcase_add_test(tcase, copies_of_a_binary_are_identical);
    tcase_add_test(tcase, binaries_with_other_content_are_not_identical);
    tcase_add_test(tcase, copies_that_load_libraries_from_beside_them_are_not_identical);
    tcase_add_test(tcase, copies_of_a_script_are_not_identical);
    tcase_add_test(tcase, another_input_makes_another_program);
    tcase_add_test(tcase, shell_commands_are_identical_when_their_text_is);
    tcase_add_test(tcase, programs_that_were_not_resolved_are_never_identical);
    return run_tests("program", tcase);
}
