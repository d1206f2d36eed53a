/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trial/machine.h"

#include <check.h>
#include <glib/gstdio.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/run.h"
#include "trial/cgroup.h"

#define GIB (G_GINT64_CONSTANT(1) << 30)

static char *root_of(const char *name)
{
    const char *fixtures = g_getenv("FIXTURES");

    return g_build_filename(fixtures ? fixtures : "fixtures", "machine", name, NULL);
}

static void read_machine(const char *name, RsMachine *machine)
{
    g_autofree char *root = root_of(name);

    ck_assert_msg(g_file_test(root, G_FILE_TEST_IS_DIR), "no folder %s", root);
    g_unsetenv("container");
    g_unsetenv("KUBERNETES_SERVICE_HOST");
    rs_machine_init(machine);
    rs_machine_read(root, machine);
}

static void read_pressure(const char *name, RsPressure *pressure)
{
    g_autofree char *root = root_of(name);
    g_autoptr(RsPressureReader) reader = rs_pressure_reader_new(root);

    rs_pressure_read(reader, pressure);
}

static gint64 ticks_ns(gint64 n_ticks)
{
    return n_ticks * (1000000000 / sysconf(_SC_CLK_TCK));
}

START_TEST(a_virtual_machine_under_cgroup_2_is_read)
{
    g_autofree char *flags_sha256 =
        g_compute_checksum_for_string(G_CHECKSUM_SHA256, "fpu vme sse2 avx2 hypervisor", -1);
    RsMachine machine;

    read_machine("cgroup-v2", &machine);
    ck_assert_str_eq(machine.cpu_model, "Example(R) Processor 8488C @ 2.40GHz");
    ck_assert_int_eq(machine.cpu_family, 6);
    ck_assert_int_eq(machine.cpu_model_number, 143);
    ck_assert_int_eq(machine.cpu_stepping, 8);
    ck_assert_str_eq(machine.microcode, "0x2b000639");
    ck_assert_int_eq(machine.n_cores, 4);
    ck_assert_str_eq(machine.cpu_flags_sha256, flags_sha256);
    ck_assert_str_eq(machine.hypervisor, "Example Cloud");
    ck_assert_str_eq(machine.governor, "performance");
    ck_assert_ptr_null(machine.container);
    ck_assert_double_eq_tol(machine.cgroup_cpu_limit_cpus, 2.5, 1e-12);
    ck_assert_int_eq(machine.cgroup_memory_limit_bytes, 4 * GIB);
    ck_assert_ptr_nonnull(machine.fingerprint);
    rs_machine_clear(&machine);
}
END_TEST

START_TEST(limits_under_cgroup_1_are_read)
{
    RsMachine machine;

    read_machine("cgroup-v1", &machine);
    ck_assert_double_eq_tol(machine.cgroup_cpu_limit_cpus, 0.5, 1e-12);
    ck_assert_int_eq(machine.cgroup_memory_limit_bytes, GIB / 2);
    ck_assert_ptr_null(machine.hypervisor);
    ck_assert_ptr_null(machine.governor);
    ck_assert_ptr_null(machine.microcode);
    rs_machine_clear(&machine);
}
END_TEST

START_TEST(no_limit_under_either_version_is_no_limit)
{
    static const char *const names[] = {"hybrid", "container-v2", "arm64"};
    RsMachine machine;

    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        read_machine(names[i], &machine);
        ck_assert_msg(isnan(machine.cgroup_cpu_limit_cpus), "%s", names[i]);
        ck_assert_msg(machine.cgroup_memory_limit_bytes == -1, "%s", names[i]);
        rs_machine_clear(&machine);
    }
}
END_TEST

START_TEST(containers_are_told_by_their_marks)
{
    RsMachine machine;

    read_machine("container-v2", &machine);
    ck_assert_str_eq(machine.container, "docker");
    rs_machine_clear(&machine);
    read_machine("arm64", &machine);
    ck_assert_str_eq(machine.container, "podman");
    rs_machine_clear(&machine);
}
END_TEST

START_TEST(a_machine_without_model_name_is_told_by_its_part)
{
    g_autofree char *flags_sha256 =
        g_compute_checksum_for_string(G_CHECKSUM_SHA256, "fp asimd crc32 atomics", -1);
    RsMachine machine;

    read_machine("arm64", &machine);
    ck_assert_str_eq(machine.cpu_model, "0xd40");
    ck_assert_str_eq(machine.cpu_flags_sha256, flags_sha256);
    ck_assert_str_eq(machine.hypervisor, "xen");
    ck_assert_int_eq(machine.cpu_family, -1);
    ck_assert_int_eq(machine.cpu_model_number, -1);
    rs_machine_clear(&machine);
}
END_TEST

START_TEST(what_cannot_be_read_is_not_told)
{
    RsMachine machine;

    rs_machine_init(&machine);
    rs_machine_read("/nowhere", &machine);
    ck_assert_ptr_null(machine.cpu_model);
    ck_assert_ptr_null(machine.cpu_flags_sha256);
    ck_assert_ptr_null(machine.hypervisor);
    ck_assert_ptr_null(machine.fingerprint);
    ck_assert_int_eq(machine.cpu_family, -1);
    ck_assert_int_eq(machine.n_cores, -1);
    ck_assert_ptr_nonnull(machine.kernel); /* asked of the system, not of files */
    rs_machine_clear(&machine);
}
END_TEST

START_TEST(the_fingerprint_holds_for_a_machine_and_tells_machines_apart)
{
    RsMachine a, again, b;

    read_machine("cgroup-v2", &a);
    read_machine("cgroup-v2", &again);
    read_machine("cgroup-v1", &b);
    ck_assert_str_eq(a.fingerprint, again.fingerprint);
    ck_assert_str_ne(a.fingerprint, b.fingerprint);
    rs_machine_clear(&a);
    rs_machine_clear(&again);
    rs_machine_clear(&b);
}
END_TEST

START_TEST(this_machine_can_be_read)
{
    RsMachine machine;

    rs_machine_init(&machine);
    rs_machine_read("/", &machine);
    ck_assert_int_ge(machine.n_cpus_online, 1);
    ck_assert_int_ge(machine.n_cpus_allowed, 1);
    ck_assert_int_gt(machine.memory_bytes, 0);
    ck_assert(g_str_has_prefix(machine.libc, "glibc 2."));
    ck_assert_ptr_nonnull(machine.hostname);
    ck_assert_ptr_nonnull(machine.architecture);
    rs_machine_clear(&machine);
}
END_TEST

/* --- cgroup files --- */

static void assert_cgroup_file(const char *root_name, const char *controller, const char *name_v2,
                               const char *name_v1, const char *expected)
{
    g_autofree char *root = root_of(root_name);
    g_autofree char *path = rs_cgroup_file(root, controller, name_v2, name_v1);
    g_autofree char *full = expected ? g_build_filename(root, expected, NULL) : NULL;

    if (expected)
        ck_assert_str_eq(path, full);
    else
        ck_assert_ptr_null(path);
}

START_TEST(a_cgroup_file_is_found_where_the_group_is)
{
    assert_cgroup_file("cgroup-v2", "cpu", "cpu.stat", "cpu.stat",
                       "sys/fs/cgroup/ci.slice/job-7/cpu.stat");
    assert_cgroup_file("cgroup-v1", "cpu", "cpu.stat", "cpu.stat",
                       "sys/fs/cgroup/cpu/jobs/1/cpu.stat");
    assert_cgroup_file("cgroup-v1", "memory", "memory.events", "memory.oom_control",
                       "sys/fs/cgroup/memory/jobs/1/memory.oom_control");
    assert_cgroup_file("cgroup-v1", "memory", "memory.events", "memory.events", NULL);
    assert_cgroup_file("arm64", "cpu", "cpu.stat", "cpu.stat", NULL);
}
END_TEST

START_TEST(in_a_container_the_root_of_the_mount_is_our_group)
{
    assert_cgroup_file("container-v2", "cpu", "cpu.max", "cpu.cfs_quota_us",
                       "sys/fs/cgroup/cpu.max");
}
END_TEST

START_TEST(a_hybrid_machine_falls_back_to_its_unified_hierarchy)
{
    assert_cgroup_file("hybrid", "cpu", "cpu.stat", "cpu.stat", "sys/fs/cgroup/unified/cpu.stat");
    assert_cgroup_file("hybrid", "cpu", "cpu.max", "cpu.cfs_quota_us",
                       "sys/fs/cgroup/cpu/cpu.cfs_quota_us");
}
END_TEST

/* --- pressure --- */

START_TEST(pressure_under_cgroup_2_is_read)
{
    RsPressure pressure;

    read_pressure("cgroup-v2", &pressure);
    ck_assert_int_eq(pressure.cpu_ns, ticks_ns(100 + 20 + 30 + 4000 + 50 + 6 + 7 + 89));
    ck_assert_int_eq(pressure.steal_ns, ticks_ns(89));
    ck_assert_int_eq(pressure.throttled_ns, 1234000);
    ck_assert_int_eq(pressure.n_oom_kills, 3);
}
END_TEST

START_TEST(pressure_under_cgroup_1_is_read)
{
    RsPressure pressure;

    read_pressure("cgroup-v1", &pressure);
    ck_assert_int_eq(pressure.cpu_ns, ticks_ns(36));
    ck_assert_int_eq(pressure.steal_ns, ticks_ns(8));
    ck_assert_int_eq(pressure.throttled_ns, 5678);
    ck_assert_int_eq(pressure.n_oom_kills, 2);
}
END_TEST

START_TEST(pressure_that_is_not_there_is_not_told)
{
    static const char *const names[] = {"arm64", "container-v2", "nowhere"};
    RsPressure pressure;

    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        read_pressure(names[i], &pressure);
        ck_assert_msg(pressure.cpu_ns == -1 && pressure.steal_ns == -1, "%s", names[i]);
        ck_assert_msg(pressure.throttled_ns == -1, "%s", names[i]);
        ck_assert_msg(pressure.n_oom_kills == -1, "%s", names[i]);
    }
    read_pressure("hybrid", &pressure);
    ck_assert_int_eq(pressure.cpu_ns, -1); /* no line "cpu" */
    ck_assert_int_eq(pressure.throttled_ns, 9000);
}
END_TEST

static void write_steal(const char *root, guint n_ticks)
{
    g_autofree char *path = g_build_filename(root, "proc/stat", NULL);
    g_autofree char *text = g_strdup_printf("cpu  1 0 0 0 0 0 0 %u 0 0\n", n_ticks);
    FILE *file = fopen(path, "w"); /* in place, as the kernel's file changes */

    ck_assert(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0);
}

START_TEST(a_reader_sees_what_has_changed_since)
{
    g_autofree char *root = g_dir_make_tmp("rs-test-XXXXXX", NULL);
    g_autofree char *proc = g_build_filename(root, "proc", NULL);
    g_autofree char *stat = g_build_filename(proc, "stat", NULL);
    g_autoptr(RsPressureReader) reader = NULL;
    RsPressure pressure;

    ck_assert_int_eq(g_mkdir(proc, 0700), 0);
    write_steal(root, 5);
    reader = rs_pressure_reader_new(root);
    rs_pressure_read(reader, &pressure);
    ck_assert_int_eq(pressure.steal_ns, ticks_ns(5));
    write_steal(root, 17);
    rs_pressure_read(reader, &pressure);
    ck_assert_int_eq(pressure.steal_ns, ticks_ns(17));
    g_unlink(stat);
    g_rmdir(proc);
    g_rmdir(root);
}
END_TEST

/* Far wider than any machine: it must not have been folded away, nor take seconds. */
START_TEST(the_calibration_loop_takes_milliseconds)
{
    gint64 took_ns = rs_machine_calibrate_ns();

    ck_assert_int_gt(took_ns, 100000);
    ck_assert_int_lt(took_ns, 2000000000);
}
END_TEST

START_TEST(the_load_is_told_as_a_number)
{
    ck_assert(rs_machine_load() >= 0);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("machine");

    tcase_add_test(tcase, a_virtual_machine_under_cgroup_2_is_read);
    tcase_add_test(tcase, limits_under_cgroup_1_are_read);
    tcase_add_test(tcase, no_limit_under_either_version_is_no_limit);
    tcase_add_test(tcase, containers_are_told_by_their_marks);
    tcase_add_test(tcase, a_machine_without_model_name_is_told_by_its_part);
    tcase_add_test(tcase, what_cannot_be_read_is_not_told);
    tcase_add_test(tcase, the_fingerprint_holds_for_a_machine_and_tells_machines_apart);
    tcase_add_test(tcase, this_machine_can_be_read);
    tcase_add_test(tcase, a_cgroup_file_is_found_where_the_group_is);
    tcase_add_test(tcase, in_a_container_the_root_of_the_mount_is_our_group);
    tcase_add_test(tcase, a_hybrid_machine_falls_back_to_its_unified_hierarchy);
    tcase_add_test(tcase, pressure_under_cgroup_2_is_read);
    tcase_add_test(tcase, pressure_under_cgroup_1_is_read);
    tcase_add_test(tcase, pressure_that_is_not_there_is_not_told);
    tcase_add_test(tcase, a_reader_sees_what_has_changed_since);
    tcase_add_test(tcase, the_calibration_loop_takes_milliseconds);
    tcase_add_test(tcase, the_load_is_told_as_a_number);
    return run_tests("machine", tcase);
}
