/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/units.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "tests/unit/run.h"

static const struct {
    const char *text;
    double seconds;
} durations[] = {
    {"90", 90},     {"90s", 90}, {"1500ms", 1.5}, {"5m", 300},   {"5min", 300},
    {"1.5h", 5400}, {"0", 0},    {"0.25 s", .25}, {"2 h", 7200},
};

START_TEST(a_duration_is_a_number_and_a_unit)
{
    double seconds = -1;

    ck_assert_msg(rs_units_parse_duration_s(durations[_i].text, &seconds), "%s",
                  durations[_i].text);
    ck_assert_double_eq_tol(seconds, durations[_i].seconds, 1e-9);
}
END_TEST

static const char *const no_durations[] = {"",      "s",   "-1", "-1s",   "nan", "inf",
                                           "1e999", "5 x", "5d", "1h30m", "5s ", "abc"};

START_TEST(what_is_no_duration_is_refused_and_touches_nothing)
{
    double seconds = -1;

    ck_assert_msg(!rs_units_parse_duration_s(no_durations[_i], &seconds), "\"%s\"",
                  no_durations[_i]);
    ck_assert_double_eq(seconds, -1);
}
END_TEST

START_TEST(a_duration_whose_unit_makes_it_infinite_is_refused)
{
    double seconds = -1;

    ck_assert(!rs_units_parse_duration_s("1e308h", &seconds));
    ck_assert_double_eq(seconds, -1);
}
END_TEST

static const struct {
    double value;
    const char *unit;
    double scale_like;
    const char *expected;
} values[] = {
    {41820000, "ns", 41820000, "41.82 ms"},
    {1234567890, "ns", 1234567890, "1.235 s"},
    {999, "ns", 999, "999 ns"},
    {1000, "ns", 1000, "1.000 µs"},
    {123456, "ns", 123456, "123.5 µs"},
    {500000, "ns", 1000000, "0.500 ms"},
    {-2000000, "ns", -2000000, "-2.000 ms"},
    {0, "ns", 0, "0 ns"},
    {1.5, "ns", 1.5, "1.5 ns"},
    {1536, "bytes", 1536, "1.500 KiB"},
    {1023, "bytes", 1023, "1023 B"},
    {3.2 * 1024 * 1024, "bytes", 3.2 * 1024 * 1024, "3.200 MiB"},
    {12.0 * 1024 * 1024 * 1024, "bytes", 12.0 * 1024 * 1024 * 1024, "12.00 GiB"},
    {12300000, "count", 12300000, "12.30 M"},
    {9999, "count", 9999, "9999"},
    {10000, "count", 10000, "10.00 k"},
    {2.5e9, "count", 2.5e9, "2.500 G"},
    {1250.5, "req/s", 1250.5, "1250.5 req/s"},
    {NAN, "ns", 1, "n/a"},
    {INFINITY, "ns", 1, "n/a"},
};

START_TEST(a_value_is_scaled_for_reading)
{
    g_autofree char *text =
        rs_units_format(values[_i].value, values[_i].unit, values[_i].scale_like);

    ck_assert_str_eq(text, values[_i].expected);
}
END_TEST

static const struct {
    double seconds;
    const char *expected;
} shown_durations[] = {
    {0, "0.0 s"},         {1.24, "1.2 s"},        {9.94, "9.9 s"},     {12.4, "12 s"},
    {59.4, "59 s"},       {59.6, "1 min 00 s"},   {200, "3 min 20 s"}, {3599.6, "1 h 00 min"},
    {3900, "1 h 05 min"}, {90000, "25 h 00 min"}, {-1, "?"},           {NAN, "?"},
    {INFINITY, "?"},
};

START_TEST(a_duration_is_shown_in_at_most_two_units)
{
    g_autofree char *text = rs_units_format_duration(shown_durations[_i].seconds);

    ck_assert_str_eq(text, shown_durations[_i].expected);
}
END_TEST

static const struct {
    double pct;
    const char *expected;
} changes[] = {
    {23.44, "+23.4 %"}, {-5.06, "−5.1 %"},   {0, "0.0 %"},       {0.04, "0.0 %"},
    {-0.04, "0.0 %"},   {0.06, "+0.1 %"},    {INFINITY, "+∞ %"}, {-INFINITY, "−∞ %"},
    {NAN, "n/a"},       {1000, "+1000.0 %"},
};

START_TEST(a_change_carries_its_sign)
{
    g_autofree char *text = rs_units_format_change_pct(changes[_i].pct);

    ck_assert_str_eq(text, changes[_i].expected);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("units");

    tcase_add_loop_test(tcase, a_duration_is_a_number_and_a_unit, 0, G_N_ELEMENTS(durations));
    tcase_add_loop_test(tcase, what_is_no_duration_is_refused_and_touches_nothing, 0,
                        G_N_ELEMENTS(no_durations));
    tcase_add_test(tcase, a_duration_whose_unit_makes_it_infinite_is_refused);
    tcase_add_loop_test(tcase, a_value_is_scaled_for_reading, 0, G_N_ELEMENTS(values));
    tcase_add_loop_test(tcase, a_duration_is_shown_in_at_most_two_units, 0,
                        G_N_ELEMENTS(shown_durations));
    tcase_add_loop_test(tcase, a_change_carries_its_sign, 0, G_N_ELEMENTS(changes));
    return run_tests("units", tcase);
}
