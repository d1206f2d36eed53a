/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capture/history/varint.h"

#include <check.h>

#include "tests/unit/run.h"

/* DWARF 5, table 7.7 (ULEB128 examples). */
START_TEST(numbers_are_written_as_dwarf_shows_them)
{
    const struct {
        guint64 value;
        guint8 bytes[2];
        gsize n_bytes;
    } examples[] = {{2, {2}, 1},
                    {127, {127}, 1},
                    {128, {0x80, 1}, 2},
                    {129, {0x81, 1}, 2},
                    {12857, {0x80 + 57, 100}, 2}};

    for (guint i = 0; i < G_N_ELEMENTS(examples); i++) {
        guint8 bytes[RS_VARINT_MAX_BYTES];

        ck_assert_int_eq(rs_varint_put(bytes, examples[i].value) - bytes,
                         (long)examples[i].n_bytes);
        ck_assert_mem_eq(bytes, examples[i].bytes, examples[i].n_bytes);
    }
}
END_TEST

START_TEST(every_number_comes_back)
{
    for (guint shift = 0; shift < 64; shift++)
        for (gint64 near = -2; near <= 2; near++) {
            guint64 value = (G_GUINT64_CONSTANT(1) << shift) + (guint64)near;
            guint8 bytes[2 * RS_VARINT_MAX_BYTES];
            guint8 *end = rs_varint_put(bytes, value);
            RsVarintReader reader = {.at = bytes};

            end = rs_varint_put(end, rs_varint_fold((gint64)value));
            reader.end = end;
            ck_assert_uint_eq(rs_varint_take(&reader), value);
            ck_assert_int_eq(rs_varint_take_signed(&reader), (gint64)value);
            ck_assert(!reader.failed && reader.at == end);
        }
    ck_assert_uint_eq(rs_varint_fold(-1), 1);
    ck_assert_uint_eq(rs_varint_fold(1), 2);
}
END_TEST

START_TEST(what_ends_too_soon_or_is_too_long_fails_and_stays_so)
{
    const guint8 cut[] = {0x80, 0x80},
                 two_to_64[] = {0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 2};
    const guint8 endless[] = {0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0};
    const guint8 good[] = {5, 6};
    RsVarintReader readers[] = {{.at = cut, .end = cut + sizeof cut},
                                {.at = two_to_64, .end = two_to_64 + sizeof two_to_64},
                                {.at = endless, .end = endless + sizeof endless},
                                {.at = good, .end = good}};

    for (guint i = 0; i < G_N_ELEMENTS(readers); i++) {
        ck_assert_uint_eq(rs_varint_take(&readers[i]), 0);
        ck_assert(readers[i].failed);
        readers[i].at = good;
        readers[i].end = good + sizeof good;
        ck_assert_uint_eq(rs_varint_take(&readers[i]), 0);
        ck_assert_ptr_null(rs_varint_take_bytes(&readers[i], 1));
    }
}
END_TEST

START_TEST(bytes_are_taken_only_when_all_are_there)
{
    const guint8 bytes[] = {1, 2, 3};
    RsVarintReader reader = {.at = bytes, .end = bytes + 3};

    ck_assert_ptr_eq(rs_varint_take_bytes(&reader, 2), bytes);
    ck_assert_ptr_null(rs_varint_take_bytes(&reader, G_MAXUINT64));
    ck_assert(reader.failed);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("varint");

    tcase_add_test(tcase, numbers_are_written_as_dwarf_shows_them);
    tcase_add_test(tcase, every_number_comes_back);
    tcase_add_test(tcase, what_ends_too_soon_or_is_too_long_fails_and_stays_so);
    tcase_add_test(tcase, bytes_are_taken_only_when_all_are_there);
    return run_tests("varint", tcase);
}
