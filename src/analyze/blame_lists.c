/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analyze/blame_lists.h"

#include <math.h>
#include <string.h>

#define MAX_PATHS       5    /* of guilty functions, along which callers are listed */
#define NEARLY_ALL_FRAC 0.95 /* of the program's time: the frame says nothing */
#define UNTESTED_PCT    1    /* of the program's time: what files measured apart list */

/* Guilty before not, then by what they cost more. */
static gint compare_blamed(gconstpointer a, gconstpointer b)
{
    const RsBlamed *one = *(RsBlamed *const *)a, *other = *(RsBlamed *const *)b;
    gboolean is_one = rs_blamed_is_guilty(one), is_other = rs_blamed_is_guilty(other);

    if (is_one != is_other)
        return is_one ? -1 : 1;
    if (one->delta_ns != other->delta_ns)
        return one->delta_ns < other->delta_ns ? 1 : -1;
    return strcmp(one->name, other->name);
}

/* The largest change first, either way. */
static gint compare_change(gconstpointer a, gconstpointer b)
{
    const RsBlamed *one = *(RsBlamed *const *)a, *other = *(RsBlamed *const *)b;

    if (fabs(one->delta_ns) != fabs(other->delta_ns))
        return fabs(one->delta_ns) < fabs(other->delta_ns) ? 1 : -1;
    return strcmp(one->name, other->name);
}

static void cut(GPtrArray *list, guint n_max)
{
    if (list->len > n_max)
        g_ptr_array_remove_range(list, n_max, list->len - n_max);
}

static void apply_shift(RsBlamed *blamed, const RsBlameFamily *self, const RsBlameShift *shift)
{
    if (!shift->within)
        return;
    g_free(blamed->shifted_with);
    blamed->shifted_with = g_strdup(shift->within->name);
    if (shift->is_whole) {
        blamed->kind = RS_BLAME_SHIFT;
        return;
    }
    blamed->p_value = shift->p_left;
    blamed->p_adjusted = MAX(blamed->p_adjusted, shift->p_left);
    if (blamed->p_adjusted >= self->options->alpha)
        blamed->kind = RS_BLAME_SHIFT;
}

/* Whether a line that is not to blame is worth a line of its own. */
static gboolean is_worth_listing(const RsBlameFamily *family, guint line)
{
    const double *total = family->source->ns;

    if (family->is_tested && !isnan(family->delta_ns))
        return rs_blame_family_is_large(family, family->mean[line]);
    return fabs(family->mean[line]) >=
           UNTESTED_PCT / 100.0 * MAX(total[RS_ARM_BASELINE], total[RS_ARM_CURRENT]);
}

static void list_function(RsBlame *blame, const RsBlameFamily *self, guint line,
                          const RsBlameShift *shift)
{
    RsBlamed *blamed = rs_blame_family_describe(self, line);
    gboolean is_other;

    apply_shift(blamed, self, shift);
    is_other = blamed->kind == RS_BLAME_SHIFT || blamed->kind == RS_BLAME_VANISHED ||
               blamed->kind == RS_BLAME_FASTER;
    if (blamed->kind == RS_BLAME_UNPROVED &&
        (!is_worth_listing(self, line) || (self->is_tested && blamed->delta_ns < 0))) {
        rs_blamed_free(blamed);
        return;
    }
    rs_blame_family_set_gain(self, blamed,
                             shift->left ? shift->left : rs_blame_family_differences(self, line));
    if (rs_blamed_is_guilty(blamed))
        blame->attributed_pct += blamed->share_of_slowdown_pct;
    g_ptr_array_add(is_other ? blame->others : blame->functions, blamed);
}

void rs_blame_list_functions(RsBlame *blame, const RsBlameFamily *self, const RsBlameShifts *shifts)
{
    blame->attributed_pct = isnan(self->delta_ns) ? NAN : 0;
    for (guint line = 0; line < self->times.n; line++)
        if (self->times.rows[line] != RS_BLAME_OTHERS)
            list_function(blame, self, line, &shifts->lines[line]);
    g_ptr_array_sort(blame->functions, self->is_tested ? compare_blamed : compare_change);
    g_ptr_array_sort(blame->others, compare_change);
    cut(blame->functions, self->options->n_max_listed);
    cut(blame->others, self->options->n_max_listed);
}

/* --- callers --- */

static double program_frac(const RsBlameFamily *inclusive, guint line)
{
    const double *total = inclusive->source->ns;

    return (inclusive->times.ns[0][line] + inclusive->times.ns[1][line]) / (total[0] + total[1]);
}

/* Start-up code and code without a name lead everywhere. */
static gboolean is_boring(const RsBlameFamily *inclusive, guint line)
{
    const RsBlameName *thing = rs_blame_family_thing(inclusive, line);

    return !thing->has_name || thing->crate_kind == RS_CRATE_RUNTIME ||
           (thing->crate_kind == RS_CRATE_STD && program_frac(inclusive, line) >= NEARLY_ALL_FRAC);
}

static gboolean is_guilty(const RsBlameFamily *family, guint line)
{
    return family->is_tested && family->p_adjusted[line] < family->options->alpha &&
           rs_blame_family_is_large(family, family->mean[line]);
}

/* Functions on the way to what is to blame, as a set of rows; NULL: nobody is. */
static GHashTable *path_rows(const RsBlame *blame, const RsBlameFamily *self)
{
    GHashTable *rows = NULL;

    for (guint i = 0, n = 0; i < blame->functions->len && n < MAX_PATHS; i++) {
        const RsBlamed *blamed = g_ptr_array_index(blame->functions, i);

        if (!rs_blamed_is_guilty(blamed))
            break;
        for (guint line = 0; line < self->times.n; line++) {
            g_autoptr(GArray) callers = NULL;

            if (self->times.rows[line] == RS_BLAME_OTHERS || !is_guilty(self, line) ||
                !g_str_equal(rs_blame_family_name(self, line), blamed->name))
                continue;
            rows = rows ? rows : g_hash_table_new(NULL, NULL);
            callers = rs_blame_callers_of(self->source, self->times.rows[line]);
            for (guint j = 0; j < callers->len; j++)
                g_hash_table_add(
                    rows, GUINT_TO_POINTER(g_array_index(callers, RsBlameCaller, j).row + 1));
            n++;
        }
    }
    return rows;
}

/* A function that has hardly any time beyond its own is in the other list already. */
static gboolean is_leaf(const RsBlameFamily *inclusive, guint line, const RsBlameFamily *self)
{
    for (guint own = 0; own < self->times.n; own++)
        if (self->times.rows[own] == inclusive->times.rows[line])
            return is_guilty(self, own) &&
                   self->times.ns[RS_ARM_CURRENT][own] >=
                       NEARLY_ALL_FRAC * inclusive->times.ns[RS_ARM_CURRENT][line];
    return FALSE;
}

typedef struct {
    RsBlamed *blamed;
    gboolean is_last; /* all of the program runs below it */
    double change;    /* current over baseline */
} Caller;

static gint compare_callers(gconstpointer a, gconstpointer b)
{
    const Caller *one = a, *other = b;

    if (one->is_last != other->is_last)
        return one->is_last ? 1 : -1;
    if (one->change != other->change)
        return one->change < other->change ? 1 : -1;
    return strcmp(one->blamed->name, other->blamed->name);
}

void rs_blame_list_callers(RsBlame *blame, const RsBlameFamily *inclusive,
                           const RsBlameFamily *self)
{
    g_autoptr(GHashTable) path = path_rows(blame, self);
    g_autoptr(GArray) callers = g_array_new(FALSE, FALSE, sizeof(Caller));

    for (guint line = 0; line < inclusive->times.n; line++) {
        gpointer row = GUINT_TO_POINTER(inclusive->times.rows[line] + 1);
        Caller caller;

        if (!is_guilty(inclusive, line) || is_boring(inclusive, line) ||
            is_leaf(inclusive, line, self) || (path && !g_hash_table_contains(path, row)))
            continue;
        caller.is_last = program_frac(inclusive, line) >= NEARLY_ALL_FRAC;
        caller.change =
            inclusive->times.ns[RS_ARM_CURRENT][line] / inclusive->times.ns[RS_ARM_BASELINE][line];
        caller.blamed = rs_blame_family_describe(inclusive, line);
        rs_blame_family_set_gain(inclusive, caller.blamed,
                                 rs_blame_family_differences(inclusive, line));
        g_array_append_val(callers, caller);
    }
    g_array_sort(callers, compare_callers);
    for (guint i = 0; i < callers->len; i++)
        g_ptr_array_add(blame->callers, g_array_index(callers, Caller, i).blamed);
    cut(blame->callers, inclusive->options->n_max_listed);
}

/* --- crates and modules --- */

/* Leaves are not told apart by whose time they are. */
static guint32 group_of(const RsBlameFamily *groups, const RsBlameName *function)
{
    return groups->grouping == RS_BLAME_CRATES    ? function->crate
           : groups->grouping == RS_BLAME_MODULES ? function->module
                                                  : RS_BLAME_OTHERS;
}

/* What functions of the group gained that only moved. */
static double moved_into(const RsBlameFamily *groups, guint line, const RsBlameFamily *self,
                         const RsBlameShifts *shifts, const RsBlameName **within)
{
    double moved = 0;

    for (guint own = 0; own < self->times.n; own++) {
        const RsBlameName *function = rs_blame_family_thing(self, own);
        const RsBlameShift *shift = &shifts->lines[own];

        if (!shift->within || !function || self->mean[own] <= 0 ||
            group_of(groups, function) != groups->times.rows[line])
            continue;
        *within = shift->within;
        moved += self->mean[own];
        for (guint i = 0; shift->left && i < self->times.n_groups; i++)
            moved -= shift->left[i] / self->times.n_groups;
    }
    return moved;
}

void rs_blame_list_groups(GPtrArray *list, const RsBlameFamily *groups, const RsBlameFamily *self,
                          const RsBlameShifts *shifts)
{
    for (guint line = 0; line < groups->times.n; line++) {
        const RsBlameName *within = NULL;
        double moved = moved_into(groups, line, self, shifts, &within);
        RsBlamed *blamed;

        if (groups->times.rows[line] == RS_BLAME_OTHERS)
            continue;
        blamed = rs_blame_family_describe(groups, line);
        if (rs_blamed_is_guilty(blamed) && moved > 0 &&
            (groups->mean[line] - moved < groups->mean[line] / 2 ||
             !rs_blame_family_is_large(groups, groups->mean[line] - moved))) {
            blamed->kind = RS_BLAME_SHIFT;
            blamed->shifted_with = g_strdup(within->name);
        }
        if (blamed->kind == RS_BLAME_UNPROVED && !is_worth_listing(groups, line)) {
            rs_blamed_free(blamed);
            continue;
        }
        rs_blame_family_set_gain(groups, blamed, rs_blame_family_differences(groups, line));
        g_ptr_array_add(list, blamed);
    }
    g_ptr_array_sort(list, groups->is_tested ? compare_blamed : compare_change);
    cut(list, groups->options->n_max_listed);
}
