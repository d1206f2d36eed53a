/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of trials share: a folder of their own, and files in it. */
#ifndef RS_TESTS_UNIT_TRIAL_FIXTURES_H
#define RS_TESTS_UNIT_TRIAL_FIXTURES_H

#include <check.h>
#include <errno.h>
#include <ftw.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED TRUE
#else
#define SANITIZED FALSE
#endif

#define ck_assert_no_error(error)                                                                  \
    ck_assert_msg(!(error), "unexpected error: %s", (error) ? (error)->message : "")

static char *folder; /* of the running test; its own process, so a static is enough */

static inline int remove_entry(const char *path, const struct stat *status, int kind,
                               struct FTW *where)
{
    return remove(path);
}

static inline void enter_folder(void)
{
    folder = g_dir_make_tmp("rs-test-XXXXXX", NULL);
    ck_assert(folder != NULL);
}

static inline void leave_folder(void)
{
    nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    g_clear_pointer(&folder, g_free);
}

static inline char *in_folder(const char *name)
{
    return g_build_filename(folder, name, NULL);
}

static inline void write_file(const char *name, const char *text)
{
    g_autofree char *path = in_folder(name);

    ck_assert(g_file_set_contents(path, text, -1, NULL));
}

/* NULL when it is not there; yours. */
static inline char *read_file(const char *name)
{
    g_autofree char *path = in_folder(name);
    char *text = NULL;

    g_file_get_contents(path, &text, NULL, NULL);
    return text;
}

/* The number that a file holds, once it is there; 0 when it does not come within 10 s. */
static inline int wait_for_number(const char *name)
{
    for (guint i = 0; i < 1000; i++) {
        g_autofree char *text = read_file(name);

        if (text && strchr(text, '\n'))
            return atoi(text);
        g_usleep(10000);
    }
    return 0;
}

static inline gboolean is_gone_within_s(pid_t pid, guint seconds)
{
    for (guint i = 0; i < seconds * 100; i++) {
        if (kill(pid, 0) != 0 && errno == ESRCH)
            return TRUE;
        g_usleep(10000);
    }
    return FALSE;
}

#endif
