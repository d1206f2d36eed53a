/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The files that code comes from, pinned at first sight: opened and mapped while the process is
 * there, so that its samples can be unwound and named when it is gone. One module for one file,
 * whatever processes map it; never removed, so ids and pointers stay. Must not know samples.
 *
 * Any thread: a module and what its functions give are safe to read from every thread that got the
 * id or the pointer through the ring or another release/acquire pair; making modules and tables
 * takes a lock. */
#ifndef RS_CAPTURE_MODULE_H
#define RS_CAPTURE_MODULE_H

#include <glib.h>
#include <sys/types.h>

#include "capture/unwind/table.h"
#include "elf/elf_file.h"
#include "model/profile.h"

/* A mapping of executable memory, as the kernel tells it. */
typedef struct {
    guint64 start, end, file_offset;
    guint32 device_major, device_minor;
    guint64 inode;       /* 0: no file */
    guint8 build_id[20]; /* n_build_id_bytes of it; 0: not told */
    guint n_build_id_bytes;
    const char *path; /* "" or "//anon": no file; " (deleted)" at its end as the kernel has it */
} RsMapping;

typedef struct RsModule RsModule;
typedef struct RsModules RsModules;

/* The ids of these two. */
enum { RS_MODULE_ID_KERNEL, RS_MODULE_ID_UNKNOWN };

RsModules *rs_modules_new(void);
void rs_modules_free(RsModules *modules);

/* The module of a mapping of process pid, pinned now: through /proc/PID/map_files, /proc/PID/exe or
 * /proc/PID/root/PATH, else PATH, and checked by device and inode or build-id, so that another file
 * of that name is not taken for it. A file that cannot be had is a module without an ELF. Never
 * NULL: when there are too many, the unknown module. */
RsModule *rs_modules_get(RsModules *modules, pid_t pid, const RsMapping *mapping);
RsModule *rs_modules_kernel(RsModules *modules);
RsModule *rs_modules_unknown(RsModules *modules);
RsModule *rs_modules_vdso(RsModules *modules);
/* id < rs_modules_n. */
RsModule *rs_modules_by_id(RsModules *modules, guint32 id);
guint32 rs_modules_n(RsModules *modules);

guint32 rs_module_id(const RsModule *module);
RsModuleKind rs_module_kind(const RsModule *module);
const char *rs_module_path(const RsModule *module);
const char *rs_module_build_id(const RsModule *module); /* NULL: none */
gint64 rs_module_n_bytes(const RsModule *module);       /* -1: not told */
RsElf *rs_module_elf(RsModule *module);                 /* NULL: it could not be had */
/* Compiled at the first call; NULL: no ELF or no unwind information. */
const RsUnwindTable *rs_module_table(RsModule *module);

#endif
