/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "remote/ca_bundle.h"

#include <string.h>

#include "tests/unit/run.h"
#include "tests/unit/trial_fixtures.h"

static void enter(void)
{
    enter_folder();
    g_unsetenv("SSL_CERT_FILE");
    g_unsetenv("CURL_CA_BUNDLE");
}

/* A file of this name and the folders above it. */
static char *put(const char *name, const char *text)
{
    char *path = in_folder(name);
    g_autofree char *above = g_path_get_dirname(path);

    ck_assert_int_eq(g_mkdir_with_parents(above, 0755), 0);
    write_file(name, text);
    return path;
}

START_TEST(the_places_of_the_distributions_are_found)
{
    static const char *const names[] = {
        "etc/ssl/cert.pem", /* from the last to the first: each is preferred to those before it */
        "etc/ssl/ca-bundle.pem",
        "etc/pki/tls/certs/ca-bundle.crt",
        "etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        "etc/ssl/certs/ca-certificates.crt",
    };

    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        g_auto(RsCaBundle) bundle = {0};
        g_autoptr(GError) error = NULL;
        g_autofree char *path = put(names[i], "certificates");

        ck_assert(rs_ca_bundle_find(folder, &bundle, &error));
        ck_assert_str_eq(bundle.path, path);
        ck_assert_ptr_null(bundle.source);
    }
}
END_TEST

START_TEST(a_variable_goes_before_the_places_and_the_first_before_the_second)
{
    g_autofree char *own = put("own.pem", "certificates"), *other = put("other.pem", "more");
    g_autofree char *system = put("etc/ssl/certs/ca-certificates.crt", "certificates");
    g_auto(RsCaBundle) bundle = {0}, first = {0}, none = {0};

    g_setenv("CURL_CA_BUNDLE", other, TRUE);
    ck_assert(rs_ca_bundle_find(folder, &bundle, NULL));
    ck_assert_str_eq(bundle.path, other);
    ck_assert_str_eq(bundle.source, "CURL_CA_BUNDLE");
    g_setenv("SSL_CERT_FILE", own, TRUE);
    ck_assert(rs_ca_bundle_find(folder, &first, NULL));
    ck_assert_str_eq(first.path, own);
    ck_assert_str_eq(first.source, "SSL_CERT_FILE");
    g_setenv("SSL_CERT_FILE", "", TRUE);
    g_setenv("CURL_CA_BUNDLE", "", TRUE);
    ck_assert(rs_ca_bundle_find(folder, &none, NULL));
    ck_assert_str_eq(none.path, system);
}
END_TEST

START_TEST(a_variable_that_names_no_file_is_an_error_and_not_passed_over)
{
    g_autofree char *system = put("etc/ssl/certs/ca-certificates.crt", "certificates");
    g_autofree char *missing = in_folder("missing.pem"), *empty = put("empty.pem", "");
    const char *bad[] = {missing, folder, empty};

    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        RsCaBundle bundle;
        g_autoptr(GError) error = NULL;

        g_setenv("SSL_CERT_FILE", bad[i], TRUE);
        ck_assert(!rs_ca_bundle_find(folder, &bundle, &error));
        ck_assert_msg(strstr(error->message, bad[i]) && strstr(error->message, "SSL_CERT_FILE"),
                      "%s", error->message);
        ck_assert_ptr_null(bundle.path);
    }
}
END_TEST

START_TEST(where_there_is_none_each_place_that_was_looked_at_is_named)
{
    static const char *const named[] = {
        "SSL_CERT_FILE",
        "CURL_CA_BUNDLE",
        "etc/ssl/certs/ca-certificates.crt",
        "etc/pki/tls/certs/ca-bundle.crt",
        "etc/ssl/ca-bundle.pem",
    };
    g_autofree char *empty = put("etc/ssl/cert.pem", "");
    RsCaBundle bundle;
    g_autoptr(GError) error = NULL;

    ck_assert(!rs_ca_bundle_find(folder, &bundle, &error));
    ck_assert(g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT));
    for (guint i = 0; i < G_N_ELEMENTS(named); i++)
        ck_assert_msg(strstr(error->message, named[i]) != NULL, "%s: %s", named[i], error->message);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("ca_bundle");

    tcase_add_checked_fixture(tcase, enter, leave_folder);
    tcase_add_test(tcase, the_places_of_the_distributions_are_found);
    tcase_add_test(tcase, a_variable_goes_before_the_places_and_the_first_before_the_second);
    tcase_add_test(tcase, a_variable_that_names_no_file_is_an_error_and_not_passed_over);
    tcase_add_test(tcase, where_there_is_none_each_place_that_was_looked_at_is_named);
    return run_tests("ca_bundle", tcase);
}
