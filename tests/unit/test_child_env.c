/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/child_env.h"

#include <check.h>
#include <stdlib.h>

#include "tests/unit/run.h"

#define STRV(...) ((char *[]){__VA_ARGS__, NULL})

/* Names that CI systems, clouds and package registries document for credentials, and the files and
 * addresses through which a step writes into its own job. */
static const char *const secret_names[] = {
    "GITHUB_TOKEN",
    "GH_TOKEN",
    "CI_JOB_TOKEN",
    "CI_JOB_JWT",
    "CI_JOB_JWT_V2",
    "CI_BUILD_TOKEN",
    "CI_DEPLOY_PASSWORD",
    "CI_REGISTRY_PASSWORD",
    "CI_DEPENDENCY_PROXY_PASSWORD",
    "CI_REPOSITORY_URL",
    "ACTIONS_RUNTIME_TOKEN",
    "ACTIONS_RUNTIME_URL",
    "ACTIONS_CACHE_URL",
    "ACTIONS_RESULTS_URL",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
    "ACTIONS_ID_TOKEN_REQUEST_URL",
    "GITHUB_ENV",
    "GITHUB_PATH",
    "GITHUB_OUTPUT",
    "GITHUB_STATE",
    "GITHUB_STEP_SUMMARY",
    "GITHUB_EVENT_PATH",
    "INPUT_TOKEN",
    "INPUT_ANYTHING",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_SESSION_TOKEN",
    "AZURE_CLIENT_SECRET",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "CARGO_REGISTRY_TOKEN",
    "NPM_TOKEN",
    "NODE_AUTH_TOKEN",
    "PYPI_API_TOKEN",
    "DOCKER_AUTH_CONFIG",
    "DOCKER_PASSWORD",
    "SSH_AUTH_SOCK",
    "SSH_PRIVATE_KEY",
    "KUBECONFIG",
    "GIT_ASKPASS",
    "NETRC",
    "SENTRY_DSN",
    "VAULT_TOKEN",
    "OPENAI_API_KEY",
    "SERVICE_APIKEY",
    "MYSQL_PASSWD",
    "DB_PASS",
    "CI_JOB_TOKEN_SCOPE",
    "CI_SERVER_TLS_KEY_FILE",
    "RUSTSCOPE_GITLAB_TOKEN",
    "GOOGLE_GHA_CREDS_PATH",
    "GOOGLE_CREDENTIALS",
    "GCLOUD_SERVICE_KEY",
    "CLOUDSDK_AUTH_ACCESS_TOKEN",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "ARM_CLIENT_SECRET",
    "ARM_ACCESS_KEY",
    "AZURE_CREDENTIALS",
    "AZURE_STORAGE_CONNECTION_STRING",
    "AZURE_STORAGE_SAS",
    "IDENTITY_HEADER",
    "SYSTEM_ACCESSTOKEN",
    "VSS_NUGET_EXTERNAL_FEED_ENDPOINTS",
    "SSH_ASKPASS",
    "GIT_CONFIG_VALUE_0",
    "GIT_CONFIG_PARAMETERS",
    "npm_config__auth",
    "COMPOSER_AUTH",
    "SLACK_WEBHOOK_URL",
    "MAVEN_GPG_PASSPHRASE",
    "ORG_GRADLE_PROJECT_signingKeyPassword",
    "ANDROID_KEYSTORE_BASE64",
    "DEPLOY_KEY_B64",
    "CERTIFICATE_P12",
    "HTTP_AUTHORIZATION",
    "SESSION_COOKIE",
    "FORGEJO_TOKEN",
    "FORGEJO_ENV",
    "FORGEJO_OUTPUT",
    "github_token",
    "my_Secret_thing",
    "RUSTSCOPE_PADDING",
    "RUSTSCOPE_METRICS",
    "RUSTSCOPE_OTLP_TOKEN",
};

START_TEST(a_secret_never_reaches_the_program)
{
    g_autofree char *entry = g_strdup_printf("%s=value", secret_names[_i]);
    g_auto(GStrv) env = rs_child_env(STRV((char *)"HOME=/root", entry), NULL, NULL);

    ck_assert_msg(rs_child_env_is_secret(secret_names[_i], "value"), "%s", secret_names[_i]);
    ck_assert_uint_eq(g_strv_length(env), 1);
    ck_assert_str_eq(env[0], "HOME=/root");
}
END_TEST

/* What a program may well need, and what tells it that it runs in CI. */
static const char *const plain_names[] = {
    "PATH",
    "HOME",
    "USER",
    "LANG",
    "LC_ALL",
    "TZ",
    "TMPDIR",
    "SHELL",
    "CI",
    "GITHUB_ACTIONS",
    "GITHUB_SHA",
    "GITHUB_REF",
    "GITHUB_WORKSPACE",
    "GITHUB_ACTION_PATH",
    "RUNNER_TRACKING_ID",
    "CI_PROJECT_DIR",
    "CI_SERVER_TLS_CA_FILE",
    "SSL_CERT_FILE",
    "FORGEJO_ACTIONS",
    "GITEA_ACTIONS",
    "OLDPWD",
    "RUNNER_OS",
    "GITLAB_CI",
    "CI_COMMIT_SHA",
    "RUST_BACKTRACE",
    "RUST_LOG",
    "CARGO_HOME",
    "RUSTFLAGS",
    "LD_LIBRARY_PATH",
    "OMP_NUM_THREADS",
    "MALLOC_ARENA_MAX",
    "PASSENGERS",
    "KEYBOARD",
    "COMPASS",
    "AUTHOR",
    "MONKEY",
};

START_TEST(a_plain_variable_reaches_the_program)
{
    ck_assert_msg(!rs_child_env_is_secret(plain_names[_i], "value"), "%s", plain_names[_i]);
}
END_TEST

static const struct {
    const char *value;
    gboolean is_secret;
} values[] = {
    {"https://user:pass@example.org/x", TRUE},
    {"postgres://app:hunter2@db:5432/app", TRUE},
    {"see https://example.org then https://u:p@example.org", TRUE},
    {"git+https://x-access-token:abc@github.com/a/b.git", TRUE},
    {"redis://:pass@cache:6379", TRUE},
    {"https://example.org/x", FALSE},
    {"https://example.org:8080/x", FALSE},
    {"https://token@example.org/x", TRUE},
    {"ssh://git@example.org/x", FALSE},
    {"https://example.org:8080/a@b", FALSE},
    {"http://proxy:3128 mail@example.org", FALSE},
    {"user:pass@host", FALSE},
    {"ghs_16C7e42F292c6912E7710c838347Ae178B4a", TRUE},
    {"x-access-token=ghp_16C7e42F292c6912E7710c838347Ae178B4a", TRUE},
    {"github_pat_11ABCDEFG0abcdefghijkl_mnopqrstuvwx", TRUE},
    {"glpat-abcdefghij0123456789", TRUE},
    {"token: glcbt-64_abcdefghij0123456789", TRUE},
    {"AKIAIOSFODNN7EXAMPLE", TRUE},
    {"-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl", TRUE},
    {"-----BEGIN PUBLIC KEY-----\nb3Bl", FALSE},
    {"/home/user/ghs_notes", FALSE},
    {"weighs_16C7e42F292c6912E7710c838347Ae178B4a", FALSE},
    {"npm_config_update_notifier", FALSE},
    {"eyJhbGciOi", FALSE},
    {"", FALSE},
    {"://", FALSE},
};

START_TEST(a_url_with_a_password_is_a_secret_whatever_its_name)
{
    ck_assert_msg(rs_child_env_is_secret("PLAIN", values[_i].value) == values[_i].is_secret, "%s",
                  values[_i].value);
}
END_TEST

START_TEST(a_name_on_the_keep_list_is_passed_on_and_no_other)
{
    g_auto(GStrv) env = rs_child_env(STRV((char *)"A_TOKEN=1", (char *)"B_TOKEN=2",
                                          (char *)"URL=https://u:p@h", (char *)"B_TOKENS=3"),
                                     STRV((char *)"B_TOKEN", (char *)"URL"), NULL);

    ck_assert_uint_eq(g_strv_length(env), 2);
    ck_assert_str_eq(env[0], "B_TOKEN=2");
    ck_assert_str_eq(env[1], "URL=https://u:p@h");
}
END_TEST

START_TEST(what_the_configuration_sets_replaces_and_is_not_filtered)
{
    g_auto(GStrv) env =
        rs_child_env(STRV((char *)"A=old", (char *)"Z=z"), NULL,
                     STRV((char *)"A=new=x", (char *)"TEST_TOKEN=fake", (char *)"EMPTY="));

    ck_assert_str_eq(g_environ_getenv(env, "A"), "new=x");
    ck_assert_str_eq(g_environ_getenv(env, "Z"), "z");
    ck_assert_str_eq(g_environ_getenv(env, "TEST_TOKEN"), "fake");
    ck_assert_str_eq(g_environ_getenv(env, "EMPTY"), "");
    ck_assert_uint_eq(g_strv_length(env), 4);
}
END_TEST

START_TEST(the_order_is_the_same_whatever_the_callers_was)
{
    g_auto(GStrv) a = rs_child_env(STRV((char *)"B=2", (char *)"A=1", (char *)"C=3"), NULL, NULL);
    g_auto(GStrv) b = rs_child_env(STRV((char *)"C=3", (char *)"B=2", (char *)"A=1"), NULL, NULL);

    ck_assert(g_strv_equal((const char *const *)a, (const char *const *)b));
    ck_assert_str_eq(a[0], "A=1");
}
END_TEST

START_TEST(entries_that_are_no_variables_are_left_out)
{
    g_auto(GStrv) env = rs_child_env(STRV((char *)"nothing", (char *)"=x", (char *)"A="), NULL,
                                     STRV((char *)"neither"));

    ck_assert_uint_eq(g_strv_length(env), 1);
    ck_assert_str_eq(env[0], "A=");
}
END_TEST

START_TEST(no_environment_at_all_is_an_empty_one)
{
    g_auto(GStrv) env = rs_child_env(NULL, NULL, NULL);

    ck_assert_ptr_nonnull(env);
    ck_assert_ptr_null(env[0]);
}
END_TEST

START_TEST(secrets_in_urls_are_blotted_out_and_the_rest_stays)
{
    g_autofree char *one =
        rs_child_env_without_url_secrets("get https://u:p@a.org/x https://t@b.org y");
    g_autofree char *none = rs_child_env_without_url_secrets("mail me@a.org, http://a.org:80/b@c");

    ck_assert_str_eq(one, "get https://[secret]@a.org/x https://[secret]@b.org y");
    ck_assert_str_eq(none, "mail me@a.org, http://a.org:80/b@c");
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("child_env");

    tcase_add_test(tcase, secrets_in_urls_are_blotted_out_and_the_rest_stays);
    tcase_add_loop_test(tcase, a_secret_never_reaches_the_program, 0, G_N_ELEMENTS(secret_names));
    tcase_add_loop_test(tcase, a_plain_variable_reaches_the_program, 0, G_N_ELEMENTS(plain_names));
    tcase_add_loop_test(tcase, a_url_with_a_password_is_a_secret_whatever_its_name, 0,
                        G_N_ELEMENTS(values));
    tcase_add_test(tcase, a_name_on_the_keep_list_is_passed_on_and_no_other);
    tcase_add_test(tcase, what_the_configuration_sets_replaces_and_is_not_filtered);
    tcase_add_test(tcase, the_order_is_the_same_whatever_the_callers_was);
    tcase_add_test(tcase, entries_that_are_no_variables_are_left_out);
    tcase_add_test(tcase, no_environment_at_all_is_an_empty_one);
    return run_tests("child_env", tcase);
}
