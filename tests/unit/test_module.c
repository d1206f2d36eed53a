/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files of living processes: shared, deleted, replaced, in another root, or not to be had. */
#include "capture/module.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/stop_sample.h"
#include "tests/unit/run.h"

static RsModules *modules;
static char *program, *folder;
static StopTarget targets[2];
static guint n_targets;

static void set_up(void)
{
    const char *build = g_getenv("BUILD") ? g_getenv("BUILD") : "build/release";

    program = g_build_filename(build, "tests", "programs", "unwind_target", NULL);
    folder = g_dir_make_tmp("module-XXXXXX", NULL);
    modules = rs_modules_new();
    n_targets = 0;
}

static void tear_down(void)
{
    g_autofree char *command = g_strdup_printf("rm -rf '%s'", folder);

    while (n_targets)
        stop_target_end(&targets[--n_targets]);
    rs_modules_free(modules);
    ck_assert_int_eq(system(command), 0);
    g_free(program);
    g_free(folder);
}

/* Starts the program at path; returns its id. */
static pid_t start(const char *path)
{
    StopTarget *target = &targets[n_targets];

    ck_assert(stop_target_start(target, (const char *const[]){path, "vdso", NULL}));
    n_targets++;
    ck_assert(stop_target_wait_ready(target));
    return target->pid;
}

static char *copy_program(const char *name)
{
    char *path = g_build_filename(folder, name, NULL);
    g_autofree gchar *content = NULL;
    gsize n_bytes;

    ck_assert(g_file_get_contents(program, &content, &n_bytes, NULL));
    ck_assert(g_file_set_contents_full(path, content, (gssize)n_bytes, G_FILE_SET_CONTENTS_NONE,
                                       0755, NULL));
    return path;
}

static char mapping_path[PATH_MAX];

/* The first executable mapping of pid whose path has that text in it. */
static RsMapping mapping_of(pid_t pid, const char *text)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/maps", pid);
    FILE *file = fopen(path, "re");
    RsMapping found = {0};
    char line[PATH_MAX + 128];

    ck_assert_ptr_nonnull(file);
    while (!found.end && fgets(line, sizeof line, file)) {
        unsigned long start, end, offset, inode;
        unsigned major_number, minor_number;
        int at = 0;

        if (sscanf(line, "%lx-%lx r-xp %lx %x:%x %lu %n", &start, &end, &offset, &major_number,
                   &minor_number, &inode, &at) < 6 ||
            !at || !strstr(line + at, text))
            continue;
        g_strlcpy(mapping_path, g_strchomp(line + at), sizeof mapping_path);
        found = (RsMapping){.start = start,
                            .end = end,
                            .file_offset = offset,
                            .device_major = major_number,
                            .device_minor = minor_number,
                            .inode = inode,
                            .path = mapping_path};
    }
    fclose(file);
    ck_assert_uint_ne(found.end, 0);
    return found;
}

static void set_build_id(RsMapping *mapping, const char *hex)
{
    mapping->n_build_id_bytes = 0;
    for (; *hex && mapping->n_build_id_bytes < 20; hex += 2)
        mapping->build_id[mapping->n_build_id_bytes++] =
            (guint8)(g_ascii_xdigit_value(hex[0]) << 4 | g_ascii_xdigit_value(hex[1]));
}

START_TEST(one_file_is_one_module_whoever_maps_it)
{
    pid_t first = start(program), second = start(program);
    RsMapping mapping = mapping_of(first, "unwind_target");
    RsModule *module = rs_modules_get(modules, first, &mapping), *other;
    guint32 n;

    ck_assert_int_eq(rs_module_kind(module), RS_MODULE_FILE);
    ck_assert_ptr_nonnull(rs_module_elf(module));
    ck_assert_ptr_nonnull(rs_module_table(module));
    ck_assert_ptr_eq(rs_module_table(module), rs_module_table(module));
    ck_assert_str_eq(rs_module_path(module), mapping_path);
    ck_assert_str_eq(rs_module_build_id(module), rs_elf_build_id(rs_module_elf(module)));
    ck_assert_int_eq(rs_module_n_bytes(module), (gint64)rs_elf_n_bytes(rs_module_elf(module)));
    n = rs_modules_n(modules);
    mapping = mapping_of(second, "unwind_target");
    ck_assert_ptr_eq(rs_modules_get(modules, second, &mapping), module);
    ck_assert_uint_eq(rs_modules_n(modules), n);
    mapping = mapping_of(second, "libc");
    other = rs_modules_get(modules, second, &mapping);
    ck_assert_ptr_ne(other, module);
    ck_assert_ptr_eq(rs_modules_by_id(modules, rs_module_id(other)), other);
    ck_assert_ptr_eq(rs_modules_by_id(modules, rs_module_id(module)), module);
}
END_TEST

START_TEST(a_deleted_program_is_still_had)
{
    g_autofree char *path = copy_program("deleted");
    pid_t pid = start(path);
    RsMapping mapping;
    RsModule *module;

    ck_assert_int_eq(unlink(path), 0);
    mapping = mapping_of(pid, "deleted");
    ck_assert(g_str_has_suffix(mapping.path, " (deleted)"));
    module = rs_modules_get(modules, pid, &mapping);
    ck_assert_ptr_nonnull(rs_module_elf(module));
    ck_assert_ptr_nonnull(rs_module_table(module));
    ck_assert_str_eq(rs_module_path(module), path);
}
END_TEST

START_TEST(another_file_of_that_name_is_not_taken_for_it)
{
    g_autofree char *path = copy_program("replaced");
    pid_t pid = start(path);
    RsMapping mapping = mapping_of(pid, "replaced"), gone = mapping;
    g_autofree char *name = g_strdup(mapping.path);
    RsModule *module;

    mapping.path = gone.path = name;
    /* as if another file had been there when it was mapped, which nobody has any more */
    gone.inode += 1000000;
    module = rs_modules_get(modules, pid, &gone);
    ck_assert_ptr_null(rs_module_elf(module));
    ck_assert_ptr_null(rs_module_table(module));
    ck_assert_int_eq(rs_module_kind(module), RS_MODULE_FILE);
    ck_assert_str_eq(rs_module_path(module), path);
    ck_assert_ptr_eq(rs_modules_get(modules, pid, &gone), module);
    ck_assert_ptr_ne(rs_modules_get(modules, pid, &mapping), module);
    ck_assert_ptr_nonnull(rs_module_elf(rs_modules_get(modules, pid, &mapping)));
}
END_TEST

START_TEST(a_file_written_anew_in_the_same_inode_is_another_module)
{
    g_autofree char *path = copy_program("library");
    struct stat status;
    RsMapping mapping = {.start = 0x10000, .end = 0x20000, .path = path};
    RsModule *before, *after;
    FILE *file;

    ck_assert_int_eq(stat(path, &status), 0);
    mapping.device_major = major(status.st_dev);
    mapping.device_minor = minor(status.st_dev);
    mapping.inode = status.st_ino;
    before = rs_modules_get(modules, getpid(), &mapping);
    ck_assert_ptr_nonnull(rs_module_elf(before));
    file = fopen(path, "ae");
    fputs("more", file);
    fclose(file);
    after = rs_modules_get(modules, getpid(), &mapping);
    ck_assert_ptr_nonnull(rs_module_elf(after));
    ck_assert_ptr_ne(before, after);
    ck_assert_int_eq(rs_module_n_bytes(after), rs_module_n_bytes(before) + 4);
}
END_TEST

START_TEST(a_build_id_alone_decides_when_nothing_else_is_told)
{
    pid_t pid = start(program);
    RsMapping mapping = mapping_of(pid, "unwind_target");
    RsModule *module;
    g_autofree char *build_id = NULL;

    {
        g_autoptr(GError) error = NULL;
        int fd = open(program, O_RDONLY | O_CLOEXEC);
        g_autoptr(RsElf) elf = rs_elf_open_fd(fd, program, &error);

        close(fd);
        build_id = g_strdup(rs_elf_build_id(elf));
    }
    ck_assert_ptr_nonnull(build_id);
    mapping.inode = mapping.device_major = mapping.device_minor = 0;
    set_build_id(&mapping, "00112233445566778899aabbccddeeff00112233");
    module = rs_modules_get(modules, pid, &mapping);
    ck_assert_ptr_null(rs_module_elf(module));
    ck_assert_str_eq(rs_module_build_id(module), "00112233445566778899aabbccddeeff00112233");
    set_build_id(&mapping, build_id);
    module = rs_modules_get(modules, pid, &mapping);
    ck_assert_ptr_nonnull(rs_module_elf(module));
    /* and is found by it when the process and the file are out of reach */
    mapping.path = "/nowhere/to/be/found";
    mapping.start = mapping.end = 0x1000;
    ck_assert_ptr_eq(rs_modules_get(modules, 0x3fffffff, &mapping), module);
}
END_TEST

START_TEST(a_process_that_is_gone_gets_the_file_that_was_seen_before)
{
    g_autofree char *path = copy_program("gone");
    pid_t pid = start(path);
    RsMapping mapping = mapping_of(pid, "gone");
    RsModule *module = rs_modules_get(modules, pid, &mapping);

    ck_assert_ptr_nonnull(rs_module_elf(module));
    ck_assert_int_eq(unlink(path), 0);
    stop_target_end(&targets[--n_targets]);
    ck_assert_ptr_eq(rs_modules_get(modules, pid, &mapping), module);
}
END_TEST

START_TEST(a_process_in_another_root_has_its_own_files)
{
    g_autofree char *path = copy_program("inside"), *unseen = NULL;
    struct stat status;
    RsMapping mapping = {.start = 0x10000, .end = 0x20000, .path = "/inside"};
    int ends[2], exit_status;
    pid_t child;
    char byte;
    RsModule *module;

    ck_assert_int_eq(pipe(ends), 0);
    child = fork();
    if (child == 0) {
        char result = chroot(folder) == 0 ? 'y' : 'n';

        if (write(ends[1], &result, 1) == 1)
            pause();
        _exit(0);
    }
    ck_assert_int_eq(read(ends[0], &byte, 1), 1);
    if (byte == 'y') {
        ck_assert_int_eq(stat(path, &status), 0);
        mapping.device_major = major(status.st_dev);
        mapping.device_minor = minor(status.st_dev);
        mapping.inode = status.st_ino;
        module = rs_modules_get(modules, child, &mapping);
        ck_assert_ptr_nonnull(rs_module_elf(module));
        ck_assert_str_eq(rs_module_path(module), "/inside");
    } else {
        printf("SKIP: chroot is not permitted\n");
    }
    kill(child, SIGKILL);
    ck_assert_int_eq(waitpid(child, &exit_status, 0), child);
    close(ends[0]);
    close(ends[1]);
}
END_TEST

START_TEST(the_vdso_is_ours_and_has_a_table)
{
    pid_t pid = start(program);
    RsMapping mapping = mapping_of(pid, "[vdso]");
    RsModule *module = rs_modules_get(modules, pid, &mapping);

    ck_assert_ptr_eq(module, rs_modules_vdso(modules));
    ck_assert_int_eq(rs_module_kind(module), RS_MODULE_VDSO);
    ck_assert_str_eq(rs_module_path(module), "[vdso]");
    ck_assert_ptr_nonnull(rs_module_elf(module));
    ck_assert_ptr_nonnull(rs_module_table(module));
    ck_assert_uint_le(rs_elf_n_bytes(rs_module_elf(module)), mapping.end - mapping.start);
}
END_TEST

START_TEST(memory_without_a_file_is_jit_and_what_is_no_elf_file_too)
{
    static const char *const paths[] = {"", "//anon", "[heap]", "/memfd:code (deleted)"};
    g_autofree char *path = g_build_filename(folder, "image", NULL);
    RsMapping mapping = {.start = 0x10000, .end = 0x20000};
    RsModule *module;
    struct stat status;

    for (guint i = 0; i < G_N_ELEMENTS(paths); i++) {
        mapping.path = paths[i];
        mapping.inode = paths[i][0] == '/' && paths[i][1] == 'm' ? 77 : 0;
        module = rs_modules_get(modules, 0x3fffffff, &mapping);
        ck_assert_int_eq(rs_module_kind(module), RS_MODULE_JIT);
        ck_assert_str_eq(rs_module_path(module), "[jit]");
        ck_assert_ptr_null(rs_module_elf(module));
    }
    ck_assert(g_file_set_contents(path, "code, but not ELF", -1, NULL));
    ck_assert_int_eq(stat(path, &status), 0);
    mapping = (RsMapping){.start = 0x10000,
                          .end = 0x20000,
                          .device_major = major(status.st_dev),
                          .device_minor = minor(status.st_dev),
                          .inode = status.st_ino,
                          .path = path};
    module = rs_modules_get(modules, getpid(), &mapping);
    ck_assert_int_eq(rs_module_kind(module), RS_MODULE_JIT);
    ck_assert_ptr_null(rs_module_table(module));
}
END_TEST

START_TEST(a_pipe_in_place_of_the_file_is_not_waited_for)
{
    g_autofree char *path = g_build_filename(folder, "pipe", NULL);
    RsMapping mapping = {.start = 0x10000, .end = 0x20000, .inode = 5, .path = path};

    ck_assert_int_eq(mkfifo(path, 0600), 0);
    ck_assert_ptr_null(rs_module_elf(rs_modules_get(modules, getpid(), &mapping)));
}
END_TEST

START_TEST(too_many_modules_are_the_unknown_one)
{
    RsModule *module = NULL;
    guint32 n;

    for (guint i = 0; i < 20000; i++) {
        g_autofree char *path = g_strdup_printf("/nowhere/%u", i);
        RsMapping mapping = {.start = 0x10000, .end = 0x20000, .inode = i + 1, .path = path};

        module = rs_modules_get(modules, 0x3fffffff, &mapping);
        ck_assert_ptr_nonnull(module);
    }
    ck_assert_ptr_eq(module, rs_modules_unknown(modules));
    ck_assert_int_eq(rs_module_kind(module), RS_MODULE_UNKNOWN);
    n = rs_modules_n(modules);
    ck_assert_uint_lt(n, 20000);
    ck_assert_ptr_nonnull(rs_modules_by_id(modules, n - 1));
}
END_TEST

/* --- threads --- */

static RsMapping shared_mapping;
static pid_t shared_pid;

static void *get_table(void *unused)
{
    RsModule *module = rs_modules_get(modules, shared_pid, &shared_mapping);

    return (void *)(guintptr)rs_module_table(module);
}

START_TEST(threads_that_ask_at_once_get_one_module_and_one_table)
{
    pthread_t threads[4];
    void *tables[4];
    guint32 n = rs_modules_n(modules);

    shared_pid = start(program);
    shared_mapping = mapping_of(shared_pid, "libc");
    for (guint i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, get_table, NULL), 0);
    for (guint i = 0; i < 4; i++)
        pthread_join(threads[i], &tables[i]);
    ck_assert_uint_eq(rs_modules_n(modules), n + 1);
    ck_assert_ptr_nonnull(tables[0]);
    for (guint i = 1; i < 4; i++)
        ck_assert_ptr_eq(tables[i], tables[0]);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("module");

    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, one_file_is_one_module_whoever_maps_it);
    tcase_add_test(tcase, a_deleted_program_is_still_had);
    tcase_add_test(tcase, another_file_of_that_name_is_not_taken_for_it);
    tcase_add_test(tcase, a_file_written_anew_in_the_same_inode_is_another_module);
    tcase_add_test(tcase, a_build_id_alone_decides_when_nothing_else_is_told);
    tcase_add_test(tcase, a_process_that_is_gone_gets_the_file_that_was_seen_before);
    tcase_add_test(tcase, a_process_in_another_root_has_its_own_files);
    tcase_add_test(tcase, the_vdso_is_ours_and_has_a_table);
    tcase_add_test(tcase, memory_without_a_file_is_jit_and_what_is_no_elf_file_too);
    tcase_add_test(tcase, a_pipe_in_place_of_the_file_is_not_waited_for);
    tcase_add_test(tcase, too_many_modules_are_the_unknown_one);
    tcase_add_test(tcase, threads_that_ask_at_once_get_one_module_and_one_table);
    return run_tests("module", tcase);
}
