/* SPDX-License-Identifier: GPL-3.0-or-later */
/* record: its options and its help. */
#include "cmd/command.h"
#include "cmd/record_opts.h"

typedef struct {
    RsOptBase base;
    RsRecordOpts record;
} Values;

static const RsOpt opts[] = {
    RS_RECORD_OPT_ROWS(Values),
    {0},
};

static int run_record(gpointer data)
{
    const Values *values = data;

    return rs_record(&values->record, opts, &values->base);
}

const RsCommandRow rs_command_record = {
    .name = "record",
    .operands = "[--pid PID | --name NAME | -- CMD ARGS...]",
    .summary = "Profile a process or a command into a session file.",
    .description =
        "Samples the stacks of all threads, and of children that are born meanwhile, looks at CPU "
        "use, memory,\nthreads, files and I/O, at events in them, and at threads that wait for "
        "locks. Nothing has to be changed in the\nprogram, and no privileges are needed for "
        "processes of one's own (see rustscope doctor).\n\n"
        "It ends when the target ends, after --duration, with q, or with Ctrl-C (SIGINT, SIGTERM, "
        "SIGHUP); the session is\nwritten each time, and the exit status is 0. A second signal "
        "gives up. How a command ended is told and stored, and\ndoes not matter to the exit "
        "status; one that cannot be started is exit status 3.\n"
        "A command has the terminal as usual, and Ctrl-C reaches it; signals that are sent to "
        "rustscope alone are passed on.\nNothing is ever killed: after --duration or q the "
        "process goes on unobserved.\n\n"
        "On a terminal the lowest lines show how it goes. Keys, unless they are the command's: q "
        "stops, c clears peaks and\nevents, s writes a numbered session now, f freezes the status "
        "and lets it go on.\n\n"
        "SIGUSR1 writes a numbered session beside --output (app-000001.json beside app.json), "
        "SIGUSR2 forgets what was\nrecorded so far. With --continuous that is kept in a buffer "
        "file of fixed size, which outlives rustscope\n(rustscope recover); with --name as well, a "
        "process that ended is waited for to come back.\n\n"
        "Examples:\n"
        "  rustscope record -o app.json -- ./app input.txt\n"
        "  rustscope record --pid 12345 --duration 30\n"
        "  rustscope record --name api --continuous --retention-minutes 60 --buffer-mb 8",
    .opts = opts,
    .n_values_bytes = sizeof(Values),
    .takes_command = TRUE,
    .run = run_record,
};
