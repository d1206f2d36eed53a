/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/html_group.h"

#include <math.h>

static void group_free(RsHtmlGroup *group)
{
    g_ptr_array_unref(group->gated);
    g_ptr_array_unref(group->others);
    g_free(group);
}

static RsHtmlGroup *group_new(const char *name, guint first_row)
{
    RsHtmlGroup *group = g_new0(RsHtmlGroup, 1);

    group->name = name;
    group->first_row = first_row;
    group->gated = g_ptr_array_new();
    group->others = g_ptr_array_new();
    return group;
}

/* Larger is worse; an unknown change is better than any known one. */
static int compare_rows(const RsRow *a, const RsRow *b)
{
    double x = isnan(a->change_pct) ? -INFINITY : a->change_pct;
    double y = isnan(b->change_pct) ? -INFINITY : b->change_pct;
    int by_badness = rs_row_badness(a) - rs_row_badness(b);

    return by_badness ? by_badness : (x > y) - (x < y);
}

static void add_row(RsHtmlGroup *group, const RsRow *row)
{
    gboolean first = !group->worst || (row->gated && !group->worst->gated);

    g_ptr_array_add(row->gated ? group->gated : group->others, (gpointer)row);
    if (first || (row->gated == group->worst->gated && compare_rows(row, group->worst) > 0))
        group->worst = row;
}

static gint worst_first(gconstpointer a, gconstpointer b)
{
    const RsHtmlGroup *x = *(RsHtmlGroup *const *)a, *y = *(RsHtmlGroup *const *)b;
    int by_row = x->worst->gated != y->worst->gated ? x->worst->gated - y->worst->gated
                                                    : compare_rows(x->worst, y->worst);

    if (by_row)
        return -by_row;
    return (x->first_row > y->first_row) - (x->first_row < y->first_row);
}

GPtrArray *rs_html_groups_new(const RsVerdict *verdict)
{
    g_autoptr(GHashTable) by_name = g_hash_table_new(g_str_hash, g_str_equal);
    GPtrArray *groups = g_ptr_array_new_with_free_func((GDestroyNotify)group_free);

    for (guint i = 0; i < verdict->rows->len; i++) {
        const RsRow *row = g_ptr_array_index(verdict->rows, i);
        const char *name = row->name ? row->name : "";
        RsHtmlGroup *group = g_hash_table_lookup(by_name, name);

        if (!group) {
            group = group_new(name, i);
            g_ptr_array_add(groups, group);
            g_hash_table_insert(by_name, (gpointer)name, group);
        }
        add_row(group, row);
    }
    g_ptr_array_sort(groups, worst_first);
    for (guint i = 0; i < groups->len; i++)
        ((RsHtmlGroup *)g_ptr_array_index(groups, i))->number = i + 1;
    return groups;
}
