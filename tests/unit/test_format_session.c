/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <locale.h>
#include <math.h>
#include <string.h>

#include "format/codec.h"
#include "format/session_json.h"
#include "tests/unit/format_fixtures.h"

#define SCHEMA "src/format/session.schema.json"

static RsSession *decode(const char *text)
{
    g_autoptr(GBytes) data = g_bytes_new(text, strlen(text));
    GError *error = NULL;
    RsSession *session = rs_session_parse(data, &error);

    ck_assert_msg(session != NULL, "%s", error ? error->message : "");
    return session;
}

START_TEST(every_valid_file_is_read_and_written_back_with_all_it_holds)
{
    g_autoptr(GPtrArray) cases = fixture_cases("fixtures/session/valid");

    for (guint i = 0; i < cases->len; i++) {
        g_autofree char *path = g_build_filename(cases->pdata[i], "input.json", NULL);
        GError *error = NULL;
        g_autoptr(RsSession) session = rs_session_read(path, &error);
        g_autoptr(RsSession) again = NULL;
        g_autoptr(GBytes) first = NULL, second = NULL;

        ck_assert_msg(session != NULL, "%s", error ? error->message : "");
        first = rs_session_encode(session, &error);
        ck_assert_msg(first != NULL, "%s", error ? error->message : "");
        assert_complies(SCHEMA, first, path);
        assert_same_values(path, first, "version_minor");
        again = rs_session_parse(first, &error);
        ck_assert_msg(again != NULL, "%s", error ? error->message : "");
        second = rs_session_encode(again, NULL);
        ck_assert_msg(g_bytes_equal(first, second), "%s: written anew it differs", path);
    }
}
END_TEST

START_TEST(every_invalid_file_is_refused_with_its_own_message)
{
    g_autoptr(GPtrArray) cases = fixture_cases("fixtures/session/invalid");

    for (guint i = 0; i < cases->len; i++) {
        g_autofree char *path = g_build_filename(cases->pdata[i], "input.json", NULL);
        g_autoptr(GBytes) data = fixture_bytes(path);
        g_autoptr(GError) error = NULL;

        ck_assert_ptr_null(rs_session_parse(data, &error));
        assert_expected_error(cases->pdata[i], error);
    }
}
END_TEST

START_TEST(the_members_of_a_file_land_where_the_model_says)
{
    g_autoptr(RsSession) session =
        rs_session_read("fixtures/session/valid/complete/input.json", NULL);
    const RsBenchmark *benchmark = g_ptr_array_index(session->benchmarks, 0);
    const RsFailure *failure = g_ptr_array_index(benchmark->failures, 0);
    const RsMetric *requests = rs_benchmark_metric(benchmark, "requests");
    const RsMetric *cpu = rs_benchmark_metric(benchmark, "cpu");

    ck_assert_str_eq(session->source_format, "rustscope-session 1.0");
    ck_assert_int_eq(session->seed, 42);
    ck_assert_uint_eq(session->shard_count, 2);
    ck_assert_double_eq(session->gate->critical_factor, 2);
    ck_assert_int_eq(session->gate->fail_on, RS_SEVERITY_CRITICAL);
    ck_assert_str_eq(session->revisions[RS_ARM_CURRENT].branch, "feature");
    ck_assert(session->revisions[RS_ARM_CURRENT].dirty);
    ck_assert_int_eq(session->machine.memory_bytes, 17179869184);
    ck_assert_int_eq(session->machine.cgroup_memory_limit_bytes, -1);
    ck_assert(isnan(session->noise.throttled_pct));
    ck_assert_str_eq(benchmark->parameters[1], "mode=a=b");
    ck_assert_uint_eq(benchmark->launches_per_trial, 3);
    ck_assert_str_eq(benchmark->programs[RS_ARM_BASELINE].environment[0], "LANG=C");
    ck_assert(benchmark->programs[RS_ARM_CURRENT].shell);
    ck_assert_uint_eq(rs_benchmark_n_trials(benchmark), 4);
    ck_assert_int_eq(g_array_index(benchmark->trial_arm, guint8, 1), RS_ARM_CURRENT);
    ck_assert_int_eq(g_array_index(benchmark->trial_start_ns, gint64, 3), 125000000);
    ck_assert_int_eq(g_array_index(cpu->values, RsValue, 2).count, RS_COUNT_ABSENT);
    ck_assert_int_eq(requests->kind, RS_REAL);
    ck_assert_int_eq(requests->direction, RS_HIGHER_IS_BETTER);
    ck_assert_double_eq(rs_metric_value(requests, 3), 1e-7);
    ck_assert_int_eq(failure->signal_number, 11);
    ck_assert_int_eq(failure->exit_status, -1);
}
END_TEST

START_TEST(the_members_of_a_profile_land_where_the_model_says)
{
    g_autoptr(RsSession) session =
        rs_session_read("fixtures/session/valid/profile/input.json", NULL);
    const RsProfile *profile = session->profile;
    const RsProfileModule *app = g_ptr_array_index(profile->modules, 0);
    const RsProfileModule *vdso = g_ptr_array_index(profile->modules, 1);
    const RsProfileProcess *process = &g_array_index(profile->processes, RsProfileProcess, 1);
    const RsProfileSample *sample = &g_array_index(profile->samples, RsProfileSample, 2);
    const RsProcessSample *look = g_ptr_array_index(profile->process_samples, 1);
    const RsTimelineEvent *restart = g_ptr_array_index(profile->events, 2);
    const RsLock *lock = g_ptr_array_index(profile->locks, 0);

    ck_assert_str_eq(app->build_id, "0123456789abcdef0123456789abcdef01234567");
    ck_assert_int_eq(app->n_bytes, 4812345);
    ck_assert_int_eq(vdso->kind, RS_MODULE_VDSO);
    ck_assert_int_eq(vdso->n_bytes, -1);
    ck_assert_uint_eq(g_array_index(profile->frames, RsProfileFrame, 2).address,
                      G_GUINT64_CONSTANT(0xffffffff81000000));
    ck_assert_int_eq(g_array_index(profile->stacks, RsProfileStack, 3).parent, RS_STACK_NONE);
    ck_assert_int_eq(g_array_index(profile->stacks, RsProfileStack, 2).parent, 1);
    ck_assert_int_eq(g_array_index(profile->threads, RsProfileThread, 1).thread_id, 815);
    ck_assert_int_eq(process->end_ns, -1);
    ck_assert_int_eq(process->signal_number, 9);
    ck_assert_int_eq(sample->weight_ns, G_MAXINT64);
    ck_assert_int_eq(sample->stack, 3);
    ck_assert_uint_eq(sample->end, RS_STACK_CUT_COPY);
    ck_assert_uint_eq(sample->is_late, 1);
    ck_assert(isnan(look->cpu_pct));
    ck_assert_int_eq(look->rss_bytes, -1);
    ck_assert_int_eq(restart->kind, RS_EVENT_RESTART);
    ck_assert_uint_eq(lock->address, G_GUINT64_CONSTANT(0x7ffff7fa3b10));
    ck_assert_int_eq(g_array_index(lock->sites, RsLockSite, 1).stack, RS_STACK_NONE);
    ck_assert_int_eq(profile->summary.signal_number, 15);
    ck_assert_int_eq(profile->diagnostics.n_symbolized_samples, -1);
    ck_assert_int_eq(profile->diagnostics.n_ends[RS_STACK_NOT_WALKED], 1);
    ck_assert(profile->diagnostics.sees_kernel);
}
END_TEST

START_TEST(functions_and_lines_land_where_the_model_says)
{
    g_autoptr(RsSession) session =
        rs_session_read("fixtures/session/valid/symbols/input.json", NULL);
    const RsProfile *profile = session->profile;
    const RsFunction *field = g_ptr_array_index(profile->functions, 1);
    const RsFunction *clock = g_ptr_array_index(profile->functions, 4);
    const RsProfileFrame *frames = (const RsProfileFrame *)profile->frames->data;
    const RsProfileLine *lines = (const RsProfileLine *)profile->lines->data;

    ck_assert(!profile->is_list);
    ck_assert_uint_eq(profile->functions->len, 5);
    ck_assert_str_eq(field->name, "app::parse::field");
    ck_assert_ptr_null(field->linkage_name);
    ck_assert_int_eq(field->last_line, 67);
    ck_assert(field->is_inline);
    ck_assert_int_eq(field->source, RS_SYMBOL_DWARF);
    ck_assert_int_eq(clock->crate_kind, RS_CRATE_RUNTIME);
    ck_assert_int_eq(clock->module, 1);
    ck_assert_str_eq(clock->linkage_name, "__vdso_clock_gettime");
    ck_assert_uint_eq(frames[1].n_lines, 2);
    ck_assert_uint_eq(lines[frames[1].first_line].function, 1);
    ck_assert_uint_eq(lines[frames[1].first_line + 1].function, 2);
    ck_assert_uint_eq(lines[frames[1].first_line].line, 44);
    ck_assert_uint_eq(lines[frames[3].first_line].function, 4);
    ck_assert_int_eq(profile->diagnostics.n_by_source[RS_SYMBOL_VDSO], 5);
    ck_assert_int_eq(profile->diagnostics.n_unnamed[RS_UNNAMED_NO_STACK], 2);
}
END_TEST

START_TEST(lines_are_those_of_their_frames_in_whatever_order_they_were_found)
{
    g_autoptr(RsSession) session = rs_session_new(), again = NULL;
    RsProfile *profile = session->profile = rs_profile_new();
    guint32 module = rs_profile_add_module(profile, RS_MODULE_FILE, "/srv/app", NULL, -1);
    RsProfileLine lines[3];
    g_autoptr(GBytes) data = NULL;
    const RsProfileFrame *frames;

    for (guint32 i = 0; i < 3; i++) {
        g_autofree char *name = g_strdup_printf("f%u", i);

        rs_profile_add_frame(profile, module, 0x10 * i);
        lines[i] =
            (RsProfileLine){rs_profile_add_function(profile, rs_function_new(name)), 100 + i};
    }
    rs_profile_set_lines(profile, 2, lines, 1);
    rs_profile_set_lines(profile, 0, lines + 1, 2);
    data = rs_session_encode(session, NULL);
    assert_complies(SCHEMA, data, "lines");
    again = rs_session_parse(data, NULL);
    frames = (const RsProfileFrame *)again->profile->frames->data;
    ck_assert_uint_eq(frames[1].n_lines, 0);
    ck_assert_uint_eq(
        g_array_index(again->profile->lines, RsProfileLine, frames[2].first_line).line, 100);
    ck_assert_uint_eq(
        g_array_index(again->profile->lines, RsProfileLine, frames[0].first_line + 1).line, 102);
}
END_TEST

START_TEST(a_profile_without_names_is_written_as_it_always_was)
{
    g_autoptr(RsSession) session =
        rs_session_read("fixtures/session/valid/profile/input.json", NULL);
    g_autoptr(GBytes) data = rs_session_encode(session, NULL);

    ck_assert_ptr_null(strstr(g_bytes_get_data(data, NULL), "n_lines"));
    ck_assert_ptr_null(strstr(g_bytes_get_data(data, NULL), "\"lines\""));
}
END_TEST

/* With another text in place of the first one of a fixture. */
static GBytes *changed(const char *path, const char *old, const char *new)
{
    g_autoptr(GBytes) data = fixture_bytes(path);
    g_autoptr(GString) text =
        g_string_new_len(g_bytes_get_data(data, NULL), (gssize)g_bytes_get_size(data));

    ck_assert_uint_eq(g_string_replace(text, old, new, 1), 1);
    return g_bytes_new(text->str, text->len);
}

static char *written(GBytes *data)
{
    g_autoptr(RsSession) session = rs_session_parse(data, NULL);
    g_autoptr(GBytes) bytes = NULL;

    ck_assert_ptr_nonnull(session);
    bytes = rs_session_encode(session, NULL);
    assert_complies(SCHEMA, bytes, "tables");
    return g_strdup(g_bytes_get_data(bytes, NULL));
}

#define STALE                                                                                      \
    "\"crate_rollups\": [{\"crate_name\": \"stale\"}], \"module_rollups\": [], "                   \
    "\"call_trees\": [{\"name\": \"stale\"}], \"benchmarks\""

START_TEST(tables_are_made_anew_from_the_stacks)
{
    g_autoptr(GBytes) data =
        changed("fixtures/session/valid/symbols/input.json", "\"benchmarks\"", STALE);
    g_autofree char *text = written(data);

    ck_assert_ptr_null(strstr(text, "stale"));
    ck_assert_ptr_nonnull(
        strstr(text, "{\"crate_name\": \"app\", \"crate_kind\": \"own\", \"self_ns\": 0, "
                     "\"total_ns\": 40404040, \"n_samples\": 0, \"n_functions\": 3}"));
    ck_assert_ptr_nonnull(
        strstr(text, "{\"module_path\": \"app::parse\", \"crate_name\": \"app\", \"crate_kind\": "
                     "\"own\", \"self_ns\": 0, \"total_ns\": 40404040, \"n_samples\": 0, "
                     "\"n_functions\": 2}"));
    ck_assert_ptr_nonnull(strstr(text, "\"benchmark\": null,\n   \"names\": {\n    \"name\": "
                                       "[\"app::main\",\"app::parse::line\",\"app::parse::field\","
                                       "\"sys_read\",\"clock_gettime\"],"));
    ck_assert_ptr_nonnull(
        strstr(text, "\"total_ns\": [30303030,10101010,10101010,10101010,10101010,20202020],"));
    ck_assert_ptr_nonnull(strstr(
        text, "\"total_ns_baseline\": [20202020,15151515,15151515,15151515,15151515,0,5050505],"));
}
END_TEST

START_TEST(tables_of_a_file_without_stacks_or_names_are_another_writers)
{
    g_autoptr(GBytes) none =
        changed("fixtures/session/valid/minimal/input.json", "\"benchmarks\"", STALE);
    g_autoptr(GBytes) nameless =
        changed("fixtures/session/valid/profile/input.json", "\"benchmarks\"", STALE);
    g_autofree char *first = written(none), *second = written(nameless);

    ck_assert_ptr_nonnull(strstr(first, "\"crate_rollups\": [{\"crate_name\": \"stale\"}]"));
    ck_assert_ptr_nonnull(strstr(second, "\"call_trees\": [{\"name\": \"stale\"}]"));
}
END_TEST

START_TEST(functions_are_written_with_the_time_of_their_samples)
{
    g_autoptr(RsSession) session =
        rs_session_read("fixtures/session/valid/symbols/input.json", NULL);
    RsFunction *clock = g_ptr_array_index(session->profile->functions, 4);
    g_autoptr(RsSession) again = NULL;
    g_autoptr(GBytes) data = NULL;

    clock->self_ns = 1;
    g_array_index(session->profile->samples, RsProfileSample, 2).weight_ns = 20;
    data = rs_session_encode(session, NULL);
    ck_assert_int_eq(clock->self_ns, 1); /* writing changes nothing */
    again = rs_session_parse(data, NULL);
    clock = g_ptr_array_index(again->profile->functions, 4);
    ck_assert_int_eq(clock->self_ns, 40404060);
    ck_assert_int_eq(clock->total_ns, 40404060);
    ck_assert_int_eq(clock->n_samples, 5);
    ck_assert_int_eq(clock->n_calls, -1);
}
END_TEST

START_TEST(a_large_tree_is_written_small)
{
    g_autoptr(RsSession) session = rs_session_new();
    RsProfile *profile = session->profile = rs_profile_new();
    guint32 module = rs_profile_add_module(profile, RS_MODULE_FILE, "/srv/app", NULL, -1);
    g_autoptr(GBytes) data = NULL;
    const char *nodes;

    rs_profile_add_thread(profile, 1, 1, NULL);
    for (guint32 i = 0; i < 20000; i++) {
        g_autofree char *name = g_strdup_printf("f%u", i);
        RsProfileLine line = {rs_profile_add_function(profile, rs_function_new(name)), 0};
        guint32 frame = rs_profile_add_frame(profile, module, i);
        RsProfileSample sample = {.weight_ns = i < 2 ? 1000000 : 1};

        sample.stack = rs_profile_add_stack(profile, RS_STACK_NONE, frame);
        rs_profile_set_lines(profile, frame, &line, 1);
        g_array_append_val(profile->samples, sample);
    }
    data = rs_session_encode(session, NULL);
    nodes = strstr(g_bytes_get_data(data, NULL), "\"nodes\"");
    ck_assert_ptr_nonnull(nodes);
    ck_assert_ptr_nonnull(strstr(nodes, "\"total_ns\": [2019998,1000000,1000000,19998],"));
}
END_TEST

START_TEST(a_trial_has_its_stacks_or_tells_that_it_was_not_sampled)
{
    g_autoptr(RsSession) session =
        rs_session_read("fixtures/session/valid/profile/input.json", NULL);
    const RsBenchmark *benchmark = session->benchmarks->pdata[0];
    guint n;
    const RsTrialSample *samples = rs_benchmark_samples(benchmark, 0, &n);

    ck_assert_uint_eq(n, 2);
    ck_assert_int_eq(samples[0].stack, 2);
    ck_assert_uint_eq(samples[0].n, 3);
    ck_assert_int_eq(samples[0].weight_ns, 30303030);
    ck_assert_int_eq(samples[1].stack, RS_STACK_NONE);
    samples = rs_benchmark_samples(benchmark, 1, &n);
    ck_assert_uint_eq(n, 1);
    ck_assert_int_eq(samples[0].stack, 3);
    ck_assert_ptr_null(rs_benchmark_samples(benchmark, 2, &n));
    ck_assert_ptr_nonnull(rs_benchmark_samples(benchmark, 3, &n));
    ck_assert_uint_eq(n, 0);
}
END_TEST

START_TEST(unknown_keys_of_a_profile_are_written_where_they_were)
{
    g_autoptr(RsSession) session =
        rs_session_read("fixtures/session/valid/profile-with-unknown-keys/input.json", NULL);
    g_autoptr(GBytes) data = rs_session_encode(session, NULL);
    const char *at = g_bytes_get_data(data, NULL);
    guint n = 0;

    for (; (at = strstr(at, "\"x_later\"")); at++)
        n++;
    ck_assert_uint_eq(n, 15);
}
END_TEST

START_TEST(without_a_profile_its_members_are_another_writers)
{
    g_autoptr(RsSession) session = rs_session_read(
        "fixtures/session/valid/members-of-a-profile-of-another-writer/input.json", NULL);

    ck_assert_ptr_null(session->profile);
    ck_assert_ptr_nonnull(
        strstr(session->extra_json, "\"process_samples\":[{\"at_ns\":\"noon\"}]"));
}
END_TEST

START_TEST(counts_beyond_a_double_stay_exact)
{
    g_autoptr(RsSession) session =
        rs_session_read("fixtures/session/valid/largest-counts/input.json", NULL);
    const RsMetric *wall = rs_benchmark_metric(session->benchmarks->pdata[0], "wall");

    ck_assert_int_eq(g_array_index(wall->values, RsValue, 0).count, 9007199254740993);
    ck_assert_int_eq(g_array_index(wall->values, RsValue, 1).count, G_MAXINT64);
    ck_assert_int_eq(g_array_index(wall->values, RsValue, 2).count, -G_MAXINT64);
    ck_assert_int_eq(session->seed, G_MAXINT64);
}
END_TEST

START_TEST(reals_are_written_short_and_read_back_the_same)
{
    const double reals[] = {0.1,  1.0 / 3, 1e300,   5e-324, -0.0, 1e15, 9007199254740993.0,
                            -2.5, NAN,     INFINITY};
    g_autoptr(RsSession) session = rs_session_new();
    RsBenchmark *benchmark = rs_benchmark_new("b", RS_DESIGN_SINGLE);
    RsMetric *metric = rs_benchmark_add_metric(benchmark, "x", "", RS_LOWER_IS_BETTER, RS_REAL);
    g_autoptr(GBytes) data = NULL;
    g_autoptr(RsSession) again = NULL;

    g_ptr_array_add(session->benchmarks, benchmark);
    for (guint i = 0; i < G_N_ELEMENTS(reals); i++)
        rs_benchmark_set_value(benchmark,
                               rs_benchmark_add_trial(benchmark, RS_ARM_BASELINE, -1, -1), metric,
                               (RsValue){.real = reals[i]});
    data = rs_session_encode(session, NULL);
    ck_assert_ptr_nonnull(strstr(g_bytes_get_data(data, NULL), "[0.1,0.3333333333333333,1e+300,"));
    again = rs_session_parse(data, NULL);
    metric = rs_benchmark_metric(again->benchmarks->pdata[0], "x");
    for (guint i = 0; i < G_N_ELEMENTS(reals); i++) {
        double real = g_array_index(metric->values, RsValue, i).real;

        if (isfinite(reals[i]))
            ck_assert(real == reals[i] && !signbit(real) == !signbit(reals[i]));
        else
            ck_assert(isnan(real));
    }
}
END_TEST

START_TEST(text_that_is_not_utf_8_is_written_as_text)
{
    g_autoptr(RsSession) session = rs_session_new();
    g_autoptr(GBytes) data = NULL;

    g_ptr_array_add(session->warnings, g_strdup("bad \xff byte"));
    data = rs_session_encode(session, NULL);
    assert_complies(SCHEMA, data, "not UTF-8");
}
END_TEST

START_TEST(additional_keys_never_replace_those_of_the_format)
{
    g_autoptr(RsSession) session = rs_session_new();
    g_autoptr(RsSession) again = NULL;
    g_autoptr(GBytes) data = NULL;

    session->seed = 5;
    session->extra_json = g_strdup("{\"seed\":7,\"version\":9,\"locks\":[1]}");
    data = rs_session_encode(session, NULL);
    again = rs_session_parse(data, NULL);
    ck_assert_int_eq(again->seed, 5);
    ck_assert_str_eq(again->extra_json, "{\"locks\":[1]}");
}
END_TEST

START_TEST(broken_additional_keys_are_an_error)
{
    g_autoptr(RsSession) session = rs_session_new();
    g_autoptr(GError) error = NULL;

    session->extra_json = g_strdup("{\"a\":");
    ck_assert_ptr_null(rs_session_encode(session, &error));
    ck_assert(g_error_matches(error, RS_FORMAT_ERROR, RS_FORMAT_ERROR_INVALID));
}
END_TEST

START_TEST(any_locale_writes_points)
{
    g_autoptr(RsSession) session = rs_session_new();
    g_autoptr(GBytes) data = NULL, german = NULL;

    session->noise.load_start = 0.25;
    data = rs_session_encode(session, NULL);
    if (!setlocale(LC_ALL, "de_DE.UTF-8"))
        ck_abort_msg("the locale de_DE.UTF-8 is not installed");
    german = rs_session_encode(session, NULL);
    ck_assert(g_bytes_equal(data, german));
    g_bytes_unref(german);
    german = NULL;
    rs_session_free(g_steal_pointer(&session));
    session = rs_session_parse(data, NULL);
    ck_assert_double_eq(session->noise.load_start, 0.25);
}
END_TEST

START_TEST(an_error_names_the_file)
{
    g_autoptr(GError) error = NULL;

    ck_assert_ptr_null(
        rs_session_read("fixtures/session/invalid/arms-of-unequal-length/input.json", &error));
    ck_assert_str_eq(error->message,
                     "fixtures/session/invalid/arms-of-unequal-length/input.json: "
                     "benchmarks[0].trials.pair: 3 entries, but there are 4 trials");
    g_clear_error(&error);
    ck_assert_ptr_null(rs_session_read("no/such/file.json", &error));
    ck_assert(g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT));
    ck_assert(g_str_has_prefix(error->message, "no/such/file.json: "));
    g_clear_error(&error);
    ck_assert_ptr_null(rs_session_read("fixtures", &error));
    ck_assert(g_str_has_prefix(error->message, "fixtures: "));
}
END_TEST

START_TEST(a_full_disk_is_an_error_that_names_the_path)
{
    g_autoptr(RsSession) session = rs_session_new();
    g_autoptr(GError) error = NULL;

    ck_assert(!rs_session_write(session, "/dev/full", &error));
    ck_assert(g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOSPC));
    ck_assert(g_str_has_prefix(error->message, "/dev/full: "));
}
END_TEST

static void refuse_every_cut(const char *path)
{
    g_autoptr(GBytes) data = fixture_bytes(path);
    const char *text = g_bytes_get_data(data, NULL);
    gsize n_bytes = g_bytes_get_size(data);

    while (n_bytes > 0 && text[n_bytes - 1] == '\n')
        n_bytes--;
    for (gsize n = 0; n < n_bytes; n++) {
        g_autoptr(GBytes) cut = g_bytes_new(text, n);
        g_autoptr(GError) error = NULL;

        ck_assert_ptr_null(rs_session_parse(cut, &error));
        ck_assert_msg(g_error_matches(error, RS_FORMAT_ERROR, RS_FORMAT_ERROR_SYNTAX), "%s",
                      error->message);
    }
}

START_TEST(every_cut_of_a_file_is_refused)
{
    refuse_every_cut("fixtures/session/valid/unknown-keys-everywhere/input.json");
    refuse_every_cut("fixtures/session/valid/profile-with-unknown-keys/input.json");
    refuse_every_cut("fixtures/session/valid/symbols/input.json");
}
END_TEST

START_TEST(a_newer_version_is_told_from_a_broken_one)
{
    g_autoptr(GBytes) data = fixture_bytes("fixtures/session/invalid/newer-major/input.json");
    g_autoptr(GError) error = NULL;
    g_autoptr(RsSession) minor =
        decode("{\"format\":\"rustscope-session\",\"version\":1,\"version_minor\":9}");

    ck_assert_ptr_null(rs_session_parse(data, &error));
    ck_assert(g_error_matches(error, RS_FORMAT_ERROR, RS_FORMAT_ERROR_NEWER));
    ck_assert_str_eq(minor->source_format, "rustscope-session 1.9");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("format/session");
    TCase *tests = tcase_create("all");

    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, every_valid_file_is_read_and_written_back_with_all_it_holds);
    tcase_add_test(tests, every_invalid_file_is_refused_with_its_own_message);
    tcase_add_test(tests, the_members_of_a_file_land_where_the_model_says);
    tcase_add_test(tests, the_members_of_a_profile_land_where_the_model_says);
    tcase_add_test(tests, functions_and_lines_land_where_the_model_says);
    tcase_add_test(tests, lines_are_those_of_their_frames_in_whatever_order_they_were_found);
    tcase_add_test(tests, a_profile_without_names_is_written_as_it_always_was);
    tcase_add_test(tests, tables_are_made_anew_from_the_stacks);
    tcase_add_test(tests, tables_of_a_file_without_stacks_or_names_are_another_writers);
    tcase_add_test(tests, functions_are_written_with_the_time_of_their_samples);
    tcase_add_test(tests, a_large_tree_is_written_small);
    tcase_add_test(tests, a_trial_has_its_stacks_or_tells_that_it_was_not_sampled);
    tcase_add_test(tests, unknown_keys_of_a_profile_are_written_where_they_were);
    tcase_add_test(tests, without_a_profile_its_members_are_another_writers);
    tcase_add_test(tests, counts_beyond_a_double_stay_exact);
    tcase_add_test(tests, reals_are_written_short_and_read_back_the_same);
    tcase_add_test(tests, text_that_is_not_utf_8_is_written_as_text);
    tcase_add_test(tests, additional_keys_never_replace_those_of_the_format);
    tcase_add_test(tests, broken_additional_keys_are_an_error);
    tcase_add_test(tests, any_locale_writes_points);
    tcase_add_test(tests, an_error_names_the_file);
    tcase_add_test(tests, a_full_disk_is_an_error_that_names_the_path);
    tcase_add_test(tests, every_cut_of_a_file_is_refused);
    tcase_add_test(tests, a_newer_version_is_told_from_a_broken_one);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
