/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/check_annotations.h"

#include "report/blame_view.h"
#include "report/escape.h"
#include "report/source.h"
#include "report/view.h"
#include "report/words.h"

#define MESSAGE_CHARS 1000
#define NAME_CHARS    80 /* a title has 255 characters */

/* NULL: nobody is to blame whose lines are in the repository. */
static json_t *annotation_of(const RsVerdict *verdict, const RsRow *row)
{
    const RsBlamed *blamed = rs_blame_view_own(verdict, row->name);
    g_autofree char *path = blamed ? rs_source_path(blamed) : NULL;
    g_autofree char *name = rs_escape_name(row->name, NAME_CHARS);
    g_autofree char *title = g_strdup_printf("rustscope: %s: %s", rs_words_label(row), name);
    g_autofree char *sentence = rs_words_row_and_blame(verdict, row, &rs_words_plain);
    g_autofree char *message = rs_escape_lines(sentence, MESSAGE_CHARS);
    gboolean fails = rs_view_row_fails(verdict, row) && verdict->gate.status != RS_GATE_ACCEPTED;

    if (!path || blamed->line <= 0)
        return NULL;
    return json_pack("{s:s, s:I, s:I, s:s, s:s, s:s}", "path", path, "start_line",
                     (json_int_t)blamed->line, "end_line", (json_int_t)blamed->line,
                     "annotation_level", fails ? "failure" : "warning", "title", title, "message",
                     message);
}

json_t *rs_report_check_annotations(const RsVerdict *verdict)
{
    g_autoptr(GPtrArray) benchmarks = rs_view_benchmarks(verdict);
    json_t *list = json_array();

    for (guint i = 0; i < benchmarks->len; i++) {
        const RsRow *worst = ((const RsViewBenchmark *)g_ptr_array_index(benchmarks, i))->worst;
        json_t *annotation =
            worst && worst->verdict == RS_VERDICT_REGRESSION ? annotation_of(verdict, worst) : NULL;

        if (annotation && json_array_size(list) < RS_CHECK_ANNOTATIONS_MAX)
            json_array_append_new(list, annotation);
        else
            json_decref(annotation);
    }
    return list;
}

void rs_report_check_annotations_free(json_t *annotations)
{
    json_decref(annotations);
}
