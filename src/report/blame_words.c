/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/blame_words.h"

#include <math.h>
#include <string.h>

#include "base/units.h"
#include "report/blame_view.h"

#define MAX_CRATES  5
#define MAX_CALLERS 5 /* of a path: the outer one and the nearest */
#define NOTE_CHARS  500

const char rs_words_blame_legend[] = "✎ = the function's lines are changed here";

const char *rs_words_blame_rest(double rest_ns)
{
    return rest_ns < 0 ? "offset by all others" : "not attributed";
}

char *rs_words_share(double pct)
{
    double size = fabs(pct);
    const char *sign = pct < 0 ? "−" : "";

    if (!isfinite(pct))
        return g_strdup("n/a");
    if (size < 0.05)
        return g_strdup("0 %");
    return g_strdup_printf(size < 9.95 && size != rint(size) ? "%s%.1f %%" : "%s%.0f %%", sign,
                           size);
}

char *rs_words_delta_ns(double delta_ns, double like_ns)
{
    g_autofree char *size = rs_units_format(fabs(delta_ns), "ns", like_ns);

    if (!isfinite(delta_ns))
        return g_strdup("n/a");
    return g_strconcat(delta_ns < 0 ? "−" : "+", size, NULL);
}

double rs_words_blame_scale_ns(const RsBlamed *blamed)
{
    double scale = fmax(blamed->self_ns_baseline, blamed->self_ns_current);

    return isfinite(scale) ? scale : fabs(blamed->delta_ns);
}

char *rs_words_blame_delta(const RsBlamed *blamed)
{
    return rs_words_delta_ns(blamed->delta_ns, rs_words_blame_scale_ns(blamed));
}

char *rs_words_blame_times(const RsBlamed *blamed)
{
    g_autofree char *base =
        rs_units_format(blamed->self_ns_baseline, "ns", rs_words_blame_scale_ns(blamed));
    g_autofree char *current =
        rs_units_format(blamed->self_ns_current, "ns", rs_words_blame_scale_ns(blamed));
    const char *unit = strrchr(base, ' '), *other = strrchr(current, ' ');

    if (unit && other && g_str_equal(unit, other))
        base[unit - base] = '\0'; /* said once, at the end */
    return g_strdup_printf("%s → %s", base, current);
}

const char *rs_words_blame_kind(const RsBlamed *blamed)
{
    static const char *const words[RS_N_BLAME_KINDS] = {
        [RS_BLAME_SLOWER] = "",       [RS_BLAME_NEW] = "new",
        [RS_BLAME_FASTER] = "faster", [RS_BLAME_VANISHED] = "gone",
        [RS_BLAME_SHIFT] = "moved",   [RS_BLAME_UNPROVED] = "not proved",
    };

    return words[blamed->kind];
}

char *rs_words_blame(const RsVerdict *verdict, const char *benchmark, const RsWordsMarkup *markup)
{
    const RsBlame *blame = rs_verdict_blame(verdict, benchmark);
    const RsBlamed *blamed = blame ? rs_blame_view_guiltiest(blame) : NULL;
    g_autofree char *name = NULL, *share = NULL, *delta = NULL, *place = NULL;
    gboolean most;

    if (!blamed)
        return NULL;
    name = markup->name(blamed->name);
    share = rs_words_share(blamed->share_of_slowdown_pct);
    delta = rs_words_blame_delta(blamed);
    place = markup->place(verdict, blamed);
    most = blamed->share_of_slowdown_pct > 50;
    return g_strdup_printf("%s of it is in %s%s%s (%s of the slowdown, %s of own time%s)%s%s%s.",
                           most ? "Most" : "The largest part", markup->strong, name, markup->strong,
                           share, delta, blamed->kind == RS_BLAME_NEW ? ", a new function" : "",
                           place ? ": " : "", place ? place : "",
                           blamed->is_changed ? ", lines that this change touches" : "");
}

char *rs_words_blame_summary(const RsBlame *blame)
{
    g_autoptr(GPtrArray) guilty = rs_blame_view_guilty(blame);
    g_autofree char *size = rs_units_format(fabs(blame->delta_ns), "ns", fabs(blame->delta_ns));
    g_autofree char *share = rs_words_share(blame->attributed_pct);
    GString *words = g_string_new(NULL);

    if (isfinite(blame->delta_ns))
        g_string_append_printf(words, "%s of CPU time %s%s, ", size,
                               blame->delta_ns < 0 ? "less" : "more",
                               blame->is_forced ? " (not a regression; blame was asked for)" : "");
    if (guilty->len == 0)
        g_string_append(words, "no function is proved to be slower");
    else
        g_string_append_printf(
            words, "%s%s%u function%s", isfinite(blame->attributed_pct) ? share : "",
            isfinite(blame->attributed_pct) ? " attributed to " : "attributed to ", guilty->len,
            guilty->len == 1 ? "" : "s");
    return g_string_free(words, FALSE);
}

static gboolean is_worth_a_word(const RsBlamed *blamed)
{
    return isfinite(blamed->share_of_slowdown_pct) && fabs(blamed->share_of_slowdown_pct) >= 1 &&
           blamed->kind != RS_BLAME_UNPROVED;
}

static void add_rollup(GPtrArray *notes, const char *label, const GPtrArray *parts,
                       const RsWordsMarkup *markup)
{
    g_autoptr(GString) words = g_string_new(label);
    guint n = 0;

    for (guint i = 0; i < parts->len && n < MAX_CRATES; i++) {
        const RsBlamed *part = g_ptr_array_index(parts, i);
        g_autofree char *name = NULL, *share = NULL;

        if (!is_worth_a_word(part))
            continue;
        name = markup->name(part->name);
        share = rs_words_share(part->share_of_slowdown_pct);
        g_string_append_printf(words, "%s%s %s", n++ ? ", " : "", name, share);
    }
    if (n == 0)
        return;
    g_string_append_c(words, '.');
    g_ptr_array_add(notes, g_strdup(words->str));
}

static void add_path(GPtrArray *notes, const RsBlame *blame, const RsWordsMarkup *markup)
{
    const RsBlamed *blamed = rs_blame_view_guiltiest(blame);
    g_autoptr(GPtrArray) path = blamed ? rs_blame_view_path(blame, blamed) : NULL;
    g_autoptr(GString) words = g_string_new(NULL);
    g_autofree char *name = NULL;

    if (!path || path->len == 0)
        return;
    name = markup->name(blamed->name);
    g_string_append_printf(words, "%s is called through ", name);
    for (guint i = 0; i < path->len; i++) {
        g_autofree char *caller = NULL;

        if (i == 1 && path->len > MAX_CALLERS) {
            g_string_append(words, "… → ");
            i = path->len - MAX_CALLERS + 1;
        }
        caller = markup->name(g_ptr_array_index(path, i));
        g_string_append_printf(words, "%s%s", caller, i + 1 < path->len ? " → " : ".");
    }
    g_ptr_array_add(notes, g_strdup(words->str));
}

static char *aside(const RsBlamed *blamed, const RsWordsMarkup *markup)
{
    g_autofree char *name = markup->name(blamed->name);
    g_autofree char *delta = rs_words_blame_delta(blamed);
    g_autofree char *caller = blamed->shifted_with ? markup->name(blamed->shifted_with) : NULL;

    switch (blamed->kind) {
    case RS_BLAME_NEW:
        return g_strdup_printf("%s is new (%s of own time).", name, delta);
    case RS_BLAME_VANISHED:
        return g_strdup_printf("%s is gone (%s).", name, delta);
    case RS_BLAME_SHIFT:
        return g_strdup_printf("%s (%s) moved: what it gained, others %s%s lost, as when a "
                               "function is inlined.",
                               name, delta, caller ? "within " : "in the same caller",
                               caller ? caller : "");
    case RS_BLAME_FASTER:
        return g_strdup_printf("%s became faster (%s).", name, delta);
    default:
        return g_strdup_printf("%s (%s) is not proved to have changed.", name, delta);
    }
}

static void add_asides(GPtrArray *notes, const RsBlame *blame, guint n_max,
                       const RsWordsMarkup *markup)
{
    g_autoptr(GPtrArray) asides = rs_blame_view_asides(blame);

    for (guint i = 0; i < MIN(asides->len, n_max); i++)
        g_ptr_array_add(notes, aside(g_ptr_array_index(asides, i), markup));
    if (asides->len > n_max && n_max > 0)
        g_ptr_array_add(notes, g_strdup_printf("… and %u more functions that are new, gone, "
                                               "faster or moved.",
                                               asides->len - n_max));
}

static void add_limits(GPtrArray *notes, const RsBlame *blame)
{
    g_autofree char *least = rs_words_share(blame->resolvable_pct);
    g_autofree char *alpha = rs_words_number(blame->alpha);
    g_autoptr(GString) words = g_string_new(NULL);

    if (isfinite(blame->resolvable_pct))
        g_string_append_printf(words,
                               "Not resolvable below %s: a function that became slower by less "
                               "than this share of the program's time cannot be told from chance "
                               "here. ",
                               least);
    if (blame->n_pairs > 0) {
        g_string_append_printf(words, "%u pairs", blame->n_pairs);
        if (blame->n_samples_baseline >= 0 && blame->n_samples_current >= 0)
            g_string_append_printf(words, ", %" G_GINT64_FORMAT " and %" G_GINT64_FORMAT " samples",
                                   blame->n_samples_baseline, blame->n_samples_current);
        if (isfinite(blame->alpha))
            g_string_append_printf(words, ", alpha %s over all functions", alpha);
        g_string_append_c(words, '.');
    }
    if (words->len > 0)
        g_ptr_array_add(notes, g_strdup(g_strchomp(words->str)));
}

GPtrArray *rs_words_blame_notes(const RsBlame *blame, guint n_max_asides, gboolean with_rollups,
                                const RsWordsMarkup *markup)
{
    GPtrArray *notes = g_ptr_array_new_with_free_func(g_free);

    if (blame->note && *blame->note)
        g_ptr_array_add(notes, markup->prose(blame->note, NOTE_CHARS));
    if (with_rollups) {
        add_rollup(notes, "In the end it was spent in: ", blame->leaves, markup);
        add_rollup(notes, "By crate: ", blame->crates, markup);
    }
    if (with_rollups && blame->modules->len > 1)
        add_rollup(notes, "By module: ", blame->modules, markup);
    add_path(notes, blame, markup);
    add_asides(notes, blame, n_max_asides, markup);
    add_limits(notes, blame);
    return notes;
}
