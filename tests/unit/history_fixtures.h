/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of the history share: a folder for it, samples that say which they are, and checks
 * that those came back. Include it once in each test program. */
#ifndef RS_TESTS_UNIT_HISTORY_FIXTURES_H
#define RS_TESTS_UNIT_HISTORY_FIXTURES_H

#include <check.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/capture.h"
#include "capture/history.h"

#define START_NS      G_GINT64_CONSTANT(5000000000123)
#define START_REAL_NS G_GINT64_CONSTANT(1700000000000000000)
#define MS            G_GINT64_CONSTANT(1000000)
#define N_DEPTH       12

static RsModules *modules;
static RsModule *program;
static char *folder, *path;

static inline void set_up(void)
{
    g_autofree char *exe = g_file_read_link("/proc/self/exe", NULL);
    RsMapping mapping = {.start = 0x400000, .end = 0x500000, .path = exe};
    struct stat status;

    ck_assert_int_eq(stat("/proc/self/exe", &status), 0);
    mapping.device_major = (guint32)(status.st_dev >> 8 & 0xfff);
    mapping.device_minor = (guint32)(status.st_dev & 0xff);
    mapping.inode = status.st_ino;
    modules = rs_modules_new();
    program = rs_modules_get(modules, getpid(), &mapping);
    folder = g_dir_make_tmp("history.XXXXXX", NULL);
    path = g_build_filename(folder, "buffer", NULL);
}

static inline void tear_down(void)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);

    for (const char *name; (name = g_dir_read_name(dir));) {
        g_autofree char *child = g_build_filename(folder, name, NULL);

        g_unlink(child);
    }
    g_rmdir(folder);
    g_free(folder);
    g_free(path);
    rs_modules_free(modules);
}

static inline RsHistory *create(gsize n_bytes, double retention_s)
{
    g_autoptr(GError) error = NULL;
    RsHistory *history =
        rs_history_create(path, n_bytes, retention_s, START_NS, START_REAL_NS, &error);

    ck_assert_msg(history != NULL, "%s", error ? error->message : "");
    return history;
}

static inline RsProfile *read_back(gint64 last_ns, RsHistoryFacts *facts)
{
    g_autoptr(GError) error = NULL;
    RsProfile *profile = rs_history_read(path, last_ns, facts, &error);

    ck_assert_msg(profile != NULL, "%s", error ? error->message : "");
    return profile;
}

/* Stack number i: different ones share their outer frames. Innermost first. */
static inline guint stack_of(guint i, RsRawFrame *frames)
{
    for (guint k = 0; k < N_DEPTH; k++) {
        guint64 address = 0x1000 + 64 * k + (k >= 8 ? i % 7 : 0) * 4096 + (k == 11 ? i : 0) * 16;
        RsModule *module = k == 0   ? rs_modules_vdso(modules)
                           : k == 5 ? rs_modules_kernel(modules)
                                    : program;

        frames[N_DEPTH - 1 - k] =
            (RsRawFrame){.module = rs_module_id(module),
                         .address = k == 5 ? G_GUINT64_CONSTANT(0xffffffff81000000) + i : address};
    }
    return N_DEPTH;
}

/* Sample number i: its time, and its weight says which it is. */
static inline void write_sample(RsHistory *history, guint64 i, gint64 time_ns)
{
    RsRawFrame frames[N_DEPTH];
    guint n_frames = stack_of((guint)(i % 97), frames);
    RsRingEntry entry = {.time_ns = time_ns,
                         .stack_id = (guint32)(i % 97),
                         .thread_id = (guint32)(100 + i % 20),
                         .process_id = 100,
                         .flags = i % 10 == 3 ? RS_STACK_NO_RULE | RS_ENTRY_LATE : 0,
                         .weight_ns = i + 1};

    rs_history_sample(history, modules, &entry, 1, frames, n_frames, "worker");
}

static inline gint64 time_of(guint64 i)
{
    return START_NS + 10 * MS + (gint64)i * 2 * MS + (gint64)(i % 5) * 1000;
}

static inline void write_samples(RsHistory *history, guint64 from, guint64 n)
{
    for (guint64 i = from; i < from + n; i++)
        write_sample(history, i, time_of(i));
}

/* The checks of samples are no assertions of their own: there are millions of them. */
static inline gboolean is_frame(const RsProfile *profile, guint32 i, const RsRawFrame *wanted)
{
    const RsProfileFrame *frame = &g_array_index(profile->frames, RsProfileFrame, i);
    const RsProfileModule *module = g_ptr_array_index(profile->modules, frame->module);
    RsModule *from = rs_modules_by_id(modules, wanted->module);

    return frame->address == wanted->address && module->kind == rs_module_kind(from) &&
           module->n_bytes == rs_module_n_bytes(from) &&
           g_str_equal(module->path, rs_module_path(from)) &&
           g_strcmp0(module->build_id, rs_module_build_id(from)) == 0;
}

static inline gboolean is_stack(const RsProfile *profile, gint32 stack, guint i)
{
    RsRawFrame frames[N_DEPTH];
    guint n_frames = stack_of(i, frames);

    for (guint k = 0; k < n_frames; k++) {
        const RsProfileStack *node;

        if (stack < 0)
            return FALSE;
        node = &g_array_index(profile->stacks, RsProfileStack, stack);
        if (!is_frame(profile, node->frame, &frames[k]))
            return FALSE;
        stack = node->parent;
    }
    return stack == RS_STACK_NONE;
}

static inline guint64 number_of(const RsProfile *profile, guint i)
{
    return (guint64)g_array_index(profile->samples, RsProfileSample, i).weight_ns - 1;
}

/* Sample i of the profile is what write_sample wrote as the one of its number. */
static inline gboolean is_sample(const RsProfile *profile, guint i)
{
    const RsProfileSample *sample = &g_array_index(profile->samples, RsProfileSample, i);
    const RsProfileThread *thread =
        &g_array_index(profile->threads, RsProfileThread, sample->thread);
    guint64 number = number_of(profile, i);

    return sample->at_ns == time_of(number) - START_NS && thread->process_id == 100 &&
           thread->thread_id == (gint32)(100 + number % 20) &&
           g_strcmp0(thread->name, "worker") == 0 &&
           sample->end == (number % 10 == 3 ? RS_STACK_NO_RULE : RS_STACK_COMPLETE) &&
           sample->is_late == (number % 10 == 3) &&
           is_stack(profile, sample->stack, (guint)(number % 97));
}

static inline void check_each(const RsProfile *profile, guint step)
{
    for (guint i = 0; i < profile->samples->len; i += step)
        if (!is_sample(profile, i))
            ck_abort_msg("sample %u of %u is not what was written", i, profile->samples->len);
}

static inline void check_all(const RsProfile *profile)
{
    check_each(profile, 1);
}

/* All samples from some number on, up to (not with) end. */
static inline void check_run(const RsProfile *profile, guint64 end)
{
    guint n = profile->samples->len;

    ck_assert_uint_gt(n, 0);
    for (guint i = 0; i < n; i++)
        if (number_of(profile, i) != end - n + i)
            ck_abort_msg("sample %u of %u is number %" G_GUINT64_FORMAT ", not %" G_GUINT64_FORMAT,
                         i, n, number_of(profile, i), end - n + i);
    check_all(profile);
}

#endif
