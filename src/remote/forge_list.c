/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "remote/forge_list.h"

#include "remote/rest.h"

/* Ids grow: they are the order in which comments were written. */
static int compare_ids(gconstpointer a, gconstpointer b)
{
    const RsComment *one = *(RsComment *const *)a, *other = *(RsComment *const *)b;

    return (one->id > other->id) - (one->id < other->id);
}

GPtrArray *rs_forge_list_comments(RsForge *forge, const char *path, RsCommentOf comment_of,
                                  GError **error)
{
    json_t *list = rs_rest_list(forge->http, path, error), *object;
    GPtrArray *comments;
    size_t i;

    if (!list)
        return NULL;
    comments = g_ptr_array_new_with_free_func((GDestroyNotify)rs_comment_free);
    json_array_foreach(list, i, object)
    {
        RsComment *comment = comment_of(forge, object);

        if (comment)
            g_ptr_array_add(comments, comment);
    }
    g_ptr_array_sort(comments, compare_ids);
    json_decref(list);
    return comments;
}

RsComment *rs_forge_written_comment(RsForge *forge, json_t *answer, RsCommentOf comment_of,
                                    GError **error)
{
    RsComment *comment = answer ? comment_of(forge, answer) : NULL;

    if (answer && !comment && rs_http_is_dry_run(forge->http))
        comment = g_new0(RsComment, 1);
    else if (answer && !comment)
        rs_rest_lacks_id(error);
    json_decref(answer);
    return comment;
}
