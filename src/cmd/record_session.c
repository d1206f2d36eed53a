/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/record_session.h"

#include <math.h>
#include <string.h>
#include <sys/wait.h>

#include "analyze/hotspots.h"
#include "base/child_env.h"
#include "cmd/record_top.h"
#include "format/codec.h"
#include "format/emit.h"
#include "trial/machine.h"
#include "trial/vcs.h"

static int compare_starts(gconstpointer a, gconstpointer b)
{
    const RsTimelineEvent *one = *(RsTimelineEvent *const *)a;
    const RsTimelineEvent *other = *(RsTimelineEvent *const *)b;

    return one->start_ns < other->start_ns ? -1 : one->start_ns > other->start_ns;
}

/* --- snapshots --- */

typedef struct {
    const RsProfile *profile;
    RsModule **modules; /* of each module of the profile; NULL: not found again */
} Places;

/* The profile's modules are copies: they are found again by what they are. */
static RsModule *find_module(RsModules *modules, const RsProfileModule *wanted)
{
    for (guint32 id = 0; id < rs_modules_n(modules); id++) {
        RsModule *module = rs_modules_by_id(modules, id);

        if (rs_module_kind(module) == wanted->kind &&
            g_strcmp0(rs_module_path(module), wanted->path) == 0 &&
            g_strcmp0(rs_module_build_id(module), wanted->build_id) == 0)
            return module;
    }
    return NULL;
}

static guint64 start_of(guint32 module, guint64 address, gpointer data)
{
    const Places *places = data;

    return places->modules[module] ? rs_top_function_start(places->modules[module], address)
                                   : address;
}

/* By its name, or else by its place. */
static char *function_name(const RsRecordRun *run, const Places *places, const RsHotspot *function)
{
    const RsProfileModule *copy = g_ptr_array_index(places->profile->modules, function->module);
    RsModule *module = places->modules[function->module];
    const char *name = module ? rs_names_of(run->names, module, function->address, NULL) : NULL;

    return name ? g_strdup(name) : rs_top_place_name(copy->kind, copy->path, function->address);
}

static void emit_snapshot(RsEmit *emit, const RsRecordRun *run, const Places *places,
                          const RsHotspotSnapshot *snapshot)
{
    rs_emit_object(emit, NULL, RS_EMIT_INLINE, NULL);
    rs_emit_int(emit, "at_ns", snapshot->at_ns);
    rs_emit_int(emit, "duration_ns", snapshot->duration_ns);
    rs_emit_int(emit, "n_samples", snapshot->n_samples);
    rs_emit_array(emit, "functions", RS_EMIT_INLINE);
    for (guint i = 0; i < snapshot->functions->len; i++) {
        const RsHotspot *function = &g_array_index(snapshot->functions, RsHotspot, i);
        g_autofree char *name = function_name(run, places, function);
        g_autofree char *address = g_strdup_printf("0x%" G_GINT64_MODIFIER "x", function->address);

        rs_emit_object(emit, NULL, RS_EMIT_INLINE, NULL);
        rs_emit_text(emit, "name", name);
        rs_emit_int(emit, "module", function->module);
        rs_emit_text(emit, "address", address);
        rs_emit_real(emit, "self_pct",
                     snapshot->weight_ns > 0
                         ? 100 * (double)function->weight_ns / (double)snapshot->weight_ns
                         : NAN);
        rs_emit_int(emit, "n_samples", function->n_samples);
        rs_emit_end(emit);
    }
    rs_emit_end(emit);
    rs_emit_end(emit);
}

static char *snapshots_json(const RsRecordRun *run, const RsProfile *profile)
{
    g_autofree RsModule **modules = g_new0(RsModule *, profile->modules->len + 1);
    Places places = {.profile = profile, .modules = modules};
    g_autoptr(GPtrArray) snapshots = NULL;
    g_autoptr(RsEmit) emit = rs_emit_new(RS_EMIT_INLINE, 0);
    GString *text;

    for (guint i = 0; i < profile->modules->len; i++)
        modules[i] =
            find_module(rs_capture_modules(run->capture), g_ptr_array_index(profile->modules, i));
    snapshots =
        rs_hotspots(profile, (gint64)(run->opts->snapshot_interval_ms * RS_NS_PER_MS),
                    (gint64)(run->opts->correlation_padding_ms * RS_NS_PER_MS), start_of, &places);
    rs_emit_object(emit, NULL, RS_EMIT_INLINE, NULL);
    rs_emit_array(emit, "hotspot_snapshots", RS_EMIT_INLINE);
    for (guint i = 0; i < snapshots->len; i++)
        emit_snapshot(emit, run, &places, g_ptr_array_index(snapshots, i));
    rs_emit_end(emit);
    rs_emit_end(emit);
    text = rs_emit_finish(emit, NULL);
    return g_string_free(text, FALSE);
}

/* --- the process --- */

static char *target_json(const RsTarget *target)
{
    g_autoptr(RsEmit) emit = rs_emit_new(RS_EMIT_INLINE, 0);
    GString *text;

    rs_emit_object(emit, NULL, RS_EMIT_INLINE, NULL);
    rs_emit_text(emit, "name", target->name);
    rs_emit_int(emit, "process_id", target->pid);
    if (target->command) {
        rs_emit_array(emit, "command", RS_EMIT_INLINE);
        for (char **word = target->command; *word; word++) {
            g_autofree char *shown = rs_child_env_without_url_secrets(*word);

            rs_emit_text(emit, NULL, shown);
        }
        rs_emit_end(emit);
    }
    rs_emit_end(emit);
    text = rs_emit_finish(emit, NULL);
    return g_string_free(text, FALSE);
}

static void summarise(const RsRecordRun *run, RsProcessSummary *summary)
{
    const RsTarget *target = &run->target;
    gint64 tree_rss_bytes = run->series ? rs_tree_series_peak_rss_bytes(run->series) : -1;

    summary->duration_ns = (run->end_ns ? run->end_ns : rs_monotonic_ns()) - run->start_ns;
    summary->exit_status = -1;
    summary->cpu_user_ns = target->user_ns;
    summary->cpu_system_ns = target->system_ns;
    if (target->user_ns < 0 && run->series)
        rs_tree_series_cpu(run->series, &summary->cpu_user_ns, &summary->cpu_system_ns);
    if (run->ended_user_ns > 0 || run->ended_system_ns > 0) {
        summary->cpu_user_ns = MAX(summary->cpu_user_ns, 0) + run->ended_user_ns;
        summary->cpu_system_ns = MAX(summary->cpu_system_ns, 0) + run->ended_system_ns;
    }
    summary->peak_rss_bytes = MAX(run->peak_rss_bytes, tree_rss_bytes);
    summary->peak_threads = run->peak_threads;
    if (target->has_status && WIFEXITED(target->wait_status))
        summary->exit_status = WEXITSTATUS(target->wait_status);
    if (target->has_status && WIFSIGNALED(target->wait_status))
        summary->signal_number = WTERMSIG(target->wait_status);
    g_free(summary->extra_json);
    summary->extra_json = target_json(target);
}

static char *iso8601(gint64 real_ns)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(real_ns / RS_NS_PER_S);

    return g_date_time_format_iso8601(time);
}

RsSession *rs_record_session(RsRecordRun *run)
{
    RsSession *session = rs_session_new();
    gint64 last_ns = (gint64)(run->opts->last_s * RS_NS_PER_S);

    session->tool_version = g_strdup(RS_VERSION);
    session->run_id = g_uuid_string_random();
    session->created_at = iso8601(run->start_real_ns);
    session->complete = TRUE;
    rs_machine_read("/", &session->machine);
    session->noise.sampling_rate_hz = run->opts->sample_rate_hz;
    session->noise.load_end = rs_machine_load();
    if (run->target.command)
        rs_vcs_read(NULL, &session->revisions[RS_ARM_CURRENT]);
    rs_record_settle_events(run);
    session->profile = rs_recording_profile(run->recording, last_ns);
    g_ptr_array_sort(session->profile->events, compare_starts);
    summarise(run, &session->profile->summary);
    session->profile->diagnostics.wall_ns = session->profile->summary.duration_ns;
    rs_names_session(run->names, session);
    if (run->opts->enable_snapshots)
        session->extra_json = snapshots_json(run, session->profile);
    for (guint i = 0; i < run->warnings->len; i++)
        g_ptr_array_add(session->warnings, g_strdup(g_ptr_array_index(run->warnings, i)));
    return session;
}

char *rs_record_numbered_path(const char *output_path, guint number)
{
    const char *named = g_str_equal(output_path, "-") ? RS_RECORD_DEFAULT_OUTPUT : output_path;
    g_autofree char *folder = g_path_get_dirname(named), *base = g_path_get_basename(named);
    gsize n_stem = g_str_has_suffix(base, ".json") ? strlen(base) - strlen(".json") : strlen(base);
    g_autofree char *name = g_strdup_printf("%.*s-%06u.json", (int)n_stem, base, number);

    return g_str_equal(folder, ".") ? g_steal_pointer(&name) : g_build_filename(folder, name, NULL);
}

gboolean rs_record_write_numbered(RsRecordRun *run, char **path, GError **error)
{
    g_autoptr(RsSession) session = rs_record_session(run);
    g_autofree char *free_path = NULL;

    /* Those of earlier recordings stay. */
    do {
        g_free(free_path);
        free_path = rs_record_numbered_path(run->opts->output_path, ++run->n_written);
    } while (g_file_test(free_path, G_FILE_TEST_EXISTS));
    if (!rs_session_write(session, free_path, error)) {
        run->n_written--;
        return FALSE;
    }
    *path = g_steal_pointer(&free_path);
    return TRUE;
}
