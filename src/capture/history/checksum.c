/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capture/history/checksum.h"

#define POLYNOMIAL 0x82f63b78u /* 0x1edc6f41 with its bits reversed */
#define N_TABLES   8

/* table[0][b]: the remainder of byte b; table[k][b]: the same with k zero bytes behind it, so that
 * eight bytes can be looked up at once. */
static guint32 table[N_TABLES][256];

static void fill_tables(void)
{
    for (guint byte = 0; byte < 256; byte++) {
        guint32 remainder = byte;

        for (guint bit = 0; bit < 8; bit++)
            remainder = remainder >> 1 ^ (remainder & 1 ? POLYNOMIAL : 0);
        table[0][byte] = remainder;
    }
    for (guint k = 1; k < N_TABLES; k++)
        for (guint byte = 0; byte < 256; byte++)
            table[k][byte] = table[k - 1][byte] >> 8 ^ table[0][table[k - 1][byte] & 0xff];
}

guint32 rs_checksum(guint32 so_far, const void *bytes, gsize n_bytes)
{
    static gsize filled;
    const guint8 *at = bytes;
    guint32 crc = ~so_far;

    if (g_once_init_enter(&filled)) {
        fill_tables();
        g_once_init_leave(&filled, 1);
    }
    for (; n_bytes >= 8; n_bytes -= 8, at += 8)
        crc = table[7][(crc ^ at[0]) & 0xff] ^ table[6][(crc >> 8 ^ at[1]) & 0xff] ^
              table[5][(crc >> 16 ^ at[2]) & 0xff] ^ table[4][(crc >> 24 ^ at[3]) & 0xff] ^
              table[3][at[4]] ^ table[2][at[5]] ^ table[1][at[6]] ^ table[0][at[7]];
    for (; n_bytes; n_bytes--)
        crc = crc >> 8 ^ table[0][(crc ^ *at++) & 0xff];
    return ~crc;
}
