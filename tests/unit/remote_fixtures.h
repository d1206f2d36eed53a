/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/remote/server.py as the other end of a test: both forges, with a memory and with faults.
 * What it was told is in remote_state(), what it was asked in remote_requests(); remote_stop()
 * fails when a token was seen where none may be. */
#ifndef TESTS_UNIT_REMOTE_FIXTURES_H
#define TESTS_UNIT_REMOTE_FIXTURES_H

#include <check.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "remote/forge.h"
#include "remote/rest.h"

#define SECRET "secret-of-the-bot"
#define HEAD   "9f3c1ab7"

static struct {
    GPid pid;
    FILE *out;
    char *url, *state_file;
    RsHttp *control;
} remote;

static void die_with_parent(gpointer data)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static char *read_word(const char *name)
{
    char line[256];

    ck_assert_ptr_nonnull(fgets(line, sizeof line, remote.out));
    ck_assert(g_str_has_prefix(line, name));
    return g_strdup(g_strstrip(line + strlen(name)));
}

/* What JSON of ours says, with ' for ". */
static json_t *quoted(const char *text)
{
    g_autofree char *json = g_strdelimit(g_strdup(text), "'", '"');
    json_error_t problem;
    json_t *root = json_loads(json, JSON_DECODE_ANY, &problem);

    if (!root)
        ck_abort_msg("%s: %s", problem.text, json);
    return root;
}

/* state: as server.py has it, with ' for ". */
static void remote_start(const char *state)
{
    g_autofree char *json = g_strdelimit(g_strdup(state), "'", '"');
    char *argv[] = {(char *)"/usr/bin/python3",
                    (char *)"-IS",
                    (char *)"tests/remote/server.py",
                    (char *)"--limit-s",
                    (char *)"120",
                    (char *)"--state",
                    NULL,
                    NULL};
    g_autofree char *other = NULL;
    g_autoptr(GError) error = NULL;
    RsHttpOptions options = {0};
    int fd = g_file_open_tmp("state-XXXXXX", &remote.state_file, NULL), out;

    ck_assert_int_ge(fd, 0);
    close(fd);
    ck_assert(g_file_set_contents(remote.state_file, json, -1, NULL));
    argv[6] = remote.state_file;
    if (!g_spawn_async_with_pipes(NULL, argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, die_with_parent,
                                  NULL, &remote.pid, NULL, &out, NULL, &error))
        ck_abort_msg("%s", error->message);
    remote.out = fdopen(out, "r");
    remote.url = read_word("url ");
    other = read_word("other ");
    options.base_url = remote.url;
    options.write_gap_s = 0;
    remote.control = rs_http_new(&options, NULL);
    ck_assert_ptr_nonnull(remote.control);
}

static json_t *remote_ask(const char *what, json_t *body)
{
    g_autofree char *path = g_strconcat("/_test/", what, NULL);
    g_autoptr(GError) error = NULL;
    g_auto(RsHttpAnswer) got = {0};
    char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
    json_t *answer;

    if (!rs_http_send(remote.control, "PUT", path, text, &got, &error))
        ck_abort_msg("%s", error->message);
    answer = json_loads(g_bytes_get_data(got.body, NULL), JSON_DECODE_ANY, NULL);
    free(text);
    json_decref(body);
    return answer;
}

__attribute__((unused)) static json_t *remote_state(void)
{
    return remote_ask("state", NULL);
}

static json_t *remote_requests(void)
{
    return remote_ask("requests", NULL);
}

__attribute__((unused)) static void remote_set(const char *path, const char *value)
{
    json_decref(remote_ask("set", json_pack("[s, o]", path, quoted(value))));
}

/* Every fault has had its effect. */
static void assert_faults_fired(void)
{
    json_t *state = remote_state(), *fault;
    size_t i;

    json_array_foreach(json_object_get(state, "faults"), i, fault)
    {
        char *text = json_dumps(fault, 0);

        if (rs_rest_int(fault, "n_matches") < MAX(rs_rest_int(fault, "from"), 1))
            ck_abort_msg("it never came to %s", text);
        free(text);
    }
    json_decref(state);
}

/* In place of the fault before, which has to have had its effect. rest: as server.py has it. */
__attribute__((unused)) static void remote_fault(const char *request, const char *rest)
{
    g_autofree char *text = g_strdup_printf("[{'request': '%s', %s}]", request, rest);

    assert_faults_fired();
    remote_set("faults", text);
}

/* How often was asked for what begins so behind "METHOD ". */
__attribute__((unused)) static guint remote_count(const char *method, const char *part)
{
    json_t *requests = remote_requests(), *request;
    guint n = 0;
    size_t i;

    json_array_foreach(requests, i, request) n +=
        g_str_equal(rs_rest_text(request, "method"), method) &&
        strstr(rs_rest_text(request, "path"), part) != NULL;
    json_decref(requests);
    return n;
}

/* The token stands in one header, and nowhere else of all that was sent. */
static void assert_token_in_its_place(void)
{
    json_t *requests = remote_requests(), *request;
    size_t i;

    json_array_foreach(requests, i, request)
    {
        json_t *headers = json_object_get(request, "headers");
        char *text;

        json_object_del(headers, "Authorization");
        json_object_del(headers, "PRIVATE-TOKEN");
        text = json_dumps(request, 0);
        if (strstr(text, SECRET))
            ck_abort_msg("the token in %s", text);
        free(text);
    }
    json_decref(requests);
}

static void remote_stop(void)
{
    json_t *violations;
    char *text;

    assert_token_in_its_place();
    assert_faults_fired();
    violations = remote_ask("stop", NULL);
    text = json_dumps(violations, 0);
    if (json_array_size(violations))
        ck_abort_msg("%s", text);
    free(text);
    json_decref(violations);
    rs_http_free(remote.control);
    fclose(remote.out);
    g_unlink(remote.state_file);
    g_free(remote.state_file);
    g_free(remote.url);
    g_spawn_close_pid(remote.pid);
}

/* A forge whose API the server has, with a token of ours; http has what is not usual. */
__attribute__((unused)) static RsForge *remote_forge(const RsForgeRow *row,
                                                     const RsHttpOptions *http)
{
    g_autofree char *url =
        g_strconcat(remote.url, row == &rs_forge_gitlab ? "/git/api/v4" : "/api/v3", NULL);
    RsForgeOptions options = {.api_url = url, .token = SECRET, .repository = "o/r"};
    RsForge *forge;

    if (http)
        options.http = *http;
    options.http.wait_unit_s = 0.001;
    forge = rs_forge_new(row, &options, NULL);
    ck_assert_ptr_nonnull(forge);
    return forge;
}

#endif
