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
    "*_CREDS*", /* GOOGLE_GHA_CREDS_PATH */
    "*PRIVATE_KEY*",
    "*API_KEY*",
    "*APIKEY*",
    "*ACCESS_KEY*",
    "*_JWT*",
    "*PASSPHRASE*",
    "*_KEY",
    "*_KEY_FILE", /* CI_SERVER_TLS_KEY_FILE */
    "*_KEY_B64",
    "*_KEY_BASE64",
    "*SIGNING_KEY*",
    "*KEYSTORE*",
    "*_PEM",
    "*_PFX",
    "*_P12",
    "*_SAS",
    "*COOKIE*",
    "*AUTHORIZATION*",
    "IDENTITY_HEADER", /* Azure's managed identity */
    "VSS_NUGET_EXTERNAL_FEED_ENDPOINTS",
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
    "FORGEJO_ENV", /* its runner has them under both names */
    "FORGEJO_PATH",
    "FORGEJO_OUTPUT",
    "FORGEJO_STATE",
    "FORGEJO_STEP_SUMMARY",
    "FORGEJO_EVENT_PATH",
    "CI_REPOSITORY_URL",
    "CI_JOB_URL_AUTH",
    "DOCKER_AUTH_CONFIG",
    "SSH_AUTH_SOCK",
    "KUBECONFIG",
    "*_ASKPASS",
    "*_DSN",
    "*_AUTH",
    "NETRC",
    "RUSTSCOPE_*",
};

/* How tokens begin that services give out so that they can be told from other text: GitHub's and
 * GitLab's documents on token formats, AWS's key ids, Slack, npm, PyPI, crates.io, JSON web tokens.
 * The least number of characters behind it keeps words from being taken for one. */
static const struct {
    const char *start;
    gsize n_least_chars;
} token_starts[] = {
    {"ghp_", 20},        {"gho_", 20},      {"ghu_", 20},     {"ghs_", 20},   {"ghr_", 20},
    {"github_pat_", 20}, {"glpat-", 16},    {"glcbt-", 16},   {"gldt-", 16},  {"glrt-", 16},
    {"glptt-", 16},      {"glsoat-", 16},   {"glagent-", 16}, {"gloas-", 16}, {"AKIA", 16},
    {"ASIA", 16},        {"xoxb-", 16},     {"xoxp-", 16},    {"npm_", 30},   {"pypi-", 50},
    {"cio", 32},         {"dckr_pat_", 16}, {"hvs.", 20},     {"eyJ", 60},
};

static gboolean is_word_char(char c)
{
    return g_ascii_isalnum(c) || c == '_' || c == '-';
}

/* A token or a private key somewhere in text, whatever the variable is called. */
static gboolean has_token(const char *text)
{
    for (guint i = 0; i < G_N_ELEMENTS(token_starts); i++)
        for (const char *at = strstr(text, token_starts[i].start); at;
             at = strstr(at + 1, token_starts[i].start)) {
            gsize n = strlen(token_starts[i].start), n_chars = 0;

            while (is_word_char(at[n + n_chars]) || at[n + n_chars] == '.')
                n_chars++;
            if (n_chars >= token_starts[i].n_least_chars && (at == text || !is_word_char(at[-1])))
                return TRUE;
        }
    return strstr(text, "PRIVATE KEY-----") != NULL;
}

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
    return url_secret(value, &(gsize){0}) != NULL || has_token(value);
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

char **rs_child_env_set(char **environment, char **set)
{
    for (; set && *set; set++) {
        const char *equals = strchr(*set, '=');
        g_autofree char *name = equals ? g_strndup(*set, (gsize)(equals - *set)) : NULL;

        if (name)
            environment = g_environ_setenv(environment, name, equals + 1, TRUE);
    }
    return environment;
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
    return rs_child_env_set(result, set);
}
