/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What sampling needs: events, ptrace, other processes' memory, privileges. */
#include "cmd/doctor_checks.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "capture/sampler.h"

const char *const rs_check_state_names[] = {"ok", "limited", "no", "info", NULL};

static const char group[] = "sampling";

static void check_free(gpointer data)
{
    RsCheck *check = data;

    g_free(check->fact);
    g_free(check->advice);
    g_free(check);
}

char *rs_doctor_read(const RsDoctor *doctor, const char *path)
{
    g_autofree char *full = g_build_filename(doctor->root, path, NULL);
    char *text = NULL;

    return g_file_get_contents(full, &text, NULL, NULL) ? g_strstrip(text) : NULL;
}

void rs_doctor_add(RsDoctor *doctor, const char *of_group, const char *name, RsCheckState state,
                   char *fact, char *advice)
{
    RsCheck *check = g_new0(RsCheck, 1);

    check->group = of_group;
    check->name = name;
    check->state = state;
    check->fact = fact;
    check->advice = advice;
    g_ptr_array_add(doctor->checks, check);
}

/* --- samplers --- */

static gboolean probe(const RsSamplerRow *row, char **why)
{
    RsSamplerOptions options = {.sample_rate_hz = 99};

    return row->probe(&options, why);
}

static void check_samplers(RsDoctor *doctor)
{
    for (const RsSamplerRow *const *row = rs_samplers; *row; row++) {
        g_autofree char *why = NULL;
        gboolean works = probe(*row, &why);

        rs_doctor_add(doctor, group, (*row)->name, works ? RS_CHECK_OK : RS_CHECK_NO,
                      works ? g_strdup_printf("works: %s", (*row)->summary)
                            : g_strdup(why ? why : "not permitted"),
                      NULL);
    }
}

const char *rs_doctor_sampler(char **why)
{
    g_autoptr(GString) reason = g_string_new(NULL);

    for (const RsSamplerRow *const *row = rs_samplers; *row; row++) {
        g_autofree char *problem = NULL;

        if (probe(*row, &problem)) {
            g_string_append(reason, reason->len ? "it is the next one that works"
                                                : "it is the first choice, and works");
            *why = g_strdup(reason->str);
            return (*row)->name;
        }
        g_string_append_printf(reason, "%s: %s; ", (*row)->name,
                               problem ? problem : "not permitted");
    }
    g_string_append(reason, "CPU use, memory, threads and the gate work without samples");
    *why = g_strdup(reason->str);
    return "none";
}

/* --- perf events --- */

/* 0 or an errno: whether an event of this process can be opened. */
static int try_event(guint32 type, guint64 config, gboolean with_kernel)
{
    struct perf_event_attr attr = {
        .type = type, .size = sizeof attr, .config = config, .disabled = 1, .exclude_hv = 1};
    long fd;

    attr.exclude_kernel = !with_kernel;
    fd = syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
    if (fd < 0)
        return errno;
    close((int)fd);
    return 0;
}

static void check_paranoid(RsDoctor *doctor)
{
    static const char path[] = "proc/sys/kernel/perf_event_paranoid";
    g_autofree char *text = rs_doctor_read(doctor, path);
    gint64 level = text ? g_ascii_strtoll(text, NULL, 10) : 0;
    gboolean is_exempt = !try_event(PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK, TRUE);
    const char *means = level <= 1   ? "own processes, with their time in the kernel"
                        : level == 2 ? "own processes, without their time in the kernel"
                                     : "for privileged users only";

    if (!text) {
        rs_doctor_add(doctor, group, "perf_event_paranoid", RS_CHECK_NO,
                      g_strdup("not there: this kernel has no perf events"), NULL);
        return;
    }
    rs_doctor_add(doctor, group, "perf_event_paranoid",
                  level <= 1 || is_exempt ? RS_CHECK_OK
                  : level == 2            ? RS_CHECK_LIMITED
                                          : RS_CHECK_NO,
                  g_strdup_printf("%" G_GINT64_FORMAT ": %s%s", level, means,
                                  level > 1 && is_exempt ? "; this user is privileged" : ""),
                  level <= 1 || is_exempt
                      ? NULL
                      : g_strdup("sudo sysctl kernel.perf_event_paranoid=1 (for good: a file in "
                                 "/etc/sysctl.d)"));
}

static void check_events(RsDoctor *doctor)
{
    int kernel = try_event(PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK, TRUE);
    int hardware = try_event(PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES, FALSE);
    gboolean no_pmu = hardware == ENOENT || hardware == EOPNOTSUPP || hardware == ENODEV;

    rs_doctor_add(doctor, group, "kernel samples", kernel ? RS_CHECK_LIMITED : RS_CHECK_OK,
                  kernel ? g_strdup_printf("time in the kernel is not seen: %s", g_strerror(kernel))
                         : g_strdup("time in the kernel is seen as well"),
                  kernel ? g_strdup("kernel.perf_event_paranoid=1, or CAP_PERFMON") : NULL);
    rs_doctor_add(doctor, group, "hardware counters", hardware ? RS_CHECK_LIMITED : RS_CHECK_OK,
                  no_pmu     ? g_strdup("none: this machine, mostly a virtual one, shows no PMU; "
                                            "samples are taken by the clock")
                  : hardware ? g_strdup_printf("not permitted: %s", g_strerror(hardware))
                             : g_strdup("cycles and instructions can be counted"),
                  NULL);
}

static void check_limits(RsDoctor *doctor)
{
    g_autofree char *rate = rs_doctor_read(doctor, "proc/sys/kernel/perf_event_max_sample_rate");
    g_autofree char *mlock = rs_doctor_read(doctor, "proc/sys/kernel/perf_event_mlock_kb");
    gint64 mlock_kb = mlock ? g_ascii_strtoll(mlock, NULL, 10) : -1;
    struct rlimit memory;
    g_autofree char *limit = NULL;

    if (rate) {
        gint64 rate_hz = g_ascii_strtoll(rate, NULL, 10);

        rs_doctor_add(
            doctor, group, "highest rate", rate_hz >= 1000 ? RS_CHECK_OK : RS_CHECK_LIMITED,
            g_strdup_printf("%" G_GINT64_FORMAT " Hz", rate_hz),
            rate_hz >= 1000 ? NULL
                            : g_strdup("sudo sysctl kernel.perf_event_max_sample_rate=10000"));
    }
    if (mlock_kb < 0 || getrlimit(RLIMIT_MEMLOCK, &memory) != 0)
        return;
    limit = memory.rlim_cur == RLIM_INFINITY
                ? g_strdup("no limit")
                : g_strdup_printf("%" G_GUINT64_FORMAT " KiB", (guint64)memory.rlim_cur / 1024);
    rs_doctor_add(doctor, group, "locked memory", mlock_kb >= 128 ? RS_CHECK_OK : RS_CHECK_LIMITED,
                  g_strdup_printf("%" G_GINT64_FORMAT " KiB for each CPU, %s for each process",
                                  mlock_kb, limit),
                  mlock_kb >= 128 ? NULL : g_strdup("sudo sysctl kernel.perf_event_mlock_kb=516"));
}

/* --- ptrace and memory --- */

static void check_yama(RsDoctor *doctor)
{
    static const char *const means[] = {"own processes", "own children only",
                                        "privileged users only", "nobody"};
    g_autofree char *text = rs_doctor_read(doctor, "proc/sys/kernel/yama/ptrace_scope");
    gint64 scope = text ? CLAMP(g_ascii_strtoll(text, NULL, 10), 0, 3) : 0;

    if (!text) {
        rs_doctor_add(doctor, group, "yama", RS_CHECK_OK,
                      g_strdup("not there: ptrace is as the kernel has it"), NULL);
        return;
    }
    rs_doctor_add(doctor, group, "yama",
                  scope == 0   ? RS_CHECK_OK
                  : scope == 1 ? RS_CHECK_LIMITED
                               : RS_CHECK_NO,
                  g_strdup_printf("kernel.yama.ptrace_scope %" G_GINT64_FORMAT ": %s may be traced",
                                  scope, means[scope]),
                  scope == 0 ? NULL
                             : g_strdup("start the program with rustscope record -- CMD, or sudo "
                                        "sysctl kernel.yama.ptrace_scope=0"));
}

static void check_memory(RsDoctor *doctor)
{
    char from[8] = "memory", to[8] = "";
    struct iovec local = {to, sizeof to}, remote = {from, sizeof from};
    gboolean works = process_vm_readv(getpid(), &local, 1, &remote, 1, 0) == sizeof to &&
                     memcmp(from, to, sizeof to) == 0;
    int code = errno;

    rs_doctor_add(doctor, group, "process_vm_readv", works ? RS_CHECK_OK : RS_CHECK_LIMITED,
                  works ? g_strdup("other processes' stacks can be read")
                        : g_strdup_printf("%s: deep stacks are cut, waits for locks are not seen",
                                          g_strerror(code)),
                  works ? NULL : g_strdup("permit it in the seccomp profile of the container"));
}

static char *status_field(const RsDoctor *doctor, const char *key)
{
    g_autofree char *text = rs_doctor_read(doctor, "proc/self/status");
    g_autofree char *start = g_strdup_printf("\n%s:", key);
    const char *found = text ? strstr(text, start) : NULL;

    return found
               ? g_strstrip(g_strndup(found + strlen(start), strcspn(found + strlen(start), "\n")))
               : NULL;
}

static void check_seccomp(RsDoctor *doctor)
{
    g_autofree char *mode = status_field(doctor, "Seccomp");

    if (!mode)
        return;
    rs_doctor_add(doctor, group, "seccomp", g_str_equal(mode, "0") ? RS_CHECK_OK : RS_CHECK_LIMITED,
                  g_strdup(g_str_equal(mode, "0") ? "no filter"
                                                  : "a filter is on, as in most containers: what "
                                                    "it denies is said above"),
                  g_str_equal(mode, "0") ? NULL
                                         : g_strdup("docker run --security-opt seccomp=FILE with "
                                                    "perf_event_open permitted, or --cap-add "
                                                    "PERFMON"));
}

static void check_capabilities(RsDoctor *doctor)
{
    static const struct {
        guint bit;
        const char *name;
    } of_use[] = {{19, "SYS_PTRACE"},
                  {21, "SYS_ADMIN"},
                  {38, "PERFMON"},
                  {39, "BPF"},
                  {40, "CHECKPOINT_RESTORE"}};
    g_autofree char *text = status_field(doctor, "CapEff");
    guint64 set = text ? g_ascii_strtoull(text, NULL, 16) : 0;
    g_autoptr(GString) names = g_string_new(NULL);

    if (!text)
        return;
    for (guint i = 0; i < G_N_ELEMENTS(of_use); i++)
        if (set >> of_use[i].bit & 1)
            g_string_append_printf(names, "%s%s", names->len ? ", " : "", of_use[i].name);
    rs_doctor_add(doctor, group, "capabilities", RS_CHECK_INFO,
                  names->len ? g_strdup_printf("%s (of those that matter here)", names->str)
                             : g_strdup("none of those that matter here; own processes need none"),
                  NULL);
}

GPtrArray *rs_doctor_checks(const char *root)
{
    RsDoctor doctor = {.root = root, .checks = g_ptr_array_new_with_free_func(check_free)};

    check_samplers(&doctor);
    check_paranoid(&doctor);
    check_events(&doctor);
    check_limits(&doctor);
    check_yama(&doctor);
    check_memory(&doctor);
    check_seccomp(&doctor);
    check_capabilities(&doctor);
    rs_doctor_check_system(&doctor);
    return doctor.checks;
}
