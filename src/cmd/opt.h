/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Option tables: a row is parser, default, --help, manual page and shell completion at once.
 * GOption does the parsing. */
#ifndef RS_CMD_OPT_H
#define RS_CMD_OPT_H

#include <glib.h>

typedef enum {
    RS_OPT_FLAG,     /* gboolean */
    RS_OPT_TEXT,     /* char*, freed by rs_opt_clear; NULL when not given and without default */
    RS_OPT_FILE,     /* the same; completed as a file name */
    RS_OPT_TEXTS,    /* char**, given any number of times */
    RS_OPT_LIST,     /* char**, comma-separated, given any number of times */
    RS_OPT_COUNT,    /* guint */
    RS_OPT_REAL,     /* double, finite */
    RS_OPT_DURATION, /* double, seconds */
    RS_OPT_INTEGER,  /* gint64, >= 0; -1 when not given and without default */
    RS_OPT_WORD,     /* int, index into words */
} RsOptKind;

typedef struct {
    const char *name;
    char short_name; /* 0: none */
    RsOptKind kind;
    gsize offset;             /* of the value in the command's struct */
    const char *default_text; /* NULL: none */
    const char *argument;     /* "PCT"; NULL for flags */
    const char *help;
    const char *const *words; /* of RS_OPT_WORD */
} RsOpt;

#define RS_OPT_MAX_ROWS 128

/* First member of every command's struct. */
typedef struct {
    guint64 given[RS_OPT_MAX_ROWS / 64]; /* bit i: row i was on the command line, or an input */
    char **operands;                     /* what is no option, before "--" */
    char **command;                      /* behind "--"; NULL when there was none */
    gboolean help;                       /* --help was asked for and printed */
} RsOptBase;

typedef struct RsCommandRow RsCommandRow;

/* Fills values (zeroed by the caller) with defaults, inputs (where the row takes them, see
 * cmd/inputs.h) and argv, each over those before. Prints --help to stdout.
 * Errors G_OPTION_ERROR, in words that say what to do. */
gboolean rs_opt_parse(const RsCommandRow *row, char **argv, gpointer values, GError **error);
void rs_opt_clear(const RsOpt *opts, gpointer values);
/* Whether the row of that name was on the command line. */
gboolean rs_opt_given(const RsOpt *opts, const RsOptBase *base, const char *name);
gboolean rs_opt_is_given(const RsOptBase *base, guint row);
/* Sets the value of a row as if it had been on the command line; of texts and lists a line each. A
 * flag takes true or false. */
gboolean rs_opt_set(const RsOpt *opts, gpointer values, const RsOpt *opt, const char *value,
                    GError **error);
/* The help of a row with its default and its words, yours. */
char *rs_opt_describe(const RsOpt *opt);

#endif
