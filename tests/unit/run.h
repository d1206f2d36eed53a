/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The end of every test program: its tests are run and counted on stdout. */
#ifndef RS_TESTS_UNIT_RUN_H
#define RS_TESTS_UNIT_RUN_H

#include <check.h>

/* Takes the suite. Returns the exit status: 0 when nothing failed. */
static inline int run_suite(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    int n_failed;

    srunner_run_all(runner, CK_ENV);
    n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed != 0;
}

/* The same of a suite of one group. */
static inline int run_tests(const char *name, TCase *tests)
{
    Suite *suite = suite_create(name);

    suite_add_tcase(suite, tests);
    return run_suite(suite);
}

#endif
