/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as the payload of any event, and as the variables of a job: the first line names the
 * event, or is "variables", of which the rest is one a line then. What is understood is of its
 * kind, whatever it came from. */
#include <stdint.h>
#include <string.h>

#include "remote/ci_context.h"
#include "remote/ci_event.h"
#include "remote/ci_value.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes);

static void is_of_kind(const char *text, const RsCiKind *kind)
{
    g_assert_true(!text || kind->is_one(text));
}

static void check(const RsCiContext *context, const RsCiKind *repository)
{
    g_assert_cmpint(context->change, >=, 0);
    g_assert_cmpint(context->measured_at_s, >=, 0);
    is_of_kind(context->head_sha, &rs_ci_commit);
    is_of_kind(context->checked_out_sha, &rs_ci_commit);
    is_of_kind(context->base_sha, &rs_ci_commit);
    is_of_kind(context->base_ref, &rs_ci_branch);
    is_of_kind(context->repository, repository);
    is_of_kind(context->head_repository, repository);
    is_of_kind(context->api_url, &rs_ci_url);
    is_of_kind(context->server_url, &rs_ci_url);
    is_of_kind(context->run_url, &rs_ci_url);
    is_of_kind(context->token, &rs_ci_token);
    g_assert_true(!context->base_ref ||
                  (*context->base_ref != '-' && !strpbrk(context->base_ref, " \n")));
    g_assert_true(!context->token || !strpbrk(context->token, " \r\n"));
}

static void check_variables(const char *text)
{
    g_auto(GStrv) environment = g_strsplit(text, "\n", 200);
    g_autoptr(RsCiContext) context = NULL;

    /* What a file holds is the other half's. */
    environment = g_environ_unsetenv(environment, "GITHUB_EVENT_PATH");
    context = rs_ci_context_new(environment, NULL, NULL);
    if (context)
        check(context, context->system == RS_CI_GITLAB ? &rs_ci_project : &rs_ci_repository);
}

static void check_payload(const char *event, const char *payload, gsize n_bytes)
{
    g_autoptr(RsCiContext) context = g_new0(RsCiContext, 1);

    context->event = g_strdup(event);
    context->repository = g_strdup("acme/widget");
    if (rs_ci_event_read(payload, n_bytes, context, NULL))
        check(context, &rs_ci_repository);
    g_assert_null(context->api_url);
    g_assert_null(context->server_url);
    g_assert_cmpstr(context->repository, ==, "acme/widget");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes)
{
    const uint8_t *end = memchr(data, '\n', n_bytes);
    gsize n_line = end ? (gsize)(end - data) : 0;
    g_autofree char *line = g_strndup((const char *)data, n_line);
    g_autofree char *rest = NULL;

    if (!end)
        return 0;
    rest = g_malloc(n_bytes - n_line);
    memcpy(rest, end + 1, n_bytes - n_line - 1);
    rest[n_bytes - n_line - 1] = '\0';
    if (g_str_equal(line, "variables"))
        check_variables(rest);
    else
        check_payload(line, rest, n_bytes - n_line - 1);
    return 0;
}
