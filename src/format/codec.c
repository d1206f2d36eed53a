/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/codec.h"

#include <gio/gio.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "format/document.h"
#include "format/journal.h"
#include "format/session_json.h"

G_DEFINE_QUARK(rs - format - error - quark, rs_format_error)

static gboolean is_format(const guint8 *head, gsize n_head_bytes, const char *format)
{
    RsDocumentKind kind;
    gboolean is;

    rs_document_identify((const char *)head, n_head_bytes, &kind, NULL);
    is = g_strcmp0(kind.format, format) == 0;
    g_free(kind.format);
    return is;
}

static gboolean probe_session(const guint8 *head, gsize n_head_bytes)
{
    return is_format(head, n_head_bytes, RS_SESSION_FORMAT);
}

static gboolean probe_journal(const guint8 *head, gsize n_head_bytes)
{
    return is_format(head, n_head_bytes, RS_JOURNAL_FORMAT);
}

static gboolean probe_rustscope05(const guint8 *head, gsize n_head_bytes)
{
    RsDocumentKind kind;

    rs_document_identify((const char *)head, n_head_bytes, &kind, NULL);
    g_free(kind.format);
    return !kind.format && kind.has_schema_version;
}

static RsSession *decode_journal(GBytes *data, GError **error)
{
    gsize n_bytes;
    const char *text = g_bytes_get_data(data, &n_bytes);

    return rs_journal_parse(text, n_bytes, NULL, error);
}

const RsCodec rs_codecs[] = {
    {"session", ".json", "what bench-run and record write", probe_session, rs_session_decode,
     rs_session_encode},
    {"journal", ".journal", "what a run has recorded so far", probe_journal, decode_journal, NULL},
    {"rustscope-0.5", ".json", "files of RustScope 0.5", probe_rustscope05, rs_rustscope05_decode,
     NULL},
    {0},
};

/* Why data is none of the formats of the table. */
static void explain_unknown(const char *text, gsize n_bytes, GError **error)
{
    RsDocumentKind kind;
    GError *problem = NULL;

    rs_document_identify(text, n_bytes, &kind, &problem);
    if (problem) {
        g_propagate_error(error, problem);
    } else if (g_strcmp0(kind.format, RS_VERDICT_FORMAT) == 0) {
        g_set_error(error, RS_FORMAT_ERROR, RS_FORMAT_ERROR_UNKNOWN,
                    "this is a verdict file; a session file is wanted here");
    } else if (kind.format) {
        g_autofree char *shown = rs_text_plain(kind.format, -1, FALSE, 80);

        g_set_error(error, RS_FORMAT_ERROR, RS_FORMAT_ERROR_UNKNOWN,
                    "format \"%s\" is not known to this program", shown);
    } else {
        g_set_error(error, RS_FORMAT_ERROR, RS_FORMAT_ERROR_UNKNOWN,
                    "JSON without \"format\" or \"schema_version\": not a session file");
    }
    g_free(kind.format);
}

RsSession *rs_session_parse(GBytes *data, GError **error)
{
    gsize n_bytes;
    const guint8 *bytes = g_bytes_get_data(data, &n_bytes);

    for (const RsCodec *codec = rs_codecs; codec->name; codec++)
        if (codec->decode && codec->probe(bytes, n_bytes))
            return codec->decode(data, error);
    explain_unknown((const char *)bytes, n_bytes, error);
    return NULL;
}

static GBytes *read_bytes(const char *path, GError **error)
{
    gsize n_bytes;
    guint8 *bytes = rs_file_read(path, RS_DOCUMENT_MAX_BYTES, &n_bytes, error);

    return bytes ? g_bytes_new_take(bytes, n_bytes) : NULL;
}

static const char *shown_path(const char *path)
{
    return g_str_equal(path, "-") ? "standard input" : path;
}

static gboolean write_bytes(GBytes *data, const char *path, GError **error)
{
    gsize n_bytes;
    const void *bytes;

    if (!data) {
        g_prefix_error(error, "%s: ", path);
        return FALSE;
    }
    bytes = g_bytes_get_data(data, &n_bytes);
    return rs_file_write(path, bytes, n_bytes, error);
}

RsSession *rs_session_read(const char *path, GError **error)
{
    g_autoptr(GBytes) data = read_bytes(path, error);
    RsSession *session;

    if (!data)
        return NULL;
    session = rs_session_parse(data, error);
    if (!session)
        g_prefix_error(error, "%s: ", shown_path(path));
    return session;
}

gboolean rs_session_write(const RsSession *session, const char *path, GError **error)
{
    g_autoptr(GBytes) data = rs_session_encode(session, error);

    return write_bytes(data, path, error);
}

RsVerdict *rs_verdict_read(const char *path, GError **error)
{
    g_autoptr(GBytes) data = read_bytes(path, error);
    RsVerdict *verdict;

    if (!data)
        return NULL;
    verdict = rs_verdict_decode(data, error);
    if (!verdict)
        g_prefix_error(error, "%s: ", shown_path(path));
    return verdict;
}

gboolean rs_verdict_write(const RsVerdict *verdict, const char *path, GError **error)
{
    g_autoptr(GBytes) data = rs_verdict_encode(verdict, error);

    return write_bytes(data, path, error);
}
