/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/journal.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include "format/codec.h"
#include "format/session_json.h"
#include "tests/unit/format_fixtures.h"

/* A run of two benchmarks, of which nothing is measured yet. */
static RsSession *planned_session(void)
{
    RsSession *session = rs_session_new();

    session->seed = 7;
    session->gate = rs_gate_new();
    session->extra_json = g_strdup("{\"note\":\"kept\"}");
    g_ptr_array_add(session->benchmarks, rs_benchmark_new("first", RS_DESIGN_PAIRED));
    g_ptr_array_add(session->benchmarks, rs_benchmark_new("second", RS_DESIGN_SINGLE));
    return session;
}

/* Adds a trial with a wall time, and from trial 2 on with another metric. */
static guint measure(RsSession *session, guint b, RsArm arm, gint32 pair)
{
    RsBenchmark *benchmark = session->benchmarks->pdata[b];
    guint trial = rs_benchmark_add_trial(benchmark, arm, pair, 1000 * pair);
    RsMetric *wall = rs_benchmark_metric(benchmark, "wall");
    RsMetric *own = rs_benchmark_metric(benchmark, "rate");

    if (!wall)
        wall = rs_benchmark_add_metric(benchmark, "wall", "ns", RS_LOWER_IS_BETTER, RS_COUNT);
    if (!own && trial >= 2)
        own = rs_benchmark_add_metric(benchmark, "rate", "1/s", RS_HIGHER_IS_BETTER, RS_REAL);
    rs_benchmark_set_value(benchmark, trial, wall, (RsValue){.count = 9007199254740993 + trial});
    if (own)
        rs_benchmark_set_value(benchmark, trial, own, (RsValue){.real = 0.1 * trial});
    return trial;
}

/* Gives the trial two stacks, one that all trials have and one of its own, in a module of its own.
 */
static void sample(RsSession *session, guint b, guint trial)
{
    RsProfile *profile = session->profile;
    g_autofree char *path = g_strdup_printf("/srv/app-%u-%u", b, trial);
    guint32 app = rs_profile_add_module(profile, RS_MODULE_FILE, "/srv/app", "00ff", 4096);
    guint32 own = rs_profile_add_module(profile, RS_MODULE_FILE, path, NULL, -1);
    gint32 outer = rs_profile_add_stack(profile, RS_STACK_NONE,
                                        rs_profile_add_frame(profile, app, G_MAXUINT64));
    RsTrialSample samples[] = {
        {outer, 3, 30},
        {rs_profile_add_stack(profile, outer, rs_profile_add_frame(profile, own, trial)), 1, 10},
        {RS_STACK_NONE, 2, 20},
    };

    profile->diagnostics.n_raw_samples += 6;
    /* The last trial of three sees nothing. */
    rs_benchmark_set_samples(session->benchmarks->pdata[b], trial, samples,
                             trial % 3 == 2 ? 0 : G_N_ELEMENTS(samples));
}

static void record(RsJournal *journal, RsSession *session, guint b, RsArm arm, gint32 pair)
{
    GError *error = NULL;
    guint trial = measure(session, b, arm, pair);

    if (session->profile)
        sample(session, b, trial);
    ck_assert_msg(rs_journal_trial(journal, session, b, trial, &error), "%s",
                  error ? error->message : "");
}

/* Four trials of the first benchmark, which then ends; one of the second. */
static RsSession *record_run_of(RsSession *session, const char *path)
{
    RsBenchmark *first = session->benchmarks->pdata[0];
    g_autoptr(RsJournal) journal = rs_journal_create(path, session, NULL);

    ck_assert_ptr_nonnull(journal);
    for (gint32 i = 0; i < 4; i++)
        record(journal, session, 0, i % 2 ? RS_ARM_CURRENT : RS_ARM_BASELINE, i / 2);
    first->stop_reason = RS_STOP_SETTLED;
    g_ptr_array_add(first->failures, rs_failure_new(RS_ARM_CURRENT, "cleanup"));
    ck_assert(rs_journal_benchmark(journal, session, 0, NULL));
    record(journal, session, 1, RS_ARM_BASELINE, -1);
    ck_assert(rs_journal_close(journal, NULL));
    return session;
}

static RsSession *record_run(const char *path)
{
    return record_run_of(planned_session(), path);
}

/* The same with a sampler. */
static RsSession *record_sampled_run(const char *path)
{
    RsSession *session = planned_session();

    session->profile = rs_profile_new();
    session->profile->diagnostics.backend = g_strdup("perf");
    return record_run_of(session, path);
}

static void assert_same_session(const RsSession *a, const RsSession *b)
{
    g_autoptr(GBytes) bytes_a = rs_session_encode(a, NULL), bytes_b = rs_session_encode(b, NULL);

    ck_assert_str_eq(g_bytes_get_data(bytes_a, NULL), g_bytes_get_data(bytes_b, NULL));
}

START_TEST(a_journal_gives_back_the_session_and_says_what_did_not_end)
{
    char *path = temporary_path("run.journal");
    g_autoptr(RsSession) session = record_run(path);
    g_autoptr(RsSession) read = rs_journal_read(path, NULL);
    RsBenchmark *second = session->benchmarks->pdata[1];

    ck_assert(!read->complete);
    second->stop_reason = RS_STOP_INTERRUPTED;
    assert_same_session(session, read);
    remove_temporary(path);
}
END_TEST

START_TEST(a_run_whose_benchmarks_all_ended_is_complete)
{
    char *path = temporary_path("run.journal");
    g_autoptr(RsSession) session = record_run(path);
    RsBenchmark *second = session->benchmarks->pdata[1];
    g_autoptr(RsJournal) journal = rs_journal_append(path, NULL);
    g_autoptr(RsSession) read = NULL;

    second->stop_reason = RS_STOP_MAX_TIME;
    ck_assert(rs_journal_benchmark(journal, session, 1, NULL));
    ck_assert(rs_journal_close(journal, NULL));
    read = rs_session_read(path, NULL);
    ck_assert(read->complete);
    ck_assert_str_eq(read->source_format, "rustscope-journal 1.0");
    remove_temporary(path);
}
END_TEST

START_TEST(a_journal_gives_back_the_samples_of_the_trials)
{
    char *path = temporary_path("run.journal");
    g_autoptr(RsSession) session = record_sampled_run(path);
    g_autoptr(RsSession) read = rs_journal_read(path, NULL);
    RsBenchmark *second = session->benchmarks->pdata[1];
    guint n;

    second->stop_reason = RS_STOP_INTERRUPTED;
    /* Told when the first benchmark ended, with four trials. */
    ck_assert_int_eq(read->profile->diagnostics.n_raw_samples, 24);
    session->profile->diagnostics.n_raw_samples = 24;
    assert_same_session(session, read);
    ck_assert_ptr_nonnull(rs_benchmark_samples(read->benchmarks->pdata[0], 2, &n));
    ck_assert_uint_eq(n, 0);
    rs_benchmark_samples(read->benchmarks->pdata[0], 3, &n);
    ck_assert_uint_eq(n, 3);
    remove_temporary(path);
}
END_TEST

START_TEST(a_sampled_run_that_was_killed_goes_on_as_if_it_had_not_been)
{
    char *path = temporary_path("run.journal"), *whole_path = temporary_path("whole.journal");
    g_autoptr(RsSession) session = record_sampled_run(path), whole = record_sampled_run(whole_path);
    gsize n_bytes;
    g_autoptr(GBytes) content = fixture_bytes(path);
    const char *text = g_bytes_get_data(content, &n_bytes);
    g_autoptr(RsSession) resumed = NULL, read = NULL, whole_read = NULL;
    g_autoptr(RsJournal) journal = NULL;

    /* The last line is the trial of the second benchmark, before it what its stacks need. */
    ck_assert(g_file_set_contents(path, text, (gssize)n_bytes - 5, NULL));
    resumed = rs_journal_read(path, NULL);
    ck_assert_uint_eq(rs_benchmark_n_trials(resumed->benchmarks->pdata[1]), 0);
    journal = rs_journal_append(path, NULL);
    record(journal, resumed, 1, RS_ARM_BASELINE, -1);
    ck_assert(rs_journal_close(journal, NULL));
    read = rs_journal_read(path, NULL);
    whole_read = rs_journal_read(whole_path, NULL);
    assert_same_session(whole_read, read);
    remove_temporary(path);
    remove_temporary(whole_path);
}
END_TEST

START_TEST(a_sampler_that_comes_late_is_recorded_from_then_on)
{
    char *path = temporary_path("run.journal");
    g_autoptr(RsSession) session = planned_session(), read = NULL;
    g_autoptr(RsJournal) journal = rs_journal_create(path, session, NULL);
    RsBenchmark *first = session->benchmarks->pdata[0], *second = session->benchmarks->pdata[1];
    guint n;

    record(journal, session, 0, RS_ARM_BASELINE, 0);
    session->profile = rs_profile_new();
    record(journal, session, 0, RS_ARM_CURRENT, 0);
    ck_assert(rs_journal_close(journal, NULL));
    read = rs_journal_read(path, NULL);
    ck_assert_ptr_null(rs_benchmark_samples(read->benchmarks->pdata[0], 0, &n));
    ck_assert_ptr_nonnull(rs_benchmark_samples(read->benchmarks->pdata[0], 1, &n));
    first->stop_reason = second->stop_reason = RS_STOP_INTERRUPTED;
    session->profile->diagnostics.n_raw_samples = 0; /* not told before a benchmark ends */
    assert_same_session(session, read);
    remove_temporary(path);
}
END_TEST

START_TEST(names_that_were_known_when_it_began_are_given_back)
{
    char *path = temporary_path("run.journal");
    g_autoptr(RsSession) session = planned_session(), read = NULL;
    g_autoptr(RsJournal) journal = NULL;
    RsBenchmark *first = session->benchmarks->pdata[0], *second = session->benchmarks->pdata[1];
    RsFunction *function = rs_function_new("app::main");
    RsProfileLine line = {.line = 7};
    g_autoptr(GBytes) content = NULL;
    const RsProfileFrame *frame;

    session->profile = rs_profile_new();
    sample(session, 0, measure(session, 0, RS_ARM_BASELINE, 0));
    function->module = 0;
    line.function = rs_profile_add_function(session->profile, function);
    rs_profile_set_lines(session->profile, 1, &line, 1);
    journal = rs_journal_create(path, session, NULL);
    content = fixture_bytes(path);
    ck_assert_ptr_null(g_strstr_len(g_bytes_get_data(content, NULL),
                                    (gssize)g_bytes_get_size(content), "call_trees"));
    record(journal, session, 0, RS_ARM_CURRENT, 0);
    ck_assert(rs_journal_close(journal, NULL));
    read = rs_journal_read(path, NULL);
    ck_assert_ptr_nonnull(read);
    ck_assert_uint_eq(read->profile->functions->len, 1);
    ck_assert_uint_eq(read->profile->frames->len, 3);
    frame = &g_array_index(read->profile->frames, RsProfileFrame, 1);
    ck_assert_uint_eq(frame->n_lines, 1);
    ck_assert_uint_eq(g_array_index(read->profile->lines, RsProfileLine, frame->first_line).line,
                      7);
    first->stop_reason = second->stop_reason = RS_STOP_INTERRUPTED;
    read->profile->diagnostics.n_raw_samples = session->profile->diagnostics.n_raw_samples;
    assert_same_session(session, read);
    remove_temporary(path);
}
END_TEST

START_TEST(wherever_it_is_cut_the_whole_lines_are_read)
{
    char *path = temporary_path("run.journal");
    g_autoptr(RsSession) session = record_sampled_run(path);
    gsize n_bytes;
    g_autoptr(GBytes) content = fixture_bytes(path);
    const char *text = g_bytes_get_data(content, &n_bytes);
    gsize first_line = (gsize)(strchr(text, '\n') - text) + 1;

    for (gsize n = 0; n <= n_bytes; n++) {
        gsize n_valid = 0;
        g_autoptr(GError) error = NULL;
        g_autoptr(RsSession) read = rs_journal_parse(text, n, &n_valid, &error);

        ck_assert_msg((read != NULL) == (n >= first_line), "cut at %zu: %s", n,
                      error ? error->message : "accepted");
        if (read)
            ck_assert(n_valid <= n && text[n_valid - 1] == '\n' &&
                      !memchr(text + n_valid, '\n', n - n_valid));
    }
    remove_temporary(path);
}
END_TEST

START_TEST(going_on_removes_the_cut_line_first)
{
    char *path = temporary_path("run.journal");
    g_autoptr(RsSession) session = record_run(path);
    gsize n_bytes;
    g_autoptr(GBytes) content = fixture_bytes(path);
    const char *text = g_bytes_get_data(content, &n_bytes);
    g_autoptr(RsSession) resumed = NULL, read = NULL;
    g_autoptr(RsJournal) journal = NULL;

    /* The trial of the second benchmark is the last line. */
    ck_assert(g_file_set_contents(path, text, (gssize)n_bytes - 5, NULL));
    resumed = rs_journal_read(path, NULL);
    ck_assert_uint_eq(rs_benchmark_n_trials(resumed->benchmarks->pdata[1]), 0);
    journal = rs_journal_append(path, NULL);
    record(journal, resumed, 0, RS_ARM_BASELINE, 2);
    record(journal, resumed, 1, RS_ARM_BASELINE, -1);
    ck_assert(rs_journal_close(journal, NULL));
    read = rs_journal_read(path, NULL);
    ck_assert_uint_eq(rs_benchmark_n_trials(read->benchmarks->pdata[0]), 5);
    assert_same_session(resumed, read);
    remove_temporary(path);
}
END_TEST

START_TEST(a_journal_begun_late_holds_the_trials_so_far)
{
    char *path = temporary_path("run.journal");
    g_autoptr(RsSession) session = planned_session(), read = NULL;
    g_autoptr(RsJournal) journal = NULL;
    RsBenchmark *benchmark;

    for (gint32 i = 0; i < 6; i++)
        measure(session, 0, i % 2 ? RS_ARM_CURRENT : RS_ARM_BASELINE, i / 2);
    journal = rs_journal_create(path, session, NULL);
    ck_assert(rs_journal_close(journal, NULL));
    read = rs_journal_read(path, NULL);
    for (guint b = 0; b < 2; b++) {
        benchmark = session->benchmarks->pdata[b];
        benchmark->stop_reason = RS_STOP_INTERRUPTED;
    }
    assert_same_session(session, read);
    remove_temporary(path);
}
END_TEST

START_TEST(damage_before_the_last_line_is_an_error_with_its_line)
{
    char *path = temporary_path("run.journal");
    g_autoptr(RsSession) session = record_run(path);
    gsize n_bytes;
    g_autoptr(GBytes) content = fixture_bytes(path);
    g_autofree char *text =
        g_strndup(g_bytes_get_data(content, &n_bytes), g_bytes_get_size(content));
    g_autofree char *expected = NULL;
    g_autoptr(GError) error = NULL;
    char *second_line = strchr(text, '\n') + 1;

    *second_line = 'x';
    ck_assert(g_file_set_contents(path, text, (gssize)n_bytes, NULL));
    ck_assert_ptr_null(rs_journal_read(path, &error));
    expected = g_strdup_printf("%s: line 2 of the journal: ", path);
    ck_assert_msg(g_str_has_prefix(error->message, expected), "%s", error->message);
    g_clear_error(&error);
    ck_assert_ptr_null(rs_journal_append(path, &error));
    ck_assert(g_str_has_prefix(error->message, expected));
    remove_temporary(path);
}
END_TEST

START_TEST(impossible_lines_are_refused)
{
    static const char header[] =
        "{\"format\":\"rustscope-journal\",\"version\":1,\"benchmarks\":[{\"name\":\"a\"}]}\n";
    static const struct {
        const char *line, *message;
    } cases[] = {
        {"{\"b\":1,\"a\":0,\"p\":0,\"v\":[]}\n",
         "line 2 of the journal.b: 1 is not between 0 and 0"},
        {"{\"b\":0,\"a\":7,\"p\":0,\"v\":[]}\n",
         "line 2 of the journal.a: 7 is not between 0 and 1"},
        {"{\"b\":0,\"a\":0,\"p\":0,\"v\":[1]}\n",
         "line 2 of the journal.v: 1 values, but there are 0 metrics"},
        {"{\"a\":0,\"p\":0,\"v\":[]}\n", "line 2 of the journal.b: is missing"},
        {"{\"b\":0,\"a\":0,\"p\":0,\"v\":[]}\n{\"b\":0,\"a\":0,\"p\":0,\"v\":[]}\n",
         "benchmarks[0].pair: pair 0 has two trials of the baseline program"},
        {"{\"b\":0,\"benchmark\":{\"name\":\"z\"}}\n",
         "line 2 of the journal: this is not the benchmark of the first line"},
        {"{\"b\":0,\"a\":0,\"p\":0,\"v\":[],\"s\":{\"stack\":[0],\"n\":[1],\"weight_ns\":[1]}}\n",
         "line 2 of the journal.s.stack: entry 0: the profile has no such stack"},
        {"{\"b\":0,\"a\":0,\"p\":0,\"v\":[],\"s\":{\"stack\":[null],\"n\":[1]}}\n",
         "line 2 of the journal.s.weight_ns: is missing"},
        {"{\"profile\":{\"frames\":{\"module\":[0],\"address\":[\"0x1\"]}}}\n",
         "line 2 of the journal.profile.frames.module[0]: there is no such module"},
        {"{\"profile\":{\"modules\":[{\"path\":\"/"
         "a\"}],\"frames\":{\"module\":[0],\"address\":[\"0x1\"]},"
         "\"stacks\":{\"parent\":[null],\"frame\":[0]}}}\n"
         "{\"profile\":{\"stacks\":{\"parent\":[0,2],\"frame\":[0,0]}}}\n",
         "line 3 of the journal.profile.stacks.parent[1]: must be a stack that comes before it, or "
         "null"},
        {"{\"b\":0,\"benchmark\":{\"name\":\"a\",\"trials\":{\"arm\":[],\"samples\":{\"n_stacks\":["
         "]}}}}\n",
         "line 2 of the journal: this is not the benchmark of the first line"},
        {"{\"profile\":{\"modules\":[{\"path\":\"/a\"}],\"frames\":{\"module\":[0],"
         "\"address\":[\"0x1\"],\"n_lines\":[1]},\"lines\":{\"function\":[0],\"line\":[1]}}}\n",
         "profile.lines.function[0]: there is no such function"},
        {"{\"profile\":{\"modules\":[{\"path\":\"/a\"}],\"frames\":{\"module\":[0],"
         "\"address\":[\"0x1\"],\"n_lines\":[1]}}}\n",
         "line 2 of the journal.profile.lines: 0 entries, but the frames tell of 1"},
        {"[]\n", "line 2 of the journal: must be an object, not an array"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text = g_strconcat(header, cases[i].line, NULL);
        g_autoptr(GError) error = NULL;

        ck_assert_ptr_null(rs_journal_parse(text, strlen(text), NULL, &error));
        ck_assert_str_eq(error->message, cases[i].message);
    }
}
END_TEST

START_TEST(lines_of_later_kinds_are_passed_over)
{
    static const char text[] =
        "{\"format\":\"rustscope-journal\",\"version\":1,\"version_minor\":4,"
        "\"benchmarks\":[{\"name\":\"a\"}]}\n{\"heartbeat\":12}\n";
    g_autoptr(RsSession) session = rs_journal_parse(text, strlen(text), NULL, NULL);

    ck_assert_ptr_nonnull(session);
}
END_TEST

START_TEST(a_newer_journal_is_refused)
{
    static const char text[] = "{\"format\":\"rustscope-journal\",\"version\":2}\n";
    g_autoptr(GError) error = NULL;

    ck_assert_ptr_null(rs_journal_parse(text, strlen(text), NULL, &error));
    ck_assert(g_error_matches(error, RS_FORMAT_ERROR, RS_FORMAT_ERROR_NEWER));
    ck_assert_str_eq(error->message,
                     "this file is version 2 of rustscope-journal; this program reads 1");
}
END_TEST

START_TEST(a_full_disk_is_an_error_that_names_the_path)
{
    g_autoptr(RsSession) session = planned_session();
    g_autoptr(GError) error = NULL;

    ck_assert_ptr_null(rs_journal_create("/dev/full", session, &error));
    ck_assert(g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOSPC));
    ck_assert(g_str_has_prefix(error->message, "/dev/full: "));
}
END_TEST

START_TEST(a_write_that_fails_half_way_leaves_whole_lines)
{
    char *path = temporary_path("run.journal");
    g_autoptr(RsSession) session = planned_session(), read = NULL;
    g_autoptr(RsJournal) journal = rs_journal_create(path, session, NULL);
    g_autoptr(GError) error = NULL;
    GStatBuf status;
    struct rlimit limit;

    record(journal, session, 0, RS_ARM_BASELINE, 0);
    ck_assert_int_eq(g_stat(path, &status), 0);
    signal(SIGXFSZ, SIG_IGN);
    limit.rlim_cur = limit.rlim_max = (rlim_t)status.st_size + 10;
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    ck_assert(
        !rs_journal_trial(journal, session, 0, measure(session, 0, RS_ARM_CURRENT, 0), &error));
    ck_assert_msg(g_str_has_prefix(error->message, path), "%s", error->message);
    read = rs_journal_read(path, NULL);
    ck_assert_uint_eq(rs_benchmark_n_trials(read->benchmarks->pdata[0]), 1);
    ck_assert_int_eq(g_stat(path, &status), 0);
    ck_assert_int_eq(status.st_size, (goffset)limit.rlim_cur - 10);
    remove_temporary(path);
}
END_TEST

START_TEST(two_runs_cannot_write_to_one_journal)
{
    char *path = temporary_path("run.journal");
    g_autoptr(RsSession) session = planned_session();
    g_autoptr(RsJournal) journal = rs_journal_create(path, session, NULL);
    g_autoptr(GError) error = NULL;

    ck_assert_ptr_null(rs_journal_append(path, &error));
    ck_assert_ptr_nonnull(strstr(error->message, "another run is writing to it"));
    remove_temporary(path);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("format/journal");
    TCase *tests = tcase_create("all");

    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, a_journal_gives_back_the_session_and_says_what_did_not_end);
    tcase_add_test(tests, a_run_whose_benchmarks_all_ended_is_complete);
    tcase_add_test(tests, a_journal_gives_back_the_samples_of_the_trials);
    tcase_add_test(tests, a_sampled_run_that_was_killed_goes_on_as_if_it_had_not_been);
    tcase_add_test(tests, a_sampler_that_comes_late_is_recorded_from_then_on);
    tcase_add_test(tests, names_that_were_known_when_it_began_are_given_back);
    tcase_add_test(tests, wherever_it_is_cut_the_whole_lines_are_read);
    tcase_add_test(tests, going_on_removes_the_cut_line_first);
    tcase_add_test(tests, a_journal_begun_late_holds_the_trials_so_far);
    tcase_add_test(tests, damage_before_the_last_line_is_an_error_with_its_line);
    tcase_add_test(tests, impossible_lines_are_refused);
    tcase_add_test(tests, lines_of_later_kinds_are_passed_over);
    tcase_add_test(tests, a_newer_journal_is_refused);
    tcase_add_test(tests, a_full_disk_is_an_error_that_names_the_path);
    tcase_add_test(tests, a_write_that_fails_half_way_leaves_whole_lines);
    tcase_add_test(tests, two_runs_cannot_write_to_one_journal);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
