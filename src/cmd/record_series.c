/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/record_series.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "capture/process_series.h"

typedef struct {
    gint32 pid;
    RsProcessSeries *series;
    gboolean was_there; /* before us: what it used until then is not ours */
    gboolean has_first;
    gint64 first_user_ns, first_system_ns, user_ns, system_ns;
} Member;

struct RsTreeSeries {
    pid_t root;
    GPtrArray *members; /* Member, alive; the root first */
    GArray *pids;       /* gint32 of the members */
    gboolean has_scanned;
    guint n_left_out;
    gint64 ended_user_ns, ended_system_ns; /* of members that have ended */
    gboolean has_cpu;
    gint64 peak_rss_bytes;
};

static void member_free(gpointer data)
{
    Member *member = data;

    rs_process_series_free(member->series);
    g_free(member);
}

static gboolean is_member(const RsTreeSeries *series, gint32 pid)
{
    for (guint i = 0; i < series->pids->len; i++)
        if (g_array_index(series->pids, gint32, i) == pid)
            return TRUE;
    return FALSE;
}

static void add_member(RsTreeSeries *series, gint32 pid)
{
    RsProcessSeries *own;
    Member *member;

    if (is_member(series, pid))
        return;
    if (series->members->len >= RS_TREE_MAX_PROCESSES) {
        series->n_left_out++;
        return;
    }
    own = rs_process_series_new(pid, NULL);
    if (!own)
        return; /* gone already */
    member = g_new0(Member, 1);
    member->pid = pid;
    member->series = own;
    member->was_there = !series->has_scanned;
    g_ptr_array_add(series->members, member);
    g_array_append_val(series->pids, pid);
}

void rs_tree_series_rescan(RsTreeSeries *series)
{
    g_autoptr(GArray) tree = rs_process_tree(series->root);

    series->n_left_out = 0;
    for (guint i = 0; i < tree->len; i++)
        add_member(series, g_array_index(tree, gint32, i));
    series->has_scanned = TRUE;
}

RsTreeSeries *rs_tree_series_new(pid_t root)
{
    RsTreeSeries *series = g_new0(RsTreeSeries, 1);

    series->root = root;
    series->members = g_ptr_array_new_with_free_func(member_free);
    series->pids = g_array_new(FALSE, FALSE, sizeof(gint32));
    series->peak_rss_bytes = -1;
    add_member(series, root);
    rs_tree_series_rescan(series);
    return series;
}

void rs_tree_series_free(RsTreeSeries *series)
{
    if (!series)
        return;
    g_ptr_array_unref(series->members);
    g_array_unref(series->pids);
    g_free(series);
}

static gint64 member_user_ns(const Member *member)
{
    return member->user_ns - (member->was_there ? member->first_user_ns : 0);
}

static gint64 member_system_ns(const Member *member)
{
    return member->system_ns - (member->was_there ? member->first_system_ns : 0);
}

static void remember_cpu(RsTreeSeries *series, Member *member)
{
    gint64 user_ns, system_ns;

    rs_process_series_cpu(member->series, &user_ns, &system_ns);
    if (user_ns < 0 || system_ns < 0)
        return;
    if (!member->has_first) {
        member->first_user_ns = user_ns;
        member->first_system_ns = system_ns;
        member->has_first = TRUE;
    }
    member->user_ns = user_ns;
    member->system_ns = system_ns;
    series->has_cpu = TRUE;
}

static void remove_member(RsTreeSeries *series, guint i)
{
    const Member *member = g_ptr_array_index(series->members, i);

    series->ended_user_ns += member_user_ns(member);
    series->ended_system_ns += member_system_ns(member);
    g_ptr_array_remove_index(series->members, i);
    g_array_remove_index(series->pids, i);
}

/* Of the memory that the program has now: an exec begins anew, unlike with getrusage(). */
static void read_peak_rss(RsTreeSeries *series)
{
    char path[64];
    g_autofree char *text = NULL;
    const char *line;

    g_snprintf(path, sizeof path, "/proc/%d/status", (int)series->root);
    if (!g_file_get_contents(path, &text, NULL, NULL) || !(line = strstr(text, "\nVmHWM:")))
        return;
    series->peak_rss_bytes =
        MAX(series->peak_rss_bytes, g_ascii_strtoll(line + strlen("\nVmHWM:"), NULL, 10) * 1024);
}

GPtrArray *rs_tree_series_look(RsTreeSeries *series, gint64 now_ns)
{
    GPtrArray *samples = g_ptr_array_new_with_free_func((GDestroyNotify)rs_process_sample_free);

    for (guint i = 0; i < series->members->len;) {
        Member *member = g_ptr_array_index(series->members, i);
        RsProcessSample *sample = rs_process_series_look(member->series);

        if (!sample) {
            remove_member(series, i);
            continue;
        }
        remember_cpu(series, member);
        sample->at_ns = now_ns;
        sample->process_id = member->pid;
        g_ptr_array_add(samples, sample);
        i++;
    }
    read_peak_rss(series);
    return samples;
}

guint rs_tree_series_n_processes(const RsTreeSeries *series)
{
    return series->members->len;
}

const gint32 *rs_tree_series_pids(const RsTreeSeries *series)
{
    return (const gint32 *)(gconstpointer)series->pids->data;
}

guint rs_tree_series_n_left_out(const RsTreeSeries *series)
{
    return series->n_left_out;
}

void rs_tree_series_cpu(const RsTreeSeries *series, gint64 *user_ns, gint64 *system_ns)
{
    *user_ns = *system_ns = -1;
    if (!series->has_cpu)
        return;
    *user_ns = series->ended_user_ns;
    *system_ns = series->ended_system_ns;
    for (guint i = 0; i < series->members->len; i++) {
        const Member *member = g_ptr_array_index(series->members, i);

        *user_ns += member_user_ns(member);
        *system_ns += member_system_ns(member);
    }
}

gint64 rs_tree_series_peak_rss_bytes(const RsTreeSeries *series)
{
    return series->peak_rss_bytes;
}

static void add_count(gint64 *sum, gint64 value)
{
    if (value >= 0)
        *sum = MAX(*sum, 0) + value;
}

RsProcessSample rs_process_samples_sum(const GPtrArray *samples)
{
    RsProcessSample sum = {.cpu_pct = NAN,
                           .rss_bytes = -1,
                           .n_threads = -1,
                           .n_open_fds = -1,
                           .n_syscalls = -1,
                           .n_voluntary_switches = -1,
                           .n_involuntary_switches = -1,
                           .read_bytes = -1,
                           .written_bytes = -1};

    for (guint i = 0; i < samples->len; i++) {
        const RsProcessSample *sample = g_ptr_array_index(samples, i);

        sum.at_ns = sample->at_ns;
        if (!isnan(sample->cpu_pct))
            sum.cpu_pct = (isnan(sum.cpu_pct) ? 0 : sum.cpu_pct) + sample->cpu_pct;
        add_count(&sum.rss_bytes, sample->rss_bytes);
        add_count(&sum.n_threads, sample->n_threads);
        add_count(&sum.n_open_fds, sample->n_open_fds);
        add_count(&sum.n_syscalls, sample->n_syscalls);
        add_count(&sum.n_voluntary_switches, sample->n_voluntary_switches);
        add_count(&sum.n_involuntary_switches, sample->n_involuntary_switches);
        add_count(&sum.read_bytes, sample->read_bytes);
        add_count(&sum.written_bytes, sample->written_bytes);
    }
    return sum;
}
