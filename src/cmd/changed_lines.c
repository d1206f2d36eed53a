/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/changed_lines.h"

#include <string.h>

#include "base/file.h"
#include "format/unified_diff.h"
#include "trial/vcs.h"

static RsDiff *diff_of_git(const RsVerdict *verdict)
{
    const char *from = verdict->revisions[RS_ARM_BASELINE].revision;
    const char *to = verdict->revisions[RS_ARM_CURRENT].revision;
    g_autofree char *text =
        from && to && !g_str_equal(from, to) ? rs_vcs_diff(NULL, from, to) : NULL;

    return text ? rs_diff_parse(text, strlen(text), NULL) : NULL;
}

static RsDiff *diff_of_file(const char *path, GError **error)
{
    gsize n_bytes;
    g_autofree guint8 *text = rs_file_read(path, RS_DIFF_MAX_BYTES, &n_bytes, error);
    RsDiff *diff = text ? rs_diff_parse((const char *)text, n_bytes, error) : NULL;

    if (text && !diff)
        g_prefix_error(error, "%s: ", path);
    return diff;
}

gboolean rs_changed_lines_mark(RsVerdict *verdict, const char *diff_path, GError **error)
{
    g_autoptr(RsDiff) diff = NULL;

    if (!verdict->blames->len && !diff_path)
        return TRUE;
    diff = diff_path ? diff_of_file(diff_path, error) : diff_of_git(verdict);
    if (!diff)
        return diff_path == NULL;
    rs_diff_mark(diff, verdict);
    return TRUE;
}
