/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a verdict says in words: the sentences that all formats share. A format decides with
 * RsWordsMarkup how foreign names and prose look in it. All results are yours. */
#ifndef RS_REPORT_WORDS_H
#define RS_REPORT_WORDS_H

#include <glib.h>

#include "model/verdict.h"

/* How foreign text is written inside a sentence. */
typedef struct {
    char *(*name)(const char *name);
    char *(*prose)(const char *text, gsize max_chars);
    const char *strong; /* written before and after what matters most; "" for nothing */
    const char *next;   /* between sentences of different subjects: a blank, or a new paragraph */
    /* Where a function is written, as a link where there is one; NULL: not known. */
    char *(*place)(const RsVerdict *verdict, const RsBlamed *blamed);
} RsWordsMarkup;

extern const RsWordsMarkup rs_words_plain, rs_words_markdown;

/* What every report of files measured apart says. */
extern const char rs_words_unpaired[];

/* "the gate fails from +20 %", or that it never fails and what it would have said. */
char *rs_words_bound(const RsVerdict *verdict);
/* "undecided", "a missing baseline": what fails the job where the gate does not, because the caller
 * wants it so. NULL: nothing does. */
const char *rs_words_fails_here(const RsGateResult *gate);
/* "rustscope: 1 critical regression – gate failed (the gate fails from +20 %)"; own words only,
 * nothing to escape. */
char *rs_words_headline(const RsVerdict *verdict);
/* Why it came out so: the worst row's sentence or the gate's own; never empty. */
char *rs_words_why(const RsVerdict *verdict, const RsWordsMarkup *markup);
/* One sentence on one row: what it is, how sure, against which bound. */
char *rs_words_row(const RsRow *row, const RsWordsMarkup *markup);
/* The same, and of a regression the function that is to blame for most of it. */
char *rs_words_row_and_blame(const RsVerdict *verdict, const RsRow *row,
                             const RsWordsMarkup *markup);
/* One on a program, build or hook that failed, without what it printed. */
char *rs_words_failure(const RsVerdictFailure *failure, const RsWordsMarkup *markup);
/* How it was measured: sentences (char*), in reading order. */
GPtrArray *rs_words_method(const RsVerdict *verdict, const RsWordsMarkup *markup);

/* A word or two for a table: "critical", "improved", "no baseline". */
const char *rs_words_label(const RsRow *row);
/* "+21.0 … +25.9 %"; "n/a" without an interval. */
char *rs_words_interval(const RsRow *row);
/* At most four digits that count, no trailing zeros: "20", "7.5". */
char *rs_words_number(double value);
/* "0.0123", "< 0.0001", "n/a". */
char *rs_words_p_value(double p);
/* The revision that people know the current side by: the head of the change, or else what was
 * checked out; NULL when not told. */
char *rs_words_current(const RsVerdict *verdict);
/* "9f3c1ab" or "9f3c1ab with uncommitted changes", plain; NULL when not told. */
char *rs_words_revision(const RsRevision *revision);

#endif
