/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of symbols share: a folder, tools of the compiler, files opened. Include it once
 * in each test program. */
#ifndef RS_TESTS_UNIT_SYMBOL_FIXTURES_H
#define RS_TESTS_UNIT_SYMBOL_FIXTURES_H

#include <check.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "elf/elf_file.h"
#include "tests/unit/run.h"

static char *folder;

static inline void set_up(void)
{
    g_autofree char *here = g_get_current_dir();
    g_autofree char *name = g_dir_make_tmp("symbol-XXXXXX", NULL);

    ck_assert(name != NULL);
    folder = g_canonicalize_filename(name, here);
}

static inline void tear_down(void)
{
    g_autofree char *command = g_strdup_printf("rm -rf '%s'", folder);

    ck_assert_int_eq(system(command), 0);
    g_clear_pointer(&folder, g_free);
}

/* A program that the build made for tests, by an absolute name. Yours. */
static inline char *test_program(const char *name)
{
    const char *build = g_getenv("BUILD") ? g_getenv("BUILD") : "build/release";
    g_autofree char *path = g_build_filename(build, "tests", "programs", name, NULL);

    return g_canonicalize_filename(path, NULL);
}

/* A name in the folder. Yours. */
static inline char *in_folder(const char *name)
{
    return g_build_filename(folder, name, NULL);
}

/* Runs a command of the shell in the folder, which must succeed. */
static inline void run(const char *format, ...) G_GNUC_PRINTF(1, 2);
static inline void run(const char *format, ...)
{
    g_autofree char *command = NULL, *full = NULL;
    va_list arguments;

    va_start(arguments, format);
    command = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    full = g_strdup_printf("cd '%s' && %s", folder, command);
    ck_assert_msg(system(full) == 0, "cannot run %s", command);
}

/* The lines that a command prints. Yours. */
static inline char **lines_of(const char *format, ...) G_GNUC_PRINTF(1, 2);
static inline char **lines_of(const char *format, ...)
{
    g_autofree char *command = NULL, *output = NULL;
    char *argv[] = {(char[]){"/bin/sh"}, (char[]){"-c"}, NULL, NULL};
    va_list arguments;

    va_start(arguments, format);
    command = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    argv[2] = command;
    ck_assert(g_spawn_sync(folder, argv, NULL, G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &output,
                           NULL, NULL, NULL));
    return g_strsplit(output, "\n", -1);
}

static inline void write_file(const char *name, const char *text)
{
    g_autofree char *path = in_folder(name);

    ck_assert(g_file_set_contents(path, text, -1, NULL));
}

/* By an absolute name, or one in the folder. */
static inline RsElf *open_elf(const char *name)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = g_path_is_absolute(name) ? g_strdup(name) : in_folder(name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    RsElf *elf;

    ck_assert_msg(fd >= 0, "cannot open %s", path);
    elf = rs_elf_open_fd(fd, path, &error);
    close(fd);
    ck_assert_msg(elf != NULL, "%s", error ? error->message : "");
    return elf;
}

#endif
