/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/child_env.h"

#include <string.h>

/* Globs. Besides tokens: the command files and service addresses of a CI job, with which a program
 * under test could write outputs, caches or environment of the job that judges it. */
static const char *const kept_back[] = {
    "*TOKEN*",
    "*SECRET*",
    "*PASSWORD*",
    "*PASSWD*",
    "*_PASS",
    "*CREDENTIAL*",
    "*PRIVATE_KEY*",
    "*API_KEY*",
    "*APIKEY*",
    "*ACCESS_KEY*",
    "*_JWT*",
    "*PASSPHRASE*",
    "*_KEY",
    "*_PAT",
    "*_PWD",
    "*CONNECTION_STRING*",
    "*WEBHOOK*",
    "GIT_CONFIG_*",
    "ACTIONS_*",
    "INPUT_*",
    "GITHUB_ENV",
    "GITHUB_PATH",
    "GITHUB_OUTPUT",
    "GITHUB_STATE",
    "GITHUB_STEP_SUMMARY",
    "GITHUB_EVENT_PATH",
    "CI_REPOSITORY_URL",
    "CI_JOB_URL_AUTH",
    "DOCKER_AUTH_CONFIG",
    "SSH_AUTH_SOCK",
    "KUBECONFIG",
    "GIT_ASKPASS",
    "*_DSN",
    "*_AUTH",
    "NETRC",
    "RUSTSCOPE_*",
};

/* Where the user part of a URL in text begins, if it holds a secret: a password behind a colon, or
 * anything at all in front of an https host (a token alone). n_bytes: of that part. */
static const char *url_secret(const char *text, gsize *n_bytes)
{
    for (const char *at = strstr(text, "://"); at; at = strstr(at + 3, "://")) {
        gsize host = strcspn(at + 3, "/ \t\n'\"");
        const char *end = memchr(at + 3, '@', host);
        gboolean is_http = (at - text >= 4 && strncmp(at - 4, "http", 4) == 0) ||
                           (at - text >= 5 && strncmp(at - 5, "https", 5) == 0);

        if (!end || (!is_http && !memchr(at + 3, ':', (gsize)(end - at - 3))))
            continue;
        *n_bytes = (gsize)(end - at - 3);
        return at + 3;
    }
    return NULL;
}

char *rs_child_env_without_url_secrets(const char *text)
{
    GString *shown = g_string_new(NULL);
    const char *secret;
    gsize n_bytes;

    while ((secret = url_secret(text, &n_bytes))) {
        g_string_append_len(shown, text, secret - text);
        g_string_append(shown, "[secret]");
        text = secret + n_bytes;
    }
    g_string_append(shown, text);
    return g_string_free(shown, FALSE);
}

gboolean rs_child_env_is_secret(const char *name, const char *value)
{
    g_autofree char *upper = g_ascii_strup(name, -1);

    for (guint i = 0; i < G_N_ELEMENTS(kept_back); i++)
        if (g_pattern_match_simple(kept_back[i], upper))
            return TRUE;
    return url_secret(value, &(gsize){0}) != NULL;
}

char **rs_child_env_without_secrets(char **environment)
{
    char **shown = g_strdupv(environment);

    for (char **entry = shown; entry && *entry; entry++) {
        const char *equals = strchr(*entry, '=');
        g_autofree char *name = equals ? g_strndup(*entry, (gsize)(equals - *entry)) : NULL;

        if (!name || !rs_child_env_is_secret(name, equals + 1))
            continue;
        g_free(*entry);
        *entry = g_strconcat(name, "=[secret]", NULL);
    }
    return shown;
}

static int compare_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void add_kept(GPtrArray *env, const char *entry, char **keep)
{
    const char *equals = strchr(entry, '=');
    g_autofree char *name = equals ? g_strndup(entry, (gsize)(equals - entry)) : NULL;

    if (!name || !*name)
        return;
    if (!rs_child_env_is_secret(name, equals + 1) ||
        (keep && g_strv_contains((const char *const *)keep, name)))
        g_ptr_array_add(env, g_strdup(entry));
}

char **rs_child_env(char **caller, char **keep, char **set)
{
    g_autoptr(GPtrArray) env = g_ptr_array_new();
    char **result;

    for (; caller && *caller; caller++)
        add_kept(env, *caller, keep);
    if (env->len > 1)
        qsort(env->pdata, env->len, sizeof env->pdata[0], compare_text);
    g_ptr_array_add(env, NULL);
    result = (char **)g_ptr_array_free(g_steal_pointer(&env), FALSE);
    for (; set && *set; set++) {
        const char *equals = strchr(*set, '=');
        g_autofree char *name = equals ? g_strndup(*set, (gsize)(equals - *set)) : NULL;

        if (name)
            result = g_environ_setenv(result, name, equals + 1, TRUE);
    }
    return result;
}
