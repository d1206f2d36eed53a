/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An ELF file as bytes that stay: mapped while it is there, readable after it was deleted (and, cut
 * short by someone else, with zeros where there is nothing left: see file_map.h). Knows
 * segments, sections and build-ids; must not know processes, symbols or unwinding. Everything in
 * the file is untrusted: offsets and sizes are checked before use, and a section that lies outside
 * of the file does not exist. All questions may be asked by several threads at once. */
#ifndef RS_ELF_ELF_FILE_H
#define RS_ELF_ELF_FILE_H

#include <glib.h>

#define RS_ELF_ERROR (rs_elf_error_quark())
GQuark rs_elf_error_quark(void);
typedef enum {
    RS_ELF_ERROR_NOT_ELF,    /* no ELF file, or not one of this machine's kind */
    RS_ELF_ERROR_DAMAGED,    /* headers that contradict the file */
    RS_ELF_ERROR_UNREADABLE, /* open, fstat or mmap failed */
} RsElfError;

typedef struct RsElf RsElf;

/* A PT_LOAD. */
typedef struct {
    guint64 offset, vaddr; /* in the file; in the file's own address space */
    guint64 n_file_bytes;  /* at most to the end of the file, however short it was cut */
    guint64 n_memory_bytes;
    gboolean is_executable, is_writable;
} RsElfSegment;

typedef struct {
    guint64 vaddr;       /* 0 when it is not loaded */
    const guint8 *bytes; /* borrowed from the RsElf; decompressed where it was compressed */
    gsize n_bytes;
} RsElfSection;

/* fd is duplicated by the mapping and may be closed afterwards. label: for messages.
 * Errors RS_ELF_ERROR. */
RsElf *rs_elf_open_fd(int fd, const char *label, GError **error);
/* From memory, copied: a vdso, a test. Errors RS_ELF_ERROR. */
RsElf *rs_elf_from_bytes(const void *bytes, gsize n_bytes, const char *label, GError **error);
void rs_elf_free(RsElf *elf);

const RsElfSegment *rs_elf_segments(const RsElf *elf, guint *n_segments);
/* Lower-case hex of NT_GNU_BUILD_ID, borrowed; NULL when there is none. */
const char *rs_elf_build_id(const RsElf *elf);
guint64 rs_elf_entry(const RsElf *elf); /* e_entry */
/* Where the byte at a file offset lies in the file's own address space, by its segments (never by
 * p_vaddr == p_offset, which linkers do not promise). FALSE: in none of them. */
gboolean rs_elf_vaddr_of_offset(const RsElf *elf, guint64 offset, guint64 *vaddr);
/* The bytes at vaddr, up to the end of the segment's bytes in the file; NULL when it has none. */
const guint8 *rs_elf_at_vaddr(const RsElf *elf, guint64 vaddr, gsize *n_bytes);
/* By name (".eh_frame"); also found from program headers where section headers are gone: .eh_frame
 * and .eh_frame_hdr through PT_GNU_EH_FRAME. FALSE: there is none. */
gboolean rs_elf_section(RsElf *elf, const char *name, RsElfSection *section);
gsize rs_elf_n_bytes(const RsElf *elf);
const guint8 *rs_elf_bytes(const RsElf *elf);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RsElf, rs_elf_free)

#endif
