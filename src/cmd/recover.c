/* SPDX-License-Identifier: GPL-3.0-or-later */
/* recover: a session out of the buffer of a continuous recording whose writer died. */
#include <stdio.h>

#include "base/clock.h"
#include "base/units.h"
#include "capture/history.h"
#include "cmd/command.h"
#include "cmd/names.h"
#include "format/codec.h"

typedef struct {
    RsOptBase base;
    char *output_path;
    double last_s;
    RsNamesOpts names;
} Values;

static const RsOpt opts[] = {
    {"output", 'o', RS_OPT_FILE, offsetof(Values, output_path), "session.json", "FILE",
     "the session file; \"-\" is stdout", NULL},
    {"last", 0, RS_OPT_DURATION, offsetof(Values, last_s), NULL, "TIME",
     "only that much before the end, as 90s or 5m", NULL},
    RS_NAMES_OPT_ROWS(Values, names),
    {0},
};

static void summarise(const RsHistoryFacts *facts, RsProfile *profile)
{
    RsProcessSummary *summary = &profile->summary;

    summary->duration_ns = MAX(facts->newest_ns, 0);
    for (guint i = 0; i < profile->process_samples->len; i++) {
        const RsProcessSample *sample = g_ptr_array_index(profile->process_samples, i);

        summary->peak_rss_bytes = MAX(summary->peak_rss_bytes, sample->rss_bytes);
        summary->peak_threads = MAX(summary->peak_threads, sample->n_threads);
    }
}

static char *iso8601(gint64 real_ns)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(real_ns / RS_NS_PER_S);

    return time ? g_date_time_format_iso8601(time) : NULL;
}

/* Takes the profile. */
static RsSession *session_of(RsProfile *profile, const RsHistoryFacts *facts)
{
    RsSession *session = rs_session_new();

    summarise(facts, profile);
    session->tool_version = g_strdup(RS_VERSION);
    session->run_id = g_uuid_string_random();
    session->created_at = iso8601(facts->start_real_ns);
    session->complete = FALSE;
    session->noise.sampling_rate_hz = profile->diagnostics.sample_rate_hz;
    session->profile = profile;
    g_ptr_array_add(session->warnings,
                    g_strdup(facts->writer_lives
                                 ? "Recovered from the buffer of a recording that was going on."
                                 : "Recovered from the buffer of a recording that did not end."));
    if (facts->n_damaged_chunks)
        g_ptr_array_add(session->warnings,
                        g_strdup_printf("%u of the buffer's %u chunks were damaged and are left "
                                        "out.",
                                        facts->n_damaged_chunks, facts->n_chunks));
    return session;
}

static void tell(const char *path, const RsSession *session, const RsHistoryFacts *facts)
{
    const RsProfile *profile = session->profile;
    g_autofree char *duration =
        rs_units_format_duration((double)(facts->newest_ns - facts->oldest_ns) / RS_NS_PER_S);

    fprintf(stderr, "rustscope: recovered %s: %u samples and %u looks at /proc\n", duration,
            profile->samples->len, profile->process_samples->len);
    if (facts->n_damaged_chunks)
        rs_warn("%s: %u of %u chunks are damaged and left out", path, facts->n_damaged_chunks,
                facts->n_chunks);
    if (facts->writer_lives)
        rs_warn("%s: process %d is still writing it; this is a copy of what was there", path,
                (int)facts->writer_pid);
}

static int recover(const Values *values, const char *path)
{
    RsHistoryFacts facts;
    g_autoptr(GError) error = NULL;
    g_autoptr(RsSession) session = NULL;
    RsProfile *profile =
        rs_history_read(path, (gint64)(values->last_s * RS_NS_PER_S), &facts, &error);

    if (!profile)
        return rs_complain(RS_EXIT_CANNOT, "recover: %s", error->message);
    session = session_of(profile, &facts);
    if (!profile->samples->len && !profile->process_samples->len)
        return rs_complain(RS_EXIT_CANNOT, "recover: %s: nothing was recorded in it", path);
    rs_names_complete(&values->names, session);
    if (!rs_session_write(session, values->output_path, &error))
        return rs_complain(RS_EXIT_CANNOT, "%s", error->message);
    tell(path, session, &facts);
    return RS_EXIT_PASSED;
}

static int run_recover(gpointer data)
{
    const Values *values = data;
    char **operands = values->base.operands;

    if (!operands[0] || operands[1])
        return rs_complain(RS_EXIT_USAGE, "recover: expected one buffer file");
    if (rs_opt_given(opts, &values->base, "last") &&
        !(values->last_s > 0 && values->last_s < (double)G_MAXINT64 / RS_NS_PER_S))
        return rs_complain(RS_EXIT_USAGE, "recover: --last has to be more than nothing");
    return recover(values, operands[0]);
}

const RsCommandRow rs_command_recover = {
    .name = "recover",
    .operands = "BUFFER",
    .summary = "Make a session of the buffer that a continuous recording left.",
    .description =
        "The buffer of `rustscope --continuous` survives when rustscope is killed. Damaged parts\n"
        "are left out and counted. The buffer itself is only read, also while it is written.\n\n"
        "Example:\n"
        "  rustscope recover --last 5m -o crash.json rustscope.buffer",
    .opts = opts,
    .n_values_bytes = sizeof(Values),
    .run = run_recover,
};
