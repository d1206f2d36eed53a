/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What disturbs or helps besides: container, clocks, CPUs, names, room for buffers, libraries. */
#include <errno.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/units.h"
#include "cmd/doctor_checks.h"
#include "remote/ca_bundle.h"
#include "trial/machine.h"

#define BUFFER_BYTES (8 * 1024 * 1024)

static void check_container(RsDoctor *doctor, const RsMachine *machine)
{
    rs_doctor_add(doctor, "machine", "container", RS_CHECK_INFO,
                  machine->container ? g_strdup_printf("in %s", machine->container)
                                     : g_strdup("none seen"),
                  NULL);
    if (machine->hypervisor)
        rs_doctor_add(
            doctor, "machine", "virtual machine", RS_CHECK_LIMITED,
            g_strdup_printf("%s: other guests disturb, figures vary more", machine->hypervisor),
            NULL);
}

static void check_processes(RsDoctor *doctor)
{
    g_autofree char *path = g_build_filename(doctor->root, "proc/1/stat", NULL);
    gboolean visible = access(path, R_OK) == 0;

    rs_doctor_add(doctor, "machine", "other processes", visible ? RS_CHECK_OK : RS_CHECK_LIMITED,
                  g_strdup(visible ? "/proc shows them"
                                   : "/proc is mounted with hidepid: only own ones are found"),
                  NULL);
}

static void check_clock(RsDoctor *doctor)
{
    static const char *const slow[] = {"hpet", "acpi_pm", "jiffies", "refined-jiffies", NULL};
    g_autofree char *source =
        rs_doctor_read(doctor, "sys/devices/system/clocksource/clocksource0/current_clocksource");
    gboolean is_slow = source && g_strv_contains(slow, source);

    if (!source)
        return;
    rs_doctor_add(doctor, "machine", "clock", is_slow ? RS_CHECK_LIMITED : RS_CHECK_OK,
                  g_strdup_printf("%s%s", source, is_slow ? ": slow to read" : ""), NULL);
}

static void check_cpus(RsDoctor *doctor, const RsMachine *machine)
{
    g_autofree char *no_turbo =
        rs_doctor_read(doctor, "sys/devices/system/cpu/intel_pstate/no_turbo");
    g_autofree char *boost = rs_doctor_read(doctor, "sys/devices/system/cpu/cpufreq/boost");
    gboolean turbo = g_strcmp0(no_turbo, "0") == 0 || g_strcmp0(boost, "1") == 0;
    gboolean steady = !machine->governor || g_str_equal(machine->governor, "performance");

    rs_doctor_add(doctor, "machine", "CPUs",
                  machine->n_cpus_allowed == 1 ? RS_CHECK_LIMITED : RS_CHECK_OK,
                  g_strdup_printf("%" G_GINT64_FORMAT " of %" G_GINT64_FORMAT " may be used",
                                  machine->n_cpus_allowed, machine->n_cpus_online),
                  machine->n_cpus_allowed == 1
                      ? g_strdup("rustscope and the program share one: give it a second")
                      : NULL);
    rs_doctor_add(doctor, "machine", "frequency", steady && !turbo ? RS_CHECK_OK : RS_CHECK_LIMITED,
                  g_strdup_printf("governor %s, turbo %s",
                                  machine->governor ? machine->governor : "not told",
                                  turbo               ? "on"
                                  : no_turbo || boost ? "off"
                                                      : "not told"),
                  steady ? NULL : g_strdup("sudo cpupower frequency-set -g performance"));
}

static void check_names(RsDoctor *doctor)
{
    g_autofree char *folder = g_build_filename(doctor->root, "usr/lib/debug/.build-id", NULL);
    const char *servers = g_getenv("DEBUGINFOD_URLS");
    gboolean has_files = g_file_test(folder, G_FILE_TEST_IS_DIR);

    rs_doctor_add(doctor, "names", "debug files", RS_CHECK_INFO,
                  g_strdup(has_files ? "/usr/lib/debug has some"
                                     : "none in /usr/lib/debug; programs bring their own names"),
                  NULL);
    rs_doctor_add(doctor, "names", "debuginfod", RS_CHECK_INFO,
                  servers && *servers ? g_strdup_printf("DEBUGINFOD_URLS is %s", servers)
                                      : g_strdup("DEBUGINFOD_URLS is not set"),
                  NULL);
}

static void check_room(RsDoctor *doctor)
{
    struct statvfs room;
    gboolean writable = access(".", W_OK) == 0;
    guint64 n_free_bytes;
    g_autofree char *shown = NULL;

    if (statvfs(".", &room) != 0)
        return;
    n_free_bytes = (guint64)room.f_bavail * room.f_frsize;
    shown = rs_units_format((double)n_free_bytes, "bytes", (double)n_free_bytes);
    rs_doctor_add(doctor, "room", "this folder",
                  !writable                     ? RS_CHECK_NO
                  : n_free_bytes < BUFFER_BYTES ? RS_CHECK_LIMITED
                                                : RS_CHECK_OK,
                  writable ? g_strdup_printf("%s free", shown) : g_strdup("may not be written to"),
                  writable ? NULL : g_strdup("name another place: --output, --buffer"));
}

/* By these a verdict is posted over https. */
static void check_certificates(RsDoctor *doctor)
{
    g_auto(RsCaBundle) bundle = {0};
    g_autoptr(GError) error = NULL;
    gboolean found = rs_ca_bundle_find(doctor->root, &bundle, &error);

    rs_doctor_add(doctor, "network", "certificates", found ? RS_CHECK_OK : RS_CHECK_LIMITED,
                  found ? g_strdup_printf("%s%s%s", bundle.path, bundle.source ? ", named by " : "",
                                          bundle.source ? bundle.source : "")
                        : g_strdup(error->message),
                  found ? NULL : g_strdup("without them no verdict can be posted"));
}

/* --- libraries: the files that are loaded tell their versions by their names --- */

static int add_library(struct dl_phdr_info *info, size_t n_bytes, void *data)
{
    static const char *const ours[] = {"libunwind", "libelf", "libdw", "libglib", "libgsl.so"};
    g_autofree char *base = g_path_get_basename(info->dlpi_name);

    for (guint i = 0; i < G_N_ELEMENTS(ours); i++)
        if (g_str_has_prefix(base, ours[i])) {
            char *real = realpath(info->dlpi_name, NULL);
            g_autofree char *name = g_path_get_basename(real ? real : info->dlpi_name);
            GString *list = data;

            if (!strstr(list->str, name))
                g_string_append_printf(list, "%s%s", list->len ? ", " : "", name);
            free(real);
        }
    return 0;
}

static void check_libraries(RsDoctor *doctor, const RsMachine *machine)
{
    g_autoptr(GString) list = g_string_new(NULL);

    dl_iterate_phdr(add_library, list);
    rs_doctor_add(doctor, "versions", "rustscope", RS_CHECK_INFO, g_strdup(RS_VERSION), NULL);
    rs_doctor_add(doctor, "versions", "kernel", RS_CHECK_INFO,
                  g_strdup(machine->kernel ? machine->kernel : "not told"), NULL);
    rs_doctor_add(doctor, "versions", "libraries", RS_CHECK_INFO,
                  g_strdup_printf("%s%s%s", machine->libc ? machine->libc : "",
                                  machine->libc && list->len ? ", " : "", list->str),
                  NULL);
}

void rs_doctor_check_system(RsDoctor *doctor)
{
    RsMachine machine;

    rs_machine_init(&machine);
    rs_machine_read(doctor->root, &machine);
    check_container(doctor, &machine);
    check_processes(doctor);
    check_cpus(doctor, &machine);
    check_clock(doctor);
    check_names(doctor);
    check_room(doctor);
    check_certificates(doctor);
    check_libraries(doctor, &machine);
    rs_machine_clear(&machine);
}
