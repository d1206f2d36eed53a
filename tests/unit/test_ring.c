/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ring in one thread, in two (for the thread sanitizer to watch), and through every
 * interleaving of its steps. */
#include <check.h>
#include <pthread.h>
#include <stdlib.h>
#include <ucontext.h>

static void step(void);
#define RS_RING_STEP() step()
#include "capture/ring.c" /* the code itself, with a switch of threads at each step */

#include "tests/unit/run.h"

static RsRingEntry entry_of(guint64 i)
{
    return (RsRingEntry){.time_ns = (gint64)i,
                         .stack_id = (guint32)i,
                         .thread_id = (guint32)(i * 3),
                         .process_id = (guint32)(i * 5),
                         .flags = (guint32)(i * 7),
                         .weight_ns = i * 11};
}

static gboolean is_entry_of(const RsRingEntry *entry, guint64 i)
{
    RsRingEntry wanted = entry_of(i);

    return entry->time_ns == wanted.time_ns && entry->stack_id == wanted.stack_id &&
           entry->thread_id == wanted.thread_id && entry->process_id == wanted.process_id &&
           entry->flags == wanted.flags && entry->weight_ns == wanted.weight_ns;
}

/* --- every interleaving: two coroutines, and a choice at each step --- */

/* which does not know swapcontext */
#ifdef __SANITIZE_THREAD__
#define WITH_THREAD_SANITIZER 1
#else
#define WITH_THREAD_SANITIZER 0
#endif

#define N_OPERATIONS 4
#define STACK_BYTES  65536

enum { PRODUCER, CONSUMER, N_SIDES };

static struct {
    gboolean active;
    ucontext_t chooser, side[N_SIDES];
    char stacks[N_SIDES][STACK_BYTES];
    gboolean done[N_SIDES];
    int running;
    RsRing *ring;
    guint64 n_pushed, n_dropped, n_popped;
    gboolean wrong;
} run;

static void step(void)
{
    if (run.active)
        swapcontext(&run.side[run.running], &run.chooser);
}

static void produce(void)
{
    for (guint i = 0; i < N_OPERATIONS; i++) {
        RsRingEntry entry = entry_of(run.n_pushed);

        if (rs_ring_push(run.ring, &entry))
            run.n_pushed++;
        else
            run.n_dropped++;
    }
    run.done[PRODUCER] = TRUE;
}

static void consume(void)
{
    for (guint i = 0; i < N_OPERATIONS; i++) {
        RsRingEntry entry;

        if (rs_ring_pop(run.ring, &entry))
            run.wrong |= !is_entry_of(&entry, run.n_popped++);
    }
    run.done[CONSUMER] = TRUE;
}

static void start_side(int side, void (*body)(void))
{
    getcontext(&run.side[side]);
    run.side[side].uc_stack.ss_sp = run.stacks[side];
    run.side[side].uc_stack.ss_size = STACK_BYTES;
    run.side[side].uc_link = &run.chooser;
    makecontext(&run.side[side], body, 0);
    run.done[side] = FALSE;
}

/* Runs one schedule: choices[k] says who goes at step k; beyond the given ones the producer goes
 * first. Returns how many steps there were at which both could go; taken[] holds the choice made at
 * each. */
static guint run_schedule(const GArray *choices, GArray *taken)
{
    run.n_pushed = run.n_dropped = run.n_popped = 0;
    run.wrong = FALSE;
    run.ring = rs_ring_new(2 * sizeof(RsRingEntry), NULL);
    start_side(PRODUCER, produce);
    start_side(CONSUMER, consume);
    g_array_set_size(taken, 0);
    run.active = TRUE;
    while (!run.done[PRODUCER] || !run.done[CONSUMER]) {
        guint8 choice =
            taken->len < choices->len ? g_array_index(choices, guint8, taken->len) : PRODUCER;

        if (!run.done[PRODUCER] && !run.done[CONSUMER])
            g_array_append_val(taken, choice);
        else
            choice = run.done[PRODUCER] ? CONSUMER : PRODUCER;
        run.running = choice;
        swapcontext(&run.chooser, &run.side[choice]);
    }
    run.active = FALSE;
    return taken->len;
}

START_TEST(no_interleaving_loses_repeats_or_tears_an_entry)
{
    g_autoptr(GArray) choices = g_array_new(FALSE, TRUE, 1), taken = g_array_new(FALSE, TRUE, 1);
    guint64 n_schedules = 0, n_with_drops = 0, n_with_pops = 0;

    for (;;) {
        RsRingEntry entry;

        run_schedule(choices, taken);
        n_schedules++;
        n_with_drops += run.n_dropped > 0;
        n_with_pops += run.n_popped > 0;
        ck_assert(!run.wrong);
        ck_assert_uint_eq(run.n_pushed + run.n_dropped, N_OPERATIONS);
        ck_assert_uint_eq(rs_ring_n_dropped(run.ring), run.n_dropped);
        while (rs_ring_pop(run.ring, &entry))
            ck_assert(is_entry_of(&entry, run.n_popped++));
        ck_assert_uint_eq(run.n_popped, run.n_pushed);
        rs_ring_free(run.ring);
        /* the next schedule: the last choice that can still be raised is raised */
        while (taken->len && g_array_index(taken, guint8, taken->len - 1) == CONSUMER)
            g_array_set_size(taken, taken->len - 1);
        if (!taken->len)
            break;
        g_array_index(taken, guint8, taken->len - 1) = CONSUMER;
        g_array_set_size(choices, 0);
        g_array_append_vals(choices, taken->data, taken->len);
    }
    ck_assert_uint_gt(n_schedules, 1000);
    ck_assert_uint_gt(n_with_drops, 0);
    ck_assert_uint_lt(n_with_drops, n_schedules);
    ck_assert_uint_gt(n_with_pops, 0);
}
END_TEST

/* --- one thread --- */

START_TEST(entries_come_out_in_order_across_the_wrap)
{
    g_autoptr(RsRing) ring = rs_ring_new(8 * sizeof(RsRingEntry), NULL);
    guint64 n_in = 0, n_out = 0;
    RsRingEntry entry;

    ck_assert_uint_eq(rs_ring_capacity(ring), 8);
    for (guint round = 0; round < 100; round++) {
        for (guint i = 0; i < 5; i++) {
            entry = entry_of(n_in++);
            ck_assert(rs_ring_push(ring, &entry));
        }
        for (guint i = 0; i < 5; i++) {
            ck_assert(rs_ring_pop(ring, &entry));
            ck_assert(is_entry_of(&entry, n_out++));
        }
    }
    ck_assert(!rs_ring_pop(ring, &entry));
    ck_assert_uint_eq(rs_ring_n_pushed(ring), 500);
}
END_TEST

START_TEST(a_full_ring_drops_the_new_entry_and_counts_it)
{
    g_autoptr(RsRing) ring = rs_ring_new(4 * sizeof(RsRingEntry), NULL);
    RsRingEntry entry;

    for (guint64 i = 0; i < 10; i++) {
        entry = entry_of(i);
        ck_assert_int_eq(rs_ring_push(ring, &entry), i < 4);
    }
    ck_assert_uint_eq(rs_ring_n_dropped(ring), 6);
    for (guint64 i = 0; i < 4; i++) {
        ck_assert(rs_ring_pop(ring, &entry));
        ck_assert(is_entry_of(&entry, i));
    }
    ck_assert(!rs_ring_pop(ring, &entry));
}
END_TEST

START_TEST(sizes_are_rounded_down_and_absurd_ones_refused)
{
    g_autoptr(RsRing) ring = rs_ring_new(9 * sizeof(RsRingEntry) + 31, NULL);
    g_autoptr(GError) small = NULL, huge = NULL;

    ck_assert_uint_eq(rs_ring_capacity(ring), 8);
    ck_assert_ptr_null(rs_ring_new(sizeof(RsRingEntry), &small));
    ck_assert_ptr_nonnull(small);
    ck_assert_ptr_null(rs_ring_new(G_MAXSIZE, &huge));
    ck_assert_ptr_nonnull(huge);
}
END_TEST

/* --- two threads --- */

#define N_STREAMED 400000

static void *stream(void *data)
{
    RsRing *ring = data;

    for (guint64 i = 0; i < N_STREAMED;) {
        RsRingEntry entry = entry_of(i);

        if (rs_ring_push(ring, &entry))
            i++;
        else
            g_thread_yield(); /* both may have to share a CPU */
    }
    return NULL;
}

START_TEST(two_threads_stream_every_entry_whole_and_in_order)
{
    g_autoptr(RsRing) ring = rs_ring_new(64 * sizeof(RsRingEntry), NULL);
    guint64 n_out = 0;
    pthread_t producer;

    ck_assert_int_eq(pthread_create(&producer, NULL, stream, ring), 0);
    while (n_out < N_STREAMED) {
        RsRingEntry entry;

        if (rs_ring_pop(ring, &entry))
            ck_assert(is_entry_of(&entry, n_out++));
        else
            g_thread_yield();
    }
    pthread_join(producer, NULL);
    ck_assert_uint_eq(rs_ring_n_pushed(ring), N_STREAMED);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("ring");

    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, entries_come_out_in_order_across_the_wrap);
    tcase_add_test(tcase, a_full_ring_drops_the_new_entry_and_counts_it);
    tcase_add_test(tcase, sizes_are_rounded_down_and_absurd_ones_refused);
    if (!WITH_THREAD_SANITIZER)
        tcase_add_test(tcase, no_interleaving_loses_repeats_or_tears_an_entry);
    tcase_add_test(tcase, two_threads_stream_every_entry_whole_and_in_order);
    return run_tests("ring", tcase);
}
