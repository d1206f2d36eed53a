/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What code a process has at which address, and the processes that are being sampled. Samplers tell
 * what the kernel told them (mapped, executed, forked, ended), or ask for /proc/PID/maps to be
 * read. Owned by one thread. Must not know how samples are taken. */
#ifndef RS_CAPTURE_SPACE_H
#define RS_CAPTURE_SPACE_H

#include <glib.h>
#include <sys/types.h>

#include "capture/module.h"
#include "capture/tasks.h"

/* Executable memory from start to end; address - start + file_offset is an offset in the module's
 * file, and address - bias its vaddr. */
typedef struct {
    guint64 start, end, file_offset;
    guint64 bias; /* of modules with an ELF; else 0: addresses are the process's own */
    RsModule *module;
    const RsUnwindTable *table; /* NULL until it was asked for; see table_asked */
    gboolean table_asked;
} RsSpaceEntry;

typedef struct RsSpace RsSpace; /* of one process */

/* The entry around an address; NULL: no known code. Valid until the space changes. */
RsSpaceEntry *rs_space_find(RsSpace *space, guint64 address);
pid_t rs_space_pid(const RsSpace *space);
gboolean rs_space_has_ended(const RsSpace *space);
/* Grows whenever mappings change: for caches. */
guint64 rs_space_generation(const RsSpace *space);
/* The entries, sorted by start. */
const RsSpaceEntry *rs_space_entries(const RsSpace *space, guint *n_entries);
/* For the slow unwinder's per-space state: freed with the space. */
gpointer rs_space_slow_state(RsSpace *space);
void rs_space_set_slow_state(RsSpace *space, gpointer state, GDestroyNotify destroy);

typedef struct RsSpaces RsSpaces;

RsSpaces *rs_spaces_new(RsModules *modules, RsTasks *tasks);
void rs_spaces_free(RsSpaces *spaces);
/* NULL: not known. A process that ended stays known until its id is used again. */
RsSpace *rs_spaces_find(RsSpaces *spaces, pid_t pid);
/* Reads /proc/PID/maps; what was known is replaced. FALSE: it cannot be read, or not as a
 * whole (the process is gone), and what was known stays. */
gboolean rs_spaces_load(RsSpaces *spaces, pid_t pid);
void rs_spaces_map(RsSpaces *spaces, pid_t pid, const RsMapping *mapping);
void rs_spaces_exec(RsSpaces *spaces, pid_t pid);                 /* all mappings are gone */
void rs_spaces_fork(RsSpaces *spaces, pid_t parent, pid_t child); /* the child has the same */
void rs_spaces_exit(RsSpaces *spaces, pid_t pid);

/* For an address that no entry has: loads /proc/PID/maps again, at most a few times a second for
 * each process, and looks again. */
RsSpaceEntry *rs_spaces_find_late(RsSpaces *spaces, RsSpace *space, guint64 address);

#endif
