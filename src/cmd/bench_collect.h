/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Carries out a plan for a command: journal, progress, names of what was sampled, the session file.
 */
#ifndef RS_CMD_BENCH_COLLECT_H
#define RS_CMD_BENCH_COLLECT_H

#include "cmd/names.h"
#include "trial/collect.h"
#include "trial/worktrees.h"

typedef struct {
    const char *output_path; /* of the session; its journal lies beside it */
    const RsNamesOpts *names;
    char **pass_environment;
    RsWorktrees *trees; /* that both sides run in; NULL: none */
    gboolean show_output, allow_undecided, measure_identical, quiet;
    gboolean tell_next; /* say which command goes on with the file */
} RsBenchCollect;

/* From here on SIGINT, SIGTERM and SIGHUP end what is collected: the signal's number, 0 before. */
const volatile int *rs_bench_catch_signals(void);

/* The journal's path, yours. */
char *rs_bench_journal_path(const char *output_path);

/* Measures, writes the session file, tells how it ended. Returns the exit status; that a program of
 * the current side failed is RS_EXIT_CANNOT, and the session has why. */
int rs_bench_collect(const RsBenchCollect *what, const RsPlan *plan, RsSession *session,
                     RsLauncher *launcher);

#endif
