/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The JSON of a verdict's blames, which is two lists: "blame", one element for each function of
 * every benchmark, for programs that want no more than that, and "blame_details", one for each
 * benchmark, with everything else. A reader joins them by the benchmark's name. */
#ifndef RS_FORMAT_BLAME_JSON_H
#define RS_FORMAT_BLAME_JSON_H

#include "format/emit.h"
#include "format/take.h"
#include "model/blame.h"

#define RS_BLAME_MAX_BENCHMARKS 100000
#define RS_BLAME_MAX_FUNCTIONS  1000000 /* of a file */
#define RS_BLAME_MAX_LISTED     100000  /* of each other list of a benchmark */

/* Both lists into the open object; RsBlame. */
void rs_blames_emit(RsEmit *emit, const GPtrArray *blames);

/* Order: rs_blame_reader_new; elements of both lists as they come; rs_blame_reader_finish, once. */
typedef struct RsBlameReader RsBlameReader;

RsBlameReader *rs_blame_reader_new(void);
void rs_blame_reader_free(RsBlameReader *reader);
void rs_blame_reader_function(RsBlameReader *reader, RsTake *take, json_t *element);
void rs_blame_reader_details(RsBlameReader *reader, RsTake *take, json_t *element);
/* Adds what was read to blames: first those without details, then in the details' order. */
void rs_blame_reader_finish(RsBlameReader *reader, GPtrArray *blames);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsBlameReader, rs_blame_reader_free)

#endif
