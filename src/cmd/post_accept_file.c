/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file of the repository that accepts: the base revision's configuration has to name it, and the
 * change's head commit has to be the one that last changed it, so the next push is not waved
 * through. A commit without its parent (a shallow clone) is not asked: in it every file looks new.
 */
#include <string.h>

#include "base/text.h"
#include "cmd/post_state.h"
#include "trial/config.h"
#include "trial/git.h"
#include "trial/vcs.h"

#define MAX_REASON_CHARS 2000
#define MAX_BLOB_BYTES   (1 << 20)

/* What git prints; NULL when it fails or that is longer than a file of this kind is. */
static char *ask(const char *top, const char *const *arguments)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new();
    RsGit git = {.folder = top, .limit_bytes = MAX_BLOB_BYTES};

    g_ptr_array_add(words, (gpointer) "--literal-pathspecs");
    for (; *arguments; arguments++)
        g_ptr_array_add(words, (gpointer)*arguments);
    g_ptr_array_add(words, NULL);
    git.arguments = (const char *const *)words->pdata;
    return rs_git(&git, NULL, NULL);
}

static char *ask_line(const char *top, const char *const *arguments)
{
    char *output = ask(top, arguments);

    if (output)
        output[strcspn(output, "\n")] = '\0';
    return output;
}

static gboolean is_commit(const char *text)
{
    gsize n = strlen(text);

    return n >= 40 && n <= 64 && text[strspn(text, "0123456789abcdef")] == '\0';
}

/* revision:path; NULL: it is not there. */
static char *file_at(const char *top, const char *revision, const char *path)
{
    g_autofree char *name = g_strconcat(revision, ":", path, NULL);

    return ask(top, (const char *const[]){"cat-file", "blob", name, NULL});
}

/* A name that git may take: of a commit, or of the branch that the change goes to as the server had
 * it. A job with the secrets of the repository and without either has the default branch before it.
 */
static char *base_of(const RsPost *post)
{
    const RsCiContext *context = post->context;

    if (context->base_sha && is_commit(context->base_sha))
        return g_strdup(context->base_sha);
    if (context->base_ref && *context->base_ref != '-')
        return g_strconcat("refs/remotes/origin/", context->base_ref, NULL);
    return context->is_privileged ? g_strdup("HEAD") : NULL;
}

static const char *config_of(const RsPost *post)
{
    return post->opts->config_path ? post->opts->config_path : RS_CONFIG_FILE;
}

/* The base's configuration; NULL: there is none, or it cannot be read here. */
static RsPlan *base_plan(const RsPost *post, const char *top)
{
    const char *config = config_of(post);
    g_autofree char *base = base_of(post);
    g_autofree char *text = base ? file_at(top, base, config) : NULL;

    return text ? rs_config_parse(text, strlen(text), config, top, NULL) : NULL;
}

void rs_post_base_acceptance(const RsPost *post, char **label, char **file)
{
    g_autofree char *top = rs_vcs_top(NULL);
    g_autoptr(RsPlan) plan = top ? base_plan(post, top) : NULL;

    *label = plan ? g_strdup(plan->accept_label) : NULL;
    *file = plan ? g_strdup(plan->accept_file) : NULL;
}

/* Whether the base's configuration names the file. why: yours. */
static gboolean is_allowed(const RsPost *post, const char *top, char **why)
{
    const char *config = config_of(post);
    g_autoptr(RsPlan) plan = base_plan(post, top);

    if (plan && g_strcmp0(plan->accept_file, post->opts->accept_file) == 0)
        return TRUE;
    *why = plan ? g_strdup_printf("the base revision's %s does not let %s accept (acceptance: "
                                  "file:)",
                                  config, post->opts->accept_file)
                : g_strdup_printf("the base revision's %s, which has to allow %s, cannot be read",
                                  config, post->opts->accept_file);
    return FALSE;
}

static gboolean has_commit(const char *top, const char *name)
{
    g_autofree char *whole = g_strconcat(name, "^{commit}", NULL);
    g_autofree char *found =
        ask(top, (const char *const[]){"rev-parse", "--verify", "--quiet", whole, NULL});

    return found != NULL;
}

/* Whether the commit itself changed the file. */
static gboolean is_of_commit(const RsPost *post, const char *top, const char *head, char **why)
{
    const char *file = post->opts->accept_file;
    g_autofree char *parent = g_strconcat(head, "^1", NULL);
    g_autofree char *last =
        ask_line(top, (const char *const[]){"log", "-1", "--format=%H", head, "--", file, NULL});

    if (!has_commit(top, parent)) {
        *why = g_strdup_printf("whether %s is of this change cannot be told without the commit "
                               "before it (fetch-depth: 0)",
                               file);
        return FALSE;
    }
    if (g_strcmp0(last, head) == 0)
        return TRUE;
    if (last && *last)
        *why = g_strdup_printf("%s is of the earlier revision %.10s; a commit that accepts this "
                               "one has to change it again",
                               file, last);
    return FALSE;
}

RsAcceptance *rs_post_accepting_file(const RsPost *post, const RsVerdict *verdict, char **why)
{
    const char *head = verdict->change_head, *file = post->opts->accept_file;
    g_autofree char *top = rs_vcs_top(NULL);
    g_autofree char *text = NULL;
    RsAcceptance *acceptance;

    *why = NULL;
    if (!top || !head || !is_commit(head) || !has_commit(top, head)) {
        *why = g_strdup_printf("%s cannot be looked at: the revision that was measured is not told "
                               "or not in this clone (fetch-depth: 0)",
                               file);
        return NULL;
    }
    text = file_at(top, head, file);
    if (!text) /* not there: nobody asks for it */
        return NULL;
    if (!is_of_commit(post, top, head, why) || !is_allowed(post, top, why))
        return NULL;
    acceptance = g_new0(RsAcceptance, 1);
    acceptance->by =
        ask_line(top, (const char *const[]){"log", "-1", "--format=%an", head, "--", NULL});
    acceptance->how = g_strdup_printf("file %s", file);
    acceptance->at =
        ask_line(top, (const char *const[]){"log", "-1", "--format=%cI", head, "--", NULL});
    acceptance->head = g_strdup(head);
    acceptance->reason = rs_text_plain(g_strstrip(text), -1, TRUE, MAX_REASON_CHARS);
    return acceptance;
}
