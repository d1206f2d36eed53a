/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/post_words.h"

#include <string.h>

#include "base/text.h"
#include "report/view.h"
#include "report/words.h"

/* --- what a verdict amounts to --- */

static gboolean has_regression(const RsVerdict *verdict)
{
    return rs_view_severity(verdict) >= RS_SEVERITY_MINOR;
}

gboolean rs_post_wants_comment(RsCommentWhen when, const RsVerdict *verdict, gboolean *update_only)
{
    RsGateStatus status = verdict->gate.status;
    gboolean is_bad = status == RS_GATE_FAILED || status == RS_GATE_ACCEPTED ||
                      status == RS_GATE_ERROR || rs_verdict_weakens_policy(verdict);

    switch (when) {
    case RS_COMMENT_NEVER:
        return FALSE;
    case RS_COMMENT_ALWAYS:
        *update_only = FALSE;
        return TRUE;
    case RS_COMMENT_ON_REGRESSION:
        *update_only = !has_regression(verdict);
        return TRUE;
    case RS_COMMENT_AUTO:
    default:
        *update_only = !has_regression(verdict) && !is_bad;
        return TRUE;
    }
}

static gboolean has_no_baseline(const RsVerdict *verdict)
{
    return verdict->summary.n_no_baseline > 0 &&
           verdict->summary.n_no_baseline == verdict->summary.n_benchmarks;
}

const char *rs_post_state(const RsVerdict *verdict)
{
    switch (verdict->gate.status) {
    case RS_GATE_ERROR:
    case RS_GATE_UNDECIDED:
    case RS_GATE_ACCEPTED:
        return rs_gate_status_names[verdict->gate.status];
    default:
        if (has_regression(verdict))
            return rs_severity_names[rs_view_severity(verdict)];
        if (has_no_baseline(verdict))
            return "no-baseline";
        return rs_gate_status_names[verdict->gate.status];
    }
}

/* Whether the job that gates by this verdict ends red. */
static gboolean is_red(const RsVerdict *verdict)
{
    return verdict->gate.status == RS_GATE_FAILED || verdict->gate.status == RS_GATE_ERROR ||
           verdict->gate.exit_status != 0;
}

const char *rs_post_conclusion(const RsVerdict *verdict)
{
    if (is_red(verdict))
        return "failure";
    if (verdict->gate.status == RS_GATE_UNDECIDED || has_no_baseline(verdict))
        return "neutral";
    return "success";
}

RsCommitStatus rs_post_commit_status(const RsVerdict *verdict)
{
    if (verdict->gate.status == RS_GATE_ERROR)
        return RS_STATUS_ERROR;
    return is_red(verdict) ? RS_STATUS_FAILURE : RS_STATUS_SUCCESS;
}

char *rs_post_description(const RsVerdict *verdict)
{
    g_autofree char *headline = rs_words_headline(verdict);

    return rs_text_plain(headline, -1, FALSE, RS_POST_MAX_DESCRIPTION - 1); /* and an ellipsis */
}

/* --- names: a required check is found by its exact name --- */

static gboolean is_default(const char *key)
{
    return g_str_equal(key, "default");
}

char *rs_post_check_name(const char *name, const char *key)
{
    return is_default(key) ? g_strdup(name) : g_strdup_printf("%s (%s)", name, key);
}

char *rs_post_status_context(const char *key)
{
    return is_default(key) ? g_strdup("rustscope") : g_strdup_printf("rustscope/%s", key);
}

/* --- URLs --- */

static GUri *parse_url(const char *text)
{
    return g_uri_parse(text, G_URI_FLAGS_PARSE_RELAXED | G_URI_FLAGS_SCHEME_NORMALIZE, NULL);
}

static int port_of(GUri *url)
{
    return g_uri_get_port(url) >= 0                         ? g_uri_get_port(url)
           : g_strcmp0(g_uri_get_scheme(url), "https") == 0 ? 443
                                                            : 80;
}

gboolean rs_post_is_same_origin(const char *a, const char *b)
{
    g_autoptr(GUri) one = parse_url(a), two = parse_url(b);

    return one && two && g_uri_get_host(one) && g_uri_get_host(two) && !g_uri_get_userinfo(one) &&
           g_strcmp0(g_uri_get_scheme(one), g_uri_get_scheme(two)) == 0 &&
           g_ascii_strcasecmp(g_uri_get_host(one), g_uri_get_host(two)) == 0 &&
           port_of(one) == port_of(two);
}

/* --- what to do --- */

/* What each task needs of GITHUB_TOKEN, and of a GitLab project access token. */
static const struct {
    const char *permission, *role;
} needs[] = {
    [RS_POST_READ] = {"pull-requests: read", "Reporter"},
    [RS_POST_LABEL] = {"pull-requests: read", "Reporter"},
    [RS_POST_COMMENT] = {"pull-requests: write", "Reporter"},
    [RS_POST_THREAD] = {"pull-requests: write", "Developer"},
    [RS_POST_CHECK] = {"checks: write", "Developer"},
    [RS_POST_STATUS] = {"statuses: write", "Developer"},
};

const char rs_post_two_jobs[] =
    "; that accepts a result that is kept: measure and post in two jobs (--mode measure, --mode "
    "post), and run the second one again";

const char rs_post_two_stages[] =
    "the token of a pull request from a fork may only read: measure in one workflow (rustscope ci "
    "--mode measure) and post from a second one that runs on workflow_run (rustscope ci --mode "
    "post); the gate itself needs neither";

static char *github_advice(RsPostTask task, const GError *error)
{
    if (error->code == RS_HTTP_ERROR_NOT_FOUND)
        return g_strdup_printf("the token may not see it, or it is not there: the job needs "
                               "`permissions: %s`",
                               needs[task].permission);
    return g_strdup_printf(
        "the token may not do that: the job needs `permissions: %s`%s", needs[task].permission,
        task == RS_POST_CHECK ? " and the token of GitHub Actions or of an app, for no other may "
                                "make check runs"
                              : "");
}

static char *gitlab_advice(RsPostTask task)
{
    return g_strdup_printf("the token may not do that: it has to be a project "
                           "access token with the scope `api` and the role %s or higher",
                           needs[task].role);
}

/* 401, as against 403: nobody knows the token. */
static gboolean is_unknown_token(const GError *error)
{
    return error->code == RS_HTTP_ERROR_REFUSED && strstr(error->message, "answers 401") != NULL;
}

char *rs_post_advice(RsCiSystem system, RsPostTask task, const GError *error)
{
    if (!g_error_matches(error, RS_HTTP_ERROR, RS_HTTP_ERROR_REFUSED) &&
        !g_error_matches(error, RS_HTTP_ERROR, RS_HTTP_ERROR_NOT_FOUND))
        return NULL;
    if (is_unknown_token(error))
        return g_strdup("the server does not know the token: it is mistyped, of another server, "
                        "revoked or no longer valid");
    if (system == RS_CI_GITHUB)
        return github_advice(task, error);
    return system == RS_CI_GITLAB ? gitlab_advice(task) : NULL;
}

char *rs_post_token_advice(const RsCiContext *context, const char *token_variable)
{
    const char *variable = token_variable ? token_variable : "RUSTSCOPE_GITLAB_TOKEN";

    if (context->system != RS_CI_GITLAB)
        return g_strdup("there is no token: give the step `GITHUB_TOKEN: ${{ github.token }}` in "
                        "its `env:`, or the input `token`");
    return g_strdup_printf(
        "%s: create a project access token with the scope `api` and the role Reporter (Developer "
        "for threads and statuses) and save it as the masked CI/CD variable %s; a protected "
        "variable is missing in merge requests of branches that are not protected, and pipelines "
        "of forks have none",
        context->token_is_job ? "the job's own token may write neither notes nor statuses"
                              : "there is no token",
        variable);
}

char *rs_post_not_run(const RsCiContext *context)
{
    if (context->system == RS_CI_GITLAB)
        return g_strdup("this pipeline has the secrets of the project and the code of a fork, "
                        "which is not run with them: measure in the fork's own pipeline");
    return g_strdup_printf(
        "'%s' has the secrets of the repository whoever sent the change, and code of the change is "
        "not run with them: measure in a workflow of pull_request (--mode measure) and post its "
        "result from one of workflow_run (--mode post)",
        context->event);
}
