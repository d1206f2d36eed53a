/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The history read when its file is damaged, cut or of a later version. */
#include <stdatomic.h>

#include "capture/history/format.h"
#include "tests/unit/history_fixtures.h"
#include "tests/unit/run.h"

static guint8 *wrapped_bytes(gsize *n_bytes)
{
    RsHistory *history = create(512 << 10, 0);
    char *bytes = NULL;

    write_samples(history, 0, 120000);
    rs_history_free(history);
    ck_assert(g_file_get_contents(path, &bytes, n_bytes, NULL));
    return (guint8 *)bytes;
}

static RsHistoryHead *head_of(guint8 *bytes)
{
    return (RsHistoryHead *)(gpointer)bytes;
}

static RsHistoryChunkHead *chunk_of(guint8 *bytes, guint i)
{
    return (RsHistoryChunkHead *)(gpointer)(bytes + RS_HISTORY_CHUNKS_OFFSET +
                                            (gsize)i * head_of(bytes)->n_chunk_bytes);
}

/* How many samples each chunk has. */
static void count_samples(const guint8 *bytes, gsize n_bytes, guint n_chunks, guint *n_samples)
{
    for (guint i = 0; i < n_chunks; i++) {
        g_autofree guint8 *copy = g_memdup2(bytes, n_bytes);
        g_autoptr(RsProfile) profile = NULL;

        for (guint k = 0; k < n_chunks; k++)
            if (k != i)
                atomic_store(&chunk_of(copy, k)->committed, 0);
        profile = rs_history_parse(copy, n_bytes, 0, NULL, NULL);
        ck_assert_ptr_nonnull(profile);
        n_samples[i] = profile->samples->len;
    }
}

START_TEST(a_damaged_byte_costs_no_more_than_its_chunk)
{
    gsize n_bytes;
    g_autofree guint8 *bytes = wrapped_bytes(&n_bytes);
    guint n_chunks = head_of(bytes)->n_chunks, n_most = 0, n_all, n_damaged = 0, n_samples[4];
    g_autoptr(RsProfile) whole = rs_history_parse(bytes, n_bytes, 0, NULL, NULL);

    ck_assert_uint_eq(n_chunks, 4);
    n_all = whole->samples->len;
    count_samples(bytes, n_bytes, n_chunks, n_samples);
    for (guint i = 0; i < n_chunks; i++)
        n_most = MAX(n_most, n_samples[i]);
    ck_assert_uint_lt(n_most, n_all / 2);
    for (guint round = 0; round < 200; round++) {
        /* half of them where the heads are */
        gsize at = round % 2   ? (gsize)g_random_int_range(0, (gint32)n_bytes)
                   : round % 4 ? (gsize)g_random_int_range(0, sizeof(RsHistoryHead))
                               : RS_HISTORY_CHUNKS_OFFSET +
                                     (gsize)g_random_int_range(0, (gint32)n_chunks) *
                                         head_of(bytes)->n_chunk_bytes +
                                     (gsize)g_random_int_range(0, 24);
        guint8 saved = bytes[at];
        g_autoptr(RsProfile) profile = NULL;
        RsHistoryFacts facts;

        bytes[at] ^= (guint8)g_random_int_range(1, 256);
        profile = rs_history_parse(bytes, n_bytes, 0, &facts, NULL);
        ck_assert_ptr_nonnull(profile);
        ck_assert_uint_le(facts.n_damaged_chunks, 1);
        ck_assert_uint_ge(profile->samples->len + n_most, n_all);
        ck_assert(facts.n_damaged_chunks || facts.n_chunks < n_chunks ||
                  profile->samples->len == n_all);
        check_each(profile, 53);
        n_damaged += facts.n_damaged_chunks;
        bytes[at] = saved;
    }
    ck_assert_uint_gt(n_damaged, 10);
}
END_TEST

START_TEST(a_truncated_file_is_read_as_far_as_it_goes)
{
    gsize n_bytes;
    g_autofree guint8 *bytes = wrapped_bytes(&n_bytes);
    guint n_samples[4];

    count_samples(bytes, n_bytes, 4, n_samples);
    for (gsize n_there = RS_HISTORY_CHUNKS_OFFSET; n_there <= n_bytes; n_there += 13 << 10) {
        g_autofree guint8 *there = g_memdup2(bytes, n_there);
        g_autoptr(RsProfile) profile = rs_history_parse(there, n_there, 0, NULL, NULL);
        guint n_wanted = 0;

        for (guint i = 0; i < 4; i++) {
            RsHistoryChunkHead *chunk = chunk_of(bytes, i);
            guint8 *end = (guint8 *)(chunk + 1) + (guint32)atomic_load(&chunk->committed);

            n_wanted += end <= bytes + n_there ? n_samples[i] : 0;
        }
        if (profile)
            check_all(profile);
        ck_assert_uint_eq(profile ? profile->samples->len : 0, n_wanted);
        ck_assert(profile || n_there < RS_HISTORY_CHUNKS_OFFSET + head_of(bytes)->n_chunk_bytes);
    }
    for (gsize n_there = 0; n_there < 200; n_there++) {
        g_autofree guint8 *there = g_memdup2(bytes, n_there);
        g_autoptr(RsProfile) profile = rs_history_parse(there, n_there, 0, NULL, NULL);

        ck_assert((profile != NULL) == (n_there >= sizeof(RsHistoryHead)));
    }
}
END_TEST

START_TEST(a_later_version_is_refused_and_said)
{
    gsize n_bytes;
    g_autofree guint8 *bytes = wrapped_bytes(&n_bytes);
    g_autoptr(GError) error = NULL;

    head_of(bytes)->major = head_of(bytes + RS_HISTORY_COPY_OFFSET)->major = 2;
    ck_assert_ptr_null(rs_history_parse(bytes, n_bytes, 0, NULL, &error));
    ck_assert(g_error_matches(error, RS_HISTORY_ERROR, RS_HISTORY_ERROR_NEWER));
}
END_TEST

START_TEST(a_file_of_damage_alone_is_an_error)
{
    gsize n_bytes;
    g_autofree guint8 *bytes = wrapped_bytes(&n_bytes);
    g_autoptr(GError) error = NULL, head_error = NULL;

    for (guint i = 0; i < head_of(bytes)->n_chunks; i++)
        ((guint8 *)chunk_of(bytes, i))[100] ^= 1;
    ck_assert_ptr_null(rs_history_parse(bytes, n_bytes, 0, NULL, &error));
    ck_assert(g_error_matches(error, RS_HISTORY_ERROR, RS_HISTORY_ERROR_DAMAGED));
    bytes[20] ^= 1;
    bytes[RS_HISTORY_COPY_OFFSET + 20] ^= 1;
    ck_assert_ptr_null(rs_history_parse(bytes, n_bytes, 0, NULL, &head_error));
    ck_assert(g_error_matches(head_error, RS_HISTORY_ERROR, RS_HISTORY_ERROR_DAMAGED));
}
END_TEST

START_TEST(diagnostics_that_were_torn_leave_those_before)
{
    RsHistory *history = create(256 << 10, 0);
    g_autofree char *long_text = g_strnfill(1000, 'x');
    g_autofree guint8 *bytes = NULL;
    g_autoptr(RsProfile) profile = NULL;
    RsDiagnostics diagnostics;
    gsize n_bytes;

    rs_diagnostics_init(&diagnostics);
    diagnostics.fidelity = long_text;
    diagnostics.n_raw_samples = 1;
    rs_history_diagnostics(history, &diagnostics);
    diagnostics.n_raw_samples = 2;
    rs_history_diagnostics(history, &diagnostics);
    rs_history_free(history);
    ck_assert(g_file_get_contents(path, (char **)&bytes, &n_bytes, NULL));
    bytes[RS_HISTORY_NOTES_OFFSET + 40] ^= 1; /* the second lies in the first slot */
    profile = rs_history_parse(bytes, n_bytes, 0, NULL, NULL);
    ck_assert_int_eq(profile->diagnostics.n_raw_samples, 1);
    ck_assert_uint_eq(strlen(profile->diagnostics.fidelity), 255);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("history_read");

    tcase_set_timeout(tcase, 240);
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, a_damaged_byte_costs_no_more_than_its_chunk);
    tcase_add_test(tcase, a_truncated_file_is_read_as_far_as_it_goes);
    tcase_add_test(tcase, a_later_version_is_refused_and_said);
    tcase_add_test(tcase, a_file_of_damage_alone_is_an_error);
    tcase_add_test(tcase, diagnostics_that_were_torn_leave_those_before);
    return run_tests("history_read", tcase);
}
