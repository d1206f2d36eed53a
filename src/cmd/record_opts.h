/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is to be recorded, from the command line: shared by record and the RustScope spellings
 * without a subcommand. */
#ifndef RS_CMD_RECORD_OPTS_H
#define RS_CMD_RECORD_OPTS_H

#include "capture/capture.h"
#include "cmd/names.h"
#include "cmd/opt.h"

#define RS_RECORD_DEFAULT_OUTPUT "rustscope-session.json"

typedef enum { RS_LIVE_AUTO, RS_LIVE_ON, RS_LIVE_OFF } RsLive;
extern const char *const rs_live_names[]; /* "auto", "on", "off", NULL */

typedef struct {
    gint64 pid; /* -1: not given */
    char *name, *output_path, *event, *buffer_path;
    double duration_s, sample_rate_hz, interval_s, last_s, retention_minutes;
    double snapshot_interval_ms, correlation_padding_ms;
    int sampler; /* RsSamplerChoice */
    int live;    /* RsLive */
    guint n_stack_bytes, buffer_mb;
    gboolean continuous, enable_snapshots, quiet, verbose;
    RsNamesOpts names;
} RsRecordOpts;

/* Rows of a command's table; TYPE has a member `record` of RsRecordOpts. clang-format would give
 * each word a line of its own. */
/* clang-format off */
#define RS_RECORD_OPT_ROWS(TYPE)                                                                   \
    {"pid", 'p', RS_OPT_INTEGER, offsetof(TYPE, record.pid), NULL, "PID",                          \
     "the running process to record, with its threads", NULL},                                     \
    {"name", 0, RS_OPT_TEXT, offsetof(TYPE, record.name), NULL, "NAME",                            \
     "the newest process of this name; beside --pid: what it is called", NULL},                    \
    {"duration", 'd', RS_OPT_DURATION, offsetof(TYPE, record.duration_s), NULL, "TIME",            \
     "end after this time (a number alone is seconds); a command that was started goes on", NULL}, \
    {"sample-rate", 'r', RS_OPT_REAL, offsetof(TYPE, record.sample_rate_hz), "99", "HZ",           \
     "samples for each second of CPU time; 0: none", NULL},                                        \
    {"sampler", 0, RS_OPT_WORD, offsetof(TYPE, record.sampler), "auto", "NAME",                    \
     "how samples are taken; auto takes the first that is permitted", rs_sampler_choice_names},    \
    {"event", 'e', RS_OPT_TEXT, offsetof(TYPE, record.event), NULL, "EVENT",                       \
     "what is sampled (else cpu-clock): cpu-clock, task-clock, cycles, instructions", NULL},       \
    {"stack-size", 0, RS_OPT_COUNT, offsetof(TYPE, record.n_stack_bytes), NULL, "BYTES",           \
     "bytes copied of each stack, at most 65528 (else chosen by the sampler)", NULL},              \
    {"interval", 0, RS_OPT_DURATION, offsetof(TYPE, record.interval_s), NULL, "TIME",              \
     "time between two looks at CPU use, memory, threads (else 100ms; 1s with --continuous)",      \
     NULL},                                                                                        \
    {"output", 'o', RS_OPT_FILE, offsetof(TYPE, record.output_path), RS_RECORD_DEFAULT_OUTPUT,     \
     "FILE", "the session file to write", NULL},                                                   \
    {"last", 0, RS_OPT_DURATION, offsetof(TYPE, record.last_s), NULL, "TIME",                      \
     "write only that much before the end", NULL},                                                 \
    {"continuous", 0, RS_OPT_FLAG, offsetof(TYPE, record.continuous), NULL, NULL,                  \
     "record until stopped and keep the last minutes in a buffer file", NULL},                     \
    {"retention-minutes", 0, RS_OPT_REAL, offsetof(TYPE, record.retention_minutes), "60",          \
     "MINUTES", "what the buffer keeps, as far as there is room in it", NULL},                     \
    {"buffer-mb", 0, RS_OPT_COUNT, offsetof(TYPE, record.buffer_mb), "8", "MB",                    \
     "size of the buffer file", NULL},                                                             \
    {"buffer", 0, RS_OPT_FILE, offsetof(TYPE, record.buffer_path), NULL, "FILE",                   \
     "the buffer file (else rustscope-PID.buffer here, or where files of this user may be)",       \
     NULL},                                                                                        \
    {"enable-snapshots", 0, RS_OPT_FLAG, offsetof(TYPE, record.enable_snapshots), NULL, NULL,      \
     "add the hottest functions of each --snapshot-interval to the session", NULL},                \
    {"snapshot-interval", 0, RS_OPT_REAL, offsetof(TYPE, record.snapshot_interval_ms), "1000",     \
     "MS", "milliseconds of one snapshot", NULL},                                                  \
    {"correlation-padding-ms", 0, RS_OPT_REAL, offsetof(TYPE, record.correlation_padding_ms),      \
     "0", "MS", "milliseconds that a snapshot looks back and ahead besides", NULL},                \
    {"live", 0, RS_OPT_WORD, offsetof(TYPE, record.live), "auto", "WHEN",                          \
     "the status at the bottom of the terminal; auto: when stderr is one, and not in CI",          \
     rs_live_names},                                                                               \
    {"quiet", 'q', RS_OPT_FLAG, offsetof(TYPE, record.quiet), NULL, NULL,                          \
     "only warnings and errors", NULL},                                                            \
    {"verbose", 'v', RS_OPT_FLAG, offsetof(TYPE, record.verbose), NULL, NULL,                      \
     "events as they come, and more at the end", NULL},                                            \
    RS_NAMES_OPT_ROWS(TYPE, record.names)
/* clang-format on */

/* Checks and records. rows and base: for which options were given. Returns the exit status. */
int rs_record(const RsRecordOpts *opts, const RsOpt *rows, const RsOptBase *base);

#endif
