/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writing. A line is one write(2), so a killed process leaves at most the last line cut; after a
 * write that failed the file is shortened to its last whole line. What each line holds is told in
 * journal_read.c. */
#include "format/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "format/codec.h"
#include "format/document.h"
#include "format/emit.h"
#include "format/profile_json.h"
#include "format/session_json.h"

#define SYNC_INTERVAL_US G_USEC_PER_SEC

struct RsJournal {
    char *path;
    int fd;
    goffset n_bytes;    /* all of it whole lines */
    GPtrArray *metrics; /* for each benchmark the GPtrArray of its metrics' names, in file order */
    RsProfileExtent told; /* of the profile */
    gint64 synced_at_us;  /* monotonic */
    gboolean is_unsynced; /* lines were written since */
};

static gboolean fail(const RsJournal *journal, const char *what, int code, GError **error)
{
    g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(code), "%s: %s: %s", journal->path,
                what, g_strerror(code));
    return FALSE;
}

static RsJournal *journal_new(const char *path)
{
    RsJournal *journal = g_new0(RsJournal, 1);

    journal->path = g_strdup(path);
    journal->fd = -1;
    journal->metrics = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
    return journal;
}

void rs_journal_free(RsJournal *journal)
{
    if (!journal)
        return;
    if (journal->fd >= 0)
        close(journal->fd);
    g_free(journal->path);
    g_ptr_array_unref(journal->metrics);
    g_free(journal);
}

static void know(RsJournal *journal, const RsSession *session)
{
    journal->told = rs_profile_extent(session->profile);
    for (guint b = 0; b < session->benchmarks->len; b++) {
        const RsBenchmark *benchmark = g_ptr_array_index(session->benchmarks, b);
        GPtrArray *names = g_ptr_array_new_with_free_func(g_free);

        for (guint i = 0; i < benchmark->metrics->len; i++) {
            const RsMetric *metric = g_ptr_array_index(benchmark->metrics, i);

            g_ptr_array_add(names, g_strdup(metric->name));
        }
        g_ptr_array_add(journal->metrics, names);
    }
}

static void append_line(GString *lines, RsEmit *emit)
{
    g_autoptr(GString) line = NULL;

    rs_emit_end(emit);
    line = rs_emit_finish(emit, NULL); /* these lines hold nothing that can fail */
    g_string_append_len(lines, line->str, (gssize)line->len);
}

/* {"b":0,"metrics":[{"name":...,"unit":...,"direction":...,"kind":...}]} */
static void append_metrics(GString *lines, guint b, const RsBenchmark *benchmark, guint from)
{
    g_autoptr(RsEmit) emit = rs_emit_new(RS_EMIT_INLINE, 0);

    rs_emit_object(emit, NULL, RS_EMIT_INLINE, NULL);
    rs_emit_int(emit, "b", b);
    rs_emit_array(emit, "metrics", RS_EMIT_INLINE);
    for (guint i = from; i < benchmark->metrics->len; i++) {
        const RsMetric *metric = g_ptr_array_index(benchmark->metrics, i);

        rs_emit_object(emit, NULL, RS_EMIT_INLINE, NULL);
        rs_emit_text(emit, "name", metric->name);
        rs_metric_emit_members(emit, metric);
        rs_emit_end(emit);
    }
    rs_emit_end(emit);
    append_line(lines, emit);
}

/* {"profile":{"modules":[...],"frames":{...},"stacks":{...}}} */
static void append_growth(GString *lines, const RsProfile *profile, const RsProfileExtent *told)
{
    g_autoptr(RsEmit) emit = rs_emit_new(RS_EMIT_INLINE, 0);

    rs_emit_object(emit, NULL, RS_EMIT_INLINE, NULL);
    rs_profile_emit_growth(emit, profile, told);
    append_line(lines, emit);
}

/* "s":{"stack":[...],"n":[...],"weight_ns":[...]} */
static void emit_samples(RsEmit *emit, const RsBenchmark *benchmark, guint trial)
{
    guint n;
    const RsTrialSample *samples = rs_benchmark_samples(benchmark, trial, &n);
    g_autoptr(GArray) rows = NULL;

    if (!samples)
        return;
    rows = g_array_sized_new(FALSE, FALSE, sizeof *samples, n);
    g_array_append_vals(rows, samples, n);
    rs_emit_object(emit, "s", RS_EMIT_INLINE, NULL);
    rs_columns_emit(emit, rs_trial_sample_columns, rows, 0);
    rs_emit_end(emit);
}

/* {"b":0,"a":1,"p":12,"t":123456,"v":[...],"s":{...}} */
static void append_trial(GString *lines, guint b, const RsBenchmark *benchmark, guint trial)
{
    g_autoptr(RsEmit) emit = rs_emit_new(RS_EMIT_INLINE, 0);

    rs_emit_object(emit, NULL, RS_EMIT_INLINE, NULL);
    rs_emit_int(emit, "b", b);
    rs_emit_int(emit, "a", g_array_index(benchmark->trial_arm, guint8, trial));
    rs_emit_int(emit, "p", g_array_index(benchmark->trial_pair, gint32, trial));
    rs_emit_int(emit, "t", g_array_index(benchmark->trial_start_ns, gint64, trial));
    rs_emit_array(emit, "v", RS_EMIT_INLINE);
    for (guint i = 0; i < benchmark->metrics->len; i++)
        rs_metric_emit_value(emit, g_ptr_array_index(benchmark->metrics, i), trial);
    rs_emit_end(emit);
    emit_samples(emit, benchmark, trial);
    append_line(lines, emit);
}

/* The whole journal of what session holds now. */
static GString *initial_lines(const RsSession *session, GError **error)
{
    g_autoptr(RsEmit) emit = rs_emit_new(RS_EMIT_INLINE, 0);
    GString *lines;

    rs_emit_object(emit, NULL, RS_EMIT_INLINE, session->extra_json);
    rs_emit_text(emit, "format", RS_JOURNAL_FORMAT);
    rs_emit_int(emit, "version", RS_JOURNAL_VERSION);
    rs_emit_int(emit, "version_minor", 0);
    rs_session_emit_members(emit, session, FALSE);
    rs_emit_end(emit);
    lines = rs_emit_finish(emit, error);
    for (guint b = 0; lines && b < session->benchmarks->len; b++) {
        const RsBenchmark *benchmark = g_ptr_array_index(session->benchmarks, b);

        if (benchmark->metrics->len)
            append_metrics(lines, b, benchmark, 0);
        for (guint i = 0; i < rs_benchmark_n_trials(benchmark); i++)
            append_trial(lines, b, benchmark, i);
    }
    return lines;
}

/* Opens the file for adding to it, and keeps others from doing so. */
static gboolean open_for_appending(RsJournal *journal, GError **error)
{
    struct stat status;

    journal->fd = open(journal->path, O_RDWR | O_APPEND | O_CLOEXEC);
    if (journal->fd < 0)
        return fail(journal, "cannot open", errno, error);
    if (fstat(journal->fd, &status) != 0 || !S_ISREG(status.st_mode))
        return fail(journal, "a journal must be a regular file", EINVAL, error);
    /* Some network file systems have no locks; that is no reason not to measure. */
    if (flock(journal->fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        return fail(journal, "another run is writing to it", errno, error);
    journal->synced_at_us = g_get_monotonic_time();
    return TRUE;
}

/* An earlier journal is written over only if nobody writes to it any more. */
static gboolean check_not_in_use(const RsJournal *journal, GError **error)
{
    int fd = open(journal->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    gboolean in_use = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;

    if (fd >= 0)
        close(fd);
    return !in_use || fail(journal, "another run is writing to it", EWOULDBLOCK, error);
}

RsJournal *rs_journal_create(const char *path, const RsSession *session, GError **error)
{
    g_autoptr(RsJournal) journal = journal_new(path);
    g_autoptr(GString) lines = initial_lines(session, error);

    if (!lines) {
        g_prefix_error(error, "%s: ", path);
        return NULL;
    }
    if (!check_not_in_use(journal, error) || !rs_file_write(path, lines->str, lines->len, error) ||
        !open_for_appending(journal, error))
        return NULL;
    journal->n_bytes = (goffset)lines->len;
    know(journal, session);
    return g_steal_pointer(&journal);
}

RsJournal *rs_journal_append(const char *path, GError **error)
{
    g_autoptr(RsJournal) journal = journal_new(path);
    g_autofree guint8 *text = NULL;
    g_autoptr(RsSession) session = NULL;
    gsize n_bytes, n_valid_bytes;

    if (!open_for_appending(journal, error))
        return NULL;
    text = rs_file_read(path, RS_DOCUMENT_MAX_BYTES, &n_bytes, error);
    if (!text)
        return NULL;
    session = rs_journal_parse((const char *)text, n_bytes, &n_valid_bytes, error);
    if (!session) {
        g_prefix_error(error, "%s: ", path);
        return NULL;
    }
    journal->n_bytes = (goffset)n_valid_bytes;
    if (n_valid_bytes < n_bytes && ftruncate(journal->fd, journal->n_bytes) != 0) {
        fail(journal, "cannot remove the cut last line", errno, error);
        return NULL;
    }
    know(journal, session);
    return g_steal_pointer(&journal);
}

static gboolean sync_now(RsJournal *journal, GError **error)
{
    if (fdatasync(journal->fd) != 0)
        return fail(journal, "cannot write", errno, error);
    journal->synced_at_us = g_get_monotonic_time();
    journal->is_unsynced = FALSE;
    return TRUE;
}

static gboolean write_lines(RsJournal *journal, const GString *lines, GError **error)
{
    gsize n_done = 0;

    while (n_done < lines->len) {
        gssize n = write(journal->fd, lines->str + n_done, lines->len - n_done);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            int code = errno;

            if (n_done > 0 && ftruncate(journal->fd, journal->n_bytes) != 0)
                return fail(journal, "cannot write, and a line stays cut", code, error);
            return fail(journal, "cannot write", code, error);
        }
        n_done += (gsize)n;
    }
    journal->n_bytes += (goffset)lines->len;
    journal->is_unsynced = TRUE;
    if (g_get_monotonic_time() - journal->synced_at_us < SYNC_INTERVAL_US)
        return TRUE;
    return sync_now(journal, error);
}

/* Values are written in the order in which the journal met the metrics, which is the session's. */
static guint n_metrics_known(const RsJournal *journal, guint b, const RsBenchmark *benchmark)
{
    const GPtrArray *names = g_ptr_array_index(journal->metrics, b);

    g_assert(names->len <= benchmark->metrics->len);
    for (guint i = 0; i < names->len; i++) {
        const RsMetric *metric = g_ptr_array_index(benchmark->metrics, i);

        g_assert(g_str_equal(g_ptr_array_index(names, i), metric->name));
    }
    return names->len;
}

gboolean rs_journal_trial(RsJournal *journal, const RsSession *session, guint benchmark,
                          guint trial, GError **error)
{
    const RsBenchmark *own = g_ptr_array_index(session->benchmarks, benchmark);
    GPtrArray *names;
    g_autoptr(GString) lines = g_string_new(NULL);
    RsProfileExtent extent = rs_profile_extent(session->profile);
    guint n_known;

    g_assert(benchmark < journal->metrics->len && trial < rs_benchmark_n_trials(own));
    names = g_ptr_array_index(journal->metrics, benchmark);
    n_known = n_metrics_known(journal, benchmark, own);
    if (own->metrics->len > n_known)
        append_metrics(lines, benchmark, own, n_known);
    if (memcmp(&extent, &journal->told, sizeof extent) != 0)
        append_growth(lines, session->profile, &journal->told);
    append_trial(lines, benchmark, own, trial);
    if (!write_lines(journal, lines, error))
        return FALSE;
    journal->told = extent;
    for (guint i = n_known; i < own->metrics->len; i++) {
        const RsMetric *metric = g_ptr_array_index(own->metrics, i);

        g_ptr_array_add(names, g_strdup(metric->name));
    }
    return TRUE;
}

gboolean rs_journal_benchmark(RsJournal *journal, const RsSession *session, guint benchmark,
                              GError **error)
{
    g_autoptr(RsEmit) emit = rs_emit_new(RS_EMIT_INLINE, 0);
    g_autoptr(GString) line = NULL;

    g_assert(benchmark < journal->metrics->len);
    rs_emit_object(emit, NULL, RS_EMIT_INLINE, NULL);
    rs_emit_int(emit, "b", benchmark);
    rs_benchmark_emit(emit, "benchmark", g_ptr_array_index(session->benchmarks, benchmark), FALSE);
    if (session->profile)
        rs_diagnostics_emit(emit, &session->profile->diagnostics);
    rs_emit_end(emit);
    line = rs_emit_finish(emit, error);
    if (!line) {
        g_prefix_error(error, "%s: ", journal->path);
        return FALSE;
    }
    return write_lines(journal, line, error);
}

gboolean rs_journal_close(RsJournal *journal, GError **error)
{
    int fd = journal->fd;

    if (journal->is_unsynced && !sync_now(journal, error))
        return FALSE;
    journal->fd = -1;
    return close(fd) == 0 || fail(journal, "cannot write", errno, error);
}
