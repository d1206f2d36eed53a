/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The headers are read once, at the beginning, into arrays of our own: what is asked later does not
 * depend on headers that someone changes meanwhile, and reading needs no lock. Contents are the
 * mapped bytes (see file_map.h), and those of compressed sections are kept when they were first
 * asked for. */
#include "elf/elf_file.h"

#include <errno.h>
#include <gelf.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>

#include "elf/byte_cursor.h"
#include "elf/file_map.h"

#define SEGMENTS_LIMIT           1024
#define SECTIONS_LIMIT           65536
#define NAME_LIMIT_BYTES         256
#define BUILD_ID_LIMIT_BYTES     64
#define DECOMPRESSED_LIMIT_BYTES ((guint64)4 << 30)
#define RATIO_LIMIT              1100 /* deflate reaches 1032 */

G_DEFINE_QUARK(rs - elf - error - quark, rs_elf_error)

typedef struct {
    char *name;
    guint64 vaddr, offset, n_bytes;
    guint32 type;
    gboolean is_compressed;
    _Atomic(guint8 *) content; /* decompressed */
    gsize n_content_bytes;     /* stored before content */
    gboolean is_tried;         /* under the lock */
} Section;

struct RsElf {
    const guint8 *bytes;
    gsize n_bytes;
    guint8 *copy; /* bytes, when they are not a mapping */
    guint64 entry;
    RsElfSegment *segments;
    guint n_segments;
    guint64 eh_frame_hdr, n_eh_frame_hdr_bytes; /* vaddr; 0 bytes: there is none */
    GArray *sections;                           /* Section */
    char *build_id;
    GMutex lock; /* of decompressing */
};

static gboolean lies_in(gsize n_bytes, guint64 offset, guint64 n_part_bytes)
{
    return offset <= n_bytes && n_part_bytes <= n_bytes - offset;
}

/* --- notes --- */

/* Source: System V gABI, "Note Section": sizes of name and content, type, and both padded. */
static char *build_id_in(const guint8 *bytes, gsize n_bytes, gsize n_align_bytes)
{
    RsByteCursor cursor = {bytes, bytes + n_bytes, FALSE};

    while (rs_cursor_left(&cursor) >= 12) {
        guint64 n_name_bytes = rs_cursor_u32(&cursor), n_content_bytes = rs_cursor_u32(&cursor);
        guint32 type = rs_cursor_u32(&cursor);
        const guint8 *name = cursor.at, *content;

        rs_cursor_skip(&cursor, (n_name_bytes + n_align_bytes - 1) & ~(n_align_bytes - 1));
        content = cursor.at;
        if (cursor.failed || n_content_bytes > rs_cursor_left(&cursor))
            return NULL;
        if (type == NT_GNU_BUILD_ID && n_name_bytes == 4 && memcmp(name, "GNU", 4) == 0 &&
            n_content_bytes > 0 && n_content_bytes <= BUILD_ID_LIMIT_BYTES) {
            GString *hex = g_string_sized_new(2 * n_content_bytes);

            for (guint i = 0; i < n_content_bytes; i++)
                g_string_append_printf(hex, "%02x", content[i]);
            return g_string_free(hex, FALSE);
        }
        rs_cursor_skip(&cursor, (n_content_bytes + n_align_bytes - 1) & ~(n_align_bytes - 1));
    }
    return NULL;
}

static void find_build_id(RsElf *elf, guint64 offset, guint64 n_bytes, guint64 n_align_bytes)
{
    if (!elf->build_id && lies_in(elf->n_bytes, offset, n_bytes))
        elf->build_id = build_id_in(elf->bytes + offset, n_bytes, n_align_bytes == 8 ? 8 : 4);
}

/* --- headers --- */

static void add_segment(RsElf *elf, const GElf_Phdr *header)
{
    RsElfSegment *segment;
    guint64 n_file_bytes = header->p_filesz;

    if (header->p_offset >= elf->n_bytes)
        n_file_bytes = 0;
    else
        n_file_bytes = MIN(n_file_bytes, elf->n_bytes - header->p_offset);
    if (header->p_vaddr + MAX(header->p_memsz, n_file_bytes) < header->p_vaddr ||
        elf->n_segments >= SEGMENTS_LIMIT)
        return;
    elf->segments = g_renew(RsElfSegment, elf->segments, elf->n_segments + 1);
    segment = &elf->segments[elf->n_segments++];
    *segment = (RsElfSegment){
        .offset = header->p_offset,
        .vaddr = header->p_vaddr,
        .n_file_bytes = n_file_bytes,
        .n_memory_bytes = header->p_memsz,
        .is_executable = (header->p_flags & PF_X) != 0,
        .is_writable = (header->p_flags & PF_W) != 0,
    };
}

static gboolean read_segments(RsElf *elf, Elf *file, const char *label, GError **error)
{
    size_t n_headers;

    if (elf_getphdrnum(file, &n_headers) != 0)
        n_headers = 0;
    for (size_t i = 0; i < n_headers && i < SECTIONS_LIMIT; i++) {
        GElf_Phdr header;

        if (!gelf_getphdr(file, (int)i, &header)) {
            g_set_error(error, RS_ELF_ERROR, RS_ELF_ERROR_DAMAGED,
                        "%s: program header %zu lies outside of the file", label, i);
            return FALSE;
        }
        if (header.p_type == PT_LOAD) {
            add_segment(elf, &header);
        } else if (header.p_type == PT_NOTE) {
            find_build_id(elf, header.p_offset, header.p_filesz, header.p_align);
        } else if (header.p_type == PT_GNU_EH_FRAME) {
            elf->eh_frame_hdr = header.p_vaddr;
            elf->n_eh_frame_hdr_bytes = header.p_filesz;
        }
    }
    return TRUE;
}

/* A file without section headers, or with damaged ones, has no sections; that is no error. */
static void read_sections(RsElf *elf, Elf *file)
{
    Elf_Scn *scn = NULL;
    size_t names;

    if (elf_getshdrstrndx(file, &names) != 0)
        return;
    while ((scn = elf_nextscn(file, scn)) && elf->sections->len < SECTIONS_LIMIT) {
        GElf_Shdr header;
        const char *name;
        Section section = {0};

        if (!gelf_getshdr(scn, &header) || header.sh_type == SHT_NOBITS ||
            header.sh_type == SHT_NULL || !lies_in(elf->n_bytes, header.sh_offset, header.sh_size))
            continue;
        name = elf_strptr(file, names, header.sh_name);
        if (!name)
            continue;
        section.name = g_strndup(name, NAME_LIMIT_BYTES);
        section.vaddr = header.sh_flags & SHF_ALLOC ? header.sh_addr : 0;
        section.offset = header.sh_offset;
        section.n_bytes = header.sh_size;
        section.type = header.sh_type;
        section.is_compressed = (header.sh_flags & SHF_COMPRESSED) != 0;
        g_array_append_val(elf->sections, section);
        if (header.sh_type == SHT_NOTE)
            find_build_id(elf, header.sh_offset, header.sh_size, header.sh_addralign);
    }
}

static gboolean is_of_this_machine(const guint8 *bytes, gsize n_bytes)
{
    Elf64_Ehdr header;

    if (n_bytes < sizeof header)
        return FALSE;
    memcpy(&header, bytes, sizeof header);
    return memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 && header.e_ident[EI_CLASS] == ELFCLASS64 &&
           header.e_ident[EI_DATA] == ELFDATA2LSB && header.e_machine == EM_X86_64;
}

/* Reads headers of elf->bytes. */
static gboolean read_headers(RsElf *elf, const char *label, GError **error)
{
    Elf *file;
    GElf_Ehdr header;
    gboolean succeeded = FALSE;

    if (!is_of_this_machine(elf->bytes, elf->n_bytes)) {
        g_set_error(error, RS_ELF_ERROR, RS_ELF_ERROR_NOT_ELF, "%s: not an ELF file for x86-64",
                    label);
        return FALSE;
    }
    elf_version(EV_CURRENT);
    file = elf_memory((char *)(guintptr)elf->bytes, elf->n_bytes); /* only read */
    if (file && elf_kind(file) == ELF_K_ELF && gelf_getehdr(file, &header)) {
        elf->entry = header.e_entry;
        succeeded = read_segments(elf, file, label, error);
        if (succeeded)
            read_sections(elf, file);
    } else {
        g_set_error(error, RS_ELF_ERROR, RS_ELF_ERROR_DAMAGED, "%s: %s", label, elf_errmsg(-1));
    }
    elf_end(file);
    return succeeded;
}

/* --- life --- */

static void section_clear(gpointer data)
{
    Section *section = data;

    g_free(section->name);
    g_free(atomic_load(&section->content));
}

static RsElf *elf_new(void)
{
    RsElf *elf = g_new0(RsElf, 1);

    elf->sections = g_array_new(FALSE, TRUE, sizeof(Section));
    g_array_set_clear_func(elf->sections, section_clear);
    g_mutex_init(&elf->lock);
    return elf;
}

void rs_elf_free(RsElf *elf)
{
    if (!elf)
        return;
    if (elf->copy)
        g_free(elf->copy);
    else
        rs_file_unmap(elf->bytes, elf->n_bytes);
    g_array_unref(elf->sections);
    g_free(elf->segments);
    g_free(elf->build_id);
    g_mutex_clear(&elf->lock);
    g_free(elf);
}

RsElf *rs_elf_open_fd(int fd, const char *label, GError **error)
{
    g_autoptr(RsElf) elf = elf_new();
    struct stat status;

    if (fstat(fd, &status) != 0) {
        g_set_error(error, RS_ELF_ERROR, RS_ELF_ERROR_UNREADABLE, "%s: %s", label,
                    g_strerror(errno));
        return NULL;
    }
    if (!S_ISREG(status.st_mode) || status.st_size < (off_t)sizeof(Elf64_Ehdr)) {
        g_set_error(error, RS_ELF_ERROR, RS_ELF_ERROR_NOT_ELF, "%s: not an ELF file for x86-64",
                    label);
        return NULL;
    }
    elf->bytes = rs_file_map(fd, (gsize)status.st_size);
    if (!elf->bytes) {
        g_set_error(error, RS_ELF_ERROR, RS_ELF_ERROR_UNREADABLE, "%s: %s", label,
                    g_strerror(errno));
        return NULL;
    }
    elf->n_bytes = (gsize)status.st_size;
    return read_headers(elf, label, error) ? g_steal_pointer(&elf) : NULL;
}

RsElf *rs_elf_from_bytes(const void *bytes, gsize n_bytes, const char *label, GError **error)
{
    g_autoptr(RsElf) elf = elf_new();

    elf->bytes = elf->copy = g_malloc(MAX(n_bytes, 1));
    if (n_bytes)
        memcpy(elf->copy, bytes, n_bytes);
    elf->n_bytes = n_bytes;
    return read_headers(elf, label, error) ? g_steal_pointer(&elf) : NULL;
}

/* --- questions --- */

const RsElfSegment *rs_elf_segments(const RsElf *elf, guint *n_segments)
{
    *n_segments = elf->n_segments;
    return elf->segments;
}

const char *rs_elf_build_id(const RsElf *elf)
{
    return elf->build_id;
}

guint64 rs_elf_entry(const RsElf *elf)
{
    return elf->entry;
}

gsize rs_elf_n_bytes(const RsElf *elf)
{
    return elf->n_bytes;
}

const guint8 *rs_elf_bytes(const RsElf *elf)
{
    return elf->bytes;
}

gboolean rs_elf_vaddr_of_offset(const RsElf *elf, guint64 offset, guint64 *vaddr)
{
    for (guint i = 0; i < elf->n_segments; i++) {
        const RsElfSegment *segment = &elf->segments[i];

        if (offset - segment->offset < segment->n_file_bytes && offset >= segment->offset) {
            *vaddr = segment->vaddr + (offset - segment->offset);
            return TRUE;
        }
    }
    return FALSE;
}

const guint8 *rs_elf_at_vaddr(const RsElf *elf, guint64 vaddr, gsize *n_bytes)
{
    for (guint i = 0; i < elf->n_segments; i++) {
        const RsElfSegment *segment = &elf->segments[i];
        guint64 distance = vaddr - segment->vaddr;

        if (vaddr >= segment->vaddr && distance < segment->n_file_bytes) {
            *n_bytes = segment->n_file_bytes - distance;
            return elf->bytes + segment->offset + distance;
        }
    }
    return NULL;
}

/* --- sections --- */

/* The content of a section whose compressed bytes are given, by way of an ELF file that has nothing
 * but this section: libelf replaces the section in place when it decompresses it, and the bytes of
 * the file may not be written to. NULL: damaged, or of a kind that libelf does not know. */
static guint8 *decompress(const guint8 *bytes, gsize n_bytes, gsize *n_content_bytes)
{
    Elf64_Chdr compression;
    Elf64_Ehdr header = {
        .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
        .e_type = ET_DYN,
        .e_machine = EM_X86_64,
        .e_version = EV_CURRENT,
        .e_ehsize = sizeof(Elf64_Ehdr),
        .e_shentsize = sizeof(Elf64_Shdr),
        .e_shnum = 2};
    Elf64_Shdr headers[2] = {{0}};
    g_autofree char *image = NULL;
    guint8 *content = NULL;
    Elf *file;
    Elf_Scn *scn;
    Elf_Data *data;

    if (n_bytes < sizeof compression)
        return NULL;
    memcpy(&compression, bytes, sizeof compression);
    if (compression.ch_size > DECOMPRESSED_LIMIT_BYTES ||
        compression.ch_size / RATIO_LIMIT > n_bytes)
        return NULL;
    image = g_malloc(sizeof header + sizeof headers + n_bytes);
    header.e_shoff = sizeof header;
    headers[1] = (Elf64_Shdr){.sh_type = SHT_PROGBITS,
                              .sh_flags = SHF_COMPRESSED,
                              .sh_offset = sizeof header + sizeof headers,
                              .sh_size = n_bytes,
                              .sh_addralign = 8};
    memcpy(image, &header, sizeof header);
    memcpy(image + sizeof header, headers, sizeof headers);
    memcpy(image + sizeof header + sizeof headers, bytes, n_bytes);
    file = elf_memory(image, sizeof header + sizeof headers + n_bytes);
    scn = file ? elf_getscn(file, 1) : NULL;
    if (scn && elf_compress(scn, 0, 0) == 1 && (data = elf_getdata(scn, NULL)) && data->d_buf &&
        data->d_size > 0) {
        content = g_memdup2(data->d_buf, data->d_size);
        *n_content_bytes = data->d_size;
    }
    elf_end(file);
    return content;
}

/* FALSE: it cannot be decompressed. */
static gboolean content_of(RsElf *elf, Section *section, RsElfSection *out)
{
    guint8 *content;

    if (!section->is_compressed) {
        *out = (RsElfSection){section->vaddr, elf->bytes + section->offset, section->n_bytes};
        return TRUE;
    }
    content = atomic_load(&section->content);
    if (!content) {
        g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&elf->lock);

        content = atomic_load(&section->content);
        if (!section->is_tried) {
            section->is_tried = TRUE;
            content = decompress(elf->bytes + section->offset, section->n_bytes,
                                 &section->n_content_bytes);
            atomic_store(&section->content, content);
        }
    }
    if (!content)
        return FALSE;
    *out = (RsElfSection){section->vaddr, content, section->n_content_bytes};
    return TRUE;
}

/* How many bytes of call frame information there are from bytes on: up to the record of length 0,
 * which ends it. */
static gsize eh_frame_size(const guint8 *bytes, gsize n_bytes)
{
    RsByteCursor cursor = {bytes, bytes + n_bytes, FALSE};

    while (rs_cursor_left(&cursor) >= 4) {
        guint64 n_record_bytes = rs_cursor_u32(&cursor);

        if (n_record_bytes == 0xffffffff)
            n_record_bytes = rs_cursor_u64(&cursor);
        if (n_record_bytes == 0 || n_record_bytes > rs_cursor_left(&cursor))
            break;
        rs_cursor_skip(&cursor, n_record_bytes);
    }
    return (gsize)(cursor.at - bytes);
}

/* Source: Linux Standard Base 5.0, section 10.6.2 (.eh_frame_hdr). */
static gboolean eh_frame_by_header(const RsElf *elf, gboolean is_header_wanted,
                                   RsElfSection *section)
{
    gsize n_bytes;
    const guint8 *bytes;
    RsPointerBases bases;
    RsByteCursor cursor;
    guint8 version, encoding;
    guint64 vaddr;

    if (!elf->n_eh_frame_hdr_bytes)
        return FALSE;
    bytes = rs_elf_at_vaddr(elf, elf->eh_frame_hdr, &n_bytes);
    if (!bytes)
        return FALSE;
    n_bytes = MIN(n_bytes, elf->n_eh_frame_hdr_bytes);
    if (is_header_wanted) {
        *section = (RsElfSection){elf->eh_frame_hdr, bytes, n_bytes};
        return TRUE;
    }
    bases = (RsPointerBases){bytes, elf->eh_frame_hdr, elf->eh_frame_hdr, 0};
    cursor = (RsByteCursor){bytes, bytes + n_bytes, FALSE};
    version = rs_cursor_u8(&cursor);
    encoding = rs_cursor_u8(&cursor);
    rs_cursor_skip(&cursor, 2);
    vaddr = rs_cursor_pointer(&cursor, encoding, &bases);
    if (cursor.failed || version != 1 || encoding == DW_EH_PE_omit || encoding & DW_EH_PE_indirect)
        return FALSE;
    bytes = rs_elf_at_vaddr(elf, vaddr, &n_bytes);
    if (!bytes)
        return FALSE;
    *section = (RsElfSection){vaddr, bytes, eh_frame_size(bytes, n_bytes)};
    return section->n_bytes > 0;
}

gboolean rs_elf_section(RsElf *elf, const char *name, RsElfSection *section)
{
    RsElfSection found;

    for (guint i = 0; i < elf->sections->len; i++) {
        Section *candidate = &g_array_index(elf->sections, Section, i);

        if (!g_str_equal(candidate->name, name) || !content_of(elf, candidate, &found))
            continue;
        *section = found;
        return TRUE;
    }
    if (!g_str_equal(name, ".eh_frame") && !g_str_equal(name, ".eh_frame_hdr"))
        return FALSE;
    if (!eh_frame_by_header(elf, g_str_equal(name, ".eh_frame_hdr"), &found))
        return FALSE;
    *section = found;
    return TRUE;
}
