/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <check.h>
#include <stdlib.h>

#include "capture/ring.h"
#include "capture/stacks.h"
#include "tests/unit/run.h"

static RsStacks *stacks;

static void set_up(void)
{
    stacks = rs_stacks_new(1024, NULL);
    ck_assert_ptr_nonnull(stacks);
}

static void tear_down(void)
{
    rs_stacks_free(stacks);
}

/* Stack number n: depth frames, the outermost ones shared by many, as in a program. */
static guint make(guint n, guint depth, RsRawFrame *frames)
{
    for (guint i = 0; i < depth; i++)
        frames[i] = (RsRawFrame){.module = i % 3, .address = 0x1000 * (depth - i) + n / (i + 1)};
    return depth;
}

static void assert_stack(guint32 id, guint n, guint depth)
{
    RsRawFrame wanted[64], got[64];
    guint n_got = rs_stacks_frames(stacks, id, got, 64);

    ck_assert_uint_eq(n_got, make(n, depth, wanted));
    for (guint i = 0; i < depth; i++) {
        ck_assert_uint_eq(got[i].address, wanted[i].address);
        ck_assert_uint_eq(got[i].module, wanted[i].module);
    }
}

START_TEST(the_same_stack_has_the_same_id)
{
    RsRawFrame frames[64];
    guint32 first = rs_stacks_intern(stacks, frames, make(1, 20, frames));

    ck_assert_uint_ne(rs_stacks_intern(stacks, frames, make(2, 20, frames)), first);
    ck_assert_uint_ne(rs_stacks_intern(stacks, frames, make(1, 19, frames)), first);
    ck_assert_uint_eq(rs_stacks_intern(stacks, frames, make(1, 20, frames)), first);
    assert_stack(first, 1, 20);
}
END_TEST

START_TEST(a_module_alone_tells_stacks_apart)
{
    RsRawFrame a = {.module = 1, .address = 5}, b = {.module = 2, .address = 5};

    ck_assert_uint_ne(rs_stacks_intern(stacks, &a, 1), rs_stacks_intern(stacks, &b, 1));
}
END_TEST

START_TEST(no_frames_are_the_empty_stack)
{
    RsRawFrame frame;

    ck_assert_uint_eq(rs_stacks_intern(stacks, NULL, 0), RS_STACKS_EMPTY);
    ck_assert_uint_eq(rs_stacks_frames(stacks, RS_STACKS_EMPTY, &frame, 1), 0);
}
END_TEST

START_TEST(a_stack_is_cut_at_what_the_reader_has_room_for)
{
    RsRawFrame frames[64];
    guint32 id = rs_stacks_intern(stacks, frames, make(1, 20, frames));

    ck_assert_uint_eq(rs_stacks_frames(stacks, id, frames, 5), 5);
}
END_TEST

/* Without a reader the second arena fills up, and then stacks are refused. */
START_TEST(full_arenas_refuse_until_they_are_released)
{
    RsRawFrame frame = {.module = 0};
    guint32 last = 0;
    guint n = 0;

    for (; n < 10000; n++) {
        guint32 id;

        frame.address = n;
        id = rs_stacks_intern(stacks, &frame, 1);
        if (id == RS_STACKS_FULL)
            break;
        last = id;
    }
    ck_assert_uint_eq(n, 2048);
    ck_assert_uint_eq(rs_stacks_intern(stacks, &frame, 1), RS_STACKS_FULL);
    ck_assert_uint_eq(rs_stacks_frames(stacks, 0, &frame, 1), 1);
    ck_assert_uint_eq(frame.address, 0);
    ck_assert_uint_eq(rs_stacks_epoch(stacks), 0);
    ck_assert_uint_eq(rs_stacks_frames(stacks, last, &frame, 1), 1); /* of the newer arena */
    ck_assert_uint_eq(frame.address, 2047);
    ck_assert_uint_eq(rs_stacks_epoch(stacks), 1);
    frame.address = 99999;
    ck_assert_uint_ne(rs_stacks_intern(stacks, &frame, 1), RS_STACKS_FULL);
}
END_TEST

START_TEST(a_stack_deeper_than_an_arena_is_refused)
{
    g_autofree RsRawFrame *frames = g_new0(RsRawFrame, 3000);

    for (guint i = 0; i < 3000; i++)
        frames[i].address = i;
    ck_assert_uint_eq(rs_stacks_intern(stacks, frames, 3000), RS_STACKS_FULL);
    ck_assert_uint_ne(rs_stacks_intern(stacks, frames, 10), RS_STACKS_FULL);
}
END_TEST

/* A producer and a consumer, with a ring between them, through hundreds of turns of the arenas:
 * what the consumer reads is what was interned. Run under the thread sanitizer as well. */
#define N_LIVE 200000

static gpointer produce(gpointer data)
{
    RsRing *ring = data;

    for (guint i = 0; i < N_LIVE;) {
        RsRawFrame frames[64];
        RsRingEntry entry = {.time_ns = i};

        entry.stack_id = rs_stacks_intern(stacks, frames, make(i / 3, 1 + i % 7, frames));
        if (entry.stack_id == RS_STACKS_FULL || !rs_ring_push(ring, &entry))
            g_thread_yield();
        else
            i++;
    }
    return NULL;
}

START_TEST(stacks_survive_the_turns_of_the_arenas)
{
    g_autoptr(RsRing) ring = rs_ring_new(64 * sizeof(RsRingEntry), NULL);
    GThread *producer = g_thread_new("producer", produce, ring);

    for (guint i = 0; i < N_LIVE;) {
        RsRingEntry entry;

        if (!rs_ring_pop(ring, &entry)) {
            g_thread_yield();
            continue;
        }
        ck_assert_int_eq(entry.time_ns, i);
        assert_stack(entry.stack_id, i / 3, 1 + i % 7);
        i++;
    }
    g_thread_join(producer);
    ck_assert_uint_gt(rs_stacks_epoch(stacks), 100);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("stacks");

    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, the_same_stack_has_the_same_id);
    tcase_add_test(tcase, a_module_alone_tells_stacks_apart);
    tcase_add_test(tcase, no_frames_are_the_empty_stack);
    tcase_add_test(tcase, a_stack_is_cut_at_what_the_reader_has_room_for);
    tcase_add_test(tcase, full_arenas_refuse_until_they_are_released);
    tcase_add_test(tcase, a_stack_deeper_than_an_arena_is_refused);
    tcase_add_test(tcase, stacks_survive_the_turns_of_the_arenas);
    return run_tests("stacks", tcase);
}
