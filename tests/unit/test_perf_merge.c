/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rings on memory of the test's own, with records that say no more than their time. */
#include "capture/perf/merge.h"
#include "tests/unit/run.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define N_CPUS       3
#define N_RING_BYTES 4096

typedef struct {
    struct perf_event_mmap_page page;
    _Alignas(8) guint8 data[N_RING_BYTES];
} Memory;

enum { RECORDS, SAMPLES, N_KINDS };

static Memory *memory[N_CPUS][N_KINDS];
static RsPerfRing *rings[N_CPUS][N_KINDS];
static RsPerfMerge *merge;
static GString *order; /* what was handed over: "r5 s7 ..." */

/* THROTTLE is the shortest record. */
static void write_record(guint cpu, guint kind, gint64 time_ns)
{
    struct perf_event_header header = {.type = PERF_RECORD_THROTTLE, .size = 64};
    guint64 words[7] = {0, 0, 0, 0, (guint64)time_ns, cpu, 0};
    guint8 bytes[64];
    Memory *to = memory[cpu][kind];

    memcpy(bytes, &header, sizeof header);
    memcpy(bytes + sizeof header, words, sizeof words);
    for (guint i = 0; i < sizeof bytes; i++)
        to->data[(to->page.data_head + i) % N_RING_BYTES] = bytes[i];
    to->page.data_head += sizeof bytes;
}

static void note(gpointer data, const RsPerfRecord *record, gboolean of_samples)
{
    g_string_append_printf(order, "%s%c%" G_GINT64_FORMAT, order->len ? " " : "",
                           record->kind == RS_PERF_LOST ? 'L'
                           : of_samples                 ? 's'
                                                        : 'r',
                           record->time_ns);
    if (data && record->time_ns == 1) /* while it is handed over, more is written */
        write_record(0, RECORDS, 2);
}

static void set_up(void)
{
    order = g_string_new(NULL);
    merge = rs_perf_merge_new(note, NULL);
    for (guint cpu = 0; cpu < N_CPUS; cpu++) {
        for (guint kind = 0; kind < N_KINDS; kind++) {
            memory[cpu][kind] = g_new0(Memory, 1);
            rings[cpu][kind] =
                rs_perf_ring_over(&memory[cpu][kind]->page, memory[cpu][kind]->data, N_RING_BYTES);
        }
        rs_perf_merge_add(merge, rings[cpu][RECORDS], rings[cpu][SAMPLES]);
    }
}

static void tear_down(void)
{
    rs_perf_merge_free(merge);
    for (guint cpu = 0; cpu < N_CPUS; cpu++)
        for (guint kind = 0; kind < N_KINDS; kind++) {
            rs_perf_ring_free(rings[cpu][kind]);
            g_free(memory[cpu][kind]);
        }
    g_string_free(order, TRUE);
}

START_TEST(all_rings_come_in_the_order_of_time)
{
    write_record(2, SAMPLES, 10);
    write_record(0, SAMPLES, 20);
    write_record(1, RECORDS, 15);
    write_record(2, SAMPLES, 30);
    write_record(1, RECORDS, 25);
    write_record(0, RECORDS, 5);
    ck_assert_uint_eq(rs_perf_merge_run(merge), 3);
    ck_assert_str_eq(order->str, "r5 s10 r15 s20 r25 s30");
    ck_assert_uint_eq(rs_perf_merge_run(merge), 0);
}
END_TEST

START_TEST(what_is_told_comes_before_a_sample_of_the_same_time)
{
    write_record(0, SAMPLES, 10);
    write_record(1, SAMPLES, 10);
    write_record(2, RECORDS, 10);
    rs_perf_merge_run(merge);
    ck_assert_str_eq(order->str, "r10 s10 s10");
}
END_TEST

START_TEST(what_is_written_meanwhile_comes_next_time)
{
    rs_perf_merge_free(merge);
    merge = rs_perf_merge_new(note, order); /* not NULL */
    for (guint cpu = 0; cpu < N_CPUS; cpu++)
        rs_perf_merge_add(merge, rings[cpu][RECORDS], rings[cpu][SAMPLES]);
    write_record(0, RECORDS, 1);
    write_record(0, SAMPLES, 3);
    rs_perf_merge_run(merge);
    ck_assert_str_eq(order->str, "r1 s3");
    rs_perf_merge_run(merge);
    ck_assert_str_eq(order->str, "r1 s3 r2");
}
END_TEST

START_TEST(a_damaged_record_is_one_that_was_lost)
{
    struct perf_event_header *header;

    write_record(0, SAMPLES, 10);
    header = (struct perf_event_header *)(memory[0][SAMPLES]->data + 64);
    write_record(0, SAMPLES, 20);
    header->type = PERF_RECORD_MMAP2; /* too short for one */
    write_record(0, SAMPLES, 30);
    rs_perf_merge_run(merge);
    ck_assert_str_eq(order->str, "s10 L0 s30");
}
END_TEST

START_TEST(a_ring_that_is_out_of_step_loses_what_is_in_it_and_goes_on)
{
    write_record(0, SAMPLES, 10);
    ((struct perf_event_header *)memory[0][SAMPLES]->data)->size = 0;
    write_record(1, SAMPLES, 20);
    rs_perf_merge_run(merge);
    ck_assert_str_eq(order->str, "L0 s20");
    write_record(0, SAMPLES, 30);
    rs_perf_merge_run(merge);
    ck_assert_str_eq(order->str, "L0 s20 s30");
}
END_TEST

int main(void)
{
    TCase *test_case = tcase_create("perf_merge");

    tcase_add_checked_fixture(test_case, set_up, tear_down);
    tcase_add_test(test_case, all_rings_come_in_the_order_of_time);
    tcase_add_test(test_case, what_is_told_comes_before_a_sample_of_the_same_time);
    tcase_add_test(test_case, what_is_written_meanwhile_comes_next_time);
    tcase_add_test(test_case, a_damaged_record_is_one_that_was_lost);
    tcase_add_test(test_case, a_ring_that_is_out_of_step_loses_what_is_in_it_and_goes_on);
    return run_tests("perf_merge", test_case);
}
