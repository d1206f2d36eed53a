/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/blame.h"

#include <math.h>

const char *const rs_blame_kind_names[] = {"slower", "new",      "faster", "vanished",
                                           "shift",  "unproved", NULL};

RsBlamed *rs_blamed_new(const char *name)
{
    RsBlamed *blamed = g_new0(RsBlamed, 1);

    blamed->name = g_strdup(name);
    blamed->line = blamed->last_line = -1;
    blamed->kind = RS_BLAME_UNPROVED;
    blamed->self_ns_baseline = blamed->self_ns_current = blamed->delta_ns = NAN;
    blamed->ci_low_ns = blamed->ci_high_ns = blamed->share_of_slowdown_pct = NAN;
    blamed->p_value = blamed->p_adjusted = NAN;
    return blamed;
}

void rs_blamed_free(RsBlamed *blamed)
{
    if (!blamed)
        return;
    g_free(blamed->name);
    g_free(blamed->crate_name);
    g_free(blamed->module_path);
    g_free(blamed->file);
    g_free(blamed->binary);
    g_free(blamed->shifted_with);
    g_free(blamed->extra_json);
    g_free(blamed);
}

static GPtrArray *blamed_list(void)
{
    return g_ptr_array_new_with_free_func((GDestroyNotify)rs_blamed_free);
}

RsBlame *rs_blame_new(const char *benchmark)
{
    RsBlame *blame = g_new0(RsBlame, 1);

    blame->benchmark = g_strdup(benchmark);
    blame->total_ns_baseline = blame->total_ns_current = blame->delta_ns = NAN;
    blame->attributed_pct = blame->resolvable_pct = blame->alpha = NAN;
    blame->functions = blamed_list();
    blame->leaves = blamed_list();
    blame->callers = blamed_list();
    blame->crates = blamed_list();
    blame->modules = blamed_list();
    blame->others = blamed_list();
    return blame;
}

void rs_blame_free(RsBlame *blame)
{
    if (!blame)
        return;
    g_free(blame->benchmark);
    g_free(blame->note);
    g_ptr_array_unref(blame->functions);
    g_ptr_array_unref(blame->leaves);
    g_ptr_array_unref(blame->callers);
    g_ptr_array_unref(blame->crates);
    g_ptr_array_unref(blame->modules);
    g_ptr_array_unref(blame->others);
    rs_call_tree_free(blame->tree);
    g_free(blame->extra_json);
    g_free(blame);
}

gboolean rs_blamed_is_guilty(const RsBlamed *blamed)
{
    return blamed->kind == RS_BLAME_SLOWER || blamed->kind == RS_BLAME_NEW;
}
