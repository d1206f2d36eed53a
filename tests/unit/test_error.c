/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/error.h"

#include "stats/error.h"
#include "tests/unit/run.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

START_TEST(a_sample_is_refused_when_too_small_or_not_finite)
{
    const double x[] = {1, NAN, 2}, y[] = {1, -INFINITY};
    g_autoptr(GError) error = NULL;

    ck_assert(!rs_stats_check_sample(x, 1, 2, &error));
    ck_assert(g_error_matches(error, RS_STATS_ERROR, RS_STATS_ERROR_TOO_FEW));
    ck_assert_str_eq(error->message, "1 values, at least 2 are needed");
    g_clear_error(&error);
    ck_assert(!rs_stats_check_sample(x, 3, 2, &error));
    ck_assert(g_error_matches(error, RS_STATS_ERROR, RS_STATS_ERROR_NOT_FINITE));
    ck_assert_str_eq(error->message, "value 1 is not a finite number");
    ck_assert(!rs_stats_check_sample(y, 2, 2, NULL));
    ck_assert(rs_stats_check_sample(x, 1, 1, NULL));
}
END_TEST

START_TEST(a_parameter_on_its_border_or_nan_is_refused)
{
    g_autoptr(GError) error = NULL;

    ck_assert(rs_stats_check_between("alpha", 0.5, 0, 1, NULL));
    ck_assert(!rs_stats_check_between("alpha", 1, 0, 1, NULL));
    ck_assert(!rs_stats_check_between("alpha", NAN, 0, 1, NULL));
    ck_assert(!rs_stats_check_between("alpha", 0, 0, 1, &error));
    ck_assert(g_error_matches(error, RS_STATS_ERROR, RS_STATS_ERROR_DOMAIN));
    ck_assert_str_eq(error->message, "alpha is 0, it must lie between 0 and 1");
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("claims");

    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, a_sample_is_refused_when_too_small_or_not_finite);
    tcase_add_test(tests, a_parameter_on_its_border_or_nan_is_refused);
    return run_tests("error", tests);
}
