/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Instructions around return addresses, laid into our own memory. */
#include "capture/unwind/code.h"

#include <check.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/run.h"

static RsModules *modules;
static RsSpaceEntry entry;
static guint8 code[64];

static void set_up(void)
{
    RsMapping anonymous = {.start = 0x1000, .end = 0x2000, .path = ""};

    modules = rs_modules_new();
    entry = (RsSpaceEntry){.start = 0, .end = G_MAXUINT64};
    entry.module = rs_modules_get(modules, getpid(), &anonymous);
    memset(code, 0x90, sizeof code); /* nop */
}

static void tear_down(void)
{
    rs_modules_free(modules);
}

/* Lays the bytes so that they end before the middle, and gives the address behind them. */
static guint64 before(const guint8 *bytes, guint n_bytes)
{
    memset(code, 0x90, sizeof code);
    memcpy(code + 32 - n_bytes, bytes, n_bytes);
    return (guint64)(guintptr)(code + 32);
}

static guint64 from(const guint8 *bytes, guint n_bytes)
{
    memset(code, 0x90, sizeof code);
    memcpy(code + 32, bytes, n_bytes);
    return (guint64)(guintptr)(code + 32);
}

#define BYTES(...) ((const guint8[]){__VA_ARGS__}), sizeof((const guint8[]){__VA_ARGS__})

START_TEST(calls_of_every_form_are_seen)
{
    pid_t pid = getpid();

    if (rs_code_read(&entry, pid, (guint64)(guintptr)code, code, 1) != 1) {
        printf("SKIP: our own memory may not be read\n");
        return;
    }
    /* as an assembler encodes them: call rel32; *%rax; *%r11; *(%rax); *8(%rax); *8(%rsp);
     * *0x100(%rbx); *0x100(%rip); *0x100(,%rax,8); *0x100(%rsp); *(%rsp); *0x10(%r12,%rax,8) */
    ck_assert(rs_code_follows_call(&entry, pid, before(BYTES(0xe8, 1, 2, 3, 4))));
    ck_assert(rs_code_follows_call(&entry, pid, before(BYTES(0xff, 0xd0))));
    ck_assert(rs_code_follows_call(&entry, pid, before(BYTES(0x41, 0xff, 0xd3))));
    ck_assert(rs_code_follows_call(&entry, pid, before(BYTES(0xff, 0x10))));
    ck_assert(rs_code_follows_call(&entry, pid, before(BYTES(0xff, 0x50, 8))));
    ck_assert(rs_code_follows_call(&entry, pid, before(BYTES(0xff, 0x54, 0x24, 8))));
    ck_assert(rs_code_follows_call(&entry, pid, before(BYTES(0xff, 0x93, 0, 1, 0, 0))));
    ck_assert(rs_code_follows_call(&entry, pid, before(BYTES(0xff, 0x15, 0, 1, 0, 0))));
    ck_assert(rs_code_follows_call(&entry, pid, before(BYTES(0xff, 0x14, 0xc5, 0, 1, 0, 0))));
    ck_assert(rs_code_follows_call(&entry, pid, before(BYTES(0xff, 0x94, 0x24, 0, 1, 0, 0))));
    ck_assert(rs_code_follows_call(&entry, pid, before(BYTES(0xff, 0x14, 0x24))));
    ck_assert(rs_code_follows_call(&entry, pid, before(BYTES(0x41, 0xff, 0x54, 0xc4, 0x10))));
}
END_TEST

START_TEST(what_is_no_call_is_not_seen_as_one)
{
    pid_t pid = getpid();

    ck_assert(!rs_code_follows_call(&entry, pid, before(BYTES(0x90))));
    ck_assert(!rs_code_follows_call(&entry, pid, before(BYTES(0xe9, 1, 2, 3, 4)))); /* jmp */
    ck_assert(!rs_code_follows_call(&entry, pid, before(BYTES(0xff, 0xe0))));       /* jmp *%rax */
    ck_assert(!rs_code_follows_call(&entry, pid, before(BYTES(0xff, 0xc0))));       /* inc %eax */
    ck_assert(!rs_code_follows_call(&entry, pid, before(BYTES(0xff, 0x50, 8, 0x90))));
    ck_assert(!rs_code_follows_call(&entry, 0, before(BYTES(0xe8, 1, 2, 3, 4)))); /* unreadable */
}
END_TEST

START_TEST(returns_from_signals_are_told_by_their_instructions)
{
    pid_t pid = getpid();
    guint64 address = from(BYTES(0x48, 0xc7, 0xc0, 15, 0, 0, 0, 0x0f, 0x05));

    ck_assert(rs_code_is_signal_return(&entry, pid, address));
    ck_assert(rs_code_is_signal_return(&entry, pid, address + 7)); /* at the syscall */
    address = from(BYTES(0xb8, 15, 0, 0, 0, 0x0f, 0x05));
    ck_assert(rs_code_is_signal_return(&entry, pid, address));
    ck_assert(rs_code_is_signal_return(&entry, pid, address + 5));
    address = from(BYTES(0xb8, 16, 0, 0, 0, 0x0f, 0x05));
    ck_assert(!rs_code_is_signal_return(&entry, pid, address));
    ck_assert(!rs_code_is_signal_return(&entry, pid, address + 5));
}
END_TEST

START_TEST(a_threads_end_is_told_by_its_instructions)
{
    pid_t pid = getpid();

    /* musl: mov %eax, %edi; xor %eax, %eax; mov $60, %al; syscall */
    ck_assert(rs_code_ends_thread(&entry, pid,
                                  from(BYTES(0x89, 0xc7, 0x31, 0xc0, 0xb0, 60, 0x0f, 0x05))));
    /* glibc: mov %rax, %rdi; mov $60, %eax; syscall */
    ck_assert(rs_code_ends_thread(&entry, pid,
                                  from(BYTES(0x48, 0x89, 0xc7, 0xb8, 60, 0, 0, 0, 0x0f, 0x05))));
    ck_assert(!rs_code_ends_thread(&entry, pid,
                                   from(BYTES(0x48, 0x89, 0xc7, 0xb8, 61, 0, 0, 0, 0x0f, 0x05))));
    ck_assert(!rs_code_ends_thread(&entry, pid, from(BYTES(0x90))));
}
END_TEST

/* clone3 of glibc from its system call on: test %rax, %rax; jl; je; ret; xor %ebp, %ebp; and $-16,
 * %rsp; mov %r8, %rdi; call *%rdx; mov %rax, %rdi; mov $60, %eax; syscall. */
START_TEST(a_threads_begin_is_told_by_its_system_call_and_its_end)
{
    pid_t pid = getpid();
    guint8 clone3[] = {0x0f, 0x05, 0x48, 0x85, 0xc0, 0x7c, 0x18, 0x74, 0x01, 0xc3, 0x31,
                       0xed, 0x48, 0x83, 0xe4, 0xf0, 0x4c, 0x89, 0xc7, 0xff, 0xd2, 0x48,
                       0x89, 0xc7, 0xb8, 60,   0,    0,    0,    0x0f, 0x05};
    guint64 address = from(clone3, sizeof clone3);

    ck_assert(!rs_code_begins_thread(&entry, pid, address));
    ck_assert(!rs_code_begins_thread(&entry, pid, address + 1));
    for (guint i = 2; i <= 10; i++)
        ck_assert(rs_code_begins_thread(&entry, pid, address + i));
    ck_assert(!rs_code_begins_thread(&entry, pid, address + 11));
    ck_assert(!rs_code_begins_thread(&entry, 0, address + 2)); /* unreadable */
    /* clone of musl: test %eax, %eax; jne; xor %ebp, %ebp; pop %rdi; call *%r9; mov %eax, %edi; xor
     * %eax, %eax; mov $60, %al; syscall */
    address = from(BYTES(0x0f, 0x05, 0x85, 0xc0, 0x75, 14, 0x31, 0xed, 0x5f, 0x41, 0xff, 0xd1, 0x89,
                         0xc7, 0x31, 0xc0, 0xb0, 60, 0x0f, 0x05));
    ck_assert(rs_code_begins_thread(&entry, pid, address + 2));
    ck_assert(rs_code_begins_thread(&entry, pid, address + 9)); /* at the call */
    clone3[25] = 61;
    ck_assert(!rs_code_begins_thread(&entry, pid, from(clone3, sizeof clone3) + 2));
    ck_assert(!rs_code_begins_thread(&entry, pid, from(BYTES(0x0f, 0x05, 0xc3)) + 2));
}
END_TEST

START_TEST(a_programs_entry_is_that_of_its_file)
{
    RsElf *elf;

    entry.module = rs_modules_vdso(modules);
    entry.bias = 0x10000;
    elf = rs_module_elf(entry.module);
    if (!elf) {
        printf("SKIP: there is no vdso\n");
        return;
    }
    ck_assert(rs_code_is_entry(&entry, entry.bias + rs_elf_entry(elf)));
    ck_assert(rs_code_is_entry(&entry, entry.bias + rs_elf_entry(elf) + 63));
    ck_assert(!rs_code_is_entry(&entry, entry.bias + rs_elf_entry(elf) + 64));
    ck_assert(!rs_code_is_entry(&entry, entry.bias + rs_elf_entry(elf) - 1));
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("unwind_code");

    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, calls_of_every_form_are_seen);
    tcase_add_test(tcase, what_is_no_call_is_not_seen_as_one);
    tcase_add_test(tcase, returns_from_signals_are_told_by_their_instructions);
    tcase_add_test(tcase, a_threads_end_is_told_by_its_instructions);
    tcase_add_test(tcase, a_threads_begin_is_told_by_its_system_call_and_its_end);
    tcase_add_test(tcase, a_programs_entry_is_that_of_its_file);
    return run_tests("unwind_code", tcase);
}
