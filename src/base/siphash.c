/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/siphash.h"

#include <string.h>

static inline guint64 rotated(guint64 value, guint n_bits)
{
    return value << n_bits | value >> (64 - n_bits);
}

static inline void run_round(guint64 v[4])
{
    v[0] += v[1];
    v[2] += v[3];
    v[1] = rotated(v[1], 13) ^ v[0];
    v[3] = rotated(v[3], 16) ^ v[2];
    v[0] = rotated(v[0], 32);
    v[2] += v[1];
    v[0] += v[3];
    v[1] = rotated(v[1], 17) ^ v[2];
    v[3] = rotated(v[3], 21) ^ v[0];
    v[2] = rotated(v[2], 32);
}

static inline void take_word(guint64 v[4], guint64 word)
{
    v[3] ^= word;
    run_round(v);
    run_round(v);
    v[0] ^= word;
}

void rs_siphash_init(RsSipHash *hash, guint64 key_low, guint64 key_high)
{
    /* "somepseudorandomlygeneratedbytes" */
    hash->v[0] = key_low ^ G_GUINT64_CONSTANT(0x736f6d6570736575);
    hash->v[1] = key_high ^ G_GUINT64_CONSTANT(0x646f72616e646f6d);
    hash->v[2] = key_low ^ G_GUINT64_CONSTANT(0x6c7967656e657261);
    hash->v[3] = key_high ^ G_GUINT64_CONSTANT(0x7465646279746573);
    hash->tail = 0;
    hash->n_bytes = 0;
}

void rs_siphash_add(RsSipHash *hash, const void *bytes, gsize n_bytes)
{
    const guint8 *at = bytes, *end = at + n_bytes;
    guint64 v[4], word;

    while (at < end && hash->n_bytes % 8 != 0) {
        hash->tail |= (guint64)*at++ << 8 * (hash->n_bytes % 8);
        if (++hash->n_bytes % 8 == 0) {
            take_word(hash->v, hash->tail);
            hash->tail = 0;
        }
    }
    memcpy(v, hash->v, sizeof v); /* in registers */
    for (; end - at >= 8; at += 8, hash->n_bytes += 8) {
        memcpy(&word, at, sizeof word);
        take_word(v, GUINT64_FROM_LE(word));
    }
    memcpy(hash->v, v, sizeof v);
    for (; at < end; hash->n_bytes++)
        hash->tail |= (guint64)*at++ << 8 * (hash->n_bytes % 8);
}

guint64 rs_siphash_value(const RsSipHash *hash)
{
    guint64 v[4];

    memcpy(v, hash->v, sizeof v);
    take_word(v, hash->tail | hash->n_bytes << 56);
    v[2] ^= 0xff;
    for (guint i = 0; i < 4; i++)
        run_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}
