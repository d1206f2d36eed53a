/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Launches of measured programs, from a small process of their own.
 *
 * The launcher is forked off early, while this process is small, for three reasons: the kernel's
 * max RSS of a child starts at that of the process it was spawned from; as a child subreaper it
 * sees every descendant, so nothing that a trial leaves behind outlives it; and when this process
 * dies, even by SIGKILL, the launcher notices and ends the trial. Order: rs_launcher_new before
 * large allocations, then any number of rs_launcher_run, then rs_launcher_free. */
#ifndef RS_TRIAL_LAUNCHER_H
#define RS_TRIAL_LAUNCHER_H

#include <glib.h>

#define RS_LAUNCHER_TAIL_BYTES 8192

#define RS_LAUNCHER_ERROR (rs_launcher_error_quark())
GQuark rs_launcher_error_quark(void);
typedef enum {
    RS_LAUNCHER_ERROR_FAILED,      /* a command that everything else needs did not succeed */
    RS_LAUNCHER_ERROR_GONE,        /* the launcher process died or cannot be talked to */
    RS_LAUNCHER_ERROR_INTERRUPTED, /* *stop became non-zero; the trial was ended */
} RsLauncherError;

typedef struct {
    const char *path;              /* the file to execute */
    char **argv, **environment;    /* NULL-ended; padding is added to the environment */
    const char *working_directory; /* NULL: ours */
    const char *stdin_path;        /* NULL: /dev/null */
    guint n_launches;              /* one after the other; the figures are sums */
    guint padding_bytes;           /* of an environment variable of this length */
    double timeout_s;              /* of each launch; 0: none */
    gboolean show_output;          /* to our stderr, instead of being kept */
    const char *output_path;       /* a file or pipe that takes the output instead; NULL: none */
    const int *exit_codes;         /* statuses that count as success; other ones end the launches */
    guint n_exit_codes;
} RsLaunch;

typedef struct {
    gint64 wall_ns, user_ns, system_ns; /* sums over the launches */
    gint64 max_rss_bytes;               /* largest */
    gint64 minor_faults, major_faults, voluntary_switches, involuntary_switches;
    guint n_launches; /* ended, the failing one included */
    gboolean succeeded;
    gboolean timed_out;
    int exit_status;     /* of the last launch; -1: ended by a signal */
    int signal_number;   /* 0: none */
    int start_errno;     /* 0: it was started; else why not */
    guint n_left_behind; /* descendants that were still there afterwards and were killed */
    guint n_output_tail_bytes;
    char output_tail[RS_LAUNCHER_TAIL_BYTES]; /* last bytes of stdout and stderr, as printed */
} RsLaunchResult;

typedef struct RsLauncher RsLauncher;

RsLauncher *rs_launcher_new(GError **error);
void rs_launcher_free(RsLauncher *launcher);
/* For counters that follow its children. */
int rs_launcher_pid(const RsLauncher *launcher);

/* Runs the launches. stop (may be NULL): when it becomes non-zero, by a signal handler, the trial
 * is ended. A program that fails is a result, not an error. Errors RS_LAUNCHER_ERROR. */
gboolean rs_launcher_run(RsLauncher *launcher, const RsLaunch *launch, const volatile int *stop,
                         RsLaunchResult *result, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsLauncher, rs_launcher_free)

#endif
