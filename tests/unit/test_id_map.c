/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capture/history/id_map.h"

#include <check.h>

#include "tests/unit/run.h"

START_TEST(what_was_added_is_found_and_nothing_else)
{
    g_autoptr(RsIdMap) map = rs_id_map_new();

    ck_assert_uint_eq(rs_id_map_find(map, 0, 0), RS_ID_NONE);
    for (guint32 i = 0; i < 20000; i++) /* grows several times */
        rs_id_map_add(map, (guint64)i * 4096, i % 3, i);
    ck_assert_uint_eq(rs_id_map_n(map), 20000);
    for (guint32 i = 0; i < 20000; i++) {
        ck_assert_uint_eq(rs_id_map_find(map, (guint64)i * 4096, i % 3), i);
        ck_assert_uint_eq(rs_id_map_find(map, (guint64)i * 4096, i % 3 + 1), RS_ID_NONE);
    }
}
END_TEST

START_TEST(a_cleared_map_knows_nothing_and_can_be_filled_again)
{
    g_autoptr(RsIdMap) map = rs_id_map_new();

    for (guint round = 0; round < 100; round++) {
        for (guint32 i = 0; i < 200; i++) {
            ck_assert_uint_eq(rs_id_map_find(map, i, 7), RS_ID_NONE);
            rs_id_map_add(map, i, 7, i + round);
        }
        for (guint32 i = 0; i < 200; i++)
            ck_assert_uint_eq(rs_id_map_find(map, i, 7), i + round);
        rs_id_map_clear(map);
        ck_assert_uint_eq(rs_id_map_n(map), 0);
    }
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("id_map");

    tcase_add_test(tcase, what_was_added_is_found_and_nothing_else);
    tcase_add_test(tcase, a_cleared_map_knows_nothing_and_can_be_filled_again);
    return run_tests("id_map", tcase);
}
