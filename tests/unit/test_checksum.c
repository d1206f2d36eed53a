/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capture/history/checksum.h"

#include <check.h>
#include <string.h>

#include "tests/unit/run.h"

/* RFC 3720, appendix B.4; "123456789" is the check value of CRC-32C in the catalogue of Williams,
 * "A painless guide to CRC error detection algorithms". */
START_TEST(checksums_are_those_of_rfc_3720)
{
    guint8 bytes[32];

    memset(bytes, 0, sizeof bytes);
    ck_assert_uint_eq(rs_checksum(0, bytes, 32), 0x8a9136aau);
    memset(bytes, 0xff, sizeof bytes);
    ck_assert_uint_eq(rs_checksum(0, bytes, 32), 0x62a8ab43u);
    for (guint i = 0; i < 32; i++)
        bytes[i] = (guint8)i;
    ck_assert_uint_eq(rs_checksum(0, bytes, 32), 0x46dd794eu);
    for (guint i = 0; i < 32; i++)
        bytes[i] = (guint8)(31 - i);
    ck_assert_uint_eq(rs_checksum(0, bytes, 32), 0x113fdb5cu);
    ck_assert_uint_eq(rs_checksum(0, "123456789", 9), 0xe3069283u);
}
END_TEST

START_TEST(a_checksum_can_be_carried_on_at_any_byte)
{
    const char text[] = "The checksum of a whole is that of its parts, one after the other.";

    for (gsize n = 0; n <= sizeof text; n++) {
        guint32 part = rs_checksum(0, text, n);

        ck_assert_uint_eq(rs_checksum(part, text + n, sizeof text - n),
                          rs_checksum(0, text, sizeof text));
    }
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("checksum");

    tcase_add_test(tcase, checksums_are_those_of_rfc_3720);
    tcase_add_test(tcase, a_checksum_can_be_carried_on_at_any_byte);
    return run_tests("checksum", tcase);
}
