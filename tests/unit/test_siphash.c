/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/siphash.h"

#include <check.h>
#include <stdlib.h>

#include "tests/unit/run.h"

#define KEY_LOW  G_GUINT64_CONSTANT(0x0706050403020100)
#define KEY_HIGH G_GUINT64_CONSTANT(0x0f0e0d0c0b0a0908)

static guint64 hash_of(const guint8 *bytes, gsize n_bytes, gsize n_part_bytes)
{
    RsSipHash hash;

    rs_siphash_init(&hash, KEY_LOW, KEY_HIGH);
    for (gsize at = 0; at < n_bytes; at += n_part_bytes)
        rs_siphash_add(&hash, bytes + at, MIN(n_part_bytes, n_bytes - at));
    return rs_siphash_value(&hash);
}

/* Aumasson, Bernstein (2012), appendix A: key 00 01 .. 0f, message 00 01 .. 0e. */
START_TEST(the_example_of_the_paper_gives_its_value)
{
    guint8 bytes[15];

    for (guint i = 0; i < sizeof bytes; i++)
        bytes[i] = (guint8)i;
    ck_assert_uint_eq(hash_of(bytes, sizeof bytes, sizeof bytes), 0xa129ca6149be45e5);
}
END_TEST

START_TEST(parts_of_any_size_give_the_hash_of_the_whole)
{
    guint8 bytes[200];

    for (guint i = 0; i < sizeof bytes; i++)
        bytes[i] = (guint8)(i * 37 + 11);
    for (gsize n_bytes = 1; n_bytes <= sizeof bytes; n_bytes++)
        for (gsize n_part_bytes = 1; n_part_bytes < 20; n_part_bytes++)
            ck_assert_uint_eq(hash_of(bytes, n_bytes, n_part_bytes),
                              hash_of(bytes, n_bytes, n_bytes));
}
END_TEST

START_TEST(zeros_of_another_number_have_another_hash)
{
    const guint8 zeros[64] = {0};

    for (gsize n_bytes = 1; n_bytes < sizeof zeros; n_bytes++)
        ck_assert_uint_ne(hash_of(zeros, n_bytes, 64), hash_of(zeros, n_bytes + 1, 64));
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("siphash");

    tcase_add_test(tcase, the_example_of_the_paper_gives_its_value);
    tcase_add_test(tcase, parts_of_any_size_give_the_hash_of_the_whole);
    tcase_add_test(tcase, zeros_of_another_number_have_another_hash);
    return run_tests("siphash", tcase);
}
