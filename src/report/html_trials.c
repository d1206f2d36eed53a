/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All trials in run order, with each arm's distribution beside them on the same axis. */
#include "report/html_plot.h"

#include <math.h>

#include "report/html_axis.h"
#include "report/html_svg.h"
#include "report/html_write.h"

#define N_BINS 64
/* A density of fewer values would be invention. */
#define DENSITY_MIN_VALUES 8
#define SIDE_WIDTH         200
/* Half the empty middle between the arms' halves when they were measured apart. */
#define GAP_FRAC 0.015

static const char *const arm_styles[RS_N_ARMS] = {"base", "curr"};

typedef struct {
    const RsRow *row;
    const RsRowSide *sides[RS_N_ARMS];
    GArray *sorted[RS_N_ARMS];
    RsHtmlMarks marks[RS_N_ARMS];
    RsHtmlAxis axis;
    double ticks[RS_HTML_MAX_TICKS];
    guint n_ticks;
    guint n_absent;
    gboolean side_by_side;
    double n_places[RS_N_ARMS]; /* how many positions the arm's part of the width holds */
} Trials;

static void trials_clear(Trials *trials)
{
    for (RsArm arm = 0; arm < RS_N_ARMS; arm++) {
        if (trials->sorted[arm])
            g_array_unref(trials->sorted[arm]);
        rs_html_marks_clear(&trials->marks[arm]);
    }
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Trials, trials_clear)

/* A file may lack positions: then the order of the values has to do. */
static double place_of(const Trials *trials, RsArm arm, guint i)
{
    const GArray *positions = trials->sides[arm]->positions;

    if (i < positions->len)
        return g_array_index(positions, guint32, i);
    return trials->side_by_side ? 2.0 * i + arm : i;
}

static double x_of(const Trials *trials, RsArm arm, guint i)
{
    double at_frac = (place_of(trials, arm, i) + 0.5) / trials->n_places[arm];

    if (trials->side_by_side)
        return at_frac;
    return arm == RS_ARM_BASELINE ? at_frac * (0.5 - GAP_FRAC)
                                  : 0.5 + GAP_FRAC + at_frac * (0.5 - GAP_FRAC);
}

static void count_places(Trials *trials)
{
    for (RsArm arm = 0; arm < RS_N_ARMS; arm++) {
        trials->n_places[arm] = 1;
        for (guint i = 0; i < trials->sides[arm]->values->len; i++)
            trials->n_places[arm] = MAX(trials->n_places[arm], place_of(trials, arm, i) + 1);
    }
    if (trials->side_by_side)
        trials->n_places[0] = trials->n_places[1] = MAX(trials->n_places[0], trials->n_places[1]);
}

static void trials_init(Trials *trials, const RsRow *row, gboolean side_by_side)
{
    *trials = (Trials){
        .row = row, .sides = {&row->baseline, &row->current}, .side_by_side = side_by_side};
    for (RsArm arm = 0; arm < RS_N_ARMS; arm++) {
        trials->sorted[arm] = rs_html_sorted(trials->sides[arm]->values);
        rs_html_marks_init(&trials->marks[arm]);
    }
    rs_html_axis_fit(&trials->axis, (const GArray *const *)trials->sorted, RS_N_ARMS);
    rs_html_axis_scale(&trials->axis, row->unit);
    trials->n_ticks = rs_html_axis_ticks(&trials->axis, 5, trials->ticks);
    count_places(trials);
    for (RsArm arm = 0; arm < RS_N_ARMS; arm++)
        for (guint i = 0; i < trials->sides[arm]->values->len; i++) {
            double value = g_array_index(trials->sides[arm]->values, double, i);

            if (isfinite(value))
                rs_html_marks_add(&trials->marks[arm], x_of(trials, arm, i),
                                  rs_html_axis_at(&trials->axis, value));
            else
                trials->n_absent++;
        }
}

static int y_of(const Trials *trials, double value)
{
    double y_frac = CLAMP(rs_html_axis_at(&trials->axis, value), 0, 1);

    return (int)lround((1 - y_frac) * RS_HTML_VIEW_HEIGHT);
}

static void grid_lines(GString *out, const Trials *trials, int width)
{
    g_string_append(out, "<path class=\"grid\" d=\"");
    for (guint i = 0; i < trials->n_ticks; i++)
        g_string_append_printf(out, "M0 %dh%d", y_of(trials, trials->ticks[i]), width);
    if (!trials->side_by_side && width == RS_HTML_VIEW_WIDTH)
        g_string_append_printf(out, "M%d 0v%d", width / 2, RS_HTML_VIEW_HEIGHT);
    g_string_append(out, "\"/>");
}

static void describe(GString *out, const Trials *trials)
{
    for (RsArm arm = 0; arm < RS_N_ARMS; arm++) {
        const GArray *sorted = trials->sorted[arm];
        double median = rs_html_quantile(sorted, 0.5);

        g_string_append(out, arm == RS_ARM_BASELINE ? "Baseline: " : " Current: ");
        rs_html_count(out, sorted->len, "trial");
        if (sorted->len) {
            g_string_append(out, ", median ");
            rs_html_value(out, median, trials->row->unit, median);
            g_string_append(out, ", from ");
            rs_html_value(out, rs_html_quantile(sorted, 0), trials->row->unit, median);
            g_string_append(out, " to ");
            rs_html_value(out, rs_html_quantile(sorted, 1), trials->row->unit, median);
        }
        g_string_append_c(out, '.');
    }
}

static void scatter(GString *out, const Trials *trials, const char *id)
{
    g_autofree char *svg_id = g_strconcat(id, "s", NULL);

    rs_html_svg_open(out, "area", RS_HTML_VIEW_WIDTH, RS_HTML_VIEW_HEIGHT, svg_id,
                     "Every trial in run order");
    describe(out, trials);
    g_string_append(out, "</desc>");
    grid_lines(out, trials, RS_HTML_VIEW_WIDTH);
    for (RsArm arm = 0; arm < RS_N_ARMS; arm++)
        rs_html_marks_draw(out, &trials->marks[arm], arm_styles[arm]);
    for (RsArm arm = 0; arm < RS_N_ARMS; arm++) {
        int half = RS_HTML_VIEW_WIDTH / 2;
        int from = !trials->side_by_side && arm == RS_ARM_CURRENT ? half : 0;

        if (trials->sorted[arm]->len)
            g_string_append_printf(out, "<path class=\"mid %s\" d=\"M%d %dh%d\"/>", arm_styles[arm],
                                   from, y_of(trials, rs_html_quantile(trials->sorted[arm], 0.5)),
                                   trials->side_by_side ? RS_HTML_VIEW_WIDTH : half);
    }
    g_string_append(out, "</svg>");
}

/* Counts of what lies within the axis. */
static void histogram(const Trials *trials, RsArm arm, double bins[N_BINS])
{
    for (guint i = 0; i < trials->sorted[arm]->len; i++) {
        double at_frac =
            rs_html_axis_at(&trials->axis, g_array_index(trials->sorted[arm], double, i));

        if (at_frac >= 0 && at_frac <= 1)
            bins[MIN((guint)(at_frac * N_BINS), N_BINS - 1)]++;
    }
}

/* Gaussian kernel on the bins; bandwidth by Silverman's rule of thumb with the quartile range, at
 * least one bin. Source: Silverman (1986), Density Estimation, section 3.4.2. */
static double density(const Trials *trials, RsArm arm, double smooth[N_BINS])
{
    const GArray *sorted = trials->sorted[arm];
    double bins[N_BINS] = {0}, kernel[N_BINS], most = 0;
    double quartiles = rs_html_axis_at(&trials->axis, rs_html_quantile(sorted, 0.75)) -
                       rs_html_axis_at(&trials->axis, rs_html_quantile(sorted, 0.25));
    double width_bins = 0.9 * N_BINS * quartiles / 1.34 * pow(sorted->len, -0.2);

    histogram(trials, arm, bins);
    for (guint i = 0; i < N_BINS; i++)
        kernel[i] = exp(-0.5 * pow(i / MAX(width_bins, 1), 2));
    for (guint i = 0; i < N_BINS; i++) {
        smooth[i] = 0;
        for (guint j = 0; j < N_BINS; j++)
            smooth[i] += bins[j] * kernel[ABS((int)i - (int)j)];
        most = MAX(most, smooth[i]);
    }
    return most;
}

/* One half of the side plot: the baseline grows to the left, the current arm to the right. */
static void half_side(GString *out, const Trials *trials, RsArm arm)
{
    const GArray *sorted = trials->sorted[arm];
    int sign = arm == RS_ARM_BASELINE ? -1 : 1, foot = SIDE_WIDTH / 2 + 5 * sign;
    double smooth[N_BINS], most;
    int bottom = y_of(trials, rs_html_quantile(sorted, 0.25));
    int top = y_of(trials, rs_html_quantile(sorted, 0.75));

    if (sorted->len >= DENSITY_MIN_VALUES &&
        rs_html_quantile(sorted, 0) < rs_html_quantile(sorted, 1) &&
        (most = density(trials, arm, smooth)) > 0) {
        g_string_append_printf(out, "<path class=\"hill %s\" d=\"M%d %d", arm_styles[arm], foot,
                               RS_HTML_VIEW_HEIGHT);
        for (guint i = 0; i < N_BINS; i++)
            g_string_append_printf(out, "L%d %d", foot + sign * (int)lround(85 * smooth[i] / most),
                                   (int)((N_BINS - 0.5 - i) / N_BINS * RS_HTML_VIEW_HEIGHT));
        g_string_append_printf(out, "L%d 0z\"/>", foot);
    }
    g_string_append_printf(
        out, "<path class=\"box %s\" d=\"M%d %dV%d\"/><path class=\"mark %s\" d=\"M%d %dh%d\"/>",
        arm_styles[arm], foot + 8 * sign, bottom, top == bottom ? top - 1 : top, arm_styles[arm],
        foot, y_of(trials, rs_html_quantile(sorted, 0.5)), 85 * sign);
}

static void side(GString *out, const Trials *trials, const char *id)
{
    g_autofree char *svg_id = g_strconcat(id, "m", NULL);

    rs_html_svg_open(out, "side", SIDE_WIDTH, RS_HTML_VIEW_HEIGHT, svg_id,
                     "Distribution of each arm");
    g_string_append(out, "Density, quartiles and median of the baseline to the left and of the "
                         "current arm to the right.</desc>");
    grid_lines(out, trials, SIDE_WIDTH);
    for (RsArm arm = 0; arm < RS_N_ARMS; arm++)
        if (trials->sorted[arm]->len)
            half_side(out, trials, arm);
    g_string_append(out, "</svg>");
}

static void caption(GString *out, const Trials *trials)
{
    g_string_append(out, "<figcaption><b>Every trial, in run order</b><span class=\"key\">"
                         "<span class=\"k base\">■ baseline</span> "
                         "<span class=\"k curr\">● current</span></span></figcaption>");
}

/* What the picture does not show at its true place, in words. */
static void remarks(GString *out, const Trials *trials)
{
    const RsHtmlMarks *marks = trials->marks;
    guint n_above = marks[0].n_above + marks[1].n_above;
    guint n_below = marks[0].n_below + marks[1].n_below;

    if (n_above + n_below) {
        g_string_append(out, "<p class=\"note\">▲ ");
        rs_html_count(out, n_above + n_below, "trial");
        g_string_append_printf(out,
                               " beyond the axis (%u above, %u below; baseline %u, current "
                               "%u), drawn as triangles at the edge.</p>",
                               n_above, n_below, marks[0].n_above + marks[0].n_below,
                               marks[1].n_above + marks[1].n_below);
    }
    if (trials->n_absent) {
        g_string_append(out, "<p class=\"note\">");
        rs_html_count(out, trials->n_absent, "trial");
        g_string_append(out, " without a value of this metric.</p>");
    }
}

void rs_html_plot_trials(GString *out, const RsRow *row, gboolean side_by_side, const char *id)
{
    g_auto(Trials) trials;

    trials_init(&trials, row, side_by_side);
    if (trials.sorted[0]->len + trials.sorted[1]->len + trials.n_absent == 0)
        return;
    g_string_append(out, "<figure class=\"plot\">");
    caption(out, &trials);
    g_string_append(out, "<div class=\"frame\"><div class=\"unit\" aria-hidden=\"true\">");
    g_string_append(out, trials.axis.prefix);
    if (g_strcmp0(row->unit, "ns") != 0 && g_strcmp0(row->unit, "bytes") != 0)
        rs_html_text(out, row->unit, 20);
    g_string_append(out, "</div><div class=\"y\" aria-hidden=\"true\">");
    rs_html_axis_labels(out, &trials.axis, trials.ticks, trials.n_ticks, TRUE, FALSE);
    g_string_append(out, "</div>");
    scatter(out, &trials, id);
    side(out, &trials, id);
    if (side_by_side)
        g_string_append_printf(out,
                               "<div class=\"x\" aria-hidden=\"true\"><span>first trial</span>"
                               "<span>trial %.0f</span></div>",
                               trials.n_places[0]);
    else
        g_string_append(out, "<div class=\"x halves\" aria-hidden=\"true\"><span>baseline file"
                             "</span><span>current file</span></div>");
    g_string_append(out, "<div class=\"xs\" aria-hidden=\"true\"><span>base</span><span>current"
                         "</span></div></div>");
    remarks(out, &trials);
    g_string_append(out, "</figure>");
}
