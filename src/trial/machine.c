/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trial/machine.h"

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif
#include <gnu/libc-version.h>
#include <math.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "trial/cgroup.h"

static char *read_text(const char *root, const char *path)
{
    g_autofree char *full = g_build_filename(root, path, NULL);
    char *text = NULL;

    if (!g_file_get_contents(full, &text, NULL, NULL))
        return NULL;
    return g_strstrip(text);
}

/* The value of the first "key : value" line of /proc/cpuinfo and the like; NULL when there is none.
 */
static char *field(const char *text, const char *key)
{
    gsize n_key = strlen(key);

    for (const char *line = text; line; line = strchr(line, '\n')) {
        const char *colon;

        line += *line == '\n';
        if (!g_str_has_prefix(line, key) || !strchr(" \t:", line[n_key]))
            continue;
        colon = strchr(line, ':');
        if (colon)
            return g_strstrip(g_strndup(colon + 1, strcspn(colon + 1, "\n")));
    }
    return NULL;
}

static gint64 integer_field(const char *text, const char *key)
{
    g_autofree char *value = field(text, key);

    return value ? g_ascii_strtoll(value, NULL, 0) : -1;
}

static void read_cpuinfo(const char *root, RsMachine *machine)
{
    g_autofree char *text = read_text(root, "proc/cpuinfo");
    g_autofree char *flags = NULL;

    if (!text)
        return;
    machine->cpu_model = field(text, "model name");
    if (!machine->cpu_model)
        machine->cpu_model = field(text, "CPU part"); /* arm64 has no model name */
    machine->cpu_family = integer_field(text, "cpu family");
    machine->cpu_model_number = integer_field(text, "model");
    machine->cpu_stepping = integer_field(text, "stepping");
    machine->microcode = field(text, "microcode");
    machine->n_cores = integer_field(text, "cpu cores");
    flags = field(text, "flags");
    if (!flags)
        flags = field(text, "Features");
    if (flags)
        machine->cpu_flags_sha256 = g_compute_checksum_for_string(G_CHECKSUM_SHA256, flags, -1);
}

/* The name that a hypervisor gives itself in CPUID leaf 0x40000000: "KVMKVMKVM", "Microsoft Hv" ...
 */
static char *hypervisor_signature(void)
{
#if defined(__x86_64__) || defined(__i386__)
    guint32 leaf, signature[3];

    __cpuid(0x40000000, leaf, signature[0], signature[1], signature[2]);
    if (leaf) {
        g_autofree char *text = g_strndup((const char *)signature, sizeof signature);

        return rs_text_plain(text, -1, FALSE, sizeof signature);
    }
#endif
    return g_strdup("unnamed");
}

static char *read_hypervisor(const char *root)
{
    g_autofree char *cpuinfo = read_text(root, "proc/cpuinfo");
    g_autofree char *flags = cpuinfo ? field(cpuinfo, "flags") : NULL;
    g_autofree char *vendor = read_text(root, "sys/class/dmi/id/sys_vendor");
    char *type = read_text(root, "sys/hypervisor/type");

    if (type)
        return type;
    if (!flags || !strstr(flags, "hypervisor"))
        return NULL;
    if (vendor && *vendor)
        return g_strdup(vendor);
    return hypervisor_signature();
}

static char *read_container(const char *root)
{
    g_autofree char *docker = g_build_filename(root, ".dockerenv", NULL);
    g_autofree char *podman = g_build_filename(root, "run/.containerenv", NULL);
    const char *named = g_getenv("container");

    if (g_file_test(docker, G_FILE_TEST_EXISTS))
        return g_strdup("docker");
    if (g_file_test(podman, G_FILE_TEST_EXISTS))
        return g_strdup("podman");
    if (g_getenv("KUBERNETES_SERVICE_HOST"))
        return g_strdup("kubernetes");
    return named && *named ? g_strdup(named) : NULL;
}

static gint64 count_allowed_cpus(void)
{
    cpu_set_t set;

    return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : -1;
}

/* What must agree for times to be comparable: the processor, how many of them, the hypervisor and
 * the kernel. */
static char *fingerprint(const RsMachine *machine)
{
    g_autofree char *text = NULL;

    if (!machine->cpu_model)
        return NULL;
    text = g_strdup_printf(
        "%s|%" G_GINT64_FORMAT "|%" G_GINT64_FORMAT "|%" G_GINT64_FORMAT "|%s|%" G_GINT64_FORMAT
        "|%s|%s|%.2f",
        machine->cpu_model, machine->cpu_family, machine->cpu_model_number, machine->cpu_stepping,
        machine->cpu_flags_sha256 ? machine->cpu_flags_sha256 : "", machine->n_cpus_allowed,
        machine->hypervisor ? machine->hypervisor : "", machine->kernel ? machine->kernel : "",
        isnan(machine->cgroup_cpu_limit_cpus) ? 0 : machine->cgroup_cpu_limit_cpus);
    return g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);
}

void rs_machine_read(const char *root, RsMachine *machine)
{
    struct utsname system;
    long n_pages = sysconf(_SC_PHYS_PAGES), page_bytes = sysconf(_SC_PAGESIZE);

    read_cpuinfo(root, machine);
    if (uname(&system) == 0) {
        machine->hostname = g_strdup(system.nodename);
        machine->architecture = g_strdup(system.machine);
        machine->kernel = g_strdup(system.release);
    }
    machine->libc = g_strdup_printf("glibc %s", gnu_get_libc_version());
    machine->hypervisor = read_hypervisor(root);
    machine->governor = read_text(root, "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
    machine->container = read_container(root);
    machine->n_cpus_online = sysconf(_SC_NPROCESSORS_ONLN);
    machine->n_cpus_allowed = count_allowed_cpus();
    machine->memory_bytes = n_pages > 0 ? (gint64)n_pages * page_bytes : -1;
    rs_cgroup_limits(root, &machine->cgroup_cpu_limit_cpus, &machine->cgroup_memory_limit_bytes);
    machine->fingerprint = fingerprint(machine);
}

double rs_machine_load(void)
{
    double load[1];

    return getloadavg(load, 1) == 1 ? load[0] : NAN;
}

gint64 rs_machine_calibrate_ns(void)
{
    gint64 start_ns = rs_monotonic_ns();
    volatile guint64 sink;
    guint64 x = 88172645463325252u;

    /* xorshift: nothing for the compiler to fold or vectorise */
    for (guint i = 0; i < 250000; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
    }
    sink = x;
    (void)sink;
    return rs_monotonic_ns() - start_ns;
}
