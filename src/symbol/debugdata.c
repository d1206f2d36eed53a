/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Source: the GDB manual, "Debugging information in a special section" (MiniDebugInfo). */
#include "symbol/debugdata.h"

#include <lzma.h>

#define OUTPUT_LIMIT_BYTES ((gsize)256 << 20)
#define MEMORY_LIMIT_BYTES ((guint64)512 << 20)
#define FIRST_FACTOR       4

static RsElf *damaged(const char *label, const char *what, GError **error)
{
    g_set_error(error, RS_ELF_ERROR, RS_ELF_ERROR_DAMAGED, "%s: .gnu_debugdata %s", label, what);
    return NULL;
}

/* Unpacks all of section into *out, which grows. */
static lzma_ret unpack(const RsElfSection *section, GByteArray *out)
{
    lzma_stream stream = LZMA_STREAM_INIT;
    lzma_ret result = lzma_stream_decoder(&stream, MEMORY_LIMIT_BYTES, 0);
    gsize n_room = MIN(MAX(section->n_bytes * FIRST_FACTOR, 65536), OUTPUT_LIMIT_BYTES);

    if (result != LZMA_OK)
        return result;
    stream.next_in = section->bytes;
    stream.avail_in = section->n_bytes;
    do {
        gsize n_done = (gsize)stream.total_out;

        g_byte_array_set_size(out, (guint)n_room);
        stream.next_out = out->data + n_done;
        stream.avail_out = n_room - n_done;
        result = lzma_code(&stream, LZMA_FINISH);
        if (stream.avail_out == 0 && n_room == OUTPUT_LIMIT_BYTES && result == LZMA_OK)
            result = LZMA_MEMLIMIT_ERROR;
        n_room = MIN(2 * n_room, OUTPUT_LIMIT_BYTES);
    } while (result == LZMA_OK);
    g_byte_array_set_size(out, (guint)stream.total_out);
    lzma_end(&stream);
    return result;
}

RsElf *rs_debugdata_read(RsElf *elf, const char *label, GError **error)
{
    g_autoptr(GByteArray) out = NULL;
    RsElfSection section;

    if (!rs_elf_section(elf, ".gnu_debugdata", &section))
        return NULL;
    if (section.n_bytes > OUTPUT_LIMIT_BYTES)
        return damaged(label, "is too large", error);
    out = g_byte_array_new();
    switch (unpack(&section, out)) {
    case LZMA_STREAM_END:
        return rs_elf_from_bytes(out->data, out->len, label, error);
    case LZMA_MEMLIMIT_ERROR:
        return damaged(label, "unpacks to more than is allowed", error);
    default:
        return damaged(label, "cannot be unpacked", error);
    }
}
