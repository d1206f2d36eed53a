/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names for what was sampled: the options of naming, and a symbolizer that is fed with the files
 * that a capture pinned. Shared by all commands that make or read sessions. */
#ifndef RS_CMD_NAMES_H
#define RS_CMD_NAMES_H

#include "capture/module.h"
#include "cmd/opt.h"
#include "model/session.h"

typedef struct {
    char **symbol_folders;
    gboolean debuginfod, no_symbols, no_inlines;
} RsNamesOpts;

/* Rows of a command's table; TYPE has a member MEMBER of RsNamesOpts. */
/* clang-format off */
#define RS_NAMES_OPT_ROWS(TYPE, MEMBER)                                                            \
    {"symbols", 0, RS_OPT_TEXTS, offsetof(TYPE, MEMBER.symbol_folders), NULL, "DIR",               \
     "look here first for files with symbols and debug information", NULL},                        \
    {"debuginfod", 0, RS_OPT_FLAG, offsetof(TYPE, MEMBER.debuginfod), NULL, NULL,                  \
     "download missing debug information from the servers of DEBUGINFOD_URLS", NULL},              \
    {"no-inlines", 0, RS_OPT_FLAG, offsetof(TYPE, MEMBER.no_inlines), NULL, NULL,                  \
     "names from symbol tables alone, without inlined functions and lines", NULL},                 \
    {"no-symbols", 0, RS_OPT_FLAG, offsetof(TYPE, MEMBER.no_symbols), NULL, NULL,                  \
     "addresses only; whoever reads the file may name them", NULL}
/* clang-format on */

typedef struct RsNames RsNames;

/* opts and modules are borrowed; modules NULL: files are looked for at their paths. */
RsNames *rs_names_new(const RsNamesOpts *opts, RsModules *modules);
void rs_names_free(RsNames *names);
/* Files are looked for in the root folder of this process, and a JIT compiler's map as well. */
void rs_names_set_process(RsNames *names, pid_t pid);

/* Gives what was sampled in the session its functions, lines and files of the repository; says how
 * far it is on a terminal when it takes long. Frames that have lines keep them; the functions'
 * times are summed when the session is written. Nothing happens with --no-symbols. */
void rs_names_session(RsNames *names, RsSession *session);
/* The function around an address, borrowed; NULL: it has none. For live lists: cheap. start: where
 * it begins; unchanged without a name. */
const char *rs_names_of(RsNames *names, RsModule *module, guint64 address, guint64 *start);

/* Sums the times of the functions and tells those with the most of their own, on stderr. */
void rs_names_tell_top(RsSession *session, guint n_max);

/* Names what a session that was read holds, when it has stacks and not one name: of a run that was
 * killed, or written without symbols. */
void rs_names_complete(const RsNamesOpts *opts, RsSession *session);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsNames, rs_names_free)

#endif
