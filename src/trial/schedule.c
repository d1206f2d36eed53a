/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trial/schedule.h"

#include <string.h>

RsPairToss rs_schedule_toss(gint64 seed, const char *benchmark_name, gint32 pair)
{
    g_autofree char *text =
        g_strdup_printf("%" G_GINT64_FORMAT "/%d/%s", seed, pair, benchmark_name);
    g_autoptr(GChecksum) hash = g_checksum_new(G_CHECKSUM_SHA256);
    guint8 bits[32];
    gsize n_bits = sizeof bits;

    g_checksum_update(hash, (const guchar *)text, (gssize)strlen(text));
    g_checksum_get_digest(hash, bits, &n_bits);
    return (RsPairToss){
        .first = bits[0] & 1 ? RS_ARM_CURRENT : RS_ARM_BASELINE,
        .padding_bytes = (guint)(bits[1] << 8 | bits[2]) % RS_PADDING_LIMIT_BYTES,
    };
}

gint64 rs_schedule_draw_seed(void)
{
    guint64 high = g_random_int(), low = g_random_int();

    return (gint64)((high << 32 | low) >> 11);
}
