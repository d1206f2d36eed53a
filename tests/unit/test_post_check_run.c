/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A check run that was begun is completed whatever happens: against a server with a memory. */
#include <sys/wait.h>

#include "cmd/post.h"
#include "remote_fixtures.h"
#include "test_report_verdicts.h"
#include "tests/unit/run.h"

#define SHA "9f3c1ab7bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb" /* of failed_verdict() */
#define STATE                                                                                      \
    "{'tokens': {'" SECRET "': {'user': 'github-actions[bot]', 'may': ['read', 'comment', "        \
    "'check']}}, 'repositories': {'o/r': {'id': 42, 'changes': {'7': {'head': '" SHA "'}}}}}"

static char *event_file;

static void set_up(void)
{
    static const char event[] =
        "{\"number\": 7, \"pull_request\": {\"number\": 7, \"head\": {\"sha\": \"" SHA
        "\", \"ref\": \"topic\", \"repo\": {\"full_name\": \"o/r\"}}, \"base\": {\"sha\": "
        "\"4be20d1aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\", \"ref\": \"main\", \"repo\": "
        "{\"full_name\": \"o/r\"}}}, \"repository\": {\"full_name\": \"o/r\"}}";
    int fd = g_file_open_tmp("event-XXXXXX", &event_file, NULL);

    ck_assert_int_ge(fd, 0);
    close(fd);
    ck_assert(g_file_set_contents(event_file, event, -1, NULL));
    remote_start(STATE);
}

static void tear_down(void)
{
    remote_stop();
    g_unlink(event_file);
    g_free(event_file);
}

/* What a runner of GitHub Actions sets. */
static void set_environment(void)
{
    const char *const variables[][2] = {
        {"GITHUB_ACTIONS", "true"},
        {"GITHUB_EVENT_NAME", "pull_request"},
        {"GITHUB_REPOSITORY", "o/r"},
        {"GITHUB_SERVER_URL", "https://github.example"},
        {"GITHUB_SHA", SHA},
        {"GITHUB_RUN_ID", "99"},
        {"GITHUB_RUN_NUMBER", "5"},
        {"GITHUB_RUN_ATTEMPT", "1"},
        {"GITHUB_REF", "refs/pull/7/merge"},
        {"GITHUB_TOKEN", SECRET},
    };
    g_autofree char *api = g_strconcat(remote.url, "/api/v3", NULL);

    for (guint i = 0; i < G_N_ELEMENTS(variables); i++)
        g_setenv(variables[i][0], variables[i][1], TRUE);
    g_setenv("GITHUB_EVENT_PATH", event_file, TRUE);
    g_setenv("GITHUB_API_URL", api, TRUE);
    signal(SIGTERM, SIG_DFL); /* Check handles it */
}

static RsPost *begun(void)
{
    static RsPostOpts opts = {
        .comment_key = (char *)"default",
        .accept_label = (char *)"",
        .check_name = (char *)"rustscope",
        .check_run = TRUE,
        .comment = RS_COMMENT_NEVER,
        .change = -1,
        .budget_s = 30,
    };
    g_autoptr(GError) error = NULL;
    RsPost *post;

    set_environment();
    post = rs_post_new(&opts, &error);
    if (!post)
        _exit(99);
    rs_post_begin(post);
    return post;
}

/* How body ends in a process of its own. */
static int status_of(void (*body)(void))
{
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        alarm(60);
        body();
        _exit(0);
    }
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    return status;
}

/* "completed cancelled": the only check run that there is. */
static char *only_check_run(void)
{
    json_t *state = remote_state(), *runs, *run;
    char *text;

    runs = json_object_get(json_object_get(json_object_get(state, "repositories"), "o/r"),
                           "check_runs");
    ck_assert_uint_eq(json_array_size(runs), 1);
    run = json_array_get(runs, 0);
    ck_assert_str_eq(rs_rest_text(run, "head_sha"), SHA);
    text = g_strdup_printf("%s %s", rs_rest_text(run, "status"),
                           rs_rest_text(run, "conclusion") ? rs_rest_text(run, "conclusion") : "");
    json_decref(state);
    return text;
}

static void assert_only_check_run(const char *words)
{
    g_autofree char *text = only_check_run();

    ck_assert_str_eq(text, words);
}

static void ends_at_once(void)
{
    begun();
    kill(getpid(), SIGKILL);
}

START_TEST(a_check_run_is_in_progress_from_the_beginning)
{
    ck_assert(WIFSIGNALED(status_of(ends_at_once)));
    assert_only_check_run("in_progress ");
}
END_TEST

static void is_terminated(void)
{
    begun();
    kill(getpid(), SIGTERM);
    sleep(30);
}

START_TEST(a_terminated_job_leaves_it_cancelled)
{
    int status = status_of(is_terminated);

    ck_assert(WIFSIGNALED(status));
    ck_assert_int_eq(WTERMSIG(status), SIGTERM);
    assert_only_check_run("completed cancelled");
}
END_TEST

static void gives_up(void)
{
    rs_post_free(begun());
}

START_TEST(a_job_that_gives_up_leaves_it_cancelled)
{
    ck_assert_int_eq(status_of(gives_up), 0);
    assert_only_check_run("completed cancelled");
}
END_TEST

static void publishes(void)
{
    g_autoptr(RsPost) post = begun();
    g_autoptr(RsVerdict) verdict = failed_verdict();

    if (!rs_post_publish(post, verdict))
        _exit(98);
}

START_TEST(a_verdict_completes_the_one_that_was_begun)
{
    ck_assert_int_eq(status_of(publishes), 0);
    assert_only_check_run("completed failure");
}
END_TEST

static void cannot_publish(void)
{
    g_autoptr(RsPost) post = begun();
    g_autoptr(RsVerdict) verdict = failed_verdict();

    remote_fault("PATCH */check-runs/*", "'preset': 'forbidden', 'times': 1");
    if (rs_post_publish(post, verdict))
        _exit(98);
}

START_TEST(one_that_cannot_be_completed_is_tried_as_cancelled)
{
    ck_assert_int_eq(status_of(cannot_publish), 0);
    assert_only_check_run("completed cancelled");
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("post_check_run");

    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, a_check_run_is_in_progress_from_the_beginning);
    tcase_add_test(tcase, a_terminated_job_leaves_it_cancelled);
    tcase_add_test(tcase, a_job_that_gives_up_leaves_it_cancelled);
    tcase_add_test(tcase, a_verdict_completes_the_one_that_was_begun);
    tcase_add_test(tcase, one_that_cannot_be_completed_is_tried_as_cancelled);
    return run_tests("post_check_run", tcase);
}
