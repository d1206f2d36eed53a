/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records made by hand after the structures in linux/perf_event.h, whole and damaged, and a ring on
 * memory of the test's own. */
#include "capture/perf/record.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "capture/perf/ring.h"
#include "tests/unit/run.h"

#define N_STACK_BYTES 64

static GByteArray *bytes;
static RsPerfRecord record;

static void set_up(void)
{
    bytes = g_byte_array_new();
    memset(&record, 0xa5, sizeof record);
}

static void tear_down(void)
{
    g_byte_array_unref(bytes);
}

/* --- writing records --- */

static void put_u32(guint32 value)
{
    g_byte_array_append(bytes, (const guint8 *)&value, sizeof value);
}

static void put_u64(guint64 value)
{
    g_byte_array_append(bytes, (const guint8 *)&value, sizeof value);
}

static void begin(guint32 type, guint16 misc)
{
    struct perf_event_header header = {.type = type, .misc = misc};

    g_byte_array_set_size(bytes, 0);
    g_byte_array_append(bytes, (const guint8 *)&header, sizeof header);
}

static void put_text(const char *text)
{
    static const guint8 zeros[8];
    gsize n_bytes = strlen(text) + 1;

    g_byte_array_append(bytes, (const guint8 *)text, (guint)n_bytes);
    g_byte_array_append(bytes, zeros, (guint)(-n_bytes % 8));
}

static void set_size(void)
{
    struct perf_event_header *header = (struct perf_event_header *)bytes->data;

    header->size = (guint16)bytes->len;
}

static void put_trailer(void)
{
    put_u32(100); /* pid */
    put_u32(101); /* tid */
    put_u64(5000000001);
    put_u32(3); /* CPU */
    put_u32(0);
    put_u64(77); /* id */
    set_size();
}

static void put_sample(guint16 misc, guint64 abi, guint64 n_stack_bytes, guint64 n_copied)
{
    begin(PERF_RECORD_SAMPLE, misc);
    put_u64(77);     /* id */
    put_u64(0x1234); /* address */
    put_u32(100);
    put_u32(101);
    put_u64(5000000001);
    put_u32(3);
    put_u32(0);
    put_u64(250000); /* period */
    put_u64(abi);
    for (guint i = 0; abi && i < 24; i++)
        if (rs_perf_user_registers >> i & 1)
            put_u64(1000 + i); /* the kernel's number */
    put_u64(n_stack_bytes);
    for (guint i = 0; i < n_stack_bytes / 8; i++)
        put_u64(0x5000 + i);
    if (n_stack_bytes)
        put_u64(n_copied);
    set_size();
}

static void put_mmap2(guint16 misc, const guint8 identity[24], const char *path)
{
    begin(PERF_RECORD_MMAP2, misc);
    put_u32(100);
    put_u32(101);
    put_u64(0x7f0000001000);
    put_u64(0x2000);
    put_u64(0x3000);
    g_byte_array_append(bytes, identity, 24);
    put_u32(5);
    put_u32(2);
    put_text(path);
    put_trailer();
}

static gboolean parse(void)
{
    return rs_perf_record_parse(bytes->data, bytes->len, &record);
}

/* --- samples --- */

START_TEST(a_sample_is_read)
{
    put_sample(PERF_RECORD_MISC_USER, PERF_SAMPLE_REGS_ABI_64, N_STACK_BYTES, 40);
    ck_assert(parse());
    ck_assert_int_eq(record.kind, RS_PERF_SAMPLE);
    ck_assert_uint_eq(record.event_id, 77);
    ck_assert_int_eq(record.pid, 100);
    ck_assert_int_eq(record.tid, 101);
    ck_assert_int_eq(record.time_ns, 5000000001);
    ck_assert_uint_eq(record.cpu, 3);
    ck_assert_uint_eq(record.sample.address, 0x1234);
    ck_assert_uint_eq(record.sample.period, 250000);
    ck_assert(!record.sample.in_kernel);
    ck_assert(record.sample.has_registers);
    ck_assert_uint_eq(record.sample.stack.n_bytes, 40);
    ck_assert_ptr_eq(record.sample.stack.bytes, bytes->data + bytes->len - 8 - N_STACK_BYTES);
    ck_assert_uint_eq(record.sample.stack.base, record.sample.registers.r[RS_REG_RSP]);
    ck_assert_uint_eq(bytes->len, RS_PERF_SAMPLE_OVERHEAD_BYTES + N_STACK_BYTES);
}
END_TEST

START_TEST(registers_get_their_dwarf_numbers)
{
    /* arch/x86/include/uapi/asm/perf_regs.h on the right */
    static const guint64 wanted[RS_N_REGS] = {
        [RS_REG_RAX] = 1000, [RS_REG_RBX] = 1001, [RS_REG_RCX] = 1002, [RS_REG_RDX] = 1003,
        [RS_REG_RSI] = 1004, [RS_REG_RDI] = 1005, [RS_REG_RBP] = 1006, [RS_REG_RSP] = 1007,
        [RS_REG_RIP] = 1008, [RS_REG_R8] = 1016,  [RS_REG_R9] = 1017,  [RS_REG_R10] = 1018,
        [RS_REG_R11] = 1019, [RS_REG_R12] = 1020, [RS_REG_R13] = 1021, [RS_REG_R14] = 1022,
        [RS_REG_R15] = 1023,
    };

    put_sample(PERF_RECORD_MISC_USER, PERF_SAMPLE_REGS_ABI_64, N_STACK_BYTES, N_STACK_BYTES);
    ck_assert(parse());
    for (guint i = 0; i < RS_N_REGS; i++)
        ck_assert_uint_eq(record.sample.registers.r[i], wanted[i]);
}
END_TEST

START_TEST(a_sample_in_the_kernel_says_so)
{
    put_sample(PERF_RECORD_MISC_KERNEL, PERF_SAMPLE_REGS_ABI_64, N_STACK_BYTES, N_STACK_BYTES);
    ck_assert(parse());
    ck_assert(record.sample.in_kernel);
    ck_assert(record.sample.has_registers);
}
END_TEST

START_TEST(a_sample_without_user_registers_or_stack_is_one)
{
    put_sample(PERF_RECORD_MISC_KERNEL, PERF_SAMPLE_REGS_ABI_NONE, 0, 0);
    ck_assert(parse());
    ck_assert(!record.sample.has_registers);
    ck_assert_uint_eq(record.sample.stack.n_bytes, 0);
}
END_TEST

START_TEST(registers_of_a_32_bit_program_are_not_taken_for_64_bits)
{
    put_sample(PERF_RECORD_MISC_USER, PERF_SAMPLE_REGS_ABI_32, N_STACK_BYTES, N_STACK_BYTES);
    ck_assert(parse());
    ck_assert(!record.sample.has_registers);
}
END_TEST

START_TEST(a_stack_is_not_longer_than_its_room)
{
    put_sample(PERF_RECORD_MISC_USER, PERF_SAMPLE_REGS_ABI_64, N_STACK_BYTES, G_MAXUINT64);
    ck_assert(parse());
    ck_assert_uint_eq(record.sample.stack.n_bytes, N_STACK_BYTES);
}
END_TEST

/* --- the others --- */

START_TEST(a_mapping_with_its_inode_is_read)
{
    guint32 identity[6] = {8, 1, 4711, 0, 99, 0};

    put_mmap2(PERF_RECORD_MISC_USER, (const guint8 *)identity, "/usr/lib/libc.so.6");
    ck_assert(parse());
    ck_assert_int_eq(record.kind, RS_PERF_MAP);
    ck_assert_int_eq(record.pid, 100);
    ck_assert_uint_eq(record.map.start, 0x7f0000001000);
    ck_assert_uint_eq(record.map.end, 0x7f0000003000);
    ck_assert_uint_eq(record.map.file_offset, 0x3000);
    ck_assert_uint_eq(record.map.device_major, 8);
    ck_assert_uint_eq(record.map.device_minor, 1);
    ck_assert_uint_eq(record.map.inode, 4711);
    ck_assert_uint_eq(record.map.n_build_id_bytes, 0);
    ck_assert_str_eq(record.map.path, "/usr/lib/libc.so.6");
    ck_assert_int_eq(record.time_ns, 5000000001);
    ck_assert_uint_eq(record.event_id, 77);
    ck_assert_uint_eq(record.cpu, 3);
}
END_TEST

START_TEST(a_mapping_with_its_build_id_is_read)
{
    guint8 identity[24] = {20, 0, 0, 0};

    for (guint i = 0; i < 20; i++)
        identity[4 + i] = (guint8)(i + 1);
    put_mmap2(PERF_RECORD_MISC_USER | PERF_RECORD_MISC_MMAP_BUILD_ID, identity, "/bin/true");
    ck_assert(parse());
    ck_assert_uint_eq(record.map.n_build_id_bytes, 20);
    ck_assert_mem_eq(record.map.build_id, identity + 4, 20);
    ck_assert_uint_eq(record.map.inode, 0);
    ck_assert_str_eq(record.map.path, "/bin/true");
}
END_TEST

START_TEST(a_build_id_is_not_longer_than_its_room)
{
    guint8 identity[24] = {255};

    put_mmap2(PERF_RECORD_MISC_MMAP_BUILD_ID, identity, "/bin/true");
    ck_assert(parse());
    ck_assert_uint_eq(record.map.n_build_id_bytes, 20);
}
END_TEST

START_TEST(a_mapping_of_an_old_kernel_is_read)
{
    begin(PERF_RECORD_MMAP, PERF_RECORD_MISC_USER);
    put_u32(100);
    put_u32(101);
    put_u64(0x1000);
    put_u64(0x2000);
    put_u64(0);
    put_text("//anon");
    put_trailer();
    ck_assert(parse());
    ck_assert_int_eq(record.kind, RS_PERF_MAP);
    ck_assert_uint_eq(record.map.end, 0x3000);
    ck_assert_str_eq(record.map.path, "//anon");
}
END_TEST

static void put_comm(guint16 misc)
{
    begin(PERF_RECORD_COMM, misc);
    put_u32(200);
    put_u32(201);
    put_text("worker");
    put_trailer();
}

START_TEST(a_name_and_an_exec_are_told_apart)
{
    put_comm(0);
    ck_assert(parse());
    ck_assert_int_eq(record.kind, RS_PERF_NAME);
    ck_assert_int_eq(record.pid, 200);
    ck_assert_int_eq(record.tid, 201);
    ck_assert_str_eq(record.name, "worker");
    put_comm(PERF_RECORD_MISC_COMM_EXEC);
    ck_assert(parse());
    ck_assert_int_eq(record.kind, RS_PERF_EXEC);
}
END_TEST

static void put_life(guint32 type)
{
    begin(type, 0);
    put_u32(300); /* pid */
    put_u32(301); /* its parent */
    put_u32(302); /* tid */
    put_u32(303); /* its parent */
    put_u64(1);
    put_trailer();
}

START_TEST(births_and_ends_are_read)
{
    put_life(PERF_RECORD_FORK);
    ck_assert(parse());
    ck_assert_int_eq(record.kind, RS_PERF_FORK);
    ck_assert_int_eq(record.pid, 300);
    ck_assert_int_eq(record.tid, 302);
    ck_assert_int_eq(record.parent.pid, 301);
    ck_assert_int_eq(record.parent.tid, 303);
    put_life(PERF_RECORD_EXIT);
    ck_assert(parse());
    ck_assert_int_eq(record.kind, RS_PERF_EXIT);
}
END_TEST

START_TEST(losses_are_read)
{
    begin(PERF_RECORD_LOST, 0);
    put_u64(77);
    put_u64(12);
    put_trailer();
    ck_assert(parse());
    ck_assert_int_eq(record.kind, RS_PERF_LOST);
    ck_assert_uint_eq(record.n_lost, 12);
    begin(PERF_RECORD_LOST_SAMPLES, 0);
    put_u64(13);
    put_trailer();
    ck_assert(parse());
    ck_assert_int_eq(record.kind, RS_PERF_LOST_SAMPLES);
    ck_assert_uint_eq(record.n_lost, 13);
}
END_TEST

START_TEST(throttling_is_read_and_what_is_unknown_is_of_no_interest)
{
    static const guint32 types[] = {PERF_RECORD_THROTTLE, PERF_RECORD_UNTHROTTLE, 4000};

    for (guint i = 0; i < G_N_ELEMENTS(types); i++) {
        begin(types[i], 0);
        put_u64(1);
        put_u64(2);
        put_u64(3);
        put_trailer();
        ck_assert(parse());
        ck_assert_int_eq(record.kind, i == 0 ? RS_PERF_THROTTLE : RS_PERF_OTHER);
        ck_assert_int_eq(record.tid, 101);
    }
}
END_TEST

/* --- damage --- */

/* Cut to every length that its header can then say. */
static void each_cut_is_refused(gsize n_least_bytes)
{
    for (gsize n_bytes = 0; n_bytes < bytes->len; n_bytes += 8) {
        g_autofree guint8 *cut = g_memdup2(bytes->data, MAX(n_bytes, 8));

        ((struct perf_event_header *)cut)->size = (guint16)n_bytes;
        if (n_bytes < 8 || n_bytes < n_least_bytes)
            ck_assert(!rs_perf_record_parse(cut, MAX(n_bytes, 8), &record));
    }
}

START_TEST(a_record_that_is_too_short_for_what_it_says_is_refused)
{
    guint8 identity[24] = {0};

    put_sample(PERF_RECORD_MISC_USER, PERF_SAMPLE_REGS_ABI_64, N_STACK_BYTES, N_STACK_BYTES);
    each_cut_is_refused(bytes->len);
    put_mmap2(0, identity, "/bin/true"); /* 16 bytes with its end */
    each_cut_is_refused(8 + 32 + 24 + 8 + 8 + 32);
    put_comm(0);
    each_cut_is_refused(bytes->len);
    put_life(PERF_RECORD_FORK);
    each_cut_is_refused(bytes->len);
    ck_assert_int_eq(record.time_ns, (gint64)0xa5a5a5a5a5a5a5a5); /* untouched */
}
END_TEST

START_TEST(a_stack_that_is_longer_than_the_record_is_refused)
{
    static const guint64 sizes[] = {N_STACK_BYTES + 8, 65536, G_MAXUINT64, G_MAXUINT64 - 7};

    for (guint i = 0; i < G_N_ELEMENTS(sizes); i++) {
        put_sample(PERF_RECORD_MISC_USER, PERF_SAMPLE_REGS_ABI_64, N_STACK_BYTES, N_STACK_BYTES);
        memcpy(bytes->data + bytes->len - 16 - N_STACK_BYTES, &sizes[i], 8);
        ck_assert(!parse());
    }
}
END_TEST

START_TEST(a_text_without_an_end_is_refused)
{
    put_comm(0);
    memset(bytes->data + 16, 'x', 8); /* up to the trailer */
    ck_assert(!parse());
}
END_TEST

START_TEST(a_mapping_beyond_the_end_of_memory_is_refused)
{
    guint8 identity[24] = {0};
    guint64 n_bytes = G_MAXUINT64;

    put_mmap2(0, identity, "/bin/true");
    memcpy(bytes->data + 24, &n_bytes, 8);
    ck_assert(!parse());
}
END_TEST

START_TEST(a_size_that_no_record_has_is_refused)
{
    static const guint16 sizes[] = {0, 4, 7, 12, 65535};

    for (guint i = 0; i < G_N_ELEMENTS(sizes); i++) {
        put_comm(0);
        ((struct perf_event_header *)bytes->data)->size = sizes[i];
        ck_assert_uint_eq(rs_perf_record_size(bytes->data, bytes->len), 0);
        ck_assert(!parse());
    }
}
END_TEST

/* --- the ring --- */

#define N_RING_BYTES 4096

static struct {
    struct perf_event_mmap_page page;
    _Alignas(8) guint8 data[N_RING_BYTES];
} memory;

/* As the kernel does it: bytes at head, around the end, then the head. */
static void write_to_ring(const guint8 *from, gsize n_bytes)
{
    for (gsize i = 0; i < n_bytes; i++)
        memory.data[(memory.page.data_head + i) % N_RING_BYTES] = from[i];
    memory.page.data_head += n_bytes;
}

static RsPerfRing *ring_at(guint64 position)
{
    memset(&memory, 0x5a, sizeof memory);
    memory.page.data_head = memory.page.data_tail = position;
    return rs_perf_ring_over(&memory.page, memory.data, N_RING_BYTES);
}

START_TEST(records_come_out_of_a_ring_as_they_went_in_wherever_it_wraps)
{
    put_sample(PERF_RECORD_MISC_USER, PERF_SAMPLE_REGS_ABI_64, 1024, 1024);
    for (guint64 position = 0; position < 3 * N_RING_BYTES; position += 8) {
        g_autoptr(RsPerfRing) ring = ring_at(position);
        const guint8 *peeked;
        gsize n_bytes;

        write_to_ring(bytes->data, bytes->len);
        write_to_ring(bytes->data, bytes->len);
        ck_assert_ptr_null(rs_perf_ring_peek(ring, &n_bytes)); /* it has not looked */
        rs_perf_ring_look(ring);
        for (guint i = 0; i < 2; i++) {
            ck_assert_uint_eq(memory.page.data_tail, position + i * bytes->len);
            ck_assert_ptr_nonnull((peeked = rs_perf_ring_peek(ring, &n_bytes)));
            ck_assert_uint_eq(n_bytes, bytes->len);
            ck_assert_mem_eq(peeked, bytes->data, n_bytes);
            ck_assert_uint_eq((gsize)peeked % 8, 0);
            rs_perf_ring_advance(ring);
        }
        ck_assert_uint_eq(memory.page.data_tail, memory.page.data_head);
        ck_assert_ptr_null(rs_perf_ring_peek(ring, &n_bytes));
        ck_assert_uint_eq(rs_perf_ring_n_broken(ring), 0);
    }
}
END_TEST

START_TEST(what_is_written_during_a_look_waits_for_the_next)
{
    g_autoptr(RsPerfRing) ring = ring_at(0);
    gsize n_bytes;

    put_comm(0);
    write_to_ring(bytes->data, bytes->len);
    rs_perf_ring_look(ring);
    write_to_ring(bytes->data, bytes->len);
    ck_assert_ptr_nonnull(rs_perf_ring_peek(ring, &n_bytes));
    rs_perf_ring_advance(ring);
    ck_assert_ptr_null(rs_perf_ring_peek(ring, &n_bytes));
    rs_perf_ring_look(ring);
    ck_assert_ptr_nonnull(rs_perf_ring_peek(ring, &n_bytes));
}
END_TEST

START_TEST(what_can_be_no_record_ends_a_look_and_is_counted)
{
    static const guint16 sizes[] = {0, 4, 4000};
    gsize n_bytes;

    put_comm(0);
    for (guint i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_autoptr(RsPerfRing) ring = ring_at(N_RING_BYTES - 16);

        write_to_ring(bytes->data, bytes->len);
        ((struct perf_event_header *)bytes->data)->size = sizes[i];
        write_to_ring(bytes->data, bytes->len);
        set_size();
        rs_perf_ring_look(ring);
        ck_assert_ptr_nonnull(rs_perf_ring_peek(ring, &n_bytes));
        rs_perf_ring_advance(ring);
        ck_assert_ptr_null(rs_perf_ring_peek(ring, &n_bytes));
        ck_assert_uint_eq(rs_perf_ring_n_broken(ring), 1);
        write_to_ring(bytes->data, bytes->len);
        rs_perf_ring_look(ring);
        ck_assert_ptr_nonnull(rs_perf_ring_peek(ring, &n_bytes)); /* it goes on */
    }
}
END_TEST

static Suite *suite(void)
{
    Suite *all = suite_create("perf_record");
    TCase *record_case = tcase_create("record"), *ring_case = tcase_create("ring");

    tcase_add_checked_fixture(record_case, set_up, tear_down);
    tcase_add_test(record_case, a_sample_is_read);
    tcase_add_test(record_case, registers_get_their_dwarf_numbers);
    tcase_add_test(record_case, a_sample_in_the_kernel_says_so);
    tcase_add_test(record_case, a_sample_without_user_registers_or_stack_is_one);
    tcase_add_test(record_case, registers_of_a_32_bit_program_are_not_taken_for_64_bits);
    tcase_add_test(record_case, a_stack_is_not_longer_than_its_room);
    tcase_add_test(record_case, a_mapping_with_its_inode_is_read);
    tcase_add_test(record_case, a_mapping_with_its_build_id_is_read);
    tcase_add_test(record_case, a_build_id_is_not_longer_than_its_room);
    tcase_add_test(record_case, a_mapping_of_an_old_kernel_is_read);
    tcase_add_test(record_case, a_name_and_an_exec_are_told_apart);
    tcase_add_test(record_case, births_and_ends_are_read);
    tcase_add_test(record_case, losses_are_read);
    tcase_add_test(record_case, throttling_is_read_and_what_is_unknown_is_of_no_interest);
    tcase_add_test(record_case, a_record_that_is_too_short_for_what_it_says_is_refused);
    tcase_add_test(record_case, a_stack_that_is_longer_than_the_record_is_refused);
    tcase_add_test(record_case, a_text_without_an_end_is_refused);
    tcase_add_test(record_case, a_mapping_beyond_the_end_of_memory_is_refused);
    tcase_add_test(record_case, a_size_that_no_record_has_is_refused);
    suite_add_tcase(all, record_case);
    tcase_add_checked_fixture(ring_case, set_up, tear_down);
    tcase_add_test(ring_case, records_come_out_of_a_ring_as_they_went_in_wherever_it_wraps);
    tcase_add_test(ring_case, what_is_written_during_a_look_waits_for_the_next);
    tcase_add_test(ring_case, what_can_be_no_record_ends_a_look_and_is_counted);
    suite_add_tcase(all, ring_case);
    return all;
}

int main(void)
{
    return run_suite(suite());
}
