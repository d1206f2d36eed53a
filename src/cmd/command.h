/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The commands: a row each; main looks here, and so do --help, the manual page and the completions.
 */
#ifndef RS_CMD_COMMAND_H
#define RS_CMD_COMMAND_H

#include "cmd/opt.h"

/* Exit statuses: an interface. */
enum {
    RS_EXIT_PASSED = 0,
    RS_EXIT_FAILED = 1,
    RS_EXIT_USAGE = 2,
    RS_EXIT_CANNOT = 3,
    RS_EXIT_NO_BASELINE = 4,
    RS_EXIT_NOT_POSTED = 5,
    RS_EXIT_UNDECIDED = 6,
    RS_EXIT_INTERNAL = 70,
    RS_EXIT_SIGNAL = 128, /* + the signal's number */
};

struct RsCommandRow {
    const char *name, *operands, *summary;
    const char *description; /* paragraphs for --help and the manual */
    const RsOpt *opts;       /* ended by a row without a name */
    gsize n_values_bytes;    /* of the struct that begins with RsOptBase */
    gboolean hidden;         /* not listed: our own helpers */
    gboolean takes_command;  /* "-- CMD ARGS..." */
    /* Options may come as variables of the environment as well; these are other names that such a
     * variable may have, ended by NULL; NULL: they may not. See cmd/inputs.h. */
    const char *const *inputs;
    /* Options that are known, but not to this version: name and what to say. Ended by a row of
     * NULL; NULL: none. */
    const char *const (*later)[2];
    int (*run)(gpointer values);
};

extern const RsCommandRow rs_command_bench_run, rs_command_compare, rs_command_report,
    rs_command_ci, rs_command_merge, rs_command_calibrate, rs_command_selftest, rs_command_record,
    rs_command_view, rs_command_recover, rs_command_doctor, rs_command_help, rs_command_classic,
    rs_command_slowed;

/* Ended by NULL. */
extern const RsCommandRow *const rs_commands[];

const RsCommandRow *rs_command_find(const char *name);

/* Parses argv (without the command's name), runs, clears. Returns the exit status. */
int rs_command_run(const RsCommandRow *row, char **argv);

/* "rustscope: message" on stderr, harmless whatever the message holds; returns status. */
int rs_complain(int status, const char *format, ...) G_GNUC_PRINTF(2, 3);
void rs_warn(const char *format, ...) G_GNUC_PRINTF(1, 2);

#endif
